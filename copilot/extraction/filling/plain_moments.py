"""Dates and times of a user's own schema: those without a part that rules know.

Invariant: such a moment stands under its label, behind the words of the field's name, or is the
only one that the text has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.extracted import FieldValue
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.context import OTHERS, Context, nothing
from copilot.extraction.filling.labelled import name_words
from copilot.extraction.filling.moments import Moment, dated, moments, of_form, usable
from copilot.schemas import FieldRole, FieldSpec

_D, _DT, _T = CandidateKind.DATE, CandidateKind.DATE_TIME, CandidateKind.TIME
_KINDS = {FieldRole.DATE: (_D, _DT), FieldRole.DATE_TIME: (_DT, _D), FieldRole.TIME: (_T, _DT)}
_GENERIC = re.compile(r"(?:^| )(?:date|day|time|datetime|at|on)$")
_BETWEEN = (
    r"(?: (?:date|day|time|at|on))?\W*"
    r"(?:(?:is|was|will be|on|by|the|at|of|from|for|ist|war|am|um|der|den|vom|le|el|est|es)\W+)"
    r"{0,3}$"
)


def plain(context: Context, spec: FieldSpec) -> FieldValue:
    """A date or time of no known part."""
    found = [one for one in moments(context) if usable(context, one)]
    told = of_form(context, spec, found, day_only=spec.role is FieldRole.DATE)
    if told is not None:
        return told
    called = _called(context, spec, found)
    if called:
        days = {_value(one, spec) for one in called}
        return _stated(context, called[0], spec, 0.85) if len(days) == 1 else nothing()
    values = {
        one.value for one in context.of(*_KINDS[spec.role]) if context.rank(one.start) <= OTHERS
    }
    if len(values) != 1 or len(found) != 1:
        return nothing()
    return _stated(context, dated(context, found[0]), spec, 0.6)


def _called(context: Context, spec: FieldSpec, found: Sequence[Moment]) -> list[Moment]:
    """The moments that stand behind the field's name: sent_on, "sent on Monday"."""
    core = _GENERIC.sub("", name_words(spec))
    if not core:
        return []
    behind = re.compile(rf"\b{re.escape(core)}{_BETWEEN}")
    told = [one for one in found if behind.search(context.before(one.start, reach=60))]
    return [one for one in (dated(context, each) for each in told) if _value(one, spec)]


def _stated(context: Context, moment: Moment, spec: FieldSpec, confidence: float) -> FieldValue:
    value = _value(moment, spec)
    if not value:
        return nothing()
    return context.value(moment.start, moment.end, value=value, confidence=confidence)


def _value(moment: Moment, spec: FieldSpec) -> str:
    if spec.role is FieldRole.TIME:
        return moment.clock
    return moment.iso if spec.role is FieldRole.DATE_TIME else moment.day
