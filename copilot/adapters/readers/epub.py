"""Reads EPUB books: their chapters in reading order, each as a page of HTML.

Invariant: a block is located by its chapter's file and the line in it; the book asks for the
labels of each chapter.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.containers import DAMAGE, check_archive, parse_xml, quiet_vendor
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.html_page import Page, read_page
from copilot.adapters.readers.labels import together
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element


class EpubReader(FileReader):
    """EPUB 2 and 3, without digital rights management."""

    name = "epub"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.EPUB})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        warnings: list[str] = []
        with source.open() as stream, quiet_vendor():
            check_archive(stream, source.name)
            with zipfile.ZipFile(stream) as archive:
                package, base = _package(archive, source.name)
                blocks: list[Block] = []
                labels: list[tuple[str, ...]] = []
                for chapter in _chapters(package, base):
                    try:
                        page = _chapter(archive, chapter)
                    except (ReadError, *DAMAGE) as error:
                        warnings.append(f"chapter {chapter} can't be read: {error}")
                        continue
                    if page is not None:
                        blocks.extend(_located(page, chapter))
                        labels.append(page.labels)
        titles = package.xpath("//*[local-name()='metadata']/*[local-name()='title']/text()")
        yield ParsedDocument(
            title=" ".join(str(titles[0]).split()) if titles else source.title,
            blocks=tuple(blocks),
            media_type="application/epub+zip",
            labels=together(labels, source.name),
            warnings=tuple(warnings),
        )


def _package(archive: zipfile.ZipFile, name: str) -> tuple[_Element, str]:
    """The book's table of files, and the folder that its references start from."""
    try:
        container = parse_xml(archive.read("META-INF/container.xml"), name)
        paths = container.xpath("//*[local-name()='rootfile']/@full-path")
        path = str(paths[0])
        return parse_xml(archive.read(path), name), posixpath.dirname(path)
    except DAMAGE as error:
        raise ReadError(
            f"{name} is not a book that can be read: its table of files is missing",
            hint="Get a fresh copy.",
        ) from error


def _chapters(package: _Element, base: str) -> Iterator[str]:
    items = {item.get("id"): item.get("href") for item in package.xpath("//*[local-name()='item']")}
    for reference in package.xpath("//*[local-name()='itemref']/@idref"):
        href = items.get(reference)
        if href:
            yield posixpath.normpath(posixpath.join(base, unquote(href).split("#")[0]))


def _chapter(archive: zipfile.ZipFile, chapter: str) -> Page | None:
    """A chapter as a page; None when it is blank."""
    text = decode(archive.read(chapter), chapter).text
    return read_page(text, chapter) if text.strip() else None


def _located(page: Page, chapter: str) -> Iterator[Block]:
    for block in page.blocks:
        start, end = block.locator.start, block.locator.end
        place = Locator("part", f"{chapter}:{start}", f"{chapter}:{end}")
        yield replace(block, locator=place, part=chapter)
