"""Texts read as experiments want them: asked for each text, recorded with its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from copilot.adapters.system import SystemClock, new_id
from copilot.errors import ConfigError
from copilot.events import Event, ModelChosen, RunStarted, Warned
from copilot.extraction.extracting import ExtractParts, extract
from copilot.extraction.trying import ExtractTrials, Varied
from copilot.flags import Asker
from copilot.ledger.recording import record
from copilot.messages import Principal
from copilot.records import FlagEvaluated
from copilot.testing.memory_flags import MemoryFlags
from copilot.testing.memory_ledger import MemoryLedger
from tests.unit.test_extracting import RULED, SCHEMA, TEXT, Model, one, rules

# Everybody who isn't given the control gets b.
ALL_B = """\
[experiments.reader.variants]
control = { weight = 0 }
b = { weight = 100, "extraction.model" = "" }
"""


class Room:
    """Readings by a model, of which ``b`` makes readings by rules."""

    def __init__(self, *, fails: bool = False) -> None:
        self.flags = MemoryFlags(Asker("ann"), ALL_B)
        self.made: list[Mapping[str, object]] = []
        self._fails = fails
        self.parts = ExtractParts(
            rules,
            Model(RULED),
            Principal("ann"),
            SystemClock(),
            new_id,
            release="as configured",
            trying=ExtractTrials(self.flags, self._varied).of,
        )

    def _varied(self, overrides: Mapping[str, object]) -> Varied:
        self.made.append(overrides)
        if self._fails:
            raise ConfigError("no such model", hint="name another")
        return Varied(None, "b's")

    async def read(self) -> tuple[list[Event], list[FlagEvaluated]]:
        ledger = MemoryLedger()
        events = [event async for event in record(extract(TEXT, SCHEMA, self.parts), ledger)]
        told = [found for _, found in ledger.outside if isinstance(found, FlagEvaluated)]
        return events, told


async def test_each_text_is_read_as_the_flags_say_then() -> None:
    room = Room()
    for _ in range(2):
        events, told = await room.read()
        assert one(events, ModelChosen).model == "rules"
        assert one(events, RunStarted).release == "b's"
        assert told == [FlagEvaluated("reader", "b", "split", "ann")]
    assert room.made == [{"extraction.model": ""}]  # once, for both
    room.flags.say(ALL_B.replace("[exp", '[experiments.reader]\nstate = "halted"\n[exp', 1))
    events, told = await room.read()
    assert one(events, ModelChosen).model == "m"
    assert one(events, RunStarted).release == "as configured"
    assert not told


async def test_what_cant_be_made_is_read_as_configured_and_counts_for_nothing() -> None:
    events, told = await Room(fails=True).read()
    assert one(events, ModelChosen).model == "m"
    assert one(events, Warned).message == "not made as reader wants it: no such model"
    assert not told


async def test_where_rules_read_there_is_nothing_to_try() -> None:
    room = Room()
    room.parts = replace(room.parts, model=None)
    events, told = await room.read()
    assert one(events, ModelChosen).model == "rules"
    assert not told
    assert not room.made
