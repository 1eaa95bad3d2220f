"""Questions to begin with, made of the headings that stand in the index.

Invariant: each is made of a heading and a title that the principal may see, one a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.messages import Passage, SearchFilter
from copilot.ports import SearchableIndex

# Headings that ask, and what most documents say of how things are done.
_ASKING = "how who what when where why which how to"
_LOOKED_AT = 80
_ASKS = re.compile(r"(?:how|who|what|when|where|why|which)\b", re.I)
_TELLS = re.compile(r"\w+ (?:we|a|an|the|it|they|you|this|one)\b", re.I)  # "How we work"
_PLAIN = re.compile(r"[\w][\w \-’',/()]{3,60}\??")
_LONGEST_TITLE = 40


def suggested(index: SearchableIndex, where: SearchFilter, *, limit: int) -> list[str]:
    """The most telling first; fewer than ``limit`` where there are no more headings."""
    if not index.count_passages():
        return []
    found = index.search_lexical(_ASKING, limit=_LOOKED_AT, where=where)
    stored = index.fetch([passage_id for passage_id, _ in found], where=where)
    passages = [one.passage for one in stored]
    asking = (one for one in passages if _ASKS.match(_heading(one)))
    rest = (one for one in passages if not _ASKS.match(_heading(one)))
    return list(_questions([*asking, *rest]))[:limit]


def _questions(passages: list[Passage]) -> Iterator[str]:
    seen = set()
    for passage in passages:
        heading = _heading(passage)
        title = passage.title.partition(" (")[0].strip()
        fits = _PLAIN.fullmatch(heading) and 0 < len(title) <= _LONGEST_TITLE
        if fits and heading != title and passage.path not in seen:
            seen.add(passage.path)
            yield _question(title, heading)


def _question(title: str, heading: str) -> str:
    if heading.endswith("?"):
        return heading
    small = heading if heading[1:2].isupper() else heading[0].lower() + heading[1:]
    if _ASKS.match(heading) and not _TELLS.match(heading):
        return f"{title}: {small}?"
    return f"What does {title} say about {small}?"


def _heading(passage: Passage) -> str:
    return passage.heading_path[-1].strip() if passage.heading_path else ""
