"""Whether the passages that a sentence cites say what it says, decided without a model.

Invariant: a sentence with a number, name, identifier or command that stands nowhere near its
other words in the cited text, with a turned negation, or with an opposite, is unsupported,
however many words it shares.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.answering.grounding.alignment import change
from copilot.answering.grounding.claim import Cited, Claim, has, holds, related
from copilot.answering.grounding.copying import cut_short, has_inline, has_path, paths
from copilot.answering.grounding.lexicon import COMPARISONS, OPPOSITES, SYNONYMS
from copilot.answering.grounding.quantities import Quantity
from copilot.answering.grounding.reading import Evidence, Reading, Token, Unit
from copilot.answering.grounding.tables import has_word, under_another_head
from copilot.messages import Support

# Tuned on half of tests/bench/grounding.py's pairs.
COVERAGE = 0.72
NEARBY = 0.4
# So many words in a row, more than so often in one sentence, are no sentence any more.
_ROW, _REPEATS = 4, 2
_LETTERS = re.compile(r"[^\W\d_]+")
# "A is a B", of two sentences that tell of one each, is what nobody said.
_SAYS_WHAT_IS = re.compile(
    r"[^,;:]{1,60}?\b(?:is|are|was|were)\s+(?:also\s+)?(?:an?|the|one)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """``passage.text[start:end]`` of passage ``n`` is what supports a sentence."""

    n: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is for a person. ``coverage``: share of the words' weight that is found, 0 to 1;

    ``said``: the one sentence there that says nearly all of it, in its order, if one does.
    ``quotes``: where each passage that supports the sentence does so; a passage that was cited
    and adds nothing has none. ``contradicted``: something in it is wrong, not only missing.
    """

    support: Support
    reason: str
    coverage: float = 0.0
    said: Quoted | None = None
    quotes: tuple[Quoted, ...] = ()
    contradicted: bool = False

    @property
    def holds(self) -> bool:
        return self.support in (Support.SUPPORTED, Support.VERBATIM)


def check_cited(sentence: str, cited: Sequence[Cited]) -> Verdict:
    """The verdict on one sentence, its markers taken off."""
    if not cited:
        return Verdict(Support.UNCITED, "no passage is cited")
    claim = Claim(sentence, cited)
    if not claim.reading.tokens and not claim.reading.quantities and not claim.reading.codes:
        return Verdict(Support.UNSUPPORTED, "it says nothing that can be checked")
    if strange := _codes(claim):  # before _verbatim, which passes over the case of letters
        return Verdict(Support.UNSUPPORTED, strange, contradicted=True)
    if same := _verbatim(claim):
        return Verdict(Support.VERBATIM, "stands so in the cited text", 1.0, same, (same,))
    covered = claim.coverage()
    if _goes_round(claim.reading.text):
        return Verdict(Support.UNSUPPORTED, "it says the same over and over", covered)
    if _says_too_little(claim.reading):
        return Verdict(Support.UNSUPPORTED, "it says too little to be checked", covered)
    for problem in (
        _commands,
        _numbers,
        under_another_head,
        _changes,
        _names,
        _negations,
        _opposites,
        _comparisons,
        _only_asked,
    ):
        if reason := problem(claim):
            return Verdict(Support.UNSUPPORTED, reason, covered, contradicted=True)
    if covered < COVERAGE:
        return Verdict(Support.UNSUPPORTED, _too_little(claim), covered)
    if _SAYS_WHAT_IS.match(claim.reading.text) and claim.in_one_place() < COVERAGE:
        return Verdict(Support.UNSUPPORTED, f"no sentence of {claim.where} says this", covered)
    said, quotes = _said(claim), _quotes(claim)
    return Verdict(Support.SUPPORTED, "the cited text says so", covered, said, quotes)


def _goes_round(text: str) -> bool:
    """Whether some words in a row come again and again, as where a small model is caught."""
    words = _LETTERS.findall(text.casefold())
    rows = Counter(zip(*(words[at:] for at in range(_ROW)), strict=False))
    return bool(rows) and max(rows.values()) > _REPEATS


def _only_asked(claim: Claim) -> str:
    """Questions tell nothing: of one, or several, a sentence could be made that nobody said."""
    asked = [unit.reading.asks for _, unit in claim.window]
    only = bool(asked) and all(asked) and not claim.reading.asks
    return f"{claim.where} only asks about this" if only else ""


def _says_too_little(reading: Reading) -> bool:
    """Whether a whole sentence hangs on one word: "That is what the scribe does"."""
    counts = sum(not t.light for t in reading.tokens)
    counts += len(reading.quantities) + len(reading.codes)
    return counts < 2 and len(reading.text.split()) > 3


def _verbatim(claim: Claim) -> Quoted | None:
    """Where it stands as one unit, or some in a row; a part of a unit may turn its sense."""
    mine = _bare(claim.reading)
    for n, e in claim.cited:
        units = [_bare(u.reading) for u in e.units]
        for i in range(len(units)):
            row = ""
            for j in range(i, min(i + claim.most, len(units))):
                row = f"{row} {units[j]}".strip()
                if row == mine:
                    return Quoted(n, e.units[i].start, e.units[j].end)
    return None


def _said(claim: Claim) -> Quoted | None:
    if (found := claim.said_by_one()) is None:
        return None
    where, unit = found
    return next(Quoted(n, unit.start, unit.end) for n, e in claim.cited if e is where)


def _quotes(claim: Claim) -> tuple[Quoted, ...]:
    """For each passage in the window its units there; neighbours are quoted as one."""
    quotes: list[Quoted] = []
    for n, e in claim.cited:
        mine = sorted((u for where, u in claim.window if where is e), key=lambda u: u.start)
        if not mine:
            # cited beside another passage; kept if it would have been enough alone
            best = max(e.units, key=lambda u: claim.share(claim.found_in(u)), default=None)
            if best is not None and claim.share(claim.found_in(best)) >= COVERAGE:
                mine = [best]
        for unit in mine:
            last = quotes[-1] if quotes and quotes[-1].n == n else None
            if last is not None and not e.passage.text[last.end : unit.start].strip():
                quotes[-1] = Quoted(n, last.start, unit.end)
            else:
                quotes.append(Quoted(n, unit.start, unit.end))
    return tuple(quotes)


def _bare(reading: Reading) -> str:
    return " ".join(reading.text.casefold().split()).strip(" .,:;!*-")


def _codes(claim: Claim) -> str:
    for code in claim.reading.codes:
        if not any(has_inline(code, e.passage) for _, e in claim.cited):
            return f"`{code}` doesn't stand so in {claim.where}"
    return ""


def _commands(claim: Claim) -> str:
    """What a sentence makes of a command or path that it doesn't mark as code."""
    for path in paths(claim.reading.text):
        if not any(has_path(path, e.passage) for _, e in claim.cited):
            return f"the path '{path}' doesn't stand so in {claim.where}"
    cut = [cut_short(claim.reading.text, e.passage) for _, e in claim.cited]
    return f"it leaves out the end of `{max(cut)}`" if all(cut) else ""


def _changes(claim: Claim) -> str:
    """What the sentence changed in the passage's sentence that it otherwise repeats."""
    if not claim.window:
        return ""
    _, best = claim.window[0]
    others = frozenset(s for _, u in claim.window[1:] for s in u.reading.stems)
    changed = change(claim.reading, best.reading, others)
    if changed is None:
        return ""
    if changed.kind == "denial":
        if changed.mine:
            return f"the sentence says '{changed.mine}', {claim.where} doesn't"
        return f"{claim.where} says '{changed.theirs}', the sentence leaves it out"
    return f"the sentence says '{changed.mine}' where {claim.where} says '{changed.theirs}'"


def _near(claim: Claim, at: int, unit: Unit, e: Evidence) -> bool:
    """Whether the unit, with its neighbours and headings, has the words around offset ``at``."""
    others = sorted(claim.reading.tokens, key=lambda t: abs(t.start - at))
    others = [t for t in others if t.start != at and not t.light][: 6 if unit.over is None else 3]
    if not others:
        return True
    if unit.over is not None:  # the next row is about another thing
        return any(holds(t, unit.reading) for t in others)
    i = e.units.index(unit)
    readings = [u.reading for u in e.units[max(0, i - 1) : i + 2]]
    found = sum(any(holds(t, r) for r in [*readings, e.around]) for t in others)
    return found >= NEARBY * len(others)


def _numbers(claim: Claim) -> str:
    for quantity in claim.reading.quantities:
        places = [(e, u) for _, e in claim.cited for u in e.units if _says(u.reading, quantity, e)]
        if any(_near(claim, quantity.start, u, e) for e, u in places):
            if other := _said_instead(claim, quantity, [u for _, u in places]):
                return f"{claim.where} says '{other.text}' of this, not '{quantity.text}'"
            continue
        if any(has(e.around, quantity) for _, e in claim.cited):
            continue
        if places:
            return f"{claim.where} says '{quantity.text}' of something else"
        rivals = [
            q.text for _, u in claim.window for q in u.reading.quantities if q.kind == quantity.kind
        ]
        says = f", which says '{rivals[0]}'" if rivals else ""
        return f"'{quantity.text}' isn't in {claim.where}{says}"
    return ""


def _said_instead(claim: Claim, quantity: Quantity, places: Sequence[Unit]) -> Quantity | None:
    """A number of the same kind in a sentence that has more of the claim's words than its own."""
    if any(u.cells for u in places) and _several(claim, quantity):
        return None  # each of them of a row of its own
    fit = max(claim.words_share(u) for u in places)
    for _, e in claim.cited:
        for unit in e.units:
            if claim.words_share(unit) <= fit:
                continue
            for other in unit.reading.quantities:
                if other.kind != quantity.kind or has(claim.reading, other):
                    continue
                if quantity.kind == "number" and not _same_noun(claim, quantity, unit, other):
                    continue
                return other
    return None


def _several(claim: Claim, like: Quantity) -> bool:
    return sum(one.kind == like.kind for one in claim.reading.quantities) > 1


def _same_noun(claim: Claim, mine: Quantity, unit: Unit, other: Quantity) -> bool:
    """Whether both plain numbers count the same thing: "32 teams", "30 teams"."""
    here = next((t.stem for t in claim.reading.tokens if t.start >= mine.end), "")
    there = next((t.stem for t in unit.reading.tokens if t.start >= other.end), "")
    return here == there != ""


def _says(reading: Reading, quantity: Quantity, e: Evidence) -> bool:
    """Whether the unit has the quantity; a table's bare number takes its unit from elsewhere."""
    if has(reading, quantity):
        return True
    if quantity.kind not in ("seconds", "bytes", "%"):
        return False
    digits = quantity.text.split()[0].split("-")[0]
    unit = quantity.text[len(digits) :].strip(" -").lower()
    bare = any(q.kind == "number" and q.text == digits for q in reading.quantities)
    return bare and bool(unit) and unit.rstrip("s") in e.text.lower()


def _names(claim: Claim) -> str:
    for token in claim.reading.tokens:
        if token.kind == "word":
            continue
        if any(holds(token, e.around) for _, e in claim.cited):
            continue
        places = [(e, u) for _, e in claim.cited for u in e.units if has_word(u, token)]
        if not places:
            return f"'{token.text}' isn't in {claim.where}"
        if not any(_near(claim, token.start, u, e) for e, u in places):
            return f"{claim.where} says '{token.text}' of something else"
    return ""


def _negations(claim: Claim) -> str:
    units = [u.reading for _, u in claim.window]
    if not units:
        return ""
    for token in claim.reading.tokens:
        if (
            token.head
            and (there := _same_tokens(token, units))
            and not any(t.negated for t in there)
        ):
            return f"the sentence denies '{token.text}', {claim.where} doesn't"
    denied = claim.reading.negations and not any(u.negations for u in units)
    if denied and not _opposite_in(claim.reading, units):
        return f"the sentence denies something, {claim.where} doesn't"
    best = units[0]
    for token in best.tokens:
        if not token.head:
            continue
        mine = _same_tokens(token, [claim.reading])
        theirs = _same_tokens(token, units)
        if mine and not any(t.negated for t in mine) and all(t.negated for t in theirs):
            return f"{claim.where} denies '{token.text}', the sentence doesn't"
    return ""


def _same_tokens(token: Token, readings: Sequence[Reading]) -> list[Token]:
    return [
        t for r in readings for t in r.tokens if t.stem == token.stem or related(t.stem, token.stem)
    ]


def _opposite_in(reading: Reading, units: Sequence[Reading]) -> bool:
    """Whether what the sentence denies is said by its opposite: "not allowed", "forbidden"."""
    return any(
        OPPOSITES.get(t.stem, frozenset()) & u.stems
        for t in reading.tokens
        if t.negated
        for u in units
    )


def _opposites(claim: Claim) -> str:
    units = [u.reading for _, u in claim.window]
    around = [e.around for _, e in claim.cited]
    for token in claim.reading.tokens:
        turned = OPPOSITES.get(token.stem)
        if not turned or any(token.stem in r.stems for r in [*units, *around]):
            continue
        same = SYNONYMS.get(token.stem, frozenset()) - turned
        if any(same & u.stems for u in units):
            continue
        there = [t for u in units[:2] for t in u.tokens if t.stem in turned]
        if there and not any(t.negated != token.negated for t in there):
            return f"the sentence says '{token.text}', {claim.where} says '{there[0].text}'"
    return ""


def _comparisons(claim: Claim) -> str:
    for quantity in claim.reading.quantities:
        mine = _compared(claim.reading, quantity)
        if not mine:
            continue
        for _, unit in claim.window:
            for other in unit.reading.quantities:
                theirs = _compared(unit.reading, other)
                if quantity.equals(other) and theirs and theirs != mine:
                    return f"the limit '{quantity.text}' is turned round: see {claim.where}"
    return ""


def _compared(reading: Reading, quantity: Quantity) -> str:
    """What the words right beside the number make of it: ``>=``, ``<=`` or nothing."""
    before = reading.text[max(0, quantity.start - 22) : quantity.start]
    after = reading.text[quantity.end : quantity.end + 12]
    for pattern, sign in COMPARISONS:
        if any(len(before) - m.end() <= 3 for m in pattern.finditer(before)):
            return sign
        if (m := pattern.search(after)) and m.group().lower().startswith("or ") and m.start() <= 1:
            return sign
    return ""


def _too_little(claim: Claim) -> str:
    readings = [u.reading for _, u in claim.window] + [e.around for _, e in claim.cited]
    missing = [
        t.text
        for t in claim.reading.tokens
        if not t.light and not any(holds(t, r) for r in readings)
    ]
    if not missing:
        return f"{claim.where} doesn't say this"
    shown = ", ".join(f"'{word}'" for word in list(dict.fromkeys(missing))[:4])
    return f"{claim.where} doesn't say this: nothing there of {shown}"
