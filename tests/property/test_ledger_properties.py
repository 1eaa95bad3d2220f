"""The ledger on disk and the one in memory read the same events alike; bodies obey."""

from __future__ import annotations

import hashlib
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.adapters.ledger.lines import decode_line, encode_line
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.events import (
    AskedWith,
    CitationChecked,
    HitsWeighed,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
    UsageReported,
    Warned,
)
from copilot.inputs import HitFate
from copilot.ledger.queries import GROUPS
from copilot.messages import Answer, PromptVersion, Status, Support, Turn, Usage
from copilot.records import (
    ApprovalDecided,
    CacheUsed,
    EvalScored,
    ExtractionFinished,
    FeedbackGiven,
    GuardChecked,
    ToolCalled,
)
from copilot.runs import RunFilter
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import INPUTS, citation, hits

# Every code point that UTF-8 can carry: what can't be is replaced, which has a test of its own.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.floats(0, 1e6, allow_nan=False)
counts = st.integers(0, 10**7)
moments = st.integers(0, 2**61 // 10**3).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
usages = st.builds(
    Usage,
    model=st.sampled_from(["quoting", "a/b", "c"]),
    input_tokens=counts,
    output_tokens=counts,
    cost_microusd=st.none() | counts,
    estimated=st.booleans(),
)
citations = st.lists(st.integers(1, 8), max_size=3).map(
    lambda ranks: tuple(citation(n, rank=rank) for n, rank in enumerate(ranks, start=1))
)
answers = st.builds(
    Answer,
    status=st.sampled_from(Status),
    text=texts,
    citations=citations,
    usage=usages,
    notes=st.lists(texts, max_size=2).map(tuple),
)
fates = st.lists(
    st.builds(HitFate, st.sampled_from([hit.passage.id for hit in hits(6)]), st.booleans(), texts),
    max_size=6,
    unique_by=lambda fate: fate.passage_id,
).map(tuple)
histories = st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), texts), max_size=3)


def prompt_of(name: str, body: str) -> PromptVersion:
    """Of an empty body the text isn't at hand; empty texts of others aren't it."""
    text = body or "a prompt of before bodies were kept"
    return PromptVersion(name, "1", hashlib.sha256(text.encode()).hexdigest())


middles = st.one_of(
    st.builds(
        CitationChecked,
        texts,
        st.sampled_from(Support),
        citations,
        texts,
        st.sampled_from(["shown", "dropped", "regenerated"]),
    ),
    st.builds(
        ModelAttempt,
        st.sampled_from(["a/b", "c"]),
        st.sampled_from(["ok", "failed"]),
        st.sampled_from(["", "ModelTimeoutError: slow", "no luck"]),
        st.none() | usages,
        st.none() | numbers,
        numbers,
    ),
    st.builds(Warned, texts, texts),
    st.builds(
        lambda name, body: PromptRendered(prompt_of(name, body), passages=5, template=body),
        st.sampled_from(["answering/write", "answering/repair"]),
        st.sampled_from(["", "# User", "# User\n\nAgain."]),
    ),
    st.builds(
        GuardChecked,
        st.just("redaction"),
        st.sampled_from(["input", "output", "tool"]),
        st.sampled_from(["passed", "flagged", "redacted", "blocked"]),
    ),
    st.builds(
        ToolCalled,
        st.sampled_from(["search", "close"]),
        st.just("read"),
        st.sampled_from(["ok", "failed", "denied"]),
        error=texts,
    ),
    st.builds(
        ExtractionFinished,
        st.just("ticket"),
        st.just("1"),
        st.sampled_from(["valid", "repaired", "invalid"]),
    ),
    st.builds(
        CacheUsed,
        st.sampled_from(["exact", "semantic", "provider"]),
        st.sampled_from(["hit", "miss", "stored", "rejected", "bypassed"]),
        checked=st.sampled_from(["", "right", "wrong"]),
        saved_microusd=counts,
    ),
    st.builds(
        FeedbackGiven,
        st.sampled_from(["good", "bad"]),
        texts,
        st.lists(texts, max_size=2).map(tuple),
        texts,
        texts,
    ),
    st.builds(
        SyncFinished, counts, counts, counts, counts, counts, counts, counts, counts, numbers
    ),
)


searches = st.tuples(
    st.builds(QueryRewritten, st.just(""), st.lists(texts, max_size=3).map(tuple), st.booleans()),
    st.builds(RetrievalFinished, st.integers(0, 6).map(hits), counts, numbers),
)


@st.composite
def runs(draw: st.DrawFn) -> list:
    """A run that finished, stopped or just broke off."""
    events: list = [
        RunStarted(
            "",
            draw(st.sampled_from(["ask", "search", "index"])),
            draw(texts),
            draw(texts),
            "local",
            draw(moments),
        ),
        *draw(st.lists(st.builds(AskedWith, st.just(INPUTS), histories.map(tuple)), max_size=1)),
        *(event for search in draw(st.lists(searches, max_size=2)) for event in search),
        ModelChosen(draw(st.sampled_from(["quoting", "a/b"])), draw(texts)),
        *draw(st.lists(middles, max_size=4)),
        *draw(st.lists(st.builds(HitsWeighed, fates), max_size=1)),
        UsageReported(draw(usages)),
        draw(
            st.builds(
                RunFinished,
                st.just(""),
                st.sampled_from(Status),
                answers,
                numbers,
                st.none() | numbers,
            )
            | st.builds(
                RunStopped,
                st.just(""),
                st.sampled_from(["failed", "interrupted"]),
                st.just("ReadError"),
                texts,
                numbers,
            )
        ),
    ]
    return events[: draw(st.integers(1, len(events)))]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(runs(), min_size=1, max_size=4), st.integers(0, 3))
def test_the_database_tells_what_the_events_say(recorded: list[list], merges: int) -> None:
    memory = MemoryLedger()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "ledger"
        reader = LedgerReader(folder)
        for number, events in enumerate(recorded):
            writer = SpoolRunWriter(folder, bodies=True)
            for event in events:
                for ledger in (writer, memory):
                    ledger.append(f"run-{number}", event)
            writer.close()
            memory.close()
            if number < merges:
                reader.runs(RunFilter(), limit=1)
        everything = RunFilter()
        assert reader.runs(everything, limit=99) == memory.runs(everything, limit=99)
        for number in range(len(recorded)):
            assert reader.run(f"run-{number}") == memory.run(f"run-{number}")
        for by in ("", *GROUPS):
            told, expected = (x.stats(everything, by=by) for x in (reader, memory))
            assert [_rounded(row) for row in told] == [_rounded(row) for row in expected]
        told, expected = (set(x.failures(everything)) for x in (reader, memory))
        assert told == expected


def _rounded(row: object) -> list:
    values = [getattr(row, name) for name in type(row).__dataclass_fields__]
    return [round(value, 4) if isinstance(value, float) else value for value in values]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs(), st.floats(0, 1), st.binary(max_size=12))
def test_wherever_a_spool_file_breaks_off_what_stood_before_is_told(
    events: list, share: float, rubble: bytes
) -> None:
    memory = MemoryLedger()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "ledger"
        writer = SpoolRunWriter(folder, bodies=True)
        for event in events:
            writer.append("run-1", event)
        writer.close()
        [path] = (folder / "spool").glob("*.jsonl")
        content = path.read_bytes()
        kept = content[: int(share * len(content))]
        path.write_bytes(kept + rubble.replace(b"\n", b""))
        whole = kept.count(b"\n")
        for event in events[:whole]:
            memory.append("run-1", event)
        memory.close()
        everything = RunFilter()
        assert LedgerReader(folder).runs(everything, limit=9) == memory.runs(everything, limit=9)
        if whole:
            assert LedgerReader(folder).run("run-1") == memory.run("run-1")


SECRET = "the launch code"


@given(runs())
def test_without_bodies_a_line_holds_nothing_that_was_said(events: list) -> None:
    said = SECRET
    speaking = [
        RunStarted("r", "ask", said, "morning", "local", datetime.now(UTC)),
        QueryRewritten(said, (said, f"{said}!"), follow_up=False),
        ModelChosen("m", f"because {said}"),
        ModelAttempt("m", "failed", f"ModelRequestError: {said}"),
        CitationChecked(said, Support.SUPPORTED, (citation(),), said, "shown"),
        Warned(said, said),
        RunFinished("r", Status.ANSWERED, Answer(Status.ANSWERED, said, notes=(said,)), 1.0),
        RunStopped("r", "failed", "ReadError", said, 1.0),
        FeedbackGiven("bad", "local", ("stale",), said, said),
        GuardChecked("redaction", "egress", "redacted", reason=said),
        ToolCalled("t", "read", "ok", arguments=said, result=said, error=said),
        ApprovalDecided("p", "a", "edited", "person", reason=said),
        ExtractionFinished("s", "1", "valid", record=said),
        EvalScored("e", "s", "c", "x", "failed", reason=said),
    ]
    for event in [*speaking, *events]:
        line = encode_line(event, record_id="x:0", run_id="r", at=datetime.now(UTC), bodies=False)
        assert line is not None
        assert SECRET.encode() not in line
        assert json.loads(line)["bodies"] == {}


@given(st.text(max_size=60), numbers | st.just(float("nan")) | st.just(float("inf")))
def test_any_text_and_number_makes_one_valid_line(text: str, number: float) -> None:
    """Also lone surrogates, which a shell can hand over, and newlines of every kind."""
    finished = RunFinished("r", Status.ANSWERED, Answer(Status.ANSWERED, text), number, number)
    line = encode_line(
        finished, record_id="x:0", run_id="r", at=datetime.now(UTC) + timedelta(1), bodies=True
    )
    assert line is not None
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_line(line).id == "x:0"
