"""The real index under kill -9, two writers, a full disk, no permission, and damage."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copilot.adapters.index import build_index
from copilot.errors import ConfigError, CopilotError, KnowledgeIndexError
from copilot.events import SyncFinished
from copilot.messages import SearchFilter
from copilot.ports import PassageIndex
from copilot.testing.hash_embedder import HashEmbedder
from tests.corpora import REPOSITORY
from tests.integration.index_processes import DIMENSION, build_ingest
from tests.privileges import obeying_permissions

pytestmark = pytest.mark.slow

_ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(REPOSITORY)}


def start(
    index: Path, folder: Path, *, commit: int = 16, **options: object
) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [
            *(sys.executable, "-m", "tests.integration.index_processes"),
            *(str(index), str(folder), str(commit)),
        ],
        cwd=REPOSITORY,
        env=_ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, object]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err + out
    last = json.loads(out.splitlines()[-1])
    assert isinstance(last, dict)
    return {**last, "said": out}


def sync_here(index: Path, folder: Path) -> SyncFinished:
    async def last() -> SyncFinished:
        ingest = build_ingest(index)
        events = [event async for event in ingest.sync(sources=[ingest.add(folder)])]
        assert isinstance(events[-1], SyncFinished)
        return events[-1]

    return asyncio.run(last())


def make_corpus(folder: Path, *, seed: int) -> None:
    """Files of one to nine passages and one of 120 records, the same for the same seed."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(60):
        passages = [f"passage {n} of file {i} {rng.random()}" for n in range(rng.randint(1, 9))]
        (folder / f"{i:03}.txt").write_text("\n\n".join(passages))
    records = [f"record {i} {rng.random()}" for i in range(120)]
    (folder / "records.jsonl").write_text("\n".join(records))


def content(index: PassageIndex) -> dict[str, tuple[str, ...]]:
    """What the index holds, document by document; fails when a document is half there."""
    held = {}
    for state in index.documents():
        stored = index.stored([state.path])
        texts = [s.passage.text for s in sorted(stored, key=lambda s: s.passage.ordinal)]
        assert len(texts) == state.passages, state.path
        assert len({s.passage.id for s in stored}) == len(stored)
        held[state.path] = tuple(texts)
    assert sum(map(len, held.values())) == index.count_passages()
    return held


def assert_searchable(index: PassageIndex) -> None:
    query = HashEmbedder(DIMENSION).embed_queries(["passage of file"])[0]
    hits = index.search_dense(query, limit=5, where=SearchFilter())
    assert len(index.fetch([id_ for id_, _ in hits], where=SearchFilter())) == len(hits)
    lexical = index.search_lexical("passage of file", limit=5, where=SearchFilter())
    assert bool(lexical) == bool(hits)


@pytest.mark.parametrize("seed", range(2))
def test_kill_9_at_any_moment_leaves_whole_documents_and_the_next_run_goes_on(
    tmp_path: Path, seed: int
) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    make_corpus(folder, seed=seed)
    undisturbed = tmp_path / "undisturbed"
    sync_here(undisturbed, folder)
    whole = content(build_index(undisturbed))
    rng = random.Random(seed)
    for _ in range(3):
        process = start(index, folder)
        assert process.stdout is not None
        # Somewhere between the first commit and the last, not only at the border of a batch.
        for _commit in range(rng.randint(1, 60)):
            if not process.stdout.readline().startswith("committed"):
                break
        time.sleep(rng.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        opened = build_index(index)
        assert_searchable(opened)
        unfinished = set(opened.unfinished())  # passages whose document has not followed yet
        acknowledged = {state.path for state in opened.documents()} - unfinished
        for path in acknowledged:
            stored = sorted(opened.stored([path]), key=lambda s: s.passage.ordinal)
            assert tuple(s.passage.text for s in stored) == whole[path]
        make_corpus(folder, seed=seed)  # the same files anew, other times: as a checkout does
    finish(start(index, folder))
    assert build_index(index).unfinished() == []
    assert content(build_index(index)) == content(build_index(undisturbed))
    assert sync_here(index, folder).unchanged == 180


def test_kill_9_while_documents_are_replaced_never_mixes_old_and_new(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    make_corpus(folder, seed=1)
    sync_here(index, folder)
    old = content(build_index(index))
    make_corpus(folder, seed=2)
    new_index = tmp_path / "new"
    sync_here(new_index, folder)
    new = content(build_index(new_index))
    for delay in (0, 7, 23, 41):
        process = start(index, folder)
        assert process.stdout is not None
        for _ in range(delay):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        opened = build_index(index)
        for path in old.keys() | new.keys():
            stored = sorted(opened.stored([path]), key=lambda s: s.passage.ordinal)
            assert tuple(s.passage.text for s in stored) in (old.get(path, ()), new.get(path, ()))
    finish(start(index, folder))
    assert content(build_index(index)) == new


def test_two_processes_that_index_one_folder_both_finish(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    make_corpus(folder, seed=3)
    first, second = start(index, folder), start(index, folder)
    results = [finish(first), finish(second)]
    assert sorted(result["added"] for result in results) == [0, 180]  # type: ignore[type-var]
    held = content(build_index(index))
    assert len(held) == 181
    undisturbed = tmp_path / "undisturbed"
    sync_here(undisturbed, folder)
    assert held == content(build_index(undisturbed))


def test_two_processes_that_index_two_folders_lose_nothing(tmp_path: Path) -> None:
    index = tmp_path / "index"
    make_corpus(tmp_path / "one", seed=4)
    make_corpus(tmp_path / "two", seed=5)
    processes = [start(index, tmp_path / name) for name in ("one", "two")]
    for process in processes:
        assert finish(process)["added"] == 180
    assert len(content(build_index(index))) == 362
    assert len(build_index(index).sources()) == 2


def test_a_search_goes_on_while_another_process_writes(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    make_corpus(folder, seed=6)
    sync_here(index, folder)
    opened = build_index(index)
    before = opened.version()
    make_corpus(folder, seed=7)
    process = start(index, folder, commit=8)
    query = HashEmbedder(DIMENSION).embed_queries(["passage"])[0]
    while process.poll() is None:
        # A hit may be gone by the time it is fetched; the others are what they say they are.
        hits = opened.search_dense(query, limit=50, where=SearchFilter())
        assert len(hits) == 50
        fetched = opened.fetch([id_ for id_, _ in hits], where=SearchFilter())
        assert {s.passage.id for s in fetched} <= {id_ for id_, _ in hits}
        assert opened.search_lexical("passage", limit=5, where=SearchFilter())
    finish(process)
    assert opened.version() > before


# --- no room, no right -----------------------------------------------------------------


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)


def test_a_full_disk_is_named_and_what_was_committed_stays(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    make_corpus(folder, seed=8)
    with small_disk(tmp_path / "disk", "700k") as disk:
        process = start(disk / "index", folder)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 5, out + err
        said = json.loads(out.splitlines()[-1])
        assert "disk is full" in said["message"]
        assert "Traceback" not in err
        content_kept = build_index(disk / "index")
        assert_searchable(content_kept)
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        finish(start(disk / "index", folder))
        assert len(content(build_index(disk / "index"))) == 181


def test_a_file_size_limit_is_named_as_no_room(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    make_corpus(folder, seed=9)

    def limited() -> None:
        # Beyond the limit a write fails with EFBIG instead of ending the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))

    process = start(tmp_path / "index", folder, commit=512, preexec_fn=limited)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, out + err
    assert "disk is full" in json.loads(out.splitlines()[-1])["message"]
    finish(start(tmp_path / "index", folder))
    assert len(content(build_index(tmp_path / "index"))) == 181


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """A bind mount that may not be written, since root writes where it likes."""
    bind = ["mount", "--bind", str(path), str(path)]
    if os.geteuid() != 0 or subprocess.run(bind, check=False, capture_output=True).returncode:
        pytest.skip("a read-only file system can't be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(path)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)


def test_a_read_only_home_can_be_searched_and_refuses_writes_by_name(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "home" / "index"
    make_corpus(folder, seed=10)
    sync_here(index, folder)
    with read_only(tmp_path / "home"):
        assert_searchable(build_index(index))
        assert len(content(build_index(index))) == 181
        with pytest.raises(KnowledgeIndexError, match="read-only"):
            sync_here(index, folder)
        with pytest.raises(ConfigError, match="read-only"):
            sync_here(tmp_path / "home" / "other", folder)


@obeying_permissions
def test_a_home_without_permission_is_named(tmp_path: Path) -> None:
    folder, home = tmp_path / "docs", tmp_path / "home"
    make_corpus(folder, seed=11)
    home.mkdir(mode=0o500)
    with pytest.raises(CopilotError, match="can't be"):
        sync_here(home / "index", folder)


def test_the_index_is_private_to_its_user(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "home" / "index"
    make_corpus(folder, seed=12)
    finish(start(index, folder))
    for path in [index, *index.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} is {mode:o}"


# --- damage ----------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["manifest", "data", "folder", "empty"])
@pytest.mark.parametrize("table", ["passages", "documents", "sources"])
def test_a_damaged_index_says_so_and_rebuild_mends_it(
    tmp_path: Path, damage: str, table: str
) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    make_corpus(folder, seed=13)
    sync_here(index, folder)
    place = index / f"{table}.lance"
    match damage:
        case "manifest":
            for path in (place / "_versions").iterdir():
                path.write_bytes(b"not a manifest")
        case "data":
            for path in (place / "data").iterdir():
                path.write_bytes(path.read_bytes()[:40])
        case "folder":
            shutil.rmtree(place / "data")
        case _:
            for path in place.rglob("*"):
                if path.is_file():
                    path.write_bytes(b"")
    opened = build_index(index)
    with pytest.raises(KnowledgeIndexError) as caught:
        opened.documents()
        opened.stored([str(folder / "000.txt")])
        opened.sources()
    assert str(index) in caught.value.message
    assert "copilot index rebuild" in caught.value.hint
    opened.clear()
    sync_here(index, folder)
    assert len(content(build_index(index))) == 181
