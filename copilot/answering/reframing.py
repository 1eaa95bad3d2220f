"""What a chat model would have been given for a recorded run: the examples that one is trained on.

Invariant: every passage that an answer cites is among those that it is given, under the number
that the answer is to cite it by; nobody gets a passage that they may not see now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.answering.writing.cutting import without_markers
from copilot.answering.writing.drafting import NO_ANSWER
from copilot.answering.writing.earlier import given_before
from copilot.answering.writing.packing import fenced
from copilot.ledger.exporting import Framed
from copilot.messages import Passage, SearchFilter, Turn
from copilot.prompting import Prompt, PromptLibrary, of_then
from copilot.runs import RecordedCitation, RunDetail

if TYPE_CHECKING:
    from copilot.ports import SearchableIndex

_PROMPT = "answering/write"
# Whole passages: a model is to learn from more than what was taken of them.
PASSAGES = 10
CHARACTERS = 14_000


@dataclass(frozen=True, slots=True)
class Reframer:
    """Makes prompts anew. ``where`` is what whoever gets the examples may see.

    ``max_words`` stands in for a setting that wasn't recorded; without an ``index`` there are
    quotes only. ``closed`` are the paths of documents that may not be seen.
    """

    prompts: PromptLibrary
    max_words: int
    where: SearchFilter
    index: SearchableIndex | None = None
    closed: frozenset[str] = frozenset()

    def __call__(self, run: RunDetail, cited: Sequence[RecordedCitation]) -> Framed | None:
        """The prompt for the question of ``run``, with all that ``cited`` come from.

        None when that is closed by now. The passages are those of now: of one that has changed
        or gone since, its quotes stand in, or nothing when it wasn't cited.
        """
        if any(one.path in self.closed for one in cited):
            return None
        passages = self._passages(run, cited)
        settings = run.inputs.settings if run.inputs is not None else None
        rendered = self._prompt(run).render(
            {
                "passages": "\n\n".join(fenced(n, one) for n, one in enumerate(passages, start=1)),
                "question": run.summary.question or "",
                "words": str(settings.max_words if settings is not None else self.max_words),
            }
        )
        before = tuple(Turn(turn.role, without_markers(turn.text or "")) for turn in run.history)
        if run.summarised is not None:
            before = given_before(self.prompts, run.summarised.text or "", before).turns
        return Framed(
            system=rendered.system,
            turns=(*before, Turn("user", rendered.user)),
            numbers={passage.id: n for n, passage in enumerate(passages, start=1)},
            declined=NO_ANSWER,
        )

    def _prompt(self, run: RunDetail) -> Prompt:
        """The one of then, where its text is kept; else the one of now."""
        now = self.prompts.get(_PROMPT)
        for used in run.prompts:
            if used.version.id == _PROMPT and used.body is not None:
                then = of_then(used.version, used.body)
                if then is not None and set(then.inputs) == set(now.inputs):
                    return then
        return now

    def _passages(self, run: RunDetail, cited: Sequence[RecordedCitation]) -> list[Passage]:
        """The cited ones and the best of the others, as many as fit, in the order of their rank."""
        ids = list(dict.fromkeys([hit.passage_id for hit in run.hits]))
        ids += [id_ for id_ in dict.fromkeys(one.passage_id for one in cited) if id_ not in ids]
        needed = {one.passage_id for one in cited}
        found = {one.id: one for one in self._fetch(ids)}
        for id_ in needed - found.keys():
            found[id_] = _quoted([one for one in cited if one.passage_id == id_])
        room = CHARACTERS - sum(len(found[id_].text) for id_ in needed)
        others = PASSAGES - len(needed)
        chosen: list[Passage] = []
        for id_ in ids:
            passage = found.get(id_)
            if passage is None:
                continue
            if id_ not in needed:
                if others <= 0 or len(passage.text) > room:
                    continue
                others, room = others - 1, room - len(passage.text)
            chosen.append(passage)
        return chosen

    def _fetch(self, ids: Sequence[str]) -> list[Passage]:
        if self.index is None or not ids:
            return []
        return [stored.passage for stored in self.index.fetch(ids, where=self.where)]


def _quoted(cited: Sequence[RecordedCitation]) -> Passage:
    """As much of a passage as was quoted from it."""
    first, text = cited[0], "\n…\n".join(dict.fromkeys(one.quote or "" for one in cited))
    return Passage(
        id=first.passage_id,
        document_id=first.document_id,
        path=first.path,
        title=first.title,
        ordinal=0,
        text=text,
        heading_path=(),
        locator=first.locator,
        spans=(),
        char_start=0,
        char_end=len(text),
        content_hash="",
    )
