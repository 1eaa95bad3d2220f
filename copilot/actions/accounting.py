"""Tells the audit trail and the ledger what was decided and what became of it.

Invariant: a decision is in the trail before it counts, with the digest of what it was based on;
the trail is told names, places, digests and counts, never a text. The ledger may miss a record,
with a warning; the trail may not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from copilot.actions.identity import digest_of
from copilot.actions.policy import TAINTS
from copilot.codec import to_plain
from copilot.errors import CopilotError, SinkUnknownError, StorageError
from copilot.ports import AuditTrail, RunWriter
from copilot.proposals import Decision, Proposal, Receipt
from copilot.records import ApprovalDecided, FeedbackGiven, Record, ToolCalled

_ACTIONS = {"approved": "action.approve", "edited": "action.edit", "rejected": "action.reject"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """``principal`` is who is at work; ``warn`` is told what the ledger didn't take."""

    audit: AuditTrail
    writer: RunWriter | None
    principal: str
    warn: Callable[[str], None]

    def decided(self, proposal: Proposal, decision: Decision) -> None:
        """Raises StorageError when it isn't in the trail; then it must not count."""
        detail: dict[str, str | int | bool] = {"by": decision.by}
        if decision.rule:
            detail["rule"] = decision.rule
        self._note(_ACTIONS[decision.verdict], proposal, detail, principal=decision.principal)
        waited = (decision.at - proposal.created_at).total_seconds() * 1000
        self._record(
            proposal,
            ApprovalDecided(
                proposal=proposal.id,
                action=_action(proposal),
                decision=decision.verdict,
                decided_by=decision.by,
                principal=decision.principal,
                rule=decision.rule,
                waited_ms=max(waited, 0.0),
                reason=decision.reason,
            ),
        )

    def corrected(self, proposal: Proposal, names: Collection[str]) -> None:
        """A person's edit is feedback on the reading; ``proposal`` is as it became."""
        correction = json.dumps(to_plain(proposal.record), ensure_ascii=False, sort_keys=True)
        self._record(
            proposal,
            FeedbackGiven(
                rating="bad",
                principal=self.principal,
                tags=("edited",),
                comment=f"corrected: {', '.join(sorted(names))}",
                correction=correction,
            ),
        )

    def sent(self, proposal: Proposal, receipt: Receipt, *, latency_ms: float) -> None:
        """Raises StorageError when it isn't in the trail: it was sent all the same."""
        result = json.dumps(to_plain(receipt), ensure_ascii=False, sort_keys=True)
        self._called(proposal, latency_ms=latency_ms, result=result)
        action = "action.undo" if proposal.undoes else "action.send"
        detail: dict[str, str | int | bool] = {
            "entry": receipt.external_id[:200],
            "replayed": receipt.replayed,
        }
        if proposal.undoes:
            detail["undoes"] = proposal.undoes
        try:
            self._note(action, proposal, detail, principal=self.principal)
        except StorageError as error:
            raise StorageError(
                f"It was sent, and could not be written into the audit trail: {error.message}",
                hint=error.hint,
            ) from error

    def failed(self, proposal: Proposal, error: CopilotError, *, latency_ms: float) -> None:
        self._called(proposal, latency_ms=latency_ms, error=error)

    def _called(
        self,
        proposal: Proposal,
        *,
        latency_ms: float,
        result: str = "",
        error: CopilotError | None = None,
    ) -> None:
        unknown = isinstance(error, SinkUnknownError)
        self._record(
            proposal,
            ToolCalled(
                tool=_action(proposal),
                effect="write",
                outcome="ok" if error is None else "timed_out" if unknown else "failed",
                tainted=bool(_taint(proposal)),
                error_type=type(error).__name__ if error is not None else "",
                latency_ms=latency_ms,
                arguments=json.dumps(to_plain(proposal.write), ensure_ascii=False, sort_keys=True),
                result=result,
                error=error.message if error is not None else "",
            ),
        )

    def _note(
        self,
        action: str,
        proposal: Proposal,
        detail: dict[str, str | int | bool],
        *,
        principal: str,
    ) -> None:
        proven = sum(one.evidence is not None for one in proposal.fields.values())
        told: dict[str, str | int | bool] = {
            "sink": proposal.sink,
            "target": proposal.target[:500],
            "schema": proposal.schema[:200],
            "operation": proposal.write.operation,
            "sha256": digest_of(proposal),
            "values": len(proposal.write.values),
            "proven": proven,
            "source": proposal.source_digest,
            **detail,
        }
        if taint := _taint(proposal):
            told["taint"] = ",".join(taint)
        self.audit.append(action, proposal.id, detail=told, principal=principal)
        for notice in self.audit.notices:
            self.warn(notice.message)

    def _record(self, proposal: Proposal, record: Record) -> None:
        if self.writer is None:
            return
        try:
            self.writer.append(proposal.run_id, record)
        except StorageError as error:
            self.warn(f"the ledger doesn't have it: {error.message}")


def _action(proposal: Proposal) -> str:
    return f"{proposal.sink}.{proposal.write.operation}"


def _taint(proposal: Proposal) -> list[str]:
    return [name for name in TAINTS if getattr(proposal.taint, name)]
