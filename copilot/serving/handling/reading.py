"""Answers calls about what documents say."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.bootstrap import Copilot
from copilot.calls import Call, DocumentPiece, PassagesRead, ReadAround, ReadPassages
from copilot.serving.handling.core import Handler, blocking


def _passages(copilot: Copilot, call: ReadPassages) -> PassagesRead:
    found = copilot.index.fetch(call.passage_ids, where=copilot.where)
    return PassagesRead(tuple(one.passage for one in found))


def _around(copilot: Copilot, call: ReadAround) -> DocumentPiece:
    quote = (call.quote_start, call.quote_end)
    piece = copilot.viewing.piece(call.passage_id, quote, start=call.start, where=copilot.where)
    return DocumentPiece(
        path=piece.path,
        title=piece.title,
        text=piece.text,
        start=piece.start,
        stop=piece.stop,
        total=piece.total,
        unit=piece.unit,
        lit=piece.lit or None,
        note=piece.note,
    )


HANDLERS: Mapping[type[Call], Handler] = {
    ReadPassages: blocking(_passages),
    ReadAround: blocking(_around),
}
