"""The text that records are read from: written or pasted, or opened; then with its words lit.

Invariant: what is on the left is what is extracted from; a text that is too long to be edited
smoothly is shown and extracted from all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Paste
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls import extracting
from copilot.extracted import SourceText
from copilot.tui.doings import Doings
from copilot.tui.lit_text import LitText, Span
from copilot.tui.wording import shown_line
from copilot.tui.writing import TextField, bindings_without

EDITABLE = 100_000  # characters; above that a key would wait for the editor
_PLACEHOLDER = "Paste a text here: a mail, a note, a ticket. Or open a file."


_PATH = re.compile(r"""['"]?(?:/|~/|file://)[^\n]{1,1000}""")


@dataclass(frozen=True, slots=True)
class Given:
    """What to extract from, as the core takes it: a file or a text, and which of its texts."""

    path: str = ""
    text: str = ""
    number: int = 1

    def to_extract(self, schema: str) -> extracting.Extract:
        return extracting.Extract(schema, self.path, self.text, self.number)

    def to_read(self) -> extracting.ReadText:
        return extracting.ReadText(self.path, self.text, self.number)


class Writing(TextField, inherit_bindings=False):
    """Where a text is written or pasted."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_without("ctrl+e")]  # the area's own

    class TooLong(Message):
        """What is pasted would make it a text that can't be edited smoothly."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Dropped(Message):
        """What was pasted into the empty editor looks like the path of a file: it was dropped."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    async def _on_paste(self, event: Paste) -> None:
        if not self.text and _PATH.fullmatch(event.text.strip()):
            event.stop()
            event.prevent_default()
            self.post_message(self.Dropped(event.text))
            return
        if len(self.text) + len(event.text) > EDITABLE:
            event.stop()
            event.prevent_default()
            start, end = sorted((self.selection.start, self.selection.end))
            document = self.document
            before = document.get_text_range((0, 0), start)
            after = document.get_text_range(end, document.end)
            self.post_message(self.TooLong(before + event.text + after))


class GivenPane(Vertical):
    """``writing``: the text is being written; else it is read, with its words lit."""

    class Chosen(Message):
        """One of several texts was chosen."""

        def __init__(self, given: Given) -> None:
            super().__init__()
            self.given = given

    class TooLong(Message):
        """A text that was pasted is shown, and can't be edited here."""

    def __init__(self) -> None:
        super().__init__(id="given")
        self._path = ""  # what was opened
        self._number = 1
        self._held = ""  # what was pasted, where it isn't in the editor
        self._several = Given()

    def compose(self) -> ComposeResult:
        yield Static(id="given-name", classes="heading", markup=False)
        yield OptionList(id="texts", compact=True, markup=False)
        writing = Writing(id="writing", compact=True, soft_wrap=True, show_line_numbers=False)
        writing.placeholder = _PLACEHOLDER
        yield writing
        yield LitText(id="lit")
        yield Doings(("Esc", "edit the text", "screen.edit_text"), ("n", "next lit words", ""))

    def on_mount(self) -> None:
        self.query_one("#texts").display = False
        self.write("")

    @property
    def writing(self) -> bool:
        return bool(self.query_one(Writing).display)

    @property
    def lit(self) -> LitText:
        return self.query_one(LitText)

    @property
    def given(self) -> Given | None:
        """What stands there; None for nothing."""
        if not self.writing and self._path:
            return Given(path=self._path, number=self._number)
        text = self.query_one(Writing).text if self.writing else self._held
        return Given(text=text, number=self._number) if text.strip() else None

    def write(self, text: str, *, number: int = 1) -> None:
        """Let a text be written, beginning with this one."""
        self._path, self._number, self._held = "", number, ""
        editor = self.query_one(Writing)
        if editor.text != text:
            editor.text = text
        self._turn(writing=True, name="Text")

    def read(self, given: Given, source: SourceText) -> None:
        """Show a text that was opened or extracted from."""
        self._path, self._number = given.path, given.number
        self._held = "" if given.path else given.text
        self.lit.show(source.text)
        named = given.path or given.number > 1
        name = source.name.rstrip("/").rpartition("/")[2] if named else "Text"
        self._turn(writing=False, name=f"{shown_line(name)}  {_size(source.text)}")

    def edit(self) -> bool:
        """Let what is read be edited; False where it is too long for that."""
        text = self.lit.text
        if len(text) > EDITABLE:
            return False
        self.close_texts()
        self.write(self._held if self._held and self._number == 1 else text)
        return True

    def light(self, spans: Iterable[Span]) -> None:
        """Light the words that state the fields of a record."""
        self.lit.set_spans(spans)

    def focus_text(self) -> None:
        (self.query_one(Writing) if self.writing else self.lit).focus()

    def _turn(self, *, writing: bool, name: str) -> None:
        self.query_one(Writing).display = writing
        self.lit.display = self.query_one(Doings).display = not writing
        self.query_one("#given-name", Static).update(Content(name))

    # --- several texts --------------------------------------------------------------------

    def offer(self, given: Given, texts: extracting.Texts) -> None:
        """Let one of several texts be chosen."""
        self._several = given
        listed = self.query_one("#texts", OptionList)
        listed.clear_options()
        listed.add_options(Option(_row(one)) for one in texts.found)
        if texts.total > len(texts.found):
            more = f"{texts.total - len(texts.found):,} more: copilot extract reads them all"
            listed.add_option(Option(Content.styled(more, "$text-muted"), disabled=True))
        listed.display = True
        listed.highlighted = 0
        listed.focus()

    def close_texts(self) -> None:
        """Take the list of texts away."""
        self.query_one("#texts").display = False

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        several = self._several
        self.post_message(self.Chosen(Given(several.path, several.text, event.option_index + 1)))

    def on_writing_too_long(self, event: Writing.TooLong) -> None:
        event.stop()
        given = Given(text=event.text)
        self.read(given, SourceText("", event.text, ""))
        self.lit.focus()
        self.post_message(self.TooLong())


def _row(one: extracting.TextThere) -> Content:
    number = f"{one.number:>5}  "
    if one.problem:
        return Content.assemble(number, (f"✗ {shown_line(one.problem)}", "$error"))
    return Content.assemble((number, "$text-muted"), shown_line(one.begins))


def _size(text: str) -> str:
    return f"{len(text):,} characters"
