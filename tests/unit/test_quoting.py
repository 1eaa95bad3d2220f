"""What the quoting answerer takes, keeps together and leaves out."""

from __future__ import annotations

import pytest

from copilot.answering.quoting import QuotedAnswer, QuotingAnswerer
from copilot.answering.quoting.answerer import QUOTED_FROM
from copilot.answering.quoting.boilerplate import is_boilerplate
from copilot.answering.quoting.question import AnswerKind, analyse
from copilot.answering.quoting.units import segment, units
from copilot.config.schema import AnswerSettings
from copilot.messages import Block, Locator, Turn
from tests.found import search, stored

HANDBOOK = {
    "paging": """# Paging

[![Build](https://img.shields.io/x.svg)](https://example.com) ![logo](logo.png)

## Contents

- [Escalation](#escalation)
- [Handover](#handover)

## Escalation

Set your escalation timeout to 5 minutes. This gives the first engineer time to reach a laptop.
Alerts that nobody takes go to the whole team.

## Taking the pager

To take the pager for somebody else, run:

```bash
pager take --hours 2
pager status
```

The command asks for confirmation.

## Handover

1. Write a summary of open issues.
2. Post the summary in the handover channel.
3. Wait until the next engineer confirms.

| Severity | Answer within |
| --- | --- |
| SEV-1 | 5 minutes |
| SEV-2 | 30 minutes |
""",
    "lunch": """# Lunch

The canteen opens at noon. Vegetarian dishes are served every day of the week.
""",
}


def ask(question: str, words: int = 120, **history: tuple[Turn, ...]) -> QuotedAnswer:
    result = search(HANDBOOK, question)
    answerer = QuotingAnswerer(AnswerSettings(max_words=words, abstain_below=0.0))
    return answerer.answer(question, history.get("history", ()), result)


def said(answer: QuotedAnswer) -> str:
    return "\n\n".join(quote.text for quote in answer.quotes)


def test_the_sentence_that_answers_is_quoted() -> None:
    assert "escalation timeout to 5 minutes" in said(ask("what escalation timeout should I set?"))


def test_code_comes_whole_and_with_the_line_that_introduces_it() -> None:
    text = said(ask("how do I take the pager for somebody else?", words=25))
    assert "To take the pager for somebody else, run:" in text
    assert "```bash\npager take --hours 2\npager status\n```" in text


def test_a_table_row_comes_with_its_header() -> None:
    text = said(ask("how fast must a SEV-2 be answered, severity table", words=30))
    assert "| SEV-2 | 30 minutes |" in text
    assert "| Severity | Answer within |" in text


def test_badges_and_tables_of_contents_are_never_quoted() -> None:
    for question in ("build badge logo", "contents escalation handover", "paging"):
        text = said(ask(question, words=300))
        assert "shields.io" not in text
        assert "(#escalation)" not in text


def test_a_sentence_that_refers_back_brings_its_neighbour() -> None:
    text = said(ask("what gives the first engineer time to reach a laptop?", words=30))
    assert "Set your escalation timeout to 5 minutes. This gives the first engineer" in " ".join(
        text.split()
    )


def test_a_procedure_is_quoted_whole_over_passages_and_beyond_the_limit() -> None:
    steps = "\n".join(
        f"{n}. Rotate the signing key of region number {n}, wait for the green light on the "
        "dashboard of the payments team, and write the time into the log of the change."
        for n in range(1, 11)
    )
    pages = {"keys": f"# Keys\n\n## Rotation\n\nTo rotate the signing key:\n\n{steps}\n"}
    question = "what are the steps to rotate the signing key of a region?"
    result = search(pages, question)
    assert len(result.hits) > 1
    answer = QuotingAnswerer(AnswerSettings(max_words=60, abstain_below=0.0)).answer(
        question, (), result
    )
    text = said(answer)
    assert answer.procedure
    assert text.index("To rotate the signing key:") < text.index("1. Rotate")
    assert all(f"{n}. Rotate the signing key of region number {n}," in text for n in range(1, 11))
    assert any(unit.kind == "procedure" and unit.chosen for unit in answer.units)


@pytest.mark.parametrize(
    "question", ["x " * 50_000, "A" * 100_000, 'a" OR (b:* AND', "???", "1_" * 30_000]
)
def test_no_question_is_too_odd(question: str) -> None:
    assert 0.0 <= ask(question).confidence <= 1.0


def test_no_hits_abstains_with_a_reason() -> None:
    result = search({"lunch": HANDBOOK["lunch"]}, "noon")
    empty = type(result)((), {}, ("x",), result.query_vectors, False, 0, 0.0, {})
    answer = QuotingAnswerer(AnswerSettings()).answer("x", (), empty)
    assert answer.abstain
    assert answer.reason


def test_abstaining_names_words_that_no_passage_holds() -> None:
    question = "when is the zeppelin serviced?"
    answerer = QuotingAnswerer(AnswerSettings(abstain_below=1.0))
    answer = answerer.answer(question, (), search(HANDBOOK, question))
    assert answer.abstain
    assert "zeppelin" in answer.reason


def test_every_unit_can_be_explained() -> None:
    answer = ask("what escalation timeout should I set?")
    assert any(unit.chosen for unit in answer.units)
    assert all(unit.features for unit in answer.units)
    assert answer.signals


@pytest.mark.parametrize("question", ["when does the canteen open?", "how do I do a handover?"])
def test_every_passage_that_was_read_is_quoted_or_says_why_not(question: str) -> None:
    answer = ask(question)
    quoted = {quote.passage.id for quote in answer.quotes}
    read = {hit.passage.id for hit in search(HANDBOOK, question).hits[:QUOTED_FROM]}
    assert quoted
    assert answer.passed_over.keys() == read - quoted
    assert all(answer.passed_over.values())


def test_a_short_limit_still_says_something() -> None:
    assert said(ask("what escalation timeout should I set?", words=20))


@pytest.mark.parametrize(
    "text",
    [
        "![shot](a.png)",
        "[![CI](https://x/y.svg)](https://x)",
        "* [Heroku](https://status.heroku.com/incidents/151)",
        ".. _cli_schema:",
        "(logging)=",
        "---",
        "title: Paging\nauthor: ops",
        "See [Handover](handover.md).",
    ],
)
def test_furniture_is_boilerplate(text: str) -> None:
    kind = "list_item" if text.startswith("*") else "paragraph"
    assert is_boilerplate(text, kind)


@pytest.mark.parametrize(
    "text",
    [
        "See [Handover](handover.md) before you leave, since the next engineer needs the summary.",
        "Use `pager take`.",
        "Note: 5 minutes.",
        "* Read the [runbook](a.md) and page the owner.",
    ],
)
def test_sentences_are_no_boilerplate(text: str) -> None:
    kind = "list_item" if text.startswith("*") else "paragraph"
    assert not is_boilerplate(text, kind)


def test_units_of_a_list_item_hold_its_parent_and_children() -> None:
    found = stored("# A\n\nDo this:\n\n- first\n    - inner one\n    - inner two\n- second thing\n")
    seg = segment(found[0], 0)
    texts = [" / ".join(seg.text(i).strip() for i in unit.pieces) for unit in units(seg)]
    assert any("first" in text and "inner one" in text for text in texts)
    assert all("Do this:" in text for text in texts)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("how long does it take?", AnswerKind.TIME),
        ("how many people are on call?", AnswerKind.NUMBER),
        ("who approves this?", AnswerKind.PERSON),
        ("how do I restart it?", AnswerKind.HOW_TO),
        ("what is a SEV-1?", AnswerKind.DEFINITION),
        ("why do we do that?", AnswerKind.REASON),
        ("where are the logs?", AnswerKind.PLACE),
    ],
)
def test_question_words_tell_the_kind_of_answer(question: str, kind: AnswerKind) -> None:
    assert kind in analyse(question).kinds


def test_a_question_about_steps_asks_for_a_procedure() -> None:
    assert analyse("what are the steps of a handover?").procedure
    assert not analyse("who owns the handover?").procedure


@pytest.mark.parametrize(
    "text", ["hello", "Hi there!", "Thanks a lot :)", "ok, thank you", "Danke!"]
)
def test_who_only_greets_or_thanks_is_quoted_nothing(text: str) -> None:
    answer = ask(text)
    assert (answer.abstain, answer.quotes) == (True, ())
    assert "asks for nothing" in answer.reason


@pytest.mark.parametrize("text", ["copilot", "hi, how do I roll back?", "thanks. And the backups?"])
def test_a_question_may_begin_with_a_greeting(text: str) -> None:
    assert not analyse(text).pleasantry


RETENTION = tuple(
    Block("table", row, Locator("paragraphs", 6, 6))
    for row in (
        "Data: Invoices; Kept for: 7 years; Then: deleted; Why: tax law",
        "Data: Backups; Kept for: 35 days; Then: overwritten; Why: restore",
        "Data: Mails; Kept for: 3 years; Then: made anonymous; Why: recurring faults",
    )
)


def of_rows(question: str) -> str:
    """What is said of a table whose rows name their cells, each a block of its own."""
    result = search(HANDBOOK | {"retention": RETENTION}, question)
    return said(QuotingAnswerer(AnswerSettings(abstain_below=0.0)).answer(question, (), result))


def test_of_a_table_the_row_that_names_what_is_asked_for_is_quoted() -> None:
    assert of_rows("How long are backups kept?") == RETENTION[1].text


def test_of_a_table_that_is_asked_for_as_a_whole_every_row_is_quoted() -> None:
    assert of_rows("How long is which data kept, and why?").splitlines() == [
        row.text for row in RETENTION
    ]
