"""Products, components, plans and competitors, by the names of the configuration.

Invariant: only configured names; the one that who asks says most and first.
"""

from __future__ import annotations

import re
from dataclasses import replace

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import OTHERS, OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.picking import Scored, best, scored
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldRole, FieldSpec

_NOT_IT = re.compile(
    r"\b(?:not|no|isn't|nothing to do with|instead of|other than|unlike|nicht|kein\w*|statt|anstatt"
    r"|pas|ni|sauf|sans|au lieu de|contrairement|no es|sin|en lugar de|salvo)\W+(?:\w+\W+){0,1}$"
)
_ASIDE = re.compile(
    r"(?:\b(?:says|according to|as per|laut|selon|d'apres|segun|dice)|[€$£]"
    r"|\b(?:eur|usd|gbp|euros?)|\b(?:because|weil|parce que|porque))"
    r"\W+(?:(?:in|en|of|de|an|the|der|die|das|dem|den|le|la|les|el|los|las|our|your|\w+)\W+){0,2}$"
)
_ORDERED = re.compile(r"\W{0,2}(?:please|bitte|s'il vous plait|svp|por favor)\b")
_KINDS = {
    FieldRole.PRODUCT: (CandidateKind.PRODUCT,),
    FieldRole.COMPONENT: (CandidateKind.COMPONENT,),
    FieldRole.COMPETITOR: (CandidateKind.COMPETITOR,),
}


def name(context: Context, spec: FieldSpec, *, deal: bool = False) -> FieldValue:
    """The configured name that the record is about."""
    kinds: tuple[CandidateKind, ...] = _KINDS[spec.role]
    if deal and spec.role is FieldRole.PRODUCT:
        kinds = (CandidateKind.PLAN, CandidateKind.PRODUCT)
    found = context.of(*kinds)
    most = OWN if deal or context.lead.own else OTHERS
    for line in labelled(context, spec):
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        ticked = [one for one in inside if _ticked(context, one)]
        if inside and context.rank(line.place.start) <= most:
            one = (ticked or inside)[0]
            return context.value(one.start, one.end, value=one.value, confidence=0.95)
    weights: dict[str, float] = {}
    first: dict[str, Candidate] = {}
    for one in found:
        worth = _worth(context, one, most=most)
        if worth <= 0:
            continue
        key = str(one.value)
        weights[key] = weights.get(key, 0.0) + worth
        if key not in first:
            first[key] = one
    told = [_of(first[key], worth) for key, worth in weights.items()]
    if not told and context.own and spec.role is FieldRole.PRODUCT:
        return _only(replace(context, own=()), found=found, most=most)
    return best(context, told) if told else nothing()


def _only(context: Context, *, found: list[Candidate], most: int) -> FieldValue:
    """The name that all of the text is about, if there is one only."""
    told = [one for one in found if _worth(context, one, most=most) > 0]
    if len({one.value for one in told}) != 1:
        return nothing()
    return context.value(told[0].start, told[0].end, value=told[0].value, confidence=0.7)


def _of(one: Candidate, worth: float) -> Scored:
    return scored(one, worth)


def _worth(context: Context, one: Candidate, *, most: int) -> float:
    rank = context.rank(one.start)
    kind = context.kind(one.start)
    if rank > most or kind in (SegmentKind.SIGNATURE, SegmentKind.ATTRIBUTION):
        return 0.0
    if context.own and not context.is_own(one.start):
        return 0.0
    if kind is SegmentKind.HEADERS:
        subject = context.lead.subject
        inside = subject is not None and subject.start <= one.start < subject.end
        return 1.6 * one.confidence if inside and not context.own else 0.0
    if one.confidence < 0.7 and kind not in (SegmentKind.FORM,) and one.kind is CandidateKind.PLAN:
        return 0.0
    worth = one.confidence * (1.0 - 0.3 * rank)
    if _ticked(context, one):
        worth += 3.0
    elif re.search(r"[(\[]\s*[)\]]\s*$", context.folded[max(0, one.start - 8) : one.start]):
        return 0.0
    sentence = context.sentence_at(one.start)
    if sentence is not None and sentence.ordinal < 3:
        worth *= 1.5
    if kind in (SegmentKind.TRACE, SegmentKind.CODE):
        worth *= 0.3
    before = context.before(one.start)
    aside = _ASIDE.search(before) or _ORDERED.match(context.after(one.end))
    if one.kind is CandidateKind.COMPONENT and aside:
        return 0.0
    if _NOT_IT.search(before):
        worth *= 0.2
    return worth


def _ticked(context: Context, one: Candidate) -> bool:
    return bool(
        re.search(r"[(\[]\s*x\s*[)\]]\s*$", context.folded[max(0, one.start - 8) : one.start])
    )
