"""How the index looks: what it holds, from where, how fresh, and what could not be read.

Invariant: looking changes nothing; text that comes from files is cleaned before it is shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from copilot.errors import UsageError
from copilot.guard.terminal import clean_line
from copilot.knowledge.status import STATUSES, IndexStatus
from copilot.messages import DocumentState

_SHOWN = 20  # failed and skipped files that are printed before "and N more"

# --- status ----------------------------------------------------------------------------


def status_envelope(found: IndexStatus) -> dict[str, Any]:
    """What ``copilot index status --json`` says."""
    embedder = found.embedder
    return {
        "folder": found.folder,
        "size_bytes": found.size_bytes,
        "index_version": found.version,
        "embedder": None
        if embedder is None
        else {
            "name": embedder.name,
            "weights": embedder.weights,
            "dimension": embedder.dimension,
        },
        "passages": found.passages,
        "documents": {status: found.count(status) for status in STATUSES},
        "last_indexed_at": found.last_indexed_at,
        "sources": [
            {
                "root": one.source.root,
                "labels": list(one.source.labels),
                "exclude": list(one.source.exclude),
                "documents": one.documents,
                "reachable": not one.unreachable,
            }
            for one in found.by_source()
        ],
        "failures": [{"path": s.path, "reason": s.reason} for s in found.of("failed")],
        "skips": [{"path": s.path, "reason": s.reason} for s in found.of("skipped")],
        "warnings": [{"path": s.path, "reason": s.reason} for s in found.of("indexed") if s.reason],
    }


def status_lines(found: IndexStatus, *, now: datetime) -> Iterator[str]:
    """The status for people."""
    yield "Index      " + clean_line(found.folder)
    if not found.sources and not found.documents:
        yield "           empty; add a file or a folder: copilot index add PATH"
        return
    envelope = status_envelope(found)
    counts = envelope["documents"]
    yield f"Documents  {counts['indexed']:,} in {found.passages:,} passages"
    yield f"Left out   {counts['skipped']:,} skipped, {counts['failed']:,} failed"
    if found.embedder is not None:
        yield f"Embedder   {found.embedder.name}, {found.embedder.dimension} components"
    yield f"On disk    {found.size_bytes / 1e6:,.1f} MB, version {found.version}"
    if found.last_indexed_at is not None:
        yield f"Last read  {_ago(found.last_indexed_at, now)}"
    yield "Sources"
    for source in envelope["sources"]:
        labels = f", for {', '.join(source['labels'])}" if source["labels"] else ""
        gone = "" if source["reachable"] else ", CAN'T BE REACHED"
        yield "  " + clean_line(
            f"{source['root']}: {source['documents']:,} documents{labels}{gone}"
        )
    for title, key in (("Failed", "failures"), ("Skipped", "skips"), ("Notes", "warnings")):
        yield from _reasons(title, envelope[key])


def _reasons(title: str, entries: Sequence[dict[str, str]]) -> Iterator[str]:
    if entries:
        yield title
    for entry in entries[:_SHOWN]:
        yield "  " + clean_line(f"{entry['path']}: {entry['reason']}")
    if len(entries) > _SHOWN:
        yield f"  and {len(entries) - _SHOWN:,} more: copilot index status --json"


def _ago(then: datetime, now: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now" if seconds < 5 else f"{seconds} seconds ago"


# --- list ------------------------------------------------------------------------------


def listed(
    documents: Sequence[DocumentState], *, prefix: str, only: str
) -> Iterator[DocumentState]:
    """The documents to list. UsageError for a status that there is not."""
    if only and only not in STATUSES:
        raise UsageError(f"--status {only}: no such status.", hint=f"One of {', '.join(STATUSES)}")
    below = os.path.abspath(prefix) if prefix else ""  # noqa: PTH100 - links stay as named
    return (
        state
        for state in documents
        if state.status != "container"
        and only in ("", state.status)
        and state.path.startswith(below)
    )


def document_envelope(state: DocumentState) -> dict[str, Any]:
    return {
        "kind": "document",
        "path": state.path,
        "document_id": state.document_id,
        "title": state.title,
        "status": state.status,
        "reason": state.reason,
        "passages": state.passages,
        "labels": state.labels,
        "source": state.source,
        "media_type": state.media_type,
        "url": state.url,
        "modified_at": state.modified_at,
        "indexed_at": state.indexed_at,
    }


def document_line(state: DocumentState) -> str:
    labels = f"  [{', '.join(state.labels)}]" if state.labels else ""
    if state.status == "indexed":
        return f"{state.passages:>5}  " + clean_line(f"{state.path}  {state.title}{labels}")
    return clean_line(f"{state.status}  {state.path}: {state.reason}{labels}")
