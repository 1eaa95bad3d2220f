"""The form that a record's write takes: a new entry, or a change or a comment to one that is there.

Invariant: whichever form it is, the proposal keeps its id, which is its key at the sink; only an
update of the entry that the same text has made before is a proposal of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import get_args

from copilot.actions.duplicates import differences, kept_up, same
from copilot.actions.identity import proposal_id
from copilot.actions.mapping import Mapped, Material, with_evidence
from copilot.errors import UsageError
from copilot.extracted import ExtractedRecord, FieldValue, Json
from copilot.handoff import Sink
from copilot.messages import Principal
from copilot.proposals import (
    FieldChange,
    Operation,
    Proposal,
    SinkEntry,
    SinkWrite,
    Taint,
)


def beside(
    proposal: Proposal, made_of: Material, mapping: Mapped, similar: Sequence[SinkEntry]
) -> Proposal:
    """A creation; where one of ``similar`` is on the same issue, a change or a comment to that."""
    kind = proposal.write.kind
    found = next((one for one in similar if same(kind, mapping.own, one)), None)
    if found is None:
        return proposal
    if kept_up(kind):
        return replace(update_of(proposal, found, mapping.own), id=proposal.id)
    comment = {"comment": with_evidence(made_of)}
    write = SinkWrite("comment", found.kind, comment, proposal.id, found.external_id)
    return replace(proposal, write=write, changes=())


def update_of(proposal: Proposal, entry: SinkEntry, own: Mapping[str, Json]) -> Proposal:
    """What ``own`` changes in the entry, as a proposal of its own."""
    changes = differences(own, entry)
    values = {one.field: one.after for one in changes}
    operation: Operation = "update"
    key = proposal_id(
        proposal.target, entry.kind, operation=operation, values=own, external_id=entry.external_id
    )
    write = SinkWrite(operation, entry.kind, values, key, entry.external_id)
    return replace(proposal, id=key, write=write, changes=changes)


def previewed(proposal: Proposal, sink: Sink) -> Proposal:
    """With what it changes and would call; its write carries its id."""
    write = replace(proposal.write, key=proposal.id)
    changes = proposal.changes or tuple(
        FieldChange(name, None, value) for name, value in write.values.items()
    )
    return replace(proposal, write=write, changes=changes, calls=sink.preview(write))


def taint(record: ExtractedRecord) -> Taint:
    return taint_of(record.fields, injection=bool(record.suspicions))


def taint_of(fields: Mapping[str, FieldValue], *, injection: bool) -> Taint:
    """A value that a person gave needs no proof in the text: the person is asked for it."""
    stated = [one for one in fields.values() if one.value is not None]
    readers = {one.read_by for one in stated}
    unproven = any(one.evidence is None and one.read_by != "person" for one in stated)
    return Taint(
        injection=injection,
        unproven=unproven,
        model=bool(readers - {"rules", "person"}),
        edited="person" in readers,
    )


def described(
    record: ExtractedRecord, *, sink: str, operation: str, principal: Principal, at: datetime
) -> Proposal:
    """What rules see of a record on its way to ``sink``; nothing to keep, and nothing to send.

    UsageError for an operation that there is none of.
    """
    known = {one: one for one in get_args(Operation)}
    if operation not in known:
        raise UsageError(f"{operation!r} is no operation", hint=f"one of {', '.join(known)}")
    return Proposal(
        id="",
        sink=sink,
        schema=record.schema,
        schema_version=record.schema_version,
        record=record.record,
        fields=record.fields,
        write=SinkWrite(known[operation], "", {}, ""),
        principal=principal.name,
        created_at=at,
        taint=taint(record),
        groups=principal.groups,
    )
