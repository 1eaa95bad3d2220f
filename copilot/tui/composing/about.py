"""What a question is asked about besides the index, or what alone of it.

Invariant: what it is called passes ``shown_line``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from copilot.tui.wording import shown_line

_LONGEST = 36


@dataclass(eq=False)
class Chip:
    """``document``: an indexed one that questions are confined to. ``pasted`` and ``file`` are
    what they are asked about, too: ``id`` once the core holds it, for ``conversation``; ``text``
    while it can be put back.
    """

    kind: Literal["document", "pasted", "file"]
    name: str
    path: str = ""
    text: str = field(default="", repr=False)
    id: str = ""
    conversation: str = ""

    @property
    def label(self) -> str:
        name = shown_line(self.name)
        name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        if self.kind == "document":
            return f"@{name}"
        if not self.text:
            return name if self.kind == "pasted" else f"file {name}"
        lines = self.text.rstrip("\n").count("\n") + 1
        return f"{name}: {lines:,} line{'s' if lines > 1 else ''}"
