"""Which runs a person means: periods, states and kinds as they are typed.

Invariant: what can't be understood is a UsageError that says what would be; nothing is guessed.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from copilot.charts import MOMENTS, stretch
from copilot.errors import UsageError
from copilot.events import RunKind
from copilot.figures import StatsGroup
from copilot.messages import Status
from copilot.runs import RunFilter

INTERRUPTED = "interrupted"
STATUSES: tuple[str, ...] = (*(status.value for status in Status), INTERRUPTED)
KINDS: tuple[str, ...] = get_args(RunKind)
RATINGS: tuple[str, ...] = ("good", "bad")
GROUPS: tuple[StatsGroup, ...] = tuple(group for group in get_args(StatsGroup) if group)

_PERIOD = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_KEYED = re.compile(
    rf"(?<!\S)(?:{'|'.join(one.name for one in fields(RunFilter))})="
    r"(?:'[^']*'|\"[^\"]*\"|\\.|[^\s'\"\\])*"
)
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def run_filter(*, since: str, status: str, kind: str, now: datetime) -> RunFilter:
    """The filter behind the options of ``runs list`` and ``stats``. Raises UsageError."""
    return RunFilter(
        since=since_when(since, now) if since else None,
        status=_one_of(status, STATUSES, "status"),
        kind=_one_of(kind, KINDS, "kind"),
    )


def as_text(where: RunFilter) -> str:
    """The filter as one line: ``since=2026-11-01T00:00Z kind=ask model=gpt-x``."""
    told = ((one.name, getattr(where, one.name)) for one in fields(RunFilter))
    return " ".join(f"{name}={_written(value)}" for name, value in told if value)


def from_text(text: str, now: datetime) -> RunFilter:
    """The filter that ``as_text`` wrote, or that somebody typed. Raises UsageError."""
    names = [one.name for one in fields(RunFilter)]
    hint = f"such as: since=7d kind=ask model=gpt-x; one of: {', '.join(names)}"
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"a quotation mark is left open in {text!r}", hint=hint) from error
    told: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in names:
            raise UsageError(f"{word!r} is no choice of runs", hint=hint)
        told[name] = value
    since, until = (told.pop(name, "") for name in ("since", "until"))
    return RunFilter(
        since=since_when(since, now) if since else None,
        until=since_when(until, now) if until else None,
        status=_one_of(told.pop("status", ""), STATUSES, "status"),
        kind=_one_of(told.pop("kind", ""), KINDS, "kind"),
        rating=_one_of(told.pop("rating", ""), RATINGS, "rating"),
        **told,
    )


def within(where: RunFilter, group: str, *, by: StatsGroup) -> RunFilter:
    """Those of ``where`` that fall into a group of its figures."""
    if by in MOMENTS:
        begins, ends = stretch(group, by=by)
        return replace(
            where,
            since=begins if where.since is None else max(begins, where.since),
            until=ends if where.until is None else min(ends, where.until),
        )
    chosen: dict[str, str] = {by: group} if by else {}
    return replace(where, **chosen)  # type: ignore[arg-type]


def choice(text: str, now: datetime) -> tuple[RunFilter, str]:
    """What somebody typed to find runs: ``name=value`` as in ``from_text``, the rest is words.

    Raises UsageError.
    """
    keyed = [found[0].strip() for found in _KEYED.finditer(text)]
    return from_text(" ".join(keyed), now), " ".join(_KEYED.sub(" ", text).split())


def _written(value: str | datetime) -> str:
    if isinstance(value, str):
        return shlex.quote(value)
    whole = not (value.second or value.microsecond)
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if whole else value.isoformat()


def stats_group(by: str) -> StatsGroup:
    """The grouping that ``by`` names; empty for none. Raises UsageError."""
    for group in GROUPS:
        if by == group:
            return group
    if by:
        raise UsageError(f"stats can't be grouped by {by}", hint=f"--by {'|'.join(GROUPS)}")
    return ""


def since_when(text: str, now: datetime) -> datetime:
    """When a period such as ``7d``, or a day or time in ISO 8601 (local zone), began.

    ``now`` is aware; so is the result, in UTC. Raises UsageError.
    """
    period = _PERIOD.fullmatch(text.strip().lower())
    try:
        if period is not None:
            return now.astimezone(UTC) - int(period[1]) * _UNITS[period[2]]
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is no period", hint="such as --since 30m, 12h, 7d, 4w or 2026-11-01"
        ) from error


def _one_of(value: str, known: tuple[str, ...], what: str) -> str:
    if value and value not in known:
        raise UsageError(f"there is no {what} {value}", hint=f"one of: {', '.join(known)}")
    return value


def earlier(where: RunFilter, *, days: int, now: datetime) -> RunFilter:
    """The same choice of runs in a period of the same length that ended ``days`` before now."""
    shift = timedelta(days=days)
    return replace(where, since=(where.since or now) - shift, until=now - shift)
