"""Tables on a terminal of any width: what is cut, what stands below its row, what stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from copilot.cli import console
from copilot.cli.recorded import explain
from copilot.cli.tables import shortened, table
from copilot.runs import ExplainedRun, RunDetail
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import written_run

PLACE = "handbook/policies/travel/2026-expenses.md, lines 12-28"
HEADER = ["rank", "score", "passage"]
ROWS = [["1", "10.089", PLACE], ["2", "8.716", "a.md, line 1"]]


def written() -> RunDetail:
    """A run in which a model wrote the answer."""
    ledger = MemoryLedger()
    for event in written_run("run-1"):
        ledger.append("run-1", event)
    return ledger.run("run-1")


def explained(run: RunDetail) -> list[str]:
    return list(explain(ExplainedRun(run, steps=(), took_ms=0.0)))


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(console, "is_terminal", lambda _: True)
    return monkeypatch


def lines(columns: int, monkeypatch: pytest.MonkeyPatch, *, margin: int = 0) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = table(HEADER, ROWS, right={"score"}, margin=margin, keep="last", least=30)
    assert len(rows) == 3
    return [line for row in rows for line in row.split("\n")]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_name_of_a_file_stays_at_every_width(width: int, columns: pytest.MonkeyPatch) -> None:
    told = lines(width, columns, margin=2)
    assert max(cell_len(line) for line in told) <= width - 2
    assert sum("2026-expenses.md, lines 12-28" in line for line in told) == 1
    assert sum("a.md, line 1" in line for line in told) == 1


def test_a_last_column_without_room_stands_below_its_row(columns: pytest.MonkeyPatch) -> None:
    header, *told = lines(40, columns)
    assert header == "rank   score"
    assert told[:3] == ["    passage", "1     10.089", "    …/2026-expenses.md, lines 12-28"]
    assert lines(80, columns)[1] == f"1     10.089  {PLACE}"


def test_a_cell_keeps_its_beginning_where_its_end_is_not_asked_for() -> None:
    assert shortened(PLACE, 20) == "handbook/policies/t…"
    assert shortened(PLACE, 20, keep="last") == "…ses.md, lines 12-28"
    assert shortened("会議室" * 9, 10, keep="last") == "…室会議室"
    assert shortened("short", 20, keep="last") == "short"


def test_a_run_is_explained_with_the_names_of_its_hits_on_a_narrow_terminal(
    columns: pytest.MonkeyPatch,
) -> None:
    columns.setenv("COLUMNS", "40")
    _, _, told = "\n".join(explained(written())).partition("\nHits")
    assert "      /handbook/runbook-1.md, lines 1-3" in told
    assert told.count("runbook-") == len(written().hits) > 3


def test_an_answer_that_is_not_kept_is_said_to_be_missing_whatever_made_it() -> None:
    run = written()
    assert run.inputs is not None
    for status in ("answered", "degraded", "abstained"):
        for kind in ("ask", "replay"):
            summary = replace(run.summary, kind=kind, status=status)
            told = list(explained(replace(run, summary=summary, answer=None)))
            assert told[told.index("Answer") + 1] == "  (not kept)"
    search = replace(run.summary, kind="replay")
    inputs = replace(run.inputs, settings=None)
    assert "Answer" not in list(explained(replace(run, summary=search, answer=None, inputs=inputs)))


def test_hits_that_an_answer_cites_are_explained_however_far_down_they_stand() -> None:
    run = written()
    one = replace(run.hits[0], kept=False, reason="too far off")
    hits = [replace(one, rank=rank) for rank in range(1, 31)]
    hits[19] = replace(hits[19], kept=True, reason="cited as [3]")
    told = explained(replace(run, hits=tuple(hits)))
    section = told[told.index("Hits (30, index version 8)") :]
    assert sum("dropped: too far off" in line for line in section) == 10
    place = next(n for n, line in enumerate(section) if "kept: cited as [3]" in line)
    assert section[place - 1].split()[0] == "20"
    assert "  … and 19 more; --json has them all" in section


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    run = written()
    told = "\n".join(explained(replace(run, summary=replace(run.summary, cost_microusd=None))))
    assert "900 in, 40 out; price unknown (models.prices)" in told
