"""What a long talk takes: run by hand, it prints figures for 100 and for 500 turns.

    python -m tests.bench.tui_memory

Each turn is a real application's, with thirty passages found and an answer of some paragraphs; the
core is a double in the same process. Resident memory is the machine's; traced is Python's own.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import tracemalloc
from dataclasses import replace
from pathlib import Path

from copilot.events import RetrievalFinished, RunFinished, TextDelta
from copilot.messages import Answer, Status
from copilot.testing.run_events import QUOTE, citation, hits
from copilot.testing.scripted_core import ScriptedCore, Step
from tests.tui.driving import driven

_TURNS = (100, 500)
_TEXT = f"{QUOTE} [1]\n\n" + "Then wait and look at the graph, for it tells more. [1]\n\n" * 8


def turn(number: int) -> list[Step]:
    """Events that share no object with those of another turn."""
    found = tuple(
        replace(hit, passage=replace(hit.passage, text=f"{hit.passage.text} {number} " * 30))
        for hit in hits(30)
    )
    text = f"{number}. {_TEXT}"
    answer = Answer(Status.ANSWERED, text, citations=(citation(),))
    return [
        RetrievalFinished(found, 1, 2.0),
        TextDelta(text),
        RunFinished(f"run-{number}", Status.ANSWERED, answer, 120.0),
    ]


def resident_mb() -> float:
    """What the process has in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure(most: int, marks: tuple[int, ...]) -> None:
    """Ask ``most`` questions, and print what is taken at each mark."""
    with tempfile.TemporaryDirectory() as folder:
        core = ScriptedCore()
        async with driven(core, Path(folder)) as driver:
            for number in range(1, most + 1):
                core._turns.append(turn(number))
                driver.composer.insert(f"Question {number}?")
                await driver.pilot.press("enter")
                while len(driver.turns) < number or not driver.turns[-1].ended:
                    await driver.pilot.pause()
                core.heard.clear()
                core.sessions.clear()
                if number in marks:
                    gc.collect()
                    traced = tracemalloc.get_traced_memory()[0] / 1e6
                    resident = resident_mb()
                    print(f"{number:4} turns {resident:6.0f} MB resident {traced:6.1f} MB traced")


def main() -> None:
    tracemalloc.start()
    asyncio.run(measure(max(_TURNS), (1, *_TURNS)))


if __name__ == "__main__":
    main()
