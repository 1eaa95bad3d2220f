"""Metrics as Prometheus text, in a file that node_exporter's textfile collector reads.

Invariant: a reader sees the file of before or the file of after, never a part. This is the only
module that knows the Prometheus client.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.errors import StorageError, UsageError
from copilot.signals import Metric

if TYPE_CHECKING:
    from prometheus_client.core import Metric as Family

# Figures, no texts: node_exporter runs as somebody else and must be able to read them.
_MODE = 0o644


class PrometheusFile:
    """The ``MetricSink`` that is a file."""

    def __init__(self, path: Path) -> None:
        # The file behind a link is replaced, and the link stays.
        self._path = Path(os.path.realpath(path))

    def write(self, metrics: Sequence[Metric]) -> None:
        """Replace the file. Raises StorageError, and leaves what was there; UsageError for a
        device or a folder, which is never replaced.
        """
        draft: Path | None = None
        try:
            if self._path.exists() and not self._path.is_file():
                raise UsageError(f"{self._path} is no file", hint="name one, such as copilot.prom")
            # A name that the collector doesn't read: it takes *.prom alone.
            descriptor, name = tempfile.mkstemp(
                dir=self._path.parent, prefix=f".{self._path.name}.", suffix=".tmp"
            )
            draft = Path(name)
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(exposition(metrics))
                handle.flush()
                os.fsync(handle.fileno())
            draft.chmod(_MODE)
            draft.replace(self._path)
        except OSError as error:
            if draft is not None:
                draft.unlink(missing_ok=True)
            raise StorageError(
                f"{self._path} can't be written: {error.strerror or error}",
                hint="what was there stays",
            ) from error


def exposition(metrics: Sequence[Metric]) -> bytes:
    """The metrics in Prometheus' text format 0.0.4."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(metrics))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Given:
    """The client's collector that has its numbers already."""

    metrics: Sequence[Metric]

    def collect(self) -> Iterator[Family]:
        for metric in self.metrics:
            yield _family(metric)


def _family(metric: Metric) -> Family:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    labels = list(metric.labels)
    if metric.kind == "histogram":
        family = HistogramMetricFamily(metric.name, metric.help, labels=labels)
        bounds = [*(str(bound) for bound in metric.bounds), "+Inf"]
        for one in metric.distributions:
            counts = list(zip(bounds, map(float, one.counts), strict=True))
            family.add_metric(_texts(one.labels), counts, one.total)
        return family
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    simple = kind(metric.name, metric.help, labels=labels)
    for sample in metric.samples:
        simple.add_metric(_texts(sample.labels), sample.value)
    return simple


def _texts(labels: Sequence[str]) -> list[str]:
    """A label is UTF-8: a half of a surrogate pair is replaced."""
    return [label.encode("utf-8", "replace").decode("utf-8") for label in labels]
