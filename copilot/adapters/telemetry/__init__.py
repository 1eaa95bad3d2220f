"""OTLP over HTTP and in files, Prometheus text, commands and webhooks; importing this imports
neither protobuf nor the Prometheus client.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.outlets import AlertMemory, MetricSink, Notifier, OtlpSink


def build_otlp_endpoint(endpoint: str, *, header: str, value: str | None) -> OtlpSink:
    """Sends to a collector. UsageError when the address or the installation lacks something."""
    from copilot.adapters.telemetry.otlp_http import OtlpEndpoint

    return OtlpEndpoint(endpoint, header=header, value=value)


def build_otlp_file(path: Path) -> OtlpSink:
    """Appends to a file of OTLP JSON lines. UsageError when the installation lacks something."""
    from copilot.adapters.telemetry.otlp_file import OtlpFile

    return OtlpFile(path)


def build_prometheus_file(path: Path) -> MetricSink:
    """Replaces a file for node_exporter's textfile collector."""
    from copilot.adapters.telemetry.prometheus import PrometheusFile

    return PrometheusFile(path)


def build_command(arguments: Sequence[str]) -> Notifier:
    """Runs a program for each notice."""
    from copilot.adapters.telemetry.notifying import Command

    return Command(arguments)


def build_webhook(address: str, *, setting: str, secret: bool) -> Notifier:
    """Posts each notice. ConfigError when that is no address."""
    from copilot.adapters.telemetry.notifying import Webhook

    return Webhook(address, setting=setting, secret=secret)


def build_alert_memory(path: Path) -> AlertMemory:
    """A file of what was told to whom."""
    from copilot.adapters.telemetry.alert_memory import AlertFile

    return AlertFile(path)
