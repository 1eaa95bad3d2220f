"""A record and a sink become a proposal: a new entry, or a change to the one that is there.

Invariant: what was proposed before is found again, under its own id or by the text it was read
from, so the same input never leads to a second entry. Nothing here writes to a sink.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from copilot.actions.deciding import SUPERSEDED, by_policy
from copilot.actions.duplicates import differences
from copilot.actions.identity import digest_of, proposal_id, text_digest
from copilot.actions.mapping import Mapped, Material, mapped, material, with_evidence
from copilot.actions.rereading import Reading
from copilot.actions.shaping import beside, previewed, taint, taint_of, update_of
from copilot.config.records import SinkSettings
from copilot.errors import NotFoundError, SinkError, StorageError, UsageError
from copilot.extracted import ExtractedRecord, FieldValue, Json, SourceText
from copilot.handoff import Outbox, Sink
from copilot.messages import Principal
from copilot.ports import Clock
from copilot.proposals import (
    Change,
    Decision,
    FieldChange,
    Proposal,
    ProposalState,
    Receipt,
    SinkWrite,
    Standing,
    lost_its_texts,
)

_MOST_SIMILAR = 5
_GONE = (ProposalState.REJECTED, ProposalState.UNDONE)


@dataclass(frozen=True, slots=True)
class Proposer:
    """``settings_for`` gives a sink's settings by its name, if it has any."""

    outbox: Outbox
    settings_for: Callable[[str], SinkSettings | None]
    principal: Principal
    clock: Clock

    def propose(
        self,
        record: ExtractedRecord,
        source: SourceText,
        sink: Sink,
        *,
        reading: Reading,
        run_id: str = "",
        warn: Callable[[str], None] = lambda message: None,
    ) -> Standing:
        """Where the record, one of the ``reading``'s, stands in the outbox now.

        UsageError for a record that is invalid or that the sink takes none of; SinkError when
        the sink refuses to be asked for what it holds; one that can't be reached is no obstacle.
        """
        # Two runs at once may read the same text in two ways: the second sees what the first did.
        with self.outbox.reading(record.source_digest or source.digest):
            standing = self._proposed(record, source, sink, reading, run_id, warn)
            reading.took(standing)
        if nothing_to_do(standing.proposal) and standing.state is ProposalState.WAITING:
            return self.as_it_is(standing)
        return standing

    def _proposed(
        self,
        record: ExtractedRecord,
        source: SourceText,
        sink: Sink,
        reading: Reading,
        run_id: str,
        warn: Callable[[str], None],
    ) -> Standing:
        found, earlier = self.prepare(
            record, source, sink, reading=reading, run_id=run_id, warn=warn
        )
        if isinstance(found, Standing):
            return found
        standing = self._superseded(found, earlier) or self.outbox.propose(found)
        if not _wants_texts(standing):
            return standing
        with self.outbox.hold(standing.proposal.id, wait_s=10.0) as held:
            if not _wants_texts(held.standing):
                return held.standing
            return held.note(Change(self.clock.now(), ProposalState.WAITING, proposal=found))

    def prepare(
        self,
        record: ExtractedRecord,
        source: SourceText,
        sink: Sink,
        *,
        reading: Reading,
        run_id: str = "",
        warn: Callable[[str], None] = lambda message: None,
    ) -> tuple[Proposal | Standing, Sequence[Standing]]:
        """The proposal that ``propose`` would keep, or what stands in its place already.

        And what was proposed of the same record before, the newest first.
        """
        made_of, mapping, kind = self._material(record, source, sink)
        key = _key(made_of, mapping, sink, kind)
        if (known := self._known(key)) is not None and not _wants_texts(known):
            return known, ()
        proposal = Proposal(
            id=key,
            sink=sink.name,
            schema=record.schema,
            schema_version=record.schema_version,
            record=record.record,
            fields=record.fields,
            write=SinkWrite("create", kind, mapping.values, key),
            principal=self.principal.name,
            created_at=self.clock.now(),
            taint=taint(record),
            run_id=run_id,
            source_name=made_of.source_name,
            source_digest=record.source_digest or source.digest,
            ordinal=record.ordinal,
            source_text=made_of.text,
            target=sink.target,
            source_start=made_of.start,
            groups=self.principal.groups,
        )
        earlier = reading.earlier(record, self._of_same_source(proposal))
        written = next((one for one in earlier if _may_be_there(one)), None)
        if written is not None:
            return self._as_update(proposal, written, mapping.own, sink), earlier
        shaped = self._beside_others(proposal, made_of, mapping, sink, warn)
        return previewed(shaped, sink), earlier

    def once_more(
        self,
        standing: Standing,
        sink: Sink,
        *,
        word: str,
        warn: Callable[[str], None] = lambda message: None,
    ) -> Standing:
        """Where a new entry of the same record stands, which there is one of for each ``word``.

        UsageError where there is nothing that a new one could be made of.
        """
        proposal = standing.proposal
        made_of, mapping = self._again(proposal, sink)
        kind = sink.kind_for(proposal.schema)
        if proposal.undoes or kind is None or not mapping.own:
            why = "undoes another one" if proposal.undoes else "has no record any more"
            raise UsageError(f"the proposal {proposal.id[:12]} {why}: it can't be filed once more")
        key = _key(made_of, mapping, sink, kind, again=word)
        if (known := self._known(key)) is not None:
            warn(f"{key[:12]} is it, under the word {word}: a further one takes another")
            return known
        new = replace(
            proposal,
            id=key,
            write=SinkWrite("create", kind, mapping.values, key),
            changes=(),
            principal=self.principal.name,
            groups=self.principal.groups,
            created_at=self.clock.now(),
            target=sink.target,
            again=word,
        )
        shaped = self._beside_others(new, made_of, mapping, sink, warn)
        return self.outbox.propose(previewed(shaped, sink))

    def revised(
        self,
        proposal: Proposal,
        record: Mapping[str, Json],
        fields: Mapping[str, FieldValue],
        sink: Sink,
    ) -> Proposal:
        """The same proposal with another record: the same target, operation and key.

        UsageError where it has no record to change, or nothing would be left to write.
        """
        made_of, mapping = self._again(replace(proposal, record=record, fields=fields), sink)
        write = proposal.write
        if proposal.undoes or not mapping.own:
            why = "undoes another one" if proposal.undoes else "would have nothing left to write"
            raise UsageError(f"the proposal {proposal.id[:12]} {why}: it can't be changed so")
        match write.operation:
            case "create":
                values: Mapping[str, Json] = mapping.values
                changes = tuple(FieldChange(name, None, value) for name, value in values.items())
            case "comment":
                values = {"comment": with_evidence(made_of)}
                changes = (FieldChange("comment", None, values["comment"]),)
            case _:
                changes = differences(mapping.own, sink.read(write.kind, write.external_id))
                values = {one.field: one.after for one in changes}
        tainted = replace(taint_of(fields, injection=proposal.taint.injection), edited=True)
        revised = replace(
            proposal,
            record=record,
            fields=fields,
            write=replace(write, values=values),
            changes=changes,
            taint=tainted,
        )
        return replace(revised, calls=sink.preview(revised.write))

    def renewed(self, proposal: Proposal, sink: Sink) -> Proposal:
        """As it would be proposed now: the sink may hold something else than it did then.

        A creation that found no open entry on the same issue may find one; other writes stay,
        and show what they would change now. As it is, where the sink doesn't answer.
        """
        write = proposal.write
        try:
            if write.operation in ("update", "restore"):
                entry = sink.read(write.kind, write.external_id)
                now = ((name, entry.values.get(name), to) for name, to in write.values.items())
                return replace(proposal, changes=tuple(FieldChange(*one) for one in now))
            if write.operation != "create" or proposal.undoes:
                return proposal
            made_of, mapping = self._again(proposal, sink)
            similar = sink.similar(write.kind, mapping.values, limit=_MOST_SIMILAR)
        except (SinkError, NotFoundError):
            return proposal
        known = {one.external_id for one in proposal.duplicates}
        new = [one for one in similar if one.external_id not in known]
        found = replace(proposal, duplicates=tuple(similar), searched=True)
        shaped = found if proposal.again else beside(found, made_of, mapping, new)
        return found if shaped.write == write else previewed(shaped, sink)

    def _again(self, proposal: Proposal, sink: Sink) -> tuple[Material, Mapped]:
        """What a proposal is made of, as far as it tells."""
        made_of = Material(
            proposal.schema,
            proposal.record,
            proposal.fields,
            proposal.source_text,
            proposal.source_start,
            proposal.source_name,
        )
        return made_of, mapped(made_of, sink, self.settings_for(sink.name))

    def _material(
        self, record: ExtractedRecord, source: SourceText, sink: Sink
    ) -> tuple[Material, Mapped, str]:
        if record.status != "valid":
            wrong = "; ".join(f"{one.path or 'record'}: {one.message}" for one in record.errors)
            raise UsageError(
                f"an invalid {record.schema} is not proposed: {wrong}",
                hint="mend the record, or its schema",
            )
        kind = sink.kind_for(record.schema)
        if kind is None:
            raise UsageError(f"the sink {sink.name} takes no {record.schema}")
        made_of = material(record, source)
        mapping = mapped(made_of, sink, self.settings_for(sink.name))
        if not mapping.own:
            raise UsageError(
                f"this {record.schema} has nothing to write to {sink.name}: every field is empty"
            )
        return made_of, mapping, kind

    def as_it_is(self, standing: Standing) -> Standing:
        """The sink holds all of it already: there is nothing to decide on, and nothing to send."""
        with self.outbox.hold(standing.proposal.id, wait_s=10.0) as held:
            there = standing.proposal.write.external_id
            entry = next(
                (one for one in standing.proposal.duplicates if one.external_id == there), None
            )
            receipt = Receipt(there, entry.url if entry else "", replayed=True)
            return held.note(Change(self.clock.now(), ProposalState.SENT, receipt=receipt))

    def _known(self, proposal_id: str) -> Standing | None:
        try:
            return self.outbox.get(proposal_id)
        except NotFoundError:
            return None

    def _of_same_source(self, proposal: Proposal) -> list[Standing]:
        """What else was proposed of this very text before, the newest first. StorageError."""
        if not proposal.source_digest:
            return []
        content = self.outbox.content(source=proposal.source_digest)
        for damaged in content.damaged:  # it may have made the entry that this one would make
            raise StorageError(damaged.reason, hint="copilot actions list")
        return [
            one
            for one in reversed(content.standings)
            if not one.proposal.undoes
            and one.proposal.id != proposal.id
            and one.state not in _GONE
            and not one.proposal.again
            and one.proposal.schema == proposal.schema
            and (one.proposal.sink, one.proposal.target) == (proposal.sink, proposal.target)
        ]

    def _as_update(
        self, proposal: Proposal, earlier: Standing, own: Mapping[str, Json], sink: Sink
    ) -> Proposal | Standing:
        """What this reading changes in the entry that another reading of the text has made."""
        write = earlier.proposal.write
        if earlier.state is not ProposalState.SENT or write.operation == "comment":
            return earlier
        receipt = earlier.receipt
        external_id = write.external_id or (receipt.external_id if receipt is not None else "")
        try:
            entry = sink.read(write.kind, external_id)
        except NotFoundError:  # somebody has deleted it there, and meant to
            return earlier
        updated = update_of(proposal, entry, own)
        if not updated.changes:
            return earlier
        return self._known(updated.id) or previewed(updated, sink)

    def _beside_others(
        self,
        proposal: Proposal,
        made_of: Material,
        mapping: Mapped,
        sink: Sink,
        warn: Callable[[str], None],
    ) -> Proposal:
        """A new entry, or, where one on the same issue is open, a change or a comment to that."""
        kind = proposal.write.kind
        try:
            similar = tuple(sink.similar(kind, mapping.values, limit=_MOST_SIMILAR))
        except SinkError as error:
            if not error.retryable:
                raise
            warn(f"{sink.name} wasn't searched for an open {kind} on the same issue: {error}")
            return replace(proposal, searched=False)
        proposal = replace(proposal, duplicates=similar)
        return proposal if proposal.again else beside(proposal, made_of, mapping, similar)

    def _superseded(self, proposal: Proposal, earlier: Sequence[Standing]) -> Standing | None:
        """Withdraw what waits of the same record; None when this proposal may take its place.

        What a person has worked on stays, and is returned.
        """
        for one in earlier:
            if one.state is ProposalState.SENT:
                continue
            with self.outbox.hold(one.proposal.id, wait_s=10.0) as held:
                now = held.standing
                touched = now.called_at is not None or now.proposal.taint.edited
                if touched or any(said.by == "person" for said in now.decisions):
                    return now
                at = self.clock.now()
                reason = f"the same text was read anew: {proposal.id[:12]}"
                decision = Decision(
                    verdict="rejected",
                    by="policy",
                    principal=self.principal.name,
                    at=at,
                    digest=digest_of(now.proposal),
                    rule=SUPERSEDED,
                    reason=reason,
                )
                held.note(Change(at, ProposalState.REJECTED, decision=decision))
        return None


def _key(made_of: Material, mapping: Mapped, sink: Sink, kind: str, *, again: str = "") -> str:
    """Of a creation: what the record states itself, and the words of a text that goes with it."""
    values: dict[str, Json] = dict(mapping.own)
    if mapping.texts:
        values["@text"] = text_digest(made_of.text)
    return proposal_id(sink.target, kind, operation="create", values=values, again=again)


def _wants_texts(standing: Standing) -> bool:
    """Whether it could be sent yet, and its texts were deleted: who brings them proposes anew."""
    undecided = standing.state is ProposalState.DEAD or by_policy(standing)
    return undecided and lost_its_texts(standing.proposal)


def _may_be_there(standing: Standing) -> bool:
    """Whether the sink has it, or may have."""
    return standing.state is ProposalState.SENT or standing.called_at is not None


def nothing_to_do(proposal: Proposal) -> bool:
    """Whether the sink holds all of it already."""
    return proposal.write.operation == "update" and not proposal.write.values
