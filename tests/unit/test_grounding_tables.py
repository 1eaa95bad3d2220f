"""What a sentence says of a table must stand in its row and under its head."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.answering.grounding import Cited, Verdict, check_cited
from copilot.messages import Passage
from copilot.testing.passages import made_passage

DUTIES = """| | |
| --- | --- |
| Acknowledge a page | within 5 minutes |
| At the keyboard | within 15 minutes |
| The hand-over | at 10:00 |"""
LEVELS = """| | SEV1 | SEV2 | Others |
| --- | --- | --- | --- |
| Who is paged | primary, secondary | primary | nobody |
| Status page | within 15 minutes | within 30 minutes | not needed |
| Updates | every 30 minutes | every 60 minutes | in the ticket |"""


def _table(text: str) -> Passage:
    passage = made_passage(text, title="Policy")
    return replace(passage, spans=(replace(passage.spans[0], kind="table"),))


def _checked(sentence: str, table: str) -> Verdict:
    return check_cited(sentence, [Cited(1, _table(table))])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            "You must acknowledge a page within 5 minutes.",
            "You must acknowledge a page within 15 minutes.",
        ),
        ("You have 5 minutes to acknowledge a page.", "You have 15 minutes to acknowledge a page."),
        ("Be at the keyboard within 15 minutes.", "Be at the keyboard within 5 minutes."),
    ],
)
def test_a_number_counts_for_its_row(right: str, wrong: str) -> None:
    assert _checked(right, DUTIES).holds
    assert not _checked(wrong, DUTIES).holds


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        (
            "For a SEV1 the status page is updated within 15 minutes.",
            "For a SEV2 the status page is updated within 15 minutes.",
            "'15 minutes' of 'SEV1'",
        ),
        (
            "Updates on a SEV2 come every 60 minutes.",
            "Updates on a SEV1 come every 60 minutes.",
            "'60 minutes' of 'SEV2'",
        ),
    ],
)
def test_a_number_counts_for_its_column(right: str, wrong: str, says: str) -> None:
    assert _checked(right, LEVELS).holds
    verdict = _checked(wrong, LEVELS)
    assert not verdict.holds
    assert says in verdict.reason


def test_rows_and_columns_may_be_told_together() -> None:
    both = "You have 5 minutes to acknowledge a page, and 15 minutes to be at the keyboard."
    assert _checked(both, DUTIES).holds
    all_of_it = (
        "The status page is updated within 15 minutes for SEV1 and within 30 minutes for SEV2."
    )
    assert _checked(all_of_it, LEVELS).holds
    assert _checked("The status page is updated within 30 minutes.", LEVELS).holds


def test_a_table_without_outer_bars_has_the_same_columns() -> None:
    bare = "\n".join(
        line.removeprefix("|").removesuffix("|").strip() for line in LEVELS.splitlines()
    )
    assert _checked("Updates on a SEV2 come every 60 minutes.", "Level " + bare).holds
    assert not _checked("Updates on a SEV1 come every 60 minutes.", "Level " + bare).holds


def test_what_is_quoted_is_the_row_alone() -> None:
    table = _table(LEVELS)
    verdict = check_cited("For a SEV1 the status page is due within 15 minutes.", [Cited(1, table)])
    (quoted,) = verdict.quotes
    row = "| Status page | within 15 minutes | within 30 minutes | not needed |"
    assert table.text[quoted.start : quoted.end] == row


def test_a_table_that_is_written_again_stands_so_in_the_text() -> None:
    assert _checked(LEVELS, LEVELS).holds
    assert not _checked(LEVELS.replace("every 60", "every 90"), LEVELS).holds
