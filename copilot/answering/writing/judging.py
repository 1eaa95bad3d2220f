"""Decides which units of a written answer may be shown, and what each of them cites.

Invariant: a unit that is let through holds against every passage it ends up citing, taken
together; a citation that the text doesn't bear out is replaced or removed, never kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from copilot.answering.grounding import Cited, Verdict, check_cited, check_code
from copilot.answering.writing.cutting import Unit
from copilot.events import CitationChecked
from copilot.knowledge.terms import content_terms
from copilot.messages import Passage, Support

# What a line that leads to a list may lack of the passage's words, being no claim itself.
_LEAD_COVERAGE = 0.5
_ITEM_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_FENCE_LINE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.M)


@dataclass(frozen=True, slots=True)
class Judged:
    """A unit and its verdict; the verdict's ``quotes`` are its citations."""

    unit: Unit
    verdict: Verdict


class Judge:
    """Judges the units of one answer against the passages that the model was given."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = tuple(passages)

    def judge(self, unit: Unit, *, before: tuple[int, ...] = ()) -> Judged:
        """``before``: what the unit before it cited, which a code block may go by."""
        if unit.kind == "code":
            near = self._cited(unit.cited or before)
            code = _FENCE_LINE.sub("", unit.text)
            return Judged(unit, check_code(code, [*near, *self._others(near)]))
        near = self._cited(unit.cited)
        verdict = check_cited(unit.text, near)
        if verdict.holds or not content_terms(unit.text):
            return Judged(unit, verdict)
        if elsewhere := self._elsewhere(unit.text, near):
            return Judged(unit, elsewhere)
        if not unit.cited:
            verdict = Verdict(Support.UNCITED, "it cites nothing, and no passage says it")
        elif not near:
            verdict = Verdict(Support.UNCITED, "it cites a passage that it wasn't given")
        return Judged(unit, verdict)

    def leads(self, unit: Unit, to: Judged) -> bool:
        """Whether a line such as "To restart:" may stand over what it leads to."""
        numbers = tuple(dict.fromkeys(q.n for q in to.verdict.quotes))
        verdict = check_cited(unit.text, self._cited(numbers))
        return verdict.holds or (verdict.coverage >= _LEAD_COVERAGE and not verdict.contradicted)

    def says_with(self, unit: Unit, to: Judged) -> bool:
        """Whether a line and what it leads to hold as one sentence.

        Of a bare name or number nothing is said but by the line over it: "Open ports:\n- 8080".
        """
        numbers = tuple(dict.fromkeys(q.n for q in to.verdict.quotes))
        both = f"{unit.text.rstrip(' :*_')} {_ITEM_MARK.sub('', to.unit.text)}"
        return check_cited(both, self._cited(numbers)).holds

    def _cited(self, numbers: Sequence[int]) -> list[Cited]:
        return [
            Cited(n, self._passages[n - 1])
            for n in dict.fromkeys(numbers)
            if 1 <= n <= len(self._passages)
        ]

    def _others(self, near: Sequence[Cited]) -> list[Cited]:
        known = {c.n for c in near}
        return [Cited(n, p) for n, p in enumerate(self._passages, start=1) if n not in known]

    def _elsewhere(self, text: str, near: Sequence[Cited]) -> Verdict | None:
        """The verdict of a passage that says it after all, when another or none was cited.

        One sentence must say it: words that stand here and there in a passage would make it the
        source of what nobody said.
        """
        found = [check_cited(text, [other]) for other in self._others(near)]
        best = max((v for v in found if v.said), key=lambda v: v.coverage, default=None)
        if best is None or best.said is None:
            return None
        said = "".join(f"[{c.n}]" for c in near)
        moved = f"; {said} was cited" if said else "; nothing was cited"
        return replace(best, reason=best.reason + moved, quotes=(best.said,))


def bare(unit: Unit) -> bool:
    """Whether an item has no two words that say something, only a name or a number."""
    words = [w for w in content_terms(_ITEM_MARK.sub("", unit.text)) if w.isalpha()]
    return unit.kind == "item" and len(words) < 2


def checked(
    failed: Sequence[Judged], action: Literal["dropped", "regenerated"]
) -> list[CitationChecked]:
    """What is told of units that didn't hold."""
    return [
        CitationChecked(j.unit.text, _unsupported(j.verdict), (), j.verdict.reason, action)
        for j in failed
    ]


def _unsupported(verdict: Verdict) -> Support:
    return Support.UNCITED if verdict.support is Support.UNCITED else Support.UNSUPPORTED


def problems(failed: Sequence[Judged]) -> str:
    """What a model is told of them, a line each."""
    return "\n".join(f'- "{" ".join(j.unit.text.split())}": {j.verdict.reason}' for j in failed)
