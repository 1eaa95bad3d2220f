"""What became of each hit: cited, or why not."""

from __future__ import annotations

from dataclasses import replace

from copilot.answering.weighing import weighed
from copilot.inputs import HitFate
from copilot.messages import Answer, Citation, Hit, Locator, Status
from copilot.testing.passages import made_hits, made_passage

HITS = made_hits(*(made_passage(f"Passage number {n}.") for n in range(22)))
ID = [hit.passage.id for hit in HITS]


def citation(n: int, hit: Hit) -> Citation:
    passage = hit.passage
    place = (
        passage.id,
        passage.document_id,
        passage.path,
        passage.title,
        (),
        Locator("lines", 1, 1),
    )
    return Citation(n, *place, quote=passage.text, quote_start=0, quote_end=len(passage.text))


ANSWER = Answer(
    Status.ANSWERED,
    "…",
    citations=(citation(1, HITS[1]), citation(2, HITS[0]), citation(3, HITS[1])),
)


def test_a_cited_hit_is_kept_and_names_its_markers() -> None:
    fates = weighed(HITS, ANSWER, given=ID[:3], passed_over=None)
    assert [fate.passage_id for fate in fates] == ID
    assert fates[0] == HitFate(ID[0], True, "cited as [2]")
    assert fates[1] == HitFate(ID[1], True, "cited as [1], [3]")
    assert sum(fate.kept for fate in fates) == 2


def test_a_hit_that_a_model_does_not_cite_says_whether_it_was_given_to_it() -> None:
    reasons = [fate.reason for fate in weighed(HITS, ANSWER, given=ID[:3], passed_over=None)]
    assert reasons[2] == "the model read it and doesn't cite it"
    assert reasons[3] == "there was no room for it in the prompt"
    assert reasons[21] == "a model is given the best 20"


def test_a_hit_that_is_not_quoted_says_why() -> None:
    over = {ID[2]: "says what has been said"}
    reasons = [fate.reason for fate in weighed(HITS, ANSWER, given=None, passed_over=over)]
    assert reasons[2] == "says what has been said"
    assert reasons[11] == "quotes are taken from the best 10"


def test_an_abstention_keeps_nothing_and_says_so() -> None:
    nothing = replace(ANSWER, status=Status.ABSTAINED, citations=())
    fates = weighed(HITS, nothing, given=None, passed_over={})
    assert not any(fate.kept for fate in fates)
    assert fates[0].reason == "the answer abstains"


def test_both_reasons_stand_when_quotes_follow_what_a_model_began() -> None:
    over = {ID[2]: "says what has been said"}
    fates = weighed(HITS, ANSWER, given=ID[:3], passed_over=over)
    assert fates[2].reason == "the model read it and doesn't cite it; says what has been said"
