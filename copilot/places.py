"""Where a passage stands, in words that people read and as an address that editors open.

Invariant: what is told is what the locator says; nothing here makes text safe for a terminal.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from copilot.messages import Locator

_LOCATOR_WORDS = {
    "lines": ("line", "lines"),
    "page": ("page", "pages"),
    "slide": ("slide", "slides"),
    "cell": ("cell", "cells"),
    "cells": ("", ""),
    "paragraphs": ("paragraph", "paragraphs"),
    "part": ("", ""),
    "record": ("record", "records"),
}


def describe(locator: Locator) -> str:
    """A locator in words: ``lines 12-30``, ``page 3``, ``Prices!A2-D9``."""
    one, many = _LOCATOR_WORDS[locator.kind]
    if locator.start == locator.end:
        return f"{one} {locator.start}".strip()
    end = str(locator.end)
    if locator.kind in ("cells", "part"):
        # Both ends name the same sheet or part: once is enough.
        prefix, mark, rest = end.rpartition("!" if locator.kind == "cells" else ":")
        end = rest if str(locator.start).startswith(prefix + mark) else end
    return f"{many} {locator.start}-{end}".strip()


def display_path(path: str) -> str:
    """``path`` relative to where the person is, when it is below."""
    file, mark, fragment = path.partition("#")
    try:
        shown = str(Path(file).relative_to(Path.cwd()))
    except (ValueError, OSError):
        shown = file
    return shown + mark + fragment


def file_of(path: str) -> str:
    """The file that a document is, or that it is a record of: what is there tells a # in a name
    from the one before a record.
    """
    cuts = [at for at, sign in enumerate(path) if sign == "#"]
    found = (path[:at] for at in (len(path), *reversed(cuts)) if Path(path[:at]).is_file())
    return next(found, path.partition("#")[0])


def is_within(path: str, places: Collection[str]) -> bool:
    """Whether a document of this path is one of ``places``, or in one; without any it is."""
    return not places or any(
        path == one or path.startswith((f"{one}/", f"{one}#")) for one in places
    )


def file_target(path: str, locator: Locator) -> str:
    """A ``file:`` address; editors that read a line from the fragment find it there."""
    address = Path(file_of(path)).as_uri()
    return f"{address}#L{locator.start}" if locator.kind == "lines" else address
