"""The company, the position and the postal address of whom a record is about.

Invariant: what only comes up in a text counts last; a colleague's company is that of who asks where
both write from one mail domain, or to the desk of their own house.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import ASKER, ASKER_BEFORE, OTHERS, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.picking import Scored, best, scored
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldSpec

_FIRST_PIECE = re.compile(
    r"[^\n]{3,80}?(?=,\s+(?:(?:Herr|Frau|Mr|Mrs|Ms|M|Mme|Sr|Sra)\b|(?i:tel|phone|mobil|contact)))"
)


def company(context: Context, spec: FieldSpec) -> FieldValue:
    """The company of who asks: of the form, the signature, or what they say."""
    for line in labelled(context, spec):
        if context.rank(line.place.start) <= OTHERS and not _is_blank(context, line.value):
            piece = _FIRST_PIECE.match(context.text, line.value.start, line.value.end)
            end = piece.end() if piece else line.value.end
            return context.value(line.value.start, end, confidence=0.95)
    for told in (
        _of_signature(context, CandidateKind.COMPANY),
        _of_colleague(context),
        _of_signature(context, CandidateKind.COMPANY, aside=True),
    ):
        if told.value is not None:
            return told
    return nothing()


def _of_colleague(context: Context) -> FieldValue:
    """The company in the signature of somebody who writes from the same mail domain, or who hands
    the matter to the desk of their own house.
    """
    houses = {context.house(context.lead)} - {""}
    first = context.reading.messages[0]
    if context.lead.part == "forwarded" and context.house(first) in _sent_to(context):
        houses.add(context.house(first))
    for one in context.of(CandidateKind.COMPANY):
        segment = context.segment_at(one.start)
        house = context.house(context.reading.messages[segment.message])
        if segment.kind is SegmentKind.SIGNATURE and house in houses and not _is_aside(one):
            return _stated(context, one, 0.8)
    return nothing()


def _sent_to(context: Context) -> set[str]:
    """The mail domains that the current mail went to."""
    sender = context.reading.messages[0].sender_email
    return {
        str(one.value).partition("@")[2]
        for one in context.of(CandidateKind.EMAIL)
        if context.segment_at(one.start).message == 0
        and context.kind(one.start) is SegmentKind.HEADERS
        and (sender is None or not sender.start <= one.start < sender.end)
    }


def _is_aside(one: Candidate) -> bool:
    """Whether a company only comes up, or isn't one: an extension below a name."""
    return one.label in _ASIDE or _EXTENSION.match(fold(str(one.value))) is not None


_ASIDE = frozenset({"mentioned", "heading", "footer"})
_EXTENSION = re.compile(
    r"(?:dw|durchwahl|nst|nebenstelle|ext|extn|extension|poste|interno|anexo|int)\b\W*\d"
)


_HONORIFIC = re.compile(r"(?i:mr|mrs|ms|miss|mx|dr|prof|herr|frau|m|mme|mlle|sra?|d|dña)\.?")
_IN_BRACKETS = re.compile(r"\s+\([^()]*\)$")
_IN_QUOTES = re.compile(r"[\"“„«]\s*([^\"“”„«»\n]{3,60}?)\s*[\"”“»]")


def job_title(context: Context, spec: FieldSpec) -> FieldValue:
    """The position of the person."""
    for line in labelled(context, spec):
        if context.rank(line.place.start) <= OTHERS and not _is_blank(context, line.value):
            said = _IN_QUOTES.search(context.text, line.value.start, line.value.end)
            start, end = said.span(1) if said else (line.value.start, line.value.end)
            if _HONORIFIC.fullmatch(context.text, start, end):
                continue
            if aside := _IN_BRACKETS.search(context.text, start, end):
                end = aside.start()
            return context.value(start, end, confidence=0.9)
    return _of_signature(context, CandidateKind.JOB_TITLE)


def address(context: Context, spec: FieldSpec) -> FieldValue:
    """The postal address of the person or the company."""
    return _of_signature(context, CandidateKind.ADDRESS)


def _of_signature(context: Context, kind: CandidateKind, *, aside: bool = False) -> FieldValue:
    told: list[Scored] = []
    for one in context.of(kind):
        if kind is CandidateKind.COMPANY and (
            _is_aside(one) is not aside or _EXTENSION.match(fold(str(one.value)))
        ):
            continue
        if aside and _is_under_another_label(context, one):
            continue
        rank = context.rank(one.start)
        place = context.kind(one.start)
        shared = context.own and not context.is_own(one.start)
        if rank > OTHERS or (shared and kind is CandidateKind.JOB_TITLE):
            continue
        strangers = rank == OTHERS and context.lead.sender_name is not None
        if strangers and not context.in_turns and place is SegmentKind.SIGNATURE:
            continue
        worth = one.confidence - 0.3 * rank - (0.2 if shared else 0.0)
        signed = place is SegmentKind.SIGNATURE and rank <= ASKER_BEFORE and not shared
        worth += 0.5 if signed else 0.0
        worth += 0.1 if rank == ASKER else 0.0
        worth -= one.start / (len(context.text) + 1) * 0.1
        told.append(scored(one, worth))
    return best(context, told, least=0.45)


def _is_under_another_label(context: Context, one: Candidate) -> bool:
    """Whether a form has it for something else: "Bought at: …"."""
    return any(line.value.start <= one.start < line.value.end for line in context.forms)


def _is_blank(context: Context, span: Span) -> bool:
    told = context.folded[span.start : span.end].strip(" .-_")
    return not told or bool(
        re.fullmatch(
            r"\((?:leer|empty|left empty|none|vide|vacio|-)\)|n/?a|none|keine?|-+|vide", told
        )
    )


def _stated(context: Context, one: Candidate, confidence: float) -> FieldValue:
    return context.value(one.start, one.end, value=one.value, confidence=confidence)
