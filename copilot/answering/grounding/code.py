"""Checks a code block of an answer: its lines are copied, not understood.

Invariant: a block holds only when every line of it stands in one passage, white space aside.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.answering.grounding.checking import Quoted, Verdict
from copilot.answering.grounding.claim import Cited
from copilot.answering.grounding.reading import flat
from copilot.messages import Support


def check_code(code: str, candidates: Sequence[Cited]) -> Verdict:
    """``code`` without its fence; the first candidate that has all its lines is the one."""
    lines = [flat(line) for line in code.splitlines() if line.strip()]
    if not lines:
        return Verdict(Support.UNSUPPORTED, "the code block is empty")
    for cited in candidates:
        if span := _span(lines, cited):
            return Verdict(Support.VERBATIM, "stands so in the cited text", 1.0, (span,))
    strange = next(
        (x for x in lines if not any(x in flat(c.passage.text) for c in candidates)), lines[0]
    )
    where = "".join(f"[{c.n}]" for c in candidates) or "any passage"
    return Verdict(Support.UNSUPPORTED, f"the line `{strange}` isn't in {where}")


def _span(lines: Sequence[str], cited: Cited) -> Quoted | None:
    """From the first to the last line of the passage that has one of the lines."""
    text, at, start, end = cited.passage.text, 0, -1, -1
    missing = set(lines)
    for line in text.splitlines(keepends=True):
        here = flat(line)
        found = {wanted for wanted in missing if wanted in here}
        if found:
            bare = line.rstrip()
            start = at + len(line) - len(line.lstrip()) if start < 0 else start
            end = at + len(bare)
            missing -= found
        at += len(line)
    return None if missing or start < 0 else Quoted(cited.n, start, end)
