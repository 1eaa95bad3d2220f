"""What the ledger says was spent is what the provider billed, to the micro-dollar."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
import pytest_asyncio

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.models.loading import load_litellm
from copilot.config.models import ModelPrice
from copilot.events import Event, ModelAttempt, PromptRendered, TextDelta
from copilot.knowledge.search import SearchRequest, SearchResult
from copilot.ledger.recording import record
from copilot.messages import Usage
from copilot.metering import requested
from copilot.runs import RunFilter
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Received, Reply
from tests.turns import GOOD, Finds, Room

Reads = Callable[[AsyncGenerator[Event]], Awaitable[None]]

# Neither price is a whole number of micro-dollars, nor do they share a factor.
PRICE = ModelPrice(input=0.37, output=2.13)
MADE_UP = "You have 20 minutes [1]. Call Bob in Paris."
LONG = scripted.text(f"{GOOD} The backup is paged after that [1].", pieces=12)
REPLIES: dict[str, Reply] = {
    "good": scripted.text(GOOD),
    "without counts": scripted.without_usage(scripted.text(GOOD)),
    "made up": scripted.text(MADE_UP),
    "declined": scripted.text("NO_ANSWER"),
    "cut": Reply(pieces=("You have 45 min",), finish_reason="length", usage=(901, 13)),
    "filtered": Reply(pieces=("You",), finish_reason="content_filter", usage=(903, 1)),
    "429": scripted.rate_limited(1),
    "500": scripted.server_error(),
    "401": scripted.unauthorized(),
    "too long": scripted.context_too_long(),
    "dropped at once": scripted.dropped(LONG, 0),
    "dropped": scripted.dropped(LONG, 3),
    "closed late": scripted.dropped(LONG, 10, how="close"),
    # Its second piece, which is empty, comes long after the reader has gone.
    "unread": Reply(pieces=(f"{GOOD} The backup", ""), piece_delay_s=600, break_after=2),
}
CASES = [
    [["good"]],
    [["429", "good"]],
    [["500", "500"]],
    [["dropped"], ["closed late"], ["dropped at once", "good"]],
    [["filtered"]],
    [["made up", "good"]],
    [["made up", "dropped"]],
    [["too long", "good"]],
    [["401"]],
    [["without counts"]],
]


@dataclass
class Provider:
    """Bills what it took: by its own counts, and what it broke off by the tokens until then."""

    server: OpenAIServer
    count: Callable[[str], int]
    billed: int = 0
    billed_requests: int = field(default=0)

    def bill(self, replies: Sequence[Reply]) -> None:
        """The requests since the script was set; its last reply was given again and again."""
        for number, request in enumerate(self.server.requests):
            reply = replies[min(number, len(replies) - 1)]
            if reply.status != 200:
                continue
            read, wrote = self._tokens(request, reply)
            self.billed += round(read * PRICE.input + wrote * PRICE.output)
            self.billed_requests += 1

    def _tokens(self, request: Received, reply: Reply) -> tuple[int, int]:
        if reply.usage is not None and reply.break_after is None:
            return reply.usage
        # OpenAI's rule: three tokens around each message, three before the answer.
        messages = request.body["messages"]
        read = 3 + sum(3 + self.count(m["role"]) + self.count(m["content"]) for m in messages)
        return read, self.count("".join(reply.pieces[: reply.break_after]))


@dataclass
class Spending:
    """Runs against one provider, recorded in one ledger."""

    provider: Provider
    room: Room
    folder: Path
    runs: int = 0

    def begin(self, replies: Sequence[Reply]) -> AsyncGenerator[Event]:
        """The recorded stream of one run."""
        self.runs += 1
        stream = self.room.turn(*replies, run_id=f"run-{self.runs}")
        return record(stream, SpoolRunWriter(self.folder, bodies=True))

    async def ask(self, names: Sequence[str], *, read: Reads | None = None) -> None:
        """One run, of which everything is read, or as much as ``read`` does."""
        replies = [REPLIES[name] for name in names]
        stream = self.begin(replies)
        if read is None:
            assert await everything(stream)
        else:
            await read(stream)
        self.provider.bill(replies)

    def told(self) -> tuple[int, int, int, int]:
        """Micro-dollars by the attempts, by the runs and by ``stats``; attempts with a cost."""
        [row] = LedgerReader(self.folder).stats(RunFilter(), by="")
        assert (row.runs, row.unpriced) == (self.runs, 0)
        with duckdb.connect(str(self.folder / "ledger.duckdb"), read_only=True) as connection:
            [attempts] = connection.execute(
                "SELECT coalesce(sum(cost_microusd), 0), count(*) FILTER (cost_microusd > 0) "
                "FROM v_attempts"
            ).fetchall()
            [(runs,)] = connection.execute("SELECT sum(cost_microusd) FROM v_runs").fetchall()
        return int(attempts[0]), int(runs), row.cost_microusd, attempts[1]


@pytest_asyncio.fixture
async def spending(tmp_path: Path) -> AsyncIterator[Spending]:
    litellm = load_litellm()
    encoding = litellm.encoding
    with OpenAIServer() as server:
        provider = Provider(server, lambda text: len(encoding.encode(text)))
        yield Spending(provider, Room(server, PRICE), tmp_path / "ledger")


def assert_adds_up(spending: Spending) -> None:
    provider = spending.provider
    billed = provider.billed
    assert spending.told() == (billed, billed, billed, provider.billed_requests)


@pytest.mark.parametrize("runs", CASES, ids=lambda runs: "; ".join("+".join(r) for r in runs))
async def test_attempts_runs_and_the_bill_are_the_same_sum(
    spending: Spending, runs: list[list[str]]
) -> None:
    for replies in runs:
        await spending.ask(replies)
    assert_adds_up(spending)


@pytest.mark.slow
async def test_a_hundred_runs_in_which_anything_may_happen_add_up(spending: Spending) -> None:
    chance, anything = random.Random(11), [name for name in REPLIES if name != "unread"]
    for _ in range(100):
        await spending.ask(chance.choices(anything, k=chance.randint(1, 4)))
    assert spending.provider.billed_requests > 50
    assert_adds_up(spending)


async def stops_reading(stream: AsyncGenerator[Event]) -> None:
    async with aclosing(stream):
        async for event in stream:
            if isinstance(event, TextDelta):
                break


async def is_cancelled_while_it_reads(stream: AsyncGenerator[Event]) -> None:
    async def reads() -> None:
        async for event in stream:
            if isinstance(event, TextDelta):
                reader.cancel()

    reader = asyncio.create_task(reads())
    with pytest.raises(asyncio.CancelledError):
        await reader


async def is_cancelled_while_it_prints(stream: AsyncGenerator[Event]) -> None:
    async def prints() -> None:
        async with aclosing(stream):
            async for event in stream:
                if isinstance(event, TextDelta):
                    printer.cancel()
                    await asyncio.sleep(0)

    printer = asyncio.create_task(prints())
    with pytest.raises(asyncio.CancelledError):
        await printer


async def prints_into_a_closed_pipe(stream: AsyncGenerator[Event]) -> None:
    with suppress(BrokenPipeError):
        async with aclosing(stream):
            async for event in stream:
                if isinstance(event, TextDelta):
                    raise BrokenPipeError


@pytest.mark.parametrize(
    "read",
    [
        stops_reading,
        is_cancelled_while_it_reads,
        is_cancelled_while_it_prints,
        prints_into_a_closed_pipe,
    ],
    ids=lambda read: read.__name__,
)
async def test_a_reader_who_leaves_amid_an_answer_has_paid_for_what_was_written(
    spending: Spending, read: Reads
) -> None:
    await spending.ask(["good"])
    await spending.ask(["500", "unread"], read=read)
    assert_adds_up(spending)
    last = LedgerReader(spending.folder).run("run-2")
    assert last.summary.status == "interrupted"
    assert [(a.error_type, a.cost_microusd != 0, a.estimated) for a in last.attempts] == [
        ("ModelUnavailableError", False, False),
        ("StoppedError", True, True),
    ]


async def test_a_reader_who_leaves_before_a_model_is_asked_has_paid_nothing(
    spending: Spending,
) -> None:
    async with aclosing(spending.begin([REPLIES["good"]])) as stream:
        async for event in stream:
            if isinstance(event, PromptRendered):
                break
    assert spending.room.requests == []
    assert_adds_up(spending)


class AsksToSearch(Finds):
    """A searcher that asks a provider twice, when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asking, self.answered = threading.Event(), threading.Event()

    def search(self, request: SearchRequest) -> SearchResult:
        self.asking.set()
        for tokens in (3, 4):
            assert self.answered.wait(60)
            usage = Usage("embedder", tokens, 0, 100 * tokens)
            requested(ModelAttempt("embedder", "ok", usage=usage, operation="embeddings"))
        return super().search(request)


@pytest.mark.parametrize("leaves", ["while it is asked", "once it has answered"])
async def test_a_search_is_paid_for_though_nobody_waits_for_what_it_finds(
    spending: Spending, leaves: str
) -> None:
    spending.room.finds = finds = AsksToSearch()
    stream = spending.begin([REPLIES["good"]])
    if leaves == "once it has answered":
        finds.answered.set()
        async with aclosing(stream):
            async for event in stream:
                if isinstance(event, ModelAttempt):
                    break
    else:
        reader = asyncio.create_task(everything(stream))
        await asyncio.to_thread(finds.asking.wait, 60)
        reader.cancel()
        await asyncio.sleep(0)
        finds.answered.set()
        with pytest.raises(asyncio.CancelledError):
            await reader
    assert spending.told() == (700, 700, 700, 2)


async def everything(stream: AsyncGenerator[Event]) -> list[Event]:
    return [event async for event in stream]
