"""``copilot runs`` and ``copilot stats``: what they print, for people and for scripts."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.config.paths import Paths
from copilot.events import (
    Event,
    RunFinished,
    RunKind,
    RunStarted,
    RunStopped,
    SyncFinished,
    Warned,
)
from copilot.messages import Status
from copilot.testing.run_events import PROMPT, QUOTE, quoted_run, written_run
from tests.cli.conftest import Finished, run_cli
from tests.corpora import REPOSITORY

NOW = datetime.now(UTC)
IDS = [f"019a0000-000{n}-7000-8000-00000000000{n}" for n in range(5)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an answered, an abstained, a written and a failed run, oldest first."""
    hours = [NOW - timedelta(hours=n) for n in (40, 30, 2, 1)]
    recorded: list[list[Event | RunStopped]] = [
        [*quoted_run(IDS[0], started_at=hours[0], question="How?\x1b[31m\u202eevil\nnext line")],
        [*quoted_run(IDS[1], started_at=hours[1], status=Status.ABSTAINED)],
        [*written_run(IDS[2], started_at=hours[2])],
        [
            quoted_run(IDS[3], started_at=hours[3])[0],
            RunStopped(IDS[3], "failed", "KnowledgeIndexError", "there is no index", 9.0),
        ],
    ]
    folder = Paths.from_environment({"COPILOT_HOME": str(tmp_path)}).ledger
    writer = SpoolRunWriter(folder, bodies=True)
    for run_id, events in zip(IDS, recorded, strict=False):
        for event in events:
            writer.append(run_id, event)
    writer.close()
    return tmp_path


def copilot(home: Path, *arguments: str) -> Finished:
    return run_cli(*arguments, home=home, env={"TZ": "UTC"})


def test_runs_are_listed_newest_first_in_plain_columns(home: Path) -> None:
    done = copilot(home, "runs", "list")
    assert done.code == 0, done.err
    header, *rows = done.out.splitlines()
    assert header.split() == ["run", "when", "status", "took", "question"]
    assert [row.split()[0] for row in rows] == [run_id[:13] for run_id in reversed(IDS[:4])]
    assert "\x1b" not in done.out
    assert rows[-1].endswith("How?evil next line")


def test_runs_are_chosen_by_period_status_and_number(home: Path) -> None:
    def listed(*arguments: str) -> list[str]:
        done = copilot(home, "runs", "list", "--json", *arguments)
        assert done.code == 0, done.err
        return [json.loads(line)["run"]["id"] for line in done.out.splitlines()]

    assert listed("-n", "1") == [IDS[3]]
    assert listed("--since", "24h") == [IDS[3], IDS[2]]
    assert listed("--status", "abstained") == [IDS[1]]
    assert listed("--kind", "search") == []


def test_each_run_is_one_json_object_with_the_same_keys(home: Path) -> None:
    done = copilot(home, "runs", "list", "--json")
    runs = [json.loads(line) for line in done.out.splitlines()]
    assert [set(run) for run in runs] == [{"schema_version", "kind", "run"}] * 4
    keys = {
        "id",
        "kind",
        "status",
        "started_at",
        "question",
        "conversation",
        "principal",
        "release",
        "model",
        "latency_ms",
        "first_token_ms",
        "input_tokens",
        "output_tokens",
        "cost_microusd",
        "citations",
    }
    assert [set(run["run"]) for run in runs] == [keys] * 4


def test_a_run_is_explained(home: Path) -> None:
    done = copilot(home, "runs", "show", IDS[2])
    assert done.code == 0, done.err
    for expected in (
        IDS[2],
        "answered (ask)",
        "And after that?",
        "restart the gateway, after that",
        "openai/gpt-5-mini (configured)",
        f"answer 3 ({PROMPT.digest[:12]})",
        "900 in, 40 out; $0.001234",
        "unsupported, dropped, no citation: 9 is not cited",
        "[2] /handbook/runbook-4.md, lines 4-6, rank 4",
        f"“{QUOTE}”",
        "index version 8",
        "kept: cited as [1]",
        "dropped: -",
        "ModelRateLimitError: slow down",
        "a sentence was dropped (ask for the source)",
    ):
        assert expected in done.out
    assert done.err == ""


def test_the_steps_of_a_run_are_told_in_their_order(home: Path) -> None:
    _, _, steps = copilot(home, "runs", "show", IDS[2]).out.partition("\nSteps\n")
    header, *rows = steps.splitlines()
    assert header.split() == ["at", "took", "step", "what"]
    assert "Question" in rows[0]
    assert "End" in rows[-1]
    for title in ("Follow-up", "Search", "Prompt", "Model", "Request", "Checks", "Note"):
        assert title in " ".join(rows)
    assert rows[-1].split()[-1] == "answered"
    assert any("14 ms  Search" in row for row in rows)


def test_a_failed_run_says_what_failed(home: Path) -> None:
    done = copilot(home, "runs", "show", IDS[3])
    assert "KnowledgeIndexError: there is no index" in done.out
    assert done.out.splitlines()[-1].endswith("failed: KnowledgeIndexError")


def test_the_last_run_is_shown_when_none_is_named(home: Path) -> None:
    shown = copilot(home, "runs", "show").out
    assert IDS[3] in shown
    assert shown == copilot(home, "runs", "show", IDS[3]).out
    assert shown == copilot(home, "runs", "show", "").out


def test_a_run_as_json_holds_every_hit_and_verdict(home: Path) -> None:
    [line] = copilot(home, "runs", "show", IDS[2][:13], "--json").out.splitlines()
    envelope = json.loads(line)
    assert (envelope["schema_version"], envelope["kind"]) == (1, "run_detail")
    run = envelope["run"]
    assert [hit["rank"] for hit in run["hits"]] == [1, 2, 3, 4, 5]
    assert [verdict["action"] for verdict in run["verdicts"]] == ["shown", "dropped"]
    assert run["summary"]["cost_microusd"] == 1_234


def test_an_ambiguous_or_unknown_id_is_an_error_with_its_code(home: Path) -> None:
    ambiguous = copilot(home, "runs", "show", "019a")
    assert (ambiguous.code, ambiguous.out) == (2, "")
    assert IDS[0] in ambiguous.err
    unknown = copilot(home, "runs", "show", "feed", "--json")
    assert unknown.code == 3
    assert json.loads(unknown.out)["error"]["type"] == "NotFoundError"


def test_a_wrong_period_is_a_usage_error(home: Path) -> None:
    for arguments in (["runs", "list"], ["stats"]):
        done = copilot(home, *arguments, "--since", "soon")
        assert done.code == 2
        assert "7d" in done.err


def test_stats_add_up_the_asks(home: Path) -> None:
    done = copilot(home, "stats")
    assert done.code == 0, done.err
    told = {line[:22].strip(): line[22:] for line in done.out.splitlines()}
    assert told["runs"] == "4 of kind ask, since 30d"
    assert told["answered"] == "2 (50%)"
    assert told["abstained"] == "1 (25%)"
    assert told["failed"] == "1 (25%)"
    assert told["tokens"] == "900 in, 40 out"
    assert told["cost"] == "$0.001234"
    assert told["citing rank 1 to 3"] == "100% of cited answers"
    assert told["sentences dropped"] == "1"


@pytest.mark.parametrize("by", ["model", "day", "status", "kind"])
def test_stats_by_group_fit_eighty_columns_and_count_every_run(home: Path, by: str) -> None:
    done = copilot(home, "stats", "--by", by)
    header, *rows = done.out.splitlines()
    assert header.split()[:2] == [by, "runs"]
    assert sum(int(row.split()[1]) for row in rows) == 4
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_stats_as_json_carry_counts_and_shares(home: Path) -> None:
    envelope = json.loads(copilot(home, "stats", "--by", "model", "--json").out)
    assert (envelope["kind"], envelope["by"]) == ("stats", "model")
    row = next(row for row in envelope["rows"] if row["group"] == "openai/gpt-5-mini")
    assert (row["runs"], row["cost_microusd"], row["top3_share"]) == (1, 1_234, 1.0)


@pytest.fixture
def mixed_home(home: Path) -> Path:
    """Beside the four asks a search, an index run, and a search that failed."""
    writer = SpoolRunWriter(Paths.from_environment({"COPILOT_HOME": str(home)}).ledger, bodies=True)
    ends = {
        "search-1": RunFinished("search-1", Status.ANSWERED, None, 7.0),
        "search-2": RunStopped("search-2", "failed", "KnowledgeIndexError", "none", 9.0),
        "index-1": RunFinished("index-1", Status.ANSWERED, None, 60_000.0),
    }
    for run_id, end in ends.items():
        kind: RunKind = "index" if run_id == "index-1" else "search"
        writer.append(run_id, RunStarted(run_id, kind, "/notes", "", "local", NOW))
        if kind == "index":
            writer.append(run_id, SyncFinished(3, 0, 1, 12, 0, 2, 1_240, 5, 60_000.0))
        writer.append(run_id, end)
    writer.close()
    return home


def test_stats_without_a_kind_are_of_asks_alone_and_say_so(mixed_home: Path) -> None:
    told = copilot(mixed_home, "stats").out
    assert "4 of kind ask, since 30d" in told
    assert "done" not in told
    assert json.loads(copilot(mixed_home, "stats", "--json").out)["run_kind"] == "ask"


def test_stats_of_searches_tell_how_many_came_to_their_end_and_of_no_answers(
    mixed_home: Path,
) -> None:
    told = copilot(mixed_home, "stats", "--kind", "search").out.splitlines()
    assert [" ".join(line.split()) for line in told] == [
        "runs 2 of kind search, since 30d",
        "done 1 (50%)",
        "failed 1 (50%)",
        "latency p50 8 ms, p95 9 ms",
        "tokens 0 in, 0 out",
        "cost $0",
    ]
    header, row = copilot(mixed_home, "stats", "--kind", "search", "--by", "model").out.split(
        "\n", 1
    )
    assert header.split() == ["model", "runs", "done", "fail", "p50", "p95", "tokens", "cost"]
    assert row.split()[:4] == ["(none)", "2", "50%", "50%"]


def test_stats_of_all_kinds_add_up_those_of_each(mixed_home: Path) -> None:
    told = json.loads(copilot(mixed_home, "stats", "--kind", "all", "--json").out)
    kinds = json.loads(copilot(mixed_home, "stats", "--by", "kind", "--json").out)
    assert told["run_kind"] == ""
    assert [row["runs"] for row in told["rows"]] == [sum(row["runs"] for row in kinds["rows"])]
    by_day = copilot(mixed_home, "stats", "--kind", "all", "--by", "day").out
    header, *_ = by_day.splitlines()
    assert "answ" in header.split()
    assert "done" in header.split()


def test_stats_by_kind_leave_out_the_ends_that_a_kind_can_not_have(mixed_home: Path) -> None:
    _, *rows = copilot(mixed_home, "stats", "--by", "kind").out.splitlines()
    assert [row.split()[:7] for row in rows] == [
        ["ask", "4", "50%", "25%", "0%", "-", "25%"],
        ["index", "1", "-", "-", "-", "100%", "0%"],
        ["search", "2", "-", "-", "-", "50%", "50%"],
    ]


def test_an_index_run_tells_what_became_of_the_documents(mixed_home: Path) -> None:
    shown = copilot(mixed_home, "runs", "show", "index-1").out
    assert "paths       /notes" in shown
    expected = "3 added, 1 removed, 12 unchanged, 2 failed; 1,240 passages, index version 5"
    assert f"documents   {expected}" in shown


def test_an_empty_home_says_so_and_stays_empty(tmp_path: Path) -> None:
    for arguments in (["runs", "list"], ["stats"]):
        done = copilot(tmp_path, *arguments)
        assert (done.code, done.out) == (0, "")
        assert "no runs" in done.err
    assert json.loads(copilot(tmp_path, "stats", "--json").out)["rows"][0]["runs"] == 0
    assert copilot(tmp_path, "runs", "show").code == 3
    assert list(tmp_path.iterdir()) == []


def test_without_bodies_a_run_is_explained_by_its_figures(tmp_path: Path) -> None:
    folder = Paths.from_environment({"COPILOT_HOME": str(tmp_path)}).ledger
    writer = SpoolRunWriter(folder, bodies=False)
    for event in [*written_run(IDS[0]), Warned("x")]:
        writer.append(IDS[0], event)
    writer.close()
    shown = copilot(tmp_path, "runs", "show").out
    assert "question    (not kept)" in shown
    assert "Answer\n  (not kept)" in shown
    assert "900 in, 40 out" in shown
    assert "(not kept)" in copilot(tmp_path, "runs", "list").out


def test_on_a_terminal_a_long_question_is_cut_at_the_edge(tmp_path: Path) -> None:
    folder = Paths.from_environment({"COPILOT_HOME": str(tmp_path)}).ledger
    writer = SpoolRunWriter(folder, bodies=True)
    for event in quoted_run(IDS[0], question="会議 " * 60):
        writer.append(IDS[0], event)
    writer.close()
    leader, follower = pty.openpty()
    environment = {"PATH": "/usr/bin:/bin", "COPILOT_HOME": str(tmp_path), "COLUMNS": "80"}
    command = [sys.executable, "-m", "copilot.cli", "runs", "list"]
    with subprocess.Popen(command, stdout=follower, env=environment, cwd=REPOSITORY) as process:
        os.close(follower)
        shown = b""
        while chunk := _read(leader):
            shown += chunk
    os.close(leader)
    assert process.returncode == 0
    row = shown.decode().splitlines()[1]
    assert row.endswith("…")
    assert 70 <= sum(2 if ord(letter) > 0x2E80 else 1 for letter in row) <= 80


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_rated_runs_are_exported_as_lines_to_train_on(home: Path) -> None:
    for arguments in (
        ("good", IDS[2]),
        ("bad", IDS[0], "--correct", "Ask ana@example.org, not the gateway."),
    ):
        assert copilot(home, "feedback", *arguments).code == 0
    chat = copilot(home, "runs", "export", "--format", "chat")
    assert chat.code == 0, chat.err
    corrected, good = (json.loads(line)["messages"] for line in chat.out.splitlines())
    assert corrected[-1] == {"role": "assistant", "content": "Ask [email], not the gateway."}
    roles = [message["role"] for message in good]
    assert roles == ["system", "user", "assistant", "user", "assistant"]
    [pair] = copilot(home, "runs", "export", "--format", "preference").out.splitlines()
    assert json.loads(pair)["rejected"] == [{"role": "assistant", "content": f"{QUOTE} [1]"}]
    [pair] = copilot(home, "runs", "export", "--format", "preference-openai").out.splitlines()
    assert json.loads(pair)["preferred_output"] == [corrected[-1]]
    whole = copilot(home, "runs", "export", "--format", "json", "--run", IDS[1]).out
    assert json.loads(whole)["run"]["summary"]["id"] == IDS[1]
    told = copilot(home, "runs", "export").out
    assert told.count("## ") == 4
    assert "\x1b" not in told
    assert copilot(home, "runs", "export", "--format", "yaml").code == 2
    nothing = copilot(home, "runs", "export", "--format", "chat", "--status", "abstained")
    assert (nothing.out, "copilot feedback" in nothing.err) == ("", True)


def test_that_texts_were_exported_stands_in_the_audit_trail(home: Path) -> None:
    assert copilot(home, "runs", "export", "--raw", "--run", IDS[1]).code == 0
    assert copilot(home, "runs", "export", "--format", "json").code == 0
    assert copilot(home, "runs", "export", "--format", "chat").out == ""
    told = copilot(home, "audit", "list", "--json").out.splitlines()
    entries = [json.loads(line)["entry"] for line in told]
    assert [(one["action"], one["subject"], one["detail"]) for one in entries] == [
        ("runs.export", "json", {"texts": 4, "redacted": True}),
        ("runs.export", "markdown", {"texts": 1, "redacted": False}),
    ]
