"""Calls about what documents say: passages by their ids, a document's text around one."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.messages import Passage


@dataclass(frozen=True, slots=True)
class ReadPassages:
    """Asks for the passages of these ids that are there, and may be seen, now."""

    passage_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassagesRead:
    found: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class ReadAround:
    """Asks for a piece of the document of this passage: around it, or from ``start`` on.

    The quote stands from ``quote_start`` to ``quote_end`` of the passage's text.
    """

    passage_id: str
    quote_start: int = 0
    quote_end: int = 0
    start: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentPiece:
    """``text`` stands from ``start`` to before ``stop``, of ``total`` ``unit``: lines or passages.

    ``lit``: where in ``text`` the quote stands, None when it doesn't; ``note`` says why.
    """

    path: str
    title: str
    text: str
    start: int
    stop: int
    total: int
    unit: str
    lit: tuple[int, int] | None = None
    note: str = ""


Call = ReadPassages | ReadAround
Reply = PassagesRead | DocumentPiece
