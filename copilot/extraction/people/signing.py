"""Signatures: whose they are, what they do, for whom, and where.

Invariant: a line that is none of these is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people.businesses import begins_as_a_business, is_shop, names_a_business
from copilot.extraction.people.chunks import CONTACT, SPACED, Chunk, chunks_of, pieces
from copilot.extraction.people.firms import COMPANY, LEGAL, Hosts, has_legal_form, widened
from copilot.extraction.people.naming import UPPER, bare, key, looks_like_name
from copilot.extraction.people.places import address_run, is_place, is_street, one_line
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.people.towns import is_town
from copilot.extraction.people.trades import is_office, looks_like_office, looks_like_trade
from copilot.extraction.people.wordings import HONORIFIC
from copilot.extraction.reading import Segment, Span

_DOMAIN = re.compile(r"[\w-]+\s?\.\s?[a-z]{2,10}")
_REGISTER = re.compile(
    r"\b(?:registered|company (?:no|number|reg)|vat|hrb|hra|amtsgericht|registergericht"
    r"|handelsregister|ust|steuer-?nr|siret|siren|rcs|tva|capital"
    r"|cif|nif|geschäftsführer|geschäftsführung|sitz der gesellschaft|vorstand:|aufsichtsrat"
    r"|managing directors?:|iban|bic|bank)\b[\s:.]",
    re.IGNORECASE,
)
_WITH_COMPANY = re.compile(
    r"(?P<title>.{2,60}?)(?:,\s|\s(?:@|at|bei|bei der|chez|en|pour|for"
    r"|der)\s)(?P<company>.{2,80})$"
)
_BRACKETED = re.compile(r"(?P<name>[^()]{2,40})\((?P<in>[^()]{2,60})\)$")
_CALLED = re.compile(
    r"(?:a|add|addr|address|adr|adresse|anschrift|dirección|dir|post)\s?[.:]\s+",
    re.IGNORECASE,
)
_QUICK = re.compile(r"^[-–—_*=~\s]*$")
_COMPANY_LIKE = re.compile(rf"(?:[^,]{{2,30}},\s)?{COMPANY}")
_CAPITAL = re.compile(rf"[{UPPER}\d]")


@dataclass(slots=True)
class _Signature:
    name: Span | None = None
    line: int = -1
    title: bool = False
    company: bool = False
    left: list[Chunk] = field(default_factory=list)


def read_signature(
    sheet: Sheet, segment: Segment, hosts: Hosts, *, label: str = "signature"
) -> None:
    """Adds who signs, their position, their company and its address."""
    label = sheet.own(segment.message) + label
    chunks = list(chunks_of(sheet.text, segment))
    sender = sheet.reading.messages[segment.message].sender_name
    shown = sheet.reading.quote(sender) if sender else ""
    named = bool(shown) and not is_shop(shown)
    known = key(shown) if named else _mailbox(sheet, segment.message)
    found = address_run([one.words for one in chunks])
    held: set[int] = set()
    if found:
        first, last, sure = found
        span = Span(chunks[first].start, chunks[last].span.end)
        _add_address(sheet, span, chunks[first : last + 1], sure=sure, label=label, hosts=hosts)
        held = set(range(first, last + 1))
    signature = _Signature()
    for at, chunk in enumerate(chunks):
        if at in held or _QUICK.match(chunk.words):
            continue
        _read_chunk(sheet, chunk, signature, hosts, label=label, known=known)
    _read_left(sheet, signature, label=label)


def _mailbox(sheet: Sheet, message: int) -> str:
    """What an address says of its owner's name, where no other name is given."""
    email = sheet.reading.messages[message].sender_email
    local = sheet.reading.quote(email).partition("@")[0].lower() if email else ""
    return " ".join(re.findall(r"[^\W\d_]{2,}", local))


def _held(chunk: Chunk, start: int, end: int) -> Span:
    """The company's whole name within a part of a line, without a position before it."""
    words = chunk.words
    first, last = widened(words, start, end)
    if first < start and (looks_like_trade(words[first:start]) or is_office(words[first:start])):
        first = start
    if first == 0 and not any(char in words for char in ",()"):
        last = len(words)
    return Span(chunk.start + first, chunk.start + last)


def _add_address(
    sheet: Sheet, span: Span, chunks: list[Chunk], *, sure: float, label: str, hosts: Hosts
) -> None:
    first = chunks[0]
    comma = first.words.find(", ")
    if comma > 0 and has_legal_form(first.words[:comma]):
        sheet.add(
            CandidateKind.COMPANY, Span(first.start, first.start + comma), sure=0.95, label=label
        )
        span = Span(first.start + comma + 2, span.end)
    if phone := re.search(
        r"\s[|·•–(]?\s?(?:[Tt]el|[Tt]él|[Ff]on|[Pp]hone|\+\d\d)\b.*$", sheet.reading.quote(span)
    ):
        span = Span(span.start, span.start + phone.start())
    if called := _CALLED.match(sheet.reading.quote(span)):
        span = Span(span.start + called.end(), span.end)
    value = one_line(sheet.reading.quote(span))
    sheet.add(CandidateKind.ADDRESS, span, sure=sure, label=label, value=value)


def _read_chunk(
    sheet: Sheet, chunk: Chunk, signature: _Signature, hosts: Hosts, *, label: str, known: str
) -> None:
    words = chunk.words
    if CONTACT.search(words) and not (signature.name is None and "," in words):
        for piece in pieces(chunk):
            _read_chunk(sheet, piece, signature, hosts, label=label, known=known)
        return
    if _REGISTER.search(words) or _DOMAIN.fullmatch(words):
        return
    if SPACED.match(words):
        value = " ".join(part.replace(" ", "").capitalize() for part in re.split(r"\s{2,}", words))
        sheet.add(CandidateKind.COMPANY, chunk.span, sure=0.75, label=label, value=value)
        signature.company = True
        return
    if begins_as_a_business(words) and "," not in words and not looks_like_trade(words):
        _company(sheet, chunk.span, signature, sure=0.88, label=label)
        return
    unnamed = signature.name is None or (
        chunk.line != signature.line and _is_first_name(sheet, signature.name)
    )
    if unnamed and _read_name(sheet, chunk, signature, hosts, label=label, known=known):
        return
    if _read_office(sheet, chunk, signature, label=label):
        return
    if has_legal_form(words) and not looks_like_trade(LEGAL.sub("", words).split(",")[0]):
        _company(sheet, chunk.span, signature, sure=0.96, label=label)
        return
    if _read_pair(sheet, chunk, signature, hosts, label=label):
        return
    if looks_like_trade(words) and not next(hosts.find(words), None):
        sheet.add(CandidateKind.JOB_TITLE, chunk.span, sure=0.92, label=label)
        signature.title = True
        return
    if hit := next(hosts.find(words), None):
        span = _held(chunk, hit[0], hit[1])
        _company(sheet, span, signature, sure=hit[2], label=label)
        return
    _leave(chunk, signature, label=label)


def _read_name(
    sheet: Sheet, chunk: Chunk, signature: _Signature, hosts: Hosts, *, label: str, known: str
) -> bool:
    """The line with the name, and what stands behind it on the same line."""
    words = chunk.words
    if found := _BRACKETED.match(words):
        name = _name(sheet, Span(chunk.start, chunk.start + found.end("name")), known, label)
        if name:
            signature.name, signature.line = name, chunk.line
            inner = Chunk(chunk.start + found.start("in"), found["in"])
            if not _read_pair(sheet, inner, signature, hosts, label=label):
                _read_rest_of_name(sheet, inner, signature, hosts, label=label)
            return True
    comma = words.find(",")
    if comma > 0 and not re.match(r"[^,]+,\s(?:MSc|BSc|MA|BA|MBA|PhD|Jr|Sr|Dr)", words):
        name = _name(sheet, Span(chunk.start, chunk.start + comma), known, label)
        if name:
            signature.name, signature.line = name, chunk.line
            rest = words[comma + 1 :].strip(" ,")
            behind = Chunk(chunk.start + words.find(rest, comma), rest, chunk.line)
            parts = pieces(behind) if CONTACT.search(rest) else (behind,)
            for part in parts if rest else ():
                if not _read_pair(sheet, part, signature, hosts, label=label):
                    _read_rest_of_name(sheet, part, signature, hosts, label=label)
            return True
    if known and chunk.later and not _is_known(sheet, chunk.span, known):
        return False
    name = _name(sheet, chunk.span, known, label)
    if name is None or has_legal_form(words):
        return False
    signature.name, signature.line = name, chunk.line
    return True


def _read_rest_of_name(
    sheet: Sheet, chunk: Chunk, signature: _Signature, hosts: Hosts, *, label: str
) -> None:
    if looks_like_trade(chunk.words) or looks_like_office(chunk.words):
        sheet.add(CandidateKind.JOB_TITLE, chunk.span, sure=0.92, label=label)
        signature.title = True
    elif has_legal_form(chunk.words):
        _company(sheet, chunk.span, signature, sure=0.95, label=label)
    elif hit := next(hosts.find(chunk.words), None):
        span = _held(chunk, hit[0], hit[1])
        _company(sheet, span, signature, sure=hit[2], label=label)
    else:
        _leave(chunk, signature, label=label)


def _name(sheet: Sheet, span: Span, known: str, label: str) -> Span | None:
    name = bare(sheet.text, span)
    if name is None:
        return None
    words = sheet.reading.quote(name)
    plain = key(words)
    same = bool(known) and (plain == known or plain in known.split() or known in plain)
    if looks_like_trade(words) and not same:
        return None
    if not same and len(words.split()) < 2 and (" " in known or label.endswith("card")):
        return None
    if not looks_like_name(words, loose=same):
        return None
    short = len(words.split()) == 1
    sure = 0.6 if short and " " in known else 0.95 if same else 0.6 if short else 0.85
    return sheet.person(span, sure=sure, label=label, loose=same)


def _is_known(sheet: Sheet, span: Span, known: str) -> bool:
    """Whether it is the sender's name: what else stands behind a title on its line is none."""
    name = bare(sheet.text, span)
    return name is not None and any(
        part in known.split() for part in key(sheet.reading.quote(name)).split()
    )


def _is_first_name(sheet: Sheet, name: Span) -> bool:
    """Whether the name in full may follow: "Pippa", and below it "Philippa Dunmore"."""
    return len(sheet.reading.quote(name).split()) == 1


def _read_pair(
    sheet: Sheet, chunk: Chunk, signature: _Signature, hosts: Hosts, *, label: str
) -> bool:
    """ "Prokurist, Fruchthof Nord eG", "developer @ Dekker Olie"."""
    found = _WITH_COMPANY.match(chunk.words)
    if not found or (has_legal_form(chunk.words) and not _CAPITAL.match(found["company"])):
        return False
    title, company = found["title"], found["company"]
    if _is_field(chunk.words, company, hosts) and looks_like_trade(title):
        sheet.add(CandidateKind.JOB_TITLE, chunk.span, sure=0.88, label=label)
        signature.title = True
        return True
    if not (looks_like_trade(title) or looks_like_office(title)):
        return False
    if not _CAPITAL.match(company) or (CONTACT.search(company) and "," not in company):
        return False
    cut = re.match(r"[^,]+(?:,\s?(?:Inc|Ltd|LLC|S\.)[\w.\s]*)?", company)
    company = cut[0].rstrip() if cut else company
    behind = Span(
        chunk.start + found.start("company"), chunk.start + found.start("company") + len(company)
    )
    if (
        looks_like_trade(company)
        and not has_legal_form(company)
        and not next(hosts.find(company), None)
    ):
        sheet.add(CandidateKind.JOB_TITLE, chunk.span, sure=0.85, label=label)
        signature.title = True
        return True
    sheet.add(
        CandidateKind.JOB_TITLE,
        Span(chunk.start, chunk.start + len(title.rstrip(" ,"))),
        sure=0.92,
        label=label,
    )
    signature.title = True
    sure = 0.95 if has_legal_form(company) or next(hosts.find(company), None) else 0.8
    _company(sheet, behind, signature, sure=sure, label=label)
    return True


def _is_field(words: str, behind: str, hosts: Hosts) -> bool:
    """Whether what stands behind a position's comma is its field: "Account Director, EMEA"."""
    return (
        words.endswith(f", {behind}")
        and " " not in behind
        and not has_legal_form(words)
        and not next(hosts.find(behind), None)
    )


def _read_office(sheet: Sheet, chunk: Chunk, signature: _Signature, *, label: str) -> bool:
    """ "ERP & Integration, Barrowgate Foods Ltd": a department, and whose it is."""
    office, comma, company = chunk.words.partition(", ")
    if not comma or not looks_like_office(office) or not has_legal_form(company):
        return False
    start = chunk.start + len(office) + len(comma)
    if not signature.title:
        sheet.add(
            CandidateKind.JOB_TITLE,
            Span(chunk.start, chunk.start + len(office)),
            sure=0.8,
            label=label,
        )
        signature.title = True
    _company(sheet, Span(start, start + len(company)), signature, sure=0.96, label=label)
    return True


def _company(sheet: Sheet, span: Span, signature: _Signature, *, sure: float, label: str) -> None:
    sheet.add(CandidateKind.COMPANY, span, sure=sure, label=label)
    signature.company = True


def _leave(chunk: Chunk, signature: _Signature, *, label: str) -> None:
    """Keeps a short line without a sign of its own for when the rest is known."""
    words = chunk.words
    headed = label == "card" and (words.isupper() or names_a_business(words))
    if (
        not (signature.name or signature.title or headed)
        or len(words) > 60
        or len(words.split()) > 7
    ):
        return
    if words[-1] in ".!?:" or HONORIFIC.fullmatch(words):
        return
    if is_street(words) or is_place(words) or is_town(words):
        return
    follows = signature.name is not None and chunk.line in (signature.line, signature.line + 1)
    if _COMPANY_LIKE.fullmatch(words) or follows:
        signature.left.append(chunk)


def _read_left(sheet: Sheet, signature: _Signature, *, label: str) -> None:
    """What stands below a name and is nothing else is a position, and below it the company."""
    left = signature.left
    if not signature.title and left and is_office(left[0].words):
        sheet.add(CandidateKind.JOB_TITLE, left[0].span, sure=0.7, label=label)
        left = left[1:]
    told = left and (signature.company or not _COMPANY_LIKE.fullmatch(left[0].words))
    if told and not signature.title and _may_be_title(left[0], signature):
        sheet.add(CandidateKind.JOB_TITLE, left[0].span, sure=0.7, label=label)
    left = [one for one in left if _COMPANY_LIKE.fullmatch(one.words)]
    if signature.company or not left:
        return
    first = [one for at, one in enumerate(left) if at == 0 or left[at - 1].line != one.line]
    best = next((one for one in first if names_a_business(one.words)), None) or next(
        (one for one in reversed(first) if " " in one.words), first[-1]
    )
    cut = best.words.find(", ")
    span = Span(best.start + cut + 2, best.span.end) if cut > 0 else best.span
    words = sheet.reading.quote(span)
    sure = 0.85 if names_a_business(words) else 0.65 if " " in words else 0.5
    sheet.add(CandidateKind.COMPANY, span, sure=sure, label=label)
    if not signature.title and best is not left[0]:
        sheet.add(CandidateKind.JOB_TITLE, left[0].span, sure=0.5, label=label)


def _may_be_title(chunk: Chunk, signature: _Signature) -> bool:
    """Whether the line below the name, where the company stands elsewhere, is a position."""
    words = chunk.words
    return (
        chunk.line in (signature.line, signature.line + 1)
        and 4 <= len(words) <= 45
        and words[:1].isalpha()
        and not any(char.isdigit() or char in '()[]:!?"“”„' for char in words)
    )
