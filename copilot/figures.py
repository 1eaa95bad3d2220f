"""What runs add up to: figures that the ledger's reader returns and its commands print.

Invariant: frozen, JSON-ready through ``messages.to_plain``; money is whole micro-dollars,
durations are milliseconds unless the name says seconds. A share of nothing is None, never 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

StatsGroup = Literal[
    "", "model", "hour", "day", "month", "route", "prompt", "status", "kind", "release"
]
FailureOrigin = Literal["run", "model", "tool"]

# The group of the runs that have no model, route or prompt.
NONE = "(none)"


@dataclass(frozen=True, slots=True)
class StatsRow:
    """Figures over the runs of one group; ``group`` is empty for all together.

    Ends: ``done`` counts the searches and index runs that came to their end, which answer
    nothing; ``answered`` leaves them out. ``failed`` counts failed and interrupted runs,
    ``interrupted`` the latter alone; ``other`` refused and limited ones, ``limited`` the latter
    alone. ``succeeded``: it ended as ``answered`` or ``done``, and nobody's last rating is bad.

    Money and time: ``cost_microusd`` sums the known prices, ``unpriced`` counts the runs without
    one. ``calls`` are requests to models, the failed ones included. Percentiles are over the runs
    that have the figure, None when none has: those of one kind, when the filter names one.
    ``with_tools`` counts the runs that called a tool, which have a percentile of their own.

    Grounding: ``cited`` is the number of answers with a citation, ``cited_top3`` those that cite
    a passage of rank 1 to 3. Of the sentences that were shown, ``supported`` are borne out by
    what they cite. ``checked`` counts the runs that showed a sentence, ``ungrounded`` those that
    showed one that isn't borne out. ``index_age_p95_s`` is how long before a run that searched
    the last sync of all sources had begun; ``index_aged`` runs have such a sync.

    Records: ``good`` and ``bad`` ratings, each person's last of each run. ``guarded`` counts the
    runs that a guard looked at, ``violating`` those in which it flagged or blocked what was on
    its way out, ``leaking`` those that somebody tagged ``leak``. An exact or semantic cache was
    looked into by ``cache_asked`` runs and answered ``cache_hits`` of them; of ``cache_checked``
    hits that a fresh call looked over, ``cache_wrong`` were false.
    """

    group: str = ""
    runs: int = 0
    answered: int = 0
    abstained: int = 0
    degraded: int = 0
    done: int = 0
    failed: int = 0
    other: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    saved_tokens: int = 0
    cost_microusd: int = 0
    unpriced: int = 0
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    first_token_p50_ms: float | None = None
    first_token_p95_ms: float | None = None
    cited: int = 0
    cited_top3: int = 0
    citations: int = 0
    dropped_sentences: int = 0
    interrupted: int = 0
    limited: int = 0
    succeeded: int = 0
    calls: int = 0
    failed_calls: int = 0
    sentences: int = 0
    supported: int = 0
    checked: int = 0
    ungrounded: int = 0
    index_aged: int = 0
    index_age_p95_s: float | None = None
    good: int = 0
    bad: int = 0
    guarded: int = 0
    violating: int = 0
    leaking: int = 0
    tool_calls: int = 0
    failed_tool_calls: int = 0
    with_tools: int = 0
    toolless_latency_p95_ms: float | None = None
    tools_latency_p95_ms: float | None = None
    extractions: int = 0
    valid_at_first: int = 0
    valid_at_last: int = 0
    cache_asked: int = 0
    cache_hits: int = 0
    cache_checked: int = 0
    cache_wrong: int = 0
    cache_saved_microusd: int = 0

    @property
    def top3_share(self) -> float | None:
        """Share of answers with citations that cite rank 1 to 3."""
        return share(self.cited_top3, self.cited)

    @property
    def citations_per_answer(self) -> float | None:
        return share(self.citations, self.cited)

    @property
    def success_share(self) -> float | None:
        return share(self.succeeded, self.runs)

    @property
    def abstention_share(self) -> float | None:
        return share(self.abstained, self.runs)

    @property
    def degradation_share(self) -> float | None:
        return share(self.degraded, self.runs)

    @property
    def available_share(self) -> float | None:
        """Share of the runs that weren't interrupted in which the asker got some answer."""
        ended = self.runs - self.interrupted
        return share(ended - (self.failed - self.interrupted) - self.limited, ended)

    @property
    def microusd_per_success(self) -> float | None:
        """All that the runs cost, over those that succeeded; a lower bound with ``unpriced``."""
        return share(self.cost_microusd, self.succeeded)

    @property
    def grounded_share(self) -> float | None:
        """Share of the sentences shown that are borne out by what they cite."""
        return share(self.supported, self.sentences)

    @property
    def ungrounded_share(self) -> float | None:
        """Share of the answers checked that showed a sentence that isn't borne out."""
        return share(self.ungrounded, self.checked)

    @property
    def good_share(self) -> float | None:
        return share(self.good, self.good + self.bad)

    @property
    def violating_share(self) -> float | None:
        return share(self.violating, self.guarded)

    @property
    def valid_at_first_share(self) -> float | None:
        return share(self.valid_at_first, self.extractions)

    @property
    def valid_share(self) -> float | None:
        """Share of extractions that were valid at last, repaired ones included."""
        return share(self.valid_at_last, self.extractions)

    @property
    def cache_hit_share(self) -> float | None:
        return share(self.cache_hits, self.cache_asked)

    @property
    def cache_false_share(self) -> float | None:
        """Share of the hits that were checked that were false."""
        return share(self.cache_wrong, self.cache_checked)


# The figures that a row derives from its others, by name.
DERIVED: tuple[str, ...] = tuple(
    name for name, value in vars(StatsRow).items() if isinstance(value, property)
)


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """Failures of one kind with the very same text: how many, when, and the last run with one.

    ``where`` names the model or tool that failed, or the kind of the run. ``message`` is None
    when there is no text, or none that is kept.
    """

    origin: FailureOrigin
    where: str
    error_type: str
    message: str | None
    count: int
    first_at: datetime
    last_at: datetime
    last_run: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """Where its last change left a budget: ``spent_microusd`` holds what is set aside, too."""

    budget: str
    period: str
    spent_microusd: int
    limit_microusd: int | None
    spent_tokens: int = 0
    limit_tokens: int | None = None

    @property
    def left_microusd(self) -> int | None:
        """None without a limit; never below zero."""
        if self.limit_microusd is None:
            return None
        return max(self.limit_microusd - self.spent_microusd, 0)

    @property
    def left_tokens(self) -> int | None:
        """As ``left_microusd``."""
        return None if self.limit_tokens is None else max(self.limit_tokens - self.spent_tokens, 0)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long the new content of ``documents`` waited until it was answerable.

    From the change of the file, or the sync of its source before if that is later; a source's
    first sync doesn't count. ``within`` of them waited no longer than ``within_s``.
    """

    documents: int = 0
    lag_p50_s: float | None = None
    lag_p95_s: float | None = None
    within: int = 0
    within_s: float = 0.0

    @property
    def within_share(self) -> float | None:
        return share(self.within, self.documents)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is so now, whatever the period: budgets, and when the last whole sync began.

    Whole: every source of the index could be reached and was read to its end. ``sources``: when
    the last sync began that read each of them to its end, by its name without its path.
    """

    synced_at: datetime | None
    budgets: tuple[BudgetState, ...] = ()
    sources: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Figures of one group: of ``every`` run, and of its ``asks`` alone, which are answered.

    ``runs`` is the choice of these runs as ``ledger.queries.as_text`` writes it.
    """

    every: StatsRow
    asks: StatsRow
    runs: str


@dataclass(frozen=True, slots=True)
class RuleState:
    """What an alert's rule found when it looked; ``value`` and ``fires`` are written with units.

    ``runs`` chooses the runs behind it, ``of`` is how many the figure rests on.
    """

    rule: str
    state: Literal["firing", "ok", "no data"]
    figure: str
    value: str
    fires: str
    window: str
    of: int
    runs: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the runs of a period come to, at one moment.

    ``before`` are those of the period before, None where there is none; ``left_out`` of the
    groups are too many to tell. ``recording``: whether runs are being recorded; ``ever``: whether
    any was. ``notices`` are what the ledger had to say.
    """

    at: datetime
    since: datetime | None
    by: StatsGroup
    now: GroupFigures
    before: GroupFigures | None
    groups: tuple[GroupFigures, ...]
    left_out: int
    freshness: Freshness
    standing: Standing
    rules: tuple[RuleState, ...]
    recording: bool
    ever: bool
    notices: tuple[str, ...] = ()


def share(part: float, whole: float) -> float | None:
    """``part`` of ``whole``; None of nothing."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class ModelTime:
    """How long a model's latest request that went well took, and when its run began."""

    at: datetime
    latency_ms: float
    first_token_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TriedRun:
    """A run that took part in an experiment.

    ``failed``: it did, or a model did and it was degraded. Of a reading: its ``records``, those
    that were valid the ``first`` time, and what people decided on what was proposed: approved as
    it was, ``edited``, ``rejected``, of ``decided``. ``checked``: it showed a sentence,
    ``ungrounded``: one that isn't borne out. ``good`` and ``bad`` ratings, each person's last.
    """

    variant: str
    unit: str
    succeeded: bool
    failed: bool = False
    abstained: bool = False
    checked: bool = False
    ungrounded: bool = False
    good: int = 0
    bad: int = 0
    cost_microusd: int | None = 0
    latency_ms: float | None = None
    records: int = 0
    first: int = 0
    decided: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
