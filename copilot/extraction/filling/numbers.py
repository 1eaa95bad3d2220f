"""The telephone numbers of whom a record is about.

Invariant: a fax is none; a number that is called mobile, or dialled like one and called nothing,
goes where a schema has a field for such.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import ASKER_BEFORE, OTHERS, Context
from copilot.extraction.filling.labels import labelled, names
from copilot.extraction.filling.people import is_anothers, rank_of
from copilot.extraction.filling.picking import Scored, best, scored
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldRole, FieldSpec

_FAX = re.compile(r"\b(?:fax|telefax|telecopie|telecop|f)\b\W*$")
_MOBILE = re.compile(
    r"\b(?:mobile?|mob|m|cell|cellular|cell phone|handy|mobil|mobiltelefon|mobilnummer|portable"
    r"|port"
    r"|gsm|movil|celular|cel|whatsapp)\b[^a-z\d]*(?:\w+[^a-z\d]+)?$"
)
_MOBILE_BEHIND = re.compile(
    r"[^\w\n]{0,3}\(?(?:mobile?|cell|handy|mobil|portable|movil|celular)\b(?!\W{0,3}[+\d])"
)
_OF_NEXT = re.compile(
    r"[^\w\n]{0,3}(?:mobile?|cell|handy|mobil|portable|movil|celular)\b\W{0,3}[+\d]"
)
_DIALLED = re.compile(
    r"\+(?:33[67]|447[1-57-9]|491[5-7]|34[67]|417[5-9]|436[5-9]|393|316|324[5-9]|3519|4670|479)"
)
_SHARED = re.compile(
    r"\b(?:reception|(?<!not )head office|siege|hauptsitz"
    r"|switchboard|front desk|main|zentrale|empfang|standard|accueil|centralita"
    r"|recepcion|hotline|emergency|notfall|urgences?)\b\W*$"
)
_HEAD_LINE = re.compile(
    r"\W*(?:voicemail|voice message|missed call|call|mailbox|anruf|sprachnachricht|anrufbeantworter"
    r"|message vocal|messagerie|appel|buzon de voz|mensaje de voz|llamada)\b"
    r"[^\n.,;]{0,60}\b(?:for|to|line"
    r"|on"
    r"|queue|an|fur|leitung|pour|ligne|vers|para|linea)\b"
)
_REACH = re.compile(
    r"\b(?:reach me|call me|ring me|call back|ring back|my number|my mobile|get me|get back to me"
    r"|erreichen|zuruckrufen|ruckruf|meine nummer|anrufen|joindre|rappele\w*|mon numero|appelez"
    r"|llamar\w*|llame\w*|mi numero|mi telefono|localizar\w*|marcar\w*)\b"
)
_OF_ANOTHER = re.compile(
    r"\b(?:my colleague|my boss|ask for|call my|kolleg\w+|mein chef|vertretung|collegue|remplac\w+"
    r"|companer\w+|jefe|not mine|instead of me)\b"
)


def person_phone(context: Context, spec: FieldSpec, *, apart: bool = False) -> FieldValue:
    """A number of who asks; with ``apart`` mobile numbers have a field of their own."""
    mobile = spec.role is FieldRole.PERSON_MOBILE
    found = [one for one in context.of(CandidateKind.PHONE) if not _is_fax(context, one)]
    for line in labelled(context, spec):
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        if apart and not mobile:
            inside = [one for one in inside if not _is_called_mobile(context, one)]
        if inside and context.rank(line.place.start) <= OTHERS:
            return context.value(
                inside[0].start, inside[0].end, value=inside[0].value, confidence=0.95
            )
    told: list[Scored] = []
    for one in found:
        if is_anothers(context, one):
            continue
        is_mobile = _is_mobile(context, one)
        if mobile and not _is_called_mobile(context, one) and _is_labelled_phone(context, one):
            continue
        if (mobile and not is_mobile) or (apart and not mobile and is_mobile):
            continue
        rank = rank_of(context, one)
        kind = context.kind(one.start)
        theirs = rank <= ASKER_BEFORE or (context.own and context.is_own(one.start))
        if not theirs and not (rank == OTHERS and not context.lead.sender_name):
            continue
        if context.each_person and not context.is_own(one.start):
            continue
        before = context.before(one.start)
        if _HEAD_LINE.match(
            context.folded, context.folded.rfind("\n", 0, one.start) + 1, one.start
        ):
            continue
        worth = 1.0 - 0.3 * rank - (0.1 if is_mobile else 0.0)
        worth += 0.5 if _REACH.search(before) else 0.0
        worth -= 0.5 if _SHARED.search(before) else 0.0
        worth -= 0.8 if _OF_ANOTHER.search(before) else 0.0
        worth += 0.3 if kind is SegmentKind.SIGNATURE else 0.0
        worth -= one.start / (len(context.text) + 1) * 0.05
        told.append(scored(one, worth))
    return best(context, told, least=0.3)


def _is_labelled_phone(context: Context, one: Candidate) -> bool:
    return any(
        line.value.start <= one.start < line.value.end and names(line.label, FieldRole.PERSON_PHONE)
        for line in context.forms
    )


def _is_fax(context: Context, one: Candidate) -> bool:
    return bool(_FAX.search(context.before(one.start, reach=16)) or _FAX.search(one.label))


def _is_mobile(context: Context, one: Candidate) -> bool:
    """Whether it is called one, or where nothing calls it anything, is dialled like one."""
    return _is_called_mobile(context, one) or (
        not one.label and _DIALLED.match(str(one.value)) is not None
    )


def _is_called_mobile(context: Context, one: Candidate) -> bool:
    line = context.folded.rfind("\n", 0, one.start) + 1
    before = re.split(r"[|·;(]|\d[\d ]{4,}", context.folded[max(line, one.start - 24) : one.start])
    behind = context.folded[one.end : one.end + 24]
    if _MOBILE.search(before[-1]) or _MOBILE_BEHIND.match(behind):
        return True
    if _OF_NEXT.match(behind):  # (mobile 06 …): that is the next number's
        return False
    return bool(_MOBILE.search(one.label + " "))
