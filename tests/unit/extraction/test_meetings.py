"""When, where and with whom people meet: calendar entries, moved meetings, minutes and notes."""

from __future__ import annotations

import pytest

from tests.unit.test_rule_extractor import drafts, told

ENTRY = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTAMP:20261101T201100Z
DTSTART;TZID=Europe/Paris:20261112T093000
DTEND;TZID=Europe/Paris:20261112T104500
SUMMARY:Label test
LOCATION:Store 2\\, Quay
ORGANIZER;CN=Ann Lee:mailto:ann@quarry.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Ben Hill:mailto:ben@quarry.example
ATTENDEE;PARTSTAT=DECLINED;CN=Cy Dent:mailto:cy@quarry.example
DESCRIPTION:The first try was on 29 October.
BEGIN:VALARM
SUMMARY:Wake up
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def meeting(text: str) -> dict[str, object]:
    (draft,) = drafts(text, "meeting")
    return told(draft)


def test_a_calendar_entry_is_read_by_its_properties() -> None:
    found = meeting(ENTRY)
    assert found["title"] == "Label test"
    assert (found["date"], found["start_time"], found["end_time"]) == (
        "2026-11-12",
        "09:30",
        "10:45",
    )
    assert (found["time_zone"], found["location"]) == ("Europe/Paris", "Store 2, Quay")
    assert found["organiser"] == "Ann Lee"
    assert [found.get(f"attendees[{at}]") for at in range(3)] == ["Ann Lee", "Ben Hill", None]


def test_a_calendar_entry_without_a_time_has_none() -> None:
    found = meeting("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261112\nLOCATION:\nEND:VEVENT\n")
    assert found["date"] == "2026-11-12"
    assert not {"start_time", "end_time", "location", "title", "organiser"} & found.keys()


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Can we move Monday 16 November to Wednesday 18 November, 10:00?", "date", "2026-11-18"),
        ("Wir treffen uns am 18.11. um 10 Uhr. Wir nehmen das Lagerbüro.", "location", "Lagerbüro"),
        ("Cutover on 18 November, 10:30, Weighbridge, me + Farah + Gil", "location", "Weighbridge"),
        ("Cutover on 18 November, 10:30, Weighbridge, me + Farah + Gil", "attendees[1]", "Gil"),
        ("See you on 18 November at 14:00, an hour and a half.", "end_time", "15:30"),
        ("See you on 18 November at 14:00 until 14:45.", "end_time", "14:45"),
        (
            "Call on 18 November.\n\n7. Who does what\n\n- Ann counts the calls",
            "action_items[0]",
            "Ann counts the calls",
        ),
        (
            "Treffen am 18.11. Eine Bitte: Schicken Sie mir die Liste.",
            "action_items[0]",
            "Schicken Sie mir die Liste",
        ),
    ],
)
def test_a_meeting_is_read_from_what_people_write(text: str, field: str, value: str) -> None:
    assert meeting(f"Subject: Our meeting\n\n{text}")[field] == value


def test_a_time_alone_tells_no_day() -> None:
    found = meeting("[10:00] Ben: can we meet at 3pm instead?\n[10:01] Kim: yes, 3pm works")
    assert found["start_time"] == "15:00"
    assert "date" not in found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Guests (3)\n   Ann Hill   organiser\n   Bob Ray    accepted\n   Cy Low    declined\n\n"
            "Bring nothing.",
            ["Ann Hill", "Bob Ray"],
        ),
        ("standup 18/11\n\nin: Kofi, Lena\nout: Suki (dentist)\n", ["Kofi", "Lena"]),
        ("Étaient là : Ann Hill (costumes), Bob Ray\nExcusé : Cy Low", ["Ann Hill", "Bob Ray"]),
        (
            "Asisten: D. Anselmo Cobo Ruiz (presidente), D.ª Pilar Montoro\nExcusa: D. Luis Mas",
            ["Anselmo Cobo Ruiz", "Pilar Montoro"],
        ),
        (
            "[10:00] Ann: meet on Monday at 3?\n[10:01] Bob: yes\n[10:02] Cy: I'm out, exams\n",
            ["Ann", "Bob"],
        ),
    ],
)
def test_those_take_part_who_are_listed_or_speak_and_dont_decline(
    text: str, names: list[str]
) -> None:
    found = meeting(f"Our meeting\n\n{text}")
    assert [value for name, value in found.items() if name.startswith("attendees")] == names


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        (
            "MINUTES of the Meeting held on Monday 2 November 2026 at 7.30 p.m.\n\nThe heron is "
            "back.\n"
            "The meeting closed at 9.05 p.m.\n",
            ("19:30", "21:05"),
        ),
        ("Datum: 29.10.2026\nBeginn/Ende: 18:00 Uhr / 19:40 Uhr\nOrt: Halle\n", ("18:00", "19:40")),
        ("Les propongo el martes 10, de 4 a 5 de la tarde.\n", ("16:00", "17:00")),
        (
            "Treffen morgen um halb drei nachmittags in der Halle. Um vier muss ich weg.\n",
            ("14:30", "16:00"),
        ),
        (
            "Transcript - Q4 hops - Nov 4, 2026, started 2:02 PM PST\n\nGwen: ok\nLuis: fine\n"
            "Gwen: bye\nLuis: bye\n[recording ended 2:26 PM]\n",
            ("14:02", "14:26"),
        ),
        (
            "En la sede, siendo las 20:00 horas del 1 de octubre de 2026.\n\nSe levanta la sesión a"
            " las 21:20 horas.\n",
            ("20:00", "21:20"),
        ),
    ],
)
def test_a_meeting_ends_when_it_was_closed_or_somebody_has_to_go(
    text: str, hours: tuple[str, str]
) -> None:
    found = meeting(text)
    assert (found.get("start_time"), found.get("end_time")) == hours


def items(text: str, name: str) -> list[object]:
    found = meeting(text)
    return [value for path, value in found.items() if path.startswith(f"{name}[")]


@pytest.mark.parametrize(
    ("text", "decisions"),
    [
        (
            "What we settled:\n1. The counter closes at 23:00.\n2. Soup stays.\n\nNot settled:\n"
            "- the price of a roll\n",
            ["The counter closes at 23:00", "Soup stays"],
        ),
        (
            "3. The boat\n   Two quotes came. It was\n   RESOLVED to have it repaired at £900.\n",
            ["to have it repaired at £900"],
        ),
        (
            "Beschluss: Das Getriebe wird ersetzt. (einstimmig)\n",
            ["Das Getriebe wird ersetzt"],
        ),
        (
            "Gwen: Then that's agreed, we go for one year.\nLuis: Great.\nGwen: Bye.\nLuis: Bye.\n",
            ["we go for one year"],
        ),
    ],
)
def test_a_decision_is_told_by_its_heading_its_word_or_a_vote(
    text: str, decisions: list[str]
) -> None:
    assert items(text, "decisions") == decisions


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("todo\n[ ] Lena to call Jo\n[x] Kofi bought milk\n", ["Lena to call Jo"]),
        (
            "Aufgaben\nWas                  Wer       bis\nKran anfragen        Straub    09.10.\n",
            ["Kran anfragen"],
        ),
        ("   ACTION Mr Achebe to write to all members.\n", ["Mr Achebe to write to all members"]),
        (
            "Liebe Frau Pröll,\n\nbringen Sie bitte die Listen mit. Rechnen Sie bitte mit einer"
            " Stunde.\n",
            ["bringen Sie bitte die Listen mit"],
        ),
        (
            "Und such doch bitte mal den Vertrag raus, der war im Ordner.\n",
            ["such doch bitte mal den Vertrag raus"],
        ),
        (
            "Ana: Yeah, I'll measure the cold room.\nBen: I'll be there.\nAna: ok\nBen: bye\n",
            ["measure the cold room"],
        ),
        (
            "Asisten: D. Yeray Santana\n\nD. Yeray visitará la fábrica de Jaén.\n",
            ["visitará la fábrica de Jaén"],
        ),
        (
            "To: Ann Lee <ann@quarry.example>\nSubject: Labels\n\nAnn, could you test the labels?"
            " And Ann, book the room, please.\n",
            ["test the labels", "book the room"],
        ),
        ("Present: Ann Lee\n\nAnn asks whether that's new. Ann will be away.\n", []),
    ],
)
def test_a_task_is_what_somebody_is_asked_or_says_to_do(text: str, tasks: list[str]) -> None:
    assert items(text, "action_items") == tasks


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "Quarry eG\nPROTOKOLL\n\nSitzung:   Vorstandssitzung (Pumpe 4)\nDatum: 1.9.\n\n"
            "Die Pumpe wird ersetzt, sobald der Kredit steht.\n",
            "Vorstandssitzung (Pumpe 4)",
        ),
        (
            "INVITATION (updated 6 Nov, note changed)\n\nLoan of the globes: check\n"
            "When: 17 November\n",
            "Loan of the globes: check",
        ),
        (
            "ROWING CLUB\n\nMINUTES of the Committee Meeting held in the Long Room, on Monday\n",
            "Committee Meeting",
        ),
        (
            "Transcript - Q4 hops - Nov 4, 2026, started 2:02 PM\n\nA: ok\nB: ok\nA: bye\n",
            "Q4 hops",
        ),
        ("standup wed 18/11, 9:45-10:00, by the plant\n\nin: Kofi, Lena\n", "standup"),
        (
            "Ana: the retries, can we sit down before Friday? 3pm?\nBen: fine\nAna: ok\n",
            "the retries",
        ),
        (
            "Resumen de la reunión de hoy sobre la campaña de Navidad.\n\nAcordamos abrir.\n",
            "campaña de Navidad",
        ),
        (
            "Parish Council of Wendham\nMinutes of the meeting held on 3 November 2026\n\nIt "
            "rained.\n",
            "Parish Council of Wendham",
        ),
        (
            "Hi Rob, it's Jo Marsh from Quarry. Just ringing about the site visit. Thursday?\n",
            "the site visit",
        ),
        (
            "Hallo Uschi, wir setzen uns um 14 Uhr hin und reden über die Saison. Bis dann.\n",
            "die Saison",
        ),
    ],
)
def test_a_meeting_is_titled_by_its_paper_or_by_what_is_talked_of(text: str, title: str) -> None:
    assert meeting(text)["title"] == title


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("Final: Monday 9 November, 11:15-12:15 CET, model shop. No stairs.\n", "model shop"),
        (
            "standup wed 4/11, 9:45-10:00, Quarry Hall, by the plant\n\nin: Kofi\n",
            "Quarry Hall, by the plant",
        ),
        (
            "Der 9. November um 8:15 Uhr passt. Sie finden uns in der Uhlandstraße 88, 3. OG.\n",
            "Uhlandstraße 88, 3. OG",
        ),
        ("Wir setzen uns dann hinten in die Backstube.\n", "Backstube"),
        (
            "Réunion du 9 novembre 2026, de 14 h 30 à 16 h, au foyer du premier étage\n",
            "foyer du premier étage",
        ),
        ("Nos juntamos en el consultorio 2 para que no suba.\n", "consultorio 2"),
        ("On 9 November at 10:00, on Zoom, please.\n", None),
        ("The heron was in the changing room again.\n", None),
    ],
)
def test_a_meeting_is_where_people_say_that_they_meet(text: str, location: str | None) -> None:
    assert meeting(text).get("location") == location


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            "Tuesday 10 November, 10:00.\nLa liga es https://quarry.example/abc y nos vemos.\n",
            "https://quarry.example/abc",
        ),
        ("Tuesday 10 November, 10:00.\n\nWebsite: https://quarry.example/about-us\n", None),
    ],
)
def test_a_meeting_is_joined_at_the_address_that_is_called_so(text: str, url: str | None) -> None:
    assert meeting(text).get("url") == url


def test_a_time_in_a_decision_is_not_when_people_meet() -> None:
    found = meeting("We met this afternoon.\n\nWhat we settled:\n1. The counter closes at 23:00.\n")
    assert "start_time" not in found


def test_a_chat_whose_heads_carry_the_time_says_when_people_meet_in_its_words() -> None:
    found = meeting(
        "Ben Archer, 07:02\nMorning, can we move the retro to Wednesday? I'm away tomorrow\n\n"
        "Sofia Lind, 07:05\nWed works. 2pm?\n\nBen Archer, 07:06\n2pm is fine.\n"
    )
    assert (found["title"], found["date"]) == ("the retro", "2026-11-11")
    assert (found["start_time"], found["organiser"]) == ("14:00", "Ben Archer")


def test_the_day_that_is_given_instead_of_another_is_the_meetings() -> None:
    found = meeting(
        "Could we do Thursday at eleven instead of Wednesday? Say eleven till twelve.\n"
    )
    assert (found["date"], found["start_time"], found["end_time"]) == (
        "2026-11-12",
        "11:00",
        "12:00",
    )


def test_of_a_table_of_tasks_each_row_says_one() -> None:
    text = (
        "Actions :\n| Qui | Quoi | Pour quand |\n|---|---|---|\n| Ana | envoyer le plan | 17/11 |\n"
    )
    assert items(text, "action_items") == ["envoyer le plan"]


def test_a_tool_is_no_place() -> None:
    assert "location" not in meeting("Date: 10 November\nTime: 15:00\nLocation: Zoom\n")


def test_a_recorded_talk_that_was_the_meeting_is_when_it_was_recorded() -> None:
    found = meeting(
        "Recording transcript · Budget call · 9 November 2026 · 11:00 CET · 38 min\n\n"
        "Lotte: So, the budget.\nAndrej: Cut it.\nLotte: Okay.\nAndrej: Fine.\n"
    )
    assert found["title"] == "Budget call"
    assert (found["start_time"], found["end_time"]) == ("11:00", "11:38")


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (
            "Hiermit lade ich Sie zur Versammlung des TSV Au ein.\n",
            "title",
            "Versammlung des TSV Au",
        ),
        (
            "Nos vemos en la entrada de la cantera; traigo café.\n",
            "location",
            "entrada de la cantera",
        ),
        ("¿Puedes preparar las muestras?\n", "action_items[0]", "preparar las muestras"),
        ("Visite du 9 novembre, début 14h, durée 1h30\n", "end_time", "15:30"),
    ],
)
def test_an_invitation_says_what_where_and_how_long(text: str, field: str, value: str) -> None:
    assert meeting(text).get(field) == value


def test_who_writes_is_no_name_and_who_cannot_make_it_does_not_come() -> None:
    assert items("Estuvimos: Laura, Iván y yo.\n", "attendees") == ["Laura", "Iván"]
    chat = "Ana: retro on Wed at 2pm?\nBen: fine\nJo: can't make Wed, sorry\nAna: ok\n"
    assert items(chat, "attendees") == ["Ana", "Ben"]
