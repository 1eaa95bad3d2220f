"""The inbox over a real outbox: by the keyboard alone, by the mouse, and when things fail."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.widgets import Input

from copilot.calls import inbox
from copilot.errors import StorageError
from copilot.proposals import ProposalState
from copilot.serving.client import Client
from copilot.testing.http_server import HttpReply, HttpRequest
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.area import Visit
from copilot.tui.inbox.area import LOOK_FIRST
from copilot.tui.inbox.changes import ChangeList
from copilot.tui.inbox.listing import ProposalList
from copilot.tui.inbox.proposal import SourceText
from copilot.tui.record_form import RecordForm
from tests.tui.driving import NARROW, RealCore, driven, real_core
from tests.tui.inboxes import Inbox, inbox_of
from tests.waiting import Box, Receiver

SENT = ProposalState.SENT


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def box(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("COPILOT_KEY_HOOK", "a key of some length")
    return Box(tmp_path / "home", receiver=receiver)


@pytest.fixture
def core(box: Box, monkeypatch: pytest.MonkeyPatch) -> RealCore:
    return real_core(box.home, monkeypatch)


async def test_what_waits_stands_beside_its_fields_and_the_text_that_states_them(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand("printer is on fire")
    await box.hand("export to CSV fails")
    async with inbox_of(core, tmp_path) as it:
        assert it.rows == ["export to CSV fails", "printer is on fire"]
        assert "3 Inbox 2" in it.driver.screen_text()
        await it.press("j")
        assert it.chosen == "printer is on fire"
        assert "create ticket in desk" in it.line("head")
        assert "a person looks at each" in it.line("head")
        await it.press("enter", "j")
        changes = it.view.query_one(ChangeList)
        assert changes.chosen is not None
        source = it.view.query_one("#source", SourceText)
        assert source.chosen == changes.chosen.change.field
        [words] = changes.chosen.evidence
        assert source.text[words.start : words.end] == words.quote
        await it.press("enter")
        assert source.has_focus
        await it.press("escape")
        assert it.area.query_one(ProposalList).has_focus


async def test_y_sends_it_once_and_the_next_one_is_chosen(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    await box.hand("printer is on fire", sink="hook")
    await box.hand("export to CSV fails", sink="hook")
    async with inbox_of(core, tmp_path) as it:
        await it.press("y")
        assert it.told[-1] == (
            "Sent to hook: H-1",
            "export to CSV fails https://hooks.example/H-1",
        )
        assert it.rows == ["printer is on fire"]
        assert it.chosen == "printer is on fire"
        assert len(receiver.requests) == 1
        await it.press("f", "f", "f")
        assert it.rows == ["export to CSV fails"]
        assert "https://hooks.example/H-1" in it.line("head")
        await it.press("y")
        assert it.told[-1][0] == "There is nothing to approve"
        assert len(receiver.requests) == 1
    assert [name for name, _ in box.audited()] == ["action.approve", "action.send"]


async def test_a_key_pressed_twice_decides_on_one(core: RealCore, box: Box, tmp_path: Path) -> None:
    await box.hand("printer is on fire")
    await box.hand("export to CSV fails")
    at = [datetime.now(UTC)]
    async with inbox_of(core, tmp_path, now=lambda: at[0]) as it:
        await it.press("y")
        assert it.chosen == "printer is on fire"
        await it.press("y")
        assert it.told[-1][0] == "Look at it first"
        assert len(box.desk()) == 1
        at[0] += LOOK_FIRST
        await it.press("y")
        assert len(box.desk()) == 2


async def test_the_mouse_does_all_of_it_too(core: RealCore, box: Box, tmp_path: Path) -> None:
    await box.hand("printer is on fire")
    await box.hand("export to CSV fails")
    at = [datetime.now(UTC)]
    async with inbox_of(core, tmp_path, now=lambda: at[0]) as it:
        await it.click("printer is on fire")
        assert it.chosen == "printer is on fire"
        await it.click("details")
        assert "Policy" in it.driver.screen_text()
        await it.click("approve")
        assert [one.title for one in box.desk()] == ["printer is on fire"]
        at[0] += LOOK_FIRST
        await it.click("reject")
        await it.type("twice")
        await it.click("rejects it")
        assert it.rows == []
        await it.click("Done 2")
        assert len(it.rows) == 2
        await it.click("printer is on fire")
        await it.click("undo")
        assert "undo: close T-1" in it.line("head")
        await it.click("approve")
        assert [one.open for one in box.desk()] == [False]


async def test_a_rejection_asks_why_and_esc_rejects_nothing(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    standing = await box.hand()
    async with inbox_of(core, tmp_path) as it:
        await it.press("n")
        assert it.asks
        await it.press("escape")
        assert box.states() == [ProposalState.WAITING]
        await it.press("n")
        await it.type("not ours")
        await it.press("enter")
        assert box.states() == [ProposalState.REJECTED]
        assert box.standing(standing.proposal.id).decisions[-1].reason == "not ours"
        assert "Nothing waits" in it.driver.screen_text()


async def test_an_edit_is_checked_as_it_is_typed_and_saved_as_approved(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    await box.hand(sink="hook")
    async with inbox_of(core, tmp_path) as it:
        await it.press("e")
        form = it.area.query_one(RecordForm)
        form.go_to("requester_email")
        await it.press("enter")
        field = it.area.query_one(".editor Input", Input)
        field.value = "nobody"
        await it.quiet()
        assert "✗ 1 problem" in it.line("acts")
        await it.press("ctrl+s")
        assert it.told[-1][0] == "It isn't valid yet"
        assert receiver.requests == []
        form.go_to("requester_email")
        await it.press("enter")
        it.area.query_one(".editor Input", Input).value = "ada@navy.example"
        await it.press("enter")
        await it.press("ctrl+s")
        [request] = receiver.requests
        assert request.body["data"]["values"]["requester_email"] == "ada@navy.example"
        assert it.told[-1][0] == "Sent to hook: H-1"
    actions = [name for name, _ in box.audited()]
    assert actions == ["action.edit", "action.approve", "action.send"]


async def test_what_was_edited_is_kept_when_one_leaves_and_letters_are_the_forms(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand()
    async with inbox_of(core, tmp_path) as it:
        await it.press("e")
        it.area.query_one(RecordForm).go_to("title")
        await it.press("enter")
        await it.type(" yna")
        await it.press("enter", "y", "n", "escape")
        assert it.view.form is None
        assert box.states() == [ProposalState.WAITING]
        await it.press("e")
        form = it.view.form
        assert form is not None
        assert form.record["title"] == "export to CSV fails yna"
        await it.press("escape", "e")
        assert it.view.form is not None
        assert it.view.form.record["title"] == "export to CSV fails yna"


async def test_a_text_that_gives_orders_is_asked_about_once_more(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand(suspicions=("gives orders",))
    at = [datetime.now(UTC)]
    async with inbox_of(core, tmp_path, now=lambda: at[0]) as it:
        assert "!" in it.driver.screen_text()
        assert "tries to tell its reader what to do" in it.line("head")
        await it.press("y")
        assert it.asks
        await it.press("n")
        assert box.states() == [ProposalState.WAITING]
        await it.press("y", "y")  # a key that is pressed twice answers nothing
        assert it.told[-1][0] == "Look at it first"
        assert box.states() == [ProposalState.WAITING]
        await it.press("y")
        at[0] += LOOK_FIRST
        await it.press("y")
        assert box.states() == [ProposalState.SENT]


async def test_what_somebody_else_decided_is_said_and_sent_no_second_time(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    other = (await box.hand("it rains", sink="hook")).proposal.id
    async with inbox_of(core, tmp_path) as it:
        handover = box.of("grace").delivery.handover(lambda message: None)
        await handover.approve(other)
        await handover.reject(proposal_id)
        handover.close()
        assert it.chosen == "it rains"
        await it.press("y")
        assert it.told[-1][0] == "grace was faster: it is sent"
        assert len(receiver.requests) == 1
        assert it.rows == []


async def test_what_was_changed_meanwhile_is_shown_anew_and_not_sent(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    standing = await box.hand(sink="hook")
    async with inbox_of(core, tmp_path) as it:
        other = box.of("grace").delivery.handover(lambda message: None)
        record = {**standing.proposal.record, "severity": "low"}
        edited = replace(standing.proposal, record=record)
        other.decider._edited(standing.proposal, edited, lambda changed: ())
        other.close()
        await it.press("y")
        assert "nothing was sent" in it.told[-1][0]
        assert "It stands here as it is now." in it.told[-1][1]
        assert receiver.requests == []
        assert "✎ by a person" in it.driver.screen_text()
        await it.press("y")
        assert len(receiver.requests) == 1


async def test_what_failed_is_tried_again_and_the_error_is_told(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    await box.hand(sink="hook")
    receiver.fail_write(HttpReply(400, {"error": "no such project"}))
    async with inbox_of(core, tmp_path) as it:
        await it.press("y")
        assert it.told[-1][0] == "hook didn't take it"
        await it.press("f")
        assert it.rows == ["export to CSV fails"]
        assert "✗ failed" in it.line("head")
        await it.press("r")
        assert it.told[-1][0] == "Sent to hook: H-1"
    assert box.states() == [ProposalState.SENT]


async def test_x_stops_what_would_be_tried_again(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    await box.hand(sink="hook")
    receiver.fail_write(HttpReply(429, {"error": "busy"}, {"Retry-After": "15"}))
    async with inbox_of(core, tmp_path) as it:
        await it.pilot.press("y")
        while "tried again in" not in it.line("acts"):
            await it.pilot.pause(0.01)
        await it.press("x")
        assert box.states() == [ProposalState.RETRYING]
        assert it.told[-1][0] == "hook didn't take it for now"
        await it.press("f", "r")
        assert box.states() == [ProposalState.SENT]
    assert len(receiver.taken) == 1


class SlowReceiver(Receiver):
    """Answers once it may; whoever asks meanwhile waits."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    def answer(self, request: HttpRequest) -> HttpReply:
        self.may_answer.wait(30)
        return super().answer(request)


async def test_a_core_that_dies_while_it_sends_leaves_it_in_doubt_and_r_sends_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_KEY_HOOK", "a key of some length")
    with SlowReceiver() as slow:
        box = Box(tmp_path / "home", receiver=slow)
        await box.hand(sink="hook")
        client = Client(env={**os.environ, "COPILOT_HOME": str(box.home)})
        async with inbox_of(client, tmp_path) as it:
            await it.pilot.press("y")
            while not slow.requests:
                await it.pilot.pause(0.02)
            assert client._process is not None
            client._process.kill()
            await it.quiet()
            assert it.told[0][0].startswith("the core has stopped")
            slow.may_answer.set()
            assert box.states() == [ProposalState.SENDING]
            await it.press("f", "f")
            assert it.rows == ["export to CSV fails"]
            await it.press("r")
            assert box.states() == [ProposalState.SENT]
        assert len(slow.taken) == 1


async def test_an_edit_by_the_mouse_alone(core: RealCore, box: Box, tmp_path: Path) -> None:
    await box.hand()
    async with inbox_of(core, tmp_path) as it:
        await it.click("edit")
        await it.click("requester_email")
        await it.click("requester_email")
        field = it.area.query_one(".editor Input", Input)
        assert field.has_focus
        field.value = "ada@navy.example"
        await it.quiet()
        await it.click("approve as edited")
        [ticket] = box.desk()
        assert ticket.values["requester_email"] == "ada@navy.example"


async def test_an_undo_rejected_before_is_asked_about_and_one_more_takes_a_word(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand()
    async with inbox_of(core, tmp_path) as it:
        await it.press("y", "f", "f", "f", "u")
        assert it.told[-1] == ("An undo is proposed", "Look at it: y sends it.")
        await it.press("n")
        await it.press("enter", "escape")
        it.area.action_filter("done")
        await it.quiet()
        sent = [one.state for one in it.area.query_one(ProposalList).rows]
        it.area.query_one(ProposalList).choose(sent.index(ProposalState.SENT))
        await it.quiet()
        await it.press("u")
        assert it.asks
        await it.press("y")
        assert box.states().count(ProposalState.WAITING) == 1
        it.area.action_filter("done")
        await it.quiet()
        sent = [one.state for one in it.area.query_one(ProposalList).rows]
        it.area.query_one(ProposalList).choose(sent.index(ProposalState.SENT))
        await it.quiet()
        await it.press("a")
        assert it.asks
        await it.press("enter")
        assert it.told[-1][0] == "It is proposed once more"
        assert len(box.desk()) == 1


async def test_search_and_filters_narrow_the_list_and_esc_widens_it(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    for title in ("printer is on fire", "login page is blank", "invoice is negative"):
        await box.hand(title)
    async with inbox_of(core, tmp_path) as it:
        await it.press("slash")
        await it.type("page bl")
        assert it.rows == ["login page is blank"]
        await it.type("y")
        assert it.rows == []
        assert "Nothing is like it." in it.driver.screen_text()
        await it.press("escape")
        assert len(it.rows) == 3
        await it.press("f")
        assert "Nothing has failed." in it.driver.screen_text()
        await it.press("F")
        assert len(it.rows) == 3
        assert box.states() == [ProposalState.WAITING] * 3


async def test_in_a_narrow_window_nobody_decides_on_what_they_do_not_see(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand()
    async with inbox_of(core, tmp_path, size=NARROW) as it:
        assert "waiting · create ticket" in it.driver.screen_text()
        await it.press("y")
        assert box.states() == [ProposalState.WAITING]
        assert "requester_email" in it.driver.screen_text()
        await it.press("y")
        assert box.states() == [ProposalState.SENT]
        assert "Nothing waits" in it.driver.screen_text()


async def test_somebody_who_comes_for_a_proposal_finds_it_open(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    standing = await box.hand("printer is on fire")
    await box.hand("export to CSV fails")
    async with inbox_of(core, tmp_path) as it:
        await it.press("f")
        it.area.visit(standing.proposal.id)
        await it.quiet()
        assert it.chosen == "printer is on fire"
        assert it.view.query_one(ChangeList).has_focus
        it.area.visit("done")
        await it.quiet()
        assert it.rows == []
        it.area.arrive()
        it.area.visit("f" * 64)
        await it.quiet()
        assert it.told[-1][0] == "There is no such proposal"


async def test_the_first_who_comes_may_come_for_a_proposal_from_elsewhere(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    standing = await box.hand("printer is on fire")
    await box.hand("export to CSV fails")
    async with driven(core, tmp_path) as driver:
        it = Inbox(driver)
        driver.chat.post_message(Visit("inbox", standing.proposal.id))
        await it.pilot.pause()
        await it.quiet()
        await it.quiet()
        assert it.chosen == "printer is on fire"
        assert it.view.query_one(ChangeList).has_focus


async def test_hostile_words_are_shown_and_obeyed_by_nobody(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand("[red]boom[/red] \x1b[31m [@click=app.quit]x[/]")
    async with inbox_of(core, tmp_path) as it:
        text = it.driver.screen_text()
        assert "[red]boom[/red]" in text
        assert "\x1b" not in text
        await it.press("d", "d", "n")
        assert "[red]boom[/red]" in it.driver.screen_text()
        await it.press("escape", "y")
        assert "[red]boom[/red]" not in it.told[-1][0]
    assert box.states() == [ProposalState.SENT]


async def test_a_damaged_proposal_is_named_and_the_rest_goes_on(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand()
    (box.home / "outbox" / f"{'a' * 64}.jsonl").write_bytes(b"{}\n")
    async with inbox_of(core, tmp_path) as it:
        assert "! 1 proposal can't be read" in it.line("damaged")
        await it.press("y")
    assert ProposalState.SENT in {
        one.state for one in box.copilot.delivery.outbox.content().standings
    }


async def test_of_two_persons_the_first_is_told_that_one_more_has_to_agree(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    standing = await box.hand(sink="hook")
    rules = '[[rule]]\nname = "two"\ndecision = "two_persons"\n'
    (box.home / "policy.toml").write_text(rules, encoding="utf-8")
    async with inbox_of(core, tmp_path) as it:
        assert "Two persons have to agree" in it.line("head")
        await it.press("y")
        assert "1 more person must agree" in it.told[-1][0]
        assert it.rows == ["export to CSV fails"]
        await it.press("y")
        assert it.told[-1][0] == "It waits, and wasn't sent"
        assert receiver.requests == []
        handover = box.of("grace").delivery.handover(lambda message: None)
        await handover.approve(standing.proposal.id)
        handover.close()
        await it.press("R")
        assert it.rows == []


async def test_an_edit_over_what_another_edited_meanwhile_is_kept_and_not_sent(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    standing = await box.hand(sink="hook")
    async with inbox_of(core, tmp_path) as it:
        await it.press("e")
        form = it.area.query_one(RecordForm)
        form.go_to("title")
        await it.press("enter")
        await it.type(" today")
        await it.press("enter")
        other = box.of("grace").delivery.handover(lambda message: None)
        edited = replace(standing.proposal, record={**standing.proposal.record, "severity": "low"})
        other.decider._edited(standing.proposal, edited, lambda changed: ())
        other.close()
        it.area.arrive()
        await it.quiet()
        await it.press("ctrl+s")
        assert "nothing was sent" in it.told[-1][0]
        assert receiver.requests == []
        await it.press("e")
        assert it.view.form is not None
        assert it.view.form.record["title"] == "export to CSV fails today"


async def test_who_quits_while_it_is_sent_leaves_it_as_it_is(
    core: RealCore, box: Box, receiver: Receiver, tmp_path: Path
) -> None:
    await box.hand(sink="hook")
    receiver.fail_write(HttpReply(429, {"error": "busy"}, {"Retry-After": "15"}))
    async with inbox_of(core, tmp_path) as it:
        await it.pilot.press("y")
        while "tried again in" not in it.line("acts"):
            await it.pilot.pause(0.01)
        await it.pilot.press("ctrl+q")
        await it.pilot.pause()
    assert box.states() == [ProposalState.RETRYING]


async def test_a_key_of_ones_own_stands_in_the_line_of_what_can_be_done(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    await box.hand()
    async with inbox_of(core, tmp_path) as it:
        assert it.line("acts").startswith("y approve   e edit   n reject   d details")
        it.app.set_keymap({"inbox.approve": "ctrl+y"})
        await it.press("d")
        assert it.line("acts").startswith("Ctrl+Y approve")
        await it.press("y")
        assert box.states() == [ProposalState.WAITING]
        await it.press("ctrl+y")
    assert box.states() == [ProposalState.SENT]


async def test_another_reading_of_the_text_is_shown_as_old_and_new(
    core: RealCore, box: Box, tmp_path: Path
) -> None:
    first = (await box.hand()).proposal.id
    handover = box.copilot.delivery.handover(lambda message: None)
    await handover.approve(first)
    handover.close()
    await box.hand(severity="high")
    async with inbox_of(core, tmp_path) as it:
        assert "update T-1 in desk" in it.line("head")
        assert "severity critical → high" in " ".join(it.driver.screen_text().split())
        await it.press("d")
        assert "  - critical\n  + high" in it.view.query_one("#details", SourceText).text
        await it.press("y")
    assert [one.values["severity"] for one in box.desk()] == ["high"]


def rows(count: int) -> tuple[inbox.ProposalRow, ...]:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC).isoformat()
    return tuple(
        inbox.ProposalRow(
            f"{n:064x}", ProposalState.WAITING, "desk", "create ticket", f"printer {n}", at
        )
        for n in range(count)
    )


async def test_ten_thousand_are_listed_page_by_page_and_searched(tmp_path: Path) -> None:
    all_rows = rows(10_000)

    def page(call: inbox.ListProposals) -> inbox.Proposals:
        at = call.page * 400
        return inbox.Proposals(all_rows[at : at + 400], len(all_rows), "1", {"waiting": 10_000})

    gone = StorageError("the file is gone", hint="copilot actions show 1234 tells")
    core = ScriptedCore(replies={inbox.ListProposals: page, inbox.ShowProposal: gone})
    async with inbox_of(core, tmp_path) as it:
        assert len(it.rows) == 10_000
        assert it.told[-1] == ("the file is gone", "It stands here as it is now.")
        await it.press("end", "pageup", "g", "pagedown")
        assert it.chosen != "printer 0"
        await it.press("slash")
        await it.type("printer 777")
        assert len(it.rows) == 19
        assert it.rows[0] == "printer 777"
        await it.press("enter", "y")
        assert not any(isinstance(one, inbox.ApproveProposal) for one in core.heard)


async def test_the_first_page_stands_there_at_once_with_the_counts_of_all(tmp_path: Path) -> None:
    all_rows = (*rows(800), *(replace(one, id=f"d{one.id[1:]}", state=SENT) for one in rows(9)))
    counts = {"waiting": 800, "sent": 9}
    more = asyncio.Event()

    def page(call: inbox.ListProposals) -> list[asyncio.Event | inbox.Proposals]:
        at = call.page * 400
        told = inbox.Proposals(all_rows[at : at + 400], len(all_rows), "1", counts)
        return [more, told] if call.page else [told]

    core = ScriptedCore(
        replies={inbox.ListProposals: page, inbox.ShowProposal: StorageError("the file is gone")}
    )
    async with driven(core, tmp_path) as driver:
        it = Inbox(driver)
        await driver.app.action_go("inbox")
        while "printer 0" not in driver.screen_text():
            await it.pilot.pause(0.01)
        assert it.line("filters") == "Waiting 800   Failed   On its way   Done 9   All 809"
        await it.pilot.press("F", "F")
        assert "Looking …" in driver.screen_text()
        more.set()
        await it.quiet()
        assert len(it.rows) == 9
        assert it.line("filters").endswith("Done 9   All 809")


async def test_a_list_that_can_not_be_had_is_told_and_asked_for_again(tmp_path: Path) -> None:
    replies: list[inbox.Proposals | StorageError] = [
        StorageError("the disk is away"),
        inbox.Proposals(rows(1), 1, "1", {"waiting": 1}),
    ]
    core = ScriptedCore(
        replies={
            inbox.ListProposals: lambda call: replies.pop(0),
            inbox.ShowProposal: StorageError("no"),
        }
    )
    async with inbox_of(core, tmp_path) as it:
        assert it.told[-1][0] == "the disk is away"
        assert "R looks again." in it.driver.screen_text()
        await it.press("R")
        assert it.rows == ["printer 0"]
