"""Whatever people, rules, crashes and a failing sink do: no write undecided, and none twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from copilot.actions.handover import Handover
from copilot.actions.identity import digest_of
from copilot.actions.sending import TO_SEND
from copilot.config.records import ActionSettings
from copilot.errors import (
    CopilotError,
    SinkRequestError,
    SinkUnavailableError,
)
from copilot.proposals import Decision, Proposal, ProposalState, Receipt, SinkWrite
from copilot.testing.memory_sink import MemorySink
from tests.handed import ALLOW, ASK, DENY, TWO, Asked, World, decided
from tests.proposed import record, source, stated

PEOPLE = ("ada", "grace", "mallory")
TITLES = ("export fails", "login page is blank", "printer on fire")
STEPS = ("proposed", "decided", "noted sending", "looked up", "written", "told", "noted sent")
TROUBLES = ("busy", "refuses", "answers nothing")
FATES = st.sampled_from(["", "", "", *STEPS, *TROUBLES])
ANSWERS = ("yes", "yes", "no", "edit", "forge", "later")
WORDS = {"allow": ALLOW, "ask": ASK, "two": TWO, "deny": DENY}


UNSENT = (*TO_SEND, ProposalState.DEAD)


class KilledError(BaseException):
    """The process is gone: nothing catches it."""


class WatchedSink(MemorySink):
    """Tells of each write before it is done; a creation that is sent twice makes two entries."""

    def __init__(self, watch: Callable[[SinkWrite], None]) -> None:
        super().__init__()
        self._watch = watch

    def write(self, write: SinkWrite) -> Receipt:
        self._watch(write)
        known = [held for held in self.held.values() if held.key == write.key]
        for held in known:
            held.key = ""
        try:
            return super().write(write)
        finally:
            for held in known:
                held.key = write.key


class NothingUnapproved(RuleBasedStateMachine):
    """A model of its own: who said yes to exactly what, and which rules hold."""

    def __init__(self) -> None:
        super().__init__()
        self.word = "ask"
        self.die_at = ""
        self.agreed: dict[str, set[str]] = defaultdict(set)  # digest: who said yes to it
        self.unapproved: list[str] = []
        self.world = World(
            sink=WatchedSink(self._watch), settings=ActionSettings(attempts=3), step=self._step
        )

    def _step(self, done: str) -> None:
        if done == self.die_at:
            self.die_at = ""
            raise KilledError

    def _watch(self, write: SinkWrite) -> None:
        standing = self.world.outbox.get(write.key)
        proposal = standing.proposal
        if proposal.write != write:
            self.unapproved.append(f"{write} isn't what stands in the outbox")
        suspicious = proposal.taint.injection or proposal.taint.edited
        needed = {"allow": 1 if suspicious else 0, "ask": 1, "two": 2, "deny": 99}[self.word]
        if len(self.agreed[digest_of(proposal)]) < needed:
            self.unapproved.append(f"{self.word}: {write}")

    def _do(
        self, work: Callable[[Handover], Coroutine[Any, Any, object]], person: str, fate: str
    ) -> None:
        """As this person; ``fate`` is the step to die after, or what the sink does."""
        self.die_at = fate if fate in STEPS else ""
        self._fails_next(fate)
        try:
            asyncio.run(work(self.world.of(person)))
        except (KilledError, CopilotError):
            pass
        finally:
            self.die_at = ""

    def _yes(self, person: str) -> Callable[[Proposal], Decision]:
        def say(proposal: Proposal) -> Decision:
            self.agreed[digest_of(proposal)].add(person)
            return decided(proposal, person)

        return say

    def _forged(self, proposal: Proposal) -> Decision:
        """A yes of the rules' that no rule has said, to something else."""
        other = decided(replace(proposal, sink="other"), "mallory")
        return replace(other, by="policy", rule="all")

    def _edit(self, person: str) -> Callable[[Proposal], Proposal]:
        def edit(proposal: Proposal) -> Proposal:
            changed = {**proposal.record, "severity": "low"}
            evil = replace(proposal.write, operation="delete", external_id="M-1")
            return replace(proposal, record=changed, write=evil, principal=person)

        return edit

    @rule(word=st.sampled_from(sorted(WORDS)))
    def change_the_rules(self, word: str) -> None:
        self.word = word
        self.world.rules = WORDS[word]

    def _fails_next(self, trouble: str) -> None:
        match trouble:
            case "busy":
                self.world.memory.fail_next(SinkUnavailableError("busy", retry_after=3600))
            case "refuses":
                self.world.memory.fail_next(SinkRequestError("refused"))
            case "answers nothing":
                self.world.memory.lose_next_answer()

    @rule(
        title=st.sampled_from(TITLES),
        person=st.sampled_from(PEOPLE),
        suspicious=st.booleans(),
        answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
        fate=FATES,
    )
    def hand_over(
        self,
        title: str,
        person: str,
        suspicious: bool,
        answers: list[str],
        fate: str,
    ) -> None:
        makers: dict[str, Callable[[Proposal], Decision | Proposal | None]] = {
            "yes": self._yes(person),
            "no": lambda proposal: decided(proposal, person, verdict="rejected"),
            "edit": self._edit(person),
            "forge": self._forged,
            "later": lambda proposal: None,
        }
        text = f"{title}. critical"
        fields = {"title": stated(text, title), "severity": stated(text, "critical")}
        given = ("gives orders",) if suspicious else ()
        one = record(text, fields=fields, suspicions=given)
        asked = Asked([makers[answer] for answer in answers], principal=person)

        def work(handover: Handover) -> Coroutine[Any, Any, object]:
            return handover.hand_over([one], source(text), "memory", approver=asked)

        self._do(work, person, fate)

    def _in(self, *states: ProposalState) -> list[str]:
        found = self.world.outbox.content(states).standings
        return [one.proposal.id for one in found]

    @precondition(lambda self: self._in())
    @rule(data=st.data(), person=st.sampled_from(PEOPLE), fate=FATES)
    def approve(self, data: st.DataObject, person: str, fate: str) -> None:
        found = data.draw(st.sampled_from(self._in(ProposalState.WAITING) or self._in()))
        self.agreed[digest_of(self.world.outbox.get(found).proposal)].add(person)
        self._do(lambda h: h.approve(found), person, fate)

    @precondition(lambda self: self._in())
    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def reject(self, data: st.DataObject, person: str) -> None:
        found = data.draw(st.sampled_from(self._in()))
        self._do(lambda h: h.reject(found), person, "")

    @precondition(lambda self: self._in())
    @rule(
        data=st.data(),
        person=st.sampled_from(PEOPLE),
        word=st.sampled_from(["2", "3"]),
        yes=st.booleans(),
        fate=FATES,
    )
    def again(self, data: st.DataObject, person: str, word: str, yes: bool, fate: str) -> None:
        found = data.draw(st.sampled_from(self._in()))
        asked = Asked([self._yes(person)] if yes else [], principal=person)
        self._do(lambda h: h.again(found, word, approver=asked), person, fate)

    @precondition(lambda self: self._in(*UNSENT))
    @rule(data=st.data(), hours=st.integers(0, 2), fate=FATES)
    def retry(self, data: st.DataObject, hours: int, fate: str) -> None:
        self.world.clock.at += timedelta(hours=hours)
        found = data.draw(st.sampled_from(self._in(*UNSENT)))
        self._do(lambda h: h.retry(found), "ada", fate)

    @precondition(lambda self: self._in(ProposalState.SENT))
    @rule(data=st.data(), fate=FATES)
    def undo(self, data: st.DataObject, fate: str) -> None:
        found = data.draw(st.sampled_from(self._in(ProposalState.SENT)))
        self._do(lambda h: h.undo(found), "ada", fate)

    @invariant()
    def nothing_was_written_without_a_decision(self) -> None:
        assert self.unapproved == []

    @invariant()
    def nothing_was_made_twice(self) -> None:
        held = self.world.memory.held.values()
        keys = Counter([one.key for one in held] + [k for one in held for _, k, _ in one.comments])
        assert all(count == 1 for count in keys.values())

    @invariant()
    def what_is_called_sent_is_there(self) -> None:
        sent = self.world.outbox.content([ProposalState.SENT]).standings
        keys = {one.key for one in self.world.memory.held.values()}
        made = [one.proposal for one in sent if one.proposal.write.operation == "create"]
        assert all(one.id in keys for one in made)


TestNothingUnapproved = NothingUnapproved.TestCase
TestNothingUnapproved.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_a_proposals_digest_covers_every_value_and_its_proof() -> None:
    world = World(ASK)
    one = record()
    [standing] = asyncio.run(world.of().hand_over([one], source(), "memory"))
    proposal = standing.proposal
    bare = {name: replace(field, evidence=None) for name, field in proposal.fields.items()}
    changed = [
        replace(proposal, sink="other"),
        replace(proposal, target="elsewhere"),
        replace(proposal, fields=bare),
        replace(proposal, undoes="x"),
        *(
            replace(proposal, write=replace(proposal.write, **{name: value}))
            for name, value in (
                ("operation", "delete"),
                ("kind", "x"),
                ("values", {}),
                ("key", "k"),
                ("external_id", "M-2"),
            )
        ),
    ]
    digests = {digest_of(one) for one in (proposal, *changed)}
    assert len(digests) == len(changed) + 1
    assert hashlib.sha256().digest_size * 2 == len(digest_of(proposal))
