"""Fields without a known meaning: what stands under a label that is the field's own name.

Invariant: only a line "label: value" of a form or a note, whose label is the field's name, fills
such a field.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue, Json, NullReason
from copilot.extraction.filling.context import OTHERS, Context, nothing
from copilot.extraction.filling.labels import label_words
from copilot.extraction.finding.sheet import fold
from copilot.schemas import FieldSpec

_YES = frozenset("yes true y x ja wahr oui vrai si verdadero on 1".split())
_NO = frozenset("no false n nein falsch non faux falso off 0".split())


def by_label(context: Context, spec: FieldSpec) -> FieldValue:
    """What the text states under the field's name."""
    wanted = name_words(spec)
    found: list[FieldValue] = []
    for line in context.forms:
        if context.rank(line.place.start) > OTHERS or label_words(line.label) != wanted:
            continue
        written = context.text[line.value.start : line.value.end]
        value = typed(" ".join(written.split()), spec)
        if value is None:
            return nothing(NullReason.INVALID)
        found.append(context.value(line.value.start, line.value.end, value=value, confidence=0.9))
    if not found:
        return nothing(NullReason.NEEDS_MODEL)
    if len({str(one.value) for one in found}) > 1:
        return nothing(NullReason.AMBIGUOUS)
    return found[0]


def name_words(spec: FieldSpec) -> str:
    """A field's name as a form would write it: ``dueDate`` → ``due date``."""
    name = [part for part in spec.path if part != "[]"][-1]
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(fold(re.sub(r"[_\-.]+", " ", apart)).split())


def typed(written: str, spec: FieldSpec) -> Json:
    """What is written as the field's type wants it; None if it isn't such a value."""
    match spec.type:
        case "boolean":
            word = fold(written).strip(" .")
            return True if word in _YES else False if word in _NO else None
        case "integer":
            return int(written) if re.fullmatch(r"[+-]?\d{1,15}", written) else None
        case "number":
            plain = written.replace(",", ".")
            return float(plain) if re.fullmatch(r"[+-]?\d{1,15}(?:\.\d+)?", plain) else None
        case _:
            return written or None
