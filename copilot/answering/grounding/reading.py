"""Reads a sentence, and the passages it cites, into what is compared: words, names, numbers.

Invariant: a claim and a passage are read by the same rules, so a sentence that is copied
from its passage always agrees with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from copilot.answering.grounding.copying import flat
from copilot.answering.grounding.lexicon import LIGHT, NEGATIONS, NOT_NEGATING, TURNING
from copilot.answering.grounding.quantities import Quantity, quantities
from copilot.knowledge.sentences import plain, sentence_spans
from copilot.knowledge.terms import STOP_WORDS, stem, terms
from copilot.messages import Passage

Kind = Literal["word", "name", "identifier"]

_CODE = re.compile(r"`+([^`\n]+?)`+")
_WORD = re.compile(r"--?[A-Za-z][\w-]*|[@#]?\w+(?:[._:/@\\-]+\w+|['’]\w+)*")
_CLAUSE_END = re.compile(r"[;:.!?()\n–—]|,(?=\s)|\bbut\b|\bhowever\b|\bthen\b", re.I)
_LEADING = re.compile(r"^[\s\"'“‘(*_>#-]*(?:\d+[.)]\s+)?[\"'“‘(*_]*")
_ABBREVIATED = frozenset({"e.g", "i.e", "etc", "vs", "a.m", "p.m", "cf", "no"})
# "Tax benefits: …": what a list item is about, in the writer's own words
_LABEL = re.compile(r"(?:\d+[.)]\s+|[-*•]\s+)?[A-Z][^.:!?\n]{0,40}:(?=\s)")
_STARTS = re.compile(r"[.:!?]\W+$|^\W*$|[\"“‘]$")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\||$)", re.M)
_CELL_END = re.compile(r"(?<!\\)\|")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word that counts. ``stem`` compares; ``negated`` by a cue before it in its clause.

    ``head``: the first word that counts after such a cue.
    """

    stem: str
    text: str
    kind: Kind
    start: int
    light: bool
    negated: bool
    head: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as it is compared. ``stems`` also holds the parts of what is joined."""

    text: str
    tokens: tuple[Token, ...]
    quantities: tuple[Quantity, ...]
    codes: tuple[str, ...]
    stems: frozenset[str]
    negations: int

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.rstrip(" *_\"'”»)").endswith("?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a passage, or a row of a table in it: ``passage.text[start:end]``.

    ``cells`` of a row, and what stands over each, in ``heads``; ``over``: all of the heads.
    """

    reading: Reading
    start: int
    end: int
    cells: tuple[Reading, ...] = ()
    heads: tuple[Reading, ...] = ()
    over: Reading | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage as it is compared. ``around``: stems of its title and headings."""

    passage: Passage
    units: tuple[Unit, ...]
    around: Reading
    text: str


@lru_cache(maxsize=512)
def evidence(passage: Passage) -> Evidence:
    """The passage's sentences, read. Cached: a passage is compared with many sentences."""
    tables = [(s.start, s.end) for s in passage.spans if s.kind == "table"]
    units = []
    for start, end in sentence_spans(passage.text, passage.spans):
        table = next((t for t in tables if t[0] <= start < t[1]), None)
        if table is None:
            units.append(Unit(read(passage.text[start:end]), start, end))
        else:
            units += rows(passage.text, start, end, table[0])
    above = [plain(h) for h in (passage.title, *passage.heading_path)]
    above += [plain(passage.text[s.start : s.end]) for s in passage.spans if s.kind == "heading"]
    text = flat(" ".join([*above, passage.text]))
    return Evidence(passage, tuple(units), read(". ".join(above)), text)


def rows(text: str, start: int, end: int, table: int) -> Iterator[Unit]:
    """The rows of ``text[start:end]``, a piece of the table that begins at ``table``."""
    heads: tuple[Reading, ...] = ()
    over: Reading | None = None
    first, _, after = text[table:].partition("\n")
    if _RULE.match(after) and "|" in first:
        over, heads = read(first), _cells(first)
    at = start
    for line in text[start:end].splitlines(keepends=True):
        row = line.strip()
        begin = at + line.find(row)
        at += len(line)
        if not _LETTER_OR_DIGIT.search(row):
            continue
        if over is None or begin <= table + len(first):
            yield Unit(read(row), begin, begin + len(row))
        else:
            yield Unit(read(row), begin, begin + len(row), _cells(row), heads, over)


def _cells(row: str) -> tuple[Reading, ...]:
    bare = row.strip().removeprefix("|").removesuffix("|")
    return tuple(read(cell) for cell in _CELL_END.split(bare))


def read(text: str) -> Reading:
    """Read one sentence, list item or other unit."""
    codes = tuple(flat(match) for match in _CODE.findall(text))
    clean = _unaccented(plain(text).replace("’", "'"))
    numbers = tuple(quantities(clean))
    tokens, negations = _tokens(clean, numbers)
    stems = frozenset(part for token in tokens for part in _parts(token.stem))
    return Reading(clean, tokens, numbers, codes, stems | _joined(tokens), negations)


def _unaccented(text: str) -> str:
    """Perú and Peru are one name. Letters only lose their marks, so offsets hold."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFD", c)[0] if c.isalpha() else c for c in text)


def _tokens(text: str, numbers: tuple[Quantity, ...]) -> tuple[tuple[Token, ...], int]:
    found: list[Token] = []
    ends = [m.start() for m in _CLAUSE_END.finditer(text)]
    harmless = [(m.start(), m.end()) for m in NOT_NEGATING.finditer(text)]
    first = _LEADING.match(text)
    label = _LABEL.match(text)
    begin = max(first.end() if first else 0, label.end() if label else 0)
    titled = _is_titled(text)
    cue_at: int | None = None
    heads_due = negations = 0
    for match in _WORD.finditer(text):
        word, at = _POSSESSIVE.sub("", match.group()), match.start()
        lower = word.lower()
        if cue_at is not None and any(cue_at + 1 < end < at for end in ends):
            cue_at = None
        if lower in NEGATIONS and not any(s <= at < e for s, e in harmless):
            cue_at, heads_due, negations = match.end(), 1, negations + 1
            continue
        if any(q.start <= at < q.end for q in numbers):
            continue
        starts = at <= begin or titled or bool(_STARTS.search(text[max(0, at - 4) : at]))
        if not word.isascii() and len(pairs := terms(word)) > 2:
            # a script without spaces: its pairs of signs are its words
            found += [Token(p, p, "word", at, False, cue_at is not None, False) for p in pairs]
            continue
        kind = _kind(word, first_word=starts)
        turning = lower in TURNING
        if lower in _ABBREVIATED:
            continue
        if kind == "word" and not turning and (lower in STOP_WORDS or len(lower) < 2):
            continue
        base = _stem(word, kind)
        negated = cue_at is not None
        head = negated and heads_due > 0 and not turning
        heads_due -= int(head)
        light = kind == "word" and base in LIGHT
        found.append(Token(base, word, kind, at, light, negated, head))
    return tuple(found), negations


def _kind(word: str, *, first_word: bool) -> Kind:
    bare = word.lstrip("-@#")
    if word[0] in "-@#" or re.search(r"[_./:@\\]", bare):
        return "identifier"
    if any(c.isdigit() for c in bare) and any(c.isalpha() for c in bare):
        return "identifier"
    if re.search(r"[a-z][A-Z]", bare):
        return "identifier"
    if bare[0].isupper() and bare.lower() not in STOP_WORDS and not first_word:
        return "name"
    return "word"


def _stem(word: str, kind: Kind) -> str:
    if kind == "identifier":
        # SEV-2, sev2 and Sev 2 are one thing
        return re.sub(r"(?<=[a-z])-(?=\d)", "", word.lower().strip("-@#"))
    return "-".join(stem(part) for part in word.lower().split("-"))


def _parts(base: str) -> set[str]:
    return {base, *re.split(r"[-._:/@\\]+", base)} - {""}


def _joined(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Neighbours written as one word, so that "on-call", "on call" and "oncall" agree."""
    alone = {t.stem.replace("-", "") for t in tokens if "-" in t.stem}
    pairs = {a.stem + b.stem for a, b in pairwise(tokens) if b.start - a.start - len(a.text) == 1}
    return frozenset(alone | pairs)


def _is_titled(text: str) -> bool:
    """Whether nearly every word is capitalised, so that capitals say nothing."""
    words = re.findall(r"[A-Za-z]{4,}", text)
    return len(words) >= 3 and sum(w[0].isupper() for w in words) > 0.7 * len(words)
