"""Reads a text with the variants of the experiments that its run takes part in.

Invariant: only where a model is configured, since rules have nothing to be tried; which variants a
run was made with is recorded with it, and what can't be made is read as configured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from copilot.errors import CopilotError
from copilot.extraction.extracting import ExtractParts, ModelReads, Trial
from copilot.flags import Asker, Flags
from copilot.flags.trying import overridden


@dataclass(frozen=True, slots=True)
class Varied:
    """What reads with a variant in force. ``model`` is None where rules do."""

    model: ModelReads | None
    release: str


class ExtractTrials:
    """``varied`` makes what reads with some overrides in force."""

    def __init__(self, flags: Flags, varied: Callable[[Mapping[str, object]], Varied]) -> None:
        self._flags = flags
        self._varied = varied
        self._made: dict[str, Varied] = {}

    def of(self, parts: ExtractParts) -> Trial:
        """The trial that a run with ``parts`` is."""
        if parts.model is None:
            return Trial(parts)
        principal = parts.principal
        found = overridden(self._flags, Asker(principal.name, principal.groups, "extract"))
        if not found.overrides:
            return Trial(parts, found.told)
        key = repr(sorted(found.overrides.items()))
        try:
            if key not in self._made:
                self._made[key] = self._varied(found.overrides)
        except CopilotError as error:
            return Trial(parts, warnings=(found.failed(error.message, error.hint),))
        made = self._made[key]
        return Trial(replace(parts, model=made.model, release=made.release), found.told)
