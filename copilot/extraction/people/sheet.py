"""The candidates of one text while they are collected.

Invariant: one kind at one place is one candidate, the surest that was found there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.people.firms import has_legal_form
from copilot.extraction.people.naming import bare, looks_like_name, name_value
from copilot.extraction.reading import Reading, Span

_SURE = 0.84  # of a name, so that no company can stand in its place
_NAMED = 0.7  # of a name, so that the same words elsewhere are it too
_CLOSE = 0.1  # how much surer a part must be than the whole that holds it


@dataclass(slots=True)
class Sheet:
    """``reading`` and what was found in it."""

    reading: Reading
    _found: dict[tuple[CandidateKind, int, int], Candidate] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.reading.text

    def add(
        self, kind: CandidateKind, span: Span, *, sure: float, label: str, value: str = ""
    ) -> None:
        quote = self.reading.quote(span)
        candidate = Candidate(
            kind, value or " ".join(quote.split()), span.start, span.end, sure, label=label
        )
        place = (kind, span.start, span.end)
        if place not in self._found or self._found[place].confidence < sure:
            self._found[place] = candidate

    def person(self, span: Span, *, sure: float, label: str, loose: bool = False) -> Span | None:
        """Adds the name within a span, if it is one; where it stands."""
        if self.text.startswith("=?", span.start):
            return self._encoded(span, sure=sure, label=label)
        name = bare(self.text, span)
        if name is None or not looks_like_name(self.reading.quote(name), loose=loose):
            return None
        if has_legal_form(self.reading.quote(name)):
            return None
        value = name_value(self.reading.quote(name))
        self.add(CandidateKind.PERSON, name, sure=sure, label=label, value=value)
        return name

    def _encoded(self, span: Span, *, sure: float, label: str) -> Span | None:
        """A name as raw mail headers spell it: =?utf-8?q?J=C3=B6rg?="""
        spelt = decoded(self.reading.quote(span))
        if not looks_like_name(spelt, loose=True):
            return None
        self.add(CandidateKind.PERSON, span, sure=sure, label=label, value=name_value(spelt))
        return span

    def candidates(self) -> list[Candidate]:
        """All of them in their order, without those that are a part of a surer one."""
        people = sorted(
            (one.start, one.end)
            for one in self._found.values()
            if one.kind is CandidateKind.PERSON and one.confidence >= _SURE
        )
        names = {
            one.value
            for one in self._found.values()
            if one.kind is CandidateKind.PERSON and one.confidence >= _NAMED
        }
        found = sorted(
            (
                one
                for one in self._found.values()
                if one.kind is not CandidateKind.COMPANY
                or not (_is_in(one, people) or (one.value in names and _guessed(one)))
            ),
            key=lambda one: (one.kind, one.start, -one.end),
        )
        kept: list[Candidate] = []
        for one in found:
            last = kept[-1] if kept else None
            if last and last.kind is one.kind and one.start < last.end:
                if one.confidence <= last.confidence + _CLOSE:
                    continue
                kept.pop()
            kept.append(one)
        return sorted(kept, key=lambda one: (one.start, one.end, one.kind))

    def own(self, message: int) -> str:
        """What a label begins with, for words of the team itself."""
        return "own " if self.reading.messages[message].own else ""


def decoded(words: str) -> str:
    """What a header says in the code of raw mails; empty if it is none."""
    try:
        return str(make_header(decode_header(words[:400])))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return ""


def _is_in(company: Candidate, people: Sequence[tuple[int, int]]) -> bool:
    """Whether a company is a part of somebody's name, as the domain of Ida Roth's own spells it."""
    if has_legal_form(str(company.value)):
        at = bisect_left(people, (company.start, company.end))
        return (company.start, company.end) in people[at : at + 1]
    at = bisect_left(people, (company.end, 0))
    return any(company.start < end for _, end in people[max(0, at - 2) : at])


def _guessed(company: Candidate) -> bool:
    """Whether only capitals told a company: what a label or an address names may be a person's."""
    return company.confidence < _SURE and "form" not in company.label and " " in str(company.value)
