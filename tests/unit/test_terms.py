"""A question's terms meet a passage's, whatever their inflection or spelling."""

from __future__ import annotations

import pytest

from copilot.knowledge.terms import content_terms, content_words, stem, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("policies", "policy"),
        ("running", "run"),
        ("created", "creates"),
        ("Backups", "backup"),
        ("retries", "retry"),
        ("stopped", "stops"),
        ("ＡＰＩ", "api"),
    ],
)
def test_inflections_of_a_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize("word", ["class", "status", "analysis", "api", "bus", "thing"])
def test_words_that_only_look_inflected_are_left_alone(word: str) -> None:
    assert stem(word) == word


def test_an_identifier_is_kept_whole_and_gives_its_parts() -> None:
    assert terms("max_retries") == ["max_retries", "max", "retri"]
    assert terms("HTTPServer") == ["httpserver", "http", "server"]
    assert "v1.2.3" in terms("since v1.2.3")
    assert terms("C++")[0] == "c++"


def test_a_script_without_spaces_gives_pairs_of_signs() -> None:
    assert terms("更新失敗") == ["更新", "新失", "失敗"]
    assert set(terms("更新")) <= set(terms("設定を更新する"))


def test_a_question_of_stop_words_has_no_content() -> None:
    assert content_terms("What about it, and why?") == []


def test_terms_come_in_order_and_as_often_as_they_occur() -> None:
    assert terms("key, key of keys") == ["key", "key", "of", "key"]


def test_nothing_gives_nothing() -> None:
    assert terms("") == terms(" \n\t…—") == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How do I rotate the API keys?", "rotate API keys"),
        ("Who runs IT in the US?", "runs IT US"),
        ("What is R and how does it read a foo_bar.csv?", "R read foo_bar.csv"),
        ("is it not?", "is it not?"),
        ("Wie öffne ich das Tor?", "öffne Tor"),
        ("何ですか", "何ですか"),
    ],
)
def test_function_words_are_dropped_where_others_remain(question: str, words: str) -> None:
    assert content_words(question) == words
