"""Looks for the passages of an answer, with a follow-up made a question of its own where it can be.

Invariant: what was asked of providers for it is told once, whether it failed or not: in the list
that the caller passes in, or, where the search is cancelled, to the meter.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot.errors import CopilotError
from copilot.events import Event, ModelAttempt
from copilot.metering import metered, requested

if TYPE_CHECKING:
    from copilot.answering.writing import WritingAnswerer
    from copilot.knowledge.search import Searches, SearchRequest, SearchResult


async def look(
    request: SearchRequest,
    searcher: Searches,
    writing: WritingAnswerer | None,
    beside: list[Event],
    *,
    summary: str = "",
) -> SearchResult | CopilotError:
    """Search; what was asked of providers for it goes into ``beside``.

    ``summary``: of the turns before the request's. Cancelled, it waits for the thread, which
    nothing stops, and tells the meter instead.
    """
    if writing is not None:
        rewritten = await writing.standalone(request.query, request.history, summary)
        beside.extend(rewritten.events)
        request = replace(request, standalone=rewritten.question)
    with metered(beside.append):
        looking = asyncio.create_task(asyncio.to_thread(searcher.search, request))
    try:
        return await asyncio.shield(looking)
    except CopilotError as error:
        return error
    except asyncio.CancelledError:
        await asyncio.gather(looking, return_exceptions=True)
        for event in beside:
            if isinstance(event, ModelAttempt):
                requested(event)
        raise
