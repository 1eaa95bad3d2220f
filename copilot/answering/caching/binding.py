"""Which word belongs to which: the same words bound differently ask something else.

Invariant: symmetric. What a question leaves open (a word that stands alone there) parts nothing;
of two readings that a phrase has, none is chosen.

"Default port of the gateway" and "port of the default gateway" have the same words in them. In the
order of English a word belongs to what follows it in its phrase, what stands behind "of" to what
stands before it, and a preposition to what follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from copilot.answering.caching.words import BREAK, DECISIVE, LINKS, OWNS, PICKING, is_name

_OF = frozenset({"of", "for"})
# "Before deploying the service", "before the service is deployed": one of the two is in both.
_GOVERNED = 2


@dataclass(frozen=True, slots=True)
class Bound:
    """``heads``: what a word belongs to; ``owners``: the same, of those alone that stand behind
    "of" or are possessors. ``phrases``: what follows a word in its phrase, in order.

    ``governed``: the words that a preposition stands before.
    """

    heads: Mapping[str, Set[str]]
    owners: Mapping[str, Set[str]]
    phrases: Mapping[str, Sequence[str]]
    governed: Mapping[str, Set[str]]


def unbound(mine: Sequence[str], theirs: Sequence[str], same: Callable[[str], str]) -> str:
    """What belongs to something else in the other, for a person; empty where nothing does.

    Both are words in their order, with ``BREAK`` and ``OWNS`` between them; ``same``: the word
    here that one of theirs means.
    """
    here, there = bound(mine), bound([same(word) for word in theirs])
    both = set(mine) & {same(word) for word in theirs}
    for word in here.heads.keys() & there.heads.keys():
        one, other = here.heads[word] & both, there.heads[word] & both
        if one and other and not one & other and not _moved_out(word, here, there, both):
            return f"{word} belongs to {min(one)} in one, to {min(other)} in the other"
    for word, heads in here.heads.items():
        for head in heads:
            turned = word in there.heads.get(head, ()) and word not in here.heads.get(head, ())
            if not turned or head in there.heads.get(word, ()):
                continue
            if not (_is_verb(word, head, here, there) or _is_verb(head, word, there, here)):
                return f"{word} belongs to {head} in one, {head} to {word} in the other"
    for word in here.governed.keys() & there.governed.keys():
        one, other = here.governed[word] & both, there.governed[word] & both
        if one and other and not one & other:
            return f"one says {word} {min(one)}, the other {word} {min(other)}"
    return ""


def bound(words: Sequence[str]) -> Bound:
    """What belongs to what in the words of a question."""
    heads: dict[str, set[str]] = defaultdict(set)
    owners: dict[str, set[str]] = defaultdict(set)
    phrases: dict[str, Sequence[str]] = {}
    governed: dict[str, set[str]] = defaultdict(set)
    for start, end in _runs(words):
        run = words[start:end]
        for place, word in enumerate(run[:-1]):
            if not (is_name(word) or is_name(run[place + 1])):
                heads[word].add(run[place + 1])
                phrases.setdefault(word, run[place + 1 :])
        other = _before(words, start)
        if other and words[start - 1] == OWNS:  # "the gateway's default port"
            owners[other].add(run[-1])
        elif other:
            owners[run[-1]].add(other)
    for place, word in enumerate(words):
        if word in DECISIVE and word not in PICKING:
            governed[word] |= set(_after(words, place))
    for word, owned in owners.items():
        heads[word] |= owned
    return Bound(heads, owners, phrases, governed)


def _before(words: Sequence[str], start: int) -> str:
    """The word before "of" or a possessor's end, in front of the phrase that starts there."""
    place = start - 1
    while place > 0 and words[place] == BREAK:  # "of the gateway"
        place -= 1
    if place > 0 and (words[place] in _OF or words[place] == OWNS) and _carries(words[place - 1]):
        return words[place - 1]
    return ""


def _runs(words: Sequence[str]) -> list[tuple[int, int]]:
    """Where phrases begin and end: words that carry something, with nothing between them."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for place, word in enumerate([*words, BREAK]):
        if _carries(word):
            start = place if start is None else start
        elif start is not None:
            runs.append((start, place))
            start = None
    return runs


def _carries(word: str) -> bool:
    return (
        word not in (BREAK, OWNS)
        and word not in LINKS
        and (word not in DECISIVE or word in PICKING)
    )


def _after(words: Sequence[str], place: int) -> list[str]:
    found: list[str] = []
    for word in words[place + 1 :]:
        if word in LINKS or word in DECISIVE or len(found) == _GOVERNED:
            break
        if word not in (BREAK, OWNS):
            found.append(word)
    return found


def _moved_out(word: str, here: Bound, there: Bound, both: Set[str]) -> bool:
    """Whether what stands between the word and its head in one belongs to nothing in the other:
    "delete inactive accounts", "delete accounts that are inactive". Or the word alone has moved:
    "the backup retention period", "the retention period of backups".
    """
    return _explained(word, here, there, both) or _explained(word, there, here, both)


def _is_verb(word: str, head: str, one: Bound, other: Bound) -> bool:
    """Whether the word may do something, and another of its phrase belong to the head: "levels of
    severity trigger", "severity levels trigger".
    """
    phrase = (it for it, after in one.phrases.items() if word in after)
    return head in one.owners.get(word, ()) and any(
        head in other.heads.get(it, ()) for it in phrase
    )


def _explained(word: str, one: Bound, other: Bound, both: Set[str]) -> bool:
    phrase = one.phrases.get(word, ())
    for head in other.heads[word] & both:
        if head in phrase:
            between = phrase[: list(phrase).index(head)]
            if head in other.owners.get(word, ()) or not any(map(other.heads.get, between)):
                return True
    return False
