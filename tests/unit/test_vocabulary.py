"""Values and events survive a trip through JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from copilot.events import (
    EVENT_TYPES,
    CitationChecked,
    Event,
    ModelAttempt,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    decode,
    encode,
)
from copilot.messages import (
    Answer,
    BlockSpan,
    Citation,
    Hit,
    Locator,
    Passage,
    Sentence,
    Status,
    Support,
    Usage,
)

LOCATOR = Locator("cells", "Prices!A2", "Prices!D9")
CITATION = Citation(1, "p1", "d1", "/a.md", "A", ("A", "B"), LOCATOR, "42 €", 3, 7)
PASSAGE = Passage(
    id="p1",
    document_id="d1",
    path="/a.md",
    title="A",
    ordinal=0,
    text="It costs 42 €.",
    heading_path=("A", "B"),
    locator=LOCATOR,
    spans=(BlockSpan("paragraph", 0, 14, LOCATOR),),
    char_start=0,
    char_end=14,
    content_hash="h",
    labels=("hr",),
    modified_at=datetime(2026, 5, 4, tzinfo=UTC),
)
ANSWER = Answer(
    status=Status.ANSWERED,
    text="It costs 42 €. [1]",
    sentences=(Sentence("It costs 42 €.", (1,), Support.VERBATIM),),
    citations=(CITATION,),
    usage=Usage("m", 10, 2, None),
)


@pytest.mark.parametrize(
    "event",
    [
        RunStarted("r", "ask", "q?", "c", "local", datetime(2026, 1, 1, tzinfo=UTC)),
        RetrievalFinished((Hit(1, 0.5, {"fused": 0.5, "dense": 0.25}, PASSAGE),), 3, 1.5),
        ModelAttempt("m", "failed", "refused", None, None, 2.0),
        CitationChecked("s", Support.UNSUPPORTED, (CITATION,), "no", "dropped"),
        RunFinished("r", Status.ANSWERED, ANSWER, 12.0, None),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_event_survives_json(event: Event) -> None:
    assert decode(json.loads(json.dumps(encode(event)))) == event


def test_every_event_type_can_be_decoded() -> None:
    assert {t.__name__ for t in EVENT_TYPES.values()} == set(EVENT_TYPES)


def test_an_event_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError):
        decode({"event": "Nothing"})


def test_money_is_whole_micro_dollars_and_an_unknown_price_is_not_zero() -> None:
    assert Usage(cost_microusd=1_500_000).cost_usd == 1.5
    assert Usage(cost_microusd=None).cost_usd is None
