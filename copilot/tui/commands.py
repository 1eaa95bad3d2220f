"""What one can do by name: the composer's ``/`` commands, which palette and help list as well.

Invariant: a command's name is a word of small letters and nobody else's; what it does fits on a
line and holds nothing of a document.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """``area`` is where it is done, empty for the application itself; without an ``action`` one
    only goes there. ``action`` names one of that screen's (``action_NAME``); one whose command has
    an ``argument``, which says what is to be typed, is given the text typed, empty for none.
    """

    name: str
    does: str
    area: str = "chat"
    action: str = ""
    argument: str = ""

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.argument}".rstrip()


COMMANDS: Sequence[Command] = (
    Command("new", "Begin a new conversation", action="new"),
    Command("sessions", "Go on with an earlier conversation", action="sessions"),
    Command("sources", "Show or hide the sources", action="sources"),
    Command("model", "Answer with this model from now on", action="model", argument="NAME"),
    Command("quote", "Quote the next answer, without a model", action="quote"),
    Command("attach", "Ask about a file", action="attach", argument="PATH"),
    Command("history", "Search your earlier questions", action="history"),
    Command("copy", "Copy the last answer with its sources", action="copy"),
    Command("export", "Export this conversation", action="export"),
    Command("inbox", "Decide what waits for approval", area="inbox"),
    Command("extract", "Read a record out of a text", area="extract"),
    Command("knowledge", "See and sync your documents", area="knowledge"),
    Command("dashboard", "See cost, quality and freshness", area="dashboard"),
    Command("runs", "See how answers were made", area="runs"),
    Command("settings", "Change theme, models and keys", area="settings"),
    Command("help", "Show the keys of where you are", area="", action="keys"),
    Command("quit", "Leave copilot", area="", action="quit"),
)
_BY_NAME = {command.name: command for command in COMMANDS}


def named(name: str) -> Command | None:
    """The command of this name."""
    return _BY_NAME.get(name.casefold())


def nearest(name: str) -> Command | None:
    """The command that somebody may have meant."""
    close = difflib.get_close_matches(name.casefold(), _BY_NAME, n=1, cutoff=0.5)
    return _BY_NAME[close[0]] if close else None


def matching(typed: str) -> list[Command]:
    """The commands that ``typed`` may become: those that begin so, then those that hold its
    letters in this order.
    """
    typed = typed.casefold()
    ranked = [(rank, command) for command in COMMANDS if (rank := _rank(typed, command)) < _NO]
    return [command for _, command in sorted(ranked, key=lambda pair: pair[0])]


_NO = 3


def _rank(typed: str, command: Command) -> int:
    if command.name.startswith(typed):
        return 0
    if typed in command.name:
        return 1
    letters = iter(command.name)
    return 2 if all(letter in letters for letter in typed) else _NO
