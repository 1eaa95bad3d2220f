"""The core's own process: what happens when it dies, is left, or has to speak over noise."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.calls.settings import ReadSettings, SettingsRead
from copilot.codec import to_plain
from copilot.errors import InternalError, LimitError
from copilot.events import RunFinished, RunStarted, TextDelta
from copilot.serving.client import Client
from copilot.testing.openai_server import OpenAIServer, Reply, text
from tests.cli.conftest import run_cli
from tests.paged import QUESTION, paged_home

_NOISY = """
import os
from copilot.serving import handling, host
from copilot.calls import Standing
asked = handling.HANDLERS[Standing]
def greets(core, call):
    print("a library greets", flush=True)
    os.write(1, b"and so does its native part\\n")
    return asked(core, call)
handling.HANDLERS[Standing] = greets
host.main()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@pytest.fixture
async def client(home: Path) -> AsyncIterator[Client]:
    made = Client(env={**os.environ, "COPILOT_HOME": str(home)})
    yield made
    await made.stop()


def process_of(client: Client) -> asyncio.subprocess.Process:
    process = client._process
    assert process is not None
    return process


async def test_a_core_that_is_killed_fails_what_ran_and_the_next_call_starts_another(
    client: Client,
) -> None:
    async with aclosing(client.stream(calls.Ask(QUESTION, "talk"))) as steps:
        assert isinstance(await anext(steps), RunStarted)
        first = process_of(client)
        os.kill(first.pid, signal.SIGKILL)
        with pytest.raises(InternalError, match="the core has stopped") as caught:
            async for _ in steps:
                pass
    assert caught.value.hint
    assert (await client.call(calls.Standing(), calls.Stands)).principal
    assert process_of(client).pid != first.pid


async def test_every_call_that_runs_is_told_once_that_it_died(client: Client) -> None:
    await client.start()
    running = [asyncio.create_task(client.call(calls.Standing(), calls.Stands)) for _ in range(5)]
    await asyncio.sleep(0)
    os.kill(process_of(client).pid, signal.SIGKILL)
    ends = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(end, InternalError) for end in ends)


async def test_a_core_that_never_begins_says_where_it_told_why(tmp_path: Path) -> None:
    with (tmp_path / "core.log").open("ab") as printed:
        broken = Client(log=printed, command=[sys.executable, "-c", "import nothing_of_the_kind"])
        with pytest.raises(InternalError, match="the core has stopped") as caught:
            await broken.call(calls.Standing(), calls.Stands)
        await broken.stop()
    assert str(tmp_path / "core.log") in caught.value.hint
    assert "nothing_of_the_kind" in (tmp_path / "core.log").read_text()


async def test_what_libraries_print_reaches_the_log_and_not_the_front_end(
    home: Path, tmp_path: Path
) -> None:
    with (tmp_path / "core.log").open("wb") as log:
        client = Client(
            log=log,
            command=[sys.executable, "-c", _NOISY],
            env={**os.environ, "COPILOT_HOME": str(home)},
        )
        told = await client.call(calls.Standing(), calls.Stands)
        await client.stop()
    assert told.principal
    printed = (tmp_path / "core.log").read_text()
    for words in ("a library greets", "and so does its native part"):
        assert words in printed


async def test_the_core_ends_when_its_front_end_is_gone(home: Path) -> None:
    client = Client(env={**os.environ, "COPILOT_HOME": str(home)})
    await client.start()
    await client.call(calls.Standing(), calls.Stands)
    process = process_of(client)
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_leaving_a_turn_closes_the_models_call(home: Path, tmp_path: Path) -> None:
    sentence = "You have 45 minutes to acknowledge a page [1]. "
    slow = Reply(pieces=(sentence,) * 100, piece_delay_s=0.05)
    with OpenAIServer([slow]) as server:
        env = {
            **os.environ,
            "COPILOT_HOME": str(home),
            "COPILOT_MODELS__ANSWER": "openai/scripted",
            "COPILOT_MODELS__API_BASE": server.url,
        }
        client = Client(env=env)
        async with aclosing(client.stream(calls.Ask(QUESTION, "talk"))) as steps:
            async for step in steps:
                if isinstance(step, TextDelta):
                    break
        assert await asyncio.to_thread(server.disconnected.wait, 10)
        await client.stop()


async def test_a_broken_configuration_is_the_callers_error_with_its_remedy(
    home: Path, tmp_path: Path
) -> None:
    client = Client(env={**os.environ, "COPILOT_HOME": str(home), "COPILOT_ANSWER__MAX_WORDS": "x"})
    with pytest.raises(Exception, match="max_words") as caught:
        await client.call(calls.Standing(), calls.Stands)
    assert type(caught.value).__name__ == "ConfigError"
    await client.stop()


async def test_the_command_and_the_application_give_the_same_answer(home: Path) -> None:
    sentence = "You have 45 minutes to acknowledge a page [1]."
    with OpenAIServer([text(sentence)]) as server:
        model = {
            "COPILOT_MODELS__ANSWER": "openai/scripted",
            "COPILOT_MODELS__API_BASE": server.url,
        }
        printed = await asyncio.to_thread(
            run_cli, "ask", QUESTION, "-s", "cli", "--json", home=home, env=model
        )
        client = Client(env={**os.environ, "COPILOT_HOME": str(home), **model})
        async with aclosing(client.stream(calls.Ask(QUESTION, "tui"))) as steps:
            [finished] = [step async for step in steps if isinstance(step, RunFinished)]
        loaded = await client.call(calls.LoadSession("cli"), calls.Loaded)
        await client.stop()
    told, answer = printed.envelope, finished.answer
    assert answer is not None
    assert answer.text == told["text"]
    assert "45 minutes" in answer.text
    assert to_plain(answer.citations) == told["citations"]
    assert to_plain(answer.sentences) == told["sentences"]
    assert finished.status.value == told["status"] == "answered"
    assert [(one.question, one.answer) for one in loaded.said] == [(QUESTION, told["text"])]


# --- what it says, and how it ends --------------------------------------------------------

_SAYS = "import sys, os, time; sys.stdin.readline(); os.write(1, {said!r}); {then}"
_ENDS_BADLY = """
import asyncio, time
from copilot.calls import ListSessions, LoadSession, SearchSessions, Standing
from copilot.serving import handling, host
class Panic(BaseException):
    pass
def raises(error):
    async def handle(core, call):
        if isinstance(error, asyncio.CancelledError):
            raise error
        def fail():
            raise error
        await asyncio.to_thread(fail)
        yield
    return handle
async def waits(core, call):
    await asyncio.to_thread(time.sleep, 600)
    yield
handling.HANDLERS |= {
    Standing: raises(Panic("in native code")),
    LoadSession: raises(SystemExit(3)),
    ListSessions: raises(asyncio.CancelledError()),
    SearchSessions: waits,
}
host._LAST_S = 0.3
host.main()
"""
_SAYS_MUCH = """
from copilot.serving import host, wire
wire.LONGEST_LINE = 2_000
host.main()
"""


async def test_whoever_leaves_while_the_core_starts_leaves_one_that_answers_the_next(
    client: Client,
) -> None:
    first = asyncio.create_task(client.call(calls.Standing(), calls.Stands))
    while client._process is None:  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    told = client.call(calls.Standing(), calls.Stands)
    assert (await asyncio.wait_for(told, 60)).principal


async def test_a_core_that_can_not_be_started_is_an_error_of_ours() -> None:
    client = Client(command=["/no/such/python"])
    with pytest.raises(InternalError, match="can't be started: No such file"):
        await client.call(calls.Standing(), calls.Stands)
    await client.stop()


@pytest.mark.parametrize(
    ("said", "then", "told"),
    [
        (b"what is this\n", "time.sleep(600)", "it said what can't be understood"),
        (b'{"number": 1, "reply": "Sta', "os._exit(3)", "the core has stopped$"),
        (b"", "os.abort()", "Aborted"),
        (b"", "os.kill(os.getpid(), 9)", "it was killed, perhaps for want of memory"),
    ],
)
async def test_a_core_that_says_nonsense_or_half_a_line_or_nothing_has_stopped(
    said: bytes, then: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(command=[sys.executable, "-c", _SAYS.format(said=said, then=then)])
    with pytest.raises(InternalError, match="the core has stopped") as caught:
        await client.call(calls.Standing(), calls.Stands)
    assert re.search(told, caught.value.message)
    await client.stop()
    gc.collect()
    assert not caplog.records, "asyncio complains of what nobody fetched"


async def test_whatever_ends_a_call_ends_that_call_alone_and_what_hangs_ends_with_the_core(
    home: Path,
) -> None:
    env = {**os.environ, "COPILOT_HOME": str(home)}
    client = Client(command=[sys.executable, "-c", _ENDS_BADLY], env=env)
    with pytest.raises(InternalError, match="a bug: Panic: in native code") as caught:
        await client.call(calls.Standing(), calls.Stands)
    assert "copilot.log" in caught.value.hint
    with pytest.raises(InternalError, match="a bug: SystemExit: 3"):
        await client.call(calls.LoadSession("talk"), calls.Loaded)
    with pytest.raises(InternalError, match="a bug: CancelledError"):
        await client.call(calls.ListSessions(), calls.Sessions)
    process = process_of(client)
    hanging = asyncio.create_task(client.call(calls.SearchSessions("x"), calls.SessionHits))
    await asyncio.sleep(0.1)
    assert process.stdin is not None
    process.stdin.close()
    with pytest.raises(InternalError, match="the core has stopped"):
        await hanging
    assert process.returncode == 1, "by itself, not killed"


async def test_what_is_too_much_for_one_line_fails_its_call_alone(home: Path) -> None:
    env = {**os.environ, "COPILOT_HOME": str(home)}
    client = Client(command=[sys.executable, "-c", _SAYS_MUCH], env=env)
    with pytest.raises(LimitError, match="can be passed on at once"):
        await client.call(ReadSettings(), SettingsRead)
    assert (await client.call(calls.Standing(), calls.Stands)).principal
    await client.stop()
