"""What an answer depended on besides its question, and what became of each hit.

Invariant: frozen, JSON-ready through ``codec``; recorded with a run so that it can be explained
and made again.
"""

from __future__ import annotations

from dataclasses import dataclass

from copilot.messages import SearchFilter

# Passages that an answer is made from, unless told otherwise; search shows fewer.
PASSAGES_FOR_AN_ANSWER = 30


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How passages are found and put in order.

    ``candidates``: of each query from either side, vectors and words; then the weights of the
    signals; ``feedback``: whether they are ranked once more, towards the best.
    """

    candidates: int = 60
    dense: float = 1.0
    support: float = 0.9
    lexical: float = 0.7
    title: float = 0.15
    feedback: bool = True


# What was measured to be best, and holds unless told otherwise.
MEASURED = Retrieval()


@dataclass(frozen=True, slots=True)
class AnswerInputs:
    """The settings that decide an answer; ``model`` is empty when it was to be quoted."""

    max_words: int
    abstain_below: float | None = None
    model: str = ""
    max_output_tokens: int = 0
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Inputs:
    """``where`` is what could be seen, by whom; ``limit`` how many hits were asked for.

    ``settings`` are None for a search, which makes no answer. ``program`` is our own version.
    ``attached``: the names of what was searched besides the index. ``retrieval`` is None where
    it wasn't recorded.
    """

    where: SearchFilter
    limit: int
    settings: AnswerInputs | None = None
    program: str = ""
    attached: tuple[str, ...] = ()
    retrieval: Retrieval | None = None


@dataclass(frozen=True, slots=True)
class HitFate:
    """Whether a hit's passage stands in the answer, and why or why not, in our own words."""

    passage_id: str
    kept: bool
    reason: str
