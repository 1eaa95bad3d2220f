"""The composer with what is around it: offers above, and chips of what is asked about.

Invariant: typing waits for nothing: what is offered is asked of the core a moment after the last
key, and a later key lets go of it; no file is looked at here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, TextArea

from copilot import calls
from copilot.calls import composing
from copilot.errors import CopilotError
from copilot.tui.commands import Command, matching, named, nearest
from copilot.tui.composer import Composer
from copilot.tui.composing.about import Chip
from copilot.tui.composing.chips import ChipLabel, Tray
from copilot.tui.composing.offers import Offered, Offers, remark
from copilot.tui.composing.past import PastQuestions
from copilot.tui.core import Core
from copilot.tui.wording import shown_line

_PAUSE_S = 0.04
_COMMAND = re.compile(r"/(\w*)(?:\s+(.*))?", re.S)
_MENTION = re.compile(r"(?:^|(?<=\s))@(\S*)$")
_PUT_BACK = 20_000  # characters


class Composing(Vertical):
    """``Composer.Sent`` bubbles through; ``about`` is what a question is asked about now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+r", "past", "Earlier questions", id="composer.past"),
    ]

    class Commanded(Message):
        """Somebody gave a command, with what was typed behind it."""

        def __init__(self, command: Command, argument: str) -> None:
            super().__init__()
            self.command = command
            self.argument = argument

    def __init__(self, core: Core, failed: Callable[[CopilotError], None]) -> None:
        super().__init__(id="composing")
        self._core = core
        self._failed = failed
        self._conversation = ""
        self._chips: list[Chip] = []
        self._asked_for = ""  # what offers are looked for, with its sign
        self._offered_for = ""  # what those that are listed are for
        self._turned_down = ""  # offers were closed at this
        self._decided = ""  # what the documents weren't there for yet when a key took the first
        self._sends = False  # that key was Enter

    def compose(self) -> ComposeResult:
        yield Offers()
        yield Tray()
        yield Composer(guide=self)

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def offers(self) -> Offers:
        return self.query_one(Offers)

    @property
    def about(self) -> tuple[Chip, ...]:
        return tuple(self._chips)

    def begin(self, conversation: str, *, resumed: bool = False) -> None:
        """Another conversation; one that is gone on with has what was attached to it.

        What wasn't asked about yet is part of the draft, and stays.
        """
        self._conversation = conversation
        self._chips = [one for one in self._chips if one.kind != "document" and not one.id]
        self._show_chips()
        if resumed:
            self._find_attached(conversation)

    async def settled(self, call: calls.Ask, about: Sequence[Chip]) -> calls.Ask:
        """The call with what it is about; what the core doesn't hold yet is attached first.

        Raises CopilotError for a file or text that can't be; it names it.
        """
        paths = tuple(chip.path for chip in about if chip.kind == "document")
        rest = [chip for chip in about if chip.kind != "document"]
        for chip in rest:
            if chip.conversation != call.conversation:
                wish = composing.Attach(call.conversation, chip.name, chip.text, chip.path)
                told = await self._core.call(wish, composing.Attached)
                chip.id, chip.conversation = told.attachment.id, call.conversation
        return replace(call, paths=paths, attached=tuple(chip.id for chip in rest))

    def give_back(self, question: str) -> None:
        """A question that couldn't be asked, to be asked again; never over another draft."""
        if not self.composer.text.strip():
            self.composer.recall(question)

    def attach(self, path: str) -> None:
        """Ask about the file of this path; without one, it is to be typed."""
        if path:
            self._find_files(path)
        else:
            self.composer.recall("/attach ")
            self.composer.focus()

    # --- what is offered ------------------------------------------------------------------

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _look(self, event: Message) -> None:
        event.stop()
        typed = self._typed()
        if typed == self._asked_for and (self.offers.is_open or not typed):
            return
        self._asked_for = typed
        if typed != self._decided:
            self._decided = ""
        if not typed or typed[0] != self._turned_down[:1]:
            self._turned_down = ""
        if not typed or self._turned_down:
            self.offers.hide()
            self.workers.cancel_group(self, "documents")
        elif typed[0] == "/":
            self._offer(typed, matching(typed[1:]))
        else:
            self._find_documents(typed)

    def _typed(self) -> str:
        """The command or the document's name that is being typed, with its sign; else nothing."""
        before, composer = self.composer.before, self.composer
        row, _ = composer.cursor_location
        if row == 0 and composer.document.line_count == 1 and re.fullmatch(r"/\w*", before):
            return before if composer.text == before else ""
        found = _MENTION.search(before)
        return found[0] if found else ""

    @work(group="documents", exclusive=True, exit_on_error=False)
    async def _find_documents(self, typed: str) -> None:
        await asyncio.sleep(_PAUSE_S)
        try:
            told = await self._core.call(
                composing.FindDocuments(typed[1:]), composing.FoundDocuments
            )
        except CopilotError as error:
            self._offer(typed, (), shown_line(f"{error.message} {error.hint}"))
            self._decided = ""
            return
        if typed != self._asked_for:
            return
        self._offer(typed, told.found, remark(told))
        if self._decided == typed:
            self._decided = ""
            if not self._take() and self._sends:
                self.composer.action_send()

    def _offer(self, typed: str, offered: Sequence[Offered], remark: str = "") -> None:
        self._offered_for = typed
        self.offers.show(offered, remark)

    # --- the keys, for the composer -------------------------------------------------------

    def enter(self) -> bool:
        if self._typed().startswith("@") and not self._turned_down:
            return self._take_first(sends=True)
        if self.offers.is_open and isinstance(self.offers.chosen, Command):
            chosen = self.offers.chosen
            exact = named(self.composer.text[1:])
            return self._give(exact or chosen, typed=exact is not None)
        return self._command()

    def complete(self) -> bool:
        if not self.offers.is_open:
            return False
        chosen = self.offers.chosen
        if isinstance(chosen, Command):
            self.composer.recall(f"/{chosen.name} " if chosen.argument else f"/{chosen.name}")
            return True
        return self._take_first(sends=False)

    def move(self, by: int) -> bool:
        if not self.offers.is_open or not self.offers.offered:
            return False
        self.offers.step(by)
        return True

    def close(self) -> bool:
        if not self.offers.is_open:
            return False
        self._turned_down = self._asked_for
        self.offers.hide()
        return True

    def backspace(self) -> bool:
        if not self._chips:
            return False
        self._remove(self._chips[-1])
        return True

    # --- taking an offer ------------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = self.offers.chosen
        if isinstance(chosen, Command):
            self._give(chosen)
        else:
            self._take()
        self.composer.focus()

    def _take_first(self, *, sends: bool) -> bool:
        """Take the chosen document, once there are those that were typed."""
        typed = self._typed()
        if self.offers.is_open and self._offered_for == typed:
            return self._take()
        self._decided, self._sends = typed, sends
        return True

    def _take(self) -> bool:
        """The chosen document becomes a chip; its name goes out of the question."""
        chosen = self.offers.chosen
        if not isinstance(chosen, composing.NamedDocument):
            return False
        row, column = self.composer.cursor_location
        typed = self._typed()
        self.composer.delete((row, column - len(typed)), (row, column))
        self.offers.hide()
        if all(chip.path != chosen.path for chip in self._chips):
            name = chosen.place.rpartition("/")[2]
            self._add(Chip("document", name, path=chosen.path))
        return True

    def _command(self) -> bool:
        """What was typed whole, if it is a command; one that there isn't is told, and stays."""
        found = _COMMAND.fullmatch(self.composer.text)
        if found is None or "\n" in self.composer.text.strip():
            return False
        command = named(found[1])
        if command is not None:
            return self._give(command, (found[2] or "").strip(), typed=True)
        close = nearest(found[1])
        meant = f"Did you mean /{close.name}? " if close is not None else ""
        self.notify(
            f"{meant}A space before it asks it as a question.",
            title=f"There is no command /{shown_line(found[1])}",
            severity="warning",
            markup=False,
        )
        return True

    def _give(self, command: Command, argument: str = "", *, typed: bool = False) -> bool:
        """Do it, or wait for its argument if only its name was chosen."""
        if command.argument and not argument and not typed:
            self.composer.recall(f"/{command.name} ")
            return True
        self.composer.clear()
        self.offers.hide()
        self.post_message(self.Commanded(command, argument))
        return True

    # --- chips ----------------------------------------------------------------------------

    @on(Composer.PastedLong)
    def _pasted(self, event: Composer.PastedLong) -> None:
        event.stop()
        if len(event.text) > composing.LONGEST_TEXT:
            self.notify(
                "Paste the part in question, or save it as a file and index that.",
                title=f"{len(event.text):,} characters are too many to attach",
                severity="warning",
            )
            return
        numbers = [int(chip.name.split()[-1]) for chip in self._chips if chip.kind == "pasted"]
        number = max(numbers, default=0) + 1
        self._add(Chip("pasted", f"pasted {number}", text=event.text))

    @on(Composer.PastedLine)
    def _dropped(self, event: Composer.PastedLine) -> None:
        event.stop()
        self._find_files(event.text, event)

    @work(group="files", exit_on_error=False)
    async def _find_files(self, typed: str, pasted: Composer.PastedLine | None = None) -> None:
        try:
            told = await self._core.call(composing.FindFiles(typed), composing.FoundFiles)
        except CopilotError as error:
            self._failed(error)
            return
        composer = self.composer
        if not told.paths and pasted is None:
            self.notify(
                "Give its path, or drop it here.",
                title=f"{shown_line(typed)} is no file that can be attached",
                severity="warning",
                markup=False,
            )
            composer.recall(f"/attach {typed}")
        if pasted is not None and told.paths:
            if composer.get_text_range(pasted.start, pasted.end) != pasted.text:
                return  # it was edited meanwhile
            composer.delete(pasted.start, pasted.end)
        for path in told.paths:
            if all(chip.path != path for chip in self._chips):
                self._add(Chip("file", path.rpartition("/")[2], path=path))

    @work(group="attached", exclusive=True, exit_on_error=False)
    async def _find_attached(self, conversation: str) -> None:
        try:
            told = await self._core.call(
                composing.ListAttached(conversation), composing.AttachedThere
            )
        except CopilotError as error:
            self._failed(error)
            return
        if conversation == self._conversation:
            for one in told.found:
                chip = Chip("pasted" if one.pasted else "file", one.name, path=one.path)
                chip.id, chip.conversation = one.id, conversation
                self._chips.append(chip)
            self._show_chips()

    @on(ChipLabel.Removed)
    def _taken_away(self, event: ChipLabel.Removed) -> None:
        event.stop()
        self._remove(event.chip)
        self.composer.focus()

    @on(ChipLabel.Expanded)
    def _put_back(self, event: ChipLabel.Expanded) -> None:
        event.stop()
        chip = event.chip
        if not chip.text:
            return
        if len(chip.text) > _PUT_BACK:
            self.notify("It stays attached.", title="It is too long to be edited here")
            return
        self._remove(chip)
        self.composer.insert(chip.text)
        self.composer.focus()

    @on(ChipLabel.Left)
    def _left(self, event: ChipLabel.Left) -> None:
        event.stop()
        self.composer.focus()

    def _add(self, chip: Chip) -> None:
        self._chips.append(chip)
        self._show_chips()

    def _remove(self, chip: Chip) -> None:
        if chip in self._chips:
            self._chips.remove(chip)
            self._show_chips()
            if chip.id:
                self._take_away(chip.conversation, chip.id)
                chip.id = chip.conversation = ""

    @work(group="taking-away", exit_on_error=False)
    async def _take_away(self, conversation: str, id_: str) -> None:
        try:
            await self._core.call(composing.TakeAway(conversation, id_), calls.Done)
        except CopilotError as error:
            self._failed(error)

    def _show_chips(self) -> None:
        self.call_next(self.query_one(Tray).show, list(self._chips))

    # --- earlier questions ----------------------------------------------------------------

    @work(group="past", exclusive=True, exit_on_error=False)
    async def action_past(self) -> None:
        """Search the earlier questions of all conversations, and put one in."""
        text = await self.app.push_screen_wait(PastQuestions(self._core, self._failed))
        if text is not None:
            draft = self.composer.text.strip()
            if draft:
                self.composer.remember(draft)
            self.composer.recall(text)
        self.composer.focus()
