"""Spans and metrics as OTLP messages, in protobuf or in the JSON that OTLP defines for files.

Invariant: ids survive to the byte and times to the microsecond. This is the only module that
knows opentelemetry-proto; without it, a UsageError says what to install.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from copilot.errors import UsageError
from copilot.signals import Metric, Scope, Span, Value

if TYPE_CHECKING:
    from google.protobuf.message import Message as ProtobufMessage
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceRequest,
    )
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
    )

R = TypeVar("R", bound="ProtobufMessage")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_FIELDS = ("traceId", "spanId", "parentSpanId")


def require() -> None:
    """Raises UsageError when this installation can't write OTLP."""
    try:
        import opentelemetry.proto.collector.trace.v1.trace_service_pb2  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "this installation can't write OpenTelemetry: opentelemetry-proto is missing",
            hint="pip install 'copilot[otel]'",
        ) from error


def request(spans: Sequence[Span], scope: Scope) -> ExportTraceServiceRequest:
    """One export request that holds all the spans."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
    )
    from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
    from opentelemetry.proto.trace.v1.trace_pb2 import Status

    kinds = {"internal": Message.SPAN_KIND_INTERNAL, "client": Message.SPAN_KIND_CLIENT}
    message = ExportTraceServiceRequest()
    resource = message.resource_spans.add()
    scoped = _said_by(scope, resource, resource.scope_spans)
    for span in spans:
        added = scoped.spans.add(
            trace_id=span.trace_id,
            span_id=span.span_id,
            parent_span_id=span.parent_id,
            name=_text(span.name),
            kind=kinds[span.kind],
            start_time_unix_nano=_nanoseconds(span.started_at),
            end_time_unix_nano=_nanoseconds(max(span.started_at, span.ended_at)),
        )
        _set(added.attributes, span.attributes)
        for event in span.events:
            told = added.events.add(name=_text(event.name), time_unix_nano=_nanoseconds(event.at))
            _set(told.attributes, event.attributes)
        if span.failed:
            added.status.code = Status.STATUS_CODE_ERROR
    return message


def metrics_request(
    metrics: Sequence[Metric], scope: Scope, *, since: datetime, now: datetime
) -> ExportMetricsServiceRequest:
    """One export request that holds these histograms, cumulative since a moment."""
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceRequest,
    )
    from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE

    message = ExportMetricsServiceRequest()
    resource = message.resource_metrics.add()
    scoped = _said_by(scope, resource, resource.scope_metrics)
    for metric in metrics:
        assert metric.kind == "histogram"
        added = scoped.metrics.add(name=metric.name, description=metric.help, unit=metric.unit)
        added.histogram.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
        for one in metric.distributions:
            point = added.histogram.data_points.add(
                start_time_unix_nano=_nanoseconds(min(since, now)),
                time_unix_nano=_nanoseconds(now),
                count=one.counts[-1],
                sum=one.total,
                explicit_bounds=metric.bounds,
                bucket_counts=[
                    count - below
                    for below, count in zip((0, *one.counts), one.counts, strict=False)
                ],
            )
            labels = dict(zip(metric.labels, one.labels, strict=True))
            _set(point.attributes, {name: value for name, value in labels.items() if value})
    return message


def json_line(message: ExportTraceServiceRequest | ExportMetricsServiceRequest) -> bytes:
    """The request as one line of an OTLP file: JSON with ids in hexadecimal."""
    from google.protobuf.json_format import MessageToDict

    plain = MessageToDict(message, use_integers_for_enums=True)
    for resource in plain.get("resourceSpans", ()):
        for scoped in resource["scopeSpans"]:
            for span in scoped["spans"]:
                for name in _ID_FIELDS:
                    if name in span:
                        span[name] = base64.b64decode(span[name]).hex()
    line = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return line.encode("utf-8") + b"\n"


def rejected(body: bytes, *, media_type: str) -> tuple[int, str]:
    """How many spans a collector did not take, and why, by its answer to a request.

    An answer that says nothing, or that isn't OTLP, rejects none.
    """
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceResponse,
    )

    partial = _response(ExportTraceServiceResponse, body, media_type).partial_success
    return partial.rejected_spans, partial.error_message


def rejected_metrics(body: bytes, *, media_type: str) -> tuple[int, str]:
    """How many data points a collector did not take, and why, likewise."""
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceResponse,
    )

    partial = _response(ExportMetricsServiceResponse, body, media_type).partial_success
    return partial.rejected_data_points, partial.error_message


def _response(kind: type[R], body: bytes, media_type: str) -> R:
    from google.protobuf import json_format, message

    response: R = kind()
    try:
        if "json" in media_type:
            json_format.Parse(body, response, ignore_unknown_fields=True)
        elif "protobuf" in media_type:
            response.ParseFromString(body)
    except (json_format.ParseError, message.DecodeError, UnicodeDecodeError):
        empty: R = kind()
        return empty
    return response


def _said_by(scope: Scope, resource: Any, scoped: Any) -> Any:
    """Says in ``resource`` whose it is, and adds to its ``scoped`` what holds all by ``scope``."""
    _set(resource.resource.attributes, scope.resource)
    added = scoped.add(schema_url=scope.schema_url)
    added.scope.name, added.scope.version = scope.name, scope.version
    return added


def _set(attributes: Any, values: Mapping[str, Value]) -> None:
    for name, value in values.items():
        _put(attributes.add(key=name).value, value)


def _put(target: Any, value: Value) -> None:
    match value:
        case bool():
            target.bool_value = value
        case int():
            target.int_value = value
        case float():
            target.double_value = value
        case str():
            target.string_value = _text(value)
        case _:
            # An empty list is a value too: it has to be said that it is one.
            target.array_value.SetInParent()
            for item in value:
                _put(target.array_value.values.add(), item)


def _text(text: str) -> str:
    """Protobuf takes no half of a surrogate pair, which a file name may hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _nanoseconds(moment: datetime) -> int:
    """Never before 1970: the field takes no number below zero."""
    return max(0, (moment - _EPOCH) // timedelta(microseconds=1)) * 1000
