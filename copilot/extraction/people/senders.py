"""People whom headers, attributions and turns name.

Invariant: a mailbox of a team, a machine or a role is nobody.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people.businesses import is_shop
from copilot.extraction.people.firms import Hosts, has_legal_form
from copilot.extraction.people.naming import key, looks_like_name
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.reading import Message, Segment, SegmentKind, Span
from copilot.extraction.texts.addresses import all_named_in
from copilot.extraction.texts.headers import Header, block_at
from copilot.extraction.texts.lines import lines_of
from copilot.extraction.texts.roles import side_of

_MAX_MESSAGES = 2_000
_IN_BRACKETS = re.compile(r"\((?P<name>[^(),]{2,40})(?:,\s(?P<company>[^()]{2,50}))?\)$")
_COMPANY_IN = re.compile(r"(?:\s[|–-]\s|\s?[(\[])(?P<company>[^()\[\]|]{2,60}?)[)\]]?$")


def read_senders(sheet: Sheet, hosts: Hosts) -> None:
    """Adds who wrote each message; who speaks, at their first turn."""
    starts = [one.start for one in sheet.reading.segments]
    spoke: set[tuple[str, bool]] = set()
    for message in sheet.reading.messages[:_MAX_MESSAGES]:
        shown = message.sender_name
        if shown is None:
            continue
        words = sheet.reading.quote(shown)
        if message.part == "turn":
            if (words, message.own) in spoke:
                continue
            spoke.add((words, message.own))
        if side_of(words):  # "Lea (Support)" names a person, "CALLER" nobody
            inner = re.match(r"([^()]+?)\s*\(", words)
            if not inner or side_of(inner[1]):
                _in_brackets(sheet, message, shown)
                continue
        kind = sheet.reading.segments[bisect_right(starts, shown.start) - 1].kind
        label = _label(message, kind)
        sure = 0.93 if message.part != "turn" else 0.85
        if message.part != "turn" and is_shop(words):
            if not any(map(str.isdigit, words)):
                sheet.add(CandidateKind.COMPANY, shown, sure=0.8, label=label)
            continue
        sheet.person(shown, sure=sure, label=label, loose=True)
        _company_of(sheet, shown, hosts, label=label)


def _label(message: Message, kind: SegmentKind) -> str:
    own = "own " if message.own else ""
    if message.part == "turn":
        return f"{own}speaker"
    return f"{own}{'attribution' if kind is SegmentKind.ATTRIBUTION else 'header from'}"


def _in_brackets(sheet: Sheet, message: Message, shown: Span) -> None:
    """The name, and perhaps the company, in "Customer (Ana Gómez, Acme)"."""
    found = _IN_BRACKETS.search(sheet.reading.quote(shown))
    if not found:
        return
    label = f"{'own ' if message.own else ''}speaker"
    name = Span(shown.start + found.start("name"), shown.start + found.end("name"))
    if sheet.person(name, sure=0.9, label=label) and found["company"]:
        company = Span(shown.start + found.start("company"), shown.start + found.end("company"))
        sheet.add(CandidateKind.COMPANY, company, sure=0.75, label=label)


def _company_of(sheet: Sheet, shown: Span, hosts: Hosts, *, label: str) -> None:
    """ "Ana Gómez (Acme GmbH)", "Ana Gómez | Acme"."""
    words = sheet.reading.quote(shown)
    found = _COMPANY_IN.search(words)
    if not found:
        return
    company = found["company"]
    known = has_legal_form(company) or next(hosts.find(company), None)
    if known or (" " in company and not side_of(company) and looks_like_name(company)):
        span = Span(shown.start + found.start("company"), shown.start + found.end("company"))
        sheet.add(CandidateKind.COMPANY, span, sure=0.9 if known else 0.7, label=label)


def read_recipients(sheet: Sheet, segment: Segment) -> None:
    """Adds whom a mail went to."""
    lines = [
        line._replace(
            start=line.start + segment.start,
            end=line.end + segment.start,
            at=line.at + segment.start,
        )
        for line in lines_of(sheet.text[segment.start : segment.end])
    ]
    first = next((at for at, line in enumerate(lines) if line.words and ":" in line.words), None)
    block = None
    while first is not None and first < len(lines) and block is None:
        block = block_at(sheet.text, lines, first, top=segment.message == 0)
        first += 1
    if block is None:
        return
    team = {
        key(sheet.reading.quote(one.sender_name))
        for one in sheet.reading.messages
        if one.own and one.sender_name
    }
    headers: tuple[Header, ...] = ("to", "cc")
    for header in headers:
        if header not in block.fields:
            continue
        for named in all_named_in(sheet.text, block.fields[header]):
            if named.name is None or side_of(sheet.reading.quote(named.name)):
                continue
            own = "own " if key(sheet.reading.quote(named.name)) in team else ""
            sheet.person(named.name, sure=0.9, label=f"{own}header {header}")
