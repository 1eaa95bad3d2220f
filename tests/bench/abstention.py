"""How well "not in your documents" is told, on questions it was fitted on one half of.

    python -m tests.bench.abstention [--home FOLDER]

mtrag_un dev is halved by conversation; the models are fitted and their threshold chosen on one
half and measured on the other, both ways, over several halvings. So are the questions that stand
alone, whose documents were taken away. The shipped models (fitted on all of dev) are then asked
about other documents, and questions are asked of documents that can't know.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.answering.abstention import Model, fitted
from copilot.answering.quoting import QuotingAnswerer
from copilot.bootstrap import Copilot
from copilot.config.schema import AnswerSettings
from copilot.knowledge.search import SearchRequest
from copilot.messages import Turn
from tests.bench.facts import load, turns
from tests.bench.fit_abstention import Sample, area_under_curve, fit_both, side
from tests.bench.indexed import distractors, indexed
from tests.corpora import REPOSITORY, data_root

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HALVINGS = 8
HITS = 30


@dataclass(frozen=True)
class Row:
    """A labelled question. ``label``: ANSWERABLE, UNANSWERABLE, PARTIAL or UNDERSPECIFIED."""

    id: str
    question: str
    history: tuple[Turn, ...]
    label: str


def mtrag(root: Path) -> list[Row]:
    """The dev questions of mtrag_un."""
    lines = (root / "sets" / "mtrag_un" / "queries.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [Row(r["id"], r["text"], turns(r["history"]), r["answerability"]) for r in rows]


def mtrag_index(home: Path, root: Path) -> Copilot:
    """mtrag_un's passages among about 6,600 of the corpora."""
    around = distractors(root / "corpora", home / "distractors", passages=6600)
    return indexed(home / "mtrag", [root / "sets" / "mtrag_un" / "corpus.jsonl", around])


def samples(rows: Sequence[Row], copilot: Copilot) -> list[Sample]:
    """The signals of each question, as a turn would compute them."""
    answerer = QuotingAnswerer(AnswerSettings())
    found: list[Sample] = []
    for row in rows:
        result = copilot.searcher.search(SearchRequest(row.question, row.history, limit=HITS))
        if result.hits:
            signals = answerer.answer(row.question, row.history, result).signals
            found.append(Sample(row.id.split("<::>")[0], row.label, dict(signals)))
    return found


@dataclass(frozen=True)
class Figures:
    """Of abstaining: precision, recall, false-abstention rate; areas over all and follow-ups."""

    precision: float
    recall: float
    false_abstention: float
    area: float
    area_follow_ups: float


def measured(model: Model, found: Sequence[Sample]) -> Figures:
    """How ``model`` does on answerable and unanswerable samples."""
    import numpy as np

    confidence = np.array([model.confidence(s.signals) for s in found])
    return _figures(found, confidence, confidence < model.threshold)


def _figures(
    found: Sequence[Sample], confidence: NDArray[np.float64], said_no: NDArray[np.bool_]
) -> Figures:
    import numpy as np

    unheld = np.array([s.label == "UNANSWERABLE" for s in found])
    later = np.array([s.signals["follow_up"] > 0 for s in found])
    right = int((said_no & unheld).sum())
    return Figures(
        precision=right / max(1, int(said_no.sum())),
        recall=right / max(1, int(unheld.sum())),
        false_abstention=float(said_no[~unheld].mean()),
        area=area_under_curve(unheld, -confidence),
        area_follow_ups=area_under_curve(unheld[later], -confidence[later]),
    )


def cross_fitted(found: Sequence[Sample], alone: Sequence[Sample]) -> list[Figures]:
    """Fit on one half of the conversations, measure on the other, both ways, several times."""
    figures: list[Figures] = []
    for halving in range(HALVINGS):
        for own, other in ((0, 1), (1, 0)):
            near = [s for s in alone if side(s.conversation, halving, 2) == own]
            halves = [[s for s in found if side(s.conversation, halving, 2) == h] for h in (0, 1)]
            figures.append(measured(fit_both(halves[own], near), halves[other]))
    return figures


def cross_validated(
    found: Sequence[Sample], alone: Sequence[Sample], *, parts: int = 10
) -> tuple[Figures, list[bool]]:
    """Every conversation judged by models fitted without it: the nearest to what ships.

    With it, on which of the ``alone`` such models abstain.
    """
    import numpy as np

    confidence = np.zeros(len(found))
    said_no = np.zeros(len(found), dtype=bool)
    alone_no = [False] * len(alone)
    for part in range(parts):
        rest, near = (
            [s for s in some if side(s.conversation, 99, parts) != part] for some in (found, alone)
        )
        model = fit_both(rest, near)
        for i, s in enumerate(found):
            if side(s.conversation, 99, parts) == part:
                confidence[i] = model.confidence(s.signals)
                said_no[i] = confidence[i] < model.threshold
        for i, s in enumerate(alone):
            if side(s.conversation, 99, parts) == part:
                alone_no[i] = model.confidence(s.signals) < model.threshold
    return _figures(found, confidence, said_no), alone_no


def by_label(alone: Sequence[Sample], said_no: Sequence[bool]) -> None:
    """For each corpus and label the share that is abstained on."""
    groups: dict[tuple[str, str], list[bool]] = {}
    for s, one in zip(alone, said_no, strict=True):
        groups.setdefault((s.corpus, s.label), []).append(one)
    for (corpus, label), no in sorted(groups.items()):
        share = sum(no) / len(no)
        print(f"  {corpus:16s} {label:12s} abstains on {sum(no):3d} of {len(no):3d} ({share:.0%})")


def row(name: str, figures: Sequence[Figures]) -> None:
    """Mean over halvings, and the spread of precision and recall."""
    import numpy as np

    def stats(of: Callable[[Figures], float]) -> NDArray[np.float64]:
        return np.array([of(one) for one in figures])

    precision, recall = stats(lambda f: f.precision), stats(lambda f: f.recall)
    print(
        f"{name:34s} P {precision.mean():.2f}±{precision.std():.2f}"
        f"  R {recall.mean():.2f}±{recall.std():.2f}"
        f"  AUC {stats(lambda f: f.area).mean():.3f}"
        f" (follow-ups {stats(lambda f: f.area_follow_ups).mean():.3f})"
        f"  false abstentions {stats(lambda f: f.false_abstention).mean():.1%}"
    )


def abstained(name: str, rows: Sequence[Row], copilot: Copilot) -> None:
    """The share of questions on which the shipped model abstains."""
    found = samples(rows, copilot)
    no = sum(fitted().confidence(s.signals) < fitted().threshold for s in found)
    print(f"{name:50s} abstains on {no:3d} of {len(found):3d} ({no / max(1, len(found)):.0%})")


def _set(root: Path, name: str) -> list[Row]:
    lines = (root / "sets" / name / "queries.jsonl").read_text("utf-8").splitlines()
    return [Row(r["id"], r["text"], (), "ANSWERABLE") for r in map(json.loads, lines)]


def _golden(name: str) -> list[Row]:
    questions = load(REPOSITORY / "data" / "golden" / f"{name}_questions.jsonl")
    return [
        Row(q.id, q.question, q.history, "ANSWERABLE" if q.answerable else "UNANSWERABLE")
        for q in questions
    ]


def elsewhere(home: Path, root: Path) -> None:
    """The shipped model on documents that it was not fitted on."""
    corpora = root / "corpora"
    pagerduty = indexed(home / "pagerduty", [corpora / "pagerduty_incident_response"])
    handbook = indexed(home / "handbook", [REPOSITORY / "data" / "handbook"])
    httpx = indexed(home / "httpx", [corpora / "httpx"])
    on_pagerduty, on_handbook = _golden("pagerduty"), _golden("handbook")
    print("should answer:")
    for name, rows, copilot in (
        ("pagerduty", on_pagerduty, pagerduty),
        ("handbook", on_handbook, handbook),
    ):
        abstained(name, [r for r in rows if r.label == "ANSWERABLE"], copilot)
    from tests.bench.removed import labelled

    for name in ("repliqa_sample", "textual_faq", "stack_errors"):
        asked = labelled(home, root, name)
        by_label(asked, [fitted().confidence(s.signals) < fitted().threshold for s in asked])
    print("should abstain:")
    unheld_there = [r for r in on_pagerduty if r.label != "ANSWERABLE"]
    unheld_here = [r for r in on_handbook if r.label != "ANSWERABLE"]
    first = [r for r in mtrag(root) if not r.history]
    for name, rows, copilot in (
        ("pagerduty's own unanswerable", unheld_there, pagerduty),
        ("handbook's own unanswerable", unheld_here, handbook),
        ("pagerduty's questions to httpx's documents", on_pagerduty, httpx),
        ("handbook's questions to httpx's documents", on_handbook, httpx),
        ("mtrag_un's first questions to the handbook", first, handbook),
        ("repliqa's questions to pagerduty's documents", _set(root, "repliqa_sample"), pagerduty),
    ):
        if rows:
            abstained(name, rows, copilot)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, help="keep the indexes here")
    home = parser.parse_args().home or Path(tempfile.mkdtemp(prefix="copilot-bench-"))
    root = data_root()
    if root is None:
        raise SystemExit("the labelled sets are absent; set COPILOT_TEST_DATA to their folder")
    found = samples(mtrag(root), mtrag_index(home, root))
    both = [s for s in found if s.label in ("ANSWERABLE", "UNANSWERABLE")]
    unheld = [s.label == "UNANSWERABLE" for s in both]
    print(f"mtrag_un dev: {len(both)} questions, {sum(unheld)} of them unanswerable")
    for name in ("dense_own_three", "sentence_own", "unit_best"):
        area = area_under_curve(unheld, [-s.signals[name] for s in both])
        print(f"  one signal alone, {name:18s} AUC {area:.3f}")
    from tests.bench.removed import stand_alone

    alone = stand_alone(home, root)
    row("fitted on one half, the other half", cross_fitted(both, alone))
    figures, alone_no = cross_validated(both, alone)
    row("fitted on nine tenths, the rest", [figures])
    print("questions that stand alone, with and without their documents, by models fitted without:")
    by_label(alone, alone_no)
    row("shipped (fitted on these rows)", [measured(fitted(), both)])
    for label in ("PARTIAL", "UNDERSPECIFIED"):
        rest = [s for s in found if s.label == label]
        no = sum(fitted().confidence(s.signals) < fitted().threshold for s in rest)
        print(f"  shipped, {label.lower()}: abstains on {no} of {len(rest)}")
    elsewhere(home, root)


if __name__ == "__main__":
    main()
