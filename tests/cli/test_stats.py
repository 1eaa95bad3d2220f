"""``copilot stats`` and its commands: quality, plots, CSV, KPIs and causes of failure."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.config.paths import Paths
from copilot.events import (
    Arrival,
    DocumentIndexed,
    Event,
    ModelAttempt,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
)
from copilot.figures import DERIVED, StatsRow
from copilot.messages import Status
from copilot.records import BudgetChanged, CacheUsed, FeedbackGiven, Record, ToolCalled
from copilot.testing.run_events import quoted_run, written_run
from tests.cli.conftest import Cli

NOW = datetime.now(UTC)


def ago(**period: float) -> datetime:
    return NOW - timedelta(**period)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of ``cli``: a sync, then asks of three days, one of them half a year ago."""
    home = tmp_path / "home"
    folder = Paths.from_environment({"COPILOT_HOME": str(home)}).ledger
    writer = SpoolRunWriter(folder, bodies=True)

    def put(run_id: str, *said: Event | RunStopped | Record) -> None:
        for one in said:
            writer.append(run_id, one)

    put(
        "sync",
        RunStarted("sync", "index", "/notes", "", "local", ago(days=4)),
        SyncFinished(3, 0, 0, 0, 0, 0, 9, 5, 60_000.0, sources=("notes",)),
        RunFinished("sync", Status.ANSWERED, None, 60_000.0),
    )
    put(
        "later",
        RunStarted("later", "index", "/notes", "", "local", ago(days=2)),
        *(
            DocumentIndexed("/notes/a.md", 1, "updated", Arrival("notes", changed, ago(days=2)))
            for changed in (ago(days=2, hours=30), ago(days=2, hours=2), ago(days=9))
        ),
        SyncFinished(0, 2, 0, 0, 0, 0, 9, 6, 60_000.0, sources=("notes",), whole=False),
        RunFinished("later", Status.ANSWERED, None, 60_000.0),
    )
    for number, days in enumerate((3, 3, 1), start=1):
        put(f"w-{number}", *written_run(f"w-{number}", started_at=ago(days=days)))
        slow = ModelAttempt("m", "failed", f"ModelTimeoutError: no answer in {number} s")
        put(f"w-{number}", slow)
    put("w-1", FeedbackGiven("good", "ann"))
    put("w-2", FeedbackGiven("bad", "ann"), CacheUsed("exact", "miss"))
    put("q-1", *quoted_run("q-1", started_at=ago(days=3), status=Status.ABSTAINED))
    put("q-2", *quoted_run("q-2", started_at=ago(days=190)))
    put("w-3", ToolCalled("close_ticket", "write", "denied"))
    put("", BudgetChanged("team", "settled", 1, 2_000_000, 5_000_000, "2026-11"))
    writer.close()
    return home


def told(out: str) -> dict[str, str]:
    return {line[:22].strip(): line[22:] for line in out.splitlines()}


def test_stats_tell_what_runs_were_good_for(cli: Cli, home: Path) -> None:
    lines = told(cli("stats").out)
    assert lines["succeeded"] == "50%, $0.001851 each"
    assert lines["requests"] == "9 to models, 6 failed"
    assert lines["grounded"] == "100% of 3 shown sentences"
    assert lines["rated good"] == "50% of 2 ratings"
    assert lines["cache hits"] == "0% of 1 look"
    assert lines["index age"] == "p95 65 h when asked; last sync 4 d ago"
    assert lines["index lag"] == "p50 30 h, p95 46 h; 33.33% within 24 h, of 3 changed"
    assert lines["budget"] == "$3.00 of $5.00 left, team 2026-11"


def test_what_nothing_was_recorded_for_reads_no_data(cli: Cli, tmp_path: Path) -> None:
    folder = Paths.from_environment({"COPILOT_HOME": str(tmp_path / "home")}).ledger
    writer = SpoolRunWriter(folder, bodies=True)
    for event in quoted_run("q-1", started_at=NOW, status=Status.ABSTAINED)[:-1]:
        writer.append("q-1", event)
    writer.close()
    lines = told(cli("stats").out)
    for label in ("latency", "grounded", "rated good", "cache hits", "index age", "index lag"):
        assert lines[label] == "no data", label
    assert "0%" in lines["succeeded"]
    assert "each" not in lines["succeeded"]
    header, row = cli("stats", "--by", "route", "--quality").out.splitlines()
    cells = dict(zip(header.split(), row.split(), strict=True))
    assert {cells[name] for name in ("each", "top3", "grnd", "good", "hits", "valid")} == {"-"}


@pytest.mark.parametrize("by", ["model", "day", "route", "prompt", "status", "kind"])
def test_quality_by_group_fits_eighty_columns(cli: Cli, home: Path, by: str) -> None:
    header, *rows = cli("stats", "--by", by, "--quality").out.splitlines()
    assert header.split()[:3] == [by, "runs", "succ"]
    assert rows
    assert max(map(len, [header, *rows])) <= 80


def test_quality_without_a_group_is_told_by_day(cli: Cli, home: Path) -> None:
    assert cli("stats", "--quality").out.split()[0] == "day"


def test_a_plot_has_a_line_for_each_day_with_and_without_runs(cli: Cli, home: Path) -> None:
    days = [line.split() for line in cli("stats", "--plot", "success").out.splitlines()]
    assert [line[0] for line in days] == [f"{ago(days=n):%Y-%m-%d}" for n in (3, 2, 1)]
    assert [" ".join(line[1:2]) for line in days] == ["33.33%", "no", "100%"]
    assert days[1][1:] == ["no", "data"]
    full = days[2][2].count("█")
    assert days[0][2].count("█") == full // 3 > 0


def test_a_plot_fits_eighty_columns_and_its_longest_bar_is_the_largest_figure(
    cli: Cli, home: Path
) -> None:
    lines = cli("stats", "--by", "route", "--plot", "runs").out.splitlines()
    assert max(map(len, lines)) <= 80
    bars = {line.split()[0]: line.count("█") for line in lines}
    assert set(bars) == {"answer", "quote"}
    assert bars["answer"] >= 3 * bars["quote"] - 3 > 0


def test_a_plot_where_blocks_can_not_be_written_uses_number_signs(cli: Cli, home: Path) -> None:
    done = cli("stats", "--plot", "runs", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert "###" in done.out
    assert "█" not in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--plot", "colour"], "one of: runs, cost"),
        (["--by", "weather"], "--by model|hour|day|month|route|prompt|status|kind"),
        (["--json", "--csv"], "two forms"),
        (["--csv", "--plot", "runs"], "two forms"),
        (["--since", "7d", "kpi"], "copilot stats kpi --since"),
        (["kpi", "--json", "--csv"], "two forms"),
        (["failures", "--since", "soon"], "7d"),
    ],
)
def test_what_does_not_fit_together_is_a_usage_error(
    cli: Cli, home: Path, arguments: list[str], said: str
) -> None:
    done = cli("stats", *arguments)
    assert done.code == 2
    assert said in done.err


def test_csv_holds_every_figure_and_leaves_out_what_is_not_known(cli: Cli, home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("stats", "--by", "prompt", "--csv").out)))
    assert [row["group"] for row in rows] == ["(none)", "answer 3"]
    assert set(rows[0]) == {*StatsRow.__dataclass_fields__, *DERIVED}
    assert rows[1]["cost_microusd"] == "3702"
    assert (rows[0]["good_share"], rows[1]["good_share"]) == ("", "0.5")


def test_json_carries_the_figures_that_a_row_derives(cli: Cli, home: Path) -> None:
    envelope = cli("stats", "--json").envelope
    [row] = envelope["rows"]
    assert row["success_share"] == 0.5
    assert row["valid_share"] is None
    fresh = envelope["freshness"]
    assert (fresh["documents"], fresh["lag_p50_s"], fresh["within"]) == (3, 30 * 3_600, 1)
    assert (fresh["within_s"], fresh["within_share"]) == (86_400, pytest.approx(1 / 3))
    [budget] = envelope["budgets"]
    assert (budget["budget"], budget["left_microusd"]) == ("team", 3_000_000)
    assert envelope["synced_at"].startswith(f"{ago(days=4):%Y-%m-%d}")


def test_kpis_come_with_value_target_and_verdict(cli: Cli, home: Path) -> None:
    done = cli("stats", "kpi")
    assert done.code == 0, done.err
    header, *lines = done.out.splitlines()
    assert header.split() == ["kpi", "value", "target", "verdict", "over"]
    assert max(map(len, lines)) <= 80
    rows = {line[:20].strip(): " ".join(line[20:].split()) for line in lines}
    assert rows["grounding"] == "100% ≥ 95% holds 3 sentences"
    assert rows["fresh within 24 h"] == "33.33% ≥ 95% misses 3 documents"
    assert rows["satisfaction"] == "50% ≥ 80% misses 2 ratings"
    assert rows["format adherence"] == "no data ≥ 99% no data 0 extractions"
    # The one ask of that time was no fallback, and a change from nothing is none.
    assert rows["task success"] == "50% ≥ +10% (was 100%) misses 4 runs"
    assert rows["escalation, fallback"] == "0% ≤ -15% (was 0%) no data 4 runs"


@pytest.mark.parametrize("command", [["--json"], [], ["kpi"]])
def test_what_the_ledger_sets_aside_is_said_however_much_is_asked(
    cli: Cli, home: Path, command: list[str]
) -> None:
    spool = Paths.from_environment({"COPILOT_HOME": str(home)}).ledger / "spool"
    (spool / "torn.jsonl").write_bytes(b"no record\n")
    assert cli("stats", *command).err.count("set aside") == 1


def test_targets_come_from_the_configuration(cli: Cli, home: Path) -> None:
    env = {
        "COPILOT_KPI__SATISFACTION_MIN": "0.5",
        "COPILOT_KPI__BASELINE_DAYS": "10",
        "COPILOT_KPI__FRESHNESS_HOURS": "60",
    }
    kpis = {kpi["name"]: kpi for kpi in cli("stats", "kpi", "--json", env=env).envelope["kpis"]}
    assert (kpis["satisfaction"]["target"], kpis["satisfaction"]["verdict"]) == (0.5, "holds")
    assert kpis["task_success"]["verdict"] == "no data"
    assert (kpis["freshness"]["value"], kpis["freshness"]["verdict"]) == (1.0, "holds")


def test_kpis_as_csv_have_a_row_each(cli: Cli, home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("stats", "kpi", "--csv").out)))
    by_name = {row["name"]: row for row in rows}
    assert by_name["grounding"]["value"] == "1.0"
    assert (by_name["format"]["value"], by_name["format"]["verdict"]) == ("", "no data")


def test_failures_are_told_by_cause_with_a_run_to_look_at(cli: Cli, home: Path) -> None:
    out = cli("stats", "failures").out
    assert out.startswith("7 failures of 3 causes\n")
    assert "3 (43%) ModelTimeoutError, call of a model: m" in out
    assert "\n  ModelTimeoutError: no answer in # s\n" in out
    assert "copilot runs show w-3" in out
    assert "denied, call of a tool: close_ticket" in out


def test_failures_as_json_count_all_and_hold_as_many_as_asked(cli: Cli, home: Path) -> None:
    envelope = cli("stats", "failures", "-n", "2", "--json").envelope
    assert (envelope["failures"], envelope["causes"]) == (7, 3)
    _, cluster = envelope["clusters"]
    assert (cluster["count"], cluster["texts"], cluster["where"]) == (3, 3, ["m"])
    rows = list(csv.DictReader(io.StringIO(cli("stats", "failures", "--csv").out)))
    assert [row["count"] for row in rows] == ["3", "3", "1"]


def test_where_nothing_failed_it_says_so(cli: Cli, home: Path) -> None:
    done = cli("stats", "failures", "--since", "1h")
    assert (done.code, done.out) == (0, "")
    assert "nothing failed" in done.err
