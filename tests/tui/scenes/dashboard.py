"""A team's last seven days: what a model wrote and what was quoted, a budget, an alert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from copilot import calls
from copilot.calls.dashboard import LookOver
from copilot.figures import (
    BudgetState,
    Freshness,
    GroupFigures,
    Overview,
    RuleState,
    Standing,
    StatsRow,
)
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
_RUNS = (38, 61, 72, 9, 4, 68, 83, 41)
_P95 = (3_100, 2_950, 3_400, 1_200, 900, 4_800, 3_300, 3_050)


def row(group: str, runs: int, p95: float, *, index: int = 0) -> StatsRow:
    """Figures that hang together: runs that ended, cost, time, verdicts, ratings."""
    abstained, failed = runs // 12, runs // 40
    return StatsRow(
        group=group,
        runs=runs,
        answered=runs - abstained - failed,
        abstained=abstained,
        failed=failed,
        input_tokens=runs * 1_870 + index * 311,
        output_tokens=runs * 94,
        cost_microusd=runs * 5_130 + index * 17_000,
        latency_p50_ms=p95 * 0.38,
        latency_p95_ms=p95,
        cited=runs - abstained,
        cited_top3=runs - abstained - 1,
        succeeded=runs - abstained - failed,
        calls=runs,
        sentences=runs * 3,
        supported=runs * 3 - runs // 25,
        checked=runs - abstained,
        good=runs // 9,
        bad=runs // 45,
    )


def overview(runs: tuple[int, ...] = _RUNS) -> Overview:
    days = [AT - timedelta(days=len(runs) - 1 - n) for n in range(len(runs))]
    groups = tuple(
        GroupFigures(told, told, f"since={day:%Y-%m-%d}T00:00Z until={after:%Y-%m-%d}T00:00Z")
        for day, after, told in (
            (day, day + timedelta(days=1), row(f"{day:%Y-%m-%d}", count, p95, index=n))
            for n, (day, count, p95) in enumerate(zip(days, runs, _P95, strict=False))
        )
    )
    now, before = row("", sum(runs), 3_640), row("", 331, 3_900)
    return Overview(
        at=AT,
        since=AT - timedelta(days=7),
        by="day",
        now=GroupFigures(now, now, "since=2026-11-13T14:30Z"),
        before=GroupFigures(before, before, "since=2026-11-06T14:30Z until=2026-11-13T14:30Z"),
        groups=groups,
        left_out=0,
        freshness=Freshness(41, 1_900, 40_000, 39, 86_400),
        standing=Standing(
            AT - timedelta(minutes=18), (BudgetState("team", "2026-11", 31_400_000, 50_000_000),)
        ),
        rules=(
            RuleState(
                "slow-answers",
                "firing",
                "latency_p95",
                "3.6 s",
                "above 3.0 s",
                "7d",
                376,
                "kind=ask",
            ),
            RuleState("spend", "ok", "cost", "$0.63", "above $5.00", "24h", 41, "since=24h"),
            RuleState("stale", "ok", "index_age", "0.3 h", "above 24.0 h", "1h", 0, "kind=index"),
        ),
        recording=True,
        ever=True,
    )


def scene() -> Scene:
    core = ScriptedCore(
        stands=calls.Stands("openai/gpt-5-mini", "ana", 1.42, "2026-11-20T14:12:00+00:00", 2),
        replies={LookOver: overview()},
    )

    async def play(driver: Driver) -> None:
        await driver.pilot.press("down", "down")

    return Scene(core, play)
