"""The inbox: looks through proposals, and does what the person says with the chosen one.

Invariant: what is decided on is what stands there whole; a key that comes before it does decides
nothing. A decision goes to the core alone, which keeps it, sends it, and tells what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.worker import Worker, get_current_worker

from copilot import calls
from copilot.calls import inbox
from copilot.codec import to_plain
from copilot.errors import CopilotError
from copilot.events import Warned
from copilot.extracted import Json
from copilot.proposals import ProposalState
from copilot.tui.core import Core
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.inbox.browsing import BrowsingArea
from copilot.tui.inbox.listing import ProposalList
from copilot.tui.inbox.proposal import ProposalView
from copilot.tui.inbox.words import outcome_of, state_of, told_of
from copilot.tui.record_form import RecordForm
from copilot.tui.wording import shown_line

_DECIDING = ("approve", "edit", "reject", "retry", "undo", "again")
LOOK_FIRST = timedelta(seconds=0.6)  # so that a key pressed twice decides on one
_LOOKS_AGAIN_S = 0.5
_LOOKS = 20


class InboxArea(BrowsingArea):
    """Proposals, and what is decided on them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "approve", "Approve, and send", id="inbox.approve"),
        Binding("e", "edit", "Edit, then approve", id="inbox.edit"),
        Binding("n", "reject", "Reject", id="inbox.reject"),
        Binding("u", "undo", "Propose to undo it", id="inbox.undo"),
        Binding("r", "retry", "Try again what failed", id="inbox.retry"),
        Binding("a", "again", "Propose the same once more", id="inbox.again"),
        Binding("x", "stop", "Stop trying to send", id="inbox.stop"),
        Binding("ctrl+s", "save", "Approve as edited", id="inbox.save"),
    ]

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self._drafts: dict[str, dict[str, Json]] = {}
        self._edited: inbox.ShownProposal | None = None  # as it was seen when its edit began

    # --- deciding -------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a record is edited its letters are the form's."""
        if not self.is_mounted:
            return True
        editing = bool(self.query(RecordForm))
        if action in ("save", "leave"):
            return editing
        free = ("turn", "filter", "find", "reload", *_DECIDING)
        return not (editing and action in free)

    def _ready(self, act: str) -> inbox.ShownProposal | None:
        """What the act is about, if that stands there whole, and may be done with it."""
        row, told = self.query_one(ProposalList).chosen, self.query_one(ProposalView).shown
        if row is None:
            return None
        if not self.reads and self.has_class("-narrow"):
            self.read(True)  # nobody decides on what they don't see
            return None
        if row.id in self._busy:
            self.notify("Something is being done with it. x stops.", title="One moment")
        elif told is None or told.row.id != row.id:
            self.notify("It is being read.", title="One moment")
        elif self._came == row.id and self.now() - self._came_at < LOOK_FIRST:
            self.notify("It has just taken the other's place.", title="Look at it first")
        elif act not in told.may:
            self.notify(f"It is {state_of(row.state)[2:]}.", title=f"There is nothing to {act}")
        else:
            return told
        return None

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_approve(self) -> None:
        """Agree to what stands there, and send it."""
        told = self._ready("approve")
        if told is not None and await self._sure(told):
            self._do(told, inbox.ApproveProposal(told.row.id, told.look), "Sending")

    async def _sure(self, told: inbox.ShownProposal) -> bool:
        """Whether it is meant, of one whose text gives orders."""
        if not told.row.suspicious:
            return True
        asked = SureScreen(
            "Approve it all the same?",
            means="Its text tries to tell its reader what to do.",
            yes="approves and sends it",
            no="back",
        )
        since = self.now()
        if not await self.app.push_screen_wait(asked):
            return False
        if self.now() - since < LOOK_FIRST:
            self.notify("It was answered before it could be read.", title="Look at it first")
            return False
        return True

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_reject(self) -> None:
        """Say no, and why."""
        told = self._ready("reject")
        if told is None:
            return
        asked = LineScreen(
            f"Reject “{shown_line(told.row.title)}”?", placeholder="Why?", does="rejects it"
        )
        reason = await self.app.push_screen_wait(asked)
        if reason is not None:
            self._do(told, inbox.RejectProposal(told.row.id, reason.strip()), "Rejecting")

    def action_retry(self) -> None:
        """Send again what failed."""
        told = self._ready("retry")
        if told is not None:
            self._do(told, inbox.RetryProposal(told.row.id), "Sending")

    def action_undo(self) -> None:
        """Propose to take it back."""
        told = self._ready("undo")
        if told is not None:
            self._do(told, inbox.UndoProposal(told.row.id), "Proposing to undo")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_again(self) -> None:
        """Propose the same record once more."""
        told = self._ready("again")
        if told is None:
            return
        asked = LineScreen(
            "File it once more?",
            value="again",
            placeholder="such as 2, or a date",
            why="There is one new entry for each word, however often it is said.",
            does="proposes it",
        )
        word = await self.app.push_screen_wait(asked)
        if word and word.strip():
            self._do(told, inbox.RepeatProposal(told.row.id, word.strip()), "Proposing")

    def action_stop(self) -> None:
        """Try no more to send it; what is under way is finished."""
        row = self.query_one(ProposalList).chosen
        worker, _ = self._busy.get(row.id, (None, "")) if row is not None else (None, "")
        if worker is not None:
            worker.cancel()

    # --- editing --------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Edit the record in the place of its fields."""
        told = self._ready("edit")
        if told is None:
            return
        proposal = told.standing.proposal
        try:
            asked = calls.DescribeSchema(proposal.schema)
            described = await self.core.call(asked, calls.SchemaDescribed)
        except CopilotError as error:
            self.said(error)
            return
        view = self.query_one(ProposalView)
        if view.shown is not told:
            return
        self.read(True)
        self._edited = told
        await view.edit(described.card, self._drafts.get(told.row.id, proposal.record))
        self.refresh_bindings()
        self.draw_acts()

    def on_record_form_checked(self, event: RecordForm.Checked) -> None:
        event.stop()
        if event.error is not None:
            self.said(event.error)
        self.draw_acts()

    def on_record_form_edited(self, event: RecordForm.Edited) -> None:
        event.stop()
        self.draw_acts()

    async def leave_edit(self) -> None:
        view = self.query_one(ProposalView)
        form, told = view.form, self._edited
        if form is None or told is None:
            return
        await form.finish()
        if form.record != to_plain(told.standing.proposal.record):
            self._drafts[told.row.id] = form.record
            self.notify("e goes on with it.", title="What you edited is kept for now")
        else:
            self._drafts.pop(told.row.id, None)
        await self._close_form()

    async def action_leave(self) -> None:
        """Leave the form; what was typed is kept for as long as the application runs."""
        await self.leave_edit()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Approve the record as it was edited."""
        view = self.query_one(ProposalView)
        form, told = view.form, self._edited
        if form is None or told is None:
            return
        await form.finish()
        record = form.record
        if record == to_plain(told.standing.proposal.record):
            self.notify("Leave it, or approve it as it is.", title="Nothing was changed")
            return
        if form.problems:
            first = form.problems[0]
            self.notify(
                shown_line(f"{first.path or 'the record'}: {first.message}"),
                title="It isn't valid yet",
                severity="warning",
                markup=False,
            )
            form.go_to(first.path)
            return
        if not await self._sure(told):
            return
        self._drafts[told.row.id] = record
        await self._close_form()
        self._do(told, inbox.CorrectProposal(told.row.id, told.look, record), "Sending")

    async def _close_form(self) -> None:
        await self.query_one(ProposalView).leave_edit()
        self.refresh_bindings()
        self.read(self.reads)

    # --- what becomes of it ---------------------------------------------------------------

    def _do(self, told: inbox.ShownProposal, call: inbox.Call, said: str) -> None:
        proposal_id = told.row.id
        said = f"{said} … {told.row.sink}"
        self._note_busy(proposal_id, None, said)  # before the next key is heard
        self._note_busy(proposal_id, self._act(proposal_id, call, said), said)

    @work(group="deciding", exit_on_error=False)
    async def _act(self, proposal_id: str, call: inbox.Call, said: str) -> None:
        worker = get_current_worker()
        settled: inbox.Settled | None = None
        try:
            async with aclosing(self.core.stream(call)) as steps:
                async for step in steps:
                    if isinstance(step, Warned):
                        self._note_busy(proposal_id, worker, step.message)
                    elif isinstance(step, inbox.Settled):
                        settled = step
        except CopilotError as error:
            self.said(error)
        finally:
            self._busy.pop(proposal_id, None)
            if worker.is_cancelled and self.is_running:
                self._follow(proposal_id)
        if settled is not None:
            await self._settle(call, settled)
        self.refresh_standing()
        self.load()

    def _note_busy(self, proposal_id: str, worker: Worker[None] | None, said: str) -> None:
        self._busy[proposal_id] = (worker, said)
        self.query_one(ProposalList).refresh()
        self.draw_acts()

    async def _settle(self, call: inbox.Call, settled: inbox.Settled) -> None:
        """Say what became of it, and show it where it stands now."""
        row = settled.shown.row
        self.put(row)
        if isinstance(call, inbox.UndoProposal | inbox.RepeatProposal):
            await self._proposed(call, settled.shown)
            return
        if isinstance(call, inbox.CorrectProposal) and settled.ours:
            self._drafts.pop(row.id, None)
        self._tell(settled.shown, ours=settled.ours)

    async def _proposed(
        self, call: inbox.UndoProposal | inbox.RepeatProposal, told: inbox.ShownProposal
    ) -> None:
        """Another proposal than the one that it was asked of: go there."""
        undo = isinstance(call, inbox.UndoProposal)
        self.go_to(told.row.id)
        self.read(True)
        state = told.row.state
        if state is ProposalState.WAITING:
            title = "An undo is proposed" if undo else "It is proposed once more"
            self.notify("Look at it: y sends it.", title=title)
        elif undo and state is ProposalState.REJECTED and not call.again:  # type: ignore[union-attr]
            sure = SureScreen(
                "Propose to undo it again?", means="It was rejected.", yes="proposes it", no="back"
            )
            if await self.app.push_screen_wait(sure):
                self._do(told, inbox.UndoProposal(call.id, again=True), "Proposing to undo")
        else:
            self.notify(f"It is {state_of(state)[2:]}.", title="That was proposed before")

    def _tell(self, told: inbox.ShownProposal, *, ours: bool) -> None:
        standing = told.standing
        state, receipt = standing.state, standing.receipt
        title, said = told_of(standing), outcome_of(standing) or told.row.title
        if state is ProposalState.SENT and receipt is not None:
            said = f"{told.row.title} {receipt.url}".strip()
        if not ours and state is ProposalState.WAITING:
            title, said = "It waits, and wasn't sent", standing.error or "Look at it as it is now."
        elif not ours:
            who = standing.decisions[-1].principal if standing.decisions else "Somebody else"
            title = f"{who} was faster: it is {state_of(state)[2:]}"
        failed = state is ProposalState.DEAD
        unsure = state in (ProposalState.RETRYING, ProposalState.SENDING) or not ours
        self.notify(
            shown_line(said),
            title=shown_line(title),
            severity="error" if failed else "warning" if unsure else "information",
            markup=False,
        )

    @work(group="following", exit_on_error=False)
    async def _follow(self, proposal_id: str) -> None:
        """What became of one that was left: what was under way ends by itself."""
        self.notify("What was begun is finished first.", title="Stopping")
        told: inbox.ShownProposal | None = None
        for _ in range(_LOOKS):
            await asyncio.sleep(_LOOKS_AGAIN_S)
            try:
                told = await self.core.call(inbox.ShowProposal(proposal_id), inbox.ShownProposal)
            except CopilotError as error:
                self.said(error)
                return
            if told.row.state is not ProposalState.SENDING or told.standing.error:
                break
        if told is not None:
            self.put(told.row)
            self._tell(told, ours=True)
        self.refresh_standing()
        self.load()
