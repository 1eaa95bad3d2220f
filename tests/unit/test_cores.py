"""The cores that we may use: those we are bound to, and a container's share of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from copilot.config.cores import usable_cores


@pytest.fixture(autouse=True)
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("told", "cores"),
    [
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("5000 100000\n", 1),
        ("max 100000\n", 8),
        ("6400000 100000\n", 8),
        ("", 8),
        ("what?\n", 8),
        ("1 0\n", 8),
    ],
)
def test_a_containers_share_counts_where_it_is_less(tmp_path: Path, told: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(told, "ascii")
    assert usable_cores(tmp_path) == cores


@pytest.mark.parametrize(("quota", "cores"), [("300000", 3), ("-1", 8)])
def test_the_older_form_is_read(tmp_path: Path, quota: str, cores: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n", "ascii")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n", "ascii")
    assert usable_cores(tmp_path) == cores


def test_without_any_of_it_the_machines_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert usable_cores(tmp_path) == 8
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_cores(tmp_path) == 64
