"""Answers calls about conversations."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.bootstrap import Copilot
from copilot.calls import Call, ListSessions, Loaded, LoadSession, Session, Sessions
from copilot.errors import NotFoundError
from copilot.serving.handling.core import Handler, blocking


def _listed(copilot: Copilot, call: ListSessions) -> Sessions:
    store = copilot.conversations
    found = []
    for name in store.names():
        touched = store.touched(name)
        turns = store.load(name)
        if touched is not None and turns:
            found.append(Session(name, turns[0].text, touched.isoformat(), len(turns)))
    return Sessions(tuple(sorted(found, key=lambda one: one.touched_at, reverse=True)))


def _loaded(copilot: Copilot, call: LoadSession) -> Loaded:
    turns = copilot.conversations.load(call.name)
    if not turns:
        raise NotFoundError(f"there is no conversation {call.name!r}", hint="Ctrl+R lists them.")
    return Loaded(tuple(turns))


HANDLERS: Mapping[type[Call], Handler] = {
    ListSessions: blocking(_listed),
    LoadSession: blocking(_loaded),
}
