"""Says of each hit whether the answer cites it, and why or why not.

Invariant: one verdict for each hit, in their order, in words of ours that hold no document's text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.answering.quoting.answerer import QUOTED_FROM
from copilot.answering.writing.packing import PASSAGES
from copilot.inputs import HitFate
from copilot.messages import Answer, Hit


def weighed(
    hits: Sequence[Hit],
    answer: Answer,
    *,
    given: Sequence[str] | None,
    passed_over: Mapping[str, str] | None,
) -> tuple[HitFate, ...]:
    """What became of ``hits``.

    ``given``: the passages that a model read, None when none was asked or it showed nothing;
    ``passed_over``: why the quoting answerer took nothing from a passage, None when it wasn't
    asked. Both when quotes follow what a model began to write.
    """
    markers: dict[str, list[str]] = {}
    for citation in answer.citations:
        markers.setdefault(citation.passage_id, []).append(f"[{citation.n}]")
    return tuple(
        HitFate(id_, True, f"cited as {', '.join(markers[id_])}")
        if (id_ := hit.passage.id) in markers
        else HitFate(id_, False, "; ".join(_why_not(hit, answer, given, passed_over)))
        for hit in hits
    )


def _why_not(
    hit: Hit, answer: Answer, given: Sequence[str] | None, passed_over: Mapping[str, str] | None
) -> list[str]:
    id_, why = hit.passage.id, []
    if given is not None:
        if id_ in given:
            why.append("the model read it and doesn't cite it")
        elif hit.rank > PASSAGES:
            why.append(f"a model is given the best {PASSAGES}")
        else:
            why.append("there was no room for it in the prompt")
    if passed_over is not None:
        if id_ in passed_over:
            why.append(passed_over[id_])
        elif hit.rank > QUOTED_FROM:
            why.append(f"quotes are taken from the best {QUOTED_FROM}")
        elif not answer.citations:
            why.append("the answer abstains")
    return why
