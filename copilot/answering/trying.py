"""Makes a run with the variants of the experiments that it takes part in.

Invariant: which variants a run was made with is recorded with it, before anything else is done;
what can't be made is made as configured, and counts for no experiment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from copilot.answering.summarising import ask_summarising
from copilot.answering.turn import AskParts, Question
from copilot.errors import CopilotError
from copilot.events import Event, RunStarted, Warned
from copilot.flags import Asker, Flags, Variant
from copilot.flags.trying import overridden
from copilot.noting import note
from copilot.records import FlagEvaluated

Varied = Callable[[Mapping[str, object]], AskParts]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a run is made with, and what is told of that."""

    parts: AskParts
    told: tuple[FlagEvaluated, ...] = ()
    warnings: tuple[Warned, ...] = ()


class Trials:
    """``varied`` makes the parts of a turn with some overrides in force."""

    def __init__(self, flags: Flags, varied: Varied) -> None:
        self._flags = flags
        self._varied = varied
        self._made: dict[str, AskParts] = {}

    def of(self, question: Question, parts: AskParts) -> Trial:
        """The trial that ``question`` is, of what ``parts`` are otherwise."""
        principal = question.where.principal
        asker = Asker(principal.name, principal.groups, question.kind, question.conversation)
        written = parts.writing is not None
        found = overridden(
            self._flags, asker, may=lambda one: written or not needs_model(one.overridden)
        )
        warnings = self._warnings()
        if not found.overrides:
            return Trial(parts, found.told, warnings)
        try:
            return Trial(self._with(parts, found.overrides), found.told, warnings)
        except CopilotError as error:
            failed = found.failed(error.message, error.hint)
            return Trial(parts, warnings=(*warnings, failed))

    def with_variant(self, variant: Variant, parts: AskParts) -> AskParts:
        """The parts with a variant in force, whoever asks. Raises ConfigError."""
        return self._with(parts, variant.overrides) if variant.overrides else parts

    def _with(self, parts: AskParts, overrides: Mapping[str, object]) -> AskParts:
        key = repr(sorted(overrides.items()))
        if key not in self._made:
            self._made[key] = self._varied(overrides)
        made = self._made[key]
        return replace(
            parts,
            quoting=made.quoting,
            writing=made.writing if parts.writing is not None else None,
            history_turns=made.history_turns,
            made_with=made.made_with,
            passages=made.passages,
            retrieval=made.retrieval,
            release=made.release,
        )

    def _warnings(self) -> tuple[Warned, ...]:
        troubles = self._flags.file().troubles
        if not troubles:
            return ()
        first, *others = troubles
        more = f" ({len(others)} more: `copilot flags list`)" if others else ""
        return (Warned(first.message + more, hint=first.hint),)


async def ask_trying(
    question: Question, parts: AskParts, trials: Trials | None
) -> AsyncIterator[Event]:
    """As ``turn.ask``, with the variants that the run takes part in."""
    trial = Trial(parts)
    if trials is not None:
        trial = await asyncio.to_thread(trials.of, question, parts)
    async with aclosing(ask_summarising(question, trial.parts)) as events:
        async for event in events:
            yield event
            if isinstance(event, RunStarted):
                for one in trial.told:
                    note(one)
                for warning in trial.warnings:
                    yield warning


def needs_model(keys: frozenset[str]) -> bool:
    """Whether a change of these keys changes nothing where no model is asked."""
    return any(key.startswith(("prompts.", "models.")) for key in keys)
