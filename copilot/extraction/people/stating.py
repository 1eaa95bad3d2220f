"""What people say of themselves and others: "this is Ana from Acme", "Mateusz Krol, buyer".

Invariant: a name counts with a wording around it that only names have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people import wordings
from copilot.extraction.people.businesses import names_a_business
from copilot.extraction.people.firms import COMPANY, HEADING, Hosts, span_in
from copilot.extraction.people.judging import Judge, is_title
from copilot.extraction.people.naming import LEADS, NAME, bare
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.people.trades import is_office, looks_like_trade
from copilot.extraction.reading import Segment, SegmentKind, Span

_NAMES = re.compile(rf"(?<![\w@.]){NAME}")
_COMPANY = re.compile(COMPANY)
_FOR = re.compile(
    r"(?P<title>.{2,50}?)\s(?:at|@|of|for|bei|bei der|chez|en|de la empresa|de la|del|du|de"
    r"|von|der)\s"
    rf"(?P<company>{COMPANY})$"
)
_CAPITAL_ARTICLE = re.compile(r"(?<!\w)(?:Les?|La|El|Los|Las)\s$")
_LIMIT = 20_000
_BEFORE = 60  # characters that are looked at before a name


def read_statements(sheet: Sheet, segment: Segment, hosts: Hosts) -> None:
    """Adds people, companies and positions that a stretch of prose names in so many words."""
    prose = _Prose(sheet, segment, hosts)
    end = min(segment.end, segment.start + _LIMIT)
    for found in _NAMES.finditer(sheet.text, segment.start, end):
        prose.look_at(found.start(), found.end())
    prose.read_self(end)


class _Prose:
    """A stretch of prose; each of its words in capitals is looked at with what is around it."""

    def __init__(self, sheet: Sheet, segment: Segment, hosts: Hosts) -> None:
        self._sheet = sheet
        self._text = sheet.text
        self._segment = segment
        self._judge = Judge(hosts)
        self._own = sheet.own(segment.message)
        self._german = sheet.reading.language == "de"

    def read_self(self, end: int) -> None:
        """Positions and companies that people tell of themselves, without their name."""
        for found in self._told_of_self(end):
            if not looks_like_trade(found["title"]):
                continue
            self._add(CandidateKind.JOB_TITLE, span_in(found, "title"), sure=0.75, label="stated")
            company = found["company"]
            if company and company[0].isupper() and self._judge.is_company(company):
                begin = found.start("company")
                article = _CAPITAL_ARTICLE.search(self._text, max(0, begin - 5), begin)
                cut = _COMPANY.match(self._text, article.start() if article else begin, end)
                if cut and self._judge.plainly(cut[0]):
                    self._add(CandidateKind.COMPANY, span_in(cut, 0), sure=0.75, label="stated")
        for found in wordings.RUNS.finditer(self._text, self._segment.start, end):
            if self._judge.is_company(found["company"]) and self._judge.plainly(found["company"]):
                self._add(
                    CandidateKind.COMPANY, span_in(found, "company"), sure=0.8, label="stated"
                )

    def _told_of_self(self, end: int) -> Iterator[re.Match[str]]:
        """Where somebody begins to tell what they are."""
        at = self._segment.start
        words = self._text[at:end]
        small = words.lower()
        small = small if len(small) == len(words) else words  # a few letters become two
        for begun in wordings.SELF_BEGINS.finditer(small):
            place = self._segment.start + begun.start()
            if place >= at and (found := wordings.SELF.match(self._text, place, end)):
                at = found.end()
                yield found

    def look_at(self, start: int, end: int) -> None:
        if lead := LEADS.match(self._text, start, end):
            start = lead.end()
        before = self._text[max(self._segment.start, start - _BEFORE) : start]
        if before.rstrip()[-1:] == "&":
            return
        name = Span(start, end)
        if before[-1:].isspace():
            self._company(start, before)
        while (lead := wordings.LED.match(self._text, start, end)) or (
            lead := LEADS.match(self._text, start, end)
        ):
            start = lead.end()
        name = Span(start, end)
        before = self._text[max(self._segment.start, start - _BEFORE) : start]
        if wordings.NO_NAME.match(self._text, start, end):
            return
        if self._segment.kind is SegmentKind.GREETING:  # "Hallo Frau Kern": whom it speaks to
            if wordings.ADDRESSES.search(before):
                self._person(name, sure=0.4, label="addressed")
            return
        if wordings.YOURS.search(before):
            self._sheet.person(name, sure=0.6, label="own mentioned")
            return
        last = wordings.last_word(before)
        if not (
            self._presented(name, before, last)
            or self._introduced(name, before, last)
            or self._met(name, before, last)
        ):
            self._described(name, before)

    def _presented(self, name: Span, before: str, last: str) -> bool:
        """Somebody who is brought together with others: "meet Ana Gómez"."""
        if last not in wordings.PRESENTS_LAST:
            return False
        found = wordings.PRESENTS.search(before)
        if not found or names_a_business(self._sheet.reading.quote(name)):
            return False
        german = re.match(r"(?i:dir|ihnen|euch|mit|an)\s", found[0])
        if german and not wordings.PRESENTED.match(self._text, name.end):
            return False
        several = self._in_full(name)
        if not self._person(name, sure=0.9 if several else 0.55, label="introduced"):
            return False
        if not self._trade(name):
            tail = self._after(name.end)
            self._tail(tail, "note")
            if tail is None:
                self._others(name, label="introduced")
        return True

    def _introduced(self, name: Span, before: str, last: str) -> bool:
        several = self._in_full(name)
        likely = last in wordings.INTRODUCES_LAST or before.rstrip().endswith(",")
        anchored = likely and wordings.INTRODUCES.search(before) is not None
        present = wordings.IS_HERE.match(self._text, name.end)
        here = present is not None
        greets = several and (
            wordings.GREETS_BEHIND.match(self._text, name.end)
            or (wordings.GREETS.search(before) and self._text[name.end : name.end + 1] in ", ")
        )
        if not (anchored or here or greets):
            return False
        tail = self._after(name.end)
        if tail is None and not here and (not several or not anchored):
            return False
        ends = present is not None and self._text[present.end() : present.end() + 1] in ",.;!)\n"
        if tail is None and not several and not ends:
            return False
        if tail and self._sheet.reading.quote(name) in tail["company"].split():
            # "it's Declan, Declan Moyes, from …": the name once more, and in full
            name = span_in(tail, "company")
            tail, several = self._after(name.end), True
        if self._person(name, sure=0.9 if several else 0.7, label="stated"):
            self._tail(tail, "stated")
            return True
        return False

    def _met(self, name: Span, before: str, last: str) -> bool:
        if last not in wordings.MEETS_LAST or not wordings.MEETS.search(before):
            return False
        if names_a_business(self._sheet.reading.quote(name)):
            self._add(CandidateKind.COMPANY, name, sure=0.7, label="note")
            return True
        several = self._in_full(name)
        if not self._person(name, sure=0.85 if several else 0.55, label="note"):
            return False
        tail = self._after(name.end)
        self._tail(tail, "note")
        if tail is None and not self._trade(name):
            self._others(name)
        return True

    def _others(self, name: Span, *, label: str = "note") -> None:
        """Those who are met together: "with Anneke, Tomasz and Piet"."""
        at = name.end
        while found := wordings.AND_ANOTHER.match(self._text, at, self._segment.end):
            if wordings.NO_NAME.match(found["name"]):
                return
            at = found.end()
            sure = 0.75 if " " in found["name"] else 0.5
            if not self._person(span_in(found, "name"), sure=sure, label=label):
                return

    def _after(self, at: int) -> re.Match[str] | None:
        """What is said of somebody's company right behind the name."""
        for pattern in (wordings.OF_COMPANY, wordings.BRACKETED, wordings.BESIDE):
            found = pattern.match(self._text, at, self._segment.end)
            if not found or not self._judge.is_company(found["company"]):
                continue
            title = found.groupdict().get("title")
            if title and not (looks_like_trade(title) or is_office(title)):
                continue
            if pattern is wordings.OF_COMPANY:
                return found
            if not self._judge.plainly(found["company"]) or looks_like_trade(found["company"]):
                continue
            if any(char.isdigit() for char in found["company"]) and not self._judge.known(
                found["company"]
            ):
                continue
            return found
        return None

    def _tail(self, found: re.Match[str] | None, label: str) -> None:
        if found is None:
            return
        sure = 0.93 if self._judge.known(found["company"]) else 0.8 if label == "stated" else 0.7
        self._add(CandidateKind.COMPANY, span_in(found, "company"), sure=sure, label=label)
        if found.groupdict().get("title"):
            start, end = found.span("title")
            lead = wordings.ROUND.match(self._text[start:end])
            span = Span(start + (lead.end() if lead else 0), end)
            self._add(CandidateKind.JOB_TITLE, span, sure=0.8, label=label)
            return
        behind = wordings.HAS_TRADE.match(self._text, found.end("company"), self._segment.end)
        if behind and is_title(behind["title"]):
            self._add(CandidateKind.JOB_TITLE, span_in(behind, "title"), sure=0.8, label=label)

    def _described(self, name: Span, before: str) -> None:
        """Names with a position, an address or a company beside them, or a form of address."""
        titled = wordings.HONORIFIC.match(self._text, name.start, name.end)
        if titled and titled.end() >= name.end:
            return  # "Dr", and then a full stop
        addressed = titled or wordings.ADDRESSES.search(before) is not None
        if addressed:
            self._person(name, sure=0.6, label="mentioned")
        words = self._sheet.reading.quote(name)
        if names_a_business(words):
            self._business(name)
            return
        if " " not in words or self._text.startswith("@", name.end):
            return
        if self._trade(name) or self._theirs(name, before):
            return
        if wordings.HAS_ADDRESS.match(self._text, name.end, self._segment.end):
            self._person(name, sure=0.9, label="contact")
        elif before.endswith("(") and (found := wordings.IN_BRACKETS.search(before)):
            if self._judge.known(found["company"]):
                self._person(name, sure=0.75, label="note")
        elif self._heads_line(name, before):
            return
        elif self._is_told_of(name):
            self._person(name, sure=0.7, label="note")
        else:
            self._from_company(name)

    def _heads_line(self, name: Span, before: str) -> bool:
        """ "Kit Barlow, Orchard Foods: …" where a line begins."""
        if self._german or (before and not re.search(r"\n[\s>*•·-]*$", before)):
            return False
        found = wordings.BESIDE.match(self._text, name.end, self._segment.end)
        if not found or not self._judge.is_company(found["company"]):
            return False
        if not self._judge.plainly(found["company"]) or looks_like_trade(found["company"]):
            return False
        if self._person(name, sure=0.65, label="note"):
            sure = 0.9 if self._judge.known(found["company"]) else 0.62
            self._add(CandidateKind.COMPANY, span_in(found, "company"), sure=sure, label="note")
        return True

    def _is_told_of(self, name: Span) -> bool:
        """Whether what follows the name is what people do: "Kit Barlow asks for …"."""
        if wordings.DOES.match(self._text, name.end):
            return True
        return not self._german and wordings.WHO.match(self._text, name.end) is not None

    def _theirs(self, name: Span, before: str) -> bool:
        """ "Their buyer, Joanna Speight"."""
        found = wordings.THEIR.search(before)
        if (
            not found
            or not looks_like_trade(found["title"])
            or wordings.OF_WHOM.search(found["title"])
        ):
            return False
        if not self._person(name, sure=0.85, label="note"):
            return False
        base = name.start - len(before)
        span = Span(base + found.start("title"), base + found.end("title"))
        self._add(CandidateKind.JOB_TITLE, span, sure=0.75, label="note")
        return True

    def _business(self, name: Span) -> None:
        """A business that is merely named, without the kind of note that it is the heading of."""
        words = self._sheet.reading.quote(name)
        start = name.start
        while (lead := HEADING.match(words)) and lead.end() < len(words):
            rest = words[lead.end() :].lstrip()
            start += len(words) - len(rest)
            words = rest
        if names_a_business(words):
            self._add(CandidateKind.COMPANY, Span(start, name.end), sure=0.5, label="mentioned")

    def _trade(self, name: Span) -> bool:
        """Adds a name that its bearer's position stands beside."""
        text, end = self._text, self._segment.end
        aside = wordings.ASIDE.match(text, name.end, end)
        found = wordings.HAS_TRADE.match(text, aside.end() if aside else name.end, end)
        if (
            found
            and not wordings.HONORIFIC.match(found["title"])
            and not wordings.BELONGS.search(text, max(0, name.start - 12), name.start)
        ):
            title = wordings.ROUND.sub("", found["title"]).strip()
            works = _FOR.match(title)
            said = works["title"] if works and self._judge.is_company(works["company"]) else title
            if (looks_like_trade(said) or is_office(said)) and len(said.split()) <= 6:
                if looks_like_trade(self._sheet.reading.quote(name)):
                    return False
                if not self._person(name, sure=0.88, label="note"):
                    return False
                begin = text.find(title, found.start("title"))
                span = Span(begin, begin + len(said))
                self._add(CandidateKind.JOB_TITLE, span, sure=0.85, label="note")
                if works and said != title:
                    span = Span(begin + works.start("company"), begin + works.end("company"))
                    self._add(CandidateKind.COMPANY, span, sure=0.75, label="note")
                self._bracketed_by(name)
                return True
        found = wordings.IS_TRADE.match(text, name.end, end)
        if (
            found
            and looks_like_trade(found["title"])
            and self._person(name, sure=0.85, label="note")
        ):
            self._add(CandidateKind.JOB_TITLE, span_in(found, "title"), sure=0.8, label="note")
            return True
        return False

    def _bracketed_by(self, name: Span) -> None:
        """The company before "(Sarah Lindt, ops manager)"."""
        if not self._text.startswith("(", name.start - 1):
            return
        base = max(self._segment.start, name.start - _BEFORE)
        found = wordings.IN_BRACKETS.search(self._text[base : name.start])
        if found and self._judge.plainly(found["company"]):
            span = Span(base + found.start("company"), base + found.end("company"))
            self._add(CandidateKind.COMPANY, span, sure=0.7, label="note")

    def _from_company(self, name: Span) -> None:
        found = wordings.FROM_COMPANY.match(self._text, name.end, self._segment.end)
        if not found:
            return
        group = "company" if found["company"] else "in"
        if not self._judge.is_company(found[group]) or (
            group == "in" and not self._judge.plainly(found[group])
        ):
            return
        if looks_like_trade(self._sheet.reading.quote(name)):  # "Talent Partner at Acme Foods"
            self._add(CandidateKind.JOB_TITLE, name, sure=0.75, label="note")
        elif not self._person(name, sure=0.7, label="note"):
            return
        if found[group]:
            sure = 0.9 if self._judge.known(found[group]) else 0.65
            self._add(CandidateKind.COMPANY, span_in(found, group), sure=sure, label="note")

    def _company(self, start: int, before: str) -> None:
        """A company that somebody speaks for."""
        if not wordings.may_name_a_company(before):
            return
        works = wordings.WORKS_AT.search(before)
        if works and not (
            looks_like_trade(works["title"]) or wordings.SHORT_TRADE.search(works["title"])
        ):
            works = None
        speaks = wordings.SPEAKS_FOR.search(before)
        called = wordings.IS_CALLED.search(before)
        people = wordings.PEOPLE_OF.search(before)
        firm = wordings.IS_A_FIRM.search(before)
        if not (works or speaks or called or people or firm):
            return
        found = _COMPANY.match(self._text, start, self._segment.end)
        if not found or not self._judge.is_company(found[0]):
            return
        if wordings.NO_NAME.match(found[0]) and " " not in found[0]:
            return
        known = self._judge.known(found[0])
        if called and not (works or speaks) and not self._judge.plainly(found[0]):
            return
        sure = 0.9 if known else 0.8 if works else 0.65 if self._judge.plainly(found[0]) else 0.6
        label = "stated" if works or speaks or called else "note"
        self._add(CandidateKind.COMPANY, span_in(found, 0), sure=sure, label=label)

    def _person(self, span: Span, *, sure: float, label: str) -> bool:
        return self._sheet.person(span, sure=sure, label=self._own + label) is not None

    def _add(self, kind: CandidateKind, span: Span, *, sure: float, label: str) -> None:
        self._sheet.add(kind, span, sure=sure, label=self._own + label)

    def _in_full(self, name: Span) -> bool:
        """Whether it is more than a first name, or a family name with a form of address."""
        plain = bare(self._text, name)
        return plain is not None and " " in self._sheet.reading.quote(plain)
