"""Has a model make a follow-up a question of its own, to be searched for.

Invariant: what the person named is searched for: a rewritten question that lacks a number, an
identifier or a negation of theirs, or brings a number that nobody named, isn't used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.answering.aside import Aside
from copilot.answering.writing.cutting import without_markers
from copilot.events import Event
from copilot.messages import Turn

_TURNS = 4
_TURN_CHARACTERS = 600
# What it may be longer than the question: the subject that is put in.
_LONGER = 240
_TOKEN = re.compile(r"[^\s,;!?()\"'“”‘’`]+")
_NOT = re.compile(r"\b(?:not|no|never|without|cannot|except|n't)\b|n['’]t\b", re.I)
_LABEL = re.compile(r"\A(?:the )?(?:rewritten |standalone )?question(?: on its own)?:\s*", re.I)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """``question`` is empty where the rules are to do it; ``events``: what was asked for it."""

    question: str = ""
    events: tuple[Event, ...] = ()


async def standalone(
    aside: Aside | None, question: str, history: Sequence[Turn], *, summary: str = ""
) -> Rewritten:
    """The question as it would be asked without the turns before, if a model is there to say.

    ``summary``: of the turns before ``history``; what it names was named.
    """
    if aside is None or not history:
        return Rewritten()
    before = f"Before that, in short: {' '.join(summary.split())}\n" if summary else ""
    said = await aside.ask(conversation=before + _told(history), question=question)
    line = _LABEL.sub("", next(iter(said.text.splitlines()), "")).strip().strip('"“”').strip()
    told = [summary, *(turn.text for turn in history)]
    kept = line if _keeps(question, line, told) else ""
    return Rewritten(kept, said.events)


def _told(history: Sequence[Turn]) -> str:
    who = {"user": "Person", "assistant": "Assistant"}
    return "\n".join(
        f"{who[turn.role]}: {' '.join(without_markers(turn.text).split())[:_TURN_CHARACTERS]}"
        for turn in history[-_TURNS:]
    )


def _keeps(question: str, rewritten: str, told: Sequence[str]) -> bool:
    if not rewritten or len(rewritten) > len(question) + _LONGER:
        return False
    if bool(_NOT.search(question)) != bool(_NOT.search(rewritten)):
        return False
    mine, theirs = _names(question), _names(rewritten)
    known = mine.union(*(_names(text) for text in told))
    return mine <= theirs and {one for one in theirs if _number(one)} <= known


def _names(text: str) -> frozenset[str]:
    """Numbers, and words that are written as identifiers are."""
    tokens = (token.strip(".:") for token in _TOKEN.findall(text))
    return frozenset(token for token in tokens if _number(token) or _identifier(token))


def _number(token: str) -> bool:
    return any(sign.isdigit() for sign in token)


def _identifier(token: str) -> bool:
    joined = re.search(r"\w[._/@:\\=-]+\w|\A--?\w|_", token) and not re.fullmatch(
        r"[A-Za-z]+(?:-[a-z]+)+", token
    )
    return bool(joined) or sum(sign.isupper() for sign in token) >= 2
