"""No answer is ever given across groups, index versions or changed passages, whatever happens."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from copilot.config.cache import CacheSettings
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.messages import Principal, SearchFilter
from copilot.testing.memory_index import MemoryIndex
from tests.cached import Cache, Writes, quoting
from tests.index_documents import EMBEDDER, document

GROUPS = st.frozensets(st.sampled_from(["staff", "admins"]))
WORDS = st.sampled_from(["How do I page?", "How can I page?", "what is the way to page"])
# What happens: somebody of these groups asks, or a document gets these labels and this text.
ASKS = st.tuples(st.just("ask"), GROUPS, WORDS)
TEXTS = st.sampled_from(["To page, call her now.", "To page, type /page.", "Of other things."])
CHANGES = st.tuples(st.sampled_from(["/a.md", "/b.md"]), GROUPS, TEXTS)


@settings(max_examples=60, deadline=None)
@drawn(st.lists(st.one_of(ASKS, CHANGES), max_size=12))
def test_what_is_given_was_written_for_the_same_groups_from_what_stands_there_now(
    steps: list[tuple[str, frozenset[str], str]],
) -> None:
    _, wrong = asyncio.run(_replayed(steps))
    assert wrong == []


def test_one_who_asks_again_is_given_what_was_written_until_the_text_changes() -> None:
    asks, nobody = "How do I page?", frozenset[str]()
    once = ("ask", nobody, asks)
    assert asyncio.run(_replayed([once])) == (0, [])
    assert asyncio.run(_replayed([once, once, once])) == (2, [])
    changed = ("/a.md", nobody, "To page, type /page.")
    assert asyncio.run(_replayed([once, changed, once])) == (0, [])


async def _replayed(steps: list[tuple[str, frozenset[str], str]]) -> tuple[int, list[str]]:
    """How many kept answers were given, and in what way any of them shouldn't have been."""
    given, wrong = 0, list[str]()
    index, cache = MemoryIndex(), Cache(settings=CacheSettings(recheck_share=0, similarity=0.01))
    index.bind(EMBEDDER.identity)
    index.apply([document("/a.md", "To page, call her.")])
    searcher = Searcher(index, EMBEDDER)
    written: dict[str, tuple[frozenset[str], int]] = {}
    for number, (what, groups, text) in enumerate(steps):
        if what != "ask":
            index.apply([document(what, text, labels=tuple(sorted(groups)))])
            continue
        where = SearchFilter(principal=Principal("p", tuple(sorted(groups))))
        result = searcher.search(SearchRequest(text, where=where))
        if not result.hits:
            continue
        written_now = f"step {number}"
        cited = quoting(result.hits[0].passage, end=9)
        cache.writes = Writes(answer_=replace(cited, text=written_now))
        told = await cache.ask(text, where=where, result=result)
        if told.fresh:
            written[written_now] = (groups, index.version())
            continue
        given += 1
        if written[told.text] != (groups, index.version()):
            wrong.append(f"step {number}: {told.text} was written for others")
        for one in told.answer.citations:
            there = index.fetch([one.passage_id], where=where)
            if [t.passage.text[one.quote_start : one.quote_end] for t in there] != [one.quote]:
                wrong.append(f"step {number}: {one.quote!r} doesn't stand there now")
    return given, wrong
