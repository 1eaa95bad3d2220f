"""OTLP over HTTP and in files, and Prometheus text; building one imports neither protobuf nor
the Prometheus client.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.outlets import MetricSink, SpanSink


def build_otlp_endpoint(endpoint: str, *, header: str, value: str | None) -> SpanSink:
    """Sends to a collector. UsageError when the address or the installation lacks something."""
    from copilot.adapters.telemetry.otlp_http import OtlpEndpoint

    return OtlpEndpoint(endpoint, header=header, value=value)


def build_otlp_file(path: Path) -> SpanSink:
    """Appends to a file of OTLP JSON lines. UsageError when the installation lacks something."""
    from copilot.adapters.telemetry.otlp_file import OtlpFile

    return OtlpFile(path)


def build_prometheus_file(path: Path) -> MetricSink:
    """Replaces a file for node_exporter's textfile collector."""
    from copilot.adapters.telemetry.prometheus import PrometheusFile

    return PrometheusFile(path)
