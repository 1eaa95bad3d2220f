"""A turn of a conversation that goes on: what was said before, the turn, what is kept of it.

Invariant: the turn is recorded, and kept in its conversation, before its ``RunFinished`` is
handed on; an answer that can't be kept is still an answer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from copilot.answering.turn import AskParts, Question, ask
from copilot.errors import CopilotError
from copilot.events import Event, RunFinished, Warned
from copilot.ledger.recording import record
from copilot.messages import SearchFilter, Turn
from copilot.ports import ConversationStore, RunWriter


@dataclass(frozen=True, slots=True)
class Conversing:
    """What a conversation's turns need. ``writer`` gives each run a writer of its own."""

    parts: AskParts
    conversations: ConversationStore
    writer: Callable[[], RunWriter]
    principal: str

    async def ask(
        self, text: str, *, conversation: str, where: SearchFilter
    ) -> AsyncGenerator[Event]:
        """The events of one turn that goes on with the conversation of this name.

        Raises what ``answering.turn.ask`` raises, and UsageError for a name that can't be one.
        """
        history = tuple(self.conversations.load(conversation))
        question = Question(text=text, conversation=conversation, history=history, where=where)
        # Closed here and now when its reader goes: what the model is doing then is recorded too.
        async with aclosing(record(ask(question, self.parts), self.writer())) as events:
            async for event in events:
                if isinstance(event, RunFinished):
                    warning = self._keep(conversation, text, event)
                    if warning is not None:
                        yield warning
                yield event

    def _keep(self, conversation: str, text: str, finished: RunFinished) -> Warned | None:
        if finished.answer is None or not finished.answer.text:
            return None
        turns = [Turn("user", text.strip()), Turn("assistant", finished.answer.text)]
        try:
            self.conversations.append(conversation, turns, by=self.principal)
        except CopilotError as error:
            return Warned(f"the conversation could not be kept: {error.message}", error.hint)
        return None
