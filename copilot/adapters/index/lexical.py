"""What BM25 sees of a passage, and what it is asked for.

LanceDB's tokenizer splits at everything that isn't a letter or a digit, so ``foo_bar`` and
``v1.2`` are found by their parts. It leaves ``HTTPServer`` and a run of Chinese or Japanese
in one piece: here the parts of the first, and the character pairs of the second, are added.
Invariant: a passage and a question are expanded by the same rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MAX_QUERY_TERMS = 96
_LAST_TERMS = 32  # of a long text: a pasted traceback says what is wrong at its end
_MAX_TERM_CHARS = 80
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HUMP = re.compile(r"[a-z\d][A-Z]|[A-Z]{2}[a-z]")
# Scripts written without spaces: kana, CJK ideographs, Thai, Lao, Khmer, Burmese.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def search_text(title: str, heading_path: Sequence[str], text: str) -> str:
    """The text that BM25 indexes for a passage: title, headings, body, and parts of words."""
    whole = "\n".join(part for part in (title, *heading_path, text) if part)
    extra = dict.fromkeys(part for word in _WORD.findall(whole) for part in _parts(word))
    return f"{whole}\n{' '.join(extra)}" if extra else whole


def query_terms(query: str) -> list[str]:
    """The distinct words to look for; of a long text the first and the last ones."""
    distinct: dict[str, str] = {}
    for word in _WORD.findall(query):
        if len(word) <= _MAX_TERM_CHARS or _UNSPACED.match(word):
            distinct.setdefault(word.casefold(), word)
    words = list(distinct.values())
    if len(words) > MAX_QUERY_TERMS:
        words = words[: MAX_QUERY_TERMS - _LAST_TERMS] + words[-_LAST_TERMS:]
    terms = dict.fromkeys(words)
    for word in words:
        terms.update(dict.fromkeys(_parts(word)))
    return list(terms)[: 2 * MAX_QUERY_TERMS]


def _parts(word: str) -> Iterator[str]:
    if _HUMP.search(word):
        yield from (part for part in _CAMEL.findall(word) if len(part) > 1)
    for run in _UNSPACED.findall(word):
        if len(run) > 2:
            yield from (run[i : i + 2] for i in range(len(run) - 1))
