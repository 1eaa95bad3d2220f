"""Sends spans and metrics to an OpenTelemetry collector: OTLP over HTTP, in protobuf.

Invariant: they count as sent only once the collector answered 2xx.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from copilot.adapters.telemetry import otlp, posting
from copilot.signals import Metric, Scope, Span

SETTING = "telemetry.endpoint"
_PATH = "/v1/traces"
_METRICS_PATH = "/v1/metrics"
_TIMEOUT_S = 10.0


class OtlpEndpoint:
    """The ``OtlpSink`` behind an address; ``/v1/traces`` is added unless its path ends so.

    Metrics go to ``/v1/metrics`` beside it.
    """

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
        """How many the collector did not take, and why. Raises ToolError, ConfigError.

        In several requests where one is too large for it.
        """
        try:
            answer = self._post(self._address, otlp.request(spans, scope).SerializeToString())
        except posting.TooLargeError:
            if len(spans) < 2:
                raise
            half = len(spans) // 2
            one, why = self.send(spans[:half], scope)
            other, why_other = self.send(spans[half:], scope)
            return one + other, why or why_other
        return otlp.rejected(answer.body, media_type=answer.media_type)

    def send_metrics(
        self, metrics: Sequence[Metric], scope: Scope, *, since: datetime, now: datetime
    ) -> tuple[int, str] | None:
        """As ``send``, of data points; None from a collector that only takes traces."""
        request = otlp.metrics_request(metrics, scope, since=since, now=now)
        address = posting.below(self._address, _METRICS_PATH, instead_of=_PATH)
        try:
            answer = self._post(address, request.SerializeToString())
        except posting.NotServedError:
            return None
        return otlp.rejected_metrics(answer.body, media_type=answer.media_type)

    def _post(self, address: str, body: bytes) -> posting.Answer:
        return posting.post(
            address,
            body,
            headers={"Content-Type": "application/x-protobuf", **self._headers},
            timeout_s=_TIMEOUT_S,
            setting=SETTING,
        )
