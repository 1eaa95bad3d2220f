"""The inbox with the mails that ship as samples: one that is looked at, one that gives orders."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from copilot.calls import Stands, inbox
from copilot.extracted import Evidence
from copilot.proposals import (
    FieldChange,
    Proposal,
    ProposalState,
    SinkCall,
    SinkEntry,
    SinkWrite,
    Standing,
)
from copilot.testing.scripted_core import ScriptedCore
from tests.corpora import REPOSITORY
from tests.proposed import proposal_id, stated
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
TEXT = (REPOSITORY / "data/samples/label-printer.eml").read_text(encoding="utf-8")
WORDS = {
    "title": ("Labels come out blank since the update", ""),
    "requester_name": ("Hanna Voss", ""),
    "requester_email": ("h.voss@norderhof.example", ""),
    "requester_phone": ("+49 461 900 14 22", "+494619001422"),
    "company": ("Norderhof Versand GmbH", ""),
    "version": ("7.2.1", ""),
    "error_code": ("ORD-4417", ""),
    "severity": ("this is urgent", "high"),
    "due_date": ("Friday noon", "2026-11-20"),
}
OTHERS = (
    ("Invoice export fails with ORD-9000", "create ticket", "desk", 3, "waiting", True),
    ("Family Day", "create meeting", "desk", 26, "waiting", False),
    ("Gutschrift zu Rechnung 2026-11873 fehlt", "comment T-14", "jira", 5, "dead", False),
    ("RuntimeError: CUDA error: device-side assert", "create ticket", "desk", 30, "sent", False),
    ("Hanna Voss", "create contact", "hubspot", 50, "rejected", False),
)


def proposal() -> Proposal:
    """A ticket of the mail about the labels."""
    found = proposal_id("labels")
    fields = {name: stated(TEXT, quote, value or None) for name, (quote, value) in WORDS.items()}
    record = {name: one.value for name, one in fields.items()}
    values = {**record, "description": TEXT, "source": "data/samples/label-printer.eml"}
    return Proposal(
        id=found,
        sink="desk",
        schema="ticket",
        schema_version="1",
        record=record,
        fields=fields,
        write=SinkWrite("create", "ticket", values, found),
        principal="ana",
        created_at=NOW - timedelta(hours=2),
        changes=tuple(FieldChange(name, None, value) for name, value in values.items()),
        calls=(SinkCall("CREATE", "desk:ticket"),),
        duplicates=(SinkEntry("ticket", "T-9", {}, title="Label preview is slow"),),
        source_name="data/samples/label-printer.eml",
        source_text=TEXT,
        target="desk",
    )


def shown(given: Proposal) -> inbox.ShownProposal:
    found = {name: one.evidence for name, one in given.fields.items()}
    return inbox.ShownProposal(
        row=row(given.id, ("Labels come out blank since the update", "create ticket", "desk", 2)),
        standing=Standing(given, ProposalState.WAITING),
        warnings=(),
        changes=tuple(
            inbox.ShownChange(one, _proof(found.get(one.field)), 0.97, "rules")
            for one in given.changes
        ),
        ruled=inbox.Ruled(
            "ask", "the desk asks", "a write to the local desk needs a person", missing=1
        ),
        may=("approve", "edit", "reject"),
        look="look",
    )


def _proof(evidence: Evidence | None) -> tuple[Evidence, ...]:
    return (evidence,) if evidence is not None else ()


def row(
    proposal_id: str,
    said: tuple[str, str, str, int],
    state: ProposalState = ProposalState.WAITING,
    *,
    suspicious: bool = False,
) -> inbox.ProposalRow:
    title, what, sink, hours = said
    at = (NOW - timedelta(hours=hours)).isoformat()
    return inbox.ProposalRow(proposal_id, state, sink, what, title, at, suspicious=suspicious)


def scene() -> Scene:
    told = shown(proposal())
    others = [
        row(proposal_id(title), (title, what, sink, hours), ProposalState(state), suspicious=odd)
        for title, what, sink, hours, state, odd in OTHERS
    ]
    others[2] = replace(others[2], error="jira refused it: the project SUP is archived")
    rows = (told.row, *others)
    counts = Counter(one.state.value for one in rows)
    core = ScriptedCore(
        stands=Stands("", "ana", 0.0, (NOW - timedelta(minutes=5)).isoformat(), waiting=3),
        replies={
            inbox.ListProposals: inbox.Proposals(rows, len(rows), "1", counts),
            inbox.ShowProposal: told,
        },
    )

    async def play(driver: Driver) -> None:
        driver.area("inbox").action_filter("all")  # type: ignore[attr-defined]
        await driver.settled()
        await driver.pilot.press("enter", "j", "j", "j")

    return Scene(core, play)
