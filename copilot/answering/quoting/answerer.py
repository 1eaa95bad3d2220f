"""The quoting answerer: passages in, verbatim quotes out, or a reasoned "not in your documents".

Invariant: what is said is a span of a passage that was found; nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from copilot.answering import abstention
from copilot.answering.quoting import rows, scoring, selection
from copilot.answering.quoting.procedures import steps
from copilot.answering.quoting.question import analyse
from copilot.answering.quoting.units import segment, units
from copilot.answering.quoting.values import Quote, QuotedAnswer, ScoredUnit, Unit
from copilot.config.schema import AnswerSettings
from copilot.messages import Turn

if TYPE_CHECKING:
    from copilot.knowledge.search import SearchResult

# Passages that units are taken from; abstention looks at all that were found.
QUOTED_FROM = 10
# Units kept for ``--explain``, best first, besides the chosen ones.
UNITS_SHOWN = 20


class QuotingAnswerer:
    """Answers with quotes. Safe to call from any thread; a few milliseconds to tens of them."""

    def __init__(self, settings: AnswerSettings) -> None:
        self._settings = settings

    def answer(self, question: str, history: Sequence[Turn], result: SearchResult) -> QuotedAnswer:
        """Quote what answers ``question`` from the passages of ``result``.

        Abstains when nothing was found, when nothing quotable was, and when the signals of the
        search say that the documents don't hold the answer.
        """
        if not any(hit.passage.id in result.stored for hit in result.hits[:QUOTED_FROM]):
            return QuotedAnswer((), 0.0, abstain=True, reason="no document matched the question")
        form = analyse(question)
        if form.pleasantry:
            reason = "that asks for nothing; ask about something that your documents may hold"
            return QuotedAnswer((), 0.0, abstain=True, reason=reason)
        asked = scoring.ask(question, form, result)
        views = views_of(asked, result)
        pairs, found = unit_features(views, asked)
        candidates = [
            selection.candidate(unit, seen, score, asked.weights)
            for (unit, seen), score in zip(pairs, scoring.scores(found), strict=True)
        ]
        whole = _procedure(candidates, views, asked, result) if form.procedure else ()
        picked = selection.select(
            candidates, views, max_words=self._settings.max_words, procedure=whole
        )
        candidates += whole
        found += [scoring.features(c.unit, views[c.unit.passage], asked) for c in whole]
        quotes = selection.quotes(picked.chosen, views)
        evidence = abstention.Evidence(
            question=question,
            history=history,
            result=result,
            weights=asked.weights,
            passages=[_terms(seen) for seen in views],
            unit_scores=[c.score for c in candidates],
            unit_cosine=max((values["unit_cosine"] for values in found), default=0.0),
        )
        signals = abstention.signals(evidence)
        verdict = abstention.judge(signals, abstain_below=self._settings.abstain_below)
        abstain = verdict.abstain or not quotes
        return QuotedAnswer(
            quotes=quotes,
            confidence=verdict.confidence if quotes else 0.0,
            abstain=abstain,
            reason=_reason(evidence, quotes) if abstain else "",
            words=picked.words,
            procedure=picked.procedure,
            signals=signals,
            units=_explained(candidates, found, picked, views),
            passed_over={
                views[number].segmented.stored.passage.id: why
                for number, why in selection.passed_over(candidates, views, picked).items()
            },
        )


def views_of(asked: scoring.Asked, result: SearchResult) -> list[scoring.PassageView]:
    """The best passages of a search, taken apart; empty when it found none."""
    hits = result.hits[:QUOTED_FROM]
    if not hits:
        return []
    top = hits[0].score
    spread = max(top - hits[-1].score, 1e-6)
    views: list[scoring.PassageView] = []
    for rank, hit in enumerate(hits):
        stored = result.stored.get(hit.passage.id)
        if stored is not None:
            piecewise = segment(stored, len(views))
            lead = (hit.score - top) / spread
            views.append(scoring.view(piecewise, asked, rank=rank, lead=lead))
    return views


def _procedure(
    candidates: Sequence[selection.Candidate],
    views: list[scoring.PassageView],
    asked: scoring.Asked,
    result: SearchResult,
) -> tuple[selection.Candidate, ...]:
    """The steps that answer; passages that they go on in are added to ``views``."""
    places = {(s.passage.document_id, s.passage.ordinal): s for s in result.stored.values()}
    known = {seen.segmented.stored.passage.id: seen for seen in views}

    def neighbour(document_id: str, ordinal: int) -> scoring.PassageView | None:
        stored = places.get((document_id, ordinal))
        if stored is None:
            return None
        if stored.passage.id not in known:
            piecewise = segment(stored, len(views))
            seen = scoring.view(piecewise, asked, rank=len(views), lead=-1.0)
            known[stored.passage.id] = seen
            views.append(seen)
        return known[stored.passage.id]

    return steps(sorted(candidates, key=lambda c: -c.score), views, neighbour)


def _terms(seen: scoring.PassageView) -> abstention.PassageTerms:
    return abstention.PassageTerms(
        seen.segmented.stored.passage, seen.heading_terms, seen.piece_terms
    )


def unit_features(
    views: Sequence[scoring.PassageView], asked: scoring.Asked
) -> tuple[list[tuple[Unit, scoring.PassageView]], list[dict[str, float]]]:
    """Every unit that may be said, with its passage, and in the same order its features."""
    every = [(unit, seen) for seen in views for unit in units(seen.segmented)]
    pairs = rows.named(every, asked)
    return pairs, [scoring.features(unit, seen, asked) for unit, seen in pairs]


def _reason(evidence: abstention.Evidence, quotes: Sequence[Quote]) -> str:
    if not quotes:
        return "what was found holds nothing that could be quoted"
    missing = abstention.missing_terms(evidence)
    if missing:
        words = ", ".join(f"“{word}”" for word in missing)
        return f"the closest passages say nothing of {words}"
    return "the closest passages are about something else"


def _explained(
    candidates: Sequence[selection.Candidate],
    found: Sequence[dict[str, float]],
    picked: selection.Selection,
    views: Sequence[scoring.PassageView],
) -> tuple[ScoredUnit, ...]:
    chosen = {id(c) for c in picked.chosen}
    ranked = sorted(
        zip(candidates, found, strict=True),
        key=lambda pair: (id(pair[0]) not in chosen, -pair[0].score),
    )
    shown: list[ScoredUnit] = []
    for c, values in ranked[: len(chosen) + UNITS_SHOWN]:
        seg = views[c.unit.passage].segmented
        pieces = [seg.pieces[i] for i in c.unit.pieces]
        shown.append(
            ScoredUnit(
                passage_id=seg.stored.passage.id,
                kind=c.unit.kind,
                start=min(piece.start for piece in pieces),
                end=max(piece.end for piece in pieces),
                words=c.words,
                score=c.score,
                features=values,
                chosen=id(c) in chosen,
            )
        )
    return tuple(shown)
