"""How many records a text comes to, by rules."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from copilot.config.records import ExtractionSettings
from copilot.extracted import SourceText
from copilot.extraction.assembling import Draft
from tests.bench.extraction import SCHEMAS, schema_at
from tests.bench.extractors import rule_extractor

_HEAD = (
    "From: Rosa Imhoff <rosa@quarry.example>\nTo: help@helpers.example\n"
    "Date: Tue, 10 Nov 2026 09:00:00 +0000\nSubject: Notes\n\n"
)


def extracted(text: str, schema: str) -> list[Draft]:
    when = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest(), received_at=when)
    extractor = rule_extractor(ExtractionSettings(own_domains=("helpers.example",)), embeds=False)
    return list(extractor.extract(source, schema_at(SCHEMAS / f"{schema}.json")))


def number(text: str, schema: str) -> int:
    return len(extracted(text, schema))


@pytest.mark.parametrize(
    ("answer", "records"),
    [
        ("Oh, yes. My printer keeps crashing, too, each time I print a label.", 2),
        ("Yes, the monthly report that we send to the board each time shows October twice.", 2),
        ("No, that's all. Nothing else crashed since this morning, thanks a lot for asking.", 1),
    ],
)
def test_an_answer_to_whether_there_is_anything_else_is_another_matter(
    answer: str, records: int
) -> None:
    call = (
        "Agent: Service desk, Mirko speaking.\nCaller: Orla Kins here. The portal won't open.\n"
        f"Agent: I'll look. Anything else while I have you?\nCaller: {answer}\n"
    )
    assert number(call, "ticket") == records


def test_the_second_of_several_wishes_has_all_that_is_said_of_it() -> None:
    first = (
        "Two things are left.\n\nThe first one: could you add a way to change the order of the"
        " drops? It would save us an hour.\n\n"
    )
    second = (
        "The second one is smaller. Tell the restaurant by message when the van is two stops"
        " away.\n\nThe kitchens keep calling us.\n\nThen, not a wish but a complaint: it is slow.\n"
    )
    assert number(_HEAD + first + second, "feature_request") == 2
    assert number(_HEAD + "Could you add dark mode? " + second, "feature_request") == 1


@pytest.mark.parametrize(
    ("said", "records"),
    [
        (
            "Seit Montag verschickt die Anwendung unseren Patienten im ganzen Haus leider gar"
            " nichts, auch am Abend.\n\nEtwas anderes: meine Kollegin hat keinen Zugriff mehr.\n",
            2,
        ),
        (
            "Tengo dos cosas.\n\nLa primera: no aparece la entrega de ayer en el curso.\n\n"
            "La segunda: ¿cómo puedo cambiar el idioma de los avisos?\n",
            2,
        ),
        (
            "Zwei Anliegen.\n\nDas erste: der Export bricht jeden Morgen ab.\n\n"
            "Das zweite: wie ändere ich die Sprache der Hinweise im Portal?\n",
            2,
        ),
        (
            "The gates refuse all tickets.\n\nRosa Imhoff\nQuarry Ltd\n\n"
            "PS: unrelated, but your invoice F-2026-0931 came twice, tell me which one to keep.\n",
            2,
        ),
        (
            "The gates refuse all tickets.\n\nRosa Imhoff\nQuarry Ltd\n\n"
            "PS: I am at home most evenings, and the shop's telephone is never heard by anybody.\n",
            1,
        ),
    ],
)
def test_ordinals_and_an_unrelated_postscript_part_what_is_told(said: str, records: int) -> None:
    assert number(_HEAD + said, "ticket") == records


def test_where_nothing_tells_who_helps_who_only_puts_questions_does_not_ask() -> None:
    chat = (
        "[28/10/26, 19:02:11] Nortelia: Hi! What can we do for you today?\n"
        "[28/10/26, 19:02:40] Chema Ibarra: since Monday the line drops every half hour\n"
        "[28/10/26, 19:04:41] Nortelia: Sorry to hear that. Which router is it?\n"
        "[28/10/26, 19:05:40] Chema Ibarra: the white one, it goes orange and comes back\n"
        "[28/10/26, 19:06:41] Nortelia: Noted. Anything else?\n"
        "[28/10/26, 19:07:40] Chema Ibarra: no thanks\n"
    )
    (draft,) = extracted(chat, "ticket")
    assert draft["requester_name"].value == "Chema Ibarra"
    assert draft["title"].value == "since Monday the line drops every half hour"
