"""Proposes a record to a sink: what would be written, what the policy says, what came of it.

Invariant: nothing is proposed before it was seen what would be; the way back is open until then.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls.extracting import ProposeRecord, RecordProposed
from copilot.codec import to_plain
from copilot.errors import CopilotError
from copilot.extracted import Json
from copilot.proposals import FieldChange, Proposal, ProposalState, Standing
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.wording import shown, shown_line

_RULED = {
    "allow": "The policy allows it: it is sent at once.",
    "ask": "The policy asks a person: it waits in the inbox.",
    "two_persons": "The policy asks two persons: it waits in the inbox.",
    "deny": "The policy denies it: it is kept as rejected.",
}
_CAME = {
    ProposalState.WAITING: "It waits in the inbox for a decision.",
    ProposalState.SENT: "It was sent.",
    ProposalState.REJECTED: "It was rejected.",
    ProposalState.UNDONE: "It was sent before, and undone.",
    ProposalState.DEAD: "It failed for good.",
    ProposalState.RETRYING: "It failed for now, and will be tried again.",
}
_NAME = 18
_SHOWN = 60


class SinkList(OptionList, inherit_bindings=False):
    """A click on one looks what it would write; only Enter proposes, which is the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Sink above", show=False, id="propose.previous"),
        Binding("down,j", "cursor_down", "Sink below", show=False, id="propose.next"),
    ]


class ProposeScreen(ModalScreen[Standing | None]):
    """Returns where the proposal stands when somebody wants to see it in the inbox.

    ``call`` proposes to the first of ``sinks`` until another one is chosen. ``done``: what it
    came to, None while nothing was proposed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="propose.back"),
        Binding("p,enter", "go", "Propose", id="propose.go"),
    ]

    def __init__(self, core: Core, call: ProposeRecord, sinks: tuple[str, ...]) -> None:
        super().__init__()
        self._core = core
        self._call = replace(call, sink=sinks[0])
        self._sinks = sinks
        self._seen: RecordProposed | None = None
        self._busy = False
        self.done: RecordProposed | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Propose this record", classes="heading", markup=False, id="proposing")
            sinks = SinkList(id="sinks", compact=True, markup=False)
            sinks.add_options(Option(Content(shown_line(one))) for one in self._sinks)
            sinks.display = len(self._sinks) > 1
            yield sinks
            with VerticalScroll(id="would-scroll"):
                yield Static(id="would", markup=False)
            yield Doings(classes="hint")

    def on_mount(self) -> None:
        sinks = self.query_one("#sinks", OptionList)
        sinks.highlighted = 0
        (sinks if sinks.display else self.query_one("#would-scroll")).focus()
        self._preview()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        sink = self._sinks[event.option_index]
        if sink != self._call.sink and self.done is None:
            self._call = replace(self._call, sink=sink)
            self._preview()

    def action_go(self) -> None:
        """Propose it; once that is done, go to see it."""
        if self.done is not None:
            self.dismiss(self.done.standing)
        elif self._seen is not None and not self._busy:
            self._propose()

    def action_leave(self) -> None:
        if not self._busy:
            self.dismiss(None)

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def _preview(self) -> None:
        self._seen = None
        self._say(Content.styled("Looking at what would be written…", "$text-muted"))
        try:
            call = replace(self._call, dry_run=True)
            self._seen = await self._core.call(call, RecordProposed)
        except CopilotError as error:
            self._say(_failed(error))
            return
        seen = self._seen
        if seen.standing is not None:
            told = Content.assemble(
                "It was proposed before, and nothing new would come of it.\n",
                _standing(seen.standing),
            )
            self.done = seen
            self._say(told)
        elif seen.would is not None:
            self._say(_would(seen.would, seen))

    @work(group="propose", exclusive=True, exit_on_error=False)
    async def _propose(self) -> None:
        self._busy = True
        self._say(Content.styled("Proposing…", "$text-muted"))
        try:
            self.done = await self._core.call(self._call, RecordProposed)
        except CopilotError as error:
            self._say(_failed(error))
            return
        finally:
            self._busy = False
        standing = self.done.standing
        assert standing is not None
        told = [_standing(standing)]
        if to_plain(standing.proposal.record) != to_plain(self._record):
            told.append(
                Content.styled(
                    "! What was proposed of this text before was edited by a person and stays as "
                    "it was: change it in the inbox.",
                    "$warning",
                )
            )
        told += [Content.styled(f"! {shown_line(one)}", "$warning") for one in self.done.warnings]
        self._say(Content("\n").join(told))

    @property
    def _record(self) -> object:
        [record] = [one for one in self._call.records if one.ordinal == self._call.ordinal]
        return record.record

    def _say(self, told: Content) -> None:
        self.query_one("#would", Static).update(told)
        doings = self.query_one(Doings)
        if self.done is not None:
            self.query_one("#proposing", Static).update("Proposed")
            self.query_one("#sinks").display = False
            self.query_one("#would-scroll").focus()
            doings.say(
                ("Enter", "see it in the inbox", "screen.go"), ("Esc", "back", "screen.leave")
            )
        elif self._seen is not None and not self._busy:
            doings.say(("Enter", "propose", "screen.go"), ("Esc", "back", "screen.leave"))
        else:
            doings.say(("Esc", "back", "screen.leave"))


def _failed(error: CopilotError) -> Content:
    return Content.assemble(
        (f"✗ {shown_line(error.message)}", "$error"), f"\n{shown_line(error.hint)}"
    )


def _would(proposal: Proposal, seen: RecordProposed) -> Content:
    """What would be written, what speaks against it, what the policy says."""
    lines = [Content.assemble((f"{shown_line(seen.what)} in {shown_line(proposal.sink)}", "bold"))]
    lines += [Content.styled(f"! {shown_line(one)}", "$warning") for one in seen.against]
    lines.append(Content(""))
    lines += [_change(one) for one in proposal.changes]
    for entry in proposal.duplicates:
        goes = entry.external_id == proposal.write.external_id
        told = f"{'goes to' if goes else 'may be the same:'} {entry.external_id} {entry.title}"
        lines.append(Content(shown_line(told)))
    lines.append(Content(""))
    ruled = _RULED.get(seen.ruling, seen.ruling)
    lines.append(Content.assemble(shown_line(ruled), (f"  {shown_line(seen.rule)}", "$text-muted")))
    return Content("\n").join(lines)


def _change(change: FieldChange) -> Content:
    name = f"  {shown_line(change.field):<{_NAME}} "
    before = "" if change.before is None else f"{_brief(change.before)} → "
    return Content.assemble((name, "$text-muted"), before, _brief(change.after))


def _brief(value: Json) -> str:
    """A value on one line; of a text of several its first one, and how many there are."""
    lines = shown(value if isinstance(value, str) else json.dumps(to_plain(value))).splitlines()
    first = next((line for line in lines if line.strip()), "")
    first = first if len(first) <= _SHOWN else f"{first[: _SHOWN - 1]}…"
    return f"{first}  … {len(lines)} lines" if len(lines) > 1 else first


def _standing(standing: Standing) -> Content:
    lines = [_CAME.get(standing.state, f"It is {standing.state.value}.")]
    if standing.receipt is not None:
        lines.append(shown_line(f"{standing.receipt.external_id} {standing.receipt.url}"))
    if standing.decisions and standing.state is ProposalState.REJECTED:
        last = standing.decisions[-1]
        lines.append(shown_line(f"by {last.rule or last.principal} {last.reason}"))
    if standing.error:
        lines += [shown_line(standing.error), shown_line(standing.hint)]
    return Content("\n".join(one for one in lines if one))
