"""The words before a value that name it.

Invariant: folded words of the value's own line or clause; empty where nothing names it.
"""

from __future__ import annotations

import re

_LINE = 80  # characters before a value that are looked at
# "Order no.: ", "Since when? ........ ", "Budget     | ", "E-mail = "
_FORM = re.compile(
    r"[^\w\n]*(?P<label>[^\W\d_][^:|=\n]{0,44}?)[ ?]*"
    r"(?::|\||=|\.{3,}|(?:\. ){2,}| \. ?)[ .\"'>(*#]*"
)
_CLAUSE_END = re.compile(r"[.;!?](?:\s|$)|\n|[()\[\]{}\"|·]| - ")


def form_label(folded: str, start: int) -> str:
    """The label of a form's line: the words before a colon, a bar or dots, if nothing else is."""
    line_start = folded.rfind("\n", max(0, start - _LINE), start) + 1
    if line_start == 0 and start > _LINE:
        return ""
    match = _FORM.fullmatch(folded, line_start, start)
    return " ".join(match["label"].split()).strip(" *-.?>") if match else ""


def words_before(folded: str, start: int, count: int) -> list[str]:
    """Up to ``count`` words of the same clause right before a value, in their order."""
    clause = _CLAUSE_END.split(folded[max(0, start - _LINE) : start])[-1]
    words = [word.strip(",:'*_>#@/\\") for word in clause.split()]
    return [word for word in words if word][-count:]
