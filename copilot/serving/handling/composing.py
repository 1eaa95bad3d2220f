"""Answers calls of who writes a question."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.bootstrap import Copilot
from copilot.calls import Call, Done
from copilot.calls.composing import (
    Attach,
    Attached,
    AttachedThere,
    EarlierQuestion,
    FindDocuments,
    FindFiles,
    FindQuestions,
    FoundDocuments,
    FoundFiles,
    FoundQuestions,
    ListAttached,
    NamedDocument,
    TakeAway,
)
from copilot.errors import LimitError, NotFoundError, ReadError
from copilot.serving.handling.core import Handler, blocking


def _documents(copilot: Copilot, call: FindDocuments) -> FoundDocuments:
    from copilot.knowledge.picking import place

    picked = copilot.picking.find(call.typed, copilot.where, limit=call.limit)
    named = (NamedDocument(one.path, one.title, place(one)) for one in picked.found)
    return FoundDocuments(tuple(named), picked.total)


def _questions(copilot: Copilot, call: FindQuestions) -> FoundQuestions:
    found = copilot.asked_before.find(call.words, limit=call.limit)
    return FoundQuestions(
        tuple(EarlierQuestion(one.text, one.at.isoformat() if one.at else "") for one in found)
    )


def _files(copilot: Copilot, call: FindFiles) -> FoundFiles:
    from copilot.knowledge.attaching import dropped_files

    try:
        return FoundFiles(tuple(map(str, dropped_files(call.typed))))
    except (NotFoundError, ReadError, LimitError):
        return FoundFiles(())


def _attached(copilot: Copilot, call: Attach) -> Attached:
    if call.path:
        return Attached(copilot.attaching.attach_file(call.conversation, call.path))
    kept = copilot.attaching.attach_text(call.conversation, call.text, name=call.name)
    return Attached(kept)


def _listed(copilot: Copilot, call: ListAttached) -> AttachedThere:
    return AttachedThere(copilot.attaching.attached(call.conversation))


def _taken_away(copilot: Copilot, call: TakeAway) -> Done:
    copilot.attaching.take_away(call.conversation, call.id)
    return Done()


HANDLERS: Mapping[type[Call], Handler] = {
    FindDocuments: blocking(_documents),
    FindQuestions: blocking(_questions),
    FindFiles: blocking(_files),
    Attach: blocking(_attached),
    ListAttached: blocking(_listed),
    TakeAway: blocking(_taken_away),
}
