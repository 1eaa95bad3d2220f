"""The conversation that a question belongs to: what was told in it, and the summary that is kept.

Invariant: a summary is used for how the conversation begins by now, and for nothing else: what
was asked anew, or taken out, makes it none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from copilot.errors import CopilotError
from copilot.messages import Turn
from copilot.talks import ConversationStore, KeptTurns, Summary, fingerprint


@dataclass(frozen=True, slots=True)
class Memory:
    """``told``: what the conversation goes on with, oldest first."""

    conversation: str
    told: tuple[KeptTurns, ...]
    store: ConversationStore

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(turn for one in self.told for turn in one.turns)

    def summary(self) -> Summary | None:
        """The one that is kept, if it holds; one that can't be read is none. Blocking."""
        try:
            kept = self.store.summary(self.conversation)
        except CopilotError:
            return None
        return kept if kept is not None and kept.holds(self.turns) else None

    def keep(self, text: str) -> None:
        """Keep a summary of all that was told; without room for it there is none. Blocking."""
        turns = self.turns
        summary = Summary(text, len(turns), fingerprint(turns))
        with suppress(CopilotError):
            self.store.summarise(self.conversation, summary, self.told)


def going_on(kept: Sequence[KeptTurns], *, instead_of: str = "") -> tuple[KeptTurns, ...]:
    """What is gone on with, oldest first: without what was asked anew and what came after that.

    ``instead_of``: the run whose question is asked anew now.
    """
    told: list[KeptTurns] = []
    for one in kept:
        told = [*_before(told, one.instead_of), one]
    return tuple(_before(told, instead_of))


def _before(told: list[KeptTurns], run_id: str) -> list[KeptTurns]:
    """Those before the one that the run answered; all, if it answered none of them."""
    at = next((at for at, one in enumerate(told) if run_id and one.run_id == run_id), len(told))
    return told[:at]
