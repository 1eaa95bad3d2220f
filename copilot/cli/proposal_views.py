"""How proposals look: a row each, in brief for a question, in full, and as an envelope.

Invariant: whatever a text, a person or a sink said passes ``guard.terminal``; what speaks against
a proposal stands before what it would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from copilot.actions.deciding import persons
from copilot.actions.telling import made_of, title_of, warnings_of, what_of
from copilot.cli.styling import Styler
from copilot.cli.tables import shortened, table
from copilot.codec import to_plain
from copilot.extracted import Json
from copilot.extraction.envelopes import field_envelope
from copilot.guard.terminal import clean, clean_line
from copilot.proposals import DamagedProposal, FieldChange, Proposal, ProposalState, Standing

SHORT_ID = 12
_NAME_WIDTH = 20
_VALUE_SHOWN = 160
_LINES_SHOWN = 40


def standing_rows(standings: Sequence[Standing], now: datetime) -> list[str]:
    """A table, the sink only where they differ in it."""
    sinks = len({one.proposal.sink for one in standings}) > 1
    rows = [
        [
            one.proposal.id[:SHORT_ID],
            one.state.value + ("!" if one.proposal.taint.injection else ""),
            age(one.proposal.created_at, now),
            *([one.proposal.sink] if sinks else []),
            clean_line(what_of(one.proposal)),
            clean_line(title_of(one.proposal)) + (f" ({one.error})" if one.error else ""),
        ]
        for one in standings
    ]
    header = ["proposal", "state", "age", *(["sink"] if sinks else []), "what", "title"]
    return table(header, rows, right={"age"})


def damaged_line(damaged: DamagedProposal) -> str:
    return clean_line(f"{damaged.id[:SHORT_ID]} damaged: {damaged.reason}")


def age(at: datetime, now: datetime) -> str:
    seconds = max(0.0, (now - at).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def brief(proposal: Proposal, style: Styler) -> Iterator[str]:
    """What a person needs for a decision, in a screen."""
    yield style.strong(clean_line(f"{what_of(proposal)} in {proposal.sink}: {title_of(proposal)}"))
    where = proposal.target if proposal.target != proposal.sink else ""
    origin = [f"from {proposal.source_name}" if proposal.source_name else "", where]
    yield style.faint(clean_line("  ".join(one for one in origin if one)))
    for warning in warnings_of(proposal):
        yield style.marker(clean_line(f"! {warning}"))
    for change in proposal.changes:
        yield f"  {clean_line(change.field):<{_NAME_WIDTH}} {_changed(change)}"
        for field in made_of(proposal, change):
            if field.evidence is not None and field.evidence.quote != field.value:
                quote = shortened(clean_line(field.evidence.quote), _VALUE_SHOWN)
                yield style.faint(f"  {'':<{_NAME_WIDTH}} “{quote}”")
    for entry in proposal.duplicates:
        which = "goes to" if entry.external_id == proposal.write.external_id else "may be the same"
        yield f"  {which}: {clean_line(f'{entry.external_id} {entry.title} {entry.url}')}"


def full(proposal: Proposal, style: Styler) -> Iterator[str]:
    """What ``brief`` leaves out: each change whole, each field's words, each call, the text."""
    yield ""
    yield style.strong("Changes")
    for change in proposal.changes:
        yield from _whole(change)
    if proposal.fields:
        yield ""
        yield style.strong("Fields, with the words that state them")
    for name, one in proposal.fields.items():
        if one.value is None:
            continue
        said = (
            f"“{clean_line(one.evidence.quote)}” at {one.evidence.start}"
            if one.evidence
            else "no words"
        )
        yield f"  {clean_line(name):<{_NAME_WIDTH}} {clean_line(str(one.value))}"
        yield style.faint(
            f"  {'':<{_NAME_WIDTH}} {said}, {one.confidence:.2f}, {clean_line(one.read_by)}"
        )
    if proposal.calls:
        yield ""
        yield style.strong("Calls")
    for call in proposal.calls:
        yield f"  {clean_line(f'{call.method} {call.url}')}"
        yield from (f"    {shortened(line, _VALUE_SHOWN)}" for line in _lines(call.body))
    sent = (change.after for change in proposal.changes)
    if proposal.source_text and not any(proposal.source_text in str(value) for value in sent):
        yield ""
        yield style.strong("Text")
        yield from (f"  {line}" for line in _lines(proposal.source_text))


def _whole(change: FieldChange) -> Iterator[str]:
    """A change on a line of its own, or on as many as it has."""
    before, after = _lines(change.before), _lines(change.after)
    name = clean_line(change.field)
    if change.before is None and len(after) == 1:
        yield f"  + {name:<{_NAME_WIDTH}} {after[0]}"
        return
    yield f"    {name}"
    if change.before is not None:
        yield from (f"      - {line}" for line in before)
    yield from (f"      + {line}" for line in after)


def history(standing: Standing, style: Styler) -> Iterator[str]:
    """What became of it until now."""
    yield ""
    yield style.strong("History")
    proposal = standing.proposal
    by = clean_line(proposal.principal)
    yield f"  {_moment(proposal.created_at)} proposed by {by}"
    for one in standing.decisions:
        who = clean_line(one.principal if one.by == "person" else f"rule {one.rule}")
        reason = f": {clean_line(one.reason)}" if one.reason else ""
        yield f"  {_moment(one.at)} {one.verdict} by {who}{reason}"
    tries = f" after {standing.attempts} tries" if standing.attempts > 1 else ""
    when = _moment(standing.changed_at or proposal.created_at)
    yield f"  {when} {standing.state.value}{tries}"
    yield from outcome(standing)


def outcome(standing: Standing) -> Iterator[str]:
    """Where it is in the sink, or what is wrong, in a line or two."""
    if standing.receipt is not None:
        receipt = standing.receipt
        entry = f"{standing.proposal.sink} {receipt.external_id} {receipt.url}"
        yield f"  {clean_line(entry)}"
    if standing.error:
        yield f"  {clean_line(standing.error)}"
        if standing.hint:
            yield f"  hint: {clean_line(standing.hint)}"


def standing_line(standing: Standing) -> str:
    """What became of it, in one line."""
    proposal = standing.proposal
    receipt = standing.receipt
    why = f": {standing.error}" if standing.error else ""
    if receipt is not None:
        why = f": {receipt.external_id} {receipt.url}"
    elif standing.state is ProposalState.REJECTED and standing.decisions:
        last = standing.decisions[-1]
        said = f"rule {last.rule}" if last.by == "policy" else last.principal
        why = f", by {said}{f': {last.reason}' if last.reason else ''}"
    elif standing.not_before is not None:
        why += f"; to be tried from {standing.not_before.astimezone():%H:%M:%S}"
    elif standing.state is ProposalState.WAITING and standing.decisions:
        agreed = sorted(persons(proposal, standing.decisions))
        why += f"; agreed so far: {', '.join(agreed)}" if agreed else ""
    return clean_line(
        f"{proposal.id[:SHORT_ID]} {standing.state.value}, "
        f"{what_of(proposal)} in {proposal.sink}{why}"
    )


def standing_envelope(standing: Standing, *, whole: bool = False) -> dict[str, Any]:
    """A proposal as scripts read it. ``whole``: with the text that it is from."""
    proposal = standing.proposal
    return {
        "kind": "proposal",
        "id": proposal.id,
        "state": standing.state,
        "sink": proposal.sink,
        "target": proposal.target,
        "schema": proposal.schema,
        "operation": proposal.write.operation,
        "object": proposal.write.kind,
        "external_id": proposal.write.external_id,
        "entry": to_plain(standing.receipt),
        "record": proposal.record,
        "fields": {name: field_envelope(one) for name, one in proposal.fields.items()},
        "changes": [to_plain(one) for one in proposal.changes],
        "calls": [to_plain(one) for one in proposal.calls],
        "duplicates": [to_plain(one) for one in proposal.duplicates],
        "taint": to_plain(proposal.taint),
        "decisions": [to_plain(one) for one in standing.decisions],
        "principal": proposal.principal,
        "created_at": proposal.created_at,
        "changed_at": standing.changed_at,
        "attempts": standing.attempts,
        "not_before": standing.not_before,
        "error": standing.error,
        "hint": standing.hint,
        "undoes": proposal.undoes,
        "again": proposal.again,
        "source": {
            "name": proposal.source_name,
            "sha256": proposal.source_digest,
            "ordinal": proposal.ordinal,
        },
        "run_id": proposal.run_id,
        **({"source_text": proposal.source_text} if whole else {}),
    }


def _is_long(value: Json) -> bool:
    text = _text(value)
    return "\n" in text or len(text) > _VALUE_SHOWN


def _changed(change: FieldChange) -> str:
    after = shortened(clean_line(_text(change.after)), _VALUE_SHOWN)
    if change.before is None:
        return after
    return f"{shortened(clean_line(_text(change.before)), _VALUE_SHOWN // 2)} → {after}"


def _lines(value: Json) -> list[str]:
    lines = clean(_text(value)).splitlines()
    if len(lines) > _LINES_SHOWN:
        return [*lines[:_LINES_SHOWN], f"… {len(lines) - _LINES_SHOWN} lines more; --json has all"]
    return lines


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "(none)"
    plain = isinstance(value, Mapping | Sequence)
    return json.dumps(to_plain(value), ensure_ascii=False) if plain else str(value)


def _moment(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
