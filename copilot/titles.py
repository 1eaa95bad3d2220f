"""What titles have in common, by the words that tell what they are about.

Invariant: a word is made of letters, digits, ``_`` and inner ``-``: in no product's query
language can one end a value or begin anything.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

_WORD = re.compile(r"\w+(?:-\w+)*")
_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+", re.IGNORECASE)
_MOST = 8
_SHORT, _LONG = 2, 60  # characters; what is longer is no word, and fills a query
# What any two customers say: "Question about the invoice", "Frage zu der Lieferung".
_EMPTY = frozenset(
    "the and for with from about not can cannot our your this that are was has have does when after"
    " since please help urgent question problem issue request support ticket error"
    " der die das den dem des ein eine einen einer und oder mit von vom zum zur bei für auf nicht"
    " kein keine nach seit wir unser ist sind hat bitte hilfe dringend frage fehler anfrage störung"
    " les des une aux avec pour dans sur pas est sont mon notre depuis aide demande problème erreur"
    " los las del una con por para sobre que sin está son desde ayuda consulta pregunta problema"
    " urgente solicitud".split()
)


def telling(title: str) -> list[str]:
    """Those that say most of a title, the most telling first: with digits, then long ones."""
    found = dict.fromkeys(told(title))
    return sorted(found, key=lambda word: (not _names(word), -len(word)))[:_MOST]


def alike(one: str, other: str) -> float:
    """The share of their words that two titles have in common, 0 to 1.

    Numbers, codes and versions name one thing each: titles that name different ones have nothing
    in common, whatever else they say.
    """
    (mine, named), (theirs, also_named) = _words(one), _words(other)
    if not mine or not theirs or (named and also_named and not named & also_named):
        return 0.0
    return len(mine & theirs) / len(mine | theirs)


@lru_cache(maxsize=10_000)
def _words(title: str) -> tuple[frozenset[str], frozenset[str]]:
    """A title's words, and those that name one thing. New titles meet the same old ones often."""
    words = frozenset(told(title))
    return words, frozenset(filter(_names, words))


def told(title: str) -> list[str]:
    """Its words in order, without reply marks and what any two titles say."""
    plain = normalize("NFC", _PREFIX.sub("", title)).casefold()
    words = (word for word in _WORD.findall(plain) if len(word) < _LONG and word not in _EMPTY)
    return [word for word in words if len(word) > _SHORT or word.isdigit()]


def _names(word: str) -> bool:
    return any(c.isdigit() for c in word)
