"""What happens outside the stream of an answer, as the ledger takes it: one value a happening.

Invariant: frozen; money is whole micro-dollars, durations are milliseconds. Only a field made by
``said`` holds what a person, a document or a model wrote; the others are names, places and
figures, which stay when texts are deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

_SAID = "said"


def said() -> str:
    """A field, empty by default, for a text that is kept by its digest and may be deleted."""
    text: str = field(default="", metadata={_SAID: True})
    return text


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """What a person thought of a run. Of several by one person the last one counts.

    ``correction`` is the answer that should have been given. ``tags`` are short names.
    """

    rating: Literal["good", "bad"]
    principal: str
    tags: tuple[str, ...] = ()
    comment: str = said()
    correction: str = said()


@dataclass(frozen=True, slots=True)
class GuardChecked:
    """A guard's verdict. ``subject`` names what was checked (a passage, a tool), ``rule`` why.

    ``findings`` counts what was found, ``score`` is the guard's own, if it has one.
    """

    guard: str
    stage: Literal["input", "retrieved", "egress", "output", "tool", "log"]
    verdict: Literal["passed", "flagged", "redacted", "blocked"]
    rule: str = ""
    subject: str = ""
    findings: int = 0
    score: float | None = None
    latency_ms: float = 0.0
    reason: str = said()


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A call of a tool that ended, or was not allowed to begin.

    ``arguments`` and ``result`` are JSON. ``tainted``: an argument derives from retrieved text.
    """

    tool: str
    effect: Literal["read", "write", "exec"]
    outcome: Literal["ok", "failed", "timed_out", "denied"]
    tainted: bool = False
    error_type: str = ""
    latency_ms: float = 0.0
    arguments: str = said()
    result: str = said()
    error: str = said()


@dataclass(frozen=True, slots=True)
class ApprovalDecided:
    """The decision on a proposal: a person's, by name, or that of a policy, by its rule."""

    proposal: str
    action: str
    decision: Literal["approved", "edited", "rejected"]
    decided_by: Literal["person", "policy"]
    principal: str = ""
    rule: str = ""
    waited_ms: float = 0.0
    reason: str = said()


@dataclass(frozen=True, slots=True)
class ExtractionFinished:
    """What became of one input of ``extract``; ``record`` is the JSON that was returned.

    ``valid`` at the first answer, ``repaired`` after more, ``invalid`` when none would do;
    ``failed_fields`` are the paths that didn't validate, at first or at last.
    """

    schema: str
    schema_version: str
    outcome: Literal["valid", "repaired", "invalid"]
    answers: int = 1
    failed_fields: tuple[str, ...] = ()
    source: str = ""
    latency_ms: float = 0.0
    record: str = said()


@dataclass(frozen=True, slots=True)
class FlagEvaluated:
    """Which variant of a flag was in force, and why (OpenFeature's reasons)."""

    flag: str
    variant: str
    reason: Literal["static", "default", "targeting_match", "split", "disabled", "error"]
    principal: str = ""


@dataclass(frozen=True, slots=True)
class CacheUsed:
    """A look into the answer cache. ``source_run`` made the answer that was found.

    ``checked``: whether a fresh call bore the hit out; ``wrong`` is a false hit.
    """

    tier: Literal["exact", "semantic", "provider"]
    outcome: Literal["hit", "miss", "stored", "rejected", "bypassed"]
    source_run: str = ""
    similarity: float | None = None
    checked: Literal["", "right", "wrong"] = ""
    saved_microusd: int = 0
    saved_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    """Money and tokens set aside, settled or given back, or a limit that was met.

    ``amount_microusd`` is what this changed; ``spent_microusd`` what the budget stands at after
    it, reservations included; ``limit_microusd`` its limit, if it has one. The same in tokens.
    ``limited``: cheaper models go first; ``refused``: the request wasn't made.
    """

    budget: str
    change: Literal["reserved", "settled", "released", "expired", "limited", "refused"]
    amount_microusd: int
    spent_microusd: int
    limit_microusd: int | None = None
    period: str = ""
    amount_tokens: int = 0
    spent_tokens: int = 0
    limit_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class EvalScored:
    """One scorer's verdict on one case. ``evaluation`` is the id of the whole evaluation.

    ``cluster``: cases that share a source document; ``critical``: must never fail.
    """

    evaluation: str
    suite: str
    case: str
    scorer: str
    outcome: Literal["passed", "failed", "unscored"]
    score: float | None = None
    critical: bool = False
    cluster: str = ""
    release: str = ""
    reason: str = said()


Record = (
    FeedbackGiven
    | GuardChecked
    | ToolCalled
    | ApprovalDecided
    | ExtractionFinished
    | FlagEvaluated
    | CacheUsed
    | BudgetChanged
    | EvalScored
)

# What a person said or decided, and money: on the disk itself when it is acknowledged.
FLUSHED = (FeedbackGiven, ApprovalDecided, BudgetChanged)


def texts_of(kind: type[Record]) -> frozenset[str]:
    """The names of the fields that hold texts."""
    return frozenset(one.name for one in fields(kind) if one.metadata.get(_SAID))
