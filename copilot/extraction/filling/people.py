"""Of whom a record is about: name, address, numbers, company, position.

Invariant: they come from that person's own words, header, signature or form; never from those of
the team that runs the assistant while somebody else asks.
"""

from __future__ import annotations

import itertools
import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import (
    ASKER_BEFORE,
    OTHERS,
    Context,
    is_robot,
    is_role,
)
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.picking import Scored, best, scored
from copilot.extraction.finding.sheet import fold
from copilot.extraction.people.businesses import is_shop
from copilot.extraction.people.sheet import decoded
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

_TITLES = re.compile(
    r"^(?:mr|mrs|ms|miss|mx|dr|prof|sir|herr|frau|hr|fr|dipl\.?-?ing|m|mme|mlle|monsieur|madame|sr"
    r"|sra|srta|senor|senora|don|dona|lic|ing|lcda?|arq|mvz|maitre|me)\b\.?\s+"
    r"|^d\.\s?ª?\s+(?=\S+\s+\S)|^dª\.?\s+"
)
_BEHIND = re.compile(
    r"\s*<.*$|"
    r"(?:\s*[(,|/–—<]\s*.*|\s+-\s*.*|\s(?:via|per|over|durch)\s.*)$|,?\s+(?:msc|phd|mba|ba|jr)\.?$"
)
_GIVEN = re.compile(r"^(?:vorname|first name|given name|prenom|nombre|forename)$")
_FAMILY = re.compile(r"^(?:nachname|last name|family name|surname|nom|nom de famille|apellidos?)$")
_NOBODY = re.compile(
    r"\b(?:support|service|team|info|no-?reply|noreply|helpdesk|help desk|office|sales|accounts"
    r"|buchhaltung|einkauf|zentrale|compta|contact|kontakt|assistance|soporte|ventas|bot|system"
    r"|notifications?|mailer|daemon|admin|it|empfang|rezeption|reception|recepcion|accueil|mail|post"
    r"|hello|hola|bonjour|orders?|bestellung\w*|commandes?|pedidos|billing|welcome|enquiries)\b"
)
_BESIDE = (SegmentKind.HEADERS, SegmentKind.SIGNATURE, SegmentKind.CLOSING)


def person_name(context: Context, spec: FieldSpec, *, outside: bool = False) -> FieldValue:
    """The name of who asks, the fullest that is given; ``outside``: of nobody of the team."""
    if context.person is not None:
        return _stated(context, context.person, context.person.confidence)
    ours = context.ours or (context.lead.own and outside)
    if context.each_person or (ours and not context.in_turns):
        return _introduced(context)
    from_form = _name_of_form(context, spec)
    if from_form is not None:
        return from_form
    sender = context.lead.sender_name
    known = _tokens(context.asker) if sender is not None and not is_role(context.asker) else set()
    if sender is not None and is_shop(context.reading.quote(sender)):
        known = set()
    signed = _signed(context, known)
    if signed is not None and (not known or len(_tokens(str(signed.value))) >= len(known)):
        return context.value(signed.start, signed.end, value=signed.value, confidence=0.95)
    fuller = _fuller(context, known)
    if fuller is not None:
        return _stated(context, fuller, 0.9)
    if sender is not None and known and not _NOBODY.search(context.asker):
        start, end, name = clean_name(context.text, sender)
        return context.value(start, end, value=name, confidence=0.95)
    if signed is not None:
        return context.value(signed.start, signed.end, value=signed.value, confidence=0.9)
    return _unsigned(context)


def _unsigned(context: Context) -> FieldValue:
    """The name of who opened an issue, or says it, or what a shop calls itself."""
    handle = _OPENED_BY.search(context.text)
    if handle is not None and context.rank(handle.start()) <= OTHERS:
        start, end = handle.span("by" if handle["by"] else "who")
        return context.value(start, end, confidence=0.8)
    return _introduced(context)


_OPENED_BY = re.compile(  # a tracker's handles
    r"(?:^|[\n·|])\W{0,4}(?:opened|created|reported|submitted|raised) by @?(?P<by>[\w.-]{2,39})"
    r"(?![\w.@-]| [A-Z])"
    r"|(?:^|\n)\W{0,4}@?(?P<who>[\w.-]{2,39})\*{0,2} opened this (?:issue|ticket|pull request)"
)


def _name_of_form(context: Context, spec: FieldSpec) -> FieldValue | None:
    lines = [line for line in context.forms if context.rank(line.place.start) <= OTHERS]
    for given, family in itertools.pairwise(lines):
        for one, other in ((given, family), (family, given)):
            if _GIVEN.match(one.label) and _FAMILY.match(other.label):
                name = f"{_said(context, one.value)} {_said(context, other.value)}"
                return context.value(
                    given.place.start, family.value.end, value=name, confidence=0.95
                )
    named = context.lead.sender_name is not None and not context.in_turns
    named = named and not is_robot(context.reading, context.lead.sender_email)
    for line in labelled(context, spec):
        theirs = context.segment_at(line.place.start).message == context.lead.number
        if context.rank(line.place.start) > OTHERS or (named and not theirs):
            continue
        start, end, name = clean_name(context.text, line.value)
        if 0 < len(name.split()) <= 5 and any(char.isalpha() for char in name):
            return context.value(start, end, value=name, confidence=0.95)
    return None


def _said(context: Context, span: Span) -> str:
    return " ".join(context.text[span.start : span.end].split())


def clean_name(text: str, span: Span) -> tuple[int, int, str]:
    """A name without titles and what stands behind it; "Achebe, Lorna (IT)" the right way round."""
    start, end = span.start, span.end
    while start < end and text[start] in " \t\"'“”«»(*":
        start += 1
    while end > start and text[end - 1] in " \t\"'“”«»)*,;":
        if text[end - 1] == ")" and "(" in text[start:end]:
            break
        end -= 1
    written = text[start:end]
    if written.startswith("=?") and (spelt := decoded(written)):
        return start, end, spelt
    turned = re.fullmatch(r"([^\W\d_][\w'’ -]*), ([^\W\d_][\w'’. -]*?)(?:\s*\([^)]*\))?", written)
    if turned and not re.search(r"\b(?:inc|ltd|gmbh|msc|phd|mba)\b", turned[2], re.I):
        return start, end, f"{turned[2]} {turned[1]}"
    while found := _TITLES.match(fold(text[start:end])):
        start += found.end()
    behind = _BEHIND.search(fold(text[start:end]))
    if behind and behind.start() > 2:
        end = start + behind.start()
    return start, end, in_small(" ".join(text[start:end].split()))


def in_small(name: str) -> str:
    """A name that is shouted, in usual letters; any other as it is."""
    words = [
        "-".join(part.capitalize() for part in word.split("-"))
        if len(word) > 2 and word.isupper()
        else word
        for word in name.split()
    ]
    return " ".join(words)


def _tokens(name: str) -> set[str]:
    return {
        word for word in re.findall(r"[^\W\d_]{2,}", fold(name)) if not _TITLES.match(word + " ")
    }


def _signed(context: Context, known: set[str]) -> Candidate | None:
    """The fullest name in a signature of the asker that is theirs."""
    found: list[Candidate] = []
    for one in context.of(CandidateKind.PERSON):
        if context.rank(one.start) > ASKER_BEFORE:
            continue
        if context.kind(one.start) not in (SegmentKind.SIGNATURE, SegmentKind.CLOSING):
            continue
        if not known or known & _tokens(str(one.value)):
            found.append(one)
    if not found:
        return None
    return max(
        found,
        key=lambda one: (
            -context.rank(one.start),
            min(3, len(_tokens(str(one.value)))),
            -one.start,
        ),
    )


def _fuller(context: Context, known: set[str]) -> Candidate | None:
    """A name elsewhere that holds all of the one by which somebody writes, and more."""
    if not known:
        return None
    for one in context.of(CandidateKind.PERSON):
        if context.rank(one.start) <= OTHERS and known < _tokens(str(one.value)):
            return one
    return None


def _introduced(context: Context) -> FieldValue:
    """Somebody who says their name, or of whom a note speaks."""
    found: list[Scored] = []
    for one in context.of(CandidateKind.PERSON):
        rank = context.rank(one.start)
        if rank > OTHERS or (context.each_person and not context.is_own(one.start)):
            continue
        if (context.lead.own or context.ours) and context.kind(one.start) in _BESIDE:
            continue
        words = min(3, len(_tokens(str(one.value))))
        place = one.start / (len(context.text) + 1)
        worth = one.confidence - 0.3 * rank + 0.25 * words - 0.4 * place
        found.append(scored(one, worth))
    return best(context, found, least=0.5)


def person_email(context: Context, spec: FieldSpec, *, outside: bool = False) -> FieldValue:
    """The address of who asks: of the form, the header, or the one that fits the name."""
    found = context.of(CandidateKind.EMAIL)
    for line in labelled(context, spec):
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        if inside and context.rank(line.place.start) <= OTHERS:
            return _stated(context, inside[0], 0.97)
    sender = context.lead.sender_email
    robot = is_robot(context.reading, sender)
    if (
        sender is not None
        and not context.each_person
        and not robot
        and not (context.ours or (outside and context.lead.own))
    ):
        for one in found:
            if sender.start <= one.start < sender.end:
                return _stated(context, one, 0.97)
    known = _name_words(context)
    told: list[Scored] = []
    for one in found:
        rank = rank_of(context, one)
        if is_anothers(context, one):
            continue
        if robot and sender is not None and sender.start <= one.start < sender.end:
            continue
        local = fold(str(one.value).split("@")[0])
        fits = any(word in local for word in known if len(word) > 2)
        kind = context.kind(one.start)
        beside = kind is SegmentKind.HEADERS and (fits or _is_beside(context, one, known))
        fits = fits or (context.each_person and beside)
        if rank > OTHERS or (_NOBODY.search(local.replace(".", " ")) and not fits):
            continue
        if context.each_person and not context.is_own(one.start) and not beside:
            continue
        if kind is SegmentKind.HEADERS and not fits:
            continue
        worth = 1.0 - 0.35 * rank + (0.8 if fits else 0.0)
        worth += 0.4 if kind is SegmentKind.SIGNATURE else 0.0
        told.append(scored(one, worth))
    return best(context, told, least=0.6, margin=0.05)


def _is_beside(context: Context, one: Candidate, known: set[str]) -> bool:
    """Whether a header has the address right behind the name: Ida Roth <accounts@firm.example>."""
    line = context.folded.rfind("\n", 0, one.start) + 1
    named = re.split(r"[,;:]", context.folded[line : one.start].rstrip(" <"))[-1]
    return bool(known) and known <= _tokens(named)


def _name_words(context: Context) -> set[str]:
    """The words of the name of whom the record is about."""
    if context.person is not None:
        return _tokens(str(context.person.value))
    if context.each_person:
        inside = [one for one in context.of(CandidateKind.PERSON) if context.is_own(one.start)]
        return _tokens(str(inside[0].value)) if inside else set()
    name = person_name(context, FieldSpec(("name",), "string", FieldRole.PERSON_NAME))
    return _tokens(str(name.value)) if name.value else set()


def _stated(context: Context, one: Candidate, confidence: float) -> FieldValue:
    return context.value(one.start, one.end, value=one.value, confidence=confidence)


def rank_of(context: Context, one: Candidate) -> int:
    """Whose words it stands in; beside the name of whom the record is, anybody's count."""
    rank = context.rank(one.start)
    if context.person is None or rank > OTHERS:
        return rank
    beside = (
        context.segment_at(one.start).message == context.segment_at(context.person.start).message
    )
    return min(rank, ASKER_BEFORE) if beside else rank


def is_anothers(context: Context, one: Candidate) -> bool:
    """Whether a form or an export has it for somebody else: "assignee phone"."""
    return any(
        line.value.start <= one.start < line.value.end and _OTHER.match(line.label)
        for line in context.forms
    )


_OTHER = re.compile(
    r"(?:assignee|assigned|agent|owner|account owner|handler|technician|sales rep|manager|author of"
    r"|submitter|follower|collaborator|created by|updated by|bearbeiter\w*|zustandig\w*|responsable"
    r"|agente|asignad\w*|assigne\w*)\b"
)
