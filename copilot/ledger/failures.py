"""Which failures have one cause: texts that differ only in what varies from time to time.

Invariant: a cluster holds failures of one origin and one type of error; what is replaced in a text
is numbers, names between quotes, addresses, paths and ids, never a word of plain language.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from copilot.figures import FailureOrigin, RecordedFailure

_LONGEST = 200
_READ = 4_000
# In this order: what a later pattern would take apart comes first.
_VARYING = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE), "URL"),
    (re.compile(r"\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'(?!\w)|`[^`\n]{1,200}`"), "…"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "ADDRESS"),
    (re.compile(r"(?<![\w/])(?:~|[A-Za-z]:)?(?:[/\\][\w.@~+-]+){2,}[/\\]?"), "PATH"),
    # Letters and digits mixed: uuids, hashes, request ids. A name such as gpt4 is too short.
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{12,}\b"), "ID"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
)


@dataclass(frozen=True, slots=True)
class FailureCluster:
    """Failures of one cause. ``message`` is what their texts share, ``example`` the commonest.

    Both are None when no text is kept. ``where`` names models, tools or kinds of runs, the most
    frequent first; ``texts`` counts the different texts.
    """

    origin: FailureOrigin
    error_type: str
    message: str | None
    example: str | None
    count: int
    texts: int
    where: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    last_run: str


def cluster_failures(failures: Iterable[RecordedFailure]) -> list[FailureCluster]:
    """Clusters, the most frequent first, of those that are as frequent the latest."""
    members: dict[tuple[FailureOrigin, str, str | None], list[RecordedFailure]] = defaultdict(list)
    for failure in failures:
        cause = None if failure.message is None else shared_text(failure.message)
        members[failure.origin, failure.error_type, cause].append(failure)
    clusters = [
        _cluster(origin, error_type, cause, alike)
        for (origin, error_type, cause), alike in members.items()
    ]
    return sorted(clusters, key=lambda one: (-one.count, -one.last_at.timestamp(), one.error_type))


def shared_text(message: str) -> str:
    """``message`` on one line, without what varies between failures of one cause."""
    text = " ".join(message[:_READ].split())
    for pattern, placeholder in _VARYING:
        text = pattern.sub(placeholder, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _cluster(
    origin: FailureOrigin, error_type: str, message: str | None, alike: list[RecordedFailure]
) -> FailureCluster:
    places: Counter[str] = Counter()
    for failure in alike:
        places[failure.where] += failure.count
    latest = max(alike, key=lambda one: (one.last_at, one.last_run))
    return FailureCluster(
        origin=origin,
        error_type=error_type,
        message=message,
        example=max(alike, key=lambda one: one.count).message,
        count=sum(one.count for one in alike),
        texts=len({one.message for one in alike}),
        where=tuple(place for place, _ in places.most_common() if place),
        first_at=min(one.first_at for one in alike),
        last_at=latest.last_at,
        last_run=latest.last_run,
    )
