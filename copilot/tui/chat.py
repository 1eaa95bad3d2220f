"""The chat: questions and answers, the sources beside them, the composer below.

Invariant: one turn runs at a time, the next ones wait in order; a turn that is stopped closes
its call in the core.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from inspect import isawaitable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.worker import Worker, get_current_worker

from copilot import calls
from copilot.errors import CopilotError
from copilot.tui.answers import Answers
from copilot.tui.area import Visit
from copilot.tui.asking import asked
from copilot.tui.composer import Composer
from copilot.tui.composing.board import Composing
from copilot.tui.core import Core
from copilot.tui.exchange import Exchange
from copilot.tui.exporting import export
from copilot.tui.sessions import SessionsScreen
from copilot.tui.sources import SourcesPane
from copilot.tui.status_line import StatusLine
from copilot.tui.transcript import Transcript
from copilot.tui.waiting import Waiting
from copilot.tui.welcome.welcome import Welcome
from copilot.tui.wording import shown_line


class ChatArea(Answers):
    """A conversation; visited for another one by its name."""

    AREA: ClassVar[str] = "chat"
    CSS_PATH = ["composing/composing.tcss", "welcome/welcome.tcss"]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="chat.stop"),
        Binding("alt+up", "take_back", "Take back what waits", id="chat.take_back"),
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
        self._edits: Exchange | None = None
        self._loading: Worker[None] | None = None  # of earlier turns: what is asked comes after

    def body(self) -> ComposeResult:
        with Horizontal(id="chat"):
            with Vertical(id="talk"):
                yield Welcome(self.core, self.failed)
                yield Transcript()
                yield Waiting()
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
        if self._edits is not None:
            exchange.instead_of, self._edits = self._edits.run_id, None
        self._queued.append(exchange)
        self._next()

    def on_welcome_chosen(self, event: Welcome.Chosen) -> None:
        event.stop()
        self.query_one(Composer).focus()
        self._queued.append(Exchange(event.question))
        self._next()

    def on_welcome_looked(self, event: Welcome.Looked) -> None:
        event.stop()
        self.query_one(SourcesPane).stands(event.documents)

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
        if self.shows_sources_alone:
            self.action_sources()
        elif self._asking is not None:
            composer = self.query_one(Composer)
            if self._queued and not composer.text:
                composer.recall("\n\n".join(one.question for one in self._queued))
            self._queued.clear()
            self._hang_up(self._asking)
        elif self._edits is not None:
            self.action_as_new()
        elif self.query_one(Composer).has_focus:
            empty = not self.query_one(Transcript).exchanges
            self.query_one("#steps" if empty else Transcript).focus()
        else:
            self.query_one(Composer).focus()

    def _next(self) -> None:
        if self._asking is None and self._loading is None and self._queued:
            exchange = self._queued.popleft()
            self._add(exchange)
            self._asking = self._ask(exchange)
        self._show_waiting()
        waiting = f", {len(self._queued)} waiting" if self._queued else ""
        self.query_one(StatusLine).mode(f"asking{waiting}" if self._asking else "")

    def _hang_up(self, turn: Worker[None]) -> None:
        """Stop it, once it has begun: one that never begins wouldn't tell of its end."""
        asyncio.get_running_loop().call_soon(turn.cancel)

    @work(group="turn", exit_on_error=False)
    async def _ask(self, exchange: Exchange) -> None:
        replaced = self._answered(exchange.instead_of)
        transcript = self.query_one(Transcript)
        worker = get_current_worker()
        try:
            call = calls.Ask(
                exchange.question,
                self._conversation,
                quote=exchange.quotes,
                model=exchange.model or self._model,
                instead_of=exchange.instead_of,
            )
            call = await self._attached(call, exchange)
            async with aclosing(asked(self.core, call)) as steps:
                async for step in steps:
                    if not isinstance(step, calls.Done):
                        exchange.tell(step)  # type: ignore[arg-type]
                        transcript.changed(exchange)
                        await asyncio.sleep(0)  # a key that was pressed goes first
            if replaced is not None:
                replaced.anew = True
                transcript.changed(replaced)
            self.query_one(SourcesPane).show(exchange)
        except CopilotError as error:
            exchange.failed(error.message, error.hint)
        finally:
            if worker.is_cancelled and not exchange.ended:
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

    def _add(self, *exchanges: Exchange) -> None:
        self.query_one(Welcome).display = False
        transcript = self.query_one(Transcript)
        transcript.display = True
        transcript.add(*exchanges)

    # --- what waits -----------------------------------------------------------------------

    def ask_again(self, exchange: Exchange) -> None:
        self._queued.append(exchange)
        self._next()

    def edit_again(self, turn: Exchange) -> None:
        self._edits = turn if turn.run_id else None
        composer = self.query_one(Composer)
        composer.recall(turn.question)
        composer.focus()
        self._show_waiting()

    def action_take_back(self, at: int = -1) -> None:
        """Let a question that waits (the last one, if none is said) be changed first."""
        if self._queued:
            exchange = self._queued[at]
            del self._queued[at]
            self._edits = self._answered(exchange.instead_of)
            self.query_one(Composing).give_back(exchange.question)
            self._next()

    def action_drop(self, at: int) -> None:
        """Don't ask it."""
        if at < len(self._queued):
            del self._queued[at]
            self._next()

    def action_as_new(self) -> None:
        """Ask what is typed as a question of its own."""
        self._edits = None
        self._show_waiting()
        self.query_one(Composer).focus()

    def _answered(self, run_id: str) -> Exchange | None:
        """The exchange that this run answered."""
        shown = self.query_one(Transcript).exchanges
        return next((one for one in shown if run_id and one.run_id == run_id), None)

    def _show_waiting(self) -> None:
        questions = [one.question for one in self._queued]
        edits = self._edits.question if self._edits is not None else ""
        self.query_one(Waiting).show(questions, instead_of=edits)

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
        self.copy(turn)

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
        screen = SessionsScreen(self.core, self.now(), self._conversation)
        name = await self.app.push_screen_wait(screen)
        if name:
            self.visit(name)
        elif name is not None:
            self.action_new()

    def visit(self, what: str) -> None:
        self._leave(what)
        self._loading = self._load(what)

    def _leave(self, name: str) -> None:
        self._queued.clear()
        if self._asking is not None:
            self._hang_up(self._asking)
        self._edits = None
        self._loading = None
        self._show_waiting()
        self._conversation = name
        self.query_one(Composing).begin(name)
        self.query_one(Transcript).empty()
        self._greet()
        self.query_one(SourcesPane).show(None)
        self.query_one(Composer).focus()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def _load(self, name: str) -> None:
        self.query_one(Composing).begin(name, resumed=True)
        turns: list[Exchange] = []
        total = 1
        try:
            while len(turns) < total:
                wanted = calls.LoadSession(name, len(turns))
                told = await self.core.call(wanted, calls.Loaded)
                if not told.said or name != self._conversation:
                    break
                page, total = [Exchange.of_earlier(one) for one in told.said], told.total
                turns += page
                anew = {one.instead_of for one in turns} - {""}
                for one in turns:
                    one.anew = one.run_id in anew
                self._add(*page)
        except CopilotError as error:
            self.failed(error)
            return
        finally:
            if self._loading is get_current_worker():
                self._loading = None
                self._next()
        if name == self._conversation:
            self.recall(turns)


def _new_name() -> str:
    return datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
