"""What ``copilot extract --to`` does with records: each becomes a proposal, and is asked about.

Invariant: an invalid record is never handed on; without a person to ask, what needs one waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot.actions.deciding import by_policy
from copilot.actions.handover import Handover, exit_code
from copilot.cli import console
from copilot.cli.approving import TerminalApprover, person_here
from copilot.cli.proposal_views import brief, standing_line
from copilot.cli.styling import Styler
from copilot.errors import (
    ConfigError,
    CopilotError,
    ExitCode,
    SinkAuthError,
    StoppedError,
    StorageError,
)
from copilot.extracted import ExtractedRecord, SourceText
from copilot.guard.terminal import clean_line
from copilot.proposals import ProposalState, Standing
from copilot.schemas import Schema

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot

_REMEDIES = {
    ProposalState.WAITING: "copilot actions approve {id}",
    ProposalState.UNDONE: "copilot actions again {id}",
    ProposalState.RETRYING: "copilot actions retry {id}",
    ProposalState.DEAD: "copilot actions retry {id}",
    ProposalState.SENDING: "copilot actions retry {id}",
}


@dataclass
class Handing:
    """``dry_run``: say what would be proposed and what the policy says; keep and send nothing."""

    handover: Handover
    schema: Schema
    sink: str
    approver: TerminalApprover | None
    dry_run: bool = False
    failure: CopilotError | None = None
    _by_state: dict[ProposalState, Standing] = field(default_factory=dict)

    async def hand(
        self, records: list[ExtractedRecord], source: SourceText, *, run_id: str
    ) -> list[Standing]:
        """Hand on what is valid; where each of them stands.

        What one text's records fail at is said and counted. What would stop the next one too is
        raised: a wrong configuration, a refused key, a full disk.
        """
        try:
            return await self._hand(records, source, run_id)
        except (ConfigError, SinkAuthError, StorageError, StoppedError):
            raise
        except CopilotError as error:
            self.failure = error
            hint = f" ({error.hint})" if error.hint else ""
            console.err(clean_line(f"copilot: {source.name} was not proposed: {error}{hint}"))
            return []

    async def _hand(
        self, records: list[ExtractedRecord], source: SourceText, run_id: str
    ) -> list[Standing]:
        valid = [one for one in records if one.status == "valid"]
        for one in records:
            if one.status == "invalid":
                console.err(clean_line(f"copilot: {source.name}: invalid, so not handed on"))
        if self.dry_run:
            await self._preview(valid, source)
            return []
        found = await self.handover.hand_over(
            valid,
            source,
            self.sink,
            approver=self.approver,
            check=self.schema.check,
            run_id=run_id,
        )
        for standing in found:
            self._by_state[standing.state] = standing
            remedy = _remedy(standing)
            console.err(f"copilot: {standing_line(standing)}" + (f" ({remedy})" if remedy else ""))
        return found

    async def _preview(self, records: list[ExtractedRecord], source: SourceText) -> None:
        style = Styler(on=console.colour() and console.is_terminal("stderr"))
        for found, verdict in await self.handover.preview(records, source, self.sink):
            if isinstance(found, Standing):
                console.err(f"copilot: {standing_line(found)} (as it stands already)")
                continue
            for line in brief(found, style):
                console.err(line)
            console.err(clean_line(f"  the policy: {verdict.ruling} ({verdict.rule})"))

    def code(self) -> ExitCode:
        """What it comes to, as an exit code."""
        return self.failure.exit_code if self.failure else exit_code(self._by_state.values())


def handing(copilot: Copilot, schema: Schema, sink: str, *, dry_run: bool = False) -> Handing:
    """Stand ready to hand records to this sink. ConfigError when there is none of the name."""
    delivery = copilot.delivery
    delivery.sink(sink)

    def warn(message: str) -> None:
        console.warn([message])

    approver = None
    if person_here():
        approver = TerminalApprover(
            principal=delivery.principal.name,
            clock=copilot.clock,
            check_for=lambda name: schema.check if name == schema.name else None,
        )
    return Handing(delivery.handover(warn), schema, sink, approver, dry_run=dry_run)


def _remedy(standing: Standing) -> str:
    """What to do next, where it isn't sent."""
    told = _REMEDIES.get(standing.state, "")
    if standing.state is ProposalState.REJECTED and standing.decisions:
        if by_policy(standing):
            told = "copilot policy explain {id}"
        elif standing.decisions[-1].by == "person":
            told = "copilot actions again {id}"
    return told.format(id=standing.proposal.id[:12])


def proposal_part(standing: Standing) -> dict[str, object]:
    """What the record's envelope says of its proposal."""
    receipt = standing.receipt
    return {
        "id": standing.proposal.id,
        "sink": standing.proposal.sink,
        "operation": standing.proposal.write.operation,
        "state": standing.state.value,
        "external_id": receipt.external_id if receipt is not None else None,
        "url": receipt.url if receipt is not None else None,
        "error": standing.error or None,
    }
