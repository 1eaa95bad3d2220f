"""The inbox as one looks through it: proposals to the left, the chosen one to the right.

Invariant: looking changes nothing; the rows are those that the core told last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import Worker

from copilot.calls import inbox
from copilot.errors import CopilotError
from copilot.tui.area import Area
from copilot.tui.core import Core
from copilot.tui.inbox.acts import ActLine
from copilot.tui.inbox.listing import ProposalList
from copilot.tui.inbox.proposal import ProposalView
from copilot.tui.inbox.words import FILTERS, matches, remedy
from copilot.tui.items import Items
from copilot.tui.record_form import RecordForm
from copilot.tui.wording import shown_line

_NOTHING = {
    "waiting": "Nothing waits for a decision.\n\nRecords come here from Extract, or from\n"
    "copilot extract … --to a sink.",
    "failed": "Nothing has failed.",
    "on its way": "Nothing is on its way.",
    "done": "Nothing was decided yet.",
    "all": "No record was proposed yet.\n\nRecords come here from Extract, or from\n"
    "copilot extract … --to a sink.",
}


class BrowsingArea(Area):
    """Lists proposals, filters, searches, shows the chosen one."""

    AREA: ClassVar = "inbox"
    CSS_PATH = "inbox.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "turn", "Details, or the text", id="inbox.details"),
        Binding("slash", "find", "Search", id="inbox.search"),
        Binding("f", "filter", "Next filter", id="inbox.filter"),
        Binding("F", "filter('', -1)", "Filter before", show=False, id="inbox.filter_before"),
        Binding("R", "reload", "Look anew", id="inbox.reload"),
        Binding("escape", "back", "Back", id="inbox.back"),
    ]

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self._rows: Sequence[inbox.ProposalRow] = ()
        self._filter = "waiting"
        self._counts = Counter[str]()  # of all, while only the first of them are here
        self._loaded = False
        self._looking = True  # more of them are to come
        self._wanted = ""  # an id that somebody came for
        self._came = ""  # what took the place of the chosen one by itself
        self._came_at = now()  # when it stood there to be looked at
        self._busy: dict[str, tuple[Worker[None] | None, str]] = {}  # what is done with it

    def body(self) -> ComposeResult:
        with Vertical(id="inbox"):
            yield Static(id="filters")
            yield Static(id="damaged", markup=False)
            with Horizontal(id="panes"):
                with Vertical(id="left"):
                    yield Input(placeholder="Search proposals …", compact=True, id="search")
                    yield ProposalList(self.now)
                    yield Static("Looking …", id="nothing", markup=False)
                yield ProposalView(self.core)
            yield ActLine()

    def on_mount(self) -> None:
        self.query_one("#search").display = False
        self.query_one("#damaged").display = False
        self.query_one(ProposalList).focus()

    def arrive(self) -> None:
        super().arrive()
        self.load()

    def visit(self, what: str) -> None:
        """A filter's name, or the id of a proposal, which is opened."""
        if what in FILTERS:
            self._filter = what
            self._list()
        else:
            self._wanted = what
            self._seek()

    # --- the list -------------------------------------------------------------------------

    @work(group="listing", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """All rows, a page at a time; the first stands there at once if nothing did."""
        rows: list[inbox.ProposalRow] = []
        listing, page, total = "", 0, 1
        while len(rows) < total:
            try:
                told = await self.core.call(inbox.ListProposals(listing, page), inbox.Proposals)
            except CopilotError as error:
                self.said(error)
                self._counts, self._looking = Counter(), False
                self._list()
                return
            if told.listing != listing:
                rows, page = [], 0
                self._tell_damaged(told)
            listing, total = told.listing, told.total
            rows += told.rows
            page += 1
            if not told.rows:
                break
            if not self._loaded and len(rows) < total:
                self._take(rows, counts=told.counts)
        self._take(rows)
        if self._wanted:
            self._wanted = ""
            self.notify("It may have been removed.", title="There is no such proposal")

    def _take(
        self, rows: Sequence[inbox.ProposalRow], *, counts: Mapping[str, int] | None = None
    ) -> None:
        """``counts``: of all, where these are only the first."""
        self._rows, self._counts = tuple(rows), Counter(counts or {})
        self._loaded, self._looking = True, counts is not None
        self._list()
        self._seek()

    def _tell_damaged(self, told: inbox.Proposals) -> None:
        line = self.query_one("#damaged", Static)
        line.display = bool(told.damaged)
        if told.damaged:
            count = len(told.damaged)
            name = "1 proposal" if count == 1 else f"{count} proposals"
            line.update(Content(shown_line(f"! {name} can't be read: {told.damaged[0].reason}")))

    def _list(self, chosen: str = "") -> None:
        """Show what the filter and the search leave."""
        listed = self.query_one(ProposalList)
        at = listed.chosen
        words = self.query_one("#search", Input).value.casefold().split()
        states = FILTERS[self._filter]
        rows = [one for one in self._rows if one.state in states]
        if words:
            rows = [one for one in rows if matches(one, words)]
        listed.busy = self._busy
        before = at.id if at is not None else ""
        listed.show(rows, chosen or before)
        now = listed.chosen
        if before and not chosen and now is not None and now.id != before:
            self._came = now.id
        listed.display = bool(rows)
        nothing = self.query_one("#nothing", Static)
        nothing.display = not rows
        nothing.update(self._why_none(words))
        self._draw_filters()
        if not rows:
            self.query_one(ProposalView).show(None)
            self.read(False)
        self.draw_acts()

    def _why_none(self, words: Sequence[str]) -> str:
        if self._looking:
            return "Looking …"
        if not self._loaded:
            return "R looks again."
        return "Nothing is like it." if words else _NOTHING[self._filter]

    def _seek(self) -> None:
        """Open what somebody came for, once it is there."""
        if self._wanted and any(one.id == self._wanted for one in self._rows):
            wanted, self._wanted = self._wanted, ""
            self.go_to(wanted)
            self.read(True)

    def go_to(self, proposal_id: str) -> None:
        row = next(one for one in self._rows if one.id == proposal_id)
        self.query_one("#search", Input).value = ""
        if row.state not in FILTERS[self._filter]:
            self._filter = next(name for name, states in FILTERS.items() if row.state in states)
        self._list(proposal_id)

    def _draw_filters(self) -> None:
        counts = self._counts or Counter(one.state.value for one in self._rows)
        tabs = []
        for name, states in FILTERS.items():
            count = sum(counts[state.value] for state in states)
            look = "bold $foreground underline" if name == self._filter else "$text-muted"
            said = f"{name.capitalize()} {count:,}" if count else name.capitalize()
            tab = Content.from_markup(f"[@click=screen.filter('{name}')]{said}[/]")
            tabs.append(tab.stylize(look))
        self.query_one("#filters", Static).update(Content("   ").join(tabs))

    @on(Items.Chosen)
    def _chosen(self, event: Items.Chosen) -> None:
        event.stop()
        self._look()

    @on(Items.Opened)
    def _opened(self, event: Items.Opened) -> None:
        event.stop()
        self.read(True)

    def action_filter(self, name: str = "", by: int = 1) -> None:
        """This filter, or the next."""
        names = list(FILTERS)
        self._filter = name or names[(names.index(self._filter) + by) % len(names)]
        self._list()
        self._came = ""
        self.query_one(ProposalList).focus()

    def action_find(self) -> None:
        """Search the list as one types."""
        self.read(False)
        search = self.query_one("#search", Input)
        search.display = True
        search.focus()

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    @on(Input.Submitted, "#search")
    def _search_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(ProposalList).focus()

    def put(self, row: inbox.ProposalRow) -> None:
        """A row as it is now, or a new one."""
        there = any(one.id == row.id for one in self._rows)
        rows = [row if one.id == row.id else one for one in self._rows]
        self._rows = tuple(rows if there else [row, *rows])
        self._list()

    def said(self, error: CopilotError) -> None:
        """``failed``, with what to do here."""
        self.failed(CopilotError(error.message, hint=remedy(error.hint)))

    async def leave_edit(self) -> None:
        """Leave the form, if there is one."""

    def action_reload(self) -> None:
        """Look at the outbox anew."""
        self.arrive()

    # --- the proposal ---------------------------------------------------------------------

    @work(group="looking", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        """Show the chosen one as it stands now."""
        row = self.query_one(ProposalList).chosen
        view = self.query_one(ProposalView)
        if row is None:
            return
        if view.form is not None and view.shown is not None and view.shown.row.id != row.id:
            await self.leave_edit()
        self.draw_acts()
        try:
            told = await self.core.call(inbox.ShowProposal(row.id), inbox.ShownProposal)
        except CopilotError as error:
            view.show(None)
            self.said(error)
            return
        self._show(told)

    def _show(self, told: inbox.ShownProposal) -> None:
        chosen = self.query_one(ProposalList).chosen
        if chosen is not None and chosen.id == told.row.id:
            view = self.query_one(ProposalView)
            if view.shown is None or view.shown.row.id != told.row.id:
                self._came_at = self.now()
            was_empty = view.shown is None
            view.show(told)
            if was_empty and self.reads:
                self.call_after_refresh(self.read, True)  # there was nothing to go into
        self.draw_acts()

    def read(self, on: bool) -> None:
        """Go into the proposal, or back to the list."""
        self.query_one("#panes").set_class(on, "-reading")
        self.query_one("#inbox").set_class(on, "-reading")
        changes = self.query_one("#changes")
        inside = changes if changes.display else self.query_one("#source")
        (inside if on else self.query_one("#proposals")).focus()
        self.draw_acts()

    @property
    def reads(self) -> bool:
        return self.query_one("#inbox").has_class("-reading")

    async def action_back(self) -> None:
        """Leave the form, else the proposal, else the search."""
        search = self.query_one("#search", Input)
        if self.query_one(ProposalView).form is not None:
            await self.leave_edit()
        elif search.display and (search.has_focus or not self.reads):
            search.value, search.display = "", False
            self.query_one(ProposalList).focus()
        else:
            self.read(False)

    def action_open(self) -> None:
        self.read(True)

    def action_turn(self) -> None:
        """Calls, rules and history in the text's place, or the text again."""
        if not self.reads and self.has_class("-narrow"):
            self.read(True)
        self.query_one(ProposalView).turn()
        self.draw_acts()

    def action_facts(self) -> None:
        if not self.query_one(ProposalView).details:
            self.action_turn()

    def action_text(self) -> None:
        if self.query_one(ProposalView).details:
            self.action_turn()

    def draw_acts(self) -> None:
        view, line = self.query_one(ProposalView), self.query_one(ActLine)
        row = self.query_one(ProposalList).chosen
        if view.form is not None:
            line.show(("save", "leave"), said=_wrong(view.form))
        elif row is None:
            line.show(("filter", "find"))
        elif row.id in self._busy:
            line.show(("stop",), said=self._busy[row.id][1])
        else:
            told = view.shown
            may = told.may if told is not None and told.row.id == row.id else ()
            narrow = self.has_class("-narrow")
            seek = ("open", "filter", "find") if narrow else ("filter", "find")
            where = ("back",) if self.reads else seek
            turn = "text" if view.details else "facts"
            line.show((*may, turn, *where) if not narrow or self.reads else where)


def _wrong(form: RecordForm) -> str:
    """How many things are wrong with what stands in the form."""
    count = len(form.problems)
    return "" if not count else "✗ 1 problem" if count == 1 else f"✗ {count} problems"
