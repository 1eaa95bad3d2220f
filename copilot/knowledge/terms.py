"""Words of a text as comparable terms, and which of them carry no subject.

Invariant: ``terms`` is deterministic, keeps an identifier whole besides its parts, and gives
the same terms for a question and for the passage that answers it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A word, or words joined by what joins identifiers: v1.2.3, foo_bar, --max-size, a/b.md, C++.
_TOKEN = re.compile(r"\w+(?:[._:/@\-]+\w+)*(?:\+\+|#)?")
_PARTS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Scripts written without spaces: han, kana, thai, lao, khmer. Their unit is a pair of signs.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_VOWEL = re.compile(r"[aeiouy]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")

_ENGLISH_STOP_WORDS = """
a about after again all also am an and any are as at be because been before being between both
but by can cannot could did do does doing don down during each etc few for from further had has
have having he her here hers him his how however i if in into is it its itself just let like ll
may me might more most much must my no nor not now of off on once only or other our out over own
please re s same shall she should so some such t than that the their them then there these they
this those through to too under until up upon us ve very was we were what when where which while
who whom whose why will with would yes you your yours
"""
_OTHERS_STOP_WORDS = """
das dem den der ein eine einem einen einer für ich ist mit nicht oder sie sind und von wer wie wir
zu zum zur dans elle et je la le les nous ou qui quoi une vous con del el para por que una che di
gli lo een het hoe wat em não uma
"""
# Of German, French, Spanish, Italian, Dutch and Portuguese what is commonest and is no English or
# technical word ("die", "os" and "EST" carry a subject here).
ENGLISH_STOP_WORDS = frozenset(_ENGLISH_STOP_WORDS.split())
STOP_WORDS = ENGLISH_STOP_WORDS | frozenset(_OTHERS_STOP_WORDS.split())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A light English stem of one lower-case word; words of other kinds come back unchanged.

    Inflections only (plural, -ed, -ing, final e or y), as in step 1 of Porter (1980).
    """
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _without_ending(_singular(word))
    if word.endswith("y") and len(word) > 3:
        return word[:-1] + "i"
    if word.endswith("e") and len(word) > 3:
        return word[:-1]
    return word


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3 and _VOWEL.search(base):
            doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if doubled else base
    return word


def folded(text: str) -> str:
    """Compatibility forms unified and accents dropped, as the index's full-text search does."""
    if text.isascii():
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", plain)


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as they occur.

    Lower-cased and stemmed; an identifier (``max_retries``, ``HTTPServer``, ``v1.2.3``) gives
    itself whole and then its parts; accents are dropped; unspaced scripts give pairs of signs.
    """
    found: list[str] = []
    for match in _TOKEN.finditer(folded(text)):
        found.extend(_terms_of(match.group()))
    return found


@lru_cache(maxsize=65_536)
def _terms_of(token: str) -> tuple[str, ...]:
    if _UNSPACED.search(token):
        return _unspaced(token)
    parts = [
        stem(piece.casefold())
        for word in _PARTS.findall(token)
        for piece in _CAMEL.split(word)
        if piece
    ]
    if token.isalnum() and len(parts) == 1:
        return tuple(parts)
    return (token.casefold(), *parts)


def _unspaced(token: str) -> tuple[str, ...]:
    found: list[str] = []
    rest = 0
    for run in _UNSPACED.finditer(token):
        if run.start() > rest:
            found.extend(_terms_of(token[rest : run.start()]))
        signs = run.group()
        found.extend(signs[i : i + 2] for i in range(max(1, len(signs) - 1)))
        rest = run.end()
    if rest < len(token):
        found.extend(_terms_of(token[rest:]))
    return tuple(found)


def content_terms(text: str) -> list[str]:
    """``terms`` without stop words and single letters; empty for "what about it?"."""
    return [term for term in terms(text) if is_content(term)]


_FOLDED_STOP_WORDS = frozenset(folded(word) for word in STOP_WORDS)
_STOP_STEMS = frozenset(stem(word) for word in _FOLDED_STOP_WORDS) | _FOLDED_STOP_WORDS


def is_content(term: str) -> bool:
    """Whether a term can carry a subject."""
    return term not in _STOP_STEMS and (len(term) > 1 or not term.isascii() or term.isdigit())


def content_words(text: str) -> str:
    """``text`` without its function words, for BM25; as it is when it has no others.

    Short names stay: a single letter ("R"), and capitals that only look like one ("IT", "US").
    """
    words = [match.group() for match in _TOKEN.finditer(text)]
    content = [word for word in words if _names_something(word)]
    return " ".join(content) if content else text


def _names_something(word: str) -> bool:
    if word.isupper() and len(word) > 1:
        return True
    return any(term not in _STOP_STEMS for term in terms(word))
