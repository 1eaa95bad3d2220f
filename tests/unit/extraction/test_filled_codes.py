"""Which of a text's versions, codes and numbers a record takes, by rules."""

from __future__ import annotations

import pytest

from tests.unit.extraction.test_filled_people import told

_HEAD = (
    "From: Rosa Imhoff <rosa@quarry.example>\nTo: help@helpers.example\n"
    "Date: Tue, 10 Nov 2026 09:00:00 +0000\nSubject: Export\n\n"
)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("The app says 7.3 at the bottom.", "7.3"),
        ("It came in with 12.0.3; 11.8 was fine.", "12.0.3"),
        ("The program in the panel is 2.14.", "2.14"),
    ],
)
def test_a_version_is_read_from_how_people_tell_it(said: str, version: str) -> None:
    assert told(_HEAD + said + "\n")["version"] == version


def test_a_version_of_former_times_is_not_it() -> None:
    assert "version" not in told(_HEAD + "We bought it three years ago. It was version 2 then.\n")


def test_a_version_is_what_the_program_says_now() -> None:
    text = (
        _HEAD + "File > About says 16.0.18129. It still fails.\n\n"
        "On Mon, 9 Nov 2026 at 10:00, Rosa Imhoff wrote:\n> The export fails on version 16.0.17.\n"
    )
    assert told(text)["version"] == "16.0.18129"
    unsaid = text.replace("File > About says", "Firefox")
    assert told(unsaid)["version"] == "16.0.17"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("I get error EXP-4410 now. My old one, LEND-204, opens ok.", "EXP-4410"),
        ("Im Log steht der Fehler EXP-4410, letztes Jahr war es Fehler EXP-1180.", "EXP-4410"),
        ("The job fails with EXP-4410.\nSYN-1107 seen on 2025-12-02, cursor kept.", "EXP-4410"),
    ],
)
def test_a_code_of_what_works_or_of_another_time_is_not_it(said: str, code: str) -> None:
    assert told(_HEAD + said + "\n")["error_code"] == code


@pytest.mark.parametrize(
    "said",
    [
        "Nothing prints. PrintStation v2.11.0 | printer ZX-420 fw 1.88",
        "It began right when CHG-2207 was carried out.",
        "It fails since noon; the last good pipeline was number 883120.",
    ],
)
def test_a_model_a_change_and_the_last_good_run_are_no_reference(said: str) -> None:
    assert "reference" not in told(_HEAD + said + "\n")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("My screen stays black, the dock is DS-0092 and it is new.", None),
        ("My screen stays black, it says DS-0092 and that is all.", "DS-0092"),
        ("My screen stays black. Same thing both times: DS-0092, row 1.", "DS-0092"),
        ("I get a blank tab, the address ends in /error?code=PDF-204 each time.", "PDF-204"),
    ],
)
def test_a_code_is_shown_or_stands_out(said: str, code: str | None) -> None:
    assert told(_HEAD + said + "\n").get("error_code") == code


def test_the_key_of_the_ticket_itself_is_no_error() -> None:
    text = (
        "Key: HELP-4410\nReporter: Ingvild Aasen\nSummary: The export fails\n"
        "Error: PDF-204\nEnvironment: 2026.11\n"
    )
    assert told(text)["error_code"] == "PDF-204"


def test_a_number_behind_the_words_for_it_is_a_reference() -> None:
    said = "El export falla. Nuestro número de cliente es el 70-11845.\n"
    assert told(_HEAD + said)["reference"] == "70-11845"


def test_what_answers_what_is_shown_is_the_code_and_the_number_of_a_new_case_the_reference() -> (
    None
):
    chat = (
        "[12:02] Chema Ibarra: the line drops every half hour\n"
        "[12:03] Support: What does the display show?\n"
        "[12:04] Chema Ibarra: F-218 dirty lens\n"
        "[12:05] Support: I'm opening case AV-5530917 for you.\n"
        "[12:06] Chema Ibarra: thanks a lot\n"
    )
    found = told(chat)
    assert found["error_code"] == "F-218"
    assert found["reference"] == "AV-5530917"
