"""The pane beside an answer: what it cites, and the passage with the quoted words lit.

Invariant: the passage is shown as the core found it, and what is lit is the citation's quote,
at its offsets.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from copilot.messages import Citation, Hit, Locator
from copilot.places import describe, display_path
from copilot.tui.exchange import Exchange
from copilot.tui.wording import shown, shown_line


class SourcesPane(Vertical):
    """The sources of one turn."""

    class Opened(Message):
        """Somebody wants to see a source in its file."""

        def __init__(self, path: str, locator: Locator) -> None:
            super().__init__()
            self.path = path
            self.locator = locator

    def __init__(self) -> None:
        super().__init__(id="sources")
        self._turn: Exchange | None = None
        self._places: list[tuple[str, Locator]] = []

    def compose(self) -> ComposeResult:
        yield Static("Sources", classes="heading")
        yield OptionList(id="cited", compact=True)
        with VerticalScroll(id="passage-scroll", can_focus=True):
            yield Static(id="passage")

    def show(self, turn: Exchange | None, number: int = 0) -> None:
        """The sources of ``turn``, citation ``number`` chosen; its first without one."""
        self._turn = turn
        listed = self.query_one("#cited", OptionList)
        listed.clear_options()
        self._places = []
        heading = "Sources"
        if turn is not None and turn.citations:
            for one in turn.citations:
                listed.add_option(Option(_cited(one)))
                self._places.append((one.path, one.locator))
        elif turn is not None and turn.answer is not None and turn.answer.searched:
            heading = "Nearest passages"
            for seen in turn.answer.searched:
                listed.add_option(Option(_named(seen.title, seen.path, seen.locator)))
                self._places.append((seen.path, seen.locator))
        self.query_one(".heading", Static).update(heading)
        listed.display = bool(self._places)
        if not self._places:
            self.query_one("#passage", Static).update("")
            return
        numbers = [one.n for one in turn.citations] if turn is not None else []
        listed.highlighted = numbers.index(number) if number in numbers else 0

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._preview(event.option_index)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.open()

    def open(self) -> None:
        """Open the chosen source in its file."""
        at = self.query_one("#cited", OptionList).highlighted
        if at is not None and at < len(self._places):
            self.post_message(self.Opened(*self._places[at]))

    def _preview(self, at: int) -> None:
        turn = self._turn
        if turn is None or turn.answer is None:
            return
        if turn.citations:
            citation = turn.citations[at]
            hit = _hit(turn.hits, citation.passage_id)
            where = _where(citation.path, citation.heading_path, citation.locator)
            body = _lit(hit, citation) if hit else Content(shown(citation.quote))
        else:
            seen = turn.answer.searched[at]
            hit = _hit(turn.hits, seen.passage_id)
            where = _where(seen.path, hit.passage.heading_path if hit else (), seen.locator)
            body = Content(shown(hit.passage.text)) if hit else Content("")
        self.query_one("#passage", Static).update(Content.assemble((where, "dim"), "\n\n", body))
        self.query_one("#passage-scroll").scroll_home(animate=False)


def _hit(hits: tuple[Hit, ...], passage_id: str) -> Hit | None:
    return next((hit for hit in hits if hit.passage.id == passage_id), None)


def _cited(citation: Citation) -> Content:
    name = _named(citation.title, citation.path, citation.locator)
    return Content.assemble((f"[{citation.n}] ", "bold"), name)


def _named(title: str, path: str, locator: Locator) -> Content:
    name = title or path.rpartition("/")[2]
    return Content.assemble(shown_line(name), (f"  {shown_line(describe(locator))}", "dim"))


def _where(path: str, headings: tuple[str, ...], locator: Locator) -> str:
    trail = " › ".join(shown_line(one) for one in headings)
    place = shown_line(f"{display_path(path)}, {describe(locator)}")
    return f"{trail}\n{place}" if trail else place


def _lit(hit: Hit, citation: Citation) -> Content:
    text = hit.passage.text
    before, after = text[: citation.quote_start], text[citation.quote_end :]
    return Content.assemble(
        (shown(before), "dim"), (shown(citation.quote), "bold $accent"), (shown(after), "dim")
    )
