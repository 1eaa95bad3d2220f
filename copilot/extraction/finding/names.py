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
_JOINED = 6  # characters between two words of one name
_LONG_ENOUGH = 4  # letters from which an ending may be another one


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: CandidateKind
    name: str
    written: str  # as the configuration writes it
    words: tuple[str, ...]
    links: tuple[str, ...]  # what stands between the words, without blanks and hyphens


class Names:
    """The names of a configuration; built once, asked for each text."""

    def __init__(self, tables: Mapping[CandidateKind, Mapping[str, Sequence[str]]]) -> None:
        by_first: dict[str, list[_Entry]] = {}
        for kind, table in tables.items():
            for name, others in table.items():
                for written in dict.fromkeys((name, *others)):
                    for entry in _entries(kind, name, written):
                        by_first.setdefault(entry.words[0], []).append(entry)
        for entries in by_first.values():
            entries.sort(key=lambda entry: (-len(entry.words), entry.written != entry.name))
        self._by_first = by_first
        self.last_words = frozenset(
            entry.words[-1] for entries in by_first.values() for entry in entries
        )

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

    def starting_with(self, word: str) -> Sequence[_Entry]:
        """Names whose first word this is, the longest first."""
        return self._by_first.get(word, ())


NO_NAMES = Names({})


def find_names(sheet: Sheet, names: Names) -> Iterator[Candidate]:
    """Each place at which a name stands; several kinds at one place if several have the name."""
    words = sheet.words
    taken: dict[CandidateKind, int] = {}
    for index, word in enumerate(words):
        found: dict[CandidateKind, Candidate] = {}
        for first in _stems(word.text):
            for entry in names.starting_with(first):
                if entry.kind not in sheet.kinds or taken.get(entry.kind, 0) > word.start:
                    continue
                end = _end_of(sheet, entry, index)
                if end is None or _inside_an_address(sheet.text, word.start, end):
                    continue
                best = found.get(entry.kind)
                if best is None or end > best.end:
                    found[entry.kind] = _candidate(sheet.text, entry, word.start, end)
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
    yield _Entry(kind, name, written, tuple(part[0] for part in parts), links)


def _stems(word: str) -> tuple[str, ...]:
    """The word, and itself without an ending that a plural or a genitive has."""
    if len(word) <= _LONG_ENOUGH or word[-1] not in "sn":
        return (word,)
    if word.endswith(("es", "en")):
        return (word, word[:-1], word[:-2])
    return (word, word[:-1])


def _end_of(sheet: Sheet, entry: _Entry, index: int) -> int | None:
    """Where the name ends if it begins with this word."""
    words, folded = sheet.words, sheet.folded
    if index + len(entry.words) > len(words):
        return None
    for step, expected in enumerate(entry.words):
        word = words[index + step]
        if step and not _linked(folded, words[index + step - 1], word, entry.links[step - 1]):
            return None
        last = step == len(entry.words) - 1
        if word.text != expected and not (last and expected in _stems(word.text)):
            return None
    return words[index + len(entry.words) - 1].end


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
