"""What holds for every quoted answer, whatever the documents and the question."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from copilot.answering.quoting import QuotedAnswer, QuotingAnswerer
from copilot.config.schema import AnswerSettings
from tests.found import search

WORDS = st.sampled_from(
    "deploy rollback the pager on-call SEV-1 5 minutes api_key restart service queue backlog "
    "Nadia owner channel post because this it run check `ovctl` €40 2026-05-19 customer".split()
)
LINE = st.lists(WORDS, min_size=1, max_size=18).map(" ".join)
PARAGRAPH = st.lists(LINE.map(lambda s: s.capitalize() + "."), min_size=1, max_size=5).map(" ".join)
CODE = st.lists(LINE, min_size=1, max_size=6).map(lambda ls: "```sh\n" + "\n".join(ls) + "\n```")
ITEMS = st.lists(st.tuples(st.integers(0, 2), LINE), min_size=1, max_size=9).map(
    lambda rows: "\n".join(
        "    " * (level if i else 0) + "- " + s for i, (level, s) in enumerate(rows)
    )
)
STEPS = st.lists(LINE, min_size=2, max_size=25).map(
    lambda ls: "Do this:\n\n" + "\n".join(f"{i}. {s}." for i, s in enumerate(ls, 1))
)
TABLE = st.lists(st.tuples(LINE, LINE), min_size=1, max_size=5).map(
    lambda rows: "| a | b |\n| --- | --- |\n" + "\n".join(f"| {x} | {y} |" for x, y in rows)
)
HEADING = st.tuples(st.integers(1, 3), LINE).map(lambda pair: "#" * pair[0] + " " + pair[1])
IMAGE = st.just("![shot](a.png)")
PAGE = st.lists(
    st.one_of(PARAGRAPH, PARAGRAPH, CODE, ITEMS, STEPS, TABLE, HEADING, IMAGE),
    min_size=1,
    max_size=9,
).map("\n\n".join)
PAGES = st.lists(PAGE, min_size=1, max_size=3).map(
    lambda pages: {f"page{i}": text for i, text in enumerate(pages)}
)
QUESTION = st.one_of(
    LINE,
    LINE.map(lambda s: f"how do I {s}?"),
    LINE.map(lambda s: f"what are the steps to {s}, and who is the owner?"),
    st.text(min_size=1, max_size=80).filter(lambda s: s.strip()),
)
ROOMY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _answer(pages: dict[str, str], question: str, words: int) -> QuotedAnswer:
    result = search(pages, question)
    return QuotingAnswerer(AnswerSettings(max_words=words)).answer(question, (), result)


@ROOMY
@given(PAGES, QUESTION, st.integers(20, 200))
def test_quotes_are_spans_that_neither_overlap_nor_cut_code(
    pages: dict[str, str], question: str, words: int
) -> None:
    answer = _answer(pages, question, words)
    assume(answer.quotes)
    taken: dict[str, list[tuple[int, int]]] = {}
    for quote in answer.quotes:
        assert 0 <= quote.start < quote.end <= len(quote.passage.text)
        assert quote.text == quote.passage.text[quote.start : quote.end]
        assert quote.text.strip()
        for span in quote.passage.spans:
            if span.kind == "code" and span.start < quote.end and quote.start < span.end:
                assert quote.text.count("```") % 2 == 0
                assert quote.start <= span.start
                assert quote.end >= len(quote.passage.text[: span.end].rstrip())
        for start, end in taken.setdefault(quote.passage.id, []):
            assert quote.end <= start or end <= quote.start
        taken[quote.passage.id].append((quote.start, quote.end))


@ROOMY
@given(PAGES, QUESTION, st.integers(30, 150))
def test_the_word_limit_holds_unless_steps_or_one_block_need_more(
    pages: dict[str, str], question: str, words: int
) -> None:
    answer = _answer(pages, question, words)
    said = sum(len(quote.text.split()) for quote in answer.quotes)
    assert said == answer.words
    if not answer.procedure and sum(unit.chosen for unit in answer.units) > 1:
        assert said <= words


@ROOMY
@given(PAGES, QUESTION)
def test_the_same_search_gives_the_same_answer(pages: dict[str, str], question: str) -> None:
    first, second = (_answer(pages, question, 120) for _ in range(2))
    assert first == second
    assert 0.0 <= first.confidence <= 1.0
