"""What leaves the house, put together: the part of the composition root that telemetry uses.

Invariant: nothing is sent by building it, and a key is looked up only for the address that the
configuration names it for.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from copilot.adapters.ledger.traces import LedgerTraces
    from copilot.outlets import AlertMemory, MetricSink, Notifier, OtlpSink, SentLog, SpanSink


@dataclass
class Outbound:
    """``key_for`` finds a stored key by its name."""

    settings: Settings
    paths: Paths
    key_for: Callable[[str], str | None]

    @cached_property
    def reader(self) -> LedgerTraces:
        from copilot.adapters.ledger.traces import LedgerTraces

        return LedgerTraces(self.paths.ledger)

    @property
    def instance(self) -> str:
        """Tells this ledger from others, on this machine and elsewhere, without naming it."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"//{socket.gethostname()}{self.paths.ledger}"))

    def sent_log(self, sink: SpanSink) -> SentLog:
        """Which runs went to this place."""
        from copilot.adapters.ledger.sent import SentRuns

        return SentRuns(self.paths.ledger, sink.place, shown=sink.shown)

    def otlp_endpoint(self, endpoint: str) -> OtlpSink:
        """The collector at this address, or the configured one. The key goes to that one only."""
        from copilot.adapters.telemetry import build_otlp_endpoint

        telemetry = self.settings.telemetry
        address = endpoint or telemetry.endpoint
        if not address:
            hint = "--endpoint http://localhost:4318, --file FILE, or set telemetry.endpoint"
            raise UsageError("no place to export to", hint=hint)
        named = telemetry.key if address == telemetry.endpoint else ""
        key = self._key(named, "telemetry.key") if named else None
        return build_otlp_endpoint(address, header=telemetry.header, value=key)

    def otlp_file(self, path: Path) -> OtlpSink:
        from copilot.adapters.telemetry import build_otlp_file

        return build_otlp_file(path)

    def metric_file(self, path: Path) -> MetricSink:
        from copilot.adapters.telemetry import build_prometheus_file

        return build_prometheus_file(path)

    @property
    def redact(self) -> Callable[[str], str] | None:
        """Makes a text fit to leave; None where texts stay, which is the default."""
        if not self.settings.telemetry.content:
            return None
        from copilot.guard.redaction import redact

        return lambda text: redact(text).text

    @property
    def channels(self) -> list[Notifier]:
        """Whom alerts are told to. ConfigError where what names one is wrong."""
        from copilot.adapters.telemetry import build_command, build_webhook

        alerts = self.settings.alerts
        found: list[Notifier] = []
        if alerts.command:
            found.append(build_command(alerts.command))
        if alerts.webhook_key:
            setting = "alerts.webhook_key"
            address = self._key(alerts.webhook_key, setting)
            found.append(build_webhook(address, setting=setting, secret=True))
        elif alerts.webhook:
            found.append(build_webhook(alerts.webhook, setting="alerts.webhook", secret=False))
        return found

    @property
    def alert_memory(self) -> AlertMemory:
        from copilot.adapters.telemetry import build_alert_memory

        return build_alert_memory(self.paths.ledger / "alerts.json")

    def _key(self, name: str, setting: str) -> str:
        key = self.key_for(name)
        if not key:
            hint = f"`copilot keys set {name}`"
            raise ConfigError(f"there is no key {name}, which {setting} names", hint=hint)
        return key
