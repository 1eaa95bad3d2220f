"""Reads PDF page by page with pypdf.

Invariant: a block never leaves its page; a page that can't be read costs that page and is
named in a warning, and memory doesn't grow with the number of pages.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import FileReader, Input, aware
from copilot.adapters.readers.containers import quiet_vendor
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.pdf_layout import page_blocks
from copilot.adapters.readers.pdf_rows import Line, on_one_row
from copilot.errors import ReadError, SkippedInputError
from copilot.messages import ParsedDocument

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_PAGES = 5_000
KEPT_PAGES = 25  # pypdf keeps every object it has read; pages share fonts with their neighbours
MAX_PACKED_BYTES = 1024 * 1024
MAX_PAGE_BYTES = 24 * 1024 * 1024  # of drawing instructions; beyond it's a drawing, not text
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
     "\xa0": " ", "\x7f": "•", "\uf0b7": "•", "\xad": "-", "\0": "", "\ufffe": ""}
)  # fmt: skip
_BOLD = re.compile(r"bold|black|heavy|cmbx|semi|-medi\b|demi", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|menlo|cmtt|typewriter", re.IGNORECASE)
# What damaged files make pypdf raise besides its own errors.
_PARSER_ERRORS = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, RecursionError,
    OverflowError, ZeroDivisionError, NotImplementedError, OSError, EOFError, MemoryError,
    UnicodeError, struct.error, zlib.error,
)  # fmt: skip


class PortableReader(FileReader):
    """PDF with a text layer; a scan without one is named as such."""

    name = "pdf"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.PDF})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        with source.open() as stream, quiet_vendor():
            try:
                reader = PdfReader(stream, strict=False)
                _unlock(reader, source.name)
                pages, warnings = _pages(reader)
                title, modified = _metadata(reader)
            except (PyPdfError, *_PARSER_ERRORS) as error:
                raise ReadError(
                    f"{source.name} is truncated or damaged: {error or type(error).__name__}",
                    hint="Get a fresh copy, or print it to PDF again.",
                ) from error
        if not any(pages):
            raise SkippedInputError(
                f"{source.name} has no text" + (f" ({warnings[0]})" if warnings else ": a scan"),
                hint="Run text recognition on it, for example with ocrmypdf.",
            )
        blocks = page_blocks(pages)
        heading = next((b.text for b in blocks[:12] if b.kind == "heading"), "")
        yield ParsedDocument(
            title=title or (heading if len(heading) <= 150 else "") or source.title,
            blocks=blocks,
            media_type="application/pdf",
            modified_at=modified,
            warnings=(*warnings, *_scanned(pages)),
        )


def _unlock(reader: PdfReader, name: str) -> None:
    """Open a file that only restricts copying; ReadError when it needs a password."""
    if not reader.is_encrypted:
        return
    from pypdf.errors import PyPdfError

    try:
        opened = bool(reader.decrypt(""))
    except (PyPdfError, *_PARSER_ERRORS):
        opened = False
    if not opened:
        raise ReadError(
            f"{name} is protected by a password", hint="Save a copy without the password."
        )


def _pages(reader: PdfReader) -> tuple[list[list[Line]], list[str]]:
    """The lines of each page, and what went wrong."""
    from pypdf.errors import PyPdfError

    pages: list[list[Line]] = []
    warnings: list[str] = []
    count = len(reader.pages)
    for number in range(min(count, MAX_PAGES)):
        try:
            pages.append(_page_lines(reader.pages[number]))
        except (PyPdfError, *_PARSER_ERRORS) as error:
            pages.append([])
            warnings.append(f"page {number + 1} can't be read: {error or type(error).__name__}")
        if number % KEPT_PAGES == KEPT_PAGES - 1:
            reader.resolved_objects.clear()
    if count > MAX_PAGES:
        warnings.append(f"only the first {MAX_PAGES:,} of {count:,} pages were read")
    return pages, warnings


def _page_lines(page: PageObject) -> list[Line]:
    if _packed_size(page) > MAX_PACKED_BYTES:
        contents = page.get_contents()
        if contents is not None and len(contents.get_data()) > MAX_PAGE_BYTES:
            raise ValueError("it is a drawing too large to search for text")
    collector = _Collector()
    page.extract_text(visitor_text=collector.visit)
    return collector.lines()


def _packed_size(page: PageObject) -> int:
    """Bytes of drawing instructions as stored, compressed or not."""
    contents = page.get("/Contents")
    contents = contents.get_object() if contents is not None else None
    parts = contents if isinstance(contents, list) else [contents]
    streams = (part.get_object() for part in parts if part is not None)
    return sum(len(getattr(stream, "_data", b"")) for stream in streams)


class _Collector:
    """Gathers the pieces of text that pypdf finds on one page into lines."""

    def __init__(self) -> None:
        self._upright: list[Line] = []
        self._turned: list[Line] = []

    def visit(
        self,
        text: str,
        user_matrix: Sequence[float],
        text_matrix: Sequence[float],
        font: Mapping[str, object] | None,
        font_size: float,
    ) -> None:
        if not text:
            return
        a, b, c, d, e, f = (float(value) for value in text_matrix)
        ua, ub, uc, ud, ue, uf = (float(value) for value in user_matrix)
        x, y = e * ua + f * uc + ue, e * ub + f * ud + uf
        size = abs(font_size) * math.hypot(c * ua + d * uc, c * ub + d * ud)
        turned = abs(a * ub + b * ud) > abs(a * ua + b * uc)
        name = str((font or {}).get("/BaseFont", ""))
        bold = _BOLD.search(name) is not None
        mono = _MONO.search(name) is not None
        target = self._turned if turned else self._upright
        for n, part in enumerate(text.split("\n")):
            if n > 0 and target and not target[-1].ended:
                target[-1].ended = True
            if part:
                self._add(target, Line(part, x, y, size, bold, mono))

    @staticmethod
    def _add(target: list[Line], piece: Line) -> None:
        last = target[-1] if target else None
        same_row = last is not None and abs(last.y - piece.y) <= 0.6 * max(last.size, piece.size)
        if (
            last is None
            or last.ended
            or (last.text.strip() and (not same_row or last.is_apart_from(piece)))
        ):
            target.append(piece)
        else:
            last.join(piece)

    def lines(self) -> list[Line]:
        """The page's lines in its own order; text turned on its side only if it is the page."""
        upright = [line for line in self._upright if line.text.strip()]
        turned = [line for line in self._turned if line.text.strip()]
        of_upright = sum(len(line.text) for line in upright)
        of_turned = sum(len(line.text) for line in turned)
        chosen = turned if of_turned > of_upright else upright
        for line in chosen:
            line.text = " ".join(line.text.translate(_LIGATURES).split())
        return on_one_row([line for line in chosen if line.text])


def _metadata(reader: PdfReader) -> tuple[str, datetime | None]:
    try:
        info = reader.metadata
        title = " ".join(str(info.title or "").split()) if info else ""
        modified = aware(info.modification_date) if info else None
    except _PARSER_ERRORS:
        return "", None
    # Printing programs put the file's or their own name there.
    is_name = title.lower().endswith((".doc", ".docx", ".pdf", ".indd", ".xls", ".xlsx", ".tex"))
    if is_name or title.lower().startswith(("microsoft word", "untitled", "powerpoint")):
        title = ""
    return title[:200], modified


def _scanned(pages: Sequence[Sequence[Line]]) -> tuple[str, ...]:
    blank = [str(n) for n, lines in enumerate(pages, start=1) if not lines]
    if not blank:
        return ()
    shown = ", ".join(blank[:10]) + (" …" if len(blank) > 10 else "")
    return (f"no text on page {shown}",)
