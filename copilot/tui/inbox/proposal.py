"""One proposal: what it is, field by field with its words, and the text that they stand in.

Invariant: what is lit in the text are the words behind the chosen field, at their offsets; while
the record is edited the form stands in the fields' place, and what was typed is in ``record``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from copilot import calls
from copilot.calls.inbox import ShownProposal
from copilot.extracted import FieldValue, Json
from copilot.proposals import Proposal, ProposalState
from copilot.tui.core import Core
from copilot.tui.inbox.changes import ChangeList
from copilot.tui.inbox.words import details_of, outcome_of, ruled_by, state_of
from copilot.tui.items import Items
from copilot.tui.lit_text import LitText, Span
from copilot.tui.record_form import RecordForm
from copilot.tui.wording import shown_line

_FORM = "record-form"


class SourceText(LitText, inherit_bindings=False):
    """The text; the letters are those of the decision, so that none of them moves a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(one for one in LitText.BINDINGS if getattr(one, "key", "").lower() != "n"),
        Binding(
            "right_square_bracket",
            "next(1)",
            "Next lit words",
            key_display="]",
            id="inbox.next_words",
        ),
        Binding(
            "left_square_bracket",
            "next(-1)",
            "Lit words before",
            key_display="[",
            show=False,
            id="inbox.words_before",
        ),
    ]


class ProposalView(Vertical):
    """``show`` a proposal; ``edit`` puts a form in the place of its fields."""

    def __init__(self, core: Core) -> None:
        super().__init__(id="proposal")
        self._core = core
        self.shown: ShownProposal | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield ChangeList()
        yield Static(id="below", classes="turn")
        yield SourceText(id="source")
        yield SourceText(id="details")

    def on_mount(self) -> None:
        self.query_one("#details").display = False
        self.show(None)

    @property
    def form(self) -> RecordForm | None:
        """The form, while the record is edited."""
        return next(iter(self.query(RecordForm)), None)

    @property
    def details(self) -> bool:
        """Whether calls, rules and history stand in the text's place."""
        return bool(self.query_one("#details").display)

    def show(self, told: ShownProposal | None) -> None:
        """Another proposal, or the same as it stands now."""
        before, self.shown = self.shown, told
        self.set_class(told is None, "-empty")
        source, details = self.query_one("#source", SourceText), self.query_one("#details", LitText)
        if told is None:
            source.show("")
            details.show("")
            self.query_one(ChangeList).show(())
            self.query_one("#head", Static).update("")
            return
        self.query_one("#head", Static).update(_head(told))
        same = before is not None and before.row.id == told.row.id
        if not same or details.text != details_of(told):
            details.show(details_of(told))
        if not same or source.text != told.standing.proposal.source_text:
            source.show(told.standing.proposal.source_text)
        if self.form is None and not (same and before is not None and before.look == told.look):
            self._light(told)
        self._name_below()

    def turn(self) -> None:
        """Show calls, rules and history in the text's place, or the text again."""
        details = self.query_one("#details")
        details.display = not details.display
        self.query_one("#source").display = not details.display
        self._name_below()

    def _name_below(self) -> None:
        if self.shown is None:
            return
        name = shown_line(self.shown.standing.proposal.source_name) or "no text"
        text, details = (f"Text · {name}", "Details")
        on, off = "bold $foreground", "$text-muted"
        self.query_one("#below", Static).update(
            Content.assemble(
                Content.styled(text, off if self.details else on).stylize("@click=screen.text"),
                "   ",
                Content.styled(details, on if self.details else off).stylize("@click=screen.facts"),
            )
        )

    # --- fields and their words -----------------------------------------------------------

    def _light(self, told: ShownProposal) -> None:
        source, changes = self.query_one("#source", SourceText), self.query_one(ChangeList)
        source.set_spans(
            Span(words.start, words.end, one.change.field)
            for one in told.changes
            for words in one.evidence
        )
        changes.show(told.changes)
        changes.display = bool(told.changes)

    def on_items_chosen(self, event: Items.Chosen) -> None:
        event.stop()
        if isinstance(event.items, ChangeList) and event.items.chosen is not None:
            # Other fields take another height: the text's place is known after that.
            light = self.query_one("#source", SourceText).light
            self.call_after_refresh(light, event.items.chosen.change.field)

    def on_items_opened(self, event: Items.Opened) -> None:
        """Enter on a field goes into the text."""
        event.stop()
        if self.details:
            self.turn()
        self.query_one("#source").focus()

    def on_lit_text_pointed(self, event: LitText.Pointed) -> None:
        event.stop()
        form = self.form
        if form is not None:
            form.go_to(event.keys[0], tell=False)
        else:
            self.query_one(ChangeList).point(event.keys[0])

    # --- editing --------------------------------------------------------------------------

    async def edit(self, card: calls.SchemaCard, record: Mapping[str, Json]) -> None:
        """Put the form in the place of the fields, with this record in it."""
        if self.shown is None or self.form is not None:
            return
        proposal = self.shown.standing.proposal
        form = RecordForm(self._core, id=_FORM)
        self.query_one(ChangeList).display = False
        await self.mount(form, after=self.query_one("#head"))
        if self.details:
            self.turn()
        self.query_one("#source", SourceText).set_spans(_spans(proposal))
        await form.load(card, record, proposal.fields)
        form.focus()
        if form.path:
            self._light_field(form.path, proposal.fields.get(form.path))

    async def leave_edit(self) -> None:
        """Put the fields back."""
        form = self.form
        if form is None:
            return
        await form.remove()
        if self.shown is not None:
            self._light(self.shown)

    def on_record_form_pointed(self, event: RecordForm.Pointed) -> None:
        event.stop()
        self._light_field(event.path, event.field)

    def _light_field(self, path: str, field: FieldValue | None) -> None:
        proven = field is not None and field.evidence is not None
        self.query_one("#source", SourceText).light(path, scroll=proven)


def _spans(proposal: Proposal) -> Iterator[Span]:
    at = proposal.source_start
    for path, one in proposal.fields.items():
        if one.evidence is not None:
            yield Span(one.evidence.start - at, one.evidence.end - at, path)


def _head(told: ShownProposal) -> Content:
    """What it is, what became of it, what speaks against it, why a person is asked."""
    row, standing = told.row, told.standing
    proposal = standing.proposal
    lines: list[Sequence[tuple[str, str]]] = [
        [(shown_line(row.title) or "(no title)", "bold")],
        [
            (f"{state_of(row.state)}  ", "bold $accent"),
            (shown_line(f"{row.what} in {proposal.sink} · by {proposal.principal}"), "$text-muted"),
        ],
    ]
    if outcome := shown_line(outcome_of(standing)):
        failed = bool(standing.error) and row.state is not ProposalState.WAITING
        lines.append([(f"✗ {outcome}" if failed else outcome, "$error" if failed else "")])
    if proposal.undoes:
        lines.append([("↺ takes back what was sent before", "")])
    lines += [[(f"! {shown_line(one)}", "$warning")] for one in told.warnings]
    for entry in proposal.duplicates:
        same = entry.external_id == proposal.write.external_id
        which = "goes to" if same else "may be the same as"
        known = shown_line(f"{entry.external_id} {entry.title} {entry.url}")
        lines.append([(f"≈ {which} {known}", "")])
    if row.state is ProposalState.WAITING:
        lines.append([(shown_line(ruled_by(told)), "$text-muted")])
    return Content("\n").join([Content.assemble(*line) for line in lines])
