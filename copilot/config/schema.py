"""Every setting, its type, default and one-line meaning.

Invariant: an unknown key is an error, never ignored; ``config.example.toml`` is generated
from these models, so a description here is what users read there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from copilot.config.budgets import BudgetSettings
from copilot.config.cache import CacheSettings
from copilot.config.models import ModelSettings
from copilot.config.records import ActionSettings, ExtractionSettings
from copilot.config.sections import Section
from copilot.inputs import MEASURED, PASSAGES_FOR_AN_ANSWER, Retrieval


class PrincipalSettings(Section):
    """Who asks. Decides which labelled documents are visible."""

    name: str = Field("local", description="Name that stands in the ledger.")
    groups: tuple[str, ...] = Field(
        (),
        description="Groups; a labelled document is visible to its groups only.",
    )


class EmbeddingSettings(Section):
    """Which model turns text into vectors. Changing it means `copilot index rebuild`."""

    model: str = Field(
        "all-MiniLM-L6-v2",
        description="Bundled all-MiniLM-L6-v2, a sentence-transformers name or folder, "
        "or litellm:PROVIDER/MODEL.",
    )
    threads: int = Field(0, ge=0, description="CPU threads; 0 takes all.")


class IndexSettings(Section):
    """What is read into the index."""

    max_file_mb: float = Field(50.0, gt=0, description="Larger files are skipped and listed.")
    hidden: bool = Field(False, description="Read files and folders whose names begin with a dot.")
    follow_links: bool = Field(False, description="Follow symbolic links (loops are cut).")
    passage_tokens: int = Field(220, ge=32, le=2000, description="Target size of a passage.")
    keep_days: float = Field(
        7.0,
        ge=0,
        description="How long an older state is kept for `copilot runs replay`: removed documents "
        "too, and never in more room than the index itself takes, or 100 MB. A sync deletes it, "
        "at most a day later.",
    )


class SearchSettings(Section):
    """How passages are found."""

    limit: int = Field(10, ge=1, le=200, description="Hits that `copilot search` shows.")
    candidates: int = Field(
        MEASURED.candidates,
        ge=5,
        le=200,
        description="Passages that a query takes from either side, vectors and words, to rank.",
    )
    dense_weight: float = Field(
        MEASURED.dense,
        ge=0,
        le=10,
        description="What the nearness of a whole passage counts.",
    )
    support_weight: float = Field(
        MEASURED.support, ge=0, le=10, description="The same of its nearest sentences."
    )
    lexical_weight: float = Field(
        MEASURED.lexical, ge=0, le=10, description="The same of the words that both have (BM25)."
    )
    title_weight: float = Field(
        MEASURED.title, ge=0, le=10, description="The same of the words in its title and headings."
    )
    feedback: bool = Field(
        MEASURED.feedback,
        description="Rank once more, towards what the best five have in common.",
    )

    @property
    def retrieval(self) -> Retrieval:
        """What of it decides which passages are found."""
        return Retrieval(
            self.candidates,
            self.dense_weight,
            self.support_weight,
            self.lexical_weight,
            self.title_weight,
            self.feedback,
        )


class AnswerSettings(Section):
    """How answers are made."""

    passages: int = Field(
        PASSAGES_FOR_AN_ANSWER,
        ge=1,
        le=200,
        description="Passages that an answer is made from: quotes are chosen from all, a chat "
        "model is given sentences of the best twenty.",
    )

    max_words: int = Field(
        120,
        ge=20,
        description="Length of an answer, procedures apart; a chat model is only asked to keep it.",
    )
    abstain_below: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Quote nothing below this confidence; default: calibrated. A chat model "
        "judges for itself.",
    )
    evidence_tokens: int = Field(
        1_600,
        ge=100,
        le=200_000,
        description="Tokens of passages that a chat model is given: the sentences that are nearest "
        "to the question, of the best passages. No more than its window leaves room for.",
    )
    history_turns: int = Field(
        6,
        ge=0,
        description="Turns before, questions and answers each counted, that a chat model is "
        "given. The search always reads the last question and answer.",
    )


class LedgerSettings(Section):
    """What is remembered of each run."""

    enabled: bool = Field(True, description="Write runs to the ledger.")
    bodies: bool = Field(
        True,
        description="Keep questions, answers and quotes in the ledger, not only figures. Either "
        "way, conversations are kept for follow-ups, in the folder that `copilot config path "
        "conversations` names: delete them there, or ask with --batch, which keeps none.",
    )


class AuditSettings(Section):
    """The audit trail: who changed keys, trust, the index or the records, and when."""

    anchor: str = Field(
        "",
        description="A file on another disk or share that keeps the trail's newest digest, so "
        "that a cut trail is found out; one home each. Default: in the state folder.",
    )

    @field_validator("anchor")
    @classmethod
    def _one_place(cls, anchor: str) -> str:
        if anchor and not anchor.startswith(("/", "~")):
            raise ValueError("must be a whole path: another folder would have another anchor")
        return anchor


class TelemetrySettings(Section):
    """Where `copilot ledger export otlp` sends runs and metrics. Nothing leaves unless it runs."""

    endpoint: str = Field(
        "", description="OpenTelemetry collector (OTLP over HTTP), e.g. http://localhost:4318."
    )
    key: str = Field("", description="Name of the stored key that the collector wants.")
    header: str = Field(
        "Authorization", description="Header that carries the key, which is sent as it is stored."
    )
    content: bool = Field(
        False, description="Send questions and answers too, redacted, not only figures."
    )


class RetentionSettings(Section):
    """How many days `copilot ledger purge` leaves; 0 keeps for ever. A legal hold goes before."""

    bodies_days: int = Field(
        0, ge=0, description="Texts in the ledger: questions, answers, quotes. Figures stay."
    )
    runs_days: int = Field(0, ge=0, description="All of a run, its figures too.")
    conversations_days: int = Field(
        0,
        ge=0,
        description="Conversations and what was attached to them, from their last turn on.",
    )
    logs_days: int = Field(0, ge=0, description="Log files, from their last line on.")
    proposals_days: int = Field(
        0, ge=0, description="Texts of proposals that are over: sent, rejected, failed for good."
    )


StatsFigure = Literal[
    "runs",
    "cost",
    "cost_per_success",
    "error_rate",
    "degraded_rate",
    "abstained_rate",
    "latency_p50",
    "latency_p95",
    "first_text_p95",
    "grounded",
    "cites_top3",
    "good_ratings",
    "violations",
    "cache_false_hits",
]
DriftFigure = Literal["query_drift", "score_drift"]
IndexFigure = Literal["index_age", "index_lag_p95"]
_PERIOD = r"^\d{1,6}(m|min|h|d|w)$"


class AlertRule(Section):
    """A figure over the last `window` and the bound that it may not be `above` or `below`.

    Money is in US dollars, times are in seconds, age and lag of the index in hours, shares
    from 0 to 1. A drift compares the window with the `reference` time before it.
    """

    figure: Literal[StatsFigure, DriftFigure, IndexFigure]
    above: float | None = None
    below: float | None = None
    window: str = Field("1h", pattern=_PERIOD)
    reference: str = Field("4w", pattern=_PERIOD)
    least_runs: int = Field(20, ge=0)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("needs either above or below")
        return self


class AlertSettings(Section):
    """What `copilot alerts check` looks at, and whom it tells when an alert begins or ends."""

    rules: dict[str, AlertRule] = Field(
        default_factory=dict,
        description="By name: a figure, a bound (above or below), a window, and the fewest runs "
        "(least_runs, 20) that say something. Figures: cost, cost_per_success (dollars), runs, "
        "error_rate, degraded_rate, abstained_rate, grounded, cites_top3, good_ratings, "
        "violations, cache_false_hits (0 to 1), latency_p50, latency_p95, first_text_p95 "
        "(seconds), index_age and, of changed documents, index_lag_p95 (hours), query_drift "
        "(population stability index) and score_drift (Kolmogorov-Smirnov) against the "
        "`reference` (4w) before.",
    )
    command: tuple[str, ...] = Field(
        (), description="Program and arguments; it gets the alert as JSON on stdin. No shell."
    )
    webhook: str = Field("", description="Address that gets the same JSON by POST.")
    webhook_key: str = Field(
        "", description="Or the name of the stored key that holds the address, if it is secret."
    )
    remind: str = Field(
        "24h", pattern=_PERIOD, description="An alert that still holds is told again after this."
    )


class KpiSettings(Section):
    """What `copilot stats kpi` holds its figures against. Shares: 0.95 is 95 per cent."""

    baseline_days: int = Field(
        182, ge=1, description="A change is counted from a period of the same length so long ago."
    )
    task_success_change: float = Field(
        0.10, ge=-1, description="Runs that succeed: at least this much above the baseline."
    )
    fallback_change: float = Field(
        -0.15, ge=-1, description="Degraded runs: at most this much above the baseline."
    )
    hallucination_max: float = Field(
        0.05, ge=0, le=1, description="Answers that show a sentence their sources don't bear out."
    )
    critical_max: float = Field(
        0.02, ge=0, le=1, description="Critical cases of the evaluations that fail."
    )
    grounding_min: float = Field(
        0.95, ge=0, le=1, description="Sentences shown that their sources bear out."
    )
    format_min: float = Field(0.99, ge=0, le=1, description="Extractions that are valid at last.")
    violation_max: float = Field(
        0.001, ge=0, le=1, description="Guarded runs whose output a guard flagged or blocked."
    )
    leaks_max: int = Field(0, ge=0, description="Runs that somebody tagged `leak`.")
    latency_p95_s: float = Field(2.5, gt=0, description="Seconds, the 95th percentile of runs.")
    tools_latency_p95_s: float = Field(4.0, gt=0, description="The same, of runs with tools.")
    availability_min: float = Field(
        0.999, ge=0, le=1, description="Runs that didn't fail and met no limit."
    )
    cost_change: float = Field(
        -0.10, ge=-1, description="Cost of a successful run: at most this much above the baseline."
    )
    cache_hit_min: float = Field(0.20, ge=0, le=1, description="Looks into the cache that hit.")
    cache_false_max: float = Field(0.01, ge=0, le=1, description="Checked hits that were wrong.")
    top3_change: float = Field(
        0.0, ge=-1, description="Answers citing rank 1 to 3: at least this much above the baseline."
    )
    freshness_hours: float = Field(
        24.0, gt=0, description="From a document's change to its being answerable: in time so long."
    )
    freshness_min: float = Field(
        0.95, ge=0, le=1, description="Changed documents that were answerable in time."
    )
    index_age_hours: float = Field(
        24.0, gt=0, description="Age of the index at a search, its 95th percentile."
    )
    eval_coverage_min: float = Field(
        0.80, ge=0, le=1, description="Workflows, commands and prompts that have a suite."
    )
    regressions_max: int = Field(0, ge=0, description="Releases in a quarter that made it worse.")
    experiments_min: float = Field(2.0, ge=0, description="Experiments decided in a month.")
    satisfaction_min: float = Field(0.80, ge=0, le=1, description="Ratings that are good.")


class OutputSettings(Section):
    """How the terminal is used."""

    color: Literal["auto", "never", "always"] = Field("auto", description="NO_COLOR wins.")
    links: Literal["auto", "never", "always"] = Field("auto", description="OSC 8 links to sources.")


class TuiSettings(Section):
    """The terminal application: `copilot` without a command."""

    theme: str = Field(
        "",
        description="Its theme, by name, e.g. copilot-light or nord; empty: copilot-dark, or "
        "copilot-light where the terminal says that its background is light.",
    )
    keys: dict[str, str] = Field(
        default_factory=dict,
        description="Other keys, by what they do: F1 in the application lists the names, "
        "`copilot config check` names wrong ones. Several keys are separated by commas.",
    )

    @field_validator("keys", mode="before")
    @classmethod
    def _by_dotted_name(cls, keys: object) -> object:
        """TOML reads ``app.quit = "ctrl+x"`` as a table in a table."""
        return _dotted(keys) if isinstance(keys, dict) else keys

    @field_validator("keys")
    @classmethod
    def _named(cls, keys: dict[str, str]) -> dict[str, str]:
        for name, key in keys.items():
            if not key.strip(", "):
                raise ValueError(f"needs a key for {name}")
        return keys


def _dotted(keys: Mapping[str, object], before: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in keys.items():
        if isinstance(value, dict):
            found |= _dotted(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


class Settings(Section):
    """The whole configuration."""

    principal: PrincipalSettings = PrincipalSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    index: IndexSettings = IndexSettings()
    search: SearchSettings = SearchSettings()
    answer: AnswerSettings = AnswerSettings()
    models: ModelSettings = ModelSettings()
    budgets: BudgetSettings = BudgetSettings()
    cache: CacheSettings = CacheSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    actions: ActionSettings = ActionSettings()
    ledger: LedgerSettings = LedgerSettings()
    retention: RetentionSettings = RetentionSettings()
    audit: AuditSettings = AuditSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    alerts: AlertSettings = AlertSettings()
    kpi: KpiSettings = KpiSettings()
    output: OutputSettings = OutputSettings()
    tui: TuiSettings = TuiSettings()
