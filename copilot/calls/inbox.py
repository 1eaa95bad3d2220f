"""Calls about proposals: list them, look at one, decide, send again, take back.

Invariant: whoever agrees says to what: ``look`` names what they saw, and what looks otherwise by
then is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot.extracted import Evidence, Json
from copilot.proposals import DamagedProposal, FieldChange, ProposalState, Standing


@dataclass(frozen=True, slots=True)
class ListProposals:
    """Asks for all proposals, a page at a time: what waits first, then the newest.

    ``listing`` is that of the page before; empty for the first, which looks anew.
    """

    listing: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal in a line. ``at``: ISO 8601. ``suspicious``: its text tries to tell its reader
    what to do.
    """

    id: str
    state: ProposalState
    sink: str
    what: str
    title: str
    at: str
    error: str = ""
    suspicious: bool = False


@dataclass(frozen=True, slots=True)
class Proposals:
    """A page of ``total`` in all, and how many of these are in each state (``counts``).

    ``damaged`` can't be read, and is told with the first page.
    """

    rows: tuple[ProposalRow, ...]
    total: int
    listing: str
    counts: Mapping[str, int]
    damaged: tuple[DamagedProposal, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowProposal:
    """Asks for one, as it stands now."""

    id: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A field of the sink, with the words that state it: offsets count in ``source_text``.

    ``read_by``: rules, a model, a person; empty for what isn't the record's own, such as the text.
    ``confidence``: the least of what it is made of.
    """

    change: FieldChange
    evidence: tuple[Evidence, ...] = ()
    confidence: float | None = None
    read_by: str = ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the policy says of it now. ``ruling`` is empty where the policy can't be read.

    ``missing``: how many persons more have to agree. ``passed_over``: rules, and why not they.
    """

    ruling: str
    rule: str
    reason: str = ""
    missing: int | None = None
    passed_over: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """All that a person decides by. ``may``: what can be done with it: approve, edit, reject,
    retry, undo, again. ``look`` is to be given back by who agrees.
    """

    row: ProposalRow
    standing: Standing
    warnings: tuple[str, ...]
    changes: tuple[ShownChange, ...]
    ruled: Ruled
    may: tuple[str, ...]
    look: str


@dataclass(frozen=True, slots=True)
class ApproveProposal:
    """Agrees to what has this ``look``, and sends it."""

    id: str
    look: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CorrectProposal:
    """Puts the edited record in its place, agrees to that, and sends it."""

    id: str
    look: str
    record: Mapping[str, Json]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RejectProposal:
    id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RetryProposal:
    """Sends now what was agreed to and failed; asks the sink first where that is in doubt."""

    id: str


@dataclass(frozen=True, slots=True)
class UndoProposal:
    """Proposes to take back what was sent. ``again``: also where such a proposal was rejected."""

    id: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class RepeatProposal:
    """Proposes the same record once more: there is one new entry for each ``word``."""

    id: str
    word: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Where it stands after it. ``ours``: what was said counted; others may have been faster."""

    shown: ShownProposal
    ours: bool = True


Call = (
    ListProposals
    | ShowProposal
    | ApproveProposal
    | CorrectProposal
    | RejectProposal
    | RetryProposal
    | UndoProposal
    | RepeatProposal
)
Reply = Proposals | ShownProposal | Settled
