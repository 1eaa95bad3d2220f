"""How long a reader waits when a model fails, and what they see meanwhile.

    python -m tests.bench.failover [--rounds 12] [--silent-s 1]

A turn whose models `main` and `spare` are behind two servers on the loopback that stream a word
every 10 ms; search and quoting are doubles. In each round every failure of `main` once, and `spare`
alone as the baseline, so that all meet the same machine. Times are to the first text that is shown
(a checked sentence) and to the end, as medians; "added" is against the baseline of the same round.
A model that is silent costs `models.first_token_timeout_s`, which is set to ``--silent-s`` here,
until it rests after three failures (`models.breaker_failures`).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from copilot.adapters.models.loading import load_litellm
from copilot.adapters.system import SystemClock
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.config.models import DeploymentSettings, ModelSettings, RouteSettings
from copilot.config.schema import Settings
from copilot.events import ModelChosen, RunFinished, TextDelta
from copilot.prompting import PromptLibrary
from copilot.routes import ModelRoutes
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply, refused_url
from tests.corpora import REPOSITORY
from tests.turns import Finds, Quotes

FIRST, SECOND = (
    "You have 45 minutes to acknowledge a page [1].",
    "The backup is paged after that [1].",
)
WORDS = tuple(f"{word} " for word in f"{FIRST} {SECOND}".split(" "))
GOOD = Reply(pieces=WORDS, piece_delay_s=0.01)
REST = Reply(pieces=tuple(f"{word} " for word in SECOND.split(" ")), piece_delay_s=0.01)
BREAKS = replace(GOOD, break_after=len(FIRST.split(" ")) + 2)


@dataclass(frozen=True)
class Case:
    """What `main` does; `spare` says ``then``. ``down``: nobody listens at its address."""

    name: str
    main: Reply | None
    then: Reply = GOOD
    down: bool = False
    rests: bool = False


CASES = (
    Case("spare alone (baseline)", None),
    Case("main is well", GOOD),
    Case("main refuses connections", GOOD, down=True),
    Case("main answers 503", scripted.server_error(503)),
    Case("main refuses the content", Reply(status=400, error="rejected by our content policy")),
    Case("main is silent", scripted.slow(GOOD, 30)),
    Case("main breaks off amid the answer", BREAKS, then=REST),
    Case("main rests after three failures", scripted.server_error(503), rests=True),
)


@dataclass(frozen=True)
class Seen:
    """What a reader saw, and when, in seconds."""

    first: float
    end: float
    models: str
    status: str
    sentences: int
    notes: tuple[str, ...]


async def turn(case: Case, main: OpenAIServer, spare: OpenAIServer, silent_s: float) -> Seen:
    down = refused_url() if case.down else main.url
    alone = case.main is None
    models = ModelSettings(
        answer="spare" if alone else "main",
        routes={} if alone else {"answer": RouteSettings(then=("spare",))},
        at={
            "main": DeploymentSettings(model="openai/scripted", api_base=down),
            "spare": DeploymentSettings(model="openai/scripted", api_base=spare.url),
        },
        first_token_timeout_s=silent_s,
        breaker_failures=3,
    )
    settings = Settings(models=models)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "models.db"
        routes = ModelRoutes(settings, file, key_for=lambda name: None, clock=SystemClock())
        gateway = routes.chat("answer")
        assert gateway is not None
        prompts = PromptLibrary([REPOSITORY / "prompts"])
        parts = AskParts(
            searcher=Finds(),
            quoting=Quotes(abstain=False),  # type: ignore[arg-type]
            writing=WritingAnswerer(gateway, settings, prompts=prompts),
            clock=SystemClock(),
            new_id=lambda: "run-1",
            history_turns=2,
        )
        main.script(case.main or GOOD)
        spare.script(case.then)
        if case.rests:
            for _ in range(3):
                await _asked(parts)
        return await _asked(parts)


async def _asked(parts: AskParts) -> Seen:
    began, first, chosen = time.perf_counter(), None, []
    async for event in ask(Question("How long do I have?"), parts):
        if isinstance(event, TextDelta) and first is None:
            first = time.perf_counter() - began
        elif isinstance(event, ModelChosen):
            chosen.append(event.model)
        elif isinstance(event, RunFinished):
            answer = event.answer
    end = time.perf_counter() - began
    assert first is not None
    assert answer is not None
    how = " → ".join(chosen)
    return Seen(first, end, how, answer.status, len(answer.sentences), answer.notes)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--silent-s", type=float, default=1.0)
    args = parser.parse_args()
    load_litellm()
    seen: dict[str, list[Seen]] = defaultdict(list)
    with OpenAIServer() as first, OpenAIServer() as second:
        for number in range(args.rounds + 1):
            for case in CASES:
                one = await turn(case, first, second, args.silent_s)
                if number:  # the first round warms up
                    seen[case.name].append(one)
    base = seen[CASES[0].name]
    print(f"{args.rounds} rounds, medians in ms")
    print(f"{'':34} to the first text (added), to the end (added), who and how it ended")
    for name, found in seen.items():
        to_first = _ms([one.first for one in found])
        to_end = _ms([one.end for one in found])
        more = _ms([one.first - other.first for one, other in zip(found, base, strict=True)])
        later = _ms([one.end - other.end for one, other in zip(found, base, strict=True)])
        one = found[-1]
        print(
            f"{name:34} {to_first:8.0f} {more:9.0f} {to_end:8.0f} {later:8.0f}  "
            f"{one.models}: {one.status}, {one.sentences} sentences"
            f"{'; ' + '; '.join(one.notes) if one.notes else ''}"
        )


def _ms(seconds: list[float]) -> float:
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    asyncio.run(main())
