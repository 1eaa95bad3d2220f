"""A turn of a conversation that goes on: what was said before, the turn, what is kept of it.

Invariant: the turn is recorded, and kept in its conversation, before its ``RunFinished`` is
handed on; an answer that can't be kept is still an answer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from copilot.answering.remembering import Memory, going_on
from copilot.answering.trying import Trials, ask_trying
from copilot.answering.turn import AskParts, Question
from copilot.errors import CopilotError
from copilot.events import Event, RunFinished, Warned
from copilot.ledger.recording import record
from copilot.messages import SearchFilter, Turn
from copilot.ports import RunWriter
from copilot.talks import ConversationStore, KeptTurns


@dataclass(frozen=True, slots=True)
class Conversing:
    """What a conversation's turns need. ``writer`` gives each run a writer of its own.

    ``trials``: the experiments that they take part in, if they may.
    """

    parts: AskParts
    conversations: ConversationStore
    writer: Callable[[], RunWriter]
    principal: str
    trials: Trials | None = None

    async def ask(
        self, text: str, *, conversation: str, where: SearchFilter, instead_of: str = ""
    ) -> AsyncGenerator[Event]:
        """The events of one turn that goes on with the conversation of this name.

        ``instead_of``: the run whose question is asked anew; what came after it stays kept, and
        isn't gone on with. Raises what ``answering.turn.ask`` raises, and UsageError for a name
        that can't be one.
        """
        told = going_on(self.conversations.kept(conversation), instead_of=instead_of)
        memory = Memory(conversation, told, self.conversations)
        question = Question(
            text=text,
            conversation=conversation,
            history=memory.turns,
            where=where,
            fresh=bool(instead_of),
            memory=memory,
        )
        # Closed here and now when its reader goes: what the model is doing then is recorded too.
        turn = ask_trying(question, self.parts, self.trials)
        async with aclosing(record(turn, self.writer())) as events:
            async for event in events:
                if isinstance(event, RunFinished):
                    warning = self._keep(conversation, text, event, instead_of)
                    if warning is not None:
                        yield warning
                yield event

    def _keep(
        self, conversation: str, text: str, finished: RunFinished, instead_of: str
    ) -> Warned | None:
        if finished.answer is None or not finished.answer.text:
            return None
        turns = [Turn("user", text.strip()), Turn("assistant", finished.answer.text)]
        try:
            self.conversations.append(
                conversation,
                turns,
                by=self.principal,
                run_id=finished.run_id,
                instead_of=instead_of,
            )
        except CopilotError as error:
            return Warned(f"the conversation could not be kept: {error.message}", error.hint)
        return None


def gone_on_with(kept: Sequence[KeptTurns], *, instead_of: str = "") -> tuple[Turn, ...]:
    """What was said before, oldest first: without what was asked anew and what came after that."""
    told = going_on(kept, instead_of=instead_of)
    return tuple(turn for one in told for turn in one.turns)
