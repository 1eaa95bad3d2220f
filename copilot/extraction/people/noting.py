"""Companies that a note's heading, a mail address or a legal form shows.

Invariant: a heading names a company only where the text goes on about people and no mail frames it.
"""

from __future__ import annotations

import re

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people.businesses import names_a_business
from copilot.extraction.people.firms import (
    AFTER,
    COMPANY,
    COMPANY_BEFORE,
    HEADING,
    LEGAL,
    Hosts,
    unled,
    widened,
)
from copilot.extraction.people.naming import looks_like_name
from copilot.extraction.people.places import addresses_in, one_line
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.people.trades import looks_like_trade
from copilot.extraction.reading import Segment, SegmentKind, Span

_LIMIT = 20_000
_MAX_SEGMENTS = 200
_NOTE_WORD = 5  # letters
_SECTION = re.compile(
    rf"^[ \t]*(?:\d{{1,2}}[.)]\s+|[A-Z][.)]\s+|TOP\s\d+\s+|#+\s)?(?P<name>{COMPANY})[ \t]*(?::"
    rf"|\(.{{0,40}}\))?$",
    re.MULTILINE,
)
_HEAD_PARTS = re.compile(r"\s+[-–—|/>=]{1,2}>?\s+|\s*[|:·,]\s+|\s*\(|\)")
_SENTENCE = re.compile(r"(?:[^\W\d]\.|[!?,])\s*$")
_CALLED = re.compile(
    r"(?:(?:phone|missed|inbound|outbound|in|out)\s)?(?:call(?:ed|back)?|voice ?mail|anruf"
    r"|telefonat|rückruf|appel|llamada|llamó|lunch)\b(?!\s(?:w/|with|mit|avec|con)\b)",
    re.IGNORECASE,
)
_HEAD_LEAD = re.compile(r"(?:[a-zà-ÿ/]{2,14}\s|\d[\d./-]*\s){0,3}")
_ADDRESS = re.compile(
    r"(?<!\S)\S*@\S*|https?://\S+|www\.\S+|(?<![\w-])[\w-]+(?:\.[\w-]+)+(?![\w-])"
)
_HEAD_COMPANY = re.compile(rf"(?P<name>{COMPANY})(?:\s\d[\d./]*)?$")


def read_hosts(sheet: Sheet, segment: Segment, hosts: Hosts) -> None:
    """Adds companies whose mail or web address the text holds."""
    if not hosts:
        return
    own = sheet.own(segment.message)
    words = sheet.text[segment.start : min(segment.end, segment.start + _LIMIT)]
    at = segment.start
    for line in words.splitlines(keepends=True):
        if not hosts.may_be_in(line):
            at += len(line)
            continue
        plain = _ADDRESS.sub(_blank, line)
        for start, end, sure in hosts.find(plain):
            first, last = widened(plain, start, end, left=_left(plain, start))
            label = f"{own}{segment.kind.value}"
            sheet.add(
                CandidateKind.COMPANY, Span(at + first, at + last), sure=sure - 0.05, label=label
            )
        at += len(line)


def read_subjects(sheet: Sheet, hosts: Hosts) -> None:
    """Adds companies of these addresses that a mail's subject names."""
    if not hosts:
        return
    for message in sheet.reading.messages[:_MAX_SEGMENTS]:
        if message.subject is None:
            continue
        words = sheet.reading.quote(message.subject)
        for start, end, sure in hosts.find(words):
            first, last = widened(words, start, end, left=False)
            span = Span(message.subject.start + first, message.subject.start + last)
            label = f"{sheet.own(message.number)}subject"
            sheet.add(CandidateKind.COMPANY, span, sure=sure - 0.1, label=label)


def _blank(found: re.Match[str]) -> str:
    return "." * len(found[0])


def _left(line: str, start: int) -> bool:
    """Whether what stands before may be part of the name: not where a sentence begins."""
    before = line[:start].rstrip()
    return bool(before) and before[-1] not in ".!?:;,-–—>([|"


def read_legal_forms(sheet: Sheet, segment: Segment) -> None:
    """Adds companies that are written with their legal form."""
    own = sheet.own(segment.message)
    end = min(segment.end, segment.start + _LIMIT)
    label = f"{own}{'footer' if segment.kind is SegmentKind.BOILERPLATE else segment.kind.value}"
    for form in LEGAL.finditer(sheet.text, segment.start, end):
        base = max(segment.start, form.start() - 80)
        if name := COMPANY_BEFORE.search(sheet.text[base : form.start()]):
            family = AFTER.match(sheet.text, form.end(), end) if "&" in form[0] else None
            begin = base + name.start()
            begin += unled(name[0], language=sheet.reading.language)
            begin += _noted_as(sheet.text[begin : form.start()])
            span = Span(begin, family.end() if family else form.end())
            sheet.add(CandidateKind.COMPANY, span, sure=0.8, label=label)


def _noted_as(words: str) -> int:
    """How long the words are that a note begins with, before a company's name."""
    found = HEADING.match(words)
    if found is None or found.end() < _NOTE_WORD:
        return 0  # "La", "De", "From"
    behind = len(words) - len(words[found.end() :].lstrip())
    return behind if behind < len(words) and words[behind].isupper() else 0


def read_addresses(sheet: Sheet, segment: Segment) -> None:
    """Adds postal addresses that stand within sentences."""
    end = min(segment.end, segment.start + _LIMIT)
    for start, stop, sure in addresses_in(sheet.text[segment.start : end]):
        span = Span(segment.start + start, segment.start + stop)
        sheet.add(
            CandidateKind.ADDRESS,
            span,
            sure=sure,
            label=f"{sheet.own(segment.message)}note",
            value=one_line(sheet.reading.quote(span)),
        )


def read_heading(sheet: Sheet) -> None:
    """Adds the company that a note is headed with: "Fenland Produce - Depot, 3 whs"."""
    reading = sheet.reading
    first = reading.segments[0]
    if first.kind not in (SegmentKind.BODY, SegmentKind.FORM) or len(reading.messages) > 1:
        return
    start = len(reading.text) - len(reading.text.lstrip())
    line = reading.text[start : start + 120].split("\n")[0]
    if "\n" not in reading.text.strip() or _SENTENCE.search(line) or line.startswith("["):
        return
    parted = _HEAD_PARTS.search(line) is not None
    at = 0
    parts = _HEAD_PARTS.split(line)
    for number, part in enumerate(parts):
        begin = line.find(part, at)
        at = begin + len(part)
        rest, named = _unheaded(part)
        found = _HEAD_COMPANY.match(rest)
        if not found or len(found["name"].split()) < 2 or not (parted or named):
            continue
        beside = parts[:number] + parts[number + 1 :]
        if looks_like_name(found["name"]) and any(map(_tells, beside)):
            offset = reading.text.find(found["name"], start + begin)
            span = Span(offset, offset + len(found["name"]))
            sheet.person(span, sure=0.7, label="note")  # with their position, or who was called
            return
        if HEADING.fullmatch(rest) or any(char.isdigit() for char in found["name"]):
            continue
        end = start + at
        offset = reading.text.rfind(found["name"], start + begin, end)
        span = Span(offset, offset + len(found["name"]))
        sheet.add(CandidateKind.COMPANY, span, sure=0.6, label="heading")
        return


def _tells(part: str) -> bool:
    """Whether a heading's part tells that the one beside it is a person."""
    return looks_like_trade(part) or _CALLED.match(part) is not None


def read_sections(sheet: Sheet) -> None:
    """Adds businesses that a numbered or lonely line names: the deals of a review."""
    if len(sheet.reading.messages) > 1:
        return
    for segment in sheet.reading.segments[:_MAX_SEGMENTS]:
        if segment.kind is not SegmentKind.BODY:
            continue
        end = min(segment.end, segment.start + _LIMIT)
        for found in _SECTION.finditer(sheet.text, segment.start, end):
            if names_a_business(found["name"]):
                begin = found.start("name")
                begin += unled(found["name"], language=sheet.reading.language)
                span = Span(begin, found.end("name"))
                sheet.add(CandidateKind.COMPANY, span, sure=0.62, label="heading")


def _unheaded(part: str) -> tuple[str, bool]:
    """A heading's part without what kind of note it is, and whether it said so."""
    named = False
    while True:
        if lead := _HEAD_LEAD.match(part):
            part = part[lead.end() :]
        kind = HEADING.match(part)
        if kind is None or kind.end() >= len(part):
            return part, named
        named = True
        part = part[kind.end() :].lstrip()
