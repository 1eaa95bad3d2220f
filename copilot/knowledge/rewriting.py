"""What to search for: the question alone, or with the turn before that it builds on.

Invariant: deterministic, no model; the last query is always what was asked, or the line of a
paste that says what failed, and none is longer than an embedder reads with profit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.knowledge.terms import content_terms
from copilot.messages import Turn

# What a question counts beside itself in context. Fitted on mtrag_un dev; .5 to 1 are as good.
OWN_WEIGHT = 0.7
# Of the answer before, the first sentence names what is talked about; two or three find no
# more, and each costs the embedder milliseconds.
_ANSWER_CHARACTERS = 240
_BEFORE_CHARACTERS = 400
# Near 256 tokens of prose; what lies beyond isn't read by the default embedder.
_LONGEST = 1000

_PASTED_LINES = 4
_FAILURE = re.compile(
    r"\b[\w.$]*(?:Error|Exception|Warning|Fault|Interrupt)\b|\b(?:error|fatal|panic|failed)\b",
)
_FRAME = re.compile(r"at\s+[\w.$<]|File\s+\"|Traceback\b|#\d+\s")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_MARKER = re.compile(r"\s*\[\d+(?:,\s*\d+)*\]")


@dataclass(frozen=True, slots=True)
class Query:
    """One text to search for, and its share in the final score."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What to search for. ``queries``: widest first, what was asked last.

    ``subject`` is what the person said: the question, and for a follow-up the turn before.
    """

    queries: tuple[Query, ...]
    follow_up: bool
    subject: str


def understand(question: str, history: Sequence[Turn] = (), *, standalone: str = "") -> Rewrite:
    """Read a question in its conversation.

    A question with turns before it is searched twice: on its own, and followed by the person's
    turn before and by the beginning of the answer to that. The question comes first, since an
    embedder gives the first words of a text the most say. A pasted traceback or log is searched
    with the line that names the failure put first, and by that line alone. A follow-up that is
    known as a question of its own, ``standalone``, is searched as that and as it was asked.
    """
    failure = failure_line(question)
    own = shortened(f"{failure}\n{question}" if failure else question)
    before = _last(history, "user")
    if not before:
        queries = [Query(own, 1.0)] + ([Query(failure, OWN_WEIGHT)] if failure else [])
        return Rewrite(tuple(queries), follow_up=False, subject=own)
    if standalone:
        whole = shortened(standalone)
        queries = [Query(whole, 1.0), Query(own, OWN_WEIGHT)]
        return Rewrite(tuple(queries), follow_up=True, subject=f"{whole}\n{own}")
    before = shortened(before, _BEFORE_CHARACTERS)
    parts = [own, before, _beginning(_last(history, "assistant"))]
    context = "\n".join(part for part in parts if part)
    return Rewrite(
        (Query(context, 1.0), Query(own, OWN_WEIGHT)), follow_up=True, subject=f"{own}\n{before}"
    )


def failure_line(text: str) -> str:
    """The line of a pasted traceback or log that says what failed; empty when there is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < _PASTED_LINES:
        return ""
    named = (line for line in reversed(lines) if _FAILURE.search(line) and not _FRAME.match(line))
    return next(named, "")[:_BEFORE_CHARACTERS]


def shortened(text: str, limit: int = _LONGEST) -> str:
    """At most about ``limit`` characters: the beginning, and more of the end.

    A pasted log or traceback says at its end what is wrong.
    """
    text = text.strip()
    if len(text) <= limit:
        return text
    head = text[: limit // 3].rsplit(maxsplit=1)[0]
    tail = text[-(2 * limit // 3) :].split(maxsplit=1)[-1]
    return f"{head}\n{tail}"


def _last(history: Sequence[Turn], role: str) -> str:
    """The latest turn of ``role`` that says something."""
    for turn in reversed(history):
        if turn.role == role and turn.text.strip():
            return turn.text.strip()
    return ""


def _beginning(answer: str) -> str:
    """The first sentence of an answer that says something, without citation markers."""
    bare = _MARKER.sub("", answer[: 4 * _ANSWER_CHARACTERS])
    first = next((s for s in _SENTENCE_END.split(bare) if content_terms(s)), "")
    return first[:_ANSWER_CHARACTERS]
