"""Checks that print the command that fixes what they found.

Invariant: no check depends on another, and none changes anything (beyond what each reader of
the ledger does), so that a doctor has something to say however much is broken.
"""

from __future__ import annotations

from copilot.doctor.examination import checks, examine, verdict
from copilot.doctor.findings import (
    AuditFacts,
    Finding,
    KeyFacts,
    KeylessSink,
    LedgerFacts,
    ModelStanding,
    Probes,
    ProposalFacts,
    ReleaseFacts,
    TerminalFacts,
)

__all__ = [
    "AuditFacts",
    "Finding",
    "KeyFacts",
    "KeylessSink",
    "LedgerFacts",
    "ModelStanding",
    "Probes",
    "ProposalFacts",
    "ReleaseFacts",
    "TerminalFacts",
    "checks",
    "examine",
    "verdict",
]
