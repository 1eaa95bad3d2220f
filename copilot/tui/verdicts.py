"""What the check said of the sentences of an answer, as marks in its text and lines below it.

Invariant: a mark stands only behind a sentence that the text holds, with the sources that it was
checked against; what can't be found again is left without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from copilot.messages import Answer, Sentence, Support
from copilot.places import describe

Mark = tuple[int, str]  # where in the text, and what
GOOD, BARE = "✓", "?"
_NOT_BORNE_OUT = (Support.UNSUPPORTED, Support.UNCITED)
_TOLD = {
    Support.VERBATIM: f"{GOOD} quoted",
    Support.SUPPORTED: f"{GOOD} supported",
    Support.UNSUPPORTED: f"{BARE} not supported",
    Support.UNCITED: f"{BARE} not found",
}
_MOST = 3  # lines below an answer, and passages that are named there
_LONGEST = 80  # characters of a sentence there
_LINKED = re.compile(r"!?\[([^\]\[]*)\]\([^()]*\)")
_MARKED = re.compile(r"^[#>*+\- ]+|\*\*|`|(?<!\w)[_*]|[_*](?!\w)")


def marks(text: str, sentences: Iterable[Sentence], start: int = 0) -> list[Mark]:
    """A mark behind each of the sentences, which stand in this order from ``start`` on."""
    found = []
    for one in sentences:
        end = _end_of(one, text, start)
        if end:
            mark = BARE if one.support in _NOT_BORNE_OUT else GOOD
            found.append((end, mark if one.citations else f"\N{NO-BREAK SPACE}{mark}"))
            start = end
    return found


def _end_of(one: Sentence, text: str, start: int) -> int:
    """Where it ends, its markers included; 0 if it isn't there."""
    if not one.text:
        return 0
    markers = "".join(f"[{n}]" for n in one.citations)
    at = text.find(one.text, start)
    while at >= 0:
        end = at + len(one.text)
        if not markers:
            return end
        if text[end : end + 1] in ("\n", " ") and text.startswith(markers, end + 1):
            return end + 1 + len(markers)
        at = text.find(one.text, at + 1)
    return 0


def borne_out(sentences: Sequence[Sentence]) -> str:
    """The sum of it."""
    bare = sum(one.support in _NOT_BORNE_OUT for one in sentences)
    if not sentences:
        return "what was checked isn't known"
    if not bare:
        return f"{GOOD} every sentence is borne out by its sources"
    return f"◐ {len(sentences) - bare} of {len(sentences)} sentences are borne out"


def passed_over(left_out: Sequence[Sentence]) -> list[str]:
    """The sentences that aren't shown, and why: a few, and how many more."""
    told = [f"✗ left out: “{_short(_plain(one.text))}” {one.reason}" for one in left_out[:_MOST]]
    more = len(left_out) - _MOST
    return [*told, f"✗ {more} more left out"] if more > 0 else told


def nearest(answer: Answer) -> list[str]:
    """What stands nearest to a question that isn't answered."""
    places = [f"{one.title or one.path}, {describe(one.locator)}" for one in answer.searched]
    return [f"nearest: {' · '.join(places[:_MOST])}"] if places else []


def each(answer: Answer, left_out: Sequence[Sentence]) -> list[str]:
    """Each sentence in full, what it cites, why it is shown or left out."""
    said = [_verdict(one) for one in answer.sentences]
    said += [f"✗ left out ({one.reason}): {_plain(one.text)}" for one in left_out]
    if not said and answer.searched:
        places = [f"  {one.title or one.path}, {describe(one.locator)}" for one in answer.searched]
        said = ["looked at:", *places]
    return said or ["it has no sentence that was checked"]


def _verdict(one: Sentence) -> str:
    numbers = "".join(f"[{n}]" for n in one.citations)
    why = f"({one.reason})" if one.reason and one.support in _NOT_BORNE_OUT else ""
    mark = " ".join(part for part in (_TOLD[one.support], numbers, why) if part)
    return f"{mark}: {_plain(one.text)}"


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


def _plain(markdown: str) -> str:
    """On one line, without the marks of links and of words that stand out."""
    return _MARKED.sub("", _LINKED.sub(r"\1", " ".join(markdown.split())))
