"""What extraction and actions need from outside: ports, beside those of ``ports.py``.

Invariant: as there, a real adapter and a shipped double pass the same contract suite; what blocks
is synchronous, and a use case calls it in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from copilot.events import ModelAttempt
from copilot.extracted import Json, StructuredAnswer, StructuredRequest
from copilot.proposals import (
    Decision,
    Proposal,
    Receipt,
    SinkCall,
    SinkEntry,
    SinkField,
    SinkWrite,
)


class StructuredModel(Protocol):
    """A chat model that answers with JSON of a given schema."""

    def complete(
        self, request: StructuredRequest
    ) -> AsyncIterator[ModelAttempt | StructuredAnswer]:
        """A ModelAttempt for each request that ended, then the answer; or raises a ModelError.

        The answer is JSON, and no more is promised of it: providers leave keywords out.
        """
        ...


class Approver(Protocol):
    """A person who may be asked. None to ask means that a proposal waits."""

    async def decide(self, proposal: Proposal, *, rule: str) -> Decision | Proposal | None:
        """The decision; an edited proposal, to be checked and asked for anew; None: not now.

        ``rule`` says why a person is asked.
        """
        ...


class Sink(Protocol):
    """A ticket or CRM system. Every method but ``preview`` and the properties may call it.

    Raises ``errors.SinkError`` and its kin: of authentication, of fields, of limits, of a call
    whose outcome is unknown (``SinkUnknownError``), which must be looked up by its key before it is
    tried again.
    """

    @property
    def name(self) -> str:
        """As the configuration calls it: ``desk``, ``jira``, ``our-jira``."""
        ...

    @property
    def target(self) -> str:
        """Which place it writes to: product, address, project. Part of the idempotency key."""
        ...

    @property
    def settles_s(self) -> float:
        """Seconds until ``find`` surely sees what was created; 0 where it is so at once."""
        ...

    def kind_for(self, schema: str) -> str | None:
        """The sink's object that a record of this schema becomes; None: it takes none such."""
        ...

    def default_fields(self, schema: str) -> Mapping[str, str]:
        """The sink's field to the record's, where the configuration says nothing.

        ``@text`` stands for the source's text with the evidence, ``@source`` for its name;
        ``{"*": "*"}`` for each field of the record, under its own name.
        """
        ...

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        """The fields that the sink's own metadata names for this object."""
        ...

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        """What would undo it (close, delete, restore the old fields); None: it can't be.

        Of a comment: the deletion of a ``comment``. Its ``key`` is for who proposes it to give.
        """
        ...

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        """The requests that ``write`` would make; calls nothing and shows no secret."""
        ...

    def check(self) -> str:
        """Who we are to the sink, as it says; raises what is wrong with address or key."""
        ...

    def find(self, kind: str, key: str) -> SinkEntry | None:
        """What was created under this idempotency key."""
        ...

    def read(self, kind: str, external_id: str) -> SinkEntry:
        """The entry as it is now. NotFoundError."""
        ...

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        """Open entries that may be on the same issue (or the same person), likeliest first."""
        ...

    def write(self, write: SinkWrite) -> Receipt:
        """Do it, once. What the sink has already under this key is returned as ``replayed``.

        That holds for entries and comments, which carry the key; other writes lead to the same
        when they are done again, so that an unknown outcome may simply be tried again.
        When it returns, the sink has it; when it raises anything but SinkUnknownError, it has not.
        """
        ...
