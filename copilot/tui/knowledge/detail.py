"""The right pane: what is known of the chosen source, folder, document or hit, and its text.

Invariant: what a document says is shown as plain text that was made safe, never as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from copilot.calls.knowledge import (
    DocumentShown,
    Entry,
    FoundPassage,
    PassageCard,
    SourceCard,
    SourceChanges,
)
from copilot.messages import Locator
from copilot.places import describe, display_path
from copilot.tui.items import Items, Pieces, fitted
from copilot.tui.knowledge.hits import explained, lit, trail
from copilot.tui.knowledge.words import ago, changes_of, counted, day_of, size_of
from copilot.tui.sources import Place
from copilot.tui.wording import shown, shown_line

_STATUS = {
    "failed": "✗ It could not be read",
    "skipped": "− It was passed over",
}
_BEGIN = Place("", Locator("lines", 1, 1), "")
Fact = tuple[str, str]  # what, and its value


class PassageList(Items):
    """The passages of a document, a line each."""

    def __init__(self) -> None:
        super().__init__(id="passages")
        self.cards: list[PassageCard] = []

    @property
    def count(self) -> int:
        return len(self.cards)

    @property
    def chosen(self) -> PassageCard | None:
        return None if self.at is None or self.at >= len(self.cards) else self.cards[self.at]

    def tops_of(self, width: int) -> Sequence[int]:
        return range(self.count + 1)

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        card = self.cards[at]
        where = f"  {shown_line(describe(card.locator))} "
        name = card.heading_path[-1] if card.heading_path else card.text[:200]
        name = fitted(shown_line(name), width - 6 - len(where))
        return (((f"{card.ordinal + 1:>4}  ", "faint"), (name, ""), (where, "faint")),)


class Detail(Vertical):
    """Shows one thing at a time."""

    class Opened(Message):
        """Somebody wants to see where the passage stands: in its file, or ``here``."""

        def __init__(self, place: Place, *, here: bool) -> None:
            super().__init__()
            self.place = place
            self.here = here

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="detail")
        self._now = now
        self._place = _BEGIN

    def compose(self) -> ComposeResult:
        yield Static(id="what", markup=False)
        yield Static(id="facts", markup=False)
        yield PassageList()
        with VerticalScroll(id="text-scroll", can_focus=True):
            yield Static(id="text", markup=False)

    def on_mount(self) -> None:
        self.nothing()

    # --- what is shown --------------------------------------------------------------------

    def nothing(self) -> None:
        self._say("", (), "")

    def source(self, told: SourceCard, changes: SourceChanges | None) -> None:
        moved = changes_of(changes)
        at = changes.synced_at if changes is not None else ""
        facts = [
            ("documents", f"{told.documents:,}"),
            ("passages", f"{told.passages:,}"),
            ("synced", ago(at, self._now())),
            ("since then", moved),
            ("who may read", ", ".join(told.labels) or "everybody"),
        ]
        if told.failed or told.skipped:
            facts.append(("left out", f"{told.failed:,} failed, {told.skipped:,} skipped"))
        if told.excluded:
            facts.append(("without", ", ".join(told.excluded)))
        hint = ""
        if told.unreachable:
            why = shown_line(told.unreachable)
            hint = f"✗ It can't be read now: {why}. What the index has of it stays."
        elif told.failed or told.skipped:
            hint = "! lists what was left out, and why."
        self._say(told.root, facts, hint)

    def folder(self, entry: Entry) -> None:
        facts = [("documents", f"{entry.documents:,}"), ("passages", f"{entry.passages:,}")]
        if entry.failed or entry.skipped:
            facts.append(("left out", f"{entry.failed:,} failed, {entry.skipped:,} skipped"))
        self._say(entry.path, facts, "")

    def document(self, told: DocumentShown) -> None:
        """The facts, and the first passages; the rest comes by ``more``."""
        facts = [
            ("title", told.title),
            ("size", size_of(max(0, told.size))),
            ("modified", day_of(told.modified_at)),
            ("read", ago(told.indexed_at, self._now())),
            ("read as", told.reader),
            ("passages", f"{told.passages:,}" if told.status == "indexed" else ""),
            ("who may read", ", ".join(told.labels) or "everybody"),
            ("address", told.url),
        ]
        lines = []
        if told.status in _STATUS:
            lines.append(f"{_STATUS[told.status]}: {told.reason}")
        elif told.reason:
            lines.append(f"! {told.reason}")
        if told.remedy:
            lines.append(told.remedy)
        if told.status == "failed":
            lines.append("t reads again what failed.")
        if told.hidden:
            lines.append(f"{counted(told.hidden, 'passage')} not for you: ask who has its label.")
        self._say(told.path, facts, "\n".join(lines), cards=told.shown)

    def more(self, cards: Sequence[PassageCard]) -> None:
        listed = self.query_one(PassageList)
        listed.cards += cards
        listed.renew(listed.at, tell=False)

    def hit(self, hit: FoundPassage) -> None:
        where = f"{display_path(hit.path)}, {describe(hit.locator)}"
        quote = (hit.near_start, hit.near_end)
        self._place = Place(hit.path, hit.locator, hit.passage_id, quote)
        self._head(trail(hit), where)
        facts = explained(hit)
        labels = ", ".join(hit.labels)
        said = [f"for {shown_line(labels)}"] if labels else []
        said += ["another document has taken its place: it stands lower"] if hit.superseded else []
        if said:
            facts = Content("\n").join([facts, Content("; ".join(said)).stylize("$text-muted")])
        self.query_one("#facts", Static).update(facts)
        self._list(())
        self._text(lit(hit))

    def passage(self, card: PassageCard) -> None:
        self._place = replace(
            self._place, locator=card.locator, passage_id=card.passage_id, quote=(0, len(card.text))
        )
        where = " › ".join(card.heading_path)
        self._text(
            Content.assemble((shown_line(where), "$text-muted"), "\n\n", shown(card.text))
            if where
            else Content(shown(card.text))
        )

    def _say(
        self, path: str, facts: Sequence[Fact], hint: str, *, cards: Sequence[PassageCard] = ()
    ) -> None:
        self._place = replace(_BEGIN, path=path)
        name = path.rstrip("/").rpartition("/")[2] or path
        self._head(name, display_path(path) if path else "")
        lines = [
            Content.assemble((f"{what:<13}", "$text-muted"), shown_line(value))
            for what, value in facts
            if value
        ]
        self.query_one("#facts", Static).update(Content("\n").join(lines))
        self._list(cards)
        if not cards:
            self._text(Content(shown(hint)))

    def _head(self, name: str, where: str) -> None:
        self.query_one("#what", Static).update(
            Content.assemble((shown_line(name), "bold"), "\n", (shown_line(where), "$text-muted"))
        )

    def _list(self, cards: Sequence[PassageCard]) -> None:
        listed = self.query_one(PassageList)
        listed.display = bool(cards)
        listed.cards = list(cards)
        listed.renew(0)

    def _text(self, text: Content) -> None:
        self.query_one("#text", Static).update(text)
        self.query_one("#text-scroll").scroll_home(animate=False)

    # --- keys -----------------------------------------------------------------------------

    def on_items_chosen(self, event: Items.Chosen) -> None:
        event.stop()
        card = self.query_one(PassageList).chosen
        if card is not None:
            self.passage(card)

    def on_items_opened(self, event: Items.Opened) -> None:
        event.stop()
        self.open()

    def open(self, *, here: bool = False) -> None:
        """See it in its file."""
        if self._place.path:
            self.post_message(self.Opened(self._place, here=here))
