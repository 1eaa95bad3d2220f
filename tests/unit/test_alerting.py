"""Who is told what, and how often: once when an alert begins, holds too long, or ends."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from copilot.adapters.telemetry import notifying
from copilot.adapters.telemetry.alert_memory import AlertFile
from copilot.adapters.telemetry.notifying import Command, Webhook
from copilot.errors import ConfigError, StorageError, ToolError
from copilot.telemetry.alerting import Notified, notify
from copilot.telemetry.rules import Finding
from tests.privileges import obeying_permissions

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FIRING = Finding("surge", "firing", "cost", "usd", 7.2, 12, "above", 5.0, "1h")
OK = replace(FIRING, state="ok", value=1.0)
NO_DATA = replace(FIRING, state="no data", value=None)


class Channel:
    """Remembers what it was told; ``down`` makes it fail."""

    def __init__(self, name: str = "one") -> None:
        self.name = name
        self.down = False
        self.told: list[Mapping[str, object]] = []

    def tell(self, notice: Mapping[str, object]) -> None:
        if self.down:
            raise ToolError(f"{self.name} is down")
        self.told.append(notice)

    @property
    def states(self) -> list[object]:
        return [notice["state"] for notice in self.told]


@pytest.fixture
def memory(tmp_path: Path) -> AlertFile:
    return AlertFile(tmp_path / "ledger" / "alerts.json")


def tell(memory: AlertFile, finding: Finding, *channels: Channel, hours: float = 0.0) -> Notified:
    at = NOW + timedelta(hours=hours)
    return notify([finding], channels, memory, remind="24h", now=at)


def test_an_alert_is_told_when_it_begins_and_when_it_ends(memory: AlertFile) -> None:
    one = Channel()
    for hours, finding in enumerate((OK, FIRING, FIRING, NO_DATA, FIRING, OK, OK)):
        tell(memory, finding, one, hours=hours)
    assert one.states == ["firing", "resolved"]
    assert one.told[0] == {
        "text": "copilot alert firing: surge: cost is $7.20, above $5.00 (last 1h)",
        "rule": "surge",
        "state": "firing",
        "figure": "cost",
        "unit": "usd",
        "value": 7.2,
        "comparison": "above",
        "bound": 5.0,
        "window": "1h",
        "runs": 12,
        "since": "2026-11-22T09:00:00+00:00",
        "schema_version": 1,
        "kind": "alert",
    }
    assert one.told[1]["since"] == one.told[0]["since"]
    assert "no longer above" in str(one.told[1]["text"])


def test_an_alert_that_still_holds_is_told_again_after_a_day(memory: AlertFile) -> None:
    one = Channel()
    for hours in (0, 12, 23, 24, 30, 48):
        tell(memory, FIRING, one, hours=hours)
    assert one.states == ["firing"] * 3
    assert {notice["since"] for notice in one.told} == {"2026-11-22T08:00:00+00:00"}


def test_a_channel_that_was_down_is_told_next_time_and_the_other_is_not(
    memory: AlertFile,
) -> None:
    one, other = Channel("one"), Channel("other")
    other.down = True
    done = tell(memory, FIRING, one, other)
    assert done.told == (("surge", "one", "firing"),)
    assert [error.message for error in done.failures] == ["other is down"]
    other.down = False
    assert tell(memory, FIRING, one, other).told == (("surge", "other", "firing"),)
    assert (one.states, other.states) == (["firing"], ["firing"])


def test_an_end_that_nobody_took_is_told_next_time(memory: AlertFile) -> None:
    one = Channel()
    tell(memory, FIRING, one)
    one.down = True
    assert tell(memory, OK, one).failures
    one.down = False
    tell(memory, OK, one)
    assert one.states == ["firing", "resolved"]


def test_a_memory_that_is_no_json_costs_a_second_notice_and_no_missing_one(
    memory: AlertFile, tmp_path: Path
) -> None:
    one = Channel()
    tell(memory, FIRING, one)
    file = tmp_path / "ledger" / "alerts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    for content in ("{", "[]", '{"format": 2}', '{"format": 1, "told": [{}]}', "[" * 100_000):
        file.write_text(content, encoding="utf-8")
        tell(memory, FIRING, one)
    assert one.states == ["firing"] * 6


def test_two_checks_at_once_tell_an_alert_once(tmp_path: Path) -> None:
    one = Channel()
    threads = [
        Thread(target=tell, args=(AlertFile(tmp_path / "alerts.json"), FIRING, one))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one.states == ["firing"]


@obeying_permissions
def test_a_memory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match=r"alerts\.json"):
            tell(AlertFile(tmp_path / "alerts.json"), FIRING, Channel())
    finally:
        tmp_path.chmod(0o700)


# --- channels -------------------------------------------------------------------------------

SHOW = """
import os, sys
open(sys.argv[1], "w").write(sys.stdin.read() + str("COPILOT_KEY_X" in os.environ))
"""


def test_a_command_gets_the_notice_on_stdin_and_none_of_our_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_KEY_X", "hush")
    file = tmp_path / "$(touch owned); it.json"
    Command([sys.executable, "-c", SHOW, str(file)]).tell({"text": "Größe"})
    notice, _, has_keys = file.read_text(encoding="utf-8").rpartition("\n")
    assert json.loads(notice) == {"text": "Größe"}
    assert has_keys == "False"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([sys.executable, "-c", "import sys; sys.exit('no pager')"], "exited with 1: no pager"),
        (["/nowhere/pager"], "/nowhere/pager can't be run"),
        (["a\0b"], "can't be run"),
    ],
)
def test_a_command_that_fails_is_named(arguments: list[str], said: str) -> None:
    with pytest.raises(ToolError, match=said):
        Command(arguments).tell({"text": "x"})


def test_a_command_that_reads_nothing_has_taken_it(tmp_path: Path) -> None:
    """What it was sent fills the pipe; that it closed it unread is no failure."""
    ran = tmp_path / "ran"
    script = f"import os, pathlib; os.close(0); pathlib.Path({str(ran)!r}).touch()"
    Command([sys.executable, "-c", script]).tell({"text": "x" * 1_000_000})
    assert ran.exists()


def test_a_command_that_leaves_a_program_running_has_taken_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves behind keeps its output open; nobody waits for that."""
    monkeypatch.setattr(notifying, "_TIMEOUT_S", 5.0)
    stop, alive = tmp_path / "stop", tmp_path / "alive"
    left = f"""import os, time
while not os.path.exists({str(stop)!r}):
    open({str(alive)!r}, "w").close()
    time.sleep(0.02)"""
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {left!r}])"
    try:
        Command([sys.executable, "-c", script]).tell({"text": "x"})
        alive.unlink(missing_ok=True)
        until = time.monotonic() + 20
        while not alive.exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert alive.exists(), "what the command left behind had ended before it was taken"
    finally:
        stop.touch()


def test_a_webhook_gets_json_and_must_answer_2xx() -> None:
    received: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["Content-Type"], body))
            self.send_response(204 if self.path == "/hook" else 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: a test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        Webhook(f"{url}/hook", setting="alerts.webhook", secret=False).tell({"text": "x"})
        with pytest.raises(ToolError, match="the webhook answered 500") as failed:
            Webhook(f"{url}/hush", setting="alerts.webhook_key", secret=True).tell({"text": "x"})
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert received[0] == ("application/json", b'{"text": "x"}\n')
    assert "hush" not in str(failed.value)


def test_a_secret_address_that_is_none_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match=r"alerts\.webhook_key is no address") as failed:
        Webhook("hush-hush", setting="alerts.webhook_key", secret=True)
    assert "hush" not in f"{failed.value} {failed.value.hint}"
