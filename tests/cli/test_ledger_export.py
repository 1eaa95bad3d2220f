"""``copilot ledger export``: what it says, to people and to scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.config.paths import Paths
from copilot.testing.run_events import quoted_run, written_run
from tests.cli.conftest import Cli, Finished, run_cli
from tests.otlp_receiver import OtlpReceiver, Reply, attributes

NOW = datetime.now(UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a run of two hours ago and one of two days ago."""
    writer = SpoolRunWriter(
        Paths.from_environment({"COPILOT_HOME": str(tmp_path)}).ledger, bodies=True
    )
    for run_id, events in {
        "run-1": quoted_run("run-1", started_at=NOW - timedelta(days=2)),
        "run-2": written_run("run-2", started_at=NOW - timedelta(hours=2)),
    }.items():
        for event in events:
            writer.append(run_id, event)
    writer.close()
    return tmp_path


@pytest.fixture
def copilot(home: Path) -> Callable[..., Finished]:
    def run(*arguments: str, **options: str) -> Finished:
        return run_cli(*arguments, home=home, env=options)

    return run


def test_runs_go_to_the_configured_collector_once(copilot: Cli) -> None:
    with OtlpReceiver() as receiver:
        place = {"COPILOT_TELEMETRY__ENDPOINT": receiver.url}
        done = copilot("ledger", "export", "otlp", "--json", **place)
        assert done.code == 0, done.err
        again = copilot("ledger", "export", "otlp", "--json", **place)
        assert len(receiver.spans) == 6
    assert done.envelope == {
        "schema_version": 1,
        "kind": "export",
        "format": "otlp",
        "to": f"{receiver.url}/v1/traces",
        "dry_run": False,
        "runs": 2,
        "ratings": 0,
        "spans": 6,
        "before": 0,
        "metrics": 5,
        "rejected": 0,
    }
    assert (again.envelope["runs"], again.envelope["before"]) == (0, 2)


def test_a_dry_run_sends_nothing_and_remembers_nothing(copilot: Cli) -> None:
    with OtlpReceiver() as receiver:
        to = ("ledger", "export", "otlp", "--endpoint", receiver.url, "--since", "1d")
        for _ in range(2):
            done = copilot(*to, "--dry-run")
            assert done.code == 0, done.err
            assert done.out == "1 run(s), 0 rating(s) and 5 number(s) of metrics to send\n"
        assert receiver.seen == []


def test_texts_leave_only_when_the_configuration_says_so(copilot: Cli) -> None:
    with OtlpReceiver() as receiver:
        to = ("ledger", "export", "otlp", "--endpoint", receiver.url)
        assert copilot(*to, "--since", "1d").code == 0
        assert copilot("audit", "list", "--json").lines == []
        assert copilot(*to, COPILOT_TELEMETRY__CONTENT="true").code == 0
        told = [attributes(span).get("input.value") for span in receiver.spans]
    assert [text for text in told if text] == ["How do I restart the gateway?"]
    [line] = copilot("audit", "list", "--json").lines
    entry = line["entry"]
    assert (entry["action"], entry["subject"]) == ("ledger.export", f"{receiver.url}/v1/traces")
    assert entry["detail"] == {"format": "otlp", "runs": 1}


def test_the_stored_key_goes_to_the_configured_collector_alone(copilot: Cli) -> None:
    with OtlpReceiver() as receiver, OtlpReceiver() as other:
        keyed = {
            "COPILOT_TELEMETRY__ENDPOINT": receiver.url,
            "COPILOT_TELEMETRY__KEY": "collector",
            "COPILOT_KEY_COLLECTOR": "Bearer hush",
        }
        assert copilot("ledger", "export", "otlp", **keyed).code == 0
        assert receiver.seen[0].headers["authorization"] == "Bearer hush"
        done = copilot("ledger", "export", "otlp", "--endpoint", other.url, **keyed)
        assert done.code == 0
        assert "authorization" not in other.seen[0].headers
        missing = {name: value for name, value in keyed.items() if "COLLECTOR" not in name}
        done = copilot("ledger", "export", "otlp", **missing)
    assert done.code == 2
    assert "copilot keys set collector" in done.err


def test_a_collector_that_is_down_is_a_failed_sink(copilot: Cli) -> None:
    with OtlpReceiver(Reply(status=503)) as receiver:
        done = copilot("ledger", "export", "otlp", "--json", "--endpoint", receiver.url)
    assert done.code == 6
    assert done.envelope["error"]["message"].endswith("answered 503")


def test_what_the_ledger_sets_aside_is_said_also_when_the_collector_is_down(
    copilot: Cli, home: Path
) -> None:
    spool = Paths.from_environment({"COPILOT_HOME": str(home)}).ledger / "spool"
    with OtlpReceiver(Reply(status=503)) as receiver:
        for code in (6, 0):
            (spool / "torn.jsonl").write_bytes(b"no record\n")
            done = copilot("ledger", "export", "otlp", "--endpoint", receiver.url)
            assert done.code == code
            assert done.err.count("set aside") == 1


def test_rejected_spans_make_it_partial(copilot: Cli) -> None:
    with OtlpReceiver(Reply(partial=(1, "too \x1b[31mold"))) as receiver:
        done = copilot("ledger", "export", "otlp", "--endpoint", receiver.url)
        assert done.code == 9
        assert "rejected 1 span(s): too old" in done.err
    with OtlpReceiver(Reply(), Reply(partial=(2, ""))) as receiver:
        done = copilot("ledger", "export", "otlp", "--json", "--endpoint", receiver.url)
        assert (done.code, done.envelope["rejected"]) == (9, 2)
        assert "rejected 2 number(s) of metrics: no why" in done.err


def test_a_collector_that_takes_traces_alone_gets_no_metrics_and_that_is_no_failure(
    copilot: Cli,
) -> None:
    with OtlpReceiver(Reply(), Reply(status=404)) as receiver:
        done = copilot("ledger", "export", "otlp", "--endpoint", receiver.url)
        assert done.code == 0, done.err
        assert "6 span(s) and no metrics to" in done.out
        again = copilot("ledger", "export", "otlp", "--json", "--endpoint", receiver.url)
        assert (again.envelope["runs"], again.envelope["metrics"]) == (0, 5)


def test_a_file_is_written(copilot: Cli, tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    done = copilot("ledger", "export", "otlp", "--file", str(file))
    assert (done.code, done.out) == (
        0,
        "2 run(s) and 0 rating(s) in 6 span(s) and 5 number(s) of metrics to "
        f"{file}; 0 run(s) before\n",
    )
    spans, metrics = map(json.loads, file.read_bytes().splitlines())
    assert spans["resourceSpans"]
    assert metrics["resourceMetrics"]
    before = file.read_bytes()
    assert copilot("ledger", "export", "otlp", "--file", str(file)).code == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no place to export to"),
        (("--endpoint", "http://x", "--file", "y"), "both"),
        (("--endpoint", "nowhere"), "no address"),
        (("--endpoint", "http://x", "--since", "soon"), "no period"),
    ],
)
def test_what_it_cannot_work_with_is_a_usage_error(
    copilot: Cli, arguments: tuple[str, ...], said: str
) -> None:
    done = copilot("ledger", "export", "otlp", *arguments)
    assert done.code == 2
    assert said in done.err


def test_without_its_extra_it_says_what_to_install(copilot: Cli, tmp_path: Path) -> None:
    stub = tmp_path / "stubs" / "opentelemetry"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ImportError('no opentelemetry')\n", encoding="utf-8")
    done = copilot("ledger", "export", "otlp", "--file", "x", PYTHONPATH=str(stub.parent))
    assert done.code == 2
    assert "pip install 'copilot[otel]'" in done.err


def test_prometheus_figures_are_written_whole(copilot: Cli, tmp_path: Path) -> None:
    file = tmp_path / "copilot.prom"
    done = copilot("ledger", "export", "prometheus", str(file), "--json")
    assert done.code == 0, done.err
    assert "copilot_runs_total" in done.envelope["metrics"]
    families = text_string_to_metric_families(file.read_text(encoding="utf-8"))
    assert sum(s.value for f in families if f.name == "copilot_runs" for s in f.samples) == 2
    done = copilot("ledger", "export", "prometheus", str(tmp_path / "missing" / "x.prom"))
    assert done.code == 5
