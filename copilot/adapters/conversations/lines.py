"""The lines of a conversation's file: turns that were kept together, and what it is called.

Invariant: a line that is torn, or isn't ours, is None and never an error; what is read was
written by ``turns_line`` or ``heading_line``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from copilot.messages import Role, Turn
from copilot.talks import KeptTurns, Summary

_ROLES = get_args(Role)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands before the turns, once somebody has named or pinned the conversation.

    ``by`` gave the ``title``; both are empty for one that is only pinned.
    """

    title: str = ""
    by: str = ""
    pinned: bool = False

    @property
    def as_turns(self) -> KeptTurns:
        """A title as what its giver said: erasing looks at it as at a question."""
        return KeptTurns((Turn("user", self.title),), by=self.by)


def turns_line(turns: Sequence[Turn], *, by: str, run_id: str, instead_of: str) -> bytes:
    """One line for all of them."""
    said = [{"role": turn.role, "text": turn.text} for turn in turns]
    known = {"run": run_id, "instead_of": instead_of}
    return _line({"at": _now(), "by": by, **{k: v for k, v in known.items() if v}, "turns": said})


def heading_line(heading: Heading) -> bytes:
    """Empty for one that says nothing."""
    if heading == Heading():
        return b""
    said = {"title": heading.title, "pinned": heading.pinned}
    return _line({"at": _now(), "by": heading.by, **said})


def summary_line(summary: Summary) -> bytes:
    """A line of its own, which programs that know no summaries pass over."""
    return _line({"at": _now(), "summary": summary.text, "of": summary.of, "n": summary.turns})


def read_summary(line: bytes) -> Summary | None:
    """The summary on a line."""
    found = _object(line)
    text, of, turns = found.get("summary"), found.get("of"), found.get("n")
    if not (isinstance(text, str) and isinstance(of, str) and isinstance(turns, int)):
        return None
    return Summary(text, turns, of)


def read_turns(line: bytes) -> KeptTurns | None:
    """The turns on a line."""
    found = _object(line)
    try:
        turns = [(turn["role"], turn["text"]) for turn in found["turns"]]
    except (TypeError, KeyError):
        return None
    known = tuple(Turn(role, text) for role, text in turns if role in _ROLES and _is_text(text))
    if not known:
        return None
    return KeptTurns(
        turns=known,
        at=_moment(found.get("at")),
        by=_text(found.get("by")),
        run_id=_text(found.get("run")),
        instead_of=_text(found.get("instead_of")),
    )


def read_heading(line: bytes) -> Heading | None:
    """The heading on a line; one with turns is none."""
    found = _object(line)
    if "turns" in found or not {"title", "pinned"} & found.keys():
        return None
    return Heading(_text(found.get("title")), _text(found.get("by")), found.get("pinned") is True)


def _line(said: dict[str, Any]) -> bytes:
    return f"{json.dumps(said, ensure_ascii=False)}\n".encode("utf-8", "replace")


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _moment(said: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(said))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _is_text(said: object) -> bool:
    return isinstance(said, str)


def _text(said: object) -> str:
    return said if isinstance(said, str) else ""
