"""Homes with runs, records and conversations of two people, one of whom is to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import duckdb

from copilot.adapters.cache import build_answers
from copilot.adapters.conversations.attachments import FileAttachments
from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger.keeper import LedgerKeeper
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.outbox import build_outbox
from copilot.adapters.spend import build_budgets
from copilot.caching import Bounds
from copilot.events import (
    AskedWith,
    CitationChecked,
    Event,
    HitsWeighed,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    Warned,
)
from copilot.inputs import HitFate
from copilot.ledger.erasing import Records
from copilot.messages import Answer, PromptVersion, Status, Support, Turn
from copilot.records import Record, texts_of
from copilot.runs import RunFilter
from copilot.testing.memory_audit import MemoryAuditTrail
from copilot.testing.run_events import INPUTS, STARTED_AT, citation, hits

ALL = RunFilter()
MARK = "Zebrafink"  # stands in every text of the person who is forgotten


class FixedClock:
    def now(self) -> datetime:
        return STARTED_AT + timedelta(days=100)

    def monotonic(self) -> float:
        return 0.0


def made_home(folder: Path) -> Path:
    """A home with nothing but a log that quotes Alice."""
    home = folder / "home"
    (home / "log").mkdir(parents=True)
    (home / "log" / "copilot.log").write_text(f"ValueError: {MARK}\n", encoding="utf-8")
    return home


def records(home: Path, *, owner: str = "admin") -> Records:
    return Records(
        keeper=LedgerKeeper(home / "ledger"),
        conversations=FileConversations(home / "sessions"),
        attachments=FileAttachments(home / "sessions"),
        answers=build_answers(home / "cache" / "answers.db", Bounds(99, 10**6, 99)),
        budgets=build_budgets(home / "state" / "budgets.db"),
        outbox=build_outbox(home / "outbox"),
        logs=home / "log",
        audit=MemoryAuditTrail(),
        clock=FixedClock(),
        owner=owner,
    )


def record(home: Path, events: Sequence[Event | RunStopped | Record], run_id: str) -> None:
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for event in events:
        writer.append(run_id, event)
    writer.close()


def run_of(
    principal: str, run_id: str, *, word: str, conversation: str = "", after: Sequence[Turn] = ()
) -> list[Event]:
    """A run all of whose texts hold ``word``, but for those of the turns that it comes after."""

    def text(what: str) -> str:
        return f"{word} {what} of {run_id}"

    cited = replace(citation(), quote=text("quote"))
    answer = Answer(Status.ANSWERED, text("answer"), (), (cited,), notes=(text("note"),))
    started = RunStarted(run_id, "ask", text("question"), conversation, principal, STARTED_AT)
    return [
        started,
        AskedWith(INPUTS, (*after, Turn("user", text("earlier turn")))),
        QueryRewritten(text("question"), (text("question"), text("query 2")), follow_up=True),
        RetrievalFinished(hits(5), index_version=8, latency_ms=14.0),
        PromptRendered(PromptVersion("answer", "3", "d" * 64), passages=5),
        ModelChosen("openai/gpt-5-mini", text("choice")),
        ModelAttempt("openai/gpt-5-mini", "failed", f"ModelError: {text('refusal')}"),
        CitationChecked(text("sentence"), Support.SUPPORTED, (cited,), text("reason"), "shown"),
        HitsWeighed((HitFate("passage-1", True, "cited as [1]"),)),
        Warned(text("warning"), hint=text("hint")),
        RunFinished(run_id, Status.ANSWERED, answer, 1_000.0),
    ]


def stopped(principal: str, run_id: str, *, word: str) -> list[Event | RunStopped]:
    return [
        RunStarted(run_id, "search", f"{word} search", "", principal, STARTED_AT),
        RunStopped(run_id, "failed", "ValueError", f"{word} error", 1.0),
    ]


def of_every_kind(principal: str, *, word: str) -> Iterator[Record]:
    """A record of each kind with ``word`` in all of its texts, and in its tags."""
    for kind in get_args(Record):
        hints, given = get_type_hints(kind), dict[str, Any]()
        for field in fields(kind):
            hint = hints[field.name]
            if field.name in texts_of(kind):
                given[field.name] = f"{word} {field.name} in {kind.__name__}"
            elif field.name == "principal":
                given[field.name] = principal
            elif field.name == "tags":
                given[field.name] = (word,)
            elif field.default is MISSING:
                literal = get_origin(hint) is Literal
                given[field.name] = get_args(hint)[0] if literal else hint()
        yield kind(**given)


def people(home: Path) -> None:
    """A home with runs, records and conversations of Alice, whose texts are marked, and Bob."""
    record(home, run_of("alice", "run-a1", word=MARK, conversation=f"{MARK}-1"), "run-a1")
    record(home, stopped("alice", "run-a2", word=MARK), "run-a2")
    record(home, [*of_every_kind("alice", word=MARK)], "run-a1")
    named = [one for one in of_every_kind("alice", word=MARK) if hasattr(one, "principal")]
    record(home, named, "")
    record(home, run_of("bob", "run-b1", word="Amsel", conversation="both"), "run-b1")
    record(home, [*of_every_kind("bob", word="Amsel")], "run-b1")
    record(home, run_of("alice", "run-a3", word=MARK, conversation="both"), "run-a3")
    conversations = FileConversations(home / "sessions")
    for name, run_id, word in (
        (f"{MARK}-1", "run-a1", MARK),
        ("both", "run-a3", MARK),
        ("both", "run-b1", "Amsel"),
        ("bobs", "run-b0", "Amsel"),
    ):
        asked = Turn("user", f"{word} question of {run_id}")
        conversations.append(name, [asked, Turn("assistant", f"{word} answer of {run_id}")])
    record(home, run_of("bob", "run-b0", word="Amsel", conversation="bobs"), "run-b0")


def found(home: Path, word: str = MARK) -> list[str]:
    """The files of the home that hold the word, in their content or their name."""
    return sorted(
        str(path.relative_to(home))
        for path in home.rglob("*")
        if word.encode() in path.name.encode() + (path.read_bytes() if path.is_file() else b"")
    )


def rows(home: Path, statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "ledger" / "ledger.duckdb")) as connection:
        return connection.execute(statement).fetchall()
