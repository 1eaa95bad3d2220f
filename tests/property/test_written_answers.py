"""Whatever a model streams, what is shown is checked, quoted exactly and safe to print."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.answering.grounding import Cited, check_cited
from copilot.answering.writing import WritingAnswerer, Written
from copilot.answering.writing.cutting import Cutter
from copilot.config.models import ModelSettings
from copilot.config.schema import Settings
from copilot.errors import ModelStreamError, ModelUngroundedError
from copilot.events import CitationChecked, TextDelta
from copilot.gateway import Gateway
from copilot.guard.terminal import clean
from copilot.knowledge.search import SearchResult
from copilot.messages import Support
from copilot.prompting import PromptLibrary
from copilot.testing.passages import made_hits, made_passage
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.corpora import REPOSITORY
from tests.routes import route

PASSAGES = (
    made_passage(
        "If you are paged, you have 45 minutes to acknowledge. The backup is paged after that.\n\n"
        "Never restart the primary database without approval.\n\n    systemctl stop app",
        title="On call",
    ),
    made_passage("Logs are kept for 30 days. Older ones are deleted at night.", title="Logs"),
)
PIECES = st.sampled_from(
    [
        "You have 45 minutes to acknowledge [1]. ",
        "You have 20 minutes to acknowledge [1]. ",
        "Restart the primary database without approval [1]. ",
        "Never restart the primary database without approval [1]. ",
        "Logs are kept for 30 days [2]. ",
        "Logs are kept for 30 days [1][7] ",
        "Logs are kept for 30 days. [0] [2](https://x.org/a) [1 and source 2] ",
        "\n- Older ones are deleted at night [2]\n",
        "\n```\nsystemctl stop app\n```\n[1]\n",
        "\n```\nrm -rf /\n```\n[1]\n",
        "\n## Title\n",
        "To stop it:\n",
        "NO_ANSWER",
        "\nNOT_COVERED: the rest\n",
        "\x1b[31mred\x1b[0m ",
        "[",
        "```",
        "1",
    ]
)
STREAMS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=10).map("".join)
PROMPTS = PromptLibrary([REPOSITORY / "prompts"])
FOUND = SearchResult(
    hits=made_hits(*PASSAGES),
    stored={},
    queries=("How long?",),
    query_vectors=np.zeros((1, 2), dtype=np.float32),
    follow_up=False,
    index_version=1,
    latency_ms=1.0,
    term_weights={},
)


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


async def _answer(script: list[Say]) -> tuple[str, list[CitationChecked], Written | None]:
    models = ModelSettings(answer="x/y", retries=0)
    writer = WritingAnswerer(
        Gateway(route(ScriptedModel(script)), models, Clock()),
        Settings(models=models),
        prompts=PROMPTS,
    )
    shown, checks, written = "", [], None
    try:
        async for step in writer.answer("How long?", (), FOUND):
            if isinstance(step, TextDelta):
                shown += step.text
            elif isinstance(step, CitationChecked):
                checks.append(step)
            elif isinstance(step, Written):
                written = step
    except (ModelStreamError, ModelUngroundedError):
        return shown, checks, None
    return shown, checks, written


@given(first=STREAMS, second=STREAMS, breaks=st.booleans())
@settings(max_examples=120, deadline=None)
def test_what_is_shown_is_checked_quoted_and_clean(first: str, second: str, breaks: bool) -> None:
    fail = ModelStreamError("gone") if breaks else None
    shown, checks, written = asyncio.run(_answer([Say(first, fail=fail), Say(second)]))
    by_id = {p.id: p for p in PASSAGES}
    assert clean(shown) == shown
    assert "20 minutes" not in shown
    assert "rm -rf" not in shown
    assert all(
        c.support in (Support.SUPPORTED, Support.VERBATIM) for c in checks if c.action == "shown"
    )
    for check in checks:
        for citation in check.citations:
            text = by_id[citation.passage_id].text
            assert text[citation.quote_start : citation.quote_end] == citation.quote != ""
    if written is not None:
        answer = written.answer
        assert shown == answer.text + ("" if written.failure is None else "\n\n")
        numbers = {c.n for c in answer.citations}
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        for sentence in answer.sentences:
            assert sentence.citations
            assert set(sentence.citations) <= numbers


@given(text=STREAMS, sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_cutting_does_not_depend_on_the_pieces(text: str, sizes: list[int]) -> None:
    whole, pieces = Cutter(), Cutter()
    expected = [*whole.feed(text), *whole.finish()]
    got, at = [], 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        got += pieces.feed(text[at : at + size])
        at += size
    got += pieces.finish()
    assert got == expected


@given(
    sentence=st.one_of(st.text(max_size=200), STREAMS),
    passage=st.one_of(st.text(min_size=1, max_size=300), STREAMS.filter(bool)),
)
@settings(max_examples=200, deadline=None)
def test_the_check_never_fails_on_any_text_and_quotes_what_is_there(
    sentence: str, passage: str
) -> None:
    made = made_passage(passage)
    for quote in check_cited(sentence, [Cited(1, made)]).quotes:
        assert 0 <= quote.start < quote.end <= len(passage)
