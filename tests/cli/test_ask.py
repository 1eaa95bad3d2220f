"""``copilot ask`` from outside: the envelope, the exit codes, bad input, conversations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Cli

ENVELOPE = {
    "schema_version",
    "kind",
    "run_id",
    "status",
    "text",
    "sentences",
    "citations",
    "searched",
    "usage",
    "latency_ms",
}
CITATION = {
    "n",
    "passage_id",
    "document_id",
    "path",
    "title",
    "locator",
    "quote",
    "quote_start",
    "quote_end",
}


def passage_texts(handbook: Cli, question: str) -> dict[str, str]:
    hits = handbook("search", question, "-n", "50", "--json").envelope["hits"]
    return {hit["passage_id"]: hit["text"] for hit in hits}


def assert_is_an_answer(envelope: dict[str, Any]) -> None:
    assert set(envelope) >= ENVELOPE
    assert envelope["schema_version"] == 1
    assert envelope["kind"] == "answer"
    assert set(envelope["usage"]) == {
        "model",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "saved_tokens",
    }
    numbers = {citation["n"] for citation in envelope["citations"]}
    for sentence in envelope["sentences"]:
        assert set(sentence) >= {"text", "citations", "support"}
        assert sentence["citations"]
        assert set(sentence["citations"]) <= numbers


def test_an_answer_is_cited_and_each_quote_is_in_its_passage(handbook: Cli) -> None:
    question = "What do I do when a customer's API key has leaked?"
    done = handbook("ask", question, "--json")
    assert done.code == 0
    envelope = done.envelope
    assert_is_an_answer(envelope)
    assert envelope["status"] == "answered"
    assert envelope["sentences"]
    assert envelope["citations"]
    passages = passage_texts(handbook, question)
    for citation in envelope["citations"]:
        assert set(citation) >= CITATION
        text = passages[citation["passage_id"]]
        assert text[citation["quote_start"] : citation["quote_end"]] == citation["quote"]


def test_on_a_pipe_the_answer_is_plain_text_with_its_sources(handbook: Cli) -> None:
    done = handbook("ask", "What do I do when a customer's API key has leaked?")
    assert done.code == 0
    assert "[1]" in done.out
    assert "Sources" in done.out
    assert "\x1b" not in done.out + done.err


def test_the_question_may_come_from_stdin(handbook: Cli) -> None:
    question = "How many days of holiday do I have?"
    piped = handbook("ask", "--json", stdin=question)
    dashed = handbook("ask", "-", "--json", stdin=question)
    assert piped.code == dashed.code == 0
    assert "26 days" in piped.envelope["text"]
    assert piped.envelope["text"] == dashed.envelope["text"]


def test_an_unanswerable_question_abstains_with_exit_code_10(handbook: Cli) -> None:
    done = handbook("ask", "Which hotel chain in Tokyo gives us a discount?", "--json")
    assert done.code == 10
    assert done.envelope["status"] == "abstained"
    assert done.envelope["citations"] == []
    assert done.envelope["searched"]


@pytest.mark.parametrize("question", ["", "   \n", "\x00"])
def test_an_empty_question_is_a_usage_error(handbook: Cli, question: str) -> None:
    done = handbook("ask", "--json", stdin=question)
    assert done.code == 2
    assert done.envelope["error"]["type"] == "UsageError"
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "question",
    ['AND OR ( "unbalanced', "a*b^2 ~foo:bar", "'; drop table passages --", "[x](y) {{ 7*7 }}"],
)
def test_query_syntax_in_a_question_is_only_text(handbook: Cli, question: str) -> None:
    done = handbook("ask", question, "--json")
    assert done.code == 10  # the handbook says nothing of any of them
    assert_is_an_answer(done.envelope)


def test_a_question_of_100_kilobytes_is_answered_or_refused(handbook: Cli) -> None:
    done = handbook("ask", "--json", stdin="How many days of holiday do I have? " * 2800)
    assert done.code in (0, 10)
    assert_is_an_answer(done.envelope)
    assert "Traceback" not in done.err


def test_a_batch_answers_in_input_order_and_a_bad_line_stops_nothing(handbook: Cli) -> None:
    lines = [
        json.dumps({"id": "a", "question": "How many days of holiday do I have?"}),
        "{broken",
        json.dumps({"id": "c", "question": "Who pays my flat in Oslo?"}),
    ]
    done = handbook("ask", "--batch", "-", stdin="\n".join(lines))
    assert done.code == 9
    assert [line["id"] for line in done.lines] == ["a", None, "c"]
    assert [line["kind"] for line in done.lines] == ["answer", "error", "answer"]


def test_a_follow_up_is_understood_from_its_conversation(handbook: Cli) -> None:
    first = handbook(
        "ask", "-s", "keys", "A customer's API key has leaked. What do I do?", "--json"
    )
    assert first.code == 0
    question = "And for a routine change, how long do the old and the new one both work?"
    follow_up = handbook("ask", "-s", "keys", question, "--json")
    assert "24 hours" in follow_up.envelope["text"]
    continued = handbook("ask", "-c", question, "--json")
    assert "24 hours" in continued.envelope["text"]
    assert "a new one begins" not in continued.err


def test_asking_without_an_index_says_how_to_make_one(cli: Cli) -> None:
    done = cli("ask", "anything?", "--json")
    assert done.code == 5
    assert "copilot index add" in done.envelope["error"]["hint"]


def test_a_labelled_document_is_never_quoted_to_somebody_outside(handbook: Cli) -> None:
    question = "What is the salary band of a senior engineer?"
    outside = handbook("ask", question, "--json")
    assert outside.envelope["kind"] == "answer"
    assert "compensation-bands" not in outside.out
    inside = handbook("ask", question, "--json", env={"COPILOT_PRINCIPAL__GROUPS": '["hr"]'})
    assert "compensation-bands" in inside.out


def test_a_wrong_option_is_json_on_stdout_and_exit_code_2(cli: Cli) -> None:
    done = cli("ask", "--json", "--colour")
    assert done.code == 2
    assert done.envelope["kind"] == "error"
    assert "--colour" in done.envelope["error"]["message"]


def test_a_quote_from_a_superseded_document_is_named_as_such(handbook: Cli) -> None:
    done = handbook("ask", "What were the expense limits in the 2024 policy?", "--json")
    cited = [c["n"] for c in done.envelope["citations"] if "expenses-2024" in c["path"]]
    notes = " ".join(done.envelope["notes"])
    assert cited
    assert all(f"[{n}]" in notes for n in cited)
    assert "superseded" in notes
