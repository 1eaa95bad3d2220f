"""The chat: questions and answers, the sources beside them, the composer below.

Invariant: one turn runs at a time, the next ones wait in order; a turn that is stopped closes
its call in the core.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from inspect import isawaitable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.worker import Worker, get_current_worker

from copilot import calls
from copilot.errors import CopilotError
from copilot.tui.area import Area, Visit
from copilot.tui.commenting import CommentScreen
from copilot.tui.composer import Composer
from copilot.tui.composing.board import Composing
from copilot.tui.copying import as_copied
from copilot.tui.core import Core
from copilot.tui.exchange import Exchange
from copilot.tui.exporting import export
from copilot.tui.opening import editor_command, run_editor
from copilot.tui.sessions import SessionsScreen
from copilot.tui.sources import SourcesPane
from copilot.tui.status_line import StatusLine
from copilot.tui.transcript import Transcript
from copilot.tui.welcome.welcome import Welcome
from copilot.tui.wording import shown_line


class ChatArea(Area):
    """A conversation; visited for another one by its name."""

    AREA: ClassVar[str] = "chat"
    CSS_PATH = ["composing/composing.tcss", "welcome/welcome.tcss"]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="chat.stop"),
        Binding("ctrl+o", "sources", "Sources", id="chat.sources"),
        Binding("ctrl+r", "sessions", "Conversations", id="chat.sessions"),
        Binding("ctrl+n", "new", "New", id="chat.new"),
    ]

    class TurnEnded(Message):
        """A turn is over, however it went."""

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self._conversation = _new_name()
        self._queued: deque[Exchange] = deque()
        self._model = ""
        self._quotes_next = False
        self._asking: Worker[None] | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="chat"):
            with Vertical(id="talk"):
                yield Welcome(self.core, self.failed)
                yield Transcript()
                yield Composing(self.core, self.failed)
            yield SourcesPane()

    def on_mount(self) -> None:
        self.query_one(Composing).begin(self._conversation)
        self.query_one(Composer).focus()

    def arrive(self) -> None:
        super().arrive()
        self._greet()

    def _greet(self) -> None:
        """An empty chat says how to begin."""
        welcome = self.query_one(Welcome)
        transcript = self.query_one(Transcript)
        transcript.display = bool(transcript.exchanges)
        welcome.display = not transcript.display
        if welcome.display:
            welcome.look()

    # --- asking ---------------------------------------------------------------------------

    def on_composer_sent(self, event: Composer.Sent) -> None:
        event.stop()
        exchange = Exchange(event.text, about=self.query_one(Composing).about)
        exchange.quotes, self._quotes_next = self._quotes_next, False
        self._queued.append(exchange)
        self._next()

    def on_welcome_chosen(self, event: Welcome.Chosen) -> None:
        event.stop()
        self.query_one(Composer).focus()
        self._queued.append(Exchange(event.question))
        self._next()

    async def on_composing_commanded(self, event: Composing.Commanded) -> None:
        event.stop()
        command = event.command
        if not command.action:
            self.post_message(Visit(command.area, event.argument))
        elif not command.area:
            await self.run_action(f"app.{command.action}")
        else:
            do = getattr(self, f"action_{command.action}")
            done = do(event.argument) if command.argument else do()
            if isawaitable(done):
                await done

    def on_chat_area_turn_ended(self) -> None:
        self._asking = None
        self._next()
        self.refresh_standing()

    def action_stop(self) -> None:
        """Stop the turn that runs, and what waits with it; else go from composer to answers."""
        if self._asking is not None:
            composer = self.query_one(Composer)
            if self._queued and not composer.text:
                composer.recall("\n\n".join(one.question for one in self._queued))
            self._queued.clear()
            self._asking.cancel()
        elif self.query_one(Composer).has_focus:
            empty = not self.query_one(Transcript).exchanges
            self.query_one("#steps" if empty else Transcript).focus()
        else:
            self.query_one(Composer).focus()

    def _next(self) -> None:
        if self._asking is None and self._queued:
            self._asking = self._ask(self._queued.popleft())
        waiting = f", {len(self._queued)} waiting" if self._queued else ""
        self.query_one(StatusLine).mode(f"asking{waiting}" if self._asking else "")

    @work(group="turn", exit_on_error=False)
    async def _ask(self, exchange: Exchange) -> None:
        transcript = self._add(exchange)
        worker = get_current_worker()
        try:
            call = calls.Ask(
                exchange.question,
                self._conversation,
                quote=exchange.quotes,
                model=self._model,
            )
            call = await self._attached(call, exchange)
            async with aclosing(self.core.stream(call)) as steps:
                async for step in steps:
                    if not isinstance(step, calls.Done):
                        exchange.tell(step)  # type: ignore[arg-type]
                        transcript.changed(exchange)
                        await asyncio.sleep(0)  # a key that was pressed goes first
            self.query_one(SourcesPane).show(exchange)
        except CopilotError as error:
            exchange.failed(error.message, error.hint)
        finally:
            if worker.is_cancelled:
                exchange.stopped()
            transcript.changed(exchange)
            self.post_message(self.TurnEnded())

    async def _attached(self, call: calls.Ask, exchange: Exchange) -> calls.Ask:
        """The call with what it is about; a question that can't be asked so comes back."""
        composing = self.query_one(Composing)
        if new := [
            chip.label for chip in exchange.about if chip.kind != "document" and not chip.id
        ]:
            exchange.state = (f"reading {', '.join(new)} …",)
        try:
            return await composing.settled(call, exchange.about)
        except CopilotError:
            composing.give_back(exchange.question)
            raise

    def _add(self, *exchanges: Exchange) -> Transcript:
        self.query_one(Welcome).display = False
        transcript = self.query_one(Transcript)
        transcript.display = True
        transcript.add(*exchanges)
        return transcript

    # --- what is done with an answer ------------------------------------------------------

    def on_transcript_cited(self, event: Transcript.Cited) -> None:
        event.stop()
        self.query_one(SourcesPane).show(event.exchange, event.number)

    def on_transcript_wished(self, event: Transcript.Wished) -> None:
        event.stop()
        turn = event.exchange
        match event.what:
            case "copy":
                self.app.copy_to_clipboard(as_copied(turn.text, turn.citations))
                self.notify("The answer and its sources are copied.")
            case "open":
                self.query_one(SourcesPane).open()
            case "good" | "bad":
                self._rate(turn, event.what)
            case "comment":
                self._comment(turn)
            case "edit":
                composer = self.query_one(Composer)
                composer.recall(turn.question)
                composer.focus()
            case "again":
                self._queued.append(Exchange(turn.question, about=turn.about))
                self._next()

    def on_transcript_addressed(self, event: Transcript.Addressed) -> None:
        event.stop()
        self.notify(shown_line(event.address), title="An address in the answer", markup=False)

    def on_sources_pane_opened(self, event: SourcesPane.Opened) -> None:
        event.stop()
        command = editor_command(os.environ, event.path, event.locator)
        if not command:
            self.notify("Set EDITOR to open sources where they stand.", title="No editor is named")
            return
        if not Path(event.path.partition("#")[0]).exists():
            self.notify(
                "Sync the index: copilot index sync.",
                title=f"{shown_line(event.path)} isn't there any more",
                severity="warning",
            )
            return
        with self.app.suspend():
            code = run_editor(command)
        if code != 0:
            self.notify(f"It ended with {code}.", title=f"{command[0]} failed", severity="warning")

    @work(group="rating", exit_on_error=False)
    async def _rate(
        self, turn: Exchange, rating: str, comment: str = "", correction: str = ""
    ) -> None:
        if not turn.run_id:
            self.notify("It can be rated with `copilot feedback`.", title="Its run isn't known")
            return
        try:
            await self.core.call(calls.Rate(turn.run_id, rating, comment, correction), calls.Done)
        except CopilotError as error:
            self.failed(error)
            return
        turn.rating = rating
        self.query_one(Transcript).changed(turn)

    @work(group="comment", exclusive=True, exit_on_error=False)
    async def _comment(self, turn: Exchange) -> None:
        opinion = await self.app.push_screen_wait(CommentScreen())
        if opinion is not None:
            self._rate(turn, opinion.rating, opinion.comment, opinion.correction)

    # --- conversations --------------------------------------------------------------------

    def action_model(self, name: str) -> None:
        """Answer by this chat model from now on; by the configured one without a name."""
        self._model = name
        who = f"{shown_line(name)} answers" if name else "The configured model answers"
        self.notify(f"{who} from now on.", markup=False)

    def action_quote(self) -> None:
        """Quote the next answer, without a model."""
        self._quotes_next = True
        self.notify("The next answer is quoted, without a model.")

    def action_copy(self) -> None:
        """Copy the chosen answer, or the last one, with its sources."""
        transcript = self.query_one(Transcript)
        turn = transcript.chosen or next(reversed(transcript.exchanges), None)
        if turn is None:
            self.notify("Ask something first.", title="There is no answer to copy")
            return
        self.app.copy_to_clipboard(as_copied(turn.text, turn.citations))
        self.notify("The answer and its sources are copied.")

    @work(group="sessions", exit_on_error=False)
    async def action_export(self) -> None:
        """Write this conversation to a file."""
        try:
            wanted = calls.LoadSession(self._conversation, limit=1)
            told = await self.core.call(wanted, calls.Loaded)
        except CopilotError as error:
            self.failed(error)
            return
        await export(self, self.core, told.session)

    def action_attach(self, path: str) -> None:
        """Ask about a file."""
        self.query_one(Composing).attach(path)

    def action_history(self) -> None:
        """Search the earlier questions of all conversations."""
        self.query_one(Composing).action_past()

    def action_new(self) -> None:
        """Begin a new conversation."""
        self._leave(_new_name())

    @work(group="sessions", exclusive=True, exit_on_error=False)
    async def action_sessions(self) -> None:
        """Choose a conversation to go on with."""
        asked = SessionsScreen(self.core, self.now(), self._conversation)
        name = await self.app.push_screen_wait(asked)
        if name:
            self._leave(name)
            self._load(name)
        elif name is not None:
            self.action_new()

    def visit(self, what: str) -> None:
        self._leave(what)
        self._load(what)

    def _leave(self, name: str) -> None:
        if self._asking is not None:
            self._queued.clear()
            self._asking.cancel()
        self._conversation = name
        self.query_one(Composing).begin(name)
        self.query_one(Transcript).empty()
        self._greet()
        self.query_one(SourcesPane).show(None)
        self.query_one(Composer).focus()

    @work(group="sessions", exit_on_error=False)
    async def _load(self, name: str) -> None:
        self.query_one(Composing).begin(name, resumed=True)
        try:
            told = await self.core.call(calls.LoadSession(name), calls.Loaded)
        except CopilotError as error:
            self.failed(error)
            return
        self._add(*(Exchange.of_earlier(one.question, one.answer) for one in told.said))

    def action_sources(self) -> None:
        """Show the sources, or hide them."""
        self.query_one("#chat").toggle_class("toggled")


def _new_name() -> str:
    return datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
