"""Reads presentations: each slide's title, text, tables and notes.

Invariant: every block belongs to the part of its own slide and is located by its number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import FileReader, Input, stated_before
from copilot.adapters.readers.containers import DAMAGE, check_archive, quiet_vendor
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.tables import Row, cell_text, row_lines
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide

_NESTING = 12


class SlidesReader(FileReader):
    """PPTX; old .ppt files are told apart and refused by name."""

    name = "pptx"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.PPTX})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        import pptx
        from lxml.etree import LxmlError
        from pptx.exc import PythonPptxError

        warnings: list[str] = []
        opened_at = datetime.now(UTC)
        with source.open() as stream, quiet_vendor():
            check_archive(stream, source.name)
            try:
                deck = pptx.Presentation(stream)
                blocks = tuple(_blocks(deck, warnings))
                title = " ".join((deck.core_properties.title or "").split())
                modified = stated_before(deck.core_properties.modified, opened_at)
            except (PythonPptxError, LxmlError, *DAMAGE) as error:
                raise ReadError(
                    f"{source.name} is not a presentation that can be read: {error}",
                    hint="Open it in a presentation program and save it again.",
                ) from error
        first = next((block.text for block in blocks if block.kind == "heading"), "")
        if title.lower().startswith("powerpoint"):
            title = ""
        yield ParsedDocument(
            title=title or first or source.title,
            blocks=blocks,
            media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
            modified_at=modified,
            warnings=tuple(warnings),
        )


def _blocks(deck: Presentation, warnings: list[str]) -> Iterator[Block]:
    for number, slide in enumerate(deck.slides, start=1):
        try:
            yield from list(_slide_blocks(slide, number))
        except DAMAGE as error:
            warnings.append(f"slide {number} can't be read whole: {error}")


def _slide_blocks(slide: Slide, number: int) -> Iterator[Block]:
    here, part = Locator("slide", number, number), f"slide {number}"
    title = slide.shapes.title
    title_words = " ".join(title.text_frame.text.split()) if title is not None else ""
    if any(c.isalnum() for c in title_words):
        yield Block("heading", title_words, here, level=1, part=part)
    for shape in _in_reading_order(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_table", False):
            rows = [
                Row(n, tuple(cell_text(cell.text) for cell in row.cells))
                for n, row in enumerate(shape.table.rows, start=1)
            ]
            for line in row_lines(rows):
                yield Block("table", line.text, here, part=part)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                text = paragraph.text.replace("\v", "\n").strip()
                if any(c.isalnum() for c in text):
                    yield Block("list_item", text, here, level=paragraph.level, part=part)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        for paragraph in notes.split("\n"):
            if any(c.isalnum() for c in paragraph):
                yield Block("paragraph", paragraph.strip(), here, part=part)


def _in_reading_order(shapes: object, depth: int = 0) -> list[BaseShape]:
    """All shapes, groups opened, from top to bottom and left to right."""
    flat: list[BaseShape] = []
    for shape in shapes:  # type: ignore[attr-defined]
        if hasattr(shape, "shapes") and depth < _NESTING:
            flat.extend(_in_reading_order(shape.shapes, depth + 1))
        else:
            flat.append(shape)
    if depth == 0:
        flat.sort(key=lambda shape: (shape.top or 0, shape.left or 0))
    return flat
