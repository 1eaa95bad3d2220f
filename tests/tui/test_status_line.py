"""The last line: today's money, its limit, how fresh the index is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot import calls
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.records import BudgetChanged
from copilot.testing.run_events import written_run
from copilot.testing.scripted_core import ScriptedCore
from tests.cli.conftest import run_cli
from tests.tui.driving import driven, real_core

STANDS = calls.Stands("openai/gpt-5-mini", "ana", 1.42, "")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "· $1.42 today ·"),
        ({"limit_usd": 5.0}, "· $1.42 of $5.00 today ·"),
        ({"limit_usd": 1.0}, "· ▲ $1.42 of $1.00 today ·"),
        ({"alert_usd": 5.0}, "· $1.42 today, alert at $5.00 ·"),
        ({"alert_usd": 1.42}, "· ▲ $1.42 today, alert at $1.42 ·"),
        ({"limit_usd": 5.0, "alert_usd": 1.0}, "· $1.42 of $5.00 today ·"),
        ({"spent_usd": None, "limit_usd": 5.0}, "· spend unknown ·"),
    ],
)
async def test_todays_spend_stands_beside_its_limit(
    tmp_path: Path, changed: dict[str, float | None], said: str
) -> None:
    stands = replace(STANDS, **changed)  # type: ignore[arg-type]
    async with driven(ScriptedCore(stands=stands), tmp_path) as driver:
        await driver.settled()
        assert said in driver.screen_text().splitlines()[-1]


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (120, "azure/gpt-5-mini-eastus2 · $1.42 of $5.00 today · synced 20 min ago · asking"),
        (76, "gpt-5-mini-eastus2 · $1.42 of $5.00 today · synced 20 min ago · asking"),
        (60, "gpt-5-mini-eastus2 · $1.42 of $5.00 today · asking"),
        (40, "gpt-5-mini-eastus2 · asking"),
    ],
)
async def test_where_there_is_little_room_what_goes_on_is_said_before_the_rest(
    tmp_path: Path, width: int, said: str
) -> None:
    now = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    stands = calls.Stands(
        "azure/gpt-5-mini-eastus2", "ana", 1.42, "2026-11-20T14:10:00+00:00", limit_usd=5.0
    )
    core = ScriptedCore([asyncio.Event()], stands=stands)
    async with driven(core, tmp_path, size=(width, 15), now=lambda: now) as driver:
        await driver.settled()
        await driver.type("why")
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        assert driver.screen_text().splitlines()[-1].strip() == said


async def test_the_limit_comes_from_the_budget_of_the_day_and_the_alert_from_its_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, now = tmp_path / "home", datetime.now(UTC)
    writer = SpoolRunWriter(home / "ledger", bodies=False)
    for event in written_run("run-1", cost_microusd=2_500_000, started_at=now):
        writer.append("run-1", event)
    writer.append("", BudgetChanged("team", "settled", 1, 2_500_000, 4_000_000, f"{now:%Y-%m-%d}"))
    writer.close()
    told = run_cli("config", "path", "config", home=home).out.strip()
    rule = '[alerts.rules.day]\nfigure = "cost"\nabove = 3.0\nwindow = "24h"\n'
    write(Path(told), rule)
    stands = await real_core(home, monkeypatch).call(calls.Standing(), calls.Stands)
    assert (stands.spent_usd, stands.limit_usd, stands.alert_usd) == (2.5, 4.0, 3.0)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
