"""What extraction and actions need from outside: ports, beside those of ``ports.py``.

Invariant: as there, a real adapter and a shipped double pass the same contract suite; what blocks
is synchronous, and a use case calls it in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from copilot.events import ModelAttempt
from copilot.extracted import Json, StructuredAnswer, StructuredRequest
from copilot.messages import Usage
from copilot.proposals import (
    Change,
    Decision,
    DeskChange,
    OutboxContent,
    Proposal,
    ProposalState,
    Receipt,
    SinkCall,
    SinkEntry,
    SinkField,
    SinkWrite,
    Standing,
)


class StructuredModel(Protocol):
    """A chat model that answers with JSON of a given schema."""

    def complete(
        self, request: StructuredRequest
    ) -> AsyncIterator[ModelAttempt | StructuredAnswer]:
        """A ModelAttempt for each request that ended, then the answer; or raises a ModelError.

        The answer is JSON, and no more is promised of it: providers leave keywords out. Each
        request is paid for out of the purse that it was given; BudgetError when that says no.
        """
        ...

    def most(self, request: StructuredRequest) -> Usage:
        """What one request comes to at most, as of ``ports.ChatModel``. Blocks."""
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
        """The fields that the sink's own metadata names for this object; ``*``: any it takes."""
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
        NotFoundError: what is to be changed isn't there (of a deletion: it is ``replayed``).
        When it returns, the sink has it; when it raises anything but SinkUnknownError, it has not.
        """
        ...


@runtime_checkable
class Translates(Protocol):
    """A sink that says some of what records say in words of its own."""

    def default_values(self, schema: str) -> Mapping[str, Mapping[str, str]]:
        """By field of ``default_fields``: the sink's value for the record's."""
        ...


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """``valid``: its country gives out such numbers; otherwise only its length is possible.

    ``mobile``: such numbers are mobile ones, and never fixed ones.
    """

    e164: str
    valid: bool
    mobile: bool = False


class PhoneNumbers(Protocol):
    """How countries write telephone numbers."""

    def read(self, written: str, *, region: str) -> PhoneNumber | None:
        """The number, without extension; None: it can't be one.

        ``region`` is the country that a number without a country code belongs to.
        """
        ...


class DateWords(Protocol):
    """Dates in the words of many languages."""

    def read(self, written: str) -> date | None:
        """The day that these words name, with its year; None: they name none, or not for sure."""
        ...


class HeldProposal(Protocol):
    """A proposal that nobody else may change for now."""

    @property
    def standing(self) -> Standing: ...

    def note(self, change: Change) -> Standing:
        """Write the change down; it is on the disk when the call returns.

        StorageError when it can't be written; then it didn't happen.
        """
        ...

    def strip(self, bare: Standing) -> None:
        """Keep this in its place, and no byte of what was there; all of it or nothing."""
        ...


class Outbox(Protocol):
    """Proposals and what became of them; only added to, but for texts that are to go.

    StorageError, with the file's name, where one can't be read or written.
    """

    def propose(self, proposal: Proposal) -> Standing:
        """Take it in, to wait for a decision. One whose id is known stays as it is, and is told."""
        ...

    def reading(self, source: str) -> AbstractContextManager[None]:
        """Nobody else proposes of the text of this digest until the block ends.

        StorageError when another does for too long.
        """
        ...

    def get(self, prefix: str) -> Standing:
        """The one whose id begins so. NotFoundError; UsageError when several do."""
        ...

    def content(self, states: Collection[ProposalState] = (), *, source: str = "") -> OutboxContent:
        """All in these states (none given: in any), and whatever is seen to be damaged.

        ``source``: only those that were read from the text of this digest.
        """
        ...

    def overview(self, states: Collection[ProposalState] = ()) -> OutboxContent:
        """As ``content``, each ``in_brief``: quick for thousands, and again where few changed."""
        ...

    def hold(
        self, proposal_id: str, *, wait_s: float = 0.0
    ) -> AbstractContextManager[HeldProposal]:
        """Have it alone, over processes; one that dies lets go.

        NotFoundError, and StorageError when another has it for longer than ``wait_s``.
        """
        ...


class DeskReader(Protocol):
    """The local desk as people look at it; changes nothing."""

    def entries(
        self, *, kind: str = "", state: str = "", search: str = "", limit: int | None = None
    ) -> list[SinkEntry]:
        """Newest first. ``search``: words, all of which stand somewhere in an entry."""
        ...

    def entry(self, number: str) -> SinkEntry:
        """The entry ``T-1``. NotFoundError."""
        ...

    def history(self, number: str) -> list[DeskChange]:
        """What became of an entry since it was made, oldest first."""
        ...

    def kinds(self) -> tuple[str, ...]:
        """The kinds that the desk knows of itself; others are people's own schemas."""
        ...
