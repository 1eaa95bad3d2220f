"""How many unsupported sentences a model writes, and how many of them a reader is shown.

    python -m tests.bench.ungrounded [--questions 60] [--model local/smollm2] [--home FOLDER]
        [--passages 4] [--answers FILE] [--unread]

Answerable questions of mtrag_un dev, drawn with a seed, are answered by the model from the
passages that the search finds. With the check off a reader sees each sentence of the first draft;
with it on, the answer's sentences. Whether a passage supports a sentence is not left to the
check: sentences were read one by one (``ungrounded_read.jsonl``), and a rule of its own decides on
the others. The rule is strict: one place of a passage, two sentences long, must hold
nearly all of a sentence's words and all its numbers; it takes many a fair summary for unsupported.

``--answers`` keeps what was written, a line a question, and goes on where it stopped; the check, as
it is now, judges all of it anew. ``--unread`` prints what was not read yet.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from copilot.adapters.models import build_chat_model
from copilot.adapters.system import SystemClock
from copilot.answering.writing import WritingAnswerer, Written
from copilot.answering.writing.cutting import Cutter
from copilot.bootstrap import Copilot
from copilot.config.models import ModelSettings
from copilot.config.schema import Settings
from copilot.errors import ModelError
from copilot.gateway import Gateway
from copilot.knowledge.search import SearchRequest
from copilot.messages import ModelChunk, ModelRequest, Usage
from copilot.ports import ChatModel
from tests.bench.abstention import Row, mtrag, mtrag_index
from tests.corpora import data_root
from tests.routes import route

READ = Path(__file__).with_name("ungrounded_read.jsonl")
HITS = 30
# Seconds: a small model on a busy machine is slow, and what it writes is what counts here.
PATIENCE = 900.0
_WORD = re.compile(r"[a-z][a-z'-]{3,}|\d+(?:[.,]\d+)*", re.I)
_COMMON = frozenset(
    "that this these those with from have been will would could should their there they them then "
    "than when where which while what your you're also into such more most some other each very "
    "only over about after before between because through does can't make makes made used using "
    "following include includes including allow allows provide provides".split()
)
_NOT = re.compile(r"\b(?:not|never|no|cannot|can't|don't|doesn't|isn't|won't|without)\b", re.I)
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_HELD = 0.85


class Heard:
    """A model, and what it wrote for each request; first it writes again what it ``wrote``."""

    def __init__(self, model: ChatModel, wrote: Sequence[str]) -> None:
        self._model = model
        self._wrote = list(wrote)
        self.texts: list[str] = []
        self.usages: list[Usage] = []

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
        if self._wrote:
            text = self._wrote.pop(0)
            self.texts.append(text)
            ended = text.rstrip().endswith((".", "!", "?", ":", ")"))
            yield ModelChunk(text, finish_reason="stop" if ended else "length")
            return
        self.texts.append("")
        async for chunk in self._model.stream(request):
            self.texts[-1] += chunk.text
            if chunk.usage is not None:
                self.usages.append(chunk.usage)
            yield chunk

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        return self._model.estimate(request, text)

    def most(self, request: ModelRequest) -> Usage:
        return self._model.most(request)


@dataclass(frozen=True)
class Said:
    """A sentence that was written, or shown, for a question, with the passages it was to tell."""

    id: str
    sentence: str
    passages: tuple[str, ...]


async def answered(
    row: Row, copilot: Copilot, settings: Settings, passages: int, wrote: Sequence[str]
) -> dict[str, Any]:
    """What the model writes, or ``wrote``, for one question, and what a reader is shown of it."""
    request = SearchRequest(row.question, row.history, limit=HITS)
    result = await asyncio.to_thread(copilot.searcher.search, request)
    result = replace(result, hits=result.hits[:passages])
    heard = Heard(build_chat_model(settings.models, key_for=lambda name: None), wrote)
    gateway = Gateway(route(heard), settings.models, SystemClock())  # type: ignore[type-var]
    writing = WritingAnswerer(gateway, settings, prompts=copilot.prompts)
    shown: list[dict[str, Any]] = []
    failure = ""
    try:
        async for step in writing.answer(row.question, row.history, result):
            if isinstance(step, Written):
                quotes = {one.n: one.quote for one in step.answer.citations}
                shown = [
                    {"sentence": one.text, "quotes": [quotes[n] for n in one.citations]}
                    for one in step.answer.sentences
                ]
    except ModelError as error:
        failure = error.message
    return {
        "id": row.id,
        "question": row.question,
        "drafts": heard.texts,
        "written": _sentences(heard.texts[0]) if heard.texts else [],
        "shown": shown,
        "passages": [hit.passage.text for hit in result.hits],
        "failure": failure,
        "tokens": [
            sum(u.input_tokens for u in heard.usages),
            sum(u.output_tokens for u in heard.usages),
        ],
    }


def _sentences(text: str) -> list[str]:
    """The claims of a draft: no headings, no line that only leads to a list."""
    cutter = Cutter()
    units = [*cutter.feed(text), *cutter.finish()]
    return [one.text for one in units if one.kind in ("sentence", "item") and _words(one.text)]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text) if word.lower() not in _COMMON]


def _stem(word: str) -> str:
    return word if word[0].isdigit() else word[:6]


def strict(sentence: str, passages: Iterable[str]) -> bool:
    """Whether two neighbouring sentences of one passage say nearly all of it."""
    words = {_stem(word) for word in _words(sentence)}
    numbers = {word for word in words if word[0].isdigit()}
    for passage in passages:
        parts = [part for part in _SENTENCE_END.split(passage) if part.strip()]
        for at in range(len(parts)):
            place = " ".join(parts[at : at + 2])
            said = {_stem(word) for word in _words(place)}
            if not numbers <= said or bool(_NOT.search(sentence)) > bool(_NOT.search(place)):
                continue
            if len(words & said) >= _HELD * len(words):
                return True
    return False


def judgements() -> dict[tuple[str, str], bool]:
    """By question and sentence: whether a passage that the model was given supports it."""
    if not READ.exists():
        return {}
    rows = map(json.loads, READ.read_text("utf-8").splitlines())
    return {(row["id"], row["sentence"]): row["supported"] for row in rows}


def told(name: str, said: Sequence[Said], questions: int) -> None:
    """One line of the table."""
    judged = judgements()
    read = [judged[one.id, one.sentence] for one in said if (one.id, one.sentence) in judged]
    unread = [one for one in said if (one.id, one.sentence) not in judged]
    ruled = sum(not strict(one.sentence, one.passages) for one in unread)
    by_rule = sum(not strict(one.sentence, one.passages) for one in said)
    wrong = read.count(False)
    total = max(1, len(said))
    print(
        f"{name:22}{len(said):8}{len(said) / questions:9.1f}{len(read):7}{wrong:8}"
        f"{wrong / max(1, len(read)):8.1%}{ruled:9}{by_rule / total:9.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--model", default="local/smollm2")
    parser.add_argument("--passages", type=int, default=4)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--unread", action="store_true")
    asked = parser.parse_args()
    root = data_root()
    if root is None:
        sys.exit("the data is absent; set COPILOT_TEST_DATA to its folder")
    rows = [row for row in mtrag(root) if row.label == "ANSWERABLE"]
    chosen = random.Random(7).sample(rows, len(rows))[: asked.questions]
    with tempfile.TemporaryDirectory() as scratch:
        kept = asked.answers or Path(scratch) / "answers.jsonl"
        copilot = mtrag_index(asked.home or Path(scratch), root)
        answers = asyncio.run(_ask(chosen, copilot, asked, kept))
    _report(answers, unread=asked.unread)


async def _ask(
    rows: Sequence[Row], copilot: Copilot, asked: Any, kept: Path
) -> list[dict[str, Any]]:
    models = ModelSettings(
        answer=asked.model,
        first_token_timeout_s=PATIENCE,
        total_timeout_s=PATIENCE,
        max_output_tokens=300,
        retries=0,
    )
    settings, before = Settings(models=models), _kept(kept)
    answers = []
    with kept.open("a", encoding="utf-8") as file:
        for number, row in enumerate(rows, 1):
            wrote = before.get(row.id, {}).get("drafts", ())
            answers.append(await answered(row, copilot, settings, asked.passages, wrote))
            if answers[-1]["drafts"] != list(wrote):
                file.write(json.dumps(answers[-1], ensure_ascii=False) + "\n")
                file.flush()
            print(f"\r{number}/{len(rows)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return answers


def _kept(file: Path) -> dict[str, dict[str, Any]]:
    if not file.exists():
        return {}
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    return {row["id"]: row for row in rows}


def _report(answers: Sequence[dict[str, Any]], *, unread: bool) -> None:
    written, shown = [], []
    for one in answers:
        passages = tuple(one["passages"])
        distinct = dict.fromkeys(one["written"])  # it repeats itself; a reader sees each once
        written += [Said(one["id"], sentence, passages) for sentence in distinct]
        shown += [Said(one["id"], it["sentence"], passages) for it in one["shown"]]
    quoted = len(answers) - len({one.id for one in shown})
    print(f"{len(answers)} questions; {quoted} of them get quotes, since nothing written holds")
    print(f"{'':22}{'said':>8}{'a question':>11}{'read':>5}{'unsupported':>16}{'by rule':>13}")
    told("check off (the draft)", written, len(answers))
    told("check on (shown)", shown, len(answers))
    if unread:
        judged = judgements()
        for one in (*shown, *written):
            if (one.id, one.sentence) not in judged:
                verdict = "+" if strict(one.sentence, one.passages) else "-"
                print(f"{verdict} {one.id} {one.sentence}")


if __name__ == "__main__":
    main()
