"""A sync writes what changed, moved or went, with its labels, and reads nothing else again."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.config.schema import IndexSettings
from copilot.errors import NotFoundError, UsageError
from copilot.events import DocumentIndexed, Warned
from copilot.knowledge import batches
from copilot.messages import Locator
from copilot.testing.hash_embedder import HashEmbedder
from tests.sync_world import World, finished, lines, made_world, of, run


@pytest.fixture
def world(tmp_path: Path) -> World:
    return made_world(tmp_path)


# --- what changes ----------------------------------------------------------------------


def test_only_what_changed_is_read_again(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("sub/b.txt", "beta")
    assert world.counts(world.sync()) == (2, 0, 0, 0)
    assert world.counts(world.sync()) == (0, 0, 0, 2)
    assert world.reads == []
    world.write("a.txt", "alpha and more")
    assert world.counts(world.sync()) == (0, 1, 0, 1)
    assert world.reads == ["a.txt"]
    assert world.texts() == {"a.txt": ["alpha and more"], "sub/b.txt": ["beta"]}


def test_an_unchanged_tree_needs_neither_embedder_nor_write(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    version, built = world.index.version(), world.built
    world.sync()
    assert (world.index.version(), world.built) == (version, built)


def test_a_touched_file_is_not_read_again(world: World) -> None:
    path = world.write("a.txt", "alpha")
    world.sync()
    version = world.index.version()
    os.utime(path, ns=(1, 1_000_000_000_000))
    assert world.counts(world.sync()) == (0, 0, 0, 1)
    assert world.reads == []
    assert world.index.version() == version
    assert world.index.documents()[0].mtime_ns == 1_000_000_000_000


def test_a_change_that_keeps_size_and_time_is_found_when_the_time_is_too_fresh_to_trust(
    world: World,
) -> None:
    path = world.write("a.txt", "alpha")
    world.clock.offset = timedelta(0)
    world.sync()
    stamp = path.stat().st_mtime_ns
    world.write("a.txt", "omega")
    os.utime(path, ns=(stamp, stamp))
    assert world.counts(world.sync()) == (0, 1, 0, 0)
    assert world.texts() == {"a.txt": ["omega"]}


def test_what_vanished_from_disk_vanishes_from_the_index(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("b.txt", "beta")
    world.sync()
    (world.folder / "b.txt").unlink()
    events = world.sync()
    assert world.counts(events) == (0, 0, 1, 1)
    assert of(DocumentIndexed, events) == [
        DocumentIndexed(str(world.folder / "b.txt"), 1, "removed")
    ]
    assert world.texts() == {"a.txt": ["alpha"]}


def test_an_emptied_folder_empties_the_index(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    (world.folder / "a.txt").unlink()
    assert world.counts(world.sync()) == (0, 0, 1, 0)


def test_a_renamed_file_is_found_under_its_new_name_only(world: World) -> None:
    path = world.write("a.txt", "alpha")
    world.sync()
    path.rename(world.folder / "z.txt")
    assert world.counts(world.sync()) == (1, 0, 1, 0)
    assert world.texts() == {"z.txt": ["alpha"]}


def test_only_passages_whose_words_changed_are_embedded_again(world: World) -> None:
    parts = [f"# Part {i}\n\n{'words of the part ' * 40}{i}" for i in range(6)]
    world.write("a.txt", "\n\n".join(parts))
    world.sync()
    before = len(world.embedder.texts)
    assert before >= 6
    parts[3] += " changed"
    world.write("a.txt", "\n\n".join(parts))
    world.sync()
    assert 1 <= len(world.embedder.texts) < before / 2
    stored = world.index.stored([str(world.folder / "a.txt")])
    fresh = HashEmbedder(32)
    for each in stored:
        from copilot.knowledge.splitting import embedding_text

        exact = fresh.embed_queries([embedding_text(each.passage)])[0]
        assert float(exact @ each.vectors.passage) > 0.999


def test_the_same_words_in_blocks_of_another_kind_are_embedded_again(world: World) -> None:
    path = world.write("a.txt", "# alpha\n\nbeta")
    world.sync()
    state = world.index.documents()[0]
    pairs = []
    for one in world.index.stored([str(path)]):  # as an older reader saw them
        spans = tuple(replace(span, kind="quote") for span in one.passage.spans)
        pairs.append((replace(one.passage, spans=spans), one.vectors))
    world.index.apply([(state, pairs)])
    world.sync(force=True)
    assert len(world.embedder.texts) == 1


def test_another_passage_size_reads_everything_again(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.settings = IndexSettings(passage_tokens=64)
    assert world.counts(world.sync()) == (0, 1, 0, 0)
    assert world.embedder.texts == []  # the same words, so the vectors stay


def test_force_reads_every_file(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    assert world.counts(world.sync(force=True)) == (0, 1, 0, 0)


# --- labels ----------------------------------------------------------------------------


def test_a_labelled_document_in_a_labelled_source_asks_for_both(world: World) -> None:
    world.write("t.jsonl", json.dumps({"id": "1", "text": "x", "labels": ["hr", "eng"]}))
    world.ingest().add(world.folder, labels=["ops", "eng"])
    world.sync()
    (stored,) = world.index.stored([f"{world.folder}/t.jsonl#1"])
    assert set(stored.passage.labels) == {"hr & ops", "eng & ops", "eng & hr", "eng"}


def test_a_source_that_gets_labels_passes_them_to_documents_it_has(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.ingest().add(world.folder, labels=["hr"])
    assert world.counts(world.sync()) == (0, 1, 0, 0)
    assert world.index.stored([f"{world.folder}/a.txt"])[0].passage.labels == ("hr",)
    assert world.index.documents()[0].labels == ("hr",)
    world.ingest().add(world.folder)  # named again without labels: it stays closed
    assert world.counts(world.sync()) == (0, 0, 0, 1)
    assert world.index.documents()[0].labels == ("hr",)
    world.ingest().add(world.folder, labels=[])
    world.sync()
    assert world.index.stored([f"{world.folder}/a.txt"])[0].passage.labels == ()


# --- records ---------------------------------------------------------------------------


def test_records_are_documents_of_their_own(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    assert world.counts(world.sync()) == (2, 0, 0, 0)
    assert world.texts() == {"t.jsonl": [], "t.jsonl#a": ["alpha"], "t.jsonl#b": ["beta"]}
    record = world.index.documents()[1]
    assert (record.document_id, record.container) == ("a", f"{world.folder}/t.jsonl")
    assert world.counts(world.sync()) == (0, 0, 0, 2)
    assert world.reads == []


def test_only_records_that_changed_are_written_and_embedded(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta", c="gamma"))
    world.sync()
    world.write("t.jsonl", lines(a="alpha", b="beta, changed", d="delta"))
    assert world.counts(world.sync()) == (1, 1, 1, 1)
    assert len(world.embedder.texts) == 2
    assert set(world.texts()) == {"t.jsonl", "t.jsonl#a", "t.jsonl#b", "t.jsonl#d"}


def test_records_that_moved_keep_their_vectors_and_get_their_new_place(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    world.write("t.jsonl", lines(z="zeta", a="alpha", b="beta"))
    assert world.counts(world.sync()) == (1, 2, 0, 0)
    assert len(world.embedder.texts) == 1
    (stored,) = world.index.stored([f"{world.folder}/t.jsonl#b"])
    assert stored.passage.locator == Locator("record", 3, 3)


def test_a_record_id_that_comes_twice_is_kept_once_and_named(world: World) -> None:
    world.write("t.jsonl", '{"id": "a", "text": "one"}\n{"id": "a", "text": "two"}')
    events = world.sync()
    assert world.texts()["t.jsonl#a"] == ["one"]
    assert any("used again" in w.message for w in of(Warned, events) if isinstance(w, Warned))


def test_a_file_that_vanishes_takes_its_records_along(world: World) -> None:
    path = world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    path.unlink()
    assert world.counts(world.sync()) == (0, 0, 2, 0)
    assert world.texts() == {}


def test_a_file_of_records_that_fails_loses_them(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    world.write("t.jsonl", "!broken")
    world.sync()
    assert world.texts() == {"t.jsonl": []}


def test_a_file_of_many_records_is_committed_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "COMMIT_PASSAGES", 50)
    world.write("t.jsonl", lines(**{f"r{i}": f"text {i}" for i in range(230)}))
    before = world.index.version()
    world.sync()
    assert world.index.version() - before >= 5
    assert world.index.count_passages() == 230


# --- sources inside sources ------------------------------------------------------------


def test_a_source_inside_another_has_its_files_for_itself(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("hr/b.txt", "beta")
    world.sync()
    world.ingest().add(world.folder / "hr", labels=["hr"])
    assert world.counts(world.sync()) == (0, 1, 0, 1)
    labels = {s.path.rpartition("/")[2]: s.labels for s in world.index.documents()}
    assert labels == {"a.txt": (), "b.txt": ("hr",)}
    assert world.counts(world.sync()) == (0, 0, 0, 2)


# --- removing --------------------------------------------------------------------------


def test_removing_a_source_removes_its_documents_only(world: World, tmp_path: Path) -> None:
    world.write("a.txt", "alpha")
    world.write("t.jsonl", lines(a="alpha"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.txt").write_text("gamma")
    world.ingest().add(other)
    world.sync()
    events = run(world.ingest().remove(str(world.folder)))
    assert finished(events).removed == 2
    assert [s.path for s in world.index.documents()] == [str(other / "c.txt")]
    assert [s.id for s in world.index.sources()] == [str(other)]


def test_a_file_removed_from_a_source_stays_away(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("odd [name]*.txt", "beta")
    world.write("odd n.txt", "gamma")
    world.sync()
    run(world.ingest().remove(str(world.folder / "odd [name]*.txt")))
    assert set(world.texts()) == {"a.txt", "odd n.txt"}
    assert world.counts(world.sync()) == (0, 0, 0, 2)


def test_removing_what_is_not_there_says_so(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha"))
    world.sync()
    with pytest.raises(NotFoundError):
        run(world.ingest().remove("/nowhere"))
    with pytest.raises(UsageError, match="record of"):
        run(world.ingest().remove(f"{world.folder}/t.jsonl#a"))
