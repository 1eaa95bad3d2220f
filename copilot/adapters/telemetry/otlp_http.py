"""Sends spans to an OpenTelemetry collector: OTLP over HTTP, in protobuf.

Invariant: spans count as sent only once the collector answered 2xx.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.adapters.telemetry import otlp, posting
from copilot.signals import Scope, Span

SETTING = "telemetry.endpoint"
_PATH = "/v1/traces"
_TIMEOUT_S = 10.0


class OtlpEndpoint:
    """The ``SpanSink`` behind an address; ``/v1/traces`` is added unless its path ends so."""

    def __init__(self, endpoint: str, *, header: str, value: str | None) -> None:
        otlp.require()
        self._address = posting.below(posting.checked(endpoint, setting=SETTING), _PATH)
        self._headers = {header: value} if value else {}

    @property
    def place(self) -> str:
        return self._address

    @property
    def shown(self) -> str:
        return posting.shown(self._address)

    def send(self, spans: Sequence[Span], scope: Scope) -> tuple[int, str]:
        """How many the collector did not take, and why. Raises ToolError, ConfigError."""
        answer = posting.post(
            self._address,
            otlp.request(spans, scope).SerializeToString(),
            headers={"Content-Type": "application/x-protobuf", **self._headers},
            timeout_s=_TIMEOUT_S,
            setting=SETTING,
        )
        return otlp.rejected(answer.body, media_type=answer.media_type)
