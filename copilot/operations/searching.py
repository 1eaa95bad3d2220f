"""Searches for whoever asks, with the labels of the principal; each search is recorded.

Invariant: a ledger that can't be written costs a warning, not the hits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from copilot import __version__
from copilot.adapters.system import new_id
from copilot.bootstrap import Copilot
from copilot.events import AskedWith, Warned
from copilot.inputs import Inputs
from copilot.ledger.recording import Found, record_search

if TYPE_CHECKING:
    from copilot.knowledge.search import SearchRequest, SearchResult


def searched(copilot: Copilot, request: SearchRequest) -> tuple[SearchResult, Warned | None]:
    """What was found as the settings want it, and why it isn't recorded, if so.

    Blocks. Raises as ``Searcher.search``.
    """
    retrieval = copilot.settings.search.retrieval
    request = replace(request, retrieval=retrieval)
    inputs = Inputs(request.where, request.limit, program=__version__, retrieval=retrieval)
    with record_search(
        copilot.run_writer,
        query=request.query,
        principal=request.where.principal,
        clock=copilot.clock,
        new_id=new_id,
        asked=AskedWith(inputs, tuple(request.history)),
        release=copilot.release,
    ) as run:
        result = copilot.searcher.search(request)
        run.found = Found(
            queries=result.queries,
            follow_up=result.follow_up,
            hits=result.hits,
            index_version=result.index_version,
            latency_ms=result.latency_ms,
        )
    return result, run.warning
