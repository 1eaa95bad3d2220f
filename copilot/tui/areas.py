"""The areas there are, in the order of their keys.

Invariant: naming them imports none; an area is imported when it is first visited.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.tui.area import Area
    from copilot.tui.core import Core


@dataclass(frozen=True, slots=True)
class Place:
    """``where`` is a module and a class of it, with a colon between."""

    name: str
    title: str
    key: str
    where: str

    def fetch(self) -> type[Area]:
        """The area's class; imports its module, which may take a while."""
        module, _, name = self.where.partition(":")
        found: type[Area] = getattr(importlib.import_module(module), name)
        return found

    def build(self, core: Core, now: Callable[[], datetime]) -> Area:
        return self.fetch()(core, now)


PLACES = (
    Place("chat", "Chat", "f2", "copilot.tui.chat:ChatArea"),
    Place("inbox", "Inbox", "f3", "copilot.tui.inbox.area:InboxArea"),
    Place("extract", "Extract", "f4", "copilot.tui.extract.area:ExtractArea"),
    Place("knowledge", "Knowledge", "f5", "copilot.tui.knowledge.area:KnowledgeArea"),
    Place("dashboard", "Dashboard", "f6", "copilot.tui.dashboard.area:DashboardArea"),
    Place("runs", "Runs", "f7", "copilot.tui.runs.area:RunsArea"),
    Place("settings", "Settings", "f8", "copilot.tui.settings.area:SettingsArea"),
)
BY_NAME = {one.name: one for one in PLACES}
