"""Whether enough persons agreed to a proposal, in exactly the form that it has.

Invariant: a decision counts for the digest that it was made on, for one person once, and only as
long as the policy asks for no more; a rule's own decision counts for as long as the rule stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.actions.identity import digest_of
from copilot.actions.policy import Policy, Verdict, evaluate
from copilot.proposals import Decision, Proposal, ProposalState, Standing, lost_its_texts

SUPERSEDED = "superseded"


def by_policy(standing: Standing) -> bool:
    """Whether a rule turned it away, which another rule may take back."""
    if standing.state is not ProposalState.REJECTED or not standing.decisions:
        return False
    last = standing.decisions[-1]
    return last.by == "policy" and last.rule != SUPERSEDED


def persons(proposal: Proposal, decisions: Sequence[Decision]) -> frozenset[str]:
    """Who has approved what it is now."""
    digest = digest_of(proposal)
    return frozenset(
        one.principal
        for one in decisions
        if one.verdict == "approved" and one.by == "person" and one.digest == digest
    )


def missing(verdict: Verdict, standing: Standing) -> int | None:
    """How many persons more have to agree; None: it is denied."""
    needed = verdict.persons
    if needed is None:
        return None
    return max(0, needed - len(persons(standing.proposal, standing.decisions)))


def not_agreed(standing: Standing, policy: Policy, *, target: str) -> str:
    """Why it may not be sent now; empty when it may."""
    proposal = standing.proposal
    if proposal.target != target:
        return f"{proposal.sink} writes to {target} now, and {proposal.target} was decided on"
    if proposal.write.key != proposal.id:
        return "its key isn't its own"
    if lost_its_texts(proposal):
        return "its texts were deleted"
    verdict = evaluate(policy, proposal)
    left = missing(verdict, standing)
    if left is None:
        return f"the policy denies it: {verdict.rule}"
    return more_persons(left, verdict) if left else ""


def more_persons(left: int, verdict: Verdict) -> str:
    return f"{left} more {'person' if left == 1 else 'persons'} must agree: {verdict.rule}"
