"""What is known of a question before a model is chosen for it: its kind, and its evidence.

Invariant: deterministic, from the question's words and the passages that were found, but for the
word of a router, if there is one; a question of no known form looks something up.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot.answering.writing.disagreeing import disagreement
from copilot.config.models import QuestionKind
from copilot.events import Event
from copilot.gateway import Features
from copilot.gateway.tiers import described
from copilot.messages import Hit, Passage

if TYPE_CHECKING:
    from copilot.answering.aside import Aside
    from copilot.knowledge.search import SearchResult

# Passages with at least this share of the best one's score are evidence. On mtrag_un dev the
# number of their documents tells questions whose answer stands in one document from others with
# an area under the curve of .77; .5 and .7 are as good.
_SHARE = 0.6
_LOOKED_AT = 10

# The first that fits counts: "list the differences" compares.
_WORDS: tuple[tuple[QuestionKind, str], ...] = (
    (
        "compare",
        r"\b(?:differ(?:s|ed|ences?|ent(?:ly)? (?:from|to|than))?|compar(?:e[ds]?|isons?|ing)|"
        r"versus|vs|contrast|similarit(?:y|ies)|distinguish|trade-?offs?)\b|"
        r"\bpros and cons\b|\b(?:advantages?|benefits?) (?:and|or) (?:dis\w+|drawbacks?)\b|"
        r"\b(?:better|worse|cheaper|faster|safer|easier|more|less|larger|smaller|stricter)\b"
        r".{0,60}\bthan\b|"
        r"\b(?:which|what) (?:one |of )?.{0,60}\b(?:better|best|worse|worst|cheaper|faster|"
        r"safer)\b|\bshould (?:i|we|one) .{2,60}\bor\b|\brelationship between\b|"
        r"\binstead of\b|\brather than\b",
    ),
    (
        "why",
        r"\bwhy\b|\bhow come\b|\breasons?\b|\bwhat (?:causes?|caused|led to|makes?|made)\b|"
        r"\bcauses? of\b|\bpurpose of\b|\bwhat(?:'s| is) the point\b",
    ),
    (
        "list",
        r"\blist (?:of|all|the|every|me)\b|\A\W*list\b|\b(?:enumerate|summari[sz]e|outline|"
        r"overview|name all|give me all)\b|"
        r"\bwhat are\b.{0,40}\b(?:all|types|kinds|ways|steps|options|requirements|roles|rules|"
        r"benefits|examples|responsibilities|duties|criteria|stages|features|services)\b|"
        r"\b(?:which|what) (?:\w+ ){0,2}?(?:types|kinds|options|requirements|roles|services|"
        r"features|tools|steps|rules|documents|plans|methods)\b|\btypes? (?:of|and)\b|"
        r"\ball (?:the|of the|our|possible|available)\b|\bevery\b",
    ),
    (
        "how-to",
        r"\bhow (?:do|can|could|should|would|to|must)\b|\bsteps? (?:to|for|by)\b|"
        r"\bstep by step\b|\bprocedure\b|\bwalk me through\b|\bways? to\b|"
        r"\bwhat (?:do|should|must) (?:i|we|you) do\b|"
        r"\A\W*(?:set up|create|install|configure|enable|disable|deploy|restart|connect)\b",
    ),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _WORDS)


def kind_of(question: str) -> QuestionKind:
    """What it asks for; any text is valid."""
    text = " ".join(question.split())[:2000]
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return "lookup"


@dataclass(frozen=True, slots=True)
class Known:
    """The features of a question, and what a model was asked for them."""

    features: Features
    events: tuple[Event, ...] = ()


async def weighed_up(question: str, result: SearchResult, router: Aside | None) -> Known:
    """The features, with the word of the model ``router``, if there is one and it says it."""
    follow_up = result.follow_up
    known = await asyncio.to_thread(features, question, result.hits, follow_up=follow_up)
    if router is None:
        return Known(known)
    said = await router.ask(question=question, known=described(known))
    if said.word in ("simple", "hard"):
        known = replace(known, hard=said.word == "hard", router=said.by)
    return Known(known, said.events)


def features(question: str, hits: Sequence[Hit], *, follow_up: bool) -> Features:
    """``hits``: best first. Blocking for a millisecond or two."""
    evidence = near(hits)
    return Features(
        kind=kind_of(question),
        words=len(question.split()),
        documents=len({passage.document_id for passage in evidence}),
        disagreement=disagreement(question, evidence),
        follow_up=follow_up,
    )


def near(hits: Sequence[Hit]) -> list[Passage]:
    """The passages that found about as well as the best one."""
    least = _SHARE * hits[0].score if hits and hits[0].score > 0 else 0.0
    return [hit.passage for hit in hits[:_LOOKED_AT] if hit.score >= least]
