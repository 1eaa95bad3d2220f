"""Every way in which a provider can fail, over the wire: what is said, recorded, and who steps in.

A route of two models, each on a server of its own: ``main`` fails as scripted, ``spare`` answers.
What has begun to answer isn't replaced here but in a turn (test_models_step_in).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal, cast

import pytest

from copilot.adapters.models import build_chat_model
from copilot.adapters.system import SystemClock
from copilot.config.models import ModelSettings
from copilot.errors import ExitCode, ModelError
from copilot.events import ModelAttempt, ModelChosen
from copilot.gateway import Deployed, Deployment, Gateway, Route
from copilot.messages import ModelChunk, ModelRequest, Turn
from copilot.metering import metered
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.routes import breaker

pytestmark = pytest.mark.usefixtures("clients_let_go")

REQUEST = ModelRequest("openai/scripted", "Be brief.", (Turn("user", "How long?"),))
TEXT = "You have 45 minutes. Then the backup is paged."
KEY = "sk-very-secret-1234567890"
GOOD = scripted.text(TEXT)
SHORT = {"first_token_timeout_s": 0.2}


def soon() -> Reply:
    """Too many requests, and a date that is ninety seconds away."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    return Reply(status=429, error="slow", headers={"Retry-After": date})


HUGE = "word " * 200_000

Paid = Literal["nothing", "by our count", "by theirs"]


@dataclass(frozen=True)
class Failure:
    """``error``: the class, ``says`` and ``hint`` parts of its texts. ``paid``: what is recorded.

    ``begun``: text came before it failed, so nobody else is asked in the same call. ``address``:
    instead of the server's.
    """

    name: str
    reply: Reply
    error: str
    says: str
    hint: str = "try again later"
    paid: Paid = "nothing"
    begun: bool = False
    address: str = ""
    settings: dict[str, float] = field(default_factory=dict)


UNREACHABLE = ("ModelUnavailableError", "can't be reached", "check models.api_base and the network")
STREAM = "ModelStreamError"
FAILURES = [
    Failure("refused", GOOD, *UNREACHABLE, address="refused"),
    Failure("no such host", GOOD, *UNREACHABLE, address="http://models.invalid/v1"),
    Failure("no TLS there", GOOD, *UNREACHABLE, address="https"),
    Failure("hangs up", Reply(hang_up=True), *UNREACHABLE),
    *[
        Failure(
            f"{status}",
            Reply(status=status, error="no entry"),
            "ModelAuthError",
            "refused the key: ",
            "copilot keys set openai",
        )
        for status in (401, 403)
    ],
    Failure(
        "404",
        Reply(status=404, error="no such model"),
        "ModelRequestError",
        "doesn't know this model",
        "check models.answer",
    ),
    Failure(
        "408",
        Reply(status=408, error="took too long"),
        "ModelTimeoutError",
        "no answer in time",
        "raise models.first_token_timeout_s",
    ),
    Failure("409", Reply(status=409, error="conflict"), "ModelUnavailableError", "conflict"),
    Failure(
        "422",
        Reply(status=422, error="no such field"),
        "ModelRequestError",
        "the request was rejected: ",
        "mend what the provider says",
    ),
    Failure("429", scripted.rate_limited(), "ModelRateLimitError", "too many requests", "wait"),
    Failure("429, seconds", scripted.rate_limited(30), "ModelRateLimitError", "too many", "wait"),
    Failure(
        "429, a date",
        soon(),
        "ModelRateLimitError",
        "too many requests",
        "wait",
    ),
    *[
        Failure(
            f"{status}",
            scripted.server_error(status),
            "ModelUnavailableError",
            "answered with an error: ",
        )
        for status in (500, 502, 503, 529)
    ],
    Failure(
        "too long",
        scripted.context_too_long(),
        "ModelContextError",
        "longer than the model can read",
        "larger context",
    ),
    Failure(
        "content refused",
        Reply(status=400, error="rejected by our content policy"),
        "ModelRefusedError",
        "refuses the content",
        "models.routes",
    ),
    Failure(
        "content cut",
        Reply(pieces=("You",), finish_reason="content_filter"),
        "ModelRefusedError",
        "content filter cut",
        "",
        paid="by theirs",
        begun=True,
    ),
    Failure(
        "silent",
        replace(GOOD, status_delay_s=5),
        "ModelTimeoutError",
        "no ",
        "raise models.first_token_timeout_s",
        settings=SHORT,
    ),
    Failure(
        "silent once it took it",
        scripted.slow(GOOD, 5),
        "ModelTimeoutError",
        "no ",
        "raise models.first_token_timeout_s",
        paid="by our count",
        settings=SHORT,
    ),
    Failure(
        "stalls",
        replace(GOOD, piece_delay_s=5),
        STREAM,
        "stalled",
        "raise models.first_token_timeout_s",
        paid="by our count",
        begun=True,
        settings=SHORT,
    ),
    Failure(
        "drips",
        replace(scripted.text(TEXT, pieces=40), piece_delay_s=0.04),
        "ModelTimeoutError",
        "took longer than 0.4 s",
        "raise models.total_timeout_s",
        paid="by our count",
        begun=True,
        settings={"total_timeout_s": 0.4},
    ),
    Failure(
        "breaks amid a chunk",
        scripted.dropped(GOOD, 2),
        STREAM,
        "broke off",
        "ask again",
        paid="by our count",
        begun=True,
    ),
    Failure(
        "closes early",
        scripted.dropped(GOOD, 2, how="close"),
        STREAM,
        "closed before the answer ended",
        "ask again",
        paid="by our count",
        begun=True,
    ),
    Failure(
        "breaks before a word",
        scripted.dropped(GOOD, 0),
        STREAM,
        "",
        "ask again",
        paid="by our count",
    ),
    Failure(
        "garbles",
        scripted.garbled(GOOD, 2),
        STREAM,
        "broke off",
        "ask again",
        paid="by our count",
        begun=True,
    ),
    Failure(
        "no stream at all",
        scripted.raw(b"<html>Welcome to the proxy</html>", "text/html"),
        STREAM,
        "closed before the answer ended",
        "ask again",
        paid="by our count",
    ),
    Failure(
        "an empty body",
        scripted.raw(b""),
        STREAM,
        "closed before",
        "ask again",
        paid="by our count",
    ),
    Failure(
        "events of nonsense",
        scripted.raw(b"data: \xff\xfe not json\n\n"),
        STREAM,
        "",
        "ask again",
        paid="by our count",
    ),
    Failure(
        "an error as an event",
        scripted.raw(b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'),
        STREAM,
        "overloaded",
        "ask again",
        paid="by our count",
    ),
    Failure(
        "a page for an error",
        Reply(status=502, body=b"<html>Bad gateway</html>", content_type="text/html"),
        "ModelUnavailableError",
        "answered with an error",
    ),
    Failure(
        "moved to nowhere",
        scripted.redirected(scripted.refused_url()),
        *UNREACHABLE,
    ),
]


class Two:
    """``main`` and ``spare``, each on a server."""

    def __init__(self, main: OpenAIServer, spare: OpenAIServer) -> None:
        self.main, self.spare = main, spare
        self.steps: list[ModelAttempt | ModelChunk | ModelChosen] = []

    def gateway(self, failure: Failure, *, alone: bool = False) -> Gateway:
        self.main.script(failure.reply)
        self.spare.script(GOOD)
        address = {
            "": self.main.url,
            "refused": scripted.refused_url(),
            "https": self.main.url.replace("http:", "https:"),
        }.get(failure.address, failure.address)
        settings = ModelSettings(
            **{"answer": REQUEST.model, "retries": 0, **failure.settings}  # type: ignore[arg-type]
        )
        models = [
            Deployed(
                Deployment(name, REQUEST.model, url),
                build_chat_model(
                    settings.model_copy(update={"api_base": url}), key_for=lambda name: KEY
                ),
            )
            for name, url in (("main", address), ("spare", self.spare.url))
        ]
        route = Route("answer", models[:1] if alone else models, breaker())
        return Gateway(route, settings, SystemClock())

    async def ask(self, failure: Failure, *, alone: bool = False) -> ModelError | None:
        """The error of the call, if it has one; what came before is in ``steps``."""
        self.steps = []
        try:
            async for step in self.gateway(failure, alone=alone).stream(REQUEST):
                self.steps.append(step)
        except ModelError as error:
            return error
        return None

    def of(self, kind: type) -> list[Any]:
        return [step for step in self.steps if isinstance(step, kind)]

    @property
    def text(self) -> str:
        return "".join(step.text for step in self.of(ModelChunk))


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    with OpenAIServer() as main, OpenAIServer() as spare:
        yield Two(main, spare)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: one.name)
async def test_a_failure_is_one_clear_error_one_record_and_another_models_turn(
    two: Two, failure: Failure
) -> None:
    error = await two.ask(failure, alone=True)
    assert error is not None
    assert (type(error).__name__, error.exit_code) == (failure.error, ExitCode.MODEL)
    assert failure.says in error.message
    assert failure.hint in error.hint
    assert "\n" not in error.message
    assert KEY not in error.message + error.hint
    assert len(two.main.requests) == (0 if failure.address else 1)

    again = await two.ask(failure)
    attempts = two.of(ModelAttempt)
    assert attempts[0].outcome == "failed"
    assert attempts[0].error == f"{failure.error}: {_same(attempts[0].error)}"
    assert _paid(attempts[0]) == failure.paid
    if failure.begun:
        assert type(again).__name__ == failure.error
        assert [one.model for one in two.of(ModelChosen)] == ["main"]
    else:
        assert again is None
        assert [one.model for one in two.of(ModelChosen)] == ["main", "spare"]
        assert two.text == TEXT
        assert attempts[-1].outcome == "ok"


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (lambda: scripted.rate_limited(30), 30),
        (soon, 90),
    ],
)
async def test_when_to_ask_again_is_read_from_seconds_and_from_a_date(
    two: Two, reply: Callable[[], Reply], seconds: int
) -> None:
    error = await two.ask(Failure("limit", reply(), "", ""), alone=True)
    assert seconds - 30 <= cast("Any", error).retry_after <= seconds


@pytest.mark.parametrize(
    ("reply", "text", "theirs"),
    [
        (Reply(pieces=()), "", True),
        (scripted.without_usage(GOOD), TEXT, False),
        (replace(GOOD, done=False), TEXT, True),
        (Reply(pieces=(HUGE,)), HUGE, True),
        (Reply(pieces=("You",), finish_reason="length"), "You", True),
        (Reply(pieces=tuple(TEXT)), TEXT, True),
    ],
    ids=["empty", "without counts", "without its last line", "one huge piece", "cut", "letters"],
)
async def test_what_is_odd_and_whole_is_an_answer_with_its_cost(
    two: Two, reply: Reply, text: str, theirs: bool
) -> None:
    assert await two.ask(Failure("odd", reply, "", "")) is None
    assert two.text == text
    (attempt,) = two.of(ModelAttempt)
    assert attempt.outcome == "ok"
    assert _paid(attempt) == ("by theirs" if theirs else "by our count")


async def test_a_key_does_not_follow_to_where_a_provider_sends_us(two: Two) -> None:
    elsewhere = f"{two.spare.url}/chat/completions"
    await two.ask(Failure("moved", scripted.redirected(elsewhere), "", ""), alone=True)
    assert two.main.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert [KEY in str(dict(one.headers)) for one in two.spare.requests] == [False]


async def test_who_stops_amid_a_stream_ends_the_call_at_once_and_what_was_spent_is_told(
    two: Two,
) -> None:
    endless = replace(scripted.text(TEXT * 9, pieces=400), piece_delay_s=0.02)
    gateway = two.gateway(Failure("endless", endless, "", ""))
    told: list[ModelAttempt] = []
    begun = asyncio.Event()

    async def read() -> None:
        with metered(told.append):
            async with aclosing(gateway.stream(REQUEST)) as steps:
                async for step in steps:
                    if isinstance(step, ModelChunk):
                        begun.set()
                    elif isinstance(step, ModelAttempt):
                        told.append(step)

    reading = asyncio.create_task(read())
    await asyncio.wait_for(begun.wait(), 10)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await asyncio.to_thread(two.main.disconnected.wait, 5)
    assert [one.error for one in told] == ["StoppedError: interrupted"]
    assert _paid(told[0]) == "by our count"
    assert two.spare.requests == []


def _paid(attempt: ModelAttempt) -> Paid:
    if attempt.usage is None:
        return "nothing"
    assert attempt.usage.input_tokens > 0
    return "by our count" if attempt.usage.estimated else "by theirs"


def _same(error: str) -> str:
    return error.partition(": ")[2]
