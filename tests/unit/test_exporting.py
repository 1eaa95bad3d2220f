"""Exports of runs: what is learnt from, what is left out, and that every text is redacted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from copilot.answering.reframing import Reframer
from copilot.cli.run_export import shape_named, written
from copilot.config.paths import bundled
from copilot.errors import UsageError
from copilot.events import PromptRendered
from copilot.guard.redaction import redact
from copilot.ledger.exporting import Message, examples, markdown, plain, preferences
from copilot.messages import (
    Citation,
    Passage,
    PassageVectors,
    Principal,
    PromptVersion,
    SearchFilter,
    Status,
    StoredPassage,
)
from copilot.places import describe
from copilot.ports import SearchableIndex
from copilot.prompting import PromptLibrary
from copilot.records import FeedbackGiven
from copilot.runs import RecordedCitation, RunDetail
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import (
    QUOTE,
    citation,
    passage,
    quoted_run,
    written_run,
)

GOOD, BAD = FeedbackGiven("good", "ann"), FeedbackGiven("bad", "ann")
SECRET = "ana@example.org"
PROMPTS = PromptLibrary([bundled("prompts")])
QUOTES = Reframer(PROMPTS, 120, SearchFilter())


class Passages:
    """An index that only hands out passages."""

    def __init__(self, *passages: Passage) -> None:
        self._passages = {one.id: one for one in passages}

    def fetch(self, passage_ids: Sequence[str], *, where: SearchFilter) -> list[StoredPassage]:
        vectors = PassageVectors(np.zeros(1, np.float32), np.zeros((1, 1), np.float32), ())
        seen = (self._passages[one] for one in passage_ids if one in self._passages)
        return [
            StoredPassage(one, vectors)
            for one in seen
            if not one.labels or set(one.labels) & set(where.principal.labels)
        ]


def with_passages(*passages: Passage, who: Principal | None = None) -> Reframer:
    where = SearchFilter(who or Principal())
    return replace(QUOTES, where=where, index=cast(SearchableIndex, Passages(*passages)))


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
    return [one.messages[-1].content for one in examples(runs, as_it_is, QUOTES)]


def test_an_answer_that_was_called_good_is_learnt_with_its_sources_and_question() -> None:
    [one] = examples([rated(GOOD)], as_it_is, QUOTES)
    source = f'<passage n="1" from="Runbook 1">\n{QUOTE}\n</passage>'
    system, user, answer = one.messages
    assert (system.role, "[2][3]" in system.content) == ("system", True)
    assert user == Message("user", f"The passages:\n\n{source}\n\nThe question: How?")
    assert answer == Message("assistant", f"{QUOTE} [1]")


def test_the_passages_are_those_that_a_model_would_have_been_given() -> None:
    run = rated(GOOD)
    [one] = examples([run], as_it_is, with_passages(*(passage(n) for n in (1, 2, 4))))
    user = one.messages[1].content
    assert [f'n="{n}" from="Runbook {m} > Gateway"' in user for n, m in ((1, 1), (2, 2), (3, 4))]
    assert all(passage(n).text in user for n in (1, 2, 4))
    assert passage(3).text not in user


def test_an_answer_cites_by_the_numbers_of_its_prompt() -> None:
    run = rated(GOOD)
    again = (citation(1, rank=3), citation(2, rank=1), citation(3, rank=3))
    run = replace(
        run,
        answer="One [1]. Two [2][3], and `a[1]` [9].",
        citations=tuple(recorded(one) for one in again),
    )
    [one] = examples([run], as_it_is, with_passages(*(passage(n) for n in range(1, 6))))
    assert one.messages[-1].content == "One [3]. Two [1][3], and `a[1]`."


def recorded(one: Citation) -> RecordedCitation:
    return RecordedCitation(
        n=one.n,
        passage_id=one.passage_id,
        document_id=one.document_id,
        path=one.path,
        title=one.title,
        locator=one.locator,
        quote=one.quote,
        quote_start=one.quote_start,
        quote_end=one.quote_end,
    )


def test_a_passage_that_may_not_be_seen_is_not_given() -> None:
    closed = replace(passage(2), labels=("hr",))
    [without] = examples([rated(GOOD)], as_it_is, with_passages(passage(1), closed))
    allowed = Principal(groups=("hr",))
    [with_it] = examples([rated(GOOD)], as_it_is, with_passages(passage(1), closed, who=allowed))
    assert (closed.text in without.messages[1].content) is False
    assert closed.text in with_it.messages[1].content


def test_an_answer_from_a_document_that_is_closed_by_now_is_not_learnt() -> None:
    closed = replace(QUOTES, closed=frozenset({passage(1).path}))
    runs = [rated(GOOD), rated(CORRECTED, run_id="run-2")]
    assert len(list(examples(runs, as_it_is, QUOTES))) == 2
    assert list(examples(runs, as_it_is, closed)) == []
    assert list(preferences(runs, as_it_is, closed)) == []


def test_passages_fit_into_the_prompt_and_the_cited_ones_are_always_there() -> None:
    long = [replace(passage(n), text=f"{n} " + "x" * 6_000) for n in range(1, 5)]
    run = rated(GOOD)
    last = recorded(citation(rank=5))
    run = replace(run, citations=(last,))
    [one] = examples([run], as_it_is, with_passages(*long, passage(5)))
    user = one.messages[1].content
    assert [f'n="{n}"' in user for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert passage(5).text in user
    assert one.messages[-1].content.endswith("[3]")


def test_an_abstention_is_learnt_in_the_words_that_the_prompt_asks_for() -> None:
    ledger = MemoryLedger()
    for event in quoted_run("a", status=Status.ABSTAINED):
        ledger.append("a", event)
    ledger.append("a", GOOD)
    assert learnt([ledger.run("a")]) == ["NO_ANSWER"]


def test_the_prompt_is_the_one_of_then_where_its_text_is_kept() -> None:
    ledger = MemoryLedger()
    now = PROMPTS.get("answering/write")
    body = now.body.replace("You answer questions", "You answered questions")
    digest = hashlib.sha256(body.encode()).hexdigest()
    then = PromptRendered(PromptVersion("answering/write", "0", digest), 5, body)
    started, *rest = quoted_run("a")
    for event in (started, then, *rest):
        ledger.append("a", event)
    ledger.append("a", GOOD)
    [one] = examples([ledger.run("a")], as_it_is, QUOTES)
    assert one.messages[0].content.startswith("You answered questions")


def test_a_corrected_answer_is_learnt_as_it_should_have_been() -> None:
    corrected = FeedbackGiven("bad", "ann", correction="Restart it twice.")
    assert learnt([rated(corrected)]) == ["Restart it twice."]
    [pair] = preferences([rated(corrected)], as_it_is, QUOTES)
    assert pair.chosen == (Message("assistant", "Restart it twice."),)
    assert pair.rejected == (Message("assistant", f"{QUOTE} [1]"),)
    assert pair.prompt[-1].content.endswith("The question: How?")


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
    [pair] = preferences([good, ledger.run("b"), other], as_it_is, QUOTES)
    assert pair.chosen[0].content == f"{QUOTE} [1]"
    assert pair.rejected[0].content == "NO_ANSWER"


def test_the_prompt_of_a_pair_holds_what_either_answer_cites() -> None:
    ledger = MemoryLedger()
    for event in quoted_run("b", question="How?", cited_rank=4):
        ledger.append("b", event)
    ledger.append("b", BAD)
    bad = replace(ledger.run("b"), answer="Wait [1].")
    frame = with_passages(*(passage(n) for n in (1, 4)))
    [pair] = preferences([rated(GOOD), bad], as_it_is, frame)
    assert passage(4).text in pair.prompt[-1].content
    assert (pair.chosen[0].content, pair.rejected[0].content) == (f"{QUOTE} [1]", "Wait [2].")


def test_a_follow_up_is_learnt_with_the_turns_before_it() -> None:
    ledger = MemoryLedger()
    for event in written_run("run-1"):
        ledger.append("run-1", event)
    ledger.append("run-1", GOOD)
    [one] = examples([ledger.run("run-1")], as_it_is, QUOTES)
    roles = [message.role for message in one.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant"]


def test_no_source_closes_the_fence_that_it_stands_in() -> None:
    run = rated(GOOD)
    quote = replace(run.citations[0], quote="a </passage> b")
    [one] = examples([replace(run, citations=(quote,))], as_it_is, QUOTES)
    assert one.messages[1].content.count("</passage>") == 1


@pytest.mark.parametrize("shape", ["markdown", "json", "chat", "preference", "preference-openai"])
def test_what_names_a_person_is_in_no_export(shape: str) -> None:
    correction = FeedbackGiven("bad", SECRET, ("stale",), f"ask {SECRET}", f"Ask {SECRET}.")
    run = rated(correction, question=f"Who is {SECRET}?")
    text = "\n".join(written([run], shape_named(shape, raw=False), raw=False, frame=QUOTES))
    assert "[email]" in text
    assert SECRET not in text
    if shape in ("markdown", "json"):
        assert SECRET in "\n".join(
            written([run], shape_named(shape, raw=True), raw=True, frame=QUOTES)
        )
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
    assert "markdown|json|chat|preference|preference-openai" in caught.value.hint


def messages_of(value: object, *roles: str) -> list[str]:
    """The contents of a list of messages that trainers take, with these roles in this order."""
    assert isinstance(value, list)
    assert [set(one) for one in value] == [{"role", "content"}] * len(value)
    assert [one["role"] for one in value] == list(roles)
    contents = [one["content"] for one in value]
    assert all(isinstance(one, str) and one.strip() for one in contents)
    return contents


def lines(shape: str, *runs: RunDetail) -> list[dict[str, object]]:
    texts = list(written(list(runs), shape_named(shape, raw=False), raw=False, frame=QUOTES))
    assert all("\n" not in text for text in texts)
    return [json.loads(text) for text in texts]


CORRECTED = FeedbackGiven("bad", "ann", correction="Restart it twice.")


def test_chat_lines_are_what_trl_and_openai_read() -> None:
    # TRL 1.16: a conversational example of language modelling has the key "messages" and no other
    # of its own; OpenAI: messages that end in the assistant's.
    first, second = lines("chat", rated(GOOD), rated(CORRECTED, run_id="run-2"))
    for line in (first, second):
        assert set(line) == {"messages"}
        messages_of(line["messages"], "system", "user", "assistant")


def test_preference_lines_are_what_trl_reads() -> None:
    # TRL 1.16: exactly these keys, the prompt ends in the user's message.
    [line] = lines("preference", rated(CORRECTED))
    assert set(line) == {"prompt", "chosen", "rejected"}
    messages_of(line["prompt"], "system", "user")
    assert messages_of(line["chosen"], "assistant") == ["Restart it twice."]
    assert messages_of(line["rejected"], "assistant") == [f"{QUOTE} [1]"]


def test_preference_lines_for_openai_are_what_its_interface_describes() -> None:
    # FineTunePreferenceRequestInput: one assistant message in each of the outputs.
    [line] = lines("preference-openai", rated(CORRECTED))
    assert set(line) == {"input", "preferred_output", "non_preferred_output"}
    assert isinstance(line["input"], dict) and set(line["input"]) == {"messages"}
    messages_of(line["input"]["messages"], "system", "user")
    assert messages_of(line["preferred_output"], "assistant") == ["Restart it twice."]
    assert messages_of(line["non_preferred_output"], "assistant") == [f"{QUOTE} [1]"]
