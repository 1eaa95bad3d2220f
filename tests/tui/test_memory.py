"""A long talk stays small: what is kept of a turn that nobody looks at is its words."""

from __future__ import annotations

from pathlib import Path

from copilot import calls
from copilot.events import RetrievalFinished, RunFinished, TextDelta
from copilot.messages import Answer, Status
from copilot.testing.run_events import QUOTE, citation, hits
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.exchange import Exchange
from copilot.tui.transcript import Transcript
from tests.tui.driving import driven

_TEXT = f"{QUOTE} [1]"
_ANSWER = Answer(Status.ANSWERED, _TEXT, citations=(citation(),))


def finished(number: int) -> Exchange:
    """A turn that found thirty passages and cites one."""
    turn = Exchange(f"Question {number}?")
    turn.tell(RetrievalFinished(hits(30), 1, 2.0))
    turn.tell(TextDelta(_TEXT))
    turn.tell(RunFinished(f"run-{number}", Status.ANSWERED, _ANSWER, 90.0))
    return turn


def test_of_the_passages_that_were_found_those_that_are_cited_stay() -> None:
    turn = finished(1)
    assert [hit.passage.id for hit in turn.hits] == ["passage-1"]
    turn.slim()
    assert (turn.hits, turn.wanted) == ((), ("passage-1",))


async def test_of_500_turns_few_are_drawn_and_few_hold_passages(tmp_path: Path) -> None:
    passages = calls.PassagesRead((hits(1)[0].passage,))
    core = ScriptedCore(replies={calls.ReadPassages: passages})
    async with driven(core, tmp_path) as driver:
        transcript = driver.chat.query_one(Transcript)
        for start in range(0, 500, 50):
            driver.chat._add(*map(finished, range(start, start + 50)))
            await driver.settled()
        assert len(transcript.exchanges) == 500
        assert len(transcript._drawn) <= 40
        assert sum(prose.is_drawn for prose in transcript._prose) <= 40
        assert sum(bool(turn.hits or turn.seen) for turn in transcript.exchanges) <= 40
        await driver.pilot.press("escape", "home")
        for _ in range(60):
            await driver.pilot.press("k")
        await driver.settled()
        assert len(transcript._drawn) <= 40
        assert sum(bool(turn.hits or turn.seen) for turn in transcript.exchanges) <= 60
        shown = driver.chat.query_one("#passage").content  # type: ignore[attr-defined]
        assert QUOTE in str(shown)
