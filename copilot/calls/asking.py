"""Calls about turns: ask, rate, and where things stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """The reply of a call that has nothing more to tell."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Asks for what a status line shows."""


@dataclass(frozen=True, slots=True)
class Stands:
    """``model`` answers first, empty where answers are quoted; ``models``: all that are configured.
    ``spent_usd``: today's, of everybody; None if the ledger can't tell. ``synced_at``: ISO 8601,
    empty before the first whole sync. ``waiting``: proposals that wait for a decision.
    ``limit_usd``: what a budget lets today cost; ``alert_usd``: above which cost of a day an alert
    fires; None where nobody set one.
    """

    model: str
    principal: str
    spent_usd: float | None
    synced_at: str
    waiting: int = 0
    warnings: tuple[str, ...] = ()
    limit_usd: float | None = None
    alert_usd: float | None = None
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A turn of a conversation; its events are those of ``answering.conversing``.

    ``path`` confines the search to documents below it, ``paths`` to these, or those below;
    ``attached``: the ids of what it is asked about, in this conversation; ``quote``: without a
    chat model; ``model``: by this one, not the configured one. ``instead_of``: the run whose
    question is asked anew: what came after it is not gone on with.
    """

    text: str
    conversation: str
    path: str = ""
    paths: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    quote: bool = False
    model: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """What somebody thinks of a run's answer: ``good`` or ``bad``, why, what it should have been.

    An empty ``correction`` says nothing of what it should have been.
    """

    run_id: str
    rating: str
    comment: str = ""
    correction: str = ""


Call = Standing | Ask | Rate
Reply = Done | Stands
