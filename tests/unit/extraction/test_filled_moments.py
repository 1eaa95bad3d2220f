"""Which of a text's days and times is when it happened, and by when it is due, by rules."""

from __future__ import annotations

import pytest

from tests.unit.extraction.test_filled_people import told

_HEAD = (
    "From: Rosa Imhoff <rosa@quarry.example>\nTo: help@helpers.example\n"
    "Date: Tue, 10 Nov 2026 09:00:00 +0000\nSubject: Export\n\n"
)


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("It fails since the night of 5 November.", "2026-11-05"),
        ("Angefangen hat das am 2. November, der Export bricht ab.", "2026-11-02"),
        (
            "Meine Kollegin ist seit gestern im Urlaub. Zum ersten Mal gesehen haben wir den"
            " Fehler am 5. November.",
            "2026-11-05",
        ),
        ("Esta mañana a las 6:35 se nos han duplicado pedidos.", "2026-11-10T06:35"),
        ("It started around four thirty this morning.", "2026-11-10T04:30"),
        ("It double booked three dogs again yesterday. The vet was not amused.", "2026-11-09"),
        ("I'm locked out. Started after I got the new phone on Friday.", "2026-11-06"),
    ],
)
def test_an_issue_began_when_it_was_first_seen(said: str, when: str) -> None:
    assert str(told(_HEAD + said + "\n")["occurred_at"]).startswith(when)


def test_a_holiday_that_began_is_no_issue() -> None:
    assert "occurred_at" not in told(_HEAD + "Mein Kollege ist seit gestern im Urlaub.\n")


def test_what_arrives_on_a_day_tells_less_than_since_when_it_fails() -> None:
    said = "The goods arrive on 3 November each year. Since 6 November the export fails.\n"
    assert told(_HEAD + said)["occurred_at"] == "2026-11-06"


def test_a_time_that_answers_when_is_when_it_happened() -> None:
    call = (
        "Agent: Service desk, Mirko speaking.\nCaller: Orla Kins here. I am locked out.\n"
        "Agent: When was that?\nCaller: Yesterday after lunch, 13:20 about.\n"
    )
    assert told(call)["occurred_at"] == "2026-11-09T13:20"
    noticed = call.replace("When was that?", "When did you notice?")
    assert "occurred_at" not in told(noticed)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Could you mend it before the group closes on Thursday, 26 November?", "2026-11-26"),
        ("The audit is on Thursday, I need it by then.", "2026-11-12"),
        ("Frau Zett fängt am 16. November bei uns an und braucht einen Zugang.", "2026-11-16"),
        ("Hay que borrar uno antes del 12 de noviembre.", "2026-11-12"),
        ("Das möcht ich zurück, und zwar bis zum 20. November.", "2026-11-20"),
        ("q sea antes del jueves porfa", "2026-11-12"),
    ],
)
def test_it_is_due_before_what_it_is_needed_for(said: str, day: str) -> None:
    assert told(_HEAD + said + "\n")["due_date"] == day


def test_a_deal_closes_on_the_day_of_its_own_clause() -> None:
    found = told(
        _HEAD + "Merci de me confirmer d'ici le 4 novembre ; je passe en comité de direction le"
        " 17 novembre et la décision y sera prise.\n",
        "crm_deal",
    )
    assert found["close_date"] == "2026-11-17"
