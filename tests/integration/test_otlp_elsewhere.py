"""A receiver that others wrote, oteltest of OpenTelemetry's Python people, reads an export."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from oteltest.sink import HttpSink
from oteltest.sink.handler import AccumulatingHandler

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.telemetry import names
from copilot.telemetry.tracing import trace_id
from copilot.testing.run_events import written_run
from tests.cli.conftest import run_cli
from tests.otlp_receiver import attributes

RUN = "019a0000-0001-7000-8000-000000000001"


@pytest.fixture
def received() -> Iterator[tuple[str, AccumulatingHandler]]:
    """The address of the receiver, and what it was sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = AccumulatingHandler()
    sink = HttpSink(handler, logging.getLogger("oteltest"), port)
    sink.start()
    until = time.monotonic() + 10
    while sink.httpd is None:
        assert time.monotonic() < until, "the receiver did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}", handler
    sink.stop()


def test_a_receiver_of_others_reads_traces_and_metrics_back(
    tmp_path: Path, received: tuple[str, AccumulatingHandler]
) -> None:
    writer = SpoolRunWriter(tmp_path / "ledger", bodies=True)
    for event in written_run(RUN):
        writer.append(RUN, event)
    writer.close()
    url, handler = received
    done = run_cli("ledger", "export", "otlp", "--json", "--endpoint", url, home=tmp_path)
    assert done.code == 0, done.err
    assert (done.envelope["spans"], done.envelope["rejected"]) == (4, 0)

    [traces] = handler.telemetry.get_trace_requests()
    [resource] = traces.pbreq.resource_spans
    assert attributes(resource.resource)[names.SERVICE_NAME] == "copilot"
    [scope] = resource.scope_spans
    assert [span.name for span in scope.spans] == [
        "invoke_workflow ask",
        "retrieval copilot-index",
        "chat openai/gpt-5-mini",
        "chat openai/gpt-5-mini",
    ]
    assert {span.trace_id for span in scope.spans} == {trace_id(RUN)}
    told = attributes(scope.spans[-1])
    assert (told["gen_ai.usage.input_tokens"], told["copilot.cost.microusd"]) == (900, 1_234)

    [metrics] = handler.telemetry.get_metric_requests()
    [resource] = metrics.pbreq.resource_metrics
    [scope] = resource.scope_metrics
    tokens = next(one for one in scope.metrics if one.name == "gen_ai.client.token.usage")
    read = {
        attributes(point)["gen_ai.token.type"]: point.sum for point in tokens.histogram.data_points
    }
    assert read == {"input": 900.0, "output": 40.0}
