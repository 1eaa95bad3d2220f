"""The pane beside an answer: what it cites, and the passage with the quoted words lit.

Invariant: the passage is shown as the core found it, and what is lit is the citation's quote,
at its offsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from copilot.messages import Citation, Locator, Passage
from copilot.places import describe, display_path, file_target
from copilot.tui.doings import Doings
from copilot.tui.exchange import Exchange
from copilot.tui.wording import shown, shown_line

_CLOSE = ("Ctrl+T", "close", "screen.sources")
_WITH = (
    ("o", "open", "screen.source('open')"),
    ("v", "read here", "screen.source('view')"),
    _CLOSE,
)
_WITHOUT = (("F5", "add documents", "app.go('knowledge')"), _CLOSE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source stands; ``quote``: from where to where in its passage's text."""

    path: str
    locator: Locator
    passage_id: str
    quote: tuple[int, int] = (0, 0)


class SourcesPane(Vertical):
    """The sources of one turn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "Open source", id="sources.open"),
        Binding("v", "view", "Read it here", id="sources.view"),
    ]

    class Opened(Message):
        """Somebody wants to see a source in its file; ``here``: in the terminal itself."""

        def __init__(self, place: Place, *, here: bool) -> None:
            super().__init__()
            self.place = place
            self.here = here

    class Wanted(Message):
        """The passages that a turn names aren't known here."""

        def __init__(self, turn: Exchange) -> None:
            super().__init__()
            self.turn = turn

    def __init__(self) -> None:
        super().__init__(id="sources")
        self.turn: Exchange | None = None
        self._places: list[Place] = []
        self._documents: int | None = None

    def compose(self) -> ComposeResult:
        yield Static("Sources", classes="heading")
        yield OptionList(id="cited", compact=True)
        with VerticalScroll(id="passage-scroll", can_focus=True):
            yield Static(self._why_empty(), id="passage")
        yield Doings(*_WITHOUT, classes="page-hint")

    def stands(self, documents: int) -> None:
        """So many documents are there to be asked."""
        self._documents = documents
        if self.turn is None:
            self.show(None)

    def show(self, turn: Exchange | None, number: int = 0) -> None:
        """The sources of ``turn``, citation ``number`` chosen; its first without one."""
        self.turn = turn
        listed = self.query_one("#cited", OptionList)
        listed.clear_options()
        self._places = []
        heading = "Sources"
        if turn is not None and turn.citations:
            for one in turn.citations:
                listed.add_option(Option(_cited(one)))
                quote = (one.quote_start, one.quote_end)
                self._places.append(Place(one.path, one.locator, one.passage_id, quote))
        elif turn is not None and turn.answer is not None and turn.answer.searched:
            heading = "Nearest passages"
            for seen in turn.answer.searched:
                listed.add_option(Option(_named(seen.title, seen.path, seen.locator)))
                self._places.append(Place(seen.path, seen.locator, seen.passage_id))
        self.query_one(".heading", Static).update(heading)
        listed.display = bool(self._places)
        self.query_one(Doings).say(*(_WITH if self._places else _WITHOUT))
        if not self._places:
            self.query_one("#passage", Static).update(self._why_empty())
            return
        numbers = [one.n for one in turn.citations] if turn is not None else []
        listed.highlighted = numbers.index(number) if number in numbers else 0
        if turn is not None and turn.ended and turn.wanted:
            self.post_message(self.Wanted(turn))

    def _why_empty(self) -> Content:
        """What stands in the place of sources."""
        if self.turn is not None:
            ended = self.turn.ended
            why = "It cites nothing." if ended else "Its sources come with the answer."
            return Content.styled(why, "$text-muted")
        told = ["What an answer cites stands here, with the passage that it is taken from."]
        if self._documents == 1:
            told.insert(0, "1 document is indexed.")
        elif self._documents is not None:
            many = f"{self._documents:,}" if self._documents else "No"
            told.insert(0, f"{many} documents are indexed.")
        return Content.styled("\n\n".join(told), "$text-muted")

    def learned(self, turn: Exchange) -> None:
        """The passages of a turn are known now."""
        at = self.query_one("#cited", OptionList).highlighted
        if turn is self.turn and at is not None:
            self._preview(at)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._preview(event.option_index)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.open()

    def open(self, *, here: bool = False) -> None:
        """Open the chosen source in its file; ``here``: in the terminal itself."""
        at = self.query_one("#cited", OptionList).highlighted
        if at is not None and at < len(self._places):
            self.post_message(self.Opened(self._places[at], here=here))

    def action_open(self) -> None:
        self.open()

    def action_view(self) -> None:
        self.open(here=True)

    def _preview(self, at: int) -> None:
        turn = self.turn
        if turn is None or turn.answer is None or at >= len(self._places):
            return  # it was chosen of another turn, or of none any more
        if turn.citations:
            citation = turn.citations[at]
            passage = turn.passage(citation.passage_id)
            trail = citation.heading_path or (passage.heading_path if passage else ())
            body = _lit(passage, citation)
        else:
            seen = turn.answer.searched[at]
            passage = turn.passage(seen.passage_id)
            trail = passage.heading_path if passage else ()
            body = Content(shown(passage.text)) if passage else Content("")
        where = _where(self._places[at], trail)
        self.query_one("#passage", Static).update(Content.assemble(where, "\n\n", body))
        self.query_one("#passage-scroll").scroll_home(animate=False)


def _cited(citation: Citation) -> Content:
    name = _named(citation.title, citation.path, citation.locator)
    return Content.assemble((f"[{citation.n}] ", "bold"), name)


def _named(title: str, path: str, locator: Locator) -> Content:
    name = title or path.rpartition("/")[2]
    return Content.assemble(shown_line(name), (f"  {shown_line(describe(locator))}", "$text-muted"))


def _where(place: Place, headings: tuple[str, ...]) -> Content:
    """Headings, then the file, which a terminal that knows links opens at its line."""
    trail = " › ".join(shown_line(one) for one in headings)
    told = Content(shown_line(f"{display_path(place.path)}, {describe(place.locator)}"))
    if Path(place.path).is_absolute():
        told = told.stylize(Style(link=file_target(place.path, place.locator)))
    told = told.stylize("$text-muted")
    return Content.assemble((trail, "$text-muted"), "\n", told) if trail else told


def _lit(passage: Passage | None, citation: Citation) -> Content:
    """The passage with the quote lit; the quote alone where that isn't its text any more."""
    start, end = citation.quote_start, citation.quote_end
    if passage is None or citation.quote not in ("", passage.text[start:end]):
        return Content(shown(citation.quote)).stylize("bold $accent")
    text = passage.text
    return Content.assemble(
        (shown(text[:start]), "$text-muted"),
        (shown(text[start:end]), "bold $accent"),
        (shown(text[end:]), "$text-muted"),
    )
