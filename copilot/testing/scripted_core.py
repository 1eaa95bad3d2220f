"""A core without a process, for tests of front ends: its turns are scripted.

Invariant: passes the contract suite of the real one, apart from knowing any documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from copilot import calls
from copilot.calls import Call, Reply, composing
from copilot.errors import CopilotError, InternalError, NotFoundError
from copilot.events import Event, RunFinished
from copilot.messages import Turn
from copilot.testing.run_events import quoted_run

R = TypeVar("R", bound=Reply)
Step = Event | CopilotError | asyncio.Event
Scripted = Reply | CopilotError | Sequence[Step | Reply]


class ScriptedCore:
    """Each turn tells the next of ``turns``: events, an error that is raised, or an
    ``asyncio.Event`` that is waited for. Without a script it is a short quoted run.

    ``replies`` says what other calls are told, by their type: a reply, an error, events and a
    reply, or what makes one of these of the call.
    ``heard``: the calls, in order; ``left``: those that were closed before their end.
    """

    def __init__(
        self,
        *turns: Sequence[Step],
        sessions: Mapping[str, Sequence[Turn]] | None = None,
        stands: calls.Stands | CopilotError | None = None,
        replies: Mapping[type[Call], Scripted | Callable[[Any], Scripted]] | None = None,
    ) -> None:
        self._replies = dict(replies or {})
        self._turns = list(turns)
        self._stands = stands or calls.Stands(
            model="", principal="ana", spent_usd=0.0, synced_at=""
        )
        self.sessions = {name: [*told] for name, told in (sessions or {}).items()}
        self.heard: list[Call] = []
        self.left: list[Call] = []
        self.started = self.stopped = False

    async def start(self) -> None:
        self.started = True

    async def stop(self) -> None:
        self.stopped = True

    async def call(self, call: Call, reply: type[R]) -> R:
        async with aclosing(self.stream(call)) as steps:
            async for step in steps:
                if isinstance(step, reply):
                    return step
        raise InternalError(f"the core gave no {reply.__name__} for {type(call).__name__}")

    async def stream(self, call: Call) -> AsyncGenerator[Event | Reply]:
        self.heard.append(call)
        over = False
        try:
            if type(call) in self._replies:
                async for step in self._scripted(call):
                    over = type(step).__name__ in calls.REPLIES
                    yield step
                over = True
                return
            match call:
                case calls.Ask():
                    async for event in self._turn(call):
                        yield event
                    reply: Reply = calls.Done()
                case calls.Standing():
                    if isinstance(self._stands, CopilotError):
                        raise self._stands
                    reply = self._stands
                case calls.Rate():
                    reply = calls.Done()
                case calls.ListSessions(start, limit):
                    listed = [self._session(name) for name in self._names()]
                    reply = calls.Sessions(tuple(listed[start : start + limit]), len(listed))
                case calls.LoadSession():
                    reply = self._loaded(call)
                case calls.RecallAnswers():
                    reply = calls.AnswersRecalled(())
                case composing.ListAttached():
                    reply = composing.AttachedThere(())
                case _:
                    raise InternalError(f"{type(call).__name__} is not in the script")
            over = True
            yield reply
        except CopilotError:
            over = True
            raise
        finally:
            if not over:
                self.left.append(call)

    async def _scripted(self, call: Call) -> AsyncGenerator[Event | Reply]:
        told = self._replies[type(call)]
        made = told(call) if callable(told) else told
        for step in made if isinstance(made, Sequence) else [made]:
            if isinstance(step, CopilotError):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
                continue
            yield step

    async def _turn(self, call: calls.Ask) -> AsyncGenerator[Event]:
        number = sum(isinstance(one, calls.Ask) for one in self.heard)
        scripted = self._turns.pop(0) if self._turns else None
        steps = quoted_run(f"run-{number}", question=call.text) if scripted is None else scripted
        for step in steps:
            if isinstance(step, CopilotError):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
                continue
            if isinstance(step, RunFinished) and step.answer is not None:
                told = self.sessions.setdefault(call.conversation, [])
                told += [Turn("user", call.text), Turn("assistant", step.answer.text)]
            yield step

    def _names(self) -> list[str]:
        return [name for name in reversed(self.sessions) if self.sessions[name]]

    def _session(self, name: str) -> calls.Session:
        minute = [*self.sessions].index(name) % 60
        at = f"2026-11-22T10:{minute:02}:00+00:00"
        return calls.Session(name, self.sessions[name][0].text, at)

    def _loaded(self, call: calls.LoadSession) -> calls.Loaded:
        told = self.sessions.get(call.name)
        if not told:
            raise NotFoundError(f"there is no conversation {call.name!r}")
        pairs = zip(told[::2], told[1::2], strict=False)
        said = tuple(calls.Said(asked.text, answered.text) for asked, answered in pairs)
        shown = said[call.start : call.start + call.limit]
        return calls.Loaded(self._session(call.name), shown, len(said))
