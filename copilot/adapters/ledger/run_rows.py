"""Rows about a run's passages, as values.

Invariant: the columns come as their ``.sql`` file selects them.
"""

from __future__ import annotations

import json
from typing import Any

from copilot.codec import from_plain
from copilot.messages import Locator
from copilot.runs import RecordedCitation, RecordedHit


def made_hit(*row: Any) -> RecordedHit:
    """A row of ``run_hits``."""
    rank, passage_id, document_id, path, title, locator, score, scores, kept, reason = row
    return RecordedHit(
        rank=rank,
        passage_id=passage_id,
        document_id=document_id,
        path=path,
        title=title,
        locator=_locator(locator),
        score=score,
        scores=json.loads(scores),
        kept=kept,
        reason=reason,
    )


def made_citation(*row: Any) -> RecordedCitation:
    """A row of ``run_citations``."""
    n, passage_id, document_id, path, title, locator, quote, start, end = row
    return RecordedCitation(
        n=n,
        passage_id=passage_id,
        document_id=document_id,
        path=path,
        title=title,
        locator=_locator(locator),
        quote=quote,
        quote_start=start,
        quote_end=end,
    )


def _locator(data: str) -> Locator:
    return from_plain(Locator, json.loads(data))
