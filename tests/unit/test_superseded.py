"""A document that says it has been replaced stands behind its successor, and is named as such."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from copilot.adapters.readers.registry import read_documents
from copilot.knowledge.ranking import demoted
from copilot.knowledge.splitting import split


def superseded_in(tmp_path: Path, front: str) -> list[bool]:
    file = tmp_path / "limits.md"
    file.write_text(f"---\n{front}\n---\n\n# Limits\n\nMeals: £45.\n", encoding="utf-8")
    return [
        passage.superseded
        for document in read_documents(file)
        for passage in split(
            document, document_id="d", path=str(file), source="", labels=(), target_tokens=200
        )
    ]


@pytest.mark.parametrize("status", ["superseded", "Deprecated", "archived"])
def test_front_matter_says_that_a_document_is_past(tmp_path: Path, status: str) -> None:
    assert superseded_in(tmp_path, f"status: {status}") == [True]


@pytest.mark.parametrize("front", ["status: current", "title: Limits", "status: [a, b]"])
def test_any_other_status_is_current(tmp_path: Path, front: str) -> None:
    assert superseded_in(tmp_path, front) == [False]


def test_a_superseded_passage_ranks_behind_an_equal_current_one(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    passages = []
    for front in ("status: superseded", "status: current"):
        file.write_text(f"---\n{front}\n---\nMeals: £45.\n", encoding="utf-8")
        [document] = read_documents(file)
        passages += split(
            document, document_id="d", path=str(file), source="", labels=(), target_tokens=200
        )
    past, current = demoted(np.asarray([2.0, 2.0], dtype=np.float32), passages)
    assert past < current
