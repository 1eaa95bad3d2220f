"""How well the citation check tells supported from unsupported sentences.

    python -m tests.bench.grounding [--misses]

Beside it, in the same run: plain word overlap (share of the sentence's content words that the
cited text holds) at the threshold that is best on the tuning half. The check's own settings
were tuned on the tuning half too; figures of the other half are the ones to quote. The made
corruptions come from the PagerDuty handbook; a document is wholly in one half.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.adapters.readers.registry import read_documents
from copilot.answering.grounding import Cited, check_cited
from copilot.knowledge.sentences import plain, sentence_spans
from copilot.knowledge.splitting import split
from copilot.knowledge.terms import STOP_WORDS, content_terms
from copilot.messages import ParsedDocument, Passage
from copilot.testing.passages import made_passage
from tests.corpora import data_root


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, what it cites, and whether that supports it. ``half``: ``tune`` or ``test``."""

    family: str
    half: str
    sentence: str
    passage: Passage
    supported: bool


def main() -> None:
    root = data_root()
    if root is None:
        sys.exit("the data is absent; set COPILOT_TEST_DATA to its folder")
    cases = [
        *handbook(root / "corpora" / "pagerduty_incident_response"),
        *labelled(root / "sets" / "summedits" / "pairs.jsonl", "summedits"),
        *labelled(root / "sets" / "mtrag_faithfulness" / "pairs.jsonl", "mtrag"),
    ]
    started = time.perf_counter()
    verdicts = [check_cited(c.sentence, [Cited(1, c.passage)]) for c in cases]
    seconds = time.perf_counter() - started
    overlaps = [overlap(c) for c in cases]
    print(f"{len(cases)} pairs, {1000 * seconds / len(cases):.2f} ms a check on average")
    for half in ("tune", "test"):
        print(f"\n{half} half: unsupported sentences caught, and supported ones kept")
        print(f"{'family':28}{'n':>6}{'check':>8}{'overlap':>9}")
        for group in ("handbook", "summedits", "mtrag"):
            mine = [i for i, c in enumerate(cases) if c.family.startswith(group)]
            limit = best_threshold(
                [(overlaps[i], cases[i]) for i in mine if cases[i].half == "tune"]
            )
            rows = [i for i in mine if cases[i].half == half]
            report(group, rows, cases, [v.holds for v in verdicts], [o >= limit for o in overlaps])
    if "--misses" in sys.argv:
        misses(
            cases, [v.holds for v in verdicts], [f"{v.coverage:.2f} {v.reason}" for v in verdicts]
        )


def report(
    group: str,
    rows: Sequence[int],
    cases: Sequence[Case],
    ours: Sequence[bool],
    base: Sequence[bool],
) -> None:
    for family in sorted({cases[i].family for i in rows}):
        part = [i for i in rows if cases[i].family == family]
        right = [sum(h[i] == cases[i].supported for i in part) / len(part) for h in (ours, base)]
        print(f"{family:28}{len(part):6}{right[0]:8.3f}{right[1]:9.3f}")
    for name, holds in (("check", ours), ("overlap", base)):
        caught = sum(not holds[i] and not cases[i].supported for i in rows)
        flagged = sum(not holds[i] for i in rows)
        bad = sum(not cases[i].supported for i in rows)
        shown = sum(holds[i] for i in rows)
        kept = sum(holds[i] and cases[i].supported for i in rows)
        print(
            f"  {group}, {name}: precision {caught / max(1, flagged):.3f}, "
            f"recall {caught / bad:.3f} of 'unsupported'; "
            f"{kept / (len(rows) - bad):.3f} of the supported kept; "
            f"{(shown - kept) / max(1, shown):.3f} of what is shown is unsupported"
        )


def misses(cases: Sequence[Case], holds: Sequence[bool], reasons: Sequence[str]) -> None:
    """Some of the tuning half that were judged wrongly."""
    random.seed(7)
    wrong = [i for i, c in enumerate(cases) if c.half == "tune" and holds[i] != c.supported]
    families = sorted({cases[i].family for i in wrong})
    for family in families:
        part = [i for i in wrong if cases[i].family == family]
        for i in random.sample(part, min(8, len(part))):
            print(f"\n[{family}] {cases[i].sentence!r}\n   {reasons[i]}")


def overlap(case: Case) -> float:
    words = content_terms(plain(case.sentence))
    there = set(content_terms(plain(case.passage.text)))
    return sum(w in there for w in words) / max(1, len(words))


def best_threshold(scored: Sequence[tuple[float, Case]]) -> float:
    """The overlap that has the best balanced accuracy."""
    bad = sum(not c.supported for _, c in scored)
    good = len(scored) - bad

    def accuracy(limit: float) -> float:
        kept = sum(o >= limit and c.supported for o, c in scored) / max(1, good)
        return kept + sum(o < limit and not c.supported for o, c in scored) / max(1, bad)

    return max((i / 50 for i in range(51)), key=accuracy)


def labelled(path: Path, name: str) -> Iterator[Case]:
    """One case a row; of mtrag, a row's sentences, each with the row's own label."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["label"] not in ("supported", "unsupported"):
            continue
        supported = row["label"] == "supported"
        passage = made_passage(row["source"])
        half = half_of(hashlib.sha256(row["source"].encode()).hexdigest())
        for start, end in sentence_spans(row["claim"], made_passage(row["claim"]).spans):
            sentence = row["claim"][start:end]
            whole = name == "summedits"
            text = row["claim"] if whole else sentence
            if len(content_terms(text)) >= 3:
                yield Case(f"{name} {row['label']}", half, text, passage, supported)
            if whole:
                break


def half_of(name: str) -> str:
    return "tune" if hashlib.sha256(name.encode()).digest()[0] % 2 else "test"


# --- made corruptions ------------------------------------------------------------------

_FLIPS = (
    (r"\b(should|must|can|will|could|would|may|is|are|was|were|do|does|did) not\b", r"\1"),
    (r"\bnever\b", "always"),
    (r"\b[Dd]on['’]t\b", "Do"),
    (r"\bwithout\b", "with"),
    (r"\b(should|must|can|will|could|would|is|are|was|were)\b", r"\1 not"),
)
_TURNS = {
    "before": "after", "after": "before", "more": "less", "always": "never", "all": "none",
    "increase": "decrease", "first": "last", "start": "stop", "internal": "external", "high": "low",
    "early": "late", "minimum": "maximum", "public": "private", "required": "optional",
    "must": "may", "above": "below", "quickly": "slowly", "primary": "secondary", "open": "closed",
    "true": "false", "good": "bad", "important": "unimportant", "same": "different",
    "add": "remove",
}  # fmt: skip
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]+(?: [A-Z][A-Za-z]+)*\b|\b[A-Z]+-?\d+\b")
_DIGITS = re.compile(r"\b\d+(?:[.,]\d+)?\b")


def handbook(folder: Path) -> Iterator[Case]:
    """Sentences of a real handbook: copied, lightly reworded, corrupted, and from elsewhere."""
    chosen = random.Random(20)
    documents = [
        (path.name, passages_of(parsed, path))
        for path in sorted(folder.rglob("*.md"))
        for parsed in read_documents(path)
    ]
    everywhere = [(n, s) for n, passages in documents for p in passages for s in sentences(p)]
    names = sorted({m for _, s in everywhere for m in _NAME.findall(s) if is_name(m)})
    for name, passages in documents:
        half = half_of(name)
        for passage in passages:
            for sentence in sentences(passage):
                yield Case("handbook kept: copied", half, sentence, passage, True)
                for kind, text in reworded(sentence):
                    yield Case(f"handbook kept: {kind}", half, text, passage, True)
                for kind, text in corrupted(sentence, names, passage.text, chosen):
                    yield Case(f"handbook {kind}", half, text, passage, False)
            other, strange = chosen.choice(everywhere)
            if other != name:
                yield Case("handbook from elsewhere", half, strange, passage, False)


def passages_of(parsed: ParsedDocument, path: Path) -> list[Passage]:
    return split(
        parsed, document_id=path.name, path=str(path), source="", labels=(), target_tokens=220
    )


def sentences(passage: Passage) -> list[str]:
    found = (plain(passage.text[s:e]) for s, e in sentence_spans(passage.text, passage.spans))
    return [s for s in found if 6 <= len(s.split()) <= 45 and s.count("|") == 0]


def reworded(sentence: str) -> Iterator[tuple[str, str]]:
    """Says the same in other words, by rule."""
    if (short := re.sub(r"\s*\([^()]*\)", "", sentence)) != sentence:
        yield "no parenthesis", short
    if m := re.fullmatch(r"(If|When|Once) ([^,]{8,}), ([^,]{12,})\.", sentence):
        yield "clauses turned", f"{m[3][0].upper()}{m[3][1:]} {m[1].lower()} {m[2]}."
    same = {"should": "ought to", "ensure": "make sure", "about": "regarding", "help": "assist",
            "minutes": "min", "people": "persons", "immediately": "right away", "start": "begin",
            "use": "make use of", "quickly": "fast", "need to": "have to",
            "important": "essential"}  # fmt: skip
    text = sentence
    for a, b in same.items():
        text = re.sub(rf"\b{a}\b", b, text)
    if text != sentence:
        yield "same words", text
    words = sentence.rstrip(".").split(", ")
    if len(words) == 2 and len(words[0].split()) >= 7:
        yield "first half", words[0] + "."


def corrupted(
    sentence: str, names: Sequence[str], around: str, chosen: random.Random
) -> Iterator[tuple[str, str]]:
    if numbers := list(_DIGITS.finditer(sentence, 4)):  # a list item's own number says nothing
        m = chosen.choice(numbers)
        near = sorted(set(_DIGITS.findall(around)) - {m[0]})
        yield "number swapped", _put(sentence, m, str(int(float(m[0].replace(",", ""))) * 2 + 1))
        if near:
            yield "number of the passage", _put(sentence, m, chosen.choice(near))
    for pattern, put in _FLIPS:
        if re.search(pattern, sentence):
            yield "negation flipped", re.sub(pattern, put, sentence, count=1)
            break
    if found := [m for m in _NAME.finditer(sentence) if is_name(m[0])]:
        m = chosen.choice(found)
        here = sorted(n for n in set(_NAME.findall(around)) if is_name(n) and is_other(n, m[0]))
        strange = [n for n in names if is_other(n, m[0])]
        yield "name swapped", _put(sentence, m, chosen.choice(strange))
        if here:
            yield "name of the passage", _put(sentence, m, chosen.choice(here))
    turns = [w for w in re.findall(r"\b[a-z]+\b", sentence) if w in _TURNS]
    if turns:
        word = chosen.choice(turns)
        yield "word turned", re.sub(rf"\b{word}\b", _TURNS[word], sentence, count=1)


def is_name(name: str) -> bool:
    return len(name) > 1 and name.lower() not in STOP_WORDS


def is_other(name: str, than: str) -> bool:
    """Whether two names are two things: no word in common, neither the other's initials."""
    mine, theirs = name.split(), than.split()
    initials = {"".join(w[0] for w in mine), "".join(w[0] for w in theirs)}
    words = {w.lower().rstrip("s") for w in mine} & {w.lower().rstrip("s") for w in theirs}
    return not words and not initials & {name, than}


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


if __name__ == "__main__":
    main()
