"""A record on its way to a sink: what is proposed, who decided, what became of it.

Invariant: frozen; a proposal's ``id`` is its idempotency key, made of its content and its target,
so that the same write proposed twice is one proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from copilot.extracted import FieldValue, Json

Operation = Literal["create", "update", "comment", "close", "delete", "restore"]
Ruling = Literal["allow", "ask", "deny", "two_persons"]


class ProposalState(StrEnum):
    """Where a proposal stands. ``SENDING`` may have been accepted; only the sink knows."""

    WAITING = "waiting"  # for a decision, or for the second person's
    APPROVED = "approved"  # to be sent
    SENDING = "sending"  # a call was begun and its outcome isn't written down
    RETRYING = "retrying"  # failed for now; tried again after a while
    SENT = "sent"
    REJECTED = "rejected"
    DEAD = "dead"  # failed for good; `actions retry` tries again
    UNDONE = "undone"  # was sent, and an undo of it was sent too


@dataclass(frozen=True, slots=True)
class Taint:
    """Why a proposal isn't to be trusted blindly; empty: nothing is known against it.

    ``injection``: the text tells its reader what to do. ``unproven``: a field has no evidence.
    ``model``: a model read it. ``edited``: a person changed it.
    """

    injection: bool = False
    unproven: bool = False
    model: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One of the sink's fields, by the sink's name, as it is and as it would be."""

    field: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class SinkWrite:
    """A write as a sink takes it: ``values`` under the sink's own field names.

    ``kind``: the sink's object (``ticket``, ``contact``, ``deal``, ``issue`` …). ``key``: the
    idempotency key, which the sink stores with what it creates, so that it is found again.
    ``external_id`` is empty for a creation. A comment's values are ``{"comment": text}``, a
    closure's and a deletion's none, a restoration's the fields as they were.
    """

    operation: Operation
    kind: str
    values: Mapping[str, Json]
    key: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class SinkEntry:
    """What a sink holds: ``values`` under the sink's own field names, ``open`` if it isn't done."""

    kind: str
    external_id: str
    values: Mapping[str, Json]
    url: str = ""
    title: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class DeskChange:
    """What was done to an entry of the local desk, and when; a comment has its text."""

    at: datetime
    operation: str
    changes: tuple[FieldChange, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sink answered to a write. ``before``: the fields that it changed, as they were.

    ``external_id`` is that of the entry; of a comment its own, for it to be deleted by.
    """

    external_id: str
    url: str = ""
    before: Mapping[str, Json] = field(default_factory=dict)
    replayed: bool = False  # the sink had it already, by its key


@dataclass(frozen=True, slots=True)
class SinkCall:
    """A request as it would be made, for people: no secret in it."""

    method: str
    url: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class SinkField:
    """A field of a sink's object, from the sink's own metadata."""

    name: str
    label: str = ""
    type: str = "string"
    required: bool = False
    choices: tuple[str, ...] = ()
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """A write that waits for a decision. Nothing is sent that isn't in here.

    ``record`` and ``fields`` are what was extracted (after edits), ``write`` what they come to at
    the sink, ``changes`` the difference to what it holds, ``calls`` what would be called.
    ``duplicates``: open entries on the same issue. ``undoes``: the proposal that this one undoes.
    ``source_text``: the passage of the source that a person reads beside it, which begins at
    ``source_start`` of it. ``target`` is the sink's, as it was when this was proposed; ``groups``
    are those of ``principal`` then. ``searched``: open entries on the same issue were looked for.
    ``again``: the word under which it is filed once more, beside what the same text made before.
    """

    id: str
    sink: str
    schema: str
    schema_version: str
    record: Mapping[str, Json]
    fields: Mapping[str, FieldValue]
    write: SinkWrite
    principal: str
    created_at: datetime
    changes: tuple[FieldChange, ...] = ()
    calls: tuple[SinkCall, ...] = ()
    duplicates: tuple[SinkEntry, ...] = ()
    taint: Taint = field(default_factory=Taint)
    run_id: str = ""
    source_name: str = ""
    source_digest: str = ""
    ordinal: int = 0
    source_text: str = ""
    undoes: str = ""
    target: str = ""
    source_start: int = 0
    groups: tuple[str, ...] = ()
    searched: bool = True
    again: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was said of a proposal, by whom or by which rule, and of exactly what.

    ``digest``: SHA-256 of the write and its evidence that was decided on.
    """

    verdict: Literal["approved", "edited", "rejected"]
    by: Literal["person", "policy"]
    principal: str
    at: datetime
    digest: str
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal and what became of it until now, as the outbox tells.

    ``called_at``: when the sink was called last; from then on it may hold the entry.
    """

    proposal: Proposal
    state: ProposalState
    decisions: tuple[Decision, ...] = ()
    attempts: int = 0
    receipt: Receipt | None = None
    error: str = ""
    hint: str = ""
    not_before: datetime | None = None  # of a retry
    changed_at: datetime | None = None
    called_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a proposal at a moment; see ``after``. ``decision`` is one more."""

    at: datetime
    state: ProposalState
    proposal: Proposal | None = None
    decision: Decision | None = None
    attempts: int | None = None
    receipt: Receipt | None = None
    error: str = ""
    hint: str = ""
    not_before: datetime | None = None
    called_at: datetime | None = None


def after(standing: Standing, change: Change) -> Standing:
    """Where it stands after the change: what that leaves out stays, but for what had failed."""
    decision = change.decision
    return Standing(
        proposal=change.proposal or standing.proposal,
        state=change.state,
        decisions=(*standing.decisions, decision) if decision else standing.decisions,
        attempts=standing.attempts if change.attempts is None else change.attempts,
        receipt=change.receipt or standing.receipt,
        error=change.error,
        hint=change.hint,
        not_before=change.not_before,
        changed_at=change.at,
        called_at=change.called_at or standing.called_at,
    )


OVER = frozenset(
    {
        ProposalState.SENT,
        ProposalState.REJECTED,
        ProposalState.DEAD,
        ProposalState.UNDONE,
    }
)


def without_texts(standing: Standing, *, named: Callable[[str], str]) -> Standing:
    """What has to stay of one that is over, so that it isn't sent a second time: no text.

    ``named`` gives the name under which a person stays.
    """
    proposal = standing.proposal
    bare = replace(
        proposal,
        record={},
        fields={},
        write=replace(proposal.write, values={}),
        principal=named(proposal.principal),
        changes=(),
        calls=(),
        duplicates=(),
        source_name="",
        source_digest="",
        source_text="",
        groups=(),
        again="",
    )
    decisions = tuple(
        replace(one, principal=named(one.principal), digest="", reason="")
        for one in standing.decisions
    )
    receipt = replace(standing.receipt, before={}) if standing.receipt else None
    return replace(standing, proposal=bare, decisions=decisions, receipt=receipt, error="", hint="")


def in_brief(standing: Standing) -> Standing:
    """As much of it as a list shows; what is long is read again by who looks at it."""
    proposal = standing.proposal
    brief = replace(
        proposal,
        fields={},
        write=replace(proposal.write, values={}),
        changes=(),
        calls=(),
        duplicates=(),
        source_text="",
    )
    return replace(standing, proposal=brief)


def lost_its_texts(proposal: Proposal) -> bool:
    """Whether what it would write is gone: a closure and a deletion need no more than they keep."""
    write = proposal.write
    says = write.operation not in ("close", "delete")
    return says and not (write.values or proposal.fields or proposal.record)


@dataclass(frozen=True, slots=True)
class DamagedProposal:
    """One that can't be read any more: where it is, and what is wrong with it."""

    id: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class OutboxContent:
    """What an outbox holds, oldest first."""

    standings: tuple[Standing, ...] = ()
    damaged: tuple[DamagedProposal, ...] = ()
