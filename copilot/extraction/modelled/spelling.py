"""Whether words say a value that is spelt otherwise: a name in a form, an address read aloud.

Invariant: each letter of the value stands in the words, in order; nothing is added but blanks and
the marks that a reader says in words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.extraction.finding.sheet import fold

_WORDS = re.compile(r"[^\W_]+")
_PLAINLY = re.compile(r"[\w ,.'’&/()-]+")  # marks that names and addresses have between words
# "First name: Zoë⏎Last name: Müller": what stands between the parts of a name in a form
_PARTS_OF_A_NAME = frozenset(
    "first last given middle family name names surname forename vorname nachname familienname nom"
    " prenom de famille nombre nombres apellido apellidos".split()
)
_LAST_FIRST = re.compile(r"(?P<last>[^,:\n]{1,60}),\s*(?P<first>[^,:\n]{1,60})")
_AT = re.compile(r"\s*(?:@|\b(?:at|ät|arobase|arroba)\b)\s*", re.I)
_DOT = re.compile(r"\s*\b(?:dot|punkt|point|punto)\b\s*", re.I)
_DASH = re.compile(r"\s*\b(?:dash|hyphen|minus|bindestrich|tiret|guion)\b\s*", re.I)


def says_called(value: str, quote: str, *, person: bool) -> bool:
    """Whether the words are the value's, but for marks; a person's may stand apart in a form."""
    told, words = _WORDS.findall(fold(value)), _WORDS.findall(fold(quote))
    if not told or not _PLAINLY.fullmatch(value):
        return False
    spaced = all(len(word) == 1 for word in words) and "".join(told) == "".join(words)
    if spaced or _in_a_row(told, words):
        return True
    if not person:
        return False
    turned = _LAST_FIRST.fullmatch(quote.strip())
    if turned is not None and told == _WORDS.findall(fold(f"{turned['first']} {turned['last']}")):
        return True
    return _in_order(told, words) and not set(words) - set(told) - _PARTS_OF_A_NAME


def says_email(value: str, quote: str) -> bool:
    """Whether the words are the address as it is read aloud, or with blanks about its marks."""
    said = _AT.sub("@", _DASH.sub("-", _DOT.sub(".", quote)))
    bare = re.escape(value.lower())
    return re.search(rf"(?<![\w.+-]){bare}(?![\w-]|\.\w)", said.lower()) is not None


def _in_a_row(told: Sequence[str], words: Sequence[str]) -> bool:
    return any(
        list(words[at : at + len(told)]) == list(told) for at in range(len(words) - len(told) + 1)
    )


def _in_order(told: Sequence[str], words: Sequence[str]) -> bool:
    left = iter(words)
    return all(any(word == one for word in left) for one in told)
