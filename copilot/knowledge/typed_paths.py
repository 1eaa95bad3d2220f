"""What a person means who types or pastes the path of a file or folder.

Invariant: looking changes nothing, and what can't be listed is no error: it has no completions.
"""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

_QUOTES = "'\""


def absolute(typed: str) -> str:
    """The path that was typed or pasted: quoted, escaped as in a shell, or a ``file:`` address."""
    text = typed.strip()
    if len(text) > 1 and text[0] in _QUOTES and text[-1] == text[0]:
        text = text[1:-1]
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    elif "\\" in text and not os.path.lexists(os.path.expanduser(text)):  # noqa: PTH111
        text = text.replace("\\", "")
    return os.path.abspath(os.path.expanduser(text)) if text else ""  # noqa: PTH100, PTH111


def completions(typed: str, *, limit: int = 50) -> list[str]:
    """Files and folders that begin so, folders first; each as it would be typed on.

    Hidden ones only for who types the dot.
    """
    folder, _, begun = typed.rpartition("/")
    listed = absolute(f"{folder}/" if folder or typed.startswith("/") else ".")
    before = f"{folder}/" if "/" in typed else ""
    if typed == "~":
        return ["~/"]
    folders, files = [], []
    try:
        with os.scandir(listed) as entries:
            for entry in entries:
                if not _fits(entry.name, begun):
                    continue
                if _is_folder(entry):
                    folders.append(f"{before}{entry.name}/")
                else:
                    files.append(before + entry.name)
    except OSError:
        return []
    return [*sorted(folders, key=str.casefold), *sorted(files, key=str.casefold)][:limit]


def _fits(name: str, begun: str) -> bool:
    if name.startswith(".") and not begun.startswith("."):
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False  # bytes that are no text can't be typed on
    return name.casefold().startswith(begun.casefold())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
