"""How the audit trail looks: a table of entries, three verdicts, a sheet for whoever audits.

Invariant: times are UTC and say so; a cell of a sheet is never taken for a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from copilot.audit import AuditEntry
from copilot.audit.verdicts import Verdict, Verification
from copilot.cli.tables import table
from copilot.codec import to_plain
from copilot.guard.terminal import clean_line

_SHOWN = 20  # findings of one verdict before "and N more"
_WIDTH = 14
_COLUMNS = ("seq", "at", "principal", "account", "action", "subject", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def entry_lines(entries: Sequence[AuditEntry]) -> list[str]:
    """A table, in the order given."""
    rows = [
        [
            str(entry.seq),
            _time(entry.at),
            f"{entry.principal} ({entry.account})",
            entry.action,
            entry.subject + _detail(entry),
        ]
        for entry in entries
    ]
    return table(["", "when (UTC)", "who (account)", "action", "what"], rows, right={""})


def verification_lines(found: Verification, *, place: str, anchor: str) -> Iterator[str]:
    """The verdicts for people; what speaks against one stands under it."""
    yield _row("trail", place)
    if found.first is not None and found.last is not None:
        count = "1 entry" if found.entries == 1 else f"{found.entries:,} entries"
        yield _row("", f"{count}, {_time(found.first)} to {_time(found.last)} UTC")
    if anchor:
        yield _row("anchor", anchor)
    if found.head is not None:
        yield _row("head", str(found.head))
    remedies: dict[str, None] = {}  # two verdicts may need the same
    for name, verdict in _verdicts(found):
        remedies |= {verdict.remedy: None} if verdict.remedy else {}
        state = verdict.state if verdict.state == "holds" else verdict.state.upper()
        yield _row(name, f"{state}: {verdict.says}")
        yield from (_row("", finding) for finding in verdict.findings[:_SHOWN])
        if len(verdict.findings) > _SHOWN:
            yield _row("", f"and {len(verdict.findings) - _SHOWN} more; --json has them all")
    yield from (_row("note", note) for note in found.notes)
    yield from (_row("to do", remedy) for remedy in remedies)


def envelope(found: Verification, *, place: str, anchor: str) -> dict[str, Any]:
    return {
        "kind": "audit_verification",
        "state": found.state,
        "trail": place,
        "anchor": anchor,
        "entries": found.entries,
        "head": str(found.head) if found.head else "",
        **{name: to_plain(verdict) for name, verdict in _verdicts(found)},
        "notes": list(found.notes),
    }


def csv_text(entries: Iterable[AuditEntry]) -> str:
    """A sheet with one row an entry; the details are JSON in one cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        detail = json.dumps(to_plain(entry.detail), ensure_ascii=False, sort_keys=True)
        texts = (entry.principal, entry.account, entry.action, entry.subject, detail)
        writer.writerow([entry.seq, entry.at.isoformat(), *map(_cell, texts)])
    return text.getvalue()


def _verdicts(found: Verification) -> tuple[tuple[str, Verdict], ...]:
    return (
        ("integrity", found.integrity),
        ("completeness", found.completeness),
        ("authenticity", found.authenticity),
    )


def _row(label: str, text: str) -> str:
    return f"{label:<{_WIDTH}}{clean_line(text)}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _detail(entry: AuditEntry) -> str:
    said = (
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in entry.detail.items()
    )
    return f" ({', '.join(said)})" if entry.detail else ""


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
