"""Chats and calls: who says what, and who of them is the team."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot.extracted import SourceText
from copilot.extraction.reading import Reading
from copilot.extraction.texts import about, read


def taken_apart(text: str) -> Reading:
    sent = datetime(2026, 11, 5, 10, tzinfo=UTC)
    return read(SourceText(name="x", text=text, digest="", received_at=sent))


def speakers(reading: Reading) -> list[str]:
    return [
        reading.quote(one.sender_name)
        for one in reading.messages
        if one.part == "turn" and one.sender_name
    ]


STYLES = {
    "plain": "Ana: hi\nBen: hello\nAna: it hangs\nBen: since when?\n",
    "times": "10:41 Ana: hi\n10:42 Ben: hello\n10:42 Ana: it hangs\n10:43 Ben: since when?\n",
    "brackets": "[10:41] Ana: hi\n[10:42] Ben: hello\n[10:42] Ana: it hangs\n[10:43] Ben: when?\n",
    "french": "[10:41] Ana : hi\n[10:42] Ben : hello\n[10:42] Ana : it hangs\n"
    "[10:43] Ben : when ?\n",
    "parentheses": "(10:41:02) Ana: hi\n(10:42:00) Ben: hello\n(10:42:09) Ana: it hangs\n"
    "(10:43:01) Ben: since when?\n",
    "whatsapp ios": "[04.11.26, 10:41:02] Ana: hi\n[04.11.26, 10:42:00] Ben: hello\n"
    "[04.11.26, 10:42:09] Ana: it hangs\n[04.11.26, 10:43:01] Ben: when?\n",
    "whatsapp android": "04.11.26, 10:41 - Ana: hi\n04.11.26, 10:42 - Ben: hello\n"
    "04.11.26, 10:42 - Ana: it hangs\n04.11.26, 10:43 - Ben: when?\n",
    "columns": "10:41 Ana  hi\n10:42 Ben  hello\n10:42 Ana  it hangs\n10:43 Ben  when?\n",
    "teams": "Ana  10:41\nhi\n\nBen  10:42\nhello\n\nAna  10:42\nit hangs\n\nBen  10:43\nwhen?\n",
    "slack": "Ana  [10:41 AM]\nhi\n\nBen  [10:42 AM]\nhello\n\nAna  [10:42 AM]\nit hangs\n\n"
    "Ben  [10:43 AM]\nwhen?\n",
    "bold": "**Ana:** hi\n**Ben:** hello\n**Ana:** it hangs\n**Ben:** when?\n",
    "dots": "Ana · 10:41 AM\nhi\n\nBen (Acme) · 10:42 AM\nhello\n\nAna · 10:42 AM\nit hangs\n\n"
    "Ben (Acme) · 10:43 AM\nwhen?\n",
    "discord": "Ana — Today at 10:41 AM\nhi\n\nBen — Today at 10:42 AM\nhello\n\n"
    "Ana — Today at 10:42 AM\nit hangs\n\nBen — Today at 10:43 AM\nwhen?\n",
    "irc": "10:41 <Ana> hi\n10:42 <Ben> hello\n10:42 <Ana> it hangs\n10:43 <Ben> when?\n",
    "between": "Ana 10:41  hi\nBen 10:42  hello\nAna 10:42  it hangs\nBen 10:43  when?\n",
    "comments": "Ana\nNov 4, 2026, 10:41 AM\n\nhi\n\nBen\nNov 4, 2026, 10:42 AM\n\nhello\n\n"
    "Ana\nNov 4, 2026, 10:42 AM\n\nit hangs\n\nBen\nNov 4, 2026, 10:43 AM\n\nwhen?\n",
}


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES.keys())
def test_each_turn_has_its_speaker(text: str) -> None:
    reading = taken_apart(text)
    assert [name.partition(" (")[0] for name in speakers(reading)] == ["Ana", "Ben", "Ana", "Ben"]
    third = reading.messages[about(reading)[2]]
    assert "it hangs" in reading.text[third.start : third.end]
    if third.sent_at is not None:
        assert (third.sent_at.hour, third.sent_at.minute) == (10, 42)


def test_a_name_in_small_letters_speaks_where_a_gap_parts_it_from_the_time() -> None:
    talk = "Ana  10:41 AM\nhi\n\nben  10:42 AM\nhello\n\nAna  10:42 AM\nit hangs\n"
    assert speakers(taken_apart(talk)) == ["Ana", "ben", "Ana"]


@pytest.mark.parametrize(
    ("team", "caller"),
    [
        ("AGENT", "CALLER"),
        ("Lea (Support)", "Ana Gómez"),
        ("Agente", "Cliente"),
        ("Conseillère", "Appelant"),
        ("Bot", "Reto Ammann"),
        ("Service Desk", "Ana"),
        ("Kundenservice", "Kunde"),
    ],
)
def test_a_role_tells_the_team_from_who_asks(team: str, caller: str) -> None:
    reading = taken_apart(
        f"{team}: What is it?\n{caller}: It hangs.\n{team}: Since when?\n{caller}: Monday.\n"
    )
    assert [one.own for one in reading.messages] == [True, False, True, False]
    assert about(reading) == (1, 3)


def test_an_agent_who_joins_or_serves_is_of_the_team() -> None:
    reading = taken_apart(
        "Visitor: Gil Marsh (gil@acme.example)\nBot: Hi!\nGil Marsh: human please\n"
        "Agent Ravi has joined (22:56)\nRavi: Hi Gil\nGil Marsh: at last\nRavi: sorry\n"
    )
    assert speakers(reading) == ["Bot", "Gil Marsh", "Ravi", "Gil Marsh", "Ravi"]
    assert [one.own for one in reading.messages if one.part == "turn"] == [
        True, False, True, False, True,
    ]  # fmt: skip
    served = taken_apart(
        "Nuria: Hola, ¿en qué puedo ayudarle?\nAna: No va.\nNuria: ¿Desde cuándo?\nAna: Ayer.\n"
    )
    assert [one.own for one in served.messages] == [True, False, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "Name: Ana\nCompany: Acme\nPhone: 555\nProblem: it hangs\n",
        "INFO: start\nERROR: no\nINFO: again\nERROR: no\n",
        "Hi,\nnote: it hangs\nPlease help: we wait.\n",
        "Phone note 04.11.2026, 10:20\nCaller: Ana\nCall back: 555 0100\n",
        "14:05 Alert: disk full\n14:10 Mitigation: restarted\n14:20 End: all fine\n",
        "Issue Type: Bug\nAssignee: nobody\nReporter: Ana\nPriority: High\n",
    ],
)
def test_labels_and_levels_do_not_speak(text: str) -> None:
    assert speakers(taken_apart(text)) == []


def test_comments_of_a_tracker_are_turns_below_its_fields() -> None:
    reading = taken_apart(
        "Short description: Outlook crashes\nOpened by: Mel Ott\nCaller: Fran Ade\n\nComments:\n\n"
        "2026-11-04 09:20:11 CET - Mel Ott    Work notes\nHe called.\n\n"
        "2026-11-04 09:41:02 CET - Fran Ade    Additional comments\nStill crashing.\n"
    )
    assert speakers(reading) == ["Mel Ott", "Fran Ade"]
    assert [one.sent_at.hour for one in reading.messages[1:] if one.sent_at] == [9, 9]


def test_a_chat_within_a_mail_ends_where_the_mail_goes_on() -> None:
    reading = taken_apart(
        "From: Ana <ana@acme.example>\nTo: support@ours.example\nSubject: chat\n\n"
        "Here is my chat:\n\n"
        "10:41 Ana: hi\n10:42 Bot: hello\n10:43 Ana: it hangs\n\nPlease mend it.\n\nBest,\nAna\n"
    )
    assert speakers(reading) == ["Ana", "Bot", "Ana"]
    first = [one for one in reading.segments if one.message == 0]
    assert "Please mend it." in "".join(reading.text[one.start : one.end] for one in first)


def test_time_runs_over_midnight_and_a_recording_s_own_clock_is_no_time() -> None:
    night = taken_apart("23:58 Ana: hi\n23:59 Ben: hello\n00:01 Ana: it hangs\n00:02 Ben: when?\n")
    moments = [one.sent_at for one in night.messages if one.sent_at]
    assert moments == sorted(moments) and (moments[-1] - moments[0]).seconds == 240
    call = taken_apart("[00:00] AGENT: hello\n[00:05] CALLER: hi\n[00:09] AGENT: yes?\n")
    assert [one.sent_at for one in call.messages] == [None, None, None]


@pytest.mark.parametrize(
    "event",
    [
        "Visitor joined",
        "Visitor joined 10:02",
        "[10:01] Visitor joined the chat",
        "Visitor Lena joined the chat",
    ],
)
def test_a_visitor_who_joins_does_not_make_the_others_the_team(event: str) -> None:
    reading = taken_apart(
        f"{event}\n[10:02] Lena: Hi, it hangs\n[10:03] Tom: Hello, how can I help?\n"
        "[10:04] Lena: it just stops\n[10:05] Tom: let me look\n"
    )
    assert speakers(reading) == ["Lena", "Tom", "Lena", "Tom"]
    own = [one.own for one in reading.messages if one.part == "turn"]
    assert own == [False, True, False, True]


def test_what_somebody_says_of_leaving_is_still_a_turn() -> None:
    reading = taken_apart("10:01 Ana: I left\n10:02 Ben: it has ended\n10:03 Ana: so they left\n")
    assert speakers(reading) == ["Ana", "Ben", "Ana"]
