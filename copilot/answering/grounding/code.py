"""Checks a code block of an answer: its lines are copied, not understood.

Invariant: a block holds only when its lines stand in one passage, each of them whole and all in
their order, white space aside.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.answering.grounding.checking import Quoted, Verdict
from copilot.answering.grounding.claim import Cited
from copilot.answering.grounding.copying import code_lines, has_line, span_of
from copilot.messages import Support


def check_code(code: str, candidates: Sequence[Cited]) -> Verdict:
    """``code`` without its fence; the first candidate that has all its lines is the one."""
    lines = code_lines(code)
    if not lines:
        return Verdict(Support.UNSUPPORTED, "the code block is empty")
    for cited in candidates:
        if span := span_of(lines, cited.passage):
            same = Quoted(cited.n, *span)
            return Verdict(Support.VERBATIM, "stands so in the cited text", 1.0, same, (same,))
    where = "".join(f"[{c.n}]" for c in candidates) or "any passage"
    strange = (x for x in lines if not any(has_line(x, c.passage) for c in candidates))
    if (line := next(strange, None)) is not None:
        return Verdict(Support.UNSUPPORTED, f"the line `{line}` isn't in {where}")
    return Verdict(Support.UNSUPPORTED, f"its lines don't stand in this order in {where}")
