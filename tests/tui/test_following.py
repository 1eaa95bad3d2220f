"""The transcript stays at its end while answers grow, and no word of them is cut off."""

from __future__ import annotations

from pathlib import Path

from copilot.events import RunFinished, TextDelta
from copilot.messages import Answer, Status
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.transcript import Transcript
from tests.tui.driving import driven

_PARAGRAPH = "Whoever is on call acknowledges the page before anything else happens at all. "


def told(paragraphs: int) -> list[TextDelta | RunFinished]:
    text = "\n\n".join([_PARAGRAPH * 3] * paragraphs)
    return [
        TextDelta(text),
        RunFinished("run-1", Status.ANSWERED, Answer(Status.ANSWERED, text), 1_200.0),
    ]


async def test_the_answer_that_first_needs_a_scrollbar_is_shown_to_its_end(tmp_path: Path) -> None:
    async with driven(ScriptedCore(told(3), told(6)), tmp_path) as driver:
        transcript = driver.chat.query_one(Transcript)
        await driver.ask("one?")
        assert transcript.max_scroll_y == 0
        await driver.ask("two?")
        assert transcript.max_scroll_y > 0
        assert transcript.scroll_offset.y == transcript.max_scroll_y
        assert "1.2 s" in driver.screen_text()


async def test_the_scrollbar_covers_no_letter(tmp_path: Path) -> None:
    async with driven(ScriptedCore(told(12)), tmp_path) as driver:
        await driver.ask("one?")
        column = driver.chat.query_one(Transcript).region
        lines = driver.screen_text().splitlines()[column.y : column.bottom]
        shown = " ".join(line[column.x : column.right - 1] for line in lines).split()
        assert " ".join(shown).count(" ".join(_PARAGRAPH.split())) >= 10


async def test_who_has_scrolled_up_is_left_there(tmp_path: Path) -> None:
    async with driven(ScriptedCore(told(12), told(6)), tmp_path) as driver:
        transcript = driver.chat.query_one(Transcript)
        turn = await driver.ask("one?")
        transcript.scroll_to(y=2, animate=False)
        await driver.pilot.pause()
        transcript.changed(turn)
        await driver.pilot.pause()
        assert transcript.scroll_offset.y == 2
