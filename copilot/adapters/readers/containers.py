"""What readers over ZIP containers and chatty libraries share: bounds, and silence.

Invariant: a container that unpacks to more than it should is refused before it is unpacked,
and no library's warning reaches the terminal.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from copilot.errors import ReadError

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_UNPACKED = 512 * 1024 * 1024  # bytes, all members together
MAX_MEMBER = 256 * 1024 * 1024
MAX_TREE = 64 * 1024 * 1024  # of XML or HTML that is read as a whole tree
MAX_RATIO = 250  # unpacked to packed, for a container above RATIO_FROM
RATIO_FROM = 32 * 1024 * 1024
_MARKUP = (".xml", ".html", ".xhtml", ".htm", ".rels")
# What damaged containers make zipfile, zlib and the readers above them raise.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, SyntaxError, ArithmeticError, AssertionError,
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, RecursionError,
    RuntimeError, TypeError, ValueError,
)  # fmt: skip
_LOGGERS = ("pypdf", "openpyxl", "docx", "pptx", "oxmsg", "olefile", "charset_normalizer")


def check_archive(stream: BinaryIO, name: str, *, max_markup: int = MAX_TREE) -> None:
    """ReadError when a ZIP container is damaged, encrypted or a bomb; rewinds ``stream``.

    ``max_markup`` bounds each XML or HTML member, in bytes unpacked.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except DAMAGE as error:
        raise ReadError(
            f"{name} is truncated or damaged: its container doesn't open",
            hint="Get a fresh copy.",
        ) from error
    if any(member.flag_bits & 0x1 for member in members):
        raise ReadError(
            f"{name} is protected by a password", hint="Save a copy without the password."
        )
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if (
        unpacked > MAX_UNPACKED
        or any(member.file_size > MAX_MEMBER for member in members)
        or any(
            member.file_size > max_markup and member.filename.lower().endswith(_MARKUP)
            for member in members
        )
        or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1))
    ):
        raise ReadError(
            f"{name} unpacks to {unpacked // 1048576} MB, more than is safe to read",
            hint="Split it, or exclude it in .copilotignore.",
        )
    stream.seek(0)


def parse_xml(data: bytes, name: str) -> _Element:
    """The root of an XML document; entities and the network are left alone."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ReadError(f"{name} is damaged: {error}", hint="Get a fresh copy.") from error
    if root is None:
        raise ReadError(f"{name} is damaged: it holds no XML", hint="Get a fresh copy.")
    return root


@contextmanager
def quiet_vendor() -> Iterator[None]:
    """Keep the warnings and logs of reading libraries off stderr."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
