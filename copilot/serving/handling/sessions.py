"""Answers calls about conversations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from copilot.bootstrap import Copilot
from copilot.calls import (
    AnswersRecalled,
    Call,
    DeleteSession,
    Done,
    EarlierAnswer,
    ExportSession,
    ListSessions,
    Loaded,
    LoadSession,
    PinSession,
    RecallAnswers,
    RenameSession,
    Reply,
    Said,
    SearchSessions,
    Session,
    SessionExported,
    SessionHit,
    SessionHits,
    Sessions,
)
from copilot.errors import CopilotError, NotFoundError, UsageError
from copilot.events import Event
from copilot.serving.handling.core import Core, Handler, blocking
from copilot.talks import Conversation, KeptTurns

if TYPE_CHECKING:
    from copilot.answering.recalling import Recalled


def _listed(copilot: Copilot, call: ListSessions) -> Sessions:
    from copilot.answering.conversations import listed

    found = listed(copilot.conversations)
    page = found[call.start : call.start + call.limit]
    return Sessions(tuple(map(_session, page)), total=len(found))


async def _searched(core: Core, call: SearchSessions) -> AsyncGenerator[Event | Reply]:
    from copilot.answering.conversations import holding

    left = Flag()

    def search() -> SessionHits:
        store = core.ready().conversations
        found = islice(holding(store, call.words, stopped=left.is_set), call.limit)
        return SessionHits(
            tuple(SessionHit(_session(one.conversation), one.snippet) for one in found)
        )

    try:
        yield await asyncio.to_thread(search)
    finally:
        left.set()


def _loaded(copilot: Copilot, call: LoadSession) -> Loaded:
    from copilot.answering.conversations import the

    session = _session(the(copilot.conversations, call.name))
    said = [*_exchanges(copilot.conversations.kept(call.name))]
    return Loaded(session, tuple(said[call.start : call.start + call.limit]), total=len(said))


def _renamed(copilot: Copilot, call: RenameSession) -> Done:
    title = " ".join(call.title.split())
    by = copilot.settings.principal.name
    return _done(copilot.conversations.rename(call.name, title, by=by), call.name)


def _pinned(copilot: Copilot, call: PinSession) -> Done:
    return _done(copilot.conversations.pin(call.name, pinned=call.pinned), call.name)


def _deleted(copilot: Copilot, call: DeleteSession) -> Done:
    from copilot.ledger.erasing import delete_conversation

    delete_conversation(copilot.records, call.name)
    return Done()


def _exported(copilot: Copilot, call: ExportSession) -> SessionExported:
    from copilot.answering.conversations import as_json, as_markdown, the, write_out

    conversation = the(copilot.conversations, call.name)
    kept = copilot.conversations.kept(call.name)
    try:
        runs = {one.run_id: one for one in _known(copilot, [one.run_id for one in kept])}
    except CopilotError:
        runs = {}  # a ledger that can't be read leaves the texts
    if call.form == "json":
        written = as_json(conversation, kept, runs, copilot.conversations.summary(call.name))
    else:
        written = as_markdown(conversation, kept, runs)
    try:
        path = Path(call.path).expanduser().absolute()
    except RuntimeError as error:  # ~name of nobody
        raise UsageError(f"{call.path} is no path: {error}", hint="Name another place.") from error
    return SessionExported(str(path), write_out(path, written, replace=call.replace))


def _recalled(copilot: Copilot, call: RecallAnswers) -> AnswersRecalled:
    return AnswersRecalled(
        tuple(
            EarlierAnswer(one.run_id, one.answer, one.left_out, one.rating, one.latency_ms)
            for one in _known(copilot, call.run_ids)
        )
    )


def _known(copilot: Copilot, run_ids: Sequence[str]) -> list[Recalled]:
    from copilot.answering.recalling import recall

    wanted = [one for one in run_ids if one]
    if not wanted:
        return []
    return recall(copilot.run_reader, wanted, principal=copilot.settings.principal.name)


def _session(one: Conversation) -> Session:
    return Session(one.name, one.title, one.touched_at.isoformat(), one.pinned, one.named)


def _exchanges(kept: Sequence[KeptTurns]) -> Iterator[Said]:
    """A question with the answer after it; either may be missing in what others wrote."""
    for one in kept:
        at = one.at.isoformat() if one.at is not None else ""
        asked = ""
        for turn in one.turns:
            if turn.role == "assistant":
                yield Said(asked, turn.text, one.run_id, one.instead_of, at)
                asked = ""
            else:
                asked = turn.text
        if asked:
            yield Said(asked, "", one.run_id, one.instead_of, at)


def _done(there: bool, name: str) -> Done:
    if not there:
        raise NotFoundError(
            f"there is no conversation {name!r}", hint="it may have been deleted meanwhile"
        )
    return Done()


HANDLERS: Mapping[type[Call], Handler] = {
    ListSessions: blocking(_listed),
    SearchSessions: _searched,
    LoadSession: blocking(_loaded),
    RenameSession: blocking(_renamed),
    PinSession: blocking(_pinned),
    DeleteSession: blocking(_deleted),
    ExportSession: blocking(_exported),
    RecallAnswers: blocking(_recalled),
}
