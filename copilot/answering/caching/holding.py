"""Whether a kept answer still holds for who asks now, and whether a fresh one bears it out.

Invariant: an answer holds only while each passage that it cites is among what this question
finds, seen through the asker's own filter, and has each quote to the character at its place.
"""

from __future__ import annotations

from copilot.answering.grounding.quantities import quantities
from copilot.knowledge.search import SearchResult
from copilot.messages import Answer, Status

# What the model would have been given to read: an answer from beyond isn't this question's.
_READ = 10


def holds(answer: Answer, result: SearchResult) -> bool:
    """Whether what was just found bears the answer out; ``result`` was fetched for who asks."""
    near = {hit.passage.id: hit.passage for hit in result.hits[:_READ]}
    return bool(answer.citations) and all(
        (passage := near.get(one.passage_id)) is not None
        and passage.text[one.quote_start : one.quote_end] == one.quote
        for one in answer.citations
    )


def agrees(kept: Answer, fresh: Answer) -> bool:
    """Whether a fresh answer says what the kept one does: from the same passages, for the most
    part, and with the same numbers.
    """
    if fresh.status is not Status.ANSWERED:
        return False
    cited = {one.passage_id for one in kept.citations}
    again = {one.passage_id for one in fresh.citations}
    if 2 * len(cited & again) < min(len(cited), len(again)):
        return False
    here, there = _numbers(kept), _numbers(fresh)
    return here <= there or there <= here


def _numbers(answer: Answer) -> set[tuple[str, str]]:
    return {(q.kind, q.value) for one in answer.sentences for q in quantities(one.text)}
