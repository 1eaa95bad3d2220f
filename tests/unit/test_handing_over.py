"""From a record to an entry: proposed, decided on, sent once, undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from copilot.actions.handover import exit_code
from copilot.actions.identity import digest_of
from copilot.actions.rereading import Reading
from copilot.cli.proposal_views import standing_line
from copilot.config.records import ActionSettings, SinkSettings
from copilot.errors import (
    DeniedError,
    ExitCode,
    NotFoundError,
    SinkAuthError,
    SinkError,
    SinkRequestError,
    SinkUnavailableError,
    StorageError,
    UsageError,
)
from copilot.extracted import FieldError, FieldValue
from copilot.proposals import Proposal, ProposalState, Standing, without_texts
from copilot.records import ApprovalDecided, FeedbackGiven, ToolCalled
from copilot.testing.memory_outbox import MemoryOutbox
from copilot.testing.memory_sink import MemorySink
from tests.handed import ALLOW, ASK, DENY, TWO, Asked, World, decided
from tests.proposed import MAIL, record, source, stated

S = ProposalState


async def hand(world: World, principal: str = "ada", **given: object) -> Standing:
    text = str(given.pop("text", MAIL))
    what = given.pop("record", None) or record(text)
    [standing] = await world.of(principal).hand_over([what], source(text), "memory", **given)  # type: ignore[arg-type, list-item]
    return standing


async def test_what_needs_a_person_waits_where_nobody_can_be_asked_and_nothing_is_sent() -> None:
    world = World(ASK)
    standing = await hand(world)
    assert standing.state is S.WAITING
    assert exit_code([standing]) == ExitCode.DENIED
    assert world.memory.writes == []
    proposal = standing.proposal
    assert proposal.write.values["title"] == "export to CSV fails"
    assert {one.field for one in proposal.changes} == set(proposal.write.values)
    assert proposal.calls
    assert proposal.write.key == proposal.id


async def test_a_yes_sends_it_and_the_trail_tells_who_agreed_to_what() -> None:
    world = World(ASK)
    asked = Asked(["yes"])
    standing = await hand(world, approver=asked, run_id="run-7")
    assert standing.state is S.SENT
    assert exit_code([standing]) == ExitCode.DONE
    assert standing.receipt is not None
    assert world.memory.held[standing.receipt.external_id].key == standing.proposal.id
    assert asked.seen[0][1] == "all"
    approve, send = world.audit.entries
    assert (approve.action, approve.subject) == ("action.approve", standing.proposal.id)
    assert approve.detail["sha256"] == digest_of(standing.proposal)
    assert approve.detail["proven"] == 4
    assert approve.detail["rule"] == "all"
    assert (send.action, send.detail["entry"]) == ("action.send", "M-1")
    said = "".join(str(entry) for entry in world.audit.entries)
    assert "export" not in said
    assert "grace" not in said
    [approval] = world.ledger.of(ApprovalDecided)
    assert isinstance(approval, ApprovalDecided)
    assert (approval.decided_by, approval.principal) == ("person", "ada")
    [call] = world.ledger.of(ToolCalled)
    assert isinstance(call, ToolCalled)
    assert (call.tool, call.outcome, call.effect) == ("memory.create", "ok", "write")
    assert {run for run, _ in world.ledger.kept} == {"run-7"}


async def test_a_no_is_the_end_of_it_until_it_is_proposed_again_on_purpose() -> None:
    world = World(ASK)
    standing = await hand(world, approver=Asked(["no"]))
    assert standing.state is S.REJECTED
    assert standing.decisions[-1].reason == "said so"
    assert (await hand(world, approver=Asked(["yes"]))).state is S.REJECTED
    again = await world.of().again(standing.proposal.id, "2", approver=Asked(["yes"]))
    assert again.state is S.SENT
    assert again.proposal.id != standing.proposal.id
    assert world.audited() == ["action.reject", "action.approve", "action.send"]


async def test_a_rule_that_allows_sends_without_a_person_and_stands_in_the_trail() -> None:
    world = World(ALLOW)
    standing = await hand(world)
    assert standing.state is S.SENT
    assert standing.decisions[0].by == "policy"
    assert world.audit.entries[0].detail["by"] == "policy"


async def test_what_is_denied_is_sent_by_nobody_until_the_rules_are_others() -> None:
    world = World(DENY)
    asked = Asked(["yes"])
    standing = await hand(world, approver=asked)
    assert (standing.state, asked.seen) == (S.REJECTED, [])
    with pytest.raises(DeniedError, match="all"):
        await world.of().approve(standing.proposal.id)
    assert world.memory.writes == []
    assert world.audited() == ["action.reject"]  # and not once more at each try
    world.rules = ASK
    assert (await hand(world)).state is S.WAITING
    assert (await world.of().approve(standing.proposal.id)).state is S.SENT


async def test_two_persons_are_two_who_agree_to_the_same() -> None:
    world = World(TWO)
    standing = await hand(world, approver=Asked(["yes", "yes"]))
    assert (standing.state, standing.error) == (S.WAITING, "1 more person must agree: all")
    assert standing_line(standing).endswith("must agree: all; agreed so far: ada")
    again = await world.of("ada").approve(standing.proposal.id)
    assert (again.state, len(again.decisions)) == (S.WAITING, 1)
    assert world.memory.writes == []
    assert (await world.of("grace").approve(standing.proposal.id)).state is S.SENT


async def test_a_suspicious_text_needs_a_person_although_a_rule_allows_everything() -> None:
    world = World(ALLOW)
    standing = await hand(world, record=record(suspicions=("tells its reader to close tickets",)))
    assert standing.state is S.WAITING
    assert world.memory.writes == []


async def test_the_same_script_run_twice_makes_one_entry() -> None:
    world = World(ALLOW)
    first, second = await hand(world), await hand(world)
    assert second == first
    assert len(world.memory.held) == len(world.memory.writes) == 1


async def test_a_script_that_is_run_again_sends_what_the_first_run_left() -> None:
    world = World(ALLOW)
    world.memory.fail_next(SinkUnavailableError("memory is busy", retry_after=3600))
    first = await hand(world)
    assert first.state is S.RETRYING
    assert exit_code([first]) == ExitCode.TOOL
    world.clock.at = first.not_before  # type: ignore[assignment]
    assert (await hand(world)).state is S.SENT


async def test_another_reading_of_the_same_text_changes_the_entry_and_makes_no_second_one() -> None:
    world = World(ALLOW)
    first = await hand(world)
    better = record()
    fields = {**better.fields, "severity": FieldValue("high", better.fields["severity"].evidence)}
    better = replace(better, fields=fields, record={**better.record, "severity": "high"})
    second = await hand(world, record=better)
    assert second.proposal.write.operation == "update"
    assert second.proposal.write.values == {"severity": "high"}
    assert [(one.before, one.after) for one in second.proposal.changes] == [("critical", "high")]
    assert second.state is S.SENT
    assert [one.entry.values["severity"] for one in world.memory.held.values()] == ["high"]
    assert (await hand(world, record=better)) == second
    assert first.proposal.id != second.proposal.id


async def test_another_reading_replaces_one_that_waits_but_no_persons_work() -> None:
    world = World(ASK)
    first = await hand(world)
    other = record(fields={"title": stated(MAIL, "export to CSV")})
    second = await hand(world, record=other)
    assert second.state is S.WAITING
    assert second.proposal.write.operation == "create"
    superseded = world.outbox.get(first.proposal.id)
    assert superseded.state is S.REJECTED
    assert superseded.decisions[-1].rule == "superseded"

    def mend(proposal: Proposal) -> Proposal:
        return replace(proposal, record={**proposal.record, "title": "CSV export"})

    edited = await hand(world, record=other, approver=Asked([mend]))
    assert edited.proposal.taint.edited
    third = await hand(world, record=record(fields={"title": stated(MAIL, "fails with error")}))
    assert third == edited


async def test_an_open_entry_on_the_same_issue_gets_a_comment() -> None:
    world = World(ALLOW)
    await hand(world)
    other = "Hi, export to CSV fails. It is critical.\n\ngrace@navy.example E-1042"
    standing = await hand(world, text=other)
    write = standing.proposal.write
    assert (write.operation, write.external_id) == ("comment", "M-1")
    assert str(write.values["comment"]).startswith("Hi, export to CSV fails.")
    assert "requester_email: “grace@navy.example”" in str(write.values["comment"])
    assert len(world.memory.held) == 1
    assert len(world.memory.held["M-1"].comments) == 1
    assert await hand(world, text=other) == standing
    again = await world.of().again(standing.proposal.id, "2")
    assert (again.proposal.write.operation, again.state) == ("create", S.SENT)


@pytest.mark.parametrize(
    "other",
    [
        "export to CSV fails, critical. bob@other.example E-1042",
        "import of PDF hangs, critical. grace@navy.example E-1042",
    ],
)
async def test_an_entry_that_is_merely_alike_is_shown_and_left_alone(other: str) -> None:
    world = World(ALLOW)
    await hand(world)
    email = "bob@other.example" if "bob" in other else "grace@navy.example"
    title = other.partition(",")[0]
    fields = {"title": stated(other, title), "requester_email": stated(other, email)}
    standing = await hand(world, text=other, record=record(other, fields=fields))
    assert standing.proposal.write.operation == "create"
    assert len(world.memory.held) == 2
    assert bool(standing.proposal.duplicates) is ("bob" in other)


async def test_an_edit_is_checked_remapped_asked_for_anew_and_counts_as_feedback() -> None:
    world = World(ASK)

    def mend(proposal: Proposal) -> Proposal:
        # Whatever else an answer says than the record's values counts for nothing.
        values = {**proposal.record, "title": "CSV export fails", "error_code": "E-1042"}
        elsewhere = replace(proposal.write, kind="admin", operation="delete", external_id="M-9")
        return replace(proposal, record=values, write=elsewhere, sink="other", principal="root")

    asked = Asked([mend, "yes"])
    standing = await hand(world, approver=asked, check=lambda values: ())
    assert standing.state is S.SENT
    first, second = (proposal for proposal, _ in asked.seen)
    assert (second.id, second.sink, second.principal) == (first.id, first.sink, "ada")
    assert second.write.operation == "create"
    assert second.write.values["title"] == "CSV export fails"
    assert second.fields["title"] == FieldValue("CSV export fails", None, 1.0, read_by="person")
    assert second.fields["error_code"] == first.fields["error_code"]
    assert second.taint.edited
    assert world.memory.held["M-1"].entry.title == "CSV export fails"
    assert [one.verdict for one in standing.decisions] == ["edited", "approved"]
    assert world.audited() == ["action.edit", "action.approve", "action.send"]
    [given] = world.ledger.of(FeedbackGiven)
    assert isinstance(given, FeedbackGiven)
    assert given.comment == "corrected: title"
    assert "CSV export fails" in given.correction


async def test_an_edit_that_the_schema_refuses_changes_nothing() -> None:
    world = World(ASK)

    def mend(proposal: Proposal) -> Proposal:
        return replace(proposal, record={**proposal.record, "severity": "huge"})

    with pytest.raises(UsageError, match="severity: isn't one of"):
        await hand(
            world,
            approver=Asked([mend]),
            check=lambda values: (FieldError("severity", "isn't one of low, high"),),
        )
    [standing] = world.outbox.content().standings
    assert (standing.state, standing.proposal.taint.edited) == (S.WAITING, False)


async def test_an_edit_after_a_yes_takes_the_yes_back() -> None:
    world = World(TWO)
    standing = await hand(world, approver=Asked(["yes"]))

    def mend(proposal: Proposal) -> Proposal:
        return replace(proposal, record={**proposal.record, "title": "Export"})

    grace = Asked([mend, "yes"], principal="grace")
    settled = await world.of("grace").settle(standing.proposal.id, approver=grace)
    assert settled.state is S.WAITING
    assert standing_line(settled).endswith("agreed so far: grace")
    assert world.memory.writes == []
    assert (await world.of("ada").approve(standing.proposal.id)).state is S.SENT


async def test_a_yes_to_what_it_was_before_counts_for_nothing() -> None:
    world = World(ASK)
    standing = await hand(world)
    stale = decided(replace(standing.proposal, sink="elsewhere"))
    with pytest.raises(UsageError, match="changed in the meantime"):
        await world.of().settle(standing.proposal.id, approver=Asked([lambda _: stale]))
    assert world.memory.writes == []


async def test_rules_are_asked_again_before_it_is_sent() -> None:
    world = World(ALLOW)
    world.memory.fail_next(SinkUnavailableError("busy", retry_after=3600))
    standing = await hand(world)
    world.rules = ASK
    waiting = await world.of().retry(standing.proposal.id)
    assert waiting.state is S.WAITING
    assert "1 more person must agree" in waiting.error
    assert len(world.memory.writes) == 1
    assert (await world.of().approve(standing.proposal.id)).state is S.SENT


async def test_a_sink_that_writes_elsewhere_now_gets_nothing_that_was_decided_before() -> None:
    world = World(ALLOW)
    world.memory.fail_next(SinkUnavailableError("busy", retry_after=3600))
    standing = await hand(world)
    world.sink = MemorySink(target="memory:another-project")
    waiting = await world.of().retry(standing.proposal.id)
    assert waiting.state is S.WAITING
    assert "memory:another-project" in waiting.error
    assert world.memory.writes == []


async def test_an_answer_that_got_lost_is_looked_for_and_nothing_is_sent_twice() -> None:
    world = World(ALLOW, sink=MemorySink(settles_s=5.0))
    world.memory.lose_next_answer()

    async def sleep(seconds: float) -> None:
        await world.clock.sleep(seconds)
        if (world.clock.at - begun).total_seconds() > 5:
            world.memory.settle()

    begun = world.clock.now()
    handover = replace(world.of(), sleep=sleep)
    [standing] = await handover.hand_over([record()], source(), "memory")
    assert standing.state is S.SENT
    assert standing.receipt is not None
    assert standing.receipt.replayed
    assert len(world.memory.writes) == 1


async def test_a_busy_sink_is_tried_again_and_after_so_many_tries_it_is_a_dead_letter() -> None:
    world = World(ALLOW, settings=ActionSettings(attempts=3))
    for _ in range(3):
        world.memory.fail_next(SinkUnavailableError("memory is busy"))
    dead = await hand(world)
    assert (dead.state, dead.attempts, dead.error) == (S.DEAD, 3, "memory is busy")
    assert exit_code([dead]) == ExitCode.TOOL
    assert (await hand(world)).state is S.DEAD
    revived = await world.of().retry(dead.proposal.id)
    assert (revived.state, revived.attempts) == (S.SENT, 1)


async def test_what_the_sink_refuses_is_a_dead_letter_at_once_and_can_be_rejected() -> None:
    world = World(ALLOW)
    world.memory.fail_next(SinkRequestError("severity: no such choice", hint="mend the mapping"))
    dead = await hand(world)
    assert (dead.state, dead.attempts, dead.hint) == (S.DEAD, 1, "mend the mapping")
    assert (await world.of().reject(dead.proposal.id, reason="no")).state is S.REJECTED
    with pytest.raises(UsageError, match="rejected") as refused:
        await world.of().retry(dead.proposal.id)
    assert refused.value.hint == f"copilot actions again {dead.proposal.id[:12]} proposes it anew"


async def test_a_sink_that_cannot_be_searched_is_no_obstacle_but_one_that_refuses_us_is() -> None:
    class Deaf(MemorySink):
        failure: SinkError = SinkUnavailableError("memory is down")

        def similar(self, *given: object, **chosen: object) -> list[object]:  # type: ignore[override]
            raise self.failure

    world = World(ASK, sink=Deaf())
    standing = await hand(world)
    assert not standing.proposal.searched
    assert "wasn't searched" in world.warnings[0]
    world.sink = Deaf()
    world.sink.failure = SinkAuthError("the key is refused")
    with pytest.raises(SinkAuthError):
        await hand(world, text=MAIL.replace("this morning", "today"))


async def test_what_the_sink_takes_none_of_or_is_invalid_or_empty_is_refused() -> None:
    world = World(ALLOW)
    for wrong, why in (
        (record(schema="meeting"), "takes no meeting"),
        (
            record(status="invalid", errors=(FieldError("title", "is missing"),)),
            "title: is missing",
        ),
        (record(fields={"title": FieldValue(None)}), "every field is empty"),
    ):
        with pytest.raises(UsageError, match=why):
            await hand(world, record=wrong)
    assert not world.outbox.content().standings


async def test_the_configuration_says_which_field_takes_what_in_which_words() -> None:
    fields = {
        "ticket": {
            "severity": {"from": "severity", "values": {"critical": "high"}},
            "description": "@source",
            "requester_email": "",
            "title": "error_code",
        }
    }
    sink = SinkSettings.model_validate({"kind": "memory", "fields": fields})
    world = World(ASK, settings=ActionSettings(sinks={"memory": sink}))
    values = (await hand(world)).proposal.write.values
    assert values == {"severity": "high", "description": "mail.eml", "title": "E-1042"}


async def test_undo_is_a_proposal_of_its_own_that_closes_what_was_opened() -> None:
    world = World(ASK)
    standing = await hand(world, approver=Asked(["yes"]))
    undo = await world.of().undo(standing.proposal.id)
    assert undo.state is S.WAITING
    assert undo.proposal.undoes == standing.proposal.id
    assert undo.proposal.write.operation == "close"
    assert world.outbox.get(standing.proposal.id).state is S.SENT
    done = await world.of().approve(undo.proposal.id)
    assert done.state is S.SENT
    assert world.outbox.get(standing.proposal.id).state is S.UNDONE
    assert not world.memory.held["M-1"].entry.open
    assert world.audited()[-1] == "action.undo"
    assert world.audit.entries[-1].detail["undoes"] == standing.proposal.id
    with pytest.raises(UsageError, match="undone"):
        await world.of().undo(standing.proposal.id)
    assert (await hand(world)).state is S.UNDONE  # the script that made it doesn't make it again


async def test_undoing_an_update_restores_what_was_there() -> None:
    world = World(ALLOW)
    await hand(world)
    better = record()
    fields = {**better.fields, "severity": FieldValue("low", better.fields["severity"].evidence)}
    second = await hand(
        world, record=replace(better, fields=fields, record={**better.record, "severity": "low"})
    )
    undo = await world.of().undo(second.proposal.id)
    assert undo.state is S.SENT
    assert [(one.before, one.after) for one in undo.proposal.changes] == [("low", "critical")]
    assert world.memory.held["M-1"].entry.values["severity"] == "critical"


async def test_an_undo_that_was_rejected_is_proposed_anew_on_purpose_and_once_for_each_no() -> None:
    world = World(ASK)
    sent = await hand(world, approver=Asked(["yes"]))
    first = await world.of().undo(sent.proposal.id, approver=Asked(["no"]))
    assert first.state is S.REJECTED
    assert await world.of().undo(sent.proposal.id, approver=Asked(["yes"])) == first
    second = await world.of().undo(sent.proposal.id, again=True)
    assert second.state is S.WAITING
    assert await world.of().undo(sent.proposal.id, again=True) == second
    await world.of().reject(second.proposal.id)
    third = await world.of().undo(sent.proposal.id, again=True, approver=Asked(["yes"]))
    assert third.state is S.SENT
    assert len({first.proposal.id, second.proposal.id, third.proposal.id}) == 3
    assert [one.operation for one in world.memory.writes] == ["create", "close"]


async def test_what_was_never_sent_can_not_be_undone() -> None:
    world = World(ASK)
    standing = await hand(world)
    with pytest.raises(UsageError, match="waiting"):
        await world.of().undo(standing.proposal.id)
    with pytest.raises(NotFoundError):
        await world.of().undo("f" * 64)


async def test_filed_once_more_it_is_one_more_for_each_word_and_nobody_elses_work() -> None:
    world = World(ASK)
    first = await hand(world, approver=Asked(["yes"]))
    more = await world.of("grace", "support").again(first.proposal.id, "May")
    assert (more.state, more.proposal.again, more.proposal.principal) == (S.WAITING, "May", "grace")
    assert (more.proposal.groups, more.proposal.record) == (("support",), first.proposal.record)
    assert more.proposal.calls and more.proposal.changes == first.proposal.changes
    assert not world.warnings
    assert await world.of().again(first.proposal.id, "May") == more
    assert "another" in world.warnings[0]
    sent = await world.of().approve(more.proposal.id)
    assert await world.of().again(sent.proposal.id, "May") == sent  # a copy's copy is that copy
    june = await world.of().again(sent.proposal.id, "June")
    assert june.proposal.id not in (first.proposal.id, more.proposal.id)
    assert len(world.memory.held) == 2
    assert (await hand(world)).proposal.id == first.proposal.id


async def test_filed_once_more_it_becomes_no_comment_to_what_was_opened_meanwhile() -> None:
    world = World(ASK)
    first = await hand(world, approver=Asked(["yes"]))
    await world.of().undo(first.proposal.id, approver=Asked(["yes"]))
    more = await world.of().again(first.proposal.id, "2")
    world.memory.write(replace(first.proposal.write, key="somebody's"))
    asked = Asked(["yes"])
    sent = await world.of().settle(more.proposal.id, approver=asked)
    assert sent.state is S.SENT
    assert [one.external_id for one in asked.seen[0][0].duplicates] == ["M-2"]
    assert sent.proposal.write.operation == "create"


async def test_what_is_on_its_way_yet_is_not_filed_once_more_nor_is_what_has_no_record() -> None:
    world = World(ASK)
    waiting = await hand(world)
    with pytest.raises(UsageError, match="waiting"):
        await world.of().again(waiting.proposal.id, "2")
    sent = await world.of().approve(waiting.proposal.id)
    undo = await world.of().undo(sent.proposal.id, approver=Asked(["yes"]))
    with pytest.raises(UsageError, match="undoes another"):
        await world.of().again(undo.proposal.id, "2")
    with world.outbox.hold(sent.proposal.id) as held:
        held.strip(without_texts(held.standing, named=lambda name: name))
    with pytest.raises(UsageError, match="no record any more"):
        await world.of().again(sent.proposal.id, "2")
    assert len(world.outbox.content().standings) == 2


async def test_what_can_not_be_written_into_the_trail_does_not_count() -> None:
    class Full:
        notices = ()

        def append(self, *given: object, **chosen: object) -> None:
            raise StorageError("the audit trail's disk is full")

    world = World(ASK)
    standing = await hand(world)
    handover = replace(world.of(), audit=Full())  # type: ignore[arg-type]
    with pytest.raises(StorageError, match="disk is full"):
        await handover.approve(standing.proposal.id)
    assert world.outbox.get(standing.proposal.id).state is S.WAITING
    assert world.memory.writes == []


async def test_a_ledger_that_takes_nothing_costs_a_warning_and_no_ticket() -> None:
    world = World(ALLOW)
    world.ledger.full = True
    assert (await hand(world)).state is S.SENT
    assert "disk is full" in world.warnings[0]


async def test_a_preview_keeps_and_sends_nothing() -> None:
    world = World(ALLOW)
    [(proposal, verdict)] = await world.of().preview([record()], source(), "memory")
    assert (proposal.write.operation, verdict.ruling) == ("create", "allow")
    assert not world.outbox.content().standings
    assert world.memory.writes == []


async def test_two_scripts_that_propose_the_same_at_once_do_not_withdraw_each_others() -> None:
    class LateOutbox(MemoryOutbox):
        """Between the look for a proposal and its being kept, another process keeps it."""

        def get(self, prefix: str) -> Standing:
            standing = super().get(prefix) if self.late else None
            if standing is None:
                self.late = True
                other = World(ASK, outbox=self)
                source_text = source()
                reading = Reading((record(),))
                prepare = other.of().proposer.prepare
                made, _ = prepare(record(), source_text, MemorySink(), reading=reading)
                assert isinstance(made, Proposal)
                self.propose(made)
                raise NotFoundError(prefix)
            return standing

        late = False

    world = World(ASK, outbox=LateOutbox())
    assert (await hand(world)).state is S.WAITING
    assert len(world.outbox.content().standings) == 1


async def test_of_two_that_wait_on_one_issue_the_second_becomes_a_comment_when_it_is_decided() -> (
    None
):
    world = World(ASK)
    first = await hand(world)
    other = "Hi, export to CSV fails. It is critical.\n\ngrace@navy.example E-1042"
    second = await hand(world, text=other)
    assert second.proposal.write.operation == "create"
    await world.of().approve(first.proposal.id)
    with pytest.raises(UsageError, match="something else in the meantime"):
        await world.of().approve(second.proposal.id)
    asked = Asked(["yes"])
    settled = await world.of().settle(second.proposal.id, approver=asked)
    assert settled.state is S.SENT
    assert asked.seen[0][0].write.operation == "comment"
    assert (len(world.memory.held), len(world.memory.held["M-1"].comments)) == (1, 1)


async def test_an_entry_that_was_wanted_beside_a_known_one_stays_one() -> None:
    world = World(ASK)
    first = await hand(world, approver=Asked(["yes"]))
    again = await world.of().again(first.proposal.id, "2")
    assert [one.external_id for one in again.proposal.duplicates] == ["M-1"]
    assert (await world.of().approve(again.proposal.id)).state is S.SENT
    assert len(world.memory.held) == 2


async def test_a_sink_that_shows_things_late_is_waited_for_by_who_asks_for_a_retry_alone() -> None:
    world = World(ALLOW, sink=MemorySink(settles_s=120.0))
    world.memory.lose_next_answer()
    left = await hand(world)
    assert (left.state, len(world.memory.writes)) == (S.SENDING, 1)
    assert left.not_before is not None
    assert (left.not_before - world.clock.at).total_seconds() > 110
    assert exit_code([left]) == ExitCode.TOOL
    again = await hand(world)  # the script, run again: too early to know
    assert (again.state, len(world.memory.writes)) == (S.SENDING, 1)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await world.clock.sleep(seconds)
        world.memory.settle()

    done = await replace(world.of(), sleep=sleep).retry(left.proposal.id)
    assert (done.state, len(world.memory.writes)) == (S.SENT, 1)
    assert sum(slept) > 110
    assert "surely shows" in world.warnings[0]


@pytest.mark.parametrize("answer", ["lost", "busy"])
async def test_a_clock_that_goes_back_by_a_day_keeps_nothing_waiting_for_a_day(answer: str) -> None:
    world = World(ALLOW, sink=MemorySink(settles_s=5.0))
    if answer == "lost":
        world.memory.lose_next_answer()
    else:
        world.memory.fail_next(SinkUnavailableError("memory is busy", retry_after=10.0))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            world.clock.at -= timedelta(days=1)
        await world.clock.sleep(seconds)
        world.memory.settle()

    [standing] = await replace(world.of(), sleep=sleep).hand_over([record()], source(), "memory")
    assert standing.state is S.SENT
    assert len(world.memory.held) == 1
    assert sum(slept) < 60
