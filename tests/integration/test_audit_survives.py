"""The audit trail on disk: crowds, kills, full disks; what was acknowledged stands, once."""

from __future__ import annotations

import errno
import random
import resource
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copilot.adapters.audit import AppendOnlyFile, account, append_only
from copilot.adapters.ledger.locks import try_lock
from copilot.errors import StorageError
from tests.corpora import REPOSITORY
from tests.integration.audit_processes import start, trail_in
from tests.privileges import obeying_permissions


def assert_whole(home: Path, acknowledged: list[str]) -> None:
    """Everything that was acknowledged stands there once, and the trail passes."""
    trail = trail_in(home)
    subjects = [sealed.entry.subject for sealed in trail.lines().sealed]
    assert acknowledged
    assert set(acknowledged) <= set(subjects)
    mended = [subject for subject in subjects if "/" not in subject]
    assert len(set(subjects) - set(mended)) == len(subjects) - len(mended)
    found = trail.verify()
    assert found.state == "holds", found


def test_processes_that_append_at_once_make_one_chain_with_one_key(tmp_path: Path) -> None:
    started = [start(tmp_path, 40) for _ in range(4)]
    acknowledged = [
        line for process in started for line in process.communicate()[0].decode().split()
    ]
    assert len(acknowledged) == 160
    assert_whole(tmp_path, acknowledged)
    assert trail_in(tmp_path).verify().notes == ()


def test_a_key_that_is_rotated_while_others_append_costs_no_entry_and_no_alarm(
    tmp_path: Path,
) -> None:
    trail = trail_in(tmp_path)
    trail.append("keys.set", "0/first", detail={}, principal="ada")
    started = [start(tmp_path, 30) for _ in range(3)]
    acknowledged: list[str] = []
    for process in started:
        assert process.stdout is not None
        acknowledged.append(process.stdout.readline().decode().strip())
    ids = {key for _ in range(5) for key in trail.rotate_key(principal="ada")}
    for process in started:
        acknowledged += process.communicate()[0].decode().split()
    assert len(acknowledged) == 90
    subjects = [sealed.entry.subject for sealed in trail.lines().sealed]
    assert sorted(s for s in subjects if "/" in s) == sorted([*acknowledged, "0/first"])
    assert len(ids) == 6
    found = trail.verify()
    assert found.state == "holds", found
    assert len(found.notes) == 5


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_over_kills_and_no_kill_is_an_alarm(tmp_path: Path) -> None:
    chance = random.Random(11)
    acknowledged: list[str] = []
    for _ in range(20):
        pair = [start(tmp_path, 0), start(tmp_path, 0)]
        for process in pair:
            assert process.stdout is not None
            acknowledged.append(process.stdout.readline().decode().strip())
        time.sleep(chance.uniform(0, 0.05))
        for process in pair:
            process.kill()
        for process in pair:
            output = process.communicate()[0].decode()
            acknowledged += output[: output.rfind("\n") + 1].split()
    assert_whole(tmp_path, acknowledged)


def test_the_trail_its_anchor_and_its_key_are_the_users_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    trail_in(home).append("keys.set", "openai", detail={}, principal="ada")
    files = [file for file in home.rglob("*") if file.is_file()]
    assert {file.name for file in files} == {"audit.jsonl", "anchor.jsonl", "audit.key"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert all(stat.S_IMODE(file.parent.stat().st_mode) == 0o700 for file in files)


def test_a_write_that_a_full_disk_cuts_short_leaves_the_trail_as_it_was(tmp_path: Path) -> None:
    trail = trail_in(tmp_path)
    trail.append("keys.set", "openai", detail={}, principal="ada")
    file = tmp_path / "ledger" / "audit.jsonl"
    before = file.read_bytes()
    limit = len(before) + 100
    code = (
        "import resource, signal; from pathlib import Path\n"
        "from tests.integration.audit_processes import trail_in\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"trail = trail_in(Path({str(tmp_path)!r}))\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {resource.RLIM_INFINITY}))\n"
        "trail.append('keys.set', 'anthropic', detail={}, principal='ada')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert "StorageError" in done.stderr
    assert file.read_bytes() == before
    trail.append("keys.set", "anthropic", detail={}, principal="ada")
    assert trail.verify().state == "holds"


@pytest.mark.parametrize(
    "stopped_by", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt]
)
def test_a_write_that_never_reached_the_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_by: BaseException
) -> None:
    trail = trail_in(tmp_path)
    trail.append("keys.set", "openai", detail={}, principal="ada")
    file = tmp_path / "ledger" / "audit.jsonl"
    before = file.read_bytes()

    def failing(descriptor: int) -> None:
        raise stopped_by

    with monkeypatch.context() as patch, pytest.raises((StorageError, KeyboardInterrupt)):
        patch.setattr(append_only.os, "fsync", failing)
        trail.append("keys.set", "anthropic", detail={}, principal="ada")
    assert file.read_bytes() == before
    trail.append("keys.set", "anthropic", detail={}, principal="ada")
    assert trail.verify().state == "holds"


def test_a_file_that_is_moved_away_before_it_is_locked_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, aside = tmp_path / "lines.jsonl", tmp_path / "aside.jsonl"
    lines = AppendOnlyFile(file)
    lines.extend(lambda last, torn: b"one\n")
    calls: list[int] = []

    def moving(descriptor: int) -> bool:
        if not calls:
            file.rename(aside)
        calls.append(descriptor)
        return try_lock(descriptor)

    monkeypatch.setattr(append_only, "try_lock", moving)
    lines.extend(lambda last, torn: b"two\n")
    assert (aside.read_bytes(), file.read_bytes()) == (b"one\n", b"two\n")


@obeying_permissions
def test_a_file_in_a_folder_that_others_own_will_do_for_an_anchor(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    file = folder / "anchor.jsonl"
    file.touch()
    folder.chmod(0o500)
    lines = AppendOnlyFile(file)
    lines.extend(lambda last, torn: b"one\n")
    assert lines.read() == b"one\n"
    with pytest.raises(StorageError, match="can't be written"):
        AppendOnlyFile(folder / "new.jsonl").extend(lambda last, torn: b"one\n")
    folder.chmod(0o700)


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger" / "audit.jsonl").mkdir(parents=True)
    trail = trail_in(tmp_path)
    with pytest.raises(StorageError, match=r"audit\.jsonl can't be written"):
        trail.append("keys.set", "openai", detail={}, principal="ada")
    with pytest.raises(StorageError, match=r"audit\.jsonl can't be read"):
        trail.verify()


def test_the_account_is_the_systems_word_not_the_environments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = account()
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME", "HOSTNAME"):
        monkeypatch.setenv(name, "mallory")
    assert account() == before
    assert "@" in before
