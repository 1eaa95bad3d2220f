"""The course of an incident: when it began, when it was noticed, when it was over.

Invariant: a moment is taken only beside a word that gives it its part; one that has yet to come
never is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from copilot.extracted import FieldValue
from copilot.extraction.filling.context import OWN, Context
from copilot.extraction.filling.moment_words import BY, SINCE
from copilot.extraction.filling.moments import (
    dated,
    is_past,
    moments,
    of_form,
    usable,
)
from copilot.extraction.filling.picking import Scored, best
from copilot.schemas import FieldRole, FieldSpec

_NOTICED = re.compile(
    r"\b(?:detected|noticed|alert(?:ed)?|alarm|paged|reported|called|rang|found out|came in|saw"
    r"|seen"
    r"|monitoring|erkannt|entdeckt|bemerkt|aufgefallen|gemeldet|alarm\w*|meldung|gesehen|angerufen"
    r"|detecte\w*|signale\w*|remarque\w*|constate\w*|alerte\w*|appele\w*|prevenu\w*|vu"
    r"|detect\w*|avis\w*|alert\w*|notific\w*|report\w*|vimos|nos dimos cuenta|llam\w*|salto)\b"
)
_ENDED = re.compile(
    r"\b(?:resolved|fixed|over|ended|end|recovered|restored|back|normal|all clear|closed|solved"
    r"|until"
    r"|works again|behoben|gelost|beendet|ende|vorbei|entwarnung|wieder|bis|erledigt|geschlossen"
    r"|resolu\w*|retabli\w*|fin|termine\w*|clos\w*|retour|jusqu'a|corrige\w*|refonctionn\w*"
    r"|resuelt\w*|resolvi\w*|solucionad\w*|restablecid\w*|termin\w*|cerrad\w*|hasta|recuperad\w*"
    r"|vuelve"
    r"|volvio)\b"
)
_NEW_NEWS = re.compile(
    r"\b(?:next (?:update|news|word)|nachste (?:meldung|info|information)|prochain point|prochaine"
    r"|proxima (?:actualizacion|informacion)|status page|review|maintenance|past incidents)\b"
)


def of_incident(context: Context, spec: FieldSpec) -> FieldValue:
    """When an incident was noticed or over, by the words beside the moment."""
    found = list(moments(context, most=OWN, stamps=True))
    told = of_form(context, spec, found, day_only=spec.format == "date")
    if told is not None:
        return told
    cue: Callable[[str], object] = (
        _NOTICED.search if spec.role is FieldRole.DETECTED_AT else _ENDED.search
    )
    judged: list[Scored] = []
    for one in found:
        near = context.before(one.start, reach=45) + " · " + context.after(one.end, reach=25)
        if spec.role is FieldRole.RESOLVED_AT and _AND_TO.search(context.before(one.start)):
            near += " until "
        if not usable(context, one) or _NEW_NEWS.search(near) or not cue(near):
            continue
        if BY.search(context.before(one.start)) and spec.role is FieldRole.DETECTED_AT:
            continue
        whole = dated(context, one)
        if whole.iso and is_past(context, replace(whole, clock="")) is not False:
            place = one.start / (len(context.text) + 1)
            worth = 1.0 + (place if spec.role is FieldRole.RESOLVED_AT else -place) * 0.3
            value = whole.day if spec.format == "date" else whole.iso
            judged.append(Scored(worth, one.start, one.end, value, 0.75))
    return best(context, judged)


def began(context: Context, spec: FieldSpec) -> FieldValue:
    """When an incident began."""
    found = list(moments(context, most=OWN))
    told = of_form(context, spec, found, day_only=spec.format == "date")
    if told is not None:
        return told
    judged: list[Scored] = []
    for one in found:
        before = context.before(one.start, reach=60)
        after = context.after(one.end, reach=40)
        if not usable(context, one) or not (
            SINCE.search(before) or _BETWEEN.search(before) or _BEGAN.search(after)
        ):
            continue
        if _WELL_AGAIN.search(after):
            continue
        if _NEW_NEWS.search(before) or is_past(context, one) is False:
            continue
        whole = dated(context, one)
        if whole.iso:
            sure = 1.0 if _BEGAN.search(before + after) else 0.6
            value = whole.day if spec.format == "date" else whole.iso
            judged.append(Scored(sure, one.start, one.end, value, 0.75))
    return best(context, judged)


_AND_TO = re.compile(
    r"\b(?:between|from|zwischen|von|entre|de|desde)\b[^.;]{4,24}\b(?:and|to|und|bis|et|a|y"
    r"|hasta)\s+(?:the )?$"
)
_BETWEEN = re.compile(r"\b(?:between|from|zwischen|von|entre|de|desde)\s+(?:the |las |la |les )?$")
_WELL_AGAIN = re.compile(
    r"\b(?:again|wieder|normal|de nouveau|retabli\w*|resolu\w*|resolved|fixed|behoben|de nuevo"
    r"|resuelt\w*)\b"
)
_BEGAN = re.compile(
    r"\b(?:began|begin|started|starts|start of|beginn\w*|begonnen|angefangen|begann|debut\w*"
    r"|commence\w*"
    r"|empez\w*|comenz\w*|inici\w*|since|seit|depuis|desde)\b"
)
