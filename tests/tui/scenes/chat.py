"""A follow-up that a model answered, one of its sentences left out.

The texts are of PagerDuty's incident response documentation (Apache-2.0).
"""

from __future__ import annotations

from dataclasses import replace

from copilot import calls
from copilot.events import (
    CitationChecked,
    Event,
    ModelChosen,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    TextDelta,
    UsageReported,
)
from copilot.messages import Answer, Citation, Hit, Locator, Sentence, Status, Support, Usage
from copilot.testing.run_events import STARTED_AT, hits, passage
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

_MEETING = (
    "## Postmortem Meeting\n\nThese meetings should generally last 15-30 minutes and are intended "
    "to be a wrap up of the postmortem process. We should discuss what happened, what we could've "
    "done better, and any follow-up actions that we need to take. The goal is to suss out any "
    "disagreement on the facts, analysis, or recommended actions, and to get some wider awareness "
    "of the problems that are causing reliability issues for us."
)
_SCHEDULE = (
    "1. Schedule a postmortem meeting for within **3 calendar days** for a SEV-1 and **5 business "
    "days** for a SEV-2. You should schedule this before filling in the postmortem, just so it's "
    'on the calendar.\n    * Create the meeting on the "Incident Postmortem Meetings" shared '
    "calendar."
)
_LASTS = "These meetings should generally last 15-30 minutes"
_WITHIN = "within **3 calendar days** for a SEV-1 and **5 business days** for a SEV-2"
_USAGE = Usage("openai/gpt-5-mini", 1_840, 96, 5_210)


def _hit(rank: int, text: str, lines: tuple[int, int], heading: str) -> Hit:
    made = replace(
        passage(rank),
        path="/srv/handbook/after/post_mortem_process.md",
        title="Post mortem process",
        text=text,
        heading_path=("Postmortem", heading),
        locator=Locator("lines", *lines),
        char_end=len(text),
    )
    return replace(hits(rank)[-1], passage=made)


_HITS = (
    _hit(1, _MEETING, (79, 84), "Postmortem Meeting"),
    _hit(2, _SCHEDULE, (37, 40), "Administration"),
)


def _cited(n: int, quote: str) -> Citation:
    found = _HITS[n - 1].passage
    start = found.text.index(quote)
    return Citation(
        n,
        found.id,
        found.document_id,
        found.path,
        found.title,
        found.heading_path,
        found.locator,
        quote,
        start,
        start + len(quote),
    )


def _turn(question: str, said: tuple[tuple[str, Citation], ...], left_out: str = "") -> list[Event]:
    sentences = tuple(Sentence(text, (by.n,), Support.SUPPORTED) for text, by in said)
    text = "\n\n".join(f"{text} [{by.n}]" for text, by in said)
    answer = Answer(
        Status.ANSWERED, text, sentences, tuple(dict.fromkeys(by for _, by in said)), usage=_USAGE
    )
    checks = [
        CitationChecked(text, Support.SUPPORTED, (by,), "terms and numbers agree", "shown")
        for text, by in said
    ]
    if left_out:
        why = "24 is not in what it cites"
        checks.append(CitationChecked(left_out, Support.UNSUPPORTED, (), why, "dropped"))
    return [
        RunStarted("run-1", "ask", question, "postmortems", "ana", STARTED_AT),
        QueryRewritten(question, (question,), follow_up=False),
        RetrievalFinished(_HITS, index_version=7, latency_ms=12.5),
        ModelChosen("openai/gpt-5-mini", "configured", route="answer"),
        *checks,
        TextDelta(text),
        UsageReported(_USAGE),
        RunFinished("run-1", Status.ANSWERED, answer, 1_840.0, first_token_ms=420.0),
    ]


def scene() -> Scene:
    core = ScriptedCore(
        _turn(
            "How long should a postmortem meeting be?",
            (("It should generally last **15 to 30 minutes**.", _cited(1, _LASTS)),),
        ),
        _turn(
            "When must it take place?",
            (
                ("Within **3 calendar days** for a SEV-1.", _cited(2, _WITHIN)),
                ("Within **5 business days** for a SEV-2.", _cited(2, _WITHIN)),
            ),
            left_out="A SEV-3 has 24 hours.",
        ),
        stands=calls.Stands("openai/gpt-5-mini", "ana", 1.42, "2026-11-20T14:12:00+00:00", 2),
    )

    async def play(driver: Driver) -> None:
        await driver.ask("How long should a postmortem meeting be?")
        await driver.ask("When must it take place?")

    return Scene(core, play)
