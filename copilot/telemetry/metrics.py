"""What a ledger adds up to, as metrics for Prometheus, and for collectors of OpenTelemetry.

Invariant: counters only grow while the ledger keeps its runs; when retention drops some they
fall, which Prometheus takes for a restart: ``rate`` and ``increase`` stay right. Labels are
names from a closed or a small set, never a text, an id or a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from copilot.signals import Distribution, Metric, RequestTotals, Sample, Totals
from copilot.telemetry import names

# Seconds: from a quoted answer to a model that takes its time.
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
# As OpenTelemetry's GenAI conventions advise: of all durations in seconds, and of tokens.
SECONDS = tuple(0.01 * 2**n for n in range(14))
TOKENS = tuple(float(4**n) for n in range(14))


def metrics(totals: Totals, *, now: datetime) -> tuple[Metric, ...]:
    """All metrics; ``totals`` was made with ``BOUNDS``."""
    return (*_counters(totals), *_histograms(totals), *_moments(totals, now))


def _counters(totals: Totals) -> Iterator[Metric]:
    yield Metric(
        names.METRIC_RUNS, "counter", "Runs by how they ended.", ("kind", "status"), totals.runs
    )
    yield Metric(
        names.METRIC_REQUESTS,
        "counter",
        "Requests to models, retries included.",
        ("model", "outcome", "error"),
        totals.attempts,
    )
    yield Metric(
        names.METRIC_TOKENS,
        "counter",
        "Tokens of all requests.",
        ("model", "direction"),
        (
            *(Sample((*s.labels, "input"), s.value) for s in totals.input_tokens),
            *(Sample((*s.labels, "output"), s.value) for s in totals.output_tokens),
        ),
    )
    yield Metric(
        names.METRIC_COST,
        "counter",
        "What requests cost in US dollars, as far as prices are known.",
        ("model",),
        tuple(Sample(s.labels, s.value / 1_000_000) for s in totals.cost_microusd),
    )
    yield Metric(
        names.METRIC_UNPRICED,
        "counter",
        "Requests without a known price.",
        ("model",),
        totals.unpriced,
    )
    yield Metric(
        names.METRIC_SENTENCES,
        "counter",
        "Sentences checked against what they cite.",
        ("support", "action"),
        totals.sentences,
    )
    yield Metric(
        names.METRIC_FEEDBACK, "counter", "Ratings of answers.", ("rating",), totals.feedback
    )


def _histograms(totals: Totals) -> Iterator[Metric]:
    yield Metric(
        names.METRIC_RUN_SECONDS,
        "histogram",
        "How long runs took.",
        ("kind",),
        bounds=BOUNDS,
        distributions=totals.run_seconds,
    )
    yield Metric(
        names.METRIC_FIRST_TEXT_SECONDS,
        "histogram",
        "How long until the first text was shown.",
        ("kind",),
        bounds=BOUNDS,
        distributions=totals.first_text_seconds,
    )


def request_metrics(totals: RequestTotals) -> tuple[Metric, ...]:
    """OpenTelemetry's own metrics, those that have numbers; made with ``SECONDS``, ``TOKENS``."""
    model = (names.OPERATION, names.REQUEST_MODEL, names.PROVIDER)
    tool = (names.OPERATION, names.TOOL_NAME, names.ERROR_TYPE)

    def asked(found: Iterable[Distribution]) -> tuple[Distribution, ...]:
        """With the provider, which the model's name tells, after the model."""
        return tuple(
            replace(one, labels=(*one.labels[:2], names.provider(one.labels[1]), *one.labels[2:]))
            for one in found
        )

    all_of_them = (
        Metric(
            names.CLIENT_DURATION,
            "histogram",
            "How long requests to models took.",
            (*model, names.ERROR_TYPE),
            bounds=SECONDS,
            distributions=asked(totals.seconds),
            unit="s",
        ),
        Metric(
            names.CLIENT_FIRST_CHUNK,
            "histogram",
            "How long until a model's first text arrived.",
            model,
            bounds=SECONDS,
            distributions=asked(totals.first_chunk_seconds),
            unit="s",
        ),
        Metric(
            names.CLIENT_TOKENS,
            "histogram",
            "Tokens that requests to models used.",
            (*model, names.TOKEN_TYPE),
            bounds=TOKENS,
            distributions=asked(totals.tokens),
            unit="{token}",
        ),
        Metric(
            names.TOOL_DURATION,
            "histogram",
            "How long calls of tools took.",
            tool,
            bounds=SECONDS,
            distributions=tuple(
                replace(one, labels=(names.TOOL, *one.labels)) for one in totals.tool_seconds
            ),
            unit="s",
        ),
    )
    return tuple(metric for metric in all_of_them if metric.distributions)


def _moments(totals: Totals, now: datetime) -> Iterator[Metric]:
    for name, told, moment in (
        (names.METRIC_NEWEST_RUN, "When the newest run began.", totals.newest_run_at),
        (names.METRIC_NEWEST_SYNC, "When the index was last synced.", totals.newest_sync_at),
        (names.METRIC_WRITTEN, "When these figures were written.", now),
    ):
        if moment is not None:
            yield Metric(name, "gauge", told, samples=(Sample((), moment.timestamp()),))
