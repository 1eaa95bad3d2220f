"""A file of exported runs holds what a collector gets, whole lines only, and nothing of others."""

from __future__ import annotations

import base64
import errno
import json
import os
import threading
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from copilot.adapters.telemetry.otlp_file import OtlpFile
from copilot.errors import StorageError, UsageError
from copilot.testing.run_events import quoted_run, written_run
from tests.integration.otlp_exports import RUN, endpoint, export, record
from tests.otlp_receiver import OtlpReceiver


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def test_a_file_reads_back_as_what_a_collector_gets(ledger: Path, tmp_path: Path) -> None:
    record(ledger, written_run(RUN))
    file = tmp_path / "runs.jsonl"
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        expected = receiver.accepted[0].message
    export(ledger, OtlpFile(file))
    [line] = file.read_text(encoding="utf-8").splitlines()
    plain = json.loads(line)
    spans = plain["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert spans[0]["traceId"] == RUN.replace("-", "")
    for span in spans:
        for name in ("traceId", "spanId", "parentSpanId"):
            if name in span:
                # JSON of protobuf has bytes in base64, where OTLP has them in hexadecimal
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    assert ParseDict(plain, TracesData()).resource_spans == expected.resource_spans
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_grows_by_what_is_new_and_loses_a_line_that_was_never_whole(
    ledger: Path, tmp_path: Path
) -> None:
    file = tmp_path / "runs.jsonl"
    record(ledger, quoted_run("run-1"))
    export(ledger, OtlpFile(file))
    file.write_bytes(file.read_bytes() + b'{"resourceSpans":[{"res')
    record(ledger, quoted_run("run-2"))
    assert export(ledger, OtlpFile(file)).runs == 1
    assert len([json.loads(line) for line in file.read_bytes().splitlines()]) == 2


def test_a_write_that_fails_takes_nothing_of_what_another_home_writes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, real_write = tmp_path / "runs.jsonl", os.write
    for home in ("one", "other"):
        record(tmp_path / home, quoted_run(f"run-{home}"))
    half, done = threading.Event(), threading.Event()

    def fills_the_disk(descriptor: int, line: bytes) -> int:
        if threading.current_thread() is not failing or not line.startswith(b'{"resource'):
            return real_write(descriptor, line)
        real_write(descriptor, line[:-10])
        half.set()
        done.wait(0.5)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fail() -> None:
        with pytest.raises(StorageError, match="No space left"):
            export(tmp_path / "one", OtlpFile(file))

    failing = threading.Thread(target=fail)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills_the_disk)
        failing.start()
        assert half.wait(30)
        assert export(tmp_path / "other", OtlpFile(file)).runs == 1
        done.set()
        failing.join()
    assert export(tmp_path / "one", OtlpFile(file)).runs == 1
    assert len([json.loads(line) for line in file.read_bytes().splitlines()]) == 2


def test_a_file_of_something_else_is_left_alone(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine\n", encoding="utf-8")
    record(ledger, quoted_run("run-1"))
    with pytest.raises(UsageError, match=r"notes\.txt"):
        export(ledger, OtlpFile(file))
    assert file.read_text(encoding="utf-8") == "mine\n"


def test_a_pipe_is_no_file(ledger: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    record(ledger, quoted_run("run-1"))
    with pytest.raises(UsageError, match="is no file"):
        export(ledger, OtlpFile(tmp_path / "pipe"))


def test_a_file_that_cannot_be_written_loses_nothing(ledger: Path, tmp_path: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with pytest.raises(StorageError, match="can't be written"):
        export(ledger, OtlpFile(tmp_path / "missing" / "runs.jsonl"))
    (tmp_path / "missing").mkdir()
    assert export(ledger, OtlpFile(tmp_path / "missing" / "runs.jsonl")).runs == 1
