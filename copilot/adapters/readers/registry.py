"""Picks the reader for a file and reads it.

Invariant: what comes out is text that can be stored (no lone surrogates, no zero bytes), and
what can't be read is a ReadError that names the file and the remedy; nothing else escapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.code import CodeReader
from copilot.adapters.readers.data_text import DataReader
from copilot.adapters.readers.delimited import DelimitedReader
from copilot.adapters.readers.detecting import Format, detect
from copilot.adapters.readers.epub import EpubReader
from copilot.adapters.readers.html_page import HtmlReader
from copilot.adapters.readers.json_lines import JsonLinesReader
from copilot.adapters.readers.mail import MailReader
from copilot.adapters.readers.markdown import MarkdownReader
from copilot.adapters.readers.notebook import NotebookReader
from copilot.adapters.readers.opendocument import OpenDocumentReader
from copilot.adapters.readers.outlook import OutlookReader
from copilot.adapters.readers.pdf import PortableReader
from copilot.adapters.readers.plain_text import PlainTextReader
from copilot.adapters.readers.restructured import RestructuredReader
from copilot.adapters.readers.rich_text import RichTextReader
from copilot.adapters.readers.slides import SlidesReader
from copilot.adapters.readers.spreadsheet import SpreadsheetReader
from copilot.adapters.readers.word import WordReader
from copilot.errors import SkippedInputError
from copilot.messages import Block, ParsedDocument
from copilot.ports import Reader


def default_readers() -> list[Reader]:
    """Every reader, each over its own formats."""
    return list(_readers())


def read_documents(path: Path) -> Iterator[ParsedDocument]:
    """The documents in a file. ReadError when it can't be read, SkippedInputError (a ReadError)
    when it is empty or of a format that no reader takes."""
    yield from read_input(Input(path))


def read_input(source: Input) -> Iterator[ParsedDocument]:
    """As ``read_documents``, also for bytes that come out of another file."""
    found = detect(source.path, source.head(), source.open)
    reader = _by_format().get(found)
    if reader is None:
        raise SkippedInputError(f"{source.name}: {found} is not read", hint="Save it as Markdown.")
    words = False
    for document in reader.parse(source):
        words = words or bool(document.blocks)
        yield _storable(document)
    if not words:
        may_be_pictures = found in (Format.DOCX, Format.PPTX, Format.EPUB, Format.ODT)
        raise SkippedInputError(
            f"{source.name} holds no text",
            hint="Its pages may be pictures: add a version with text."
            if may_be_pictures
            else "Nothing to do.",
        )


@lru_cache(maxsize=1)
def _readers() -> tuple[FileReader, ...]:
    return (
        MarkdownReader(),
        RestructuredReader(),
        PlainTextReader(),
        JsonLinesReader(),
        CodeReader(),
        DataReader(),
        EpubReader(),
        OpenDocumentReader(),
        RichTextReader(),
        PortableReader(),
        MailReader(read_input),
        OutlookReader(read_input),
        NotebookReader(),
        HtmlReader(),
        DelimitedReader(),
        SpreadsheetReader(),
        WordReader(),
        SlidesReader(),
    )


@lru_cache(maxsize=1)
def _by_format() -> dict[Format, FileReader]:
    return {fmt: reader for reader in _readers() for fmt in reader.formats}


def _storable(document: ParsedDocument) -> ParsedDocument:
    """The document with what no store takes replaced.

    Labels are as they are: ``labels_of`` takes none that can't be stored.
    """
    return replace(
        document,
        title=" ".join(_clean(document.title).split())[:300],
        blocks=tuple(_storable_block(block) for block in document.blocks),
        url=_clean(document.url),
        fragment=_clean(document.fragment),
        warnings=tuple(map(_clean, document.warnings)),
    )


def _storable_block(block: Block) -> Block:
    """The block with what no store takes replaced; usually the same object."""
    start, end = block.locator.start, block.locator.end
    if all(map(_is_clean, (block.text, block.part, str(start), str(end)))):
        return block
    place = replace(
        block.locator,
        start=_clean(start) if isinstance(start, str) else start,
        end=_clean(end) if isinstance(end, str) else end,
    )
    return replace(block, text=_clean(block.text), part=_clean(block.part), locator=place)


def _is_clean(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _clean(text: str) -> str:
    if _is_clean(text):
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
