"""The configured names of products, their parts, plans and competitors, found in a text.

Invariant: whole words only, the longest name at a place; time grows with the text, not with the
number of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from copilot.config.records import ExtractionSettings
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.sheet import Sheet, Word, fold

_BETWEEN = re.compile(r"[ \n]*(?:[>|]+ *)?(?:- ?)?")  # a blank, a hyphen, a line's end in a quote
_PATH = 60  # characters of a path that are looked at
_SIGNS = ".+#*"
_JOINED = 6  # characters between two words of one name
_LONG_ENOUGH = 4  # letters from which an ending may be another one


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: CandidateKind
    name: str
    written: str  # as the configuration writes it
    words: tuple[str, ...]
    links: tuple[str, ...]  # what stands between the words, without blanks and hyphens
    head: str  # signs that belong to it: the dot of .NET
    tail: str  # the pluses of C++


class Names:
    """The names of a configuration; built once, asked for each text."""

    def __init__(self, tables: Mapping[CandidateKind, Mapping[str, Sequence[str]]]) -> None:
        by_words: dict[tuple[str, ...], list[_Entry]] = {}
        for kind, table in tables.items():
            for name, others in table.items():
                for written in dict.fromkeys((name, *others)):
                    for entry in _entries(kind, name, written):
                        by_words.setdefault(entry.words, []).append(entry)
        for entries in by_words.values():
            entries.sort(
                key=lambda entry: (-len(entry.head + entry.tail), entry.written != entry.name)
            )
        self._by_words = by_words
        self._beginnings = frozenset(
            words[:length] for words in by_words for length in range(1, len(words))
        )
        self._first_words = frozenset(words[0] for words in by_words)
        self.last_words = frozenset(words[-1] for words in by_words)

    @classmethod
    def of(cls, settings: ExtractionSettings) -> Names:
        """Those of the settings."""
        return cls(
            {
                CandidateKind.PRODUCT: settings.products,
                CandidateKind.COMPONENT: settings.components,
                CandidateKind.PLAN: settings.plans,
                CandidateKind.COMPETITOR: settings.competitors,
            }
        )

    def may_begin(self, word: str) -> bool:
        """Whether a name may begin with it."""
        first = self._first_words
        return word in first or word[:-1] in first or word[:-2] in first

    def at(self, words: Sequence[Word], index: int) -> Iterator[tuple[_Entry, int]]:
        """Names whose words these may be, with how many they are; the shorter ones first."""
        before: tuple[str, ...] = ()
        for step in range(index, len(words)):
            word = words[step].text
            for stem in _stems(word):
                for entry in self._by_words.get((*before, stem), ()):
                    yield entry, step - index + 1
            before = (*before, word)
            if before not in self._beginnings:
                return


NO_NAMES = Names({})


def find_names(sheet: Sheet, names: Names) -> Iterator[Candidate]:
    """Each place at which a name stands; several kinds at one place if several have the name."""
    words = sheet.words
    taken: dict[CandidateKind, int] = {}
    for index, word in enumerate(words):
        if not names.may_begin(word.text):
            continue
        found: dict[CandidateKind, Candidate] = {}
        for entry, count in names.at(words, index):
            if entry.kind not in sheet.kinds or taken.get(entry.kind, 0) > word.start:
                continue
            span = _span(sheet, entry, index, count)
            if span is None or _inside_an_address(sheet.text, *span):
                continue
            best = found.get(entry.kind)
            if best is None or span[1] > best.end:
                found[entry.kind] = _candidate(sheet.text, entry, *span)
        for candidate in found.values():
            taken[candidate.kind] = candidate.end
            yield candidate


def _entries(kind: CandidateKind, name: str, written: str) -> Iterator[_Entry]:
    folded = fold(written)
    parts = list(re.finditer(r"[^\W_]+", folded))
    if not parts:
        return
    links = tuple(
        folded[before.end() : after.start()].strip(" -") for before, after in pairwise(parts)
    )
    head, tail = folded[: parts[0].start()].strip(), folded[parts[-1].end() :].strip()
    signs = tuple("".join(char for char in side if char in _SIGNS) for side in (head, tail))
    yield _Entry(kind, name, written, tuple(part[0] for part in parts), links, *signs)


def _stems(word: str) -> tuple[str, ...]:
    """The word, and itself without an ending that a plural or a genitive has."""
    if len(word) <= _LONG_ENOUGH or word[-1] not in "sn":
        return (word,)
    if word.endswith(("es", "en")):
        return (word, word[:-1], word[:-2])
    return (word, word[:-1])


def _span(sheet: Sheet, entry: _Entry, index: int, count: int) -> tuple[int, int] | None:
    """Where the name stands if these are its words."""
    words, folded = sheet.words[index : index + count], sheet.folded
    for (before, after), link in zip(pairwise(words), entry.links, strict=True):
        if not _linked(folded, before, after, link):
            return None
    start, end = words[0].start - len(entry.head), words[-1].end + len(entry.tail)
    if start < 0 or folded[start : words[0].start] != entry.head:
        return None
    return (start, end) if folded[words[-1].end : end] == entry.tail else None


def _linked(folded: str, before: Word, after: Word, link: str) -> bool:
    if after.start - before.end > _JOINED + len(link):
        return False
    between = folded[before.end : after.start]
    if link:
        return between.replace(" ", "").replace("-", "").strip("\n>") == link.replace(" ", "")
    return _BETWEEN.fullmatch(between) is not None


def _inside_an_address(text: str, start: int, end: int) -> bool:
    """Part of a mail or web address, a path or an identifier, which isn't the name in a text."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if before in ("@", "\\", "_") or after[:1] in ("@", "_", "\\"):
        return True
    if (before == "." and text[start - 2 : start - 1].isalnum()) or (
        after[:1] in (".", ":") and after[1:].isalnum()
    ):
        return True
    if before != "/" and after[:1] != "/":
        return False
    first = max(text.rfind(blank, max(0, start - _PATH), start) for blank in " \n\t(")
    token = text[first + 1 : end + 2]
    return token.count("/") > 1 or token[:1] == "/"


def _candidate(text: str, entry: _Entry, start: int, end: int) -> Candidate:
    return Candidate(
        entry.kind,
        entry.name,
        start,
        end,
        confidence=_confidence(entry, " ".join(text[start:end].split())),
    )


def _confidence(entry: _Entry, shown: str) -> float:
    """A capitalised name in small letters may be a common word: a depot, teams, a pallet."""
    if shown == entry.written or len(entry.words) > 1:
        return 0.95
    if entry.written[:1].isupper() and shown[:1].islower():
        return 0.6
    return 0.85
