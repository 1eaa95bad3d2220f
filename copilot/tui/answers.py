"""What is done with an answer: looked into, opened, rated, copied, asked again.

Invariant: nothing is asked or sent unless the person says so; what was recorded stays recorded.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from copilot import calls
from copilot.errors import CopilotError
from copilot.tui.area import Area
from copilot.tui.commenting import CommentScreen
from copilot.tui.copying import as_copied
from copilot.tui.exchange import Exchange
from copilot.tui.models import QUOTING, ModelScreen
from copilot.tui.opening import edit, editor_command
from copilot.tui.sources import SourcesPane
from copilot.tui.transcript import Transcript
from copilot.tui.viewer import ViewerScreen
from copilot.tui.wording import shown_line

_RECALLED_AT_ONCE = 25


class Answers(Area):
    """An area with a transcript, and its sources beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "why", "Why this answer", id="chat.why"),
        Binding("ctrl+t", "sources", "Sources", id="chat.sources"),
    ]

    def ask_again(self, exchange: Exchange) -> None:
        """Ask this one next."""
        raise NotImplementedError

    def edit_again(self, turn: Exchange) -> None:
        """Let its question be changed and asked in its place."""
        raise NotImplementedError

    def action_stop(self) -> None:
        """Stop the answer that is on its way."""
        raise NotImplementedError

    # --- by key, by click -----------------------------------------------------------------

    def on_transcript_cited(self, event: Transcript.Cited) -> None:
        event.stop()
        pane = self.query_one(SourcesPane)
        if event.number or pane.turn is not event.exchange:  # else what is chosen of it stays
            pane.show(event.exchange, event.number)
        if event.number and not pane.display:
            self.action_sources()

    def on_transcript_wished(self, event: Transcript.Wished) -> None:
        event.stop()
        turn = event.exchange
        match event.what:
            case "copy":
                self.copy(turn)
            case "open" | "view":
                self.action_source(event.what)
            case "good" | "bad":
                self._rate(turn, event.what)
            case "comment":
                self._comment(turn)
            case "edit":
                self.edit_again(turn)
            case "again":
                self.ask_again(_anew(turn))
            case "model":
                self._ask_another(turn)
            case "why":
                self._look_into(turn)
            case "stop":
                self.action_stop()

    def on_transcript_addressed(self, event: Transcript.Addressed) -> None:
        event.stop()
        self.notify(shown_line(event.address), title="An address in the answer", markup=False)

    def action_why(self) -> None:
        """Show what was said of each sentence, or hide it."""
        turn = self.query_one(Transcript).chosen
        if turn is not None:
            self._look_into(turn)

    def action_sources(self) -> None:
        """Show the sources, or hide them; where there is room for one, in the answers' place."""
        self.query_one("#chat").toggle_class("toggled")
        if self.shows_sources_alone:
            self.query_one("#cited").focus()
        elif self.has_class("-narrow"):
            self.query_one(Transcript).focus()

    @property
    def shows_sources_alone(self) -> bool:
        """Whether they stand in the place of the answers."""
        return self.has_class("-narrow") and self.query_one("#chat").has_class("toggled")

    def action_source(self, what: str) -> None:
        """Open the chosen source in its file, or ``view`` it here."""
        self.query_one(SourcesPane).open(here=what == "view")

    def copy(self, turn: Exchange) -> None:
        """Copy an answer with its sources; what hasn't any leaves the clipboard as it is."""
        if not turn.text:
            why = "It has none." if turn.ended else "It is on its way."
            self.notify(why, title="There is no answer to copy")
            return
        self.app.copy_to_clipboard(as_copied(turn.text, turn.citations))
        self.notify("The answer and its sources are copied.")

    def _look_into(self, turn: Exchange) -> None:
        turn.open = not turn.open
        self.query_one(Transcript).changed(turn)

    @work(group="model", exclusive=True, exit_on_error=False)
    async def _ask_another(self, turn: Exchange) -> None:
        try:
            told = await self.core.call(calls.Standing(), calls.Stands)
        except CopilotError as error:
            self.failed(error)
            return
        name = await self.app.push_screen_wait(ModelScreen([turn.model, told.model, *told.models]))
        if name is not None:
            again = _anew(turn)
            again.quotes = name == QUOTING
            again.model = "" if again.quotes else name
            self.ask_again(again)

    # --- what is thought of it ------------------------------------------------------------

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

    # --- where it comes from --------------------------------------------------------------

    def on_sources_pane_opened(self, event: SourcesPane.Opened) -> None:
        event.stop()
        place = event.place
        command = editor_command(os.environ, place.path, place.locator)
        if event.here or not command:
            self.app.push_screen(ViewerScreen(self.core, place))
        elif not Path(place.path.partition("#")[0]).exists():
            self.notify(
                "Sync the index: copilot index sync.",
                title=f"{shown_line(place.path)} isn't there any more",
                severity="warning",
                markup=False,
            )
        else:
            edit(self.app, command, otherwise="v reads the source here.")

    @work(group="passages", exclusive=True, exit_on_error=False)
    async def on_sources_pane_wanted(self, event: SourcesPane.Wanted) -> None:
        event.stop()
        turn = event.turn
        try:
            told = await self.core.call(calls.ReadPassages(turn.wanted), calls.PassagesRead)
        except CopilotError:
            return  # the quotes are there; passages are more, and the index may be gone
        turn.seen.update((passage.id, passage) for passage in told.found)
        self.query_one(SourcesPane).learned(turn)

    @work(group="recall", exclusive=True, exit_on_error=False)
    async def recall(self, turns: list[Exchange]) -> None:
        """Ask what the ledger knows of earlier answers, the latest first."""
        waiting = [turn for turn in reversed(turns) if turn.run_id and turn.answer is None]
        while waiting:
            batch, waiting = waiting[:_RECALLED_AT_ONCE], waiting[_RECALLED_AT_ONCE:]
            wanted = calls.RecallAnswers(tuple(turn.run_id for turn in batch))
            try:
                told = await self.core.call(wanted, calls.AnswersRecalled)
            except CopilotError as error:
                self.failed(error)  # the texts are there
                return
            known = {one.run_id: one for one in told.found}
            for turn in batch:
                if turn.run_id in known:
                    turn.recalled(known[turn.run_id])
            transcript = self.query_one(Transcript)
            transcript.changed(*batch)
            if transcript.chosen in batch and transcript.chosen is not None:
                self.query_one(SourcesPane).show(transcript.chosen)


def _anew(turn: Exchange) -> Exchange:
    """The same question, in the place of the one that was asked."""
    return Exchange(
        turn.question,
        about=turn.about,
        model=turn.model,
        quotes=turn.quotes,
        instead_of=turn.run_id,
    )
