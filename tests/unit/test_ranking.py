"""Signals are comparable before they are added, and a page of hits brings something new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from copilot.inputs import Retrieval
from copilot.knowledge.ranking import (
    Signals,
    Spread,
    feedback,
    fused,
    lexical_scores,
    near_sentences,
    spread_out,
    standardised,
    title_shares,
)
from copilot.knowledge.weighing import estimated_weights
from copilot.messages import Locator, Passage, PassageVectors, StoredPassage


def passage(number: int, path: str, *, record: bool = False, text: str = "") -> Passage:
    return Passage(
        id=f"p{number}",
        document_id=path,
        path=path,
        title="",
        ordinal=number,
        text=text or f"text {number}",
        heading_path=(),
        locator=Locator("record" if record else "lines", 1, 1),
        spans=(),
        char_start=0,
        char_end=6,
        content_hash=text or str(number),
    )


def array(*values: float) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def test_standardised_signals_have_no_unit() -> None:
    small, large = array(0.1, 0.2, 0.6), array(10, 20, 60)
    np.testing.assert_allclose(standardised(small), standardised(large), rtol=1e-5)


def test_a_signal_that_tells_nothing_apart_changes_nothing() -> None:
    assert not standardised(array(3, 3, 3)).any()
    flat = array(1, 1, 1)
    score = fused([Signals(array(0.2, 0.9, 0.1), flat, flat, flat, flat)], [1.0])
    assert int(score.argmax()) == 1


def test_each_signal_counts_by_the_weight_that_is_set() -> None:
    flat = array(0, 0)
    one = Signals(dense=array(1, 0), sentence=flat, support=flat, lexical=array(0, 1), title=flat)
    assert int(fused([one], [1.0]).argmax()) == 0
    assert int(fused([one], [1.0], Retrieval(dense=0.5, lexical=0.9)).argmax()) == 1


def test_each_query_counts_by_its_weight() -> None:
    flat = array(0, 0)
    first = Signals(array(1, 0), flat, flat, flat, flat)
    second = Signals(array(0, 1), flat, flat, flat, flat)
    assert int(fused([first, second], [1.0, 0.7]).argmax()) == 0
    assert int(fused([first, second], [0.7, 1.0]).argmax()) == 1


def test_an_unlisted_passage_has_no_words_or_fewer_than_the_last_of_a_full_list() -> None:
    listed = [("a", 9.0), ("b", 4.0)]
    assert lexical_scores(["b", "x"], listed, limit=10).tolist() == [4.0, 0.0]
    assert lexical_scores(["b", "x"], listed, limit=2).tolist() == [4.0, 2.0]
    assert lexical_scores(["x"], [], limit=2).tolist() == [0.0]


def test_the_best_sentence_is_found_in_each_passage() -> None:
    query = array(1, 0)
    sentences = [array(0, 1, 1, 0).reshape(2, 2), np.zeros((0, 2), dtype=np.float32)]
    stored = [
        StoredPassage(passage(i, "a"), PassageVectors(array(0.6, 0.8), rows, ()))
        for i, rows in enumerate(sentences)
    ]
    # One without sentences is as near as the passage itself.
    np.testing.assert_allclose(near_sentences(stored, query)[0], [1.0, 0.6], rtol=1e-6)
    np.testing.assert_allclose(near_sentences(stored[1:], query)[0], [0.6], rtol=1e-6)


def test_several_near_sentences_support_a_passage_more_than_one_does() -> None:
    near, far = [0.8, 0.6], [0.0, 1.0]

    def support(*sentences: list[float]) -> float:
        vectors = PassageVectors(array(0.6, 0.8), np.asarray(sentences, dtype=np.float32), ())
        best, together = near_sentences([StoredPassage(passage(1, "a"), vectors)], array(1, 0))
        assert best[0] == pytest.approx(0.8)
        return float(together[0])

    assert support(near) == pytest.approx(0.8)
    assert support(near) < support(near, far) < support(near, near) < support(near, near, near)
    assert support(*[near] * 8) == support(*[near] * 12)  # a long passage is no better for it


def test_a_title_and_headings_count_by_the_share_of_the_question_they_hold() -> None:
    named = replace(passage(1, "a"), title="Rotating keys", heading_path=("Rotating keys", "API"))
    shares = title_shares([named, passage(2, "b")], "How do I rotate the API key at night?")
    np.testing.assert_allclose(shares, [0.75, 0.0])
    assert title_shares([named], "what is it?").tolist() == [0.0]


def test_a_record_is_shown_once_and_a_file_at_its_best_places() -> None:
    records = [passage(i, "f.jsonl#1", record=True) for i in range(3)]
    pages = [passage(i, "guide.md") for i in range(3, 8)]
    taken = spread_out(range(8), [*records, *pages], limit=8, spread=Spread(1, 3, 0))
    assert taken == [0, 3, 4, 5]


def test_a_text_that_stands_in_many_places_is_shown_as_often_as_asked() -> None:
    copies = [passage(i, f"copy{i}.md", text="the same") for i in range(5)]
    assert spread_out(range(5), copies, limit=5, spread=Spread()) == [0]
    assert spread_out(range(5), copies, limit=5, spread=Spread(same_text=2)) == [0, 1]


def test_no_more_than_the_limit_is_taken() -> None:
    many = [passage(i, f"{i}.md") for i in range(9)]
    assert spread_out(range(9), many, limit=4, spread=Spread()) == [0, 1, 2, 3]


def test_a_term_of_many_passages_weighs_less_than_one_of_few() -> None:
    texts = ["server certificate renewal", "server load", "server names", "server rack plan"]
    passages = {f"p{i}": passage(i, f"{i}", text=text) for i, text in enumerate(texts)}
    # What BM25 would say with idf 3 for "certificate" and 0.3 for "server".
    listed = [("p0", 3.3), ("p1", 0.3), ("p2", 0.3), ("p3", 0.25)]
    weights = estimated_weights("Where is the server certificate?", listed, passages)
    assert weights["certificat"] > 2 * weights["server"] >= 0


def test_a_term_that_no_passage_holds_weighs_as_much_as_the_rarest() -> None:
    passages = {"p0": passage(0, "0", text="server load")}
    weights = estimated_weights("server quux", [("p0", 1.0)], passages)
    assert weights["quux"] >= weights["server"] > 0


@pytest.mark.parametrize("question", ["", "what about it?"])
def test_a_question_without_content_has_no_weights(question: str) -> None:
    assert estimated_weights(question, [("p0", 1.0)], {"p0": passage(0, "0")}) == {}


def test_a_hub_falls_behind_and_what_resembles_the_best_rises() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((40, 16)).astype(np.float32)
    vectors[0] = vectors.sum(axis=0)  # a little near to everything
    vectors[1] = vectors[2:7].sum(axis=0)  # like the best five
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    score = np.zeros(40, dtype=np.float32)
    score[2:7] = 1
    learnt = feedback(score, vectors)
    assert learnt is not None
    assert int(learnt.common.argmax()) == 0
    assert int(learnt.best.argmax()) == 1
    assert learnt.correction[1] > 0 and learnt.correction[1] > learnt.correction[0]


def test_a_handful_of_candidates_teaches_nothing() -> None:
    assert feedback(array(3, 2, 1), np.eye(3, dtype=np.float32)) is None
