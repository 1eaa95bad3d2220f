"""How long a full inbox takes to be there, beside reading every proposal whole.

    python -m tests.bench.inbox_listing [--proposals N]

Tickets of the sample mail, half of them waiting. The core answers in this process, each reply
through the wire's lines; ``again`` is after one more was decided on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from copilot.adapters.outbox import build_outbox
from copilot.adapters.outbox.lines import change_line, proposal_line
from copilot.calls import Standing, Stands, inbox
from copilot.proposals import Change, ProposalState
from tests.proposed import proposal_id
from tests.tui.driving import RealCore
from tests.tui.scenes.inbox import proposal


def fill(folder: Path, count: int) -> None:
    """Journals as the outbox writes them, without its waiting for the disk."""
    folder.mkdir(parents=True)
    base = proposal()
    for number in range(count):
        found = proposal_id(str(number))
        at = base.created_at - timedelta(minutes=number)
        one = replace(
            base, id=found, created_at=at, record={**base.record, "title": f"No {number}"}
        )
        lines = proposal_line(one)
        if number % 2:
            lines += change_line(Change(at, ProposalState.SENT))
        (folder / f"{found}.jsonl").write_bytes(lines)


async def paged(core: RealCore) -> int:
    """All rows, as the inbox asks for them."""
    told = await core.call(inbox.ListProposals(), inbox.Proposals)
    count, page = len(told.rows), 1
    while count < told.total:
        told = await core.call(inbox.ListProposals(told.listing, page), inbox.Proposals)
        count, page = count + len(told.rows), page + 1
    return count


def timed(label: str, work: Callable[[], Awaitable[object]]) -> None:
    began = time.perf_counter()
    asyncio.run(work())  # type: ignore[arg-type]
    print(f"{label:<44}{1000 * (time.perf_counter() - began):>9.0f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proposals", type=int, default=10_000)
    count = parser.parse_args().proposals
    with tempfile.TemporaryDirectory() as home:
        os.environ["COPILOT_HOME"] = home
        folder = Path(home) / "outbox"
        fill(folder, count)
        core = RealCore()
        core.parts.ready()

        async def whole() -> int:
            return len(build_outbox(folder).content().standings)

        async def first() -> inbox.Proposals:
            return await core.call(inbox.ListProposals(), inbox.Proposals)

        timed(f"every one of {count:,} read whole", whole)
        timed("how many wait", lambda: core.call(Standing(), Stands))
        timed("the first page", first)
        timed("all pages, again", lambda: paged(core))
        with core.parts.ready().delivery.outbox.hold(proposal_id("0")) as held:
            held.note(Change(proposal().created_at, ProposalState.REJECTED))
        timed("the first page, again", first)


if __name__ == "__main__":
    main()
