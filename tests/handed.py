"""A handover over doubles, for tests of what is proposed, decided and sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from copilot.actions.handover import Handover
from copilot.actions.identity import digest_of
from copilot.actions.policy import Policy
from copilot.actions.policy_file import read
from copilot.config.records import ActionSettings
from copilot.errors import ConfigError, StorageError
from copilot.events import Event, RunStopped
from copilot.handoff import Outbox, Sink
from copilot.messages import Principal
from copilot.proposals import Decision, Proposal
from copilot.records import Record
from copilot.testing.memory_audit import MemoryAuditTrail
from copilot.testing.memory_outbox import MemoryOutbox
from copilot.testing.memory_sink import MemorySink
from tests.proposed import NOW

ALLOW = '[[rule]]\nname = "all"\ndecision = "allow"\n'
ASK = ALLOW.replace("allow", "ask")
TWO = ALLOW.replace("allow", "two_persons")
DENY = ALLOW.replace("allow", "deny")


@dataclass
class TickingClock:
    """Goes forward by a millisecond at each look, and by what is slept."""

    at: datetime = NOW

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def monotonic(self) -> float:
        return (self.now() - NOW).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class KeptRecords:
    """A writer that keeps what it is given; ``full``: that takes nothing any more."""

    kept: list[tuple[str, Record]] = field(default_factory=list)
    full: bool = False

    def append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        if self.full:
            raise StorageError("the ledger's disk is full")
        self.kept.append((run_id, event))  # type: ignore[arg-type]

    def close(self) -> None:
        return

    def of(self, kind: type) -> list[Record]:
        return [one for _, one in self.kept if isinstance(one, kind)]


@dataclass
class Asked:
    """An approver with its answers ready; what it was asked is in ``seen``."""

    answers: list[str | Callable[[Proposal], Decision | Proposal | None]]
    principal: str = "ada"
    seen: list[tuple[Proposal, str]] = field(default_factory=list)

    async def decide(self, proposal: Proposal, *, rule: str) -> Decision | Proposal | None:
        self.seen.append((proposal, rule))
        answer = self.answers.pop(0) if self.answers else "later"
        if callable(answer):
            return answer(proposal)
        match answer:
            case "yes":
                return decided(proposal, self.principal)
            case "no":
                return decided(proposal, self.principal, verdict="rejected")
            case _:
                return None


def decided(proposal: Proposal, principal: str = "ada", *, verdict: str = "approved") -> Decision:
    return Decision(
        verdict="rejected" if verdict == "rejected" else "approved",
        by="person",
        principal=principal,
        at=NOW,
        digest=digest_of(proposal),
        reason="said so",
    )


@dataclass
class World:
    """Everything around a handover."""

    rules: str = ASK
    settings: ActionSettings = field(default_factory=ActionSettings)
    outbox: Outbox = field(default_factory=MemoryOutbox)
    sink: Sink = field(default_factory=MemorySink)
    audit: MemoryAuditTrail = field(default_factory=MemoryAuditTrail)
    ledger: KeptRecords = field(default_factory=KeptRecords)
    clock: TickingClock = field(default_factory=TickingClock)
    warnings: list[str] = field(default_factory=list)
    step: Callable[[str], None] = lambda done: None

    @property
    def memory(self) -> MemorySink:
        assert isinstance(self.sink, MemorySink)
        return self.sink

    def of(self, principal: str = "ada", *groups: str) -> Handover:
        """As this person works with it."""
        return Handover(
            outbox=self.outbox,
            sink_for=self.sink_for,
            policy=self.policy,
            settings=self.settings,
            principal=Principal(principal, groups),
            audit=self.audit,
            writer=self.ledger,
            clock=self.clock,
            warn=self.warnings.append,
            sleep=self.clock.sleep,
            step=self.step,
        )

    def sink_for(self, name: str) -> Sink:
        if name != self.sink.name:
            raise ConfigError(f"There is no sink {name}.")
        return self.sink

    def policy(self) -> Policy:
        found, flaws = read(self.rules, place="policy.toml")
        assert not flaws
        return found

    def audited(self) -> list[str]:
        return [entry.action for entry in self.audit.entries]
