"""Calls about conversations: list them, load one."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.messages import Turn


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Asks for the conversations, the latest first."""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation. ``title`` is its first question; ``touched_at`` is ISO 8601."""

    name: str
    title: str
    touched_at: str
    turns: int


@dataclass(frozen=True, slots=True)
class Sessions:
    found: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class LoadSession:
    name: str


@dataclass(frozen=True, slots=True)
class Loaded:
    turns: tuple[Turn, ...]
