"""Where the marks of checked sentences stand, and where none can."""

from __future__ import annotations

from copilot.messages import Sentence, Support
from copilot.tui.verdicts import borne_out, marks

GOOD, BAD = Support.SUPPORTED, Support.UNSUPPORTED


def said(text: str, *cited: int, support: Support = GOOD) -> Sentence:
    return Sentence(text, cited, support)


def test_a_sentence_is_marked_behind_all_its_sources() -> None:
    text = "Restart it. [1][2] Wait. [2]\n\n```\nrun\n```\n[3]"
    found = marks(text, [said("Restart it.", 1, 2), said("Wait.", 2), said("```\nrun\n```", 3)])
    assert [text[:at][-4:] for at, _ in found] == ["][2]", " [2]", "\n[3]"]


def test_what_says_the_same_with_other_sources_is_another_sentence() -> None:
    text = "He said: Wait. [1] Wait. [2]"
    assert marks(text, [said("Wait.", 2)]) == [(len(text), "✓")]
    assert [at for at, _ in marks(text, [said("Wait.", 1), said("Wait.", 2)])] == [18, 28]


def test_what_is_not_in_the_text_or_not_known_any_more_has_no_mark() -> None:
    text = "Restart it. [1] Wait. [2]"
    assert marks(text, [said("Stop it.", 1), said("", 1), said("Wait.", 2)]) == [(25, "✓")]


def test_what_is_not_borne_out_has_another_mark_than_what_is() -> None:
    text = "Restart it. [1] Wait. Stop. [1]"
    told = [said("Restart it.", 1, support=BAD), said("Wait.", support=Support.UNCITED)]
    assert [mark.strip() for _, mark in marks(text, [*told, said("Stop.", 1)])] == ["?", "?", "✓"]


def test_nothing_is_said_of_sentences_that_are_not_known() -> None:
    assert "every" not in borne_out([])
