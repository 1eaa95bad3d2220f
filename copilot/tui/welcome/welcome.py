"""What stands in an empty chat: on a first run three steps, later questions to begin with.

Invariant: it never asks for anything: a question can be typed at any time, and what was begun here
goes on while one is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, get_current_worker

from copilot.calls.asking import Standing, Stands
from copilot.calls.knowledge import AddSource, ListSources, SourceAdded, Sources, Sync
from copilot.calls.settings import (
    ChangeSetting,
    KeyKept,
    KeysRead,
    ModelAnswered,
    ReadKeys,
    SettingChanged,
    StoreKey,
    TestModel,
)
from copilot.calls.welcome import QuestionsSuggested, SuggestQuestions
from copilot.config.paths import bundled
from copilot.errors import CopilotError
from copilot.events import IngestProgress, SyncFinished
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.keymap import shown, worn
from copilot.tui.wording import shown_line

_ASK = "Ask your documents. Each sentence of an answer carries the passage it comes from."
_FIRST = "Three steps to begin with, in any order. Or just type a question below."
_HINT = (
    ("Esc", "to the list and back", "screen.stop"),
    ("F1", "keys", "app.keys"),
    ("Ctrl+P", "all that can be done", "app.command_palette"),
)


class _Reading(Static):
    """How far reading is; a click on its end stops it."""

    def say(self, text: str, *, stops: str = "") -> None:
        """``stops``: the key that stops it."""
        stop = Content(f"{stops} stops").stylize(Style.from_meta({"@click": "stop"}))
        self.update(Content.assemble(text, " · ", stop) if stops else text)
        self.display = bool(text)

    def action_stop(self) -> None:
        self.query_ancestor(Welcome).action_stop()


class Welcome(Vertical):
    """``failed`` tells an error."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop reading", id="welcome.stop"),
    ]

    class Chosen(Message):
        """Somebody chose a question to ask."""

        def __init__(self, question: str) -> None:
            super().__init__()
            self.question = question

    class Looked(Message):
        """So many documents are there to be asked."""

        def __init__(self, documents: int) -> None:
            super().__init__()
            self.documents = documents

    def __init__(self, core: Core, failed: Callable[[CopilotError], None]) -> None:
        super().__init__(id="welcome")
        self._core = core
        self._failed = failed
        self._model = ""
        self._sources: Sources | None = None
        self._questions: tuple[str, ...] = ()
        self._reading: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield Static(_ASK, id="greeting")
        yield OptionList(id="steps", compact=True)
        yield _Reading(id="reading", markup=False)
        yield Doings(*_HINT, id="welcome-hint")

    def on_mount(self) -> None:
        self.query_one("#steps").display = False
        self.query_one("#reading").display = False

    @work(group="welcome", exclusive=True, exit_on_error=False)
    async def look(self) -> None:
        """See what there is, and show what is left to do."""
        try:
            self._sources = await self._core.call(ListSources(), Sources)
            self.post_message(self.Looked(self._sources.documents))
            self._model = (await self._core.call(Standing(), Stands)).model
            if self._sources.found:
                told = await self._core.call(SuggestQuestions(), QuestionsSuggested)
                self._questions = tuple(shown_line(one) for one in told.questions)
        except CopilotError:
            return  # the status line has told what is wrong
        self._show()

    # --- what is shown --------------------------------------------------------------------

    def _show(self) -> None:
        first = not (self._sources and self._sources.found)
        self.query_one("#greeting", Static).update(_FIRST if first else _ASK)
        options = self._steps() if first or self._reading else self._offers()
        listed = self.query_one("#steps", OptionList)
        at = listed.highlighted
        listed.clear_options()
        listed.add_options(options)
        listed.display = bool(options)
        choices = [n for n, one in enumerate(options) if not one.disabled]
        if choices:
            listed.highlighted = at if at in choices else choices[0]

    def _steps(self) -> list[Option]:
        sources = self._sources.found if self._sources else ()
        done = "✓" if sources and not self._reading else "1"
        answers = self._model or "optional: until then answers are quotes"
        return [
            Option(Content(f"{done}  Add documents"), disabled=True),
            _choice("Add a folder or a file of yours", "add"),
            _choice("Try it with a sample: a company's handbook", "sample"),
            Option(Content(f"{'✓' if self._model else '2'}  A model that writes"), disabled=True),
            _choice("Name one, and its key", "model", shown_line(answers)),
            Option(_ask_heading(bool(self._questions)), disabled=True),
            *self._asks(),
        ]

    def _offers(self) -> list[Option]:
        if not self._questions:
            return []
        return [Option(Content("Questions to begin with"), disabled=True), *self._asks()]

    def _asks(self) -> list[Option]:
        return [_choice(one, f"ask:{n}") for n, one in enumerate(self._questions)]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        what, _, number = (event.option.id or "").partition(":")
        match what:
            case "add":
                self._ask_for_documents()
            case "sample":
                self._read(AddSource(str(bundled("handbook"))))
            case "model":
                self._ask_for_model()
            case "ask":
                self.post_message(self.Chosen(self._questions[int(number)]))

    # --- 1: documents ---------------------------------------------------------------------

    @work(group="adding", exclusive=True, exit_on_error=False)
    async def _ask_for_documents(self) -> None:
        from copilot.tui.knowledge.adding import AddScreen

        wanted = await self.app.push_screen_wait(AddScreen(self._core))
        if wanted is not None:
            self._read(wanted)

    def _read(self, wanted: AddSource) -> None:
        if self._reading is None:
            self._reading = self._add(wanted)

    @work(group="reading", exit_on_error=False)
    async def _add(self, wanted: AddSource) -> None:
        worker = get_current_worker()
        try:
            self._say("Looking at what is there …")
            added = await self._core.call(wanted, SourceAdded)
            for warning in added.warnings:
                self.notify(shown_line(warning), severity="warning", markup=False)
            async with aclosing(self._core.stream(Sync(added.root))) as steps:
                async for step in steps:
                    self._follow(step)
        except CopilotError as error:
            self._failed(error)
        finally:
            self._reading = None
            self._say("Stopped; what was read is kept." if worker.is_cancelled else "")
            self.look()

    def _follow(self, step: object) -> None:
        match step:
            case IngestProgress(phase, done, total, path):
                name = shown_line(path.rpartition("/")[2])
                [key, *_] = worn(self, "welcome.stop", "escape")
                self._say(f"{phase.capitalize()} {done} of {total}  {name}", stops=shown(key))
            case SyncFinished():
                number = step.added + step.updated + step.unchanged
                said = f"{number} document{'s' * (number != 1)} can be asked"
                bad = f", {step.failed} couldn't be read" if step.failed else ""
                self.notify(f"{said}{bad}.", title="Reading is done")

    def _say(self, text: str, *, stops: str = "") -> None:
        self.query_one(_Reading).say(text, stops=stops)

    def action_stop(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self._reading is not None

    # --- 2: a model -----------------------------------------------------------------------

    @work(group="adding", exclusive=True, exit_on_error=False)
    async def _ask_for_model(self) -> None:
        from copilot.tui.dialogs import LineScreen
        from copilot.tui.settings.dialogs import KeyScreen

        why = "Such as openai/gpt-5-mini, anthropic/claude-haiku-4-5 or ollama/llama3.2."
        value = ""
        while True:
            name = await self.app.push_screen_wait(
                LineScreen("A model that writes answers", value=value, why=why)
            )
            if not name:
                return
            try:
                await self._core.call(ChangeSetting("models.answer", name), SettingChanged)
                break
            except CopilotError as error:
                value, why = name, f"✗ {shown_line(f'{error.message} {error.hint}')}"
        try:
            told = await self._core.call(ReadKeys(), KeysRead)
            have = {one.name for one in told.keys}
            missing = [key for key in told.needed[:1] if key not in have]
            for key in missing:
                given = await self.app.push_screen_wait(KeyScreen(key))
                if given is not None:
                    await self._core.call(StoreKey(given.name, given.value), KeyKept)
            answered = await self._core.call(TestModel(), ModelAnswered)
            said = f"It answers after {answered.latency_ms / 1000:.1f} s."
            self.notify(said, title=shown_line(name), markup=False)
        except CopilotError as error:
            self._failed(error)
        self.look()


def _choice(text: str, what: str, note: str = "") -> Option:
    told = Content.assemble(f"   → {text}", (f"  {note}", "$text-muted") if note else "")
    return Option(told, id=what)


def _ask_heading(ready: bool) -> Content:
    when = "" if ready else ("  when there are documents", "not bold $text-muted")
    return Content.assemble("3  Ask", when)
