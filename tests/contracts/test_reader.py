"""What every reader promises, over a small document of every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.adapters.readers.registry import default_readers, read_documents
from copilot.errors import ReadError
from copilot.knowledge.sentences import sentence_spans
from copilot.knowledge.splitting import embedding_text, split
from copilot.messages import ParsedDocument, Passage
from tests.documents import CSV, FORMATS, build, opened, words
from tests.privileges import obeying_permissions

TEXT_FORMATS = ("md", "rst", "txt", "py", "yaml")
# What row lines add to a row: the names of its columns, and of the attached file.
COLUMN_NAMES = words(CSV.split("\n")[0]) | words(
    "Country Holidays Year Budget Plan Seats Week Person row fault Region Gateway log csv"
)


@pytest.fixture(params=FORMATS)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return build(request.param, tmp_path)


def passages_of(path: Path, documents: list[ParsedDocument] | None = None) -> list[Passage]:
    return [
        passage
        for document in documents or list(read_documents(path))
        for passage in split(
            document,
            document_id=document.fragment or str(path),
            path=f"{path}#{document.fragment}" if document.fragment else str(path),
            source=str(path.parent),
            labels=(),
            target_tokens=220,
        )
    ]


def test_a_document_has_a_title_and_blocks_with_words(sample: Path) -> None:
    documents = list(read_documents(sample))
    assert documents
    for document in documents:
        assert document.blocks
        assert document.media_type
        assert all(any(c.isalnum() for c in block.text) for block in document.blocks)
        if sample.suffix != ".jsonl":
            assert document.title


def test_exactly_one_reader_accepts_it(sample: Path) -> None:
    head = sample.read_bytes()[:8192]
    takers = [reader.name for reader in default_readers() if reader.accepts(sample, head)]
    assert len(takers) == 1


def test_its_reader_reads_what_the_registry_reads(sample: Path) -> None:
    head = sample.read_bytes()[:8192]
    reader = next(reader for reader in default_readers() if reader.accepts(sample, head))
    assert list(reader.read(sample)) == list(read_documents(sample))


def test_every_block_of_a_passage_opens_where_its_locator_says(sample: Path) -> None:
    for passage in passages_of(sample):
        for span in passage.spans:
            found = words(opened(sample, span.locator)) | COLUMN_NAMES
            assert words(passage.text[span.start : span.end]) <= found
        assert words(passage.text) <= words(opened(sample, passage.locator)) | COLUMN_NAMES


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_a_text_format_keeps_its_lines_verbatim(name: str, tmp_path: Path) -> None:
    sample = build(name, tmp_path)
    (document,) = read_documents(sample)
    for block in document.blocks:
        assert block.text in opened(sample, block.locator)


def test_every_sentence_is_in_the_passage(sample: Path) -> None:
    for passage in passages_of(sample):
        spans = sentence_spans(passage.text, passage.spans)
        assert spans
        assert embedding_text(passage)
        for start, end in spans:
            assert passage.text[start:end].strip()


def test_reading_twice_gives_the_same_passages(sample: Path) -> None:
    assert passages_of(sample) == passages_of(sample)


def read_or_refused(path: Path) -> list[ParsedDocument] | ReadError:
    try:
        return list(read_documents(path))
    except ReadError as error:
        return error


def is_sound(found: list[ParsedDocument] | ReadError, path: Path) -> bool:
    """Whether a damaged file came to documents that hold something, or to a refusal that helps."""
    if isinstance(found, ReadError):
        return path.name in found.message and bool(found.hint)
    return bool(found) and all(document.blocks for document in found)


def words_of(documents: list[ParsedDocument]) -> set[str]:
    return {
        word for document in documents for block in document.blocks for word in words(block.text)
    }


def test_a_cut_off_file_is_read_in_part_or_refused_by_name(sample: Path) -> None:
    data, known = sample.read_bytes(), words_of(list(read_documents(sample)))
    for share in (0.1, 0.5, 0.9, 0.99):
        sample.write_bytes(data[: max(1, int(len(data) * share))])
        found = read_or_refused(sample)
        assert is_sound(found, sample)
        for word in [] if isinstance(found, ReadError) else words_of(found):
            # The last word may be cut as well; a cut head is read as text.
            assert any(whole.startswith(word) for whole in known | words(data.decode("latin-1")))


def test_garbled_bytes_are_read_in_part_or_refused_by_name(sample: Path) -> None:
    whole = bytearray(sample.read_bytes())
    for at in range(20, len(whole), max(1, len(whole) // 12)):
        whole[at] ^= 0xFF
    sample.write_bytes(bytes(whole))
    assert is_sound(read_or_refused(sample), sample)


@obeying_permissions
def test_a_file_that_may_not_be_read_is_refused_with_the_remedy(sample: Path) -> None:
    sample.chmod(0)
    with pytest.raises(ReadError, match="permission denied") as raised:
        list(read_documents(sample))
    assert "chmod" in raised.value.hint


def test_a_file_that_is_gone_is_refused(sample: Path) -> None:
    sample.unlink()
    with pytest.raises(ReadError, match="no longer there"):
        list(read_documents(sample))
