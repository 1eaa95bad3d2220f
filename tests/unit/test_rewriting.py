"""What is searched for follows from the question and its conversation, and from nothing else."""

from __future__ import annotations

from copilot.knowledge.rewriting import failure_line, shortened, understand
from copilot.messages import Turn

ASKED = Turn("user", "How do I rotate a customer's API key?")
SAID = Turn("assistant", "In Settings, under API [1]. Both keys work for a day [2, 3]. Then one.")


def test_a_question_without_history_is_searched_as_it_is() -> None:
    rewrite = understand("How long is a key valid?")
    assert [query.text for query in rewrite.queries] == ["How long is a key valid?"]
    assert not rewrite.follow_up


def test_a_follow_up_is_read_with_the_turn_before_and_on_its_own() -> None:
    rewrite = understand("And how often?", [ASKED, SAID])
    context, own = (query.text for query in rewrite.queries)
    assert own == "And how often?"
    assert context.startswith("And how often?\nHow do I rotate")
    assert rewrite.follow_up


def test_the_question_weighs_less_than_its_context_but_counts() -> None:
    context, own = understand("And how often?", [ASKED, SAID]).queries
    assert 0 < own.weight < context.weight


def test_the_answer_before_adds_its_beginning_without_citation_markers() -> None:
    context = understand("And how often?", [ASKED, SAID]).queries[0].text
    assert context.endswith("In Settings, under API.")


def test_what_the_assistant_said_is_no_subject_of_the_question() -> None:
    assert "Settings" not in understand("And how often?", [ASKED, SAID]).subject


def test_only_the_latest_turn_that_says_something_counts() -> None:
    history = [Turn("user", "What is a SEV1?"), SAID, ASKED, SAID, Turn("user", "  ")]
    context = understand("Who may do it?", history).queries[0].text
    assert "rotate" in context and "SEV1" not in context


def test_a_history_without_a_person_makes_no_follow_up() -> None:
    assert not understand("Who may do it?", [SAID]).follow_up


def test_a_long_paste_keeps_its_beginning_and_more_of_its_end() -> None:
    paste = "Deploy failed.\n" + "frame " * 20_000 + "\nKeyError: 'tenant'"
    short = shortened(paste)
    assert len(short) <= 1001
    assert short.startswith("Deploy failed.") and short.endswith("KeyError: 'tenant'")


def test_a_long_text_without_spaces_is_cut_all_the_same() -> None:
    assert 0 < len(shortened("x" * 100_000)) <= 1001


def test_a_short_text_is_left_alone_but_for_its_margins() -> None:
    assert shortened("  a b  ") == "a b"


TRACEBACK = """Traceback (most recent call last):
  File "error.py", line 22, in <module>
    test()
  File "<string>", line 6, in test
TypeError: a bytes-like object is required, not 'str'"""


def test_a_traceback_is_searched_by_the_line_that_names_the_failure() -> None:
    whole, failure = understand(TRACEBACK).queries
    assert failure.text == "TypeError: a bytes-like object is required, not 'str'"
    assert whole.text.startswith("TypeError: a bytes-like") and "test()" in whole.text


def test_frames_don_t_name_a_failure_and_prose_over_lines_is_no_paste() -> None:
    java = (
        "boot\nCaused by: java.io.IOException: disk full\n at a.ErrorException.b(C.java)\n at d.e\n"
    )
    assert failure_line(java) == "Caused by: java.io.IOException: disk full"
    assert failure_line("Hello,\nhow do I\nrotate the key\nof a customer?\nThanks") == ""
    assert failure_line("What does KeyError mean?") == ""
