"""Vectors that are kept are the embedder's own, and a damaged or foreign file is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from copilot.adapters.embedding import kept
from copilot.adapters.embedding.kept import KeptEmbedder
from copilot.testing.hash_embedder import HashEmbedder

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector

TEXTS = ["it crashes", "I'd like a button", "where is the invoice?"]


class Counting(HashEmbedder):
    """Tells what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        self.asked.append(list(texts))
        return super().embed_queries(texts)

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        self.asked.append(list(texts))
        return HashEmbedder().embed_passages(texts, sentences)


def vectors(embedder: KeptEmbedder, texts: Sequence[str] = TEXTS) -> Matrix:
    return np.stack([one for one, _ in embedder.embed_passages(texts, [()] * len(texts))])


def test_a_query_is_embedded_once_as_long_as_it_is_among_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_MOST_QUERIES", 2)
    counting = Counting()
    embedder = KeptEmbedder(counting, tmp_path / "vectors")
    rows = [embedder.embed_queries(texts) for texts in (["a", "b", "a"], ["a"], ["c"], ["b", "a"])]
    assert counting.asked == [["a", "b"], ["c"], ["b"]]
    plain = HashEmbedder()
    for texts, row in zip((["a", "b", "a"], ["a"], ["c"], ["b", "a"]), rows, strict=True):
        np.testing.assert_array_equal(row, plain.embed_queries(texts))
    assert not (tmp_path / "vectors").exists()


def test_passages_are_embedded_once_for_all_processes(tmp_path: Path) -> None:
    first, later = Counting(), Counting()
    made = vectors(KeptEmbedder(first, tmp_path))
    np.testing.assert_array_equal(vectors(KeptEmbedder(later, tmp_path)), made)
    assert (first.asked, later.asked) == ([TEXTS], [])
    plain = [one for one, _ in HashEmbedder().embed_passages(TEXTS, [()] * 3)]
    np.testing.assert_array_equal(made, np.stack(plain))
    vectors(KeptEmbedder(later, tmp_path), TEXTS[:2])
    assert later.asked == [TEXTS[:2]]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:200]),
        lambda path: path.write_bytes(b"\x93NUMPY not really"),
        lambda path: np.save(path, np.zeros((3, 2), dtype=np.float32)),
        lambda path: np.save(path, np.array([{"a": 1}] * 3), allow_pickle=True),
    ],
    ids=["empty", "cut", "garbage", "another shape", "pickled"],
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    made = vectors(KeptEmbedder(Counting(), tmp_path))
    [path] = tmp_path.iterdir()
    damage(path)
    counting = Counting()
    np.testing.assert_array_equal(vectors(KeptEmbedder(counting, tmp_path)), made)
    assert counting.asked == [TEXTS]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_keeps_nothing_and_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    assert vectors(KeptEmbedder(Counting(), tmp_path / "taken")).shape[0] == 3
