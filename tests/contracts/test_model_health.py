"""What both keepers of models' health honour: the one in a file and the one in memory."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.upstream import build_health
from copilot.errors import StorageError
from copilot.testing.memory_health import MemoryHealth
from copilot.upstream import Health, HealthStore
from tests.corpora import REPOSITORY

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=90)


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> HealthStore:
    return build_health(tmp_path / "state/m.db") if request.param == "file" else MemoryHealth()


def test_of_a_model_that_never_failed_nothing_is_known(store: HealthStore) -> None:
    assert dict(store.health(["a", "b"])) == {}
    store.succeeded("a")
    assert dict(store.health(["a"])) == {}


def test_failures_in_a_row_are_counted_until_a_call_succeeds(store: HealthStore) -> None:
    store.failed("a", NOON)
    store.failed("a", LATER)
    store.failed("b", NOON)
    assert dict(store.health(["a", "b", "c"])) == {"a": Health(2, LATER), "b": Health(1, NOON)}
    store.succeeded("a")
    assert dict(store.health(["a", "b"])) == {"b": Health(1, NOON)}


def test_one_caller_alone_may_try_what_has_rested(store: HealthStore) -> None:
    store.failed("a", NOON)
    assert not store.claim("a", failed_before=NOON - timedelta(seconds=1), at=LATER)
    assert not store.claim("never", failed_before=LATER, at=LATER)
    with ThreadPoolExecutor(8) as threads:
        claims = list(
            threads.map(lambda _: store.claim("a", failed_before=NOON, at=LATER), range(16))
        )
    assert sum(claims) == 1
    assert dict(store.health(["a"])) == {"a": Health(1, LATER)}


def test_processes_that_begin_at_once_all_count(tmp_path: Path) -> None:
    file = tmp_path / "state" / "m.db"
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from copilot.adapters.upstream import build_health\n"
        "for _ in range(20): build_health(Path(sys.argv[1])).failed('a', datetime.now(UTC))\n"
    )
    command = [sys.executable, "-c", code, str(file)]
    several = [subprocess.Popen(command, cwd=REPOSITORY) for _ in range(6)]
    assert [one.wait(timeout=60) for one in several] == [0] * 6
    assert build_health(file).health(["a"])["a"].failures == 120
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["a folder", "no database"])
def test_a_file_that_can_not_be_used_is_named(what: str, tmp_path: Path) -> None:
    file = tmp_path / "m.db"
    if what == "a folder":
        file.mkdir()
    else:
        file.write_text("Not a database at all. " * 100)
    with pytest.raises(StorageError, match=r"m\.db") as caught:
        build_health(file).failed("a", NOON)
    assert "deleted" in caught.value.hint
