"""Checks of what brings records to sinks: the policy, what waits, what failed for good.

Invariant: nothing here keeps a question from being answered, so the worst is a warning; no sink is
called: `copilot sinks test NAME` does that.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.doctor.findings import Finding, Probes, ok, warning
from copilot.errors import CopilotError
from copilot.proposals import ProposalState

_CHECK = "proposals"
_LIST = "copilot actions list"


def proposals(probes: Probes) -> Iterator[Finding]:
    """Whether the policy can be read, and whether somebody's turn has come."""
    try:
        facts = probes.proposals()
    except CopilotError as error:
        yield warning(_CHECK, error.message, error.hint or "copilot policy check")
        return
    for sink in facts.keyless:
        detail = f"the sink {sink.name} needs a key, and there is none called {sink.key}"
        yield warning(_CHECK, detail, f"copilot keys set {sink.key}")
    dead = facts.states.get(ProposalState.DEAD, 0)
    if dead:
        yield warning(_CHECK, f"{_count(dead)} failed for good", f"{_LIST} --state dead")
    if facts.damaged:
        yield warning(_CHECK, f"{_count(facts.damaged)} can't be read", _LIST)
    unsure = facts.states.get(ProposalState.SENDING, 0)
    if unsure:
        detail = f"of {_count(unsure)} nobody knows whether the sink took it"
        yield warning(_CHECK, detail, f"{_LIST} --state sending, then `copilot actions retry ID`")
    waiting = facts.states.get(ProposalState.WAITING, 0)
    told = f"{_count(waiting)} wait{'s' if waiting == 1 else ''} for a decision ({_LIST})"
    yield ok(_CHECK, f"policy {facts.policy}; {told if waiting else 'nothing waits'}")


def _count(count: int) -> str:
    return "1 proposal" if count == 1 else f"{count} proposals"
