"""Asks a model something small beside the answer: a word, a line, a summary, in little time.

Invariant: it never fails a turn: a model that fails, is late or is over a budget has said nothing,
and why is told; every request that was made is among the events, or, where nobody reads these any
more, told to the meter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.errors import LimitError, ModelError
from copilot.events import Event, ModelAttempt, ModelChosen, PromptRendered
from copilot.gateway import Gateway
from copilot.guard.terminal import clean
from copilot.messages import ModelChunk, ModelRequest, Turn, Usage
from copilot.metering import requested
from copilot.prompting import PromptLibrary

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings

# A line, or a word after a reasoning model's thoughts; more for these jobs.
_TOKENS = 200
_MORE_TOKENS = {"summarise": 400}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What a model ``by`` this name said; ``text`` is empty where nothing was, with its reason."""

    text: str = ""
    by: str = ""
    events: tuple[Event, ...] = ()
    failure: str = ""

    @property
    def word(self) -> str:
        """The first word of it, in small letters."""
        found = _WORD.search(self.text)
        return found[0].casefold() if found else ""


class Aside:
    """One kind of such questions: its models, by ``gateway``, and its ``prompt``."""

    def __init__(
        self, gateway: Gateway, models: ModelSettings, *, prompts: PromptLibrary, prompt: str
    ) -> None:
        self._gateway = gateway
        self._models = models
        self._prompts = prompts
        self._prompt = prompt
        self._tokens = _MORE_TOKENS.get(gateway.route.job, _TOKENS)
        prompts.get(prompt)  # a flaw is told before anything is spent

    async def ask(self, **values: str) -> Said:
        """Put the values into the prompt, and ask. Cancelled, it tells the meter what it cost."""
        prompt = self._prompts.get(self._prompt).render(values)
        request = ModelRequest(
            model="",
            system=prompt.system,
            turns=(Turn("user", prompt.user),),
            max_output_tokens=min(self._tokens, self._models.max_output_tokens),
            temperature=0.0,
            prompt=prompt.version,
        )
        events: list[Event] = [PromptRendered(prompt.version, 0, prompt.template)]
        try:
            await self._gateway.route.warmed()
            return await self._said(request, events)
        except (ModelError, LimitError) as error:
            return Said(events=tuple(events), by=_by(events), failure=error.message)
        except asyncio.CancelledError:
            for event in events:
                if isinstance(event, ModelAttempt):
                    requested(event)
            raise

    async def _said(self, request: ModelRequest, events: list[Event]) -> Said:
        text = ""
        async with aclosing(self._gateway.stream(request)) as steps:
            async for step in steps:
                if isinstance(step, ModelChunk):
                    text += step.text
                else:
                    events.append(step)
        return Said(clean(text).strip(), _by(events), tuple(events))


def told(events: Sequence[Event]) -> Generator[Event]:
    """One after the other; of requests that nobody reads of any more the meter is told."""
    untold = list(events)
    try:
        while untold:
            yield untold.pop(0)
    finally:
        for event in untold:
            if isinstance(event, ModelAttempt):
                requested(event)


def spent(events: Sequence[Event]) -> list[Usage]:
    """What the requests among these cost."""
    attempts = (one for one in events if isinstance(one, ModelAttempt))
    return [one.usage for one in attempts if one.usage is not None]


def _by(events: list[Event]) -> str:
    chosen = [one.model for one in events if isinstance(one, ModelChosen)]
    return chosen[-1] if chosen else ""


@dataclass(frozen=True, slots=True)
class Asides:
    """What models are asked beside an answer; None where that is left to rules."""

    router: Aside | None = None
    rewrite: Aside | None = None
    judge: Aside | None = None
    summarise: Aside | None = None


# Each one's job, and its prompt.
ASIDES: Mapping[str, str] = {
    "router": "answering/route",
    "rewrite": "answering/rewrite",
    "judge": "answering/judge",
    "summarise": "answering/summarise",
}
