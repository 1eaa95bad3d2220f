"""Whether two questions ask the same, told by their words: what likeness of meaning can't tell.

Invariant: symmetric; a number, date, identifier, name, negation or opposite that only one of them
has, another order of who does what, or another kind of answer asked for keeps them apart, however
alike they are. In doubt they differ.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from copilot.answering.caching.asks import bare, for_object, kind, other_mood, other_voice
from copilot.answering.caching.binding import unbound
from copilot.answering.caching.words import (
    BREAK,
    DECISIVE,
    EMPTY,
    LINKS,
    OF_KIND,
    OWNS,
    is_done,
    is_name,
    name_for,
    one_for,
    stem_for,
    unphrased,
)
from copilot.answering.grounding.lexicon import COMPARISONS, OPPOSITES_IN_PLACE, SYNONYMS
from copilot.answering.grounding.reading import Reading, read
from copilot.knowledge.terms import ENGLISH_STOP_WORDS, folded

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_DIGITS = re.compile(r"[\w.+#/:-]*\d[\w.+#/:-]*")
_SIGNED = re.compile(r"(?<!\w)[A-Za-z]{1,12}[+#]{1,2}")
# "x < y", "plan A": a sign that compares or joins, a letter that names
_NAMING = re.compile(r"[<>=&|^~*]+|(?<=[^\W_]\s)[A-HJ-Z](?=\W|\Z)(?!['’.])")
_DASHED = re.compile(r"(?<=[a-z])-(?=\d)")
# Before what somebody does; empty: at the beginning.
_DOING = frozenset({"", "i", "we", "you", "one"})
_SMALL = ENGLISH_STOP_WORDS | LINKS | DECISIVE
_NOT_LATIN = re.compile(r"[^\W\d_a-zA-Z\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is compared.

    ``said``: stems in their order, with the small words between them that count, and ``BREAK``
    and ``OWNS`` where others stand; ``exact``: what must stand in both to the letter.
    """

    text: str
    kind: str
    reading: Reading
    said: tuple[str, ...]
    exact: frozenset[str]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for word in self.said if word not in (BREAK, OWNS))

    @property
    def meant(self) -> frozenset[str]:
        """The words that carry what is asked."""
        small = LINKS | DECISIVE
        return frozenset(w for w in self.words if w not in small and not is_name(w))

    @property
    def decisive(self) -> frozenset[str]:
        return frozenset(self.words) & DECISIVE


def difference(one: str, other: str) -> str:
    """In what two questions differ, for a person; empty when they ask the same."""
    first, second = (
        " ".join(question.split()).casefold().rstrip("?!. ") for question in (one, other)
    )
    if first == second:
        return ""
    here, there = _tokens(first), _tokens(second)
    mine = _asked(one, _merged(here, there))
    theirs = _asked(other, _merged(there, here))
    for differ in (
        _script,
        _kinds,
        _quantities,
        _exact,
        _negations,
        _small_words,
        _words,
        _order,
        _bound,
    ):
        if reason := differ(mine, theirs):
            return reason
    return ""


def _tokens(text: str) -> list[str]:
    return _WORD.findall(folded(text.lower().replace("’", "'")))


def _merged(words: Sequence[str], others: Collection[str]) -> frozenset[str]:
    """What is two words here and one there: "on-call" and "oncall"."""
    return frozenset(a + b for a, b in pairwise(words) if a + b in others)


def _asked(question: str, merged: frozenset[str]) -> Asked:
    text = unphrased(folded(bare(question)))
    wants, rest = kind(text)
    reading = read(text)
    exact = _to_the_letter(reading)
    # compared apart from the words, however they are written; only their places are kept
    written = {q.text: f"{q.kind} {q.value}" for q in reading.quantities}
    written |= {text: key for key, text in exact.items() if text not in written}
    rest = _named(rest, written)
    return Asked(
        text=text,
        kind=wants,
        reading=reading,
        said=tuple(_said(_joined(_tokens(rest), merged), wants)),
        exact=frozenset(exact),
    )


def _named(text: str, written: Mapping[str, str]) -> str:
    """The text with a word for each thing that is written so."""
    if not written:
        return text
    longest = sorted(written, key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"
    return re.sub(pattern, lambda found: f" {name_for(written[found.group()])} ", text)


def _joined(words: Sequence[str], merged: frozenset[str]) -> list[str]:
    found: list[str] = []
    for word in words:
        if found and found[-1] + word in merged:
            found[-1] += word
        else:
            found.append(word)
    return found


def _said(words: Sequence[str], wants: str) -> list[str]:
    found: list[str] = []
    before = "" if wants == "how" else "the"
    for place, word in enumerate(words):
        plain = one_for(word.removesuffix("'s").replace("'", ""))
        if is_name(word) or plain in LINKS or plain in DECISIVE:
            found.append(plain)
        elif plain in EMPTY or plain in OF_KIND.get(" ".join(wants.split()[:2]), ()):
            continue
        # in other languages every word counts: "nicht" and "ne pas" are small words, too
        elif {plain, word} & ENGLISH_STOP_WORDS:
            found.append(BREAK)
        else:
            ends = place + 1 == len(words) or bool({words[place + 1]} & _SMALL)
            found += [BREAK, stem_for(plain)] if ends and is_done(word) else [stem_for(plain)]
            if before in _DOING:  # what I do belongs to me, not to what it is done to
                found.append(BREAK)
            elif word.endswith("'s"):
                found.append(OWNS)
        before = word
    return found


def _to_the_letter(reading: Reading) -> dict[str, str]:
    """Identifiers, code, and what holds a digit and is no quantity, as compared and as written."""
    found = [t.text for t in reading.tokens if t.kind == "identifier" and not t.text.isalpha()]
    found += reading.codes
    for match in _DIGITS.finditer(reading.text):
        if not any(q.start <= match.start() and match.end() <= q.end for q in reading.quantities):
            found.append(match.group())
    found += _SIGNED.findall(reading.text)
    found += _NAMING.findall(reading.text)
    written = [one.strip(".,;:?!/") for one in found]
    return {_DASHED.sub("", one.strip("-@#").lower()) or one: one for one in written}


def _script(mine: Asked, theirs: Asked) -> str:
    strange = _NOT_LATIN.search(mine.text) or _NOT_LATIN.search(theirs.text)
    return "words of another script can't be compared" if strange else ""


def _kinds(mine: Asked, theirs: Asked) -> str:
    if mine.kind != theirs.kind:
        return f"one asks {mine.kind or 'something'}, the other {theirs.kind or 'something'}"
    if other_mood(mine.kind, mine.text, theirs.text):
        return "one asks what may be, the other what must be"
    if other_voice(mine.kind, mine.text, theirs.text):
        return "one asks who does it, the other to whom it is done"
    return ""


def _quantities(mine: Asked, theirs: Asked) -> str:
    here, there = mine.reading.quantities, theirs.reading.quantities
    if sorted((q.kind, q.value) for q in here) != sorted((q.kind, q.value) for q in there):
        return f"not the same numbers: {', '.join(sorted({q.text for q in (*here, *there)}))}"
    if here and _limits(mine.text) != _limits(theirs.text):
        return "not the same limit of a number"
    return ""


def _limits(text: str) -> frozenset[str]:
    return frozenset(sign for pattern, sign in COMPARISONS if pattern.search(text))


def _exact(mine: Asked, theirs: Asked) -> str:
    odd = mine.exact ^ theirs.exact
    return f"only one names {', '.join(sorted(odd))}" if odd else ""


def _negations(mine: Asked, theirs: Asked) -> str:
    if mine.reading.negations != theirs.reading.negations:
        return "one denies something, the other doesn't"
    here = {token.stem for token in mine.reading.tokens if token.head}
    there = {token.stem for token in theirs.reading.tokens if token.head}
    return "they deny different things" if here != there else ""


def _small_words(mine: Asked, theirs: Asked) -> str:
    odd = mine.decisive ^ theirs.decisive
    return f"only one says {', '.join(sorted(odd))}" if odd else ""


def _words(mine: Asked, theirs: Asked) -> str:
    here, there = mine.meant, theirs.meant
    for one, other in ((here - there, there), (there - here, here)):
        for word in sorted(one):
            if turned := OPPOSITES_IN_PLACE.get(word, frozenset()) & other:
                return f"{word} and {min(turned)} are opposites"
    odd = _unmatched(here, there) | _unmatched(there, here)
    if odd:
        return f"only one speaks of {', '.join(sorted(odd))}"
    return "" if here or mine.exact else "their words tell too little"


def _unmatched(these: frozenset[str], those: frozenset[str]) -> set[str]:
    """The words here that nothing there means, which a word here doesn't mean as well."""
    return {
        word
        for word in these - those
        if not (SYNONYMS.get(word, frozenset()) - {word}) & (those - these)
    }


def _bound(mine: Asked, theirs: Asked) -> str:
    """Whether a word belongs to one thing in the one and to another in the other."""
    lone = mine.meant - theirs.meant
    alike = {
        word: min(twins)
        for word in theirs.meant - mine.meant
        if (twins := SYNONYMS.get(word, frozenset()) & lone)
    }
    return unbound(mine.said, theirs.said, lambda word: alike.get(word, word))


def _order(mine: Asked, theirs: Asked) -> str:
    """Whether somebody does to another in the one what the other does in the other."""
    both = set(mine.words) & set(theirs.words)
    if any(len(set(one.words)) < len(one.words) for one in (mine, theirs)):
        # "What do customers tell the customer liaison?": which is meant where, order alone tells
        in_both = [[word for word in one.words if word in both] for one in (mine, theirs)]
        return "" if in_both[0] == in_both[1] else "not the same order of the same words"
    here = [word for word in dict.fromkeys(mine.words) if word in both]
    there = [word for word in dict.fromkeys(theirs.words) if word in both]
    at = {word: place for place, word in enumerate(there)}
    for i, j in combinations(range(len(here)), 2):
        first, last = here[i], here[j]
        if {first, last} & (LINKS | DECISIVE) or at[first] < at[last]:
            continue
        if for_object(mine.text) != for_object(theirs.text):
            return f"one asks what {last} does, the other what is done to it"
        if set(here[i + 1 : j]) & set(there[at[last] + 1 : at[first]]):
            return f"{first} and {last} change places"
    return ""
