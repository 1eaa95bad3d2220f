"""Takes the texts out of proposals that are over.

Invariant: what keeps a proposal from being sent a second time stays, its id and where it ended;
one that isn't over keeps its texts, since somebody has to decide on them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from copilot.errors import NotFoundError
from copilot.handoff import Outbox
from copilot.keeping import Hold, pseudonym
from copilot.proposals import OVER, Standing, without_texts


@dataclass(frozen=True, slots=True)
class Stripped:
    """How many lost their texts, and how many of the person's are not over yet.

    ``damaged``: where those are that can't be read, so that nobody can tell whose they are.
    """

    done: int = 0
    still_open: int = 0
    damaged: tuple[str, ...] = ()


def strip_persons(outbox: Outbox, principal: str, *, dry_run: bool) -> Stripped:
    """Those that this person proposed or decided on. StorageError."""
    done = still_open = 0
    content = outbox.content()
    for standing in content.standings:
        if principal not in _people(standing):
            continue
        if standing.state not in OVER:
            still_open += 1
        else:
            done += _strip(outbox, standing, forgotten=principal, dry_run=dry_run)
    return Stripped(done, still_open, tuple(one.place for one in content.damaged))


def strip_old(
    outbox: Outbox, before: datetime | None, *, holds: Collection[Hold], dry_run: bool
) -> int:
    """Those that were over before this time, but for people on hold. StorageError."""
    if before is None:
        return 0
    return sum(
        _strip(outbox, standing, forgotten="", dry_run=dry_run)
        for standing in outbox.content(OVER).standings
        if (standing.changed_at or standing.proposal.created_at) < before
        and _holds_texts(standing)
        and not any(hold.covers(name) for hold in holds for name in _people(standing))
    )


def _people(standing: Standing) -> frozenset[str]:
    decided = (one.principal for one in standing.decisions if one.by == "person")
    return frozenset((standing.proposal.principal, *decided))


def _holds_texts(standing: Standing) -> bool:
    proposal = standing.proposal
    return bool(proposal.record or proposal.write.values or proposal.source_text)


def _strip(outbox: Outbox, standing: Standing, *, forgotten: str, dry_run: bool) -> bool:
    """Whether it is (or would be) done; False where another process has just taken it away."""
    if dry_run:
        return True
    try:
        with outbox.hold(standing.proposal.id, wait_s=10.0) as held:
            if held.standing.state not in OVER:
                return False
            held.strip(without_texts(held.standing, named=lambda name: _named(name, forgotten)))
    except NotFoundError:
        return False
    return True


def _named(name: str, forgotten: str) -> str:
    return pseudonym(name) if name and name == forgotten else name
