"""Every real document is read or refused with a reason, and nothing reaches the terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from copilot.adapters.readers.registry import read_documents
from copilot.adapters.sources.folder import FolderSource
from copilot.config.schema import IndexSettings
from copilot.errors import ReadError, SkippedInputError
from copilot.knowledge.sentences import sentence_spans
from copilot.knowledge.splitting import embedding_text, estimate_tokens, split
from copilot.messages import Passage, SourceConfig, SourceFile
from tests.corpora import corpora_root

pytestmark = [pytest.mark.corpora, pytest.mark.slow]

SLOW_FILES = {"DA-619p.pdf", "pdf2image-memory-error-test-400p.pdf"}  # minutes on a busy machine


@dataclass
class Outcome:
    """What reading a folder came to; ``read`` counts files by media type."""

    read: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)


def outcome_of(folder: Path) -> Outcome:
    outcome = Outcome()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name in SLOW_FILES:
            continue
        try:
            for document in read_documents(path):
                outcome.read[document.media_type] += 1
                outcome.passages.extend(
                    split(
                        document,
                        document_id=str(path),
                        path=f"{path}#{document.fragment}",
                        source=str(folder),
                        labels=(),
                        target_tokens=220,
                    )
                )
        except SkippedInputError as error:
            outcome.skipped[path.name] = error.message
            assert error.hint
        except ReadError as error:
            outcome.failed[path.name] = error.message
            assert error.hint
    return outcome


def check(outcome: Outcome) -> None:
    ids = {passage.id for passage in outcome.passages}
    assert len(ids) == len(outcome.passages)
    for passage in outcome.passages:
        assert estimate_tokens(embedding_text(passage)) <= 350
        position = 0
        for start, end in sentence_spans(passage.text, passage.spans):
            assert position <= start < end <= len(passage.text)
            position = end


def test_the_mixed_examples_are_read_or_refused_with_a_reason(
    capfd: pytest.CaptureFixture[str],
) -> None:
    outcome = outcome_of(corpora_root() / "unstructured_examples")
    assert capfd.readouterr() == ("", "")
    check(outcome)
    assert set(outcome.failed) == {"password_protected.xlsx", "password.pdf", "fake-encrypted.eml"}
    lower_bounds = {
        "message/rfc822": 40,
        "application/pdf": 29,
        "text/plain": 20,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": 21,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": 10,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": 7,
        "text/html": 15,
        "text/csv": 12,
        "application/epub+zip": 2,
        "application/vnd.oasis.opendocument.text": 3,
        "application/rtf": 2,
    }
    assert {
        kind: outcome.read[kind] for kind in lower_bounds if outcome.read[kind] < lower_bounds[kind]
    } == {}
    assert "old Word file" in outcome.skipped["fake.doc"]
    assert "is empty" in outcome.skipped["empty.txt"]


def test_the_converter_examples_are_read_or_refused_with_a_reason(
    capfd: pytest.CaptureFixture[str],
) -> None:
    outcome = outcome_of(corpora_root() / "markitdown_tests")
    assert capfd.readouterr() == ("", "")
    check(outcome)
    assert outcome.failed == {}
    assert outcome.read["application/pdf"] >= 12
    assert (
        outcome.read["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]
        >= 10
    )
    scans = [name for name, reason in outcome.skipped.items() if "a scan" in reason]
    assert len(scans) == 5


@pytest.mark.parametrize(
    ("folder", "documents", "passages"),
    [("pagerduty_incident_response", 36, 600), ("sqlite_utils", 23, 1300), ("pluggy", 23, 220)],
)
def test_the_handbooks_are_read_whole(folder: str, documents: int, passages: int) -> None:
    outcome = outcome_of(corpora_root() / folder)
    check(outcome)
    assert outcome.failed == {}
    assert sum(outcome.read.values()) >= documents
    assert len(outcome.passages) >= passages


def test_the_whole_tree_is_offered_or_named() -> None:
    root = corpora_root()
    entries = list(FolderSource(IndexSettings()).scan(SourceConfig(str(root), str(root))))
    offered = [entry for entry in entries if isinstance(entry, SourceFile)]
    reasons = Counter(entry[1] for entry in entries if not isinstance(entry, SourceFile))
    assert len(offered) > 2000
    assert reasons["empty"] > 50
