"""Decides which files a sync has to read.

Invariant: a file counts as unchanged only if its size and time are those that were recorded
and the time is old enough to be trusted; else its content decides.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from copilot.messages import DocumentState, SourceConfig, SourceFile

# Raise it when readers or splitting change what they make of an unchanged file.
LAYOUT = 2
# File systems keep times as coarse as this; a change within it may leave the time as it was.
RACY_NS = 2_000_000_000

Verdict = Literal["added", "updated", "touched", "unchanged"]


def recipe(source: SourceConfig, *, passage_tokens: int) -> str:
    """A fingerprint of what, besides a file's content, decides its passages."""
    parts = (str(LAYOUT), str(passage_tokens), source.id, *sorted(source.labels))
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def digest(path: str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises OSError."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def judge(
    file: SourceFile,
    known: DocumentState | None,
    *,
    current_recipe: str,
    again: bool,
    content: Callable[[], str],
) -> Verdict:
    """What a sync does with ``file``.

    ``known`` is what the index remembers of it. ``again`` asks for a reading whatever is
    remembered. ``content`` gives the digest of its bytes and may raise OSError.
    """
    if known is None:
        return "added"
    if again or known.recipe != current_recipe:
        return "updated"
    same_stamp = (file.size, file.mtime_ns) == (known.size, known.mtime_ns)
    if same_stamp and not _is_racy(known):
        return "unchanged"
    if file.size != known.size or not known.content_hash:
        return "updated"
    return "touched" if content() == known.content_hash else "updated"


def _is_racy(known: DocumentState) -> bool:
    return known.indexed_at.timestamp() * 1e9 - known.mtime_ns < RACY_NS


def addition(source: SourceConfig) -> str:
    """Names a source as it was added at one time, without its path."""
    added_at = source.added_at.isoformat() if source.added_at else ""
    text = f"{source.id}\0{added_at}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


# --- whose file ------------------------------------------------------------------------


def holds(root: str, path: str) -> bool:
    """Whether ``path`` is ``root`` or lies under it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def inner_roots(source: SourceConfig, sources: Sequence[SourceConfig]) -> tuple[str, ...]:
    """Roots of other sources inside this one: what lies there is theirs."""
    return tuple(s.root for s in sources if s.root != source.root and holds(source.root, s.root))


def belongs(path: str, source: SourceConfig, inner: Sequence[str]) -> bool:
    """Whether ``path`` is this source's, given ``inner_roots``."""
    return holds(source.root, path) and not any(holds(root, path) for root in inner)
