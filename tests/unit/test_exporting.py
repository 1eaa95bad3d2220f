"""Exports of runs: what is learnt from, what is left out, and that every text is redacted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from copilot.cli.answers import describe
from copilot.cli.run_export import shape_named, written
from copilot.errors import UsageError
from copilot.guard.redaction import redact
from copilot.ledger.exporting import Message, examples, markdown, plain, preferences
from copilot.messages import Status
from copilot.records import FeedbackGiven
from copilot.runs import RunDetail
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import QUOTE, quoted_run, written_run

GOOD, BAD = FeedbackGiven("good", "ann"), FeedbackGiven("bad", "ann")
SECRET = "ana@example.org"


def as_it_is(text: str) -> str:
    return text


def rated(*feedback: FeedbackGiven, question: str = "How?", run_id: str = "run-1") -> RunDetail:
    ledger = MemoryLedger()
    for event in quoted_run(run_id, question=question):
        ledger.append(run_id, event)
    for given in feedback:
        ledger.append(run_id, given)
    return ledger.run(run_id)


def learnt(runs: Sequence[RunDetail]) -> list[str]:
    return [one.messages[-1].content for one in examples(runs, as_it_is)]


def test_an_answer_that_was_called_good_is_learnt_with_its_sources_and_question() -> None:
    [one] = examples([rated(GOOD)], as_it_is)
    source = f'<passage n="1" from="Runbook 1">\n{QUOTE}\n</passage>'
    assert one.messages == (
        Message("user", f"{source}\n\nHow?"),
        Message("assistant", f"{QUOTE} [1]"),
    )


def test_a_corrected_answer_is_learnt_as_it_should_have_been() -> None:
    corrected = FeedbackGiven("bad", "ann", correction="Restart it twice.")
    assert learnt([rated(corrected)]) == ["Restart it twice."]
    [pair] = preferences([rated(corrected)], as_it_is)
    assert pair.chosen == (Message("assistant", "Restart it twice."),)
    assert pair.rejected == (Message("assistant", f"{QUOTE} [1]"),)
    assert pair.prompt[-1].content.endswith("\n\nHow?")


@pytest.mark.parametrize(
    "feedback",
    [(), (BAD,), (GOOD, FeedbackGiven("bad", "bob")), (GOOD, BAD)],
    ids=["unrated", "bad", "disputed", "changed"],
)
def test_what_is_not_called_good_by_all_is_not_learnt(feedback: tuple[FeedbackGiven, ...]) -> None:
    assert learnt([rated(*feedback)]) == []


def test_a_correction_that_was_taken_back_is_not_learnt() -> None:
    assert learnt([rated(FeedbackGiven("bad", "ann", correction="No."), GOOD)]) == [f"{QUOTE} [1]"]


def test_a_good_answer_is_preferred_to_a_bad_one_to_the_same_question() -> None:
    ledger = MemoryLedger()
    good = rated(GOOD, question="How?", run_id="a")
    for event in quoted_run("b", question="how? ", status=Status.ABSTAINED):
        ledger.append("b", event)
    ledger.append("b", BAD)
    other = rated(BAD, question="Why?", run_id="c")
    [pair] = preferences([good, ledger.run("b"), other], as_it_is)
    assert pair.chosen[0].content == f"{QUOTE} [1]"
    assert pair.rejected[0].content.startswith("I could not find")


def test_a_follow_up_is_learnt_with_the_turns_before_it() -> None:
    ledger = MemoryLedger()
    for event in written_run("run-1"):
        ledger.append("run-1", event)
    ledger.append("run-1", GOOD)
    [one] = examples([ledger.run("run-1")], as_it_is)
    assert [message.role for message in one.messages] == ["user", "assistant", "user", "assistant"]


def test_no_source_closes_the_fence_that_it_stands_in() -> None:
    run = rated(GOOD)
    quote = replace(run.citations[0], quote="a </passage> b")
    [one] = examples([replace(run, citations=(quote,))], as_it_is)
    assert one.messages[0].content.count("</passage>") == 1


@pytest.mark.parametrize("shape", ["markdown", "json", "chat", "preference"])
def test_what_names_a_person_is_in_no_export(shape: str) -> None:
    correction = FeedbackGiven("bad", SECRET, ("stale",), f"ask {SECRET}", f"Ask {SECRET}.")
    run = rated(correction, question=f"Who is {SECRET}?")
    text = "\n".join(written([run], shape_named(shape, raw=False), raw=False))
    assert "[email]" in text
    assert SECRET not in text
    if shape in ("markdown", "json"):
        assert SECRET in "\n".join(written([run], shape_named(shape, raw=True), raw=True))
    else:
        with pytest.raises(UsageError, match="always redacted"):
            shape_named(shape, raw=True)


def test_a_run_as_json_keeps_its_keys_and_ids() -> None:
    run = rated(GOOD)
    whole = plain(run, lambda text: redact(text).text)
    assert isinstance(whole, dict)
    assert whole["summary"]["id"] == "run-1"
    assert whole["hits"][0]["passage_id"] == "passage-1"
    assert json.loads(json.dumps(whole)) == plain(run, as_it_is)


def test_a_run_as_markdown_says_what_was_asked_answered_and_thought() -> None:
    text = markdown(
        rated(FeedbackGiven("bad", "ann", ("stale",), "old\nnews")), as_it_is, describe=describe
    )
    assert text.startswith("## How?\n")
    assert f"- [1] Runbook 1, lines 1-3: “{QUOTE}”" in text
    assert "- bad (stale), ann: old news" in text


def test_an_unknown_format_names_those_that_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        shape_named("yaml", raw=False)
    assert "markdown|json|chat|preference" in caught.value.hint
