"""Finds people, companies, positions and addresses in a text that was taken apart.

Invariant: each candidate's offsets hold the words that it was read from.

Labels: "header from", "header to", "header cc", "attribution", "speaker", "signature", "card",
"form <label>", "stated" (of oneself), "note" and "contact" (of others), "mentioned", "heading",
"body", "footer"; "own " before it where the team itself wrote or is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.candidates import Candidate
from copilot.extraction.people.addressees import read_addressees
from copilot.extraction.people.firms import Hosts, host_name, host_names
from copilot.extraction.people.labelled import read_form, read_lists
from copilot.extraction.people.naming import looks_like_name, untitled
from copilot.extraction.people.noting import (
    read_addresses,
    read_heading,
    read_hosts,
    read_legal_forms,
    read_sections,
    read_subjects,
)
from copilot.extraction.people.senders import read_recipients, read_senders
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.people.signing import read_signature
from copilot.extraction.people.stating import read_statements
from copilot.extraction.people.talking import read_answers
from copilot.extraction.reading import Reading, Segment, SegmentKind
from copilot.extraction.texts.wording import CONTACT, CONTACT_IN

_PROSE = (SegmentKind.BODY, SegmentKind.GREETING, SegmentKind.FORM)
_WITH_HOSTS = (SegmentKind.BODY, SegmentKind.SIGNATURE, SegmentKind.FORM)
_MAX_SEGMENTS = 2_000
_MAIL = (SegmentKind.HEADERS, SegmentKind.FORM, SegmentKind.GREETING, SegmentKind.TRACE)
_LIMIT = 20_000
MAX_CARD = 18  # lines
MAX_BLOCK = 10
_FIRST_PART = re.compile(r",|\s[|·–-]\s|\s\(")
_ITEM = re.compile(  # a line of a list of people: "- Ida Roth, buyer, Roth KG, ida@roth.example"
    r"[ \t>]*(?:[-*•·–]\s+|\(?\d{1,2}[.)]\s+)?(?P<said>[^\n]{12,200})"
)
_NO_ITEM = re.compile(r"[.!?]\s|(?:[^\W\d]+\s){7}[^\W\d]+")
_COPIED = re.compile(r"^(?:cc|kopie|copie|cci?|con copia)\s?:(.*)", re.MULTILINE | re.IGNORECASE)
_PARAGRAPH = re.compile(r"((?:\n[ \t>]*){2,})")


def find_people(reading: Reading) -> list[Candidate]:
    """People, companies, positions and addresses, in the order in which they stand."""
    sheet = Sheet(reading)
    hosts = _hosts(reading)
    read_senders(sheet, hosts)
    read_answers(sheet)
    card = _card(reading)
    if card is not None:
        read_signature(sheet, card, hosts, label="card")
    else:
        read_heading(sheet)
        read_sections(sheet)
    read_addressees(sheet)
    read_subjects(sheet, hosts)
    for segment in reading.segments[:_MAX_SEGMENTS]:
        match segment.kind:
            case SegmentKind.HEADERS:
                read_recipients(sheet, segment)
            case SegmentKind.SIGNATURE:
                read_signature(sheet, segment, hosts)
            case SegmentKind.FORM:
                read_form(sheet, segment)
        if segment.kind is SegmentKind.BODY and card is None:
            for block in _blocks(reading, segment):
                read_signature(sheet, block, hosts, label="card")
        if segment.kind in _PROSE:
            read_statements(sheet, segment, hosts)
            read_hosts(sheet, segment, hosts)
            read_addresses(sheet, segment)
            read_lists(sheet, segment)
        if segment.kind in (*_PROSE, SegmentKind.BOILERPLATE):
            read_legal_forms(sheet, segment)
    return sheet.candidates()


def _blocks(reading: Reading, segment: Segment) -> Iterator[Segment]:
    """Paragraphs of a body that are somebody's contact data, a line each."""
    at = segment.start
    words = reading.text[segment.start : min(segment.end, segment.start + _LIMIT)]
    for paragraph in _PARAGRAPH.split(words):
        start, at = at, at + len(paragraph)
        if _is_card(paragraph):
            yield Segment(SegmentKind.SIGNATURE, start, at, segment.message)
        elif CONTACT_IN.search(paragraph):
            yield from _items(reading, start, at, segment.message)


def _is_card(paragraph: str) -> bool:
    lines = [line.strip(" \t\r>") for line in paragraph.splitlines() if line.strip(" \t\r>")]
    if not 3 <= len(lines) <= MAX_BLOCK or any(len(line) > 80 for line in lines):
        return False
    if any(line[-1] in ".!?:" and len(line) > 40 for line in lines):
        return False
    return any(CONTACT.match(line) for line in lines) and any(
        looks_like_name(untitled(_FIRST_PART.split(line)[0])) for line in lines[:2]
    )


def _items(reading: Reading, start: int, end: int, message: int) -> Iterator[Segment]:
    """Lines that begin with a name and hold contact data and nothing that is told."""
    for found in _ITEM.finditer(reading.text, start, end):
        said = found["said"]
        if not CONTACT_IN.search(said) or _NO_ITEM.search(said):
            continue
        name = untitled(_FIRST_PART.split(said, maxsplit=1)[0]).strip()
        if name != said and " " in name and looks_like_name(name):
            yield Segment(SegmentKind.SIGNATURE, *found.span("said"), message)


def _card(reading: Reading) -> Segment | None:
    """All of a text that is nothing but a business card."""
    lines = [line.strip() for line in reading.text[:3000].splitlines() if line.strip()]
    if len(reading.messages) > 1 or not 3 <= len(lines) <= MAX_CARD or len(reading.text) > 1500:
        return None
    if any(one.kind in _MAIL for one in reading.segments):
        return None
    short = sum(1 for line in lines if len(line) <= 60)
    contacts = sum(1 for line in lines if CONTACT.match(line))
    if contacts < 2 or short * 10 < len(lines) * 8:
        return None
    return Segment(SegmentKind.SIGNATURE, 0, len(reading.text), 0)


def _hosts(reading: Reading) -> Hosts:
    """Names of companies out of the addresses of those who aren't the team.

    The team's are those of its messages, and of whom the current mail went to.
    """
    own: set[str] = set()
    theirs: set[str] = set()
    senders: set[str] = set()
    for message in reading.messages[:_MAX_SEGMENTS]:
        if message.sender_email is not None:
            domain = reading.quote(message.sender_email).rpartition("@")[2]
            (own if message.own else theirs).add(host_name(domain))
            if not message.own and (message.number == 0 or message.part == "forwarded"):
                senders.add(host_name(domain))
    copied: set[str] = set()
    for segment in reading.segments[:_MAX_SEGMENTS]:
        words = reading.text[segment.start : min(segment.end, segment.start + _LIMIT)]
        if reading.messages[segment.message].own and segment.kind is not SegmentKind.BODY:
            own.update(host_names(words))
        elif segment.kind is SegmentKind.HEADERS:
            if segment.message == 0:
                own.update(host_names(words))
                copied.update(host for line in _COPIED.findall(words) for host in host_names(line))
        elif segment.kind in _WITH_HOSTS:
            theirs.update(host_names(words, links=segment.kind is not SegmentKind.BODY))
    inside = own - senders - copied
    return Hosts((theirs | copied) - inside)
