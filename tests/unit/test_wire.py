"""Lines between a front end and the core's process."""

from __future__ import annotations

import json

import pytest

from copilot import calls, errors
from copilot.adapters.ledger.database import DamagedError
from copilot.errors import (
    CopilotError,
    InternalError,
    LimitError,
    SinkRequestError,
    StorageError,
)
from copilot.serving import wire
from copilot.serving.handling import HANDLERS
from copilot.serving.wire import Asked, Cancelled, Failed, Replied, Told, pack, unpack
from copilot.testing.run_events import quoted_run

SESSION = calls.Session("talk", "Where?", "2026-11-22T10:00:00+00:00", pinned=True)
_MESSAGES = [
    Asked(1, calls.Ask("Where?\nAnd when? \u2028é", "talk", path="/a", quote=True)),
    Asked(1, calls.Ask("Where?", "talk", path="/caf\udce9")),  # no text, but a name of a file
    Asked(2, calls.Standing()),
    Cancelled(3),
    Replied(4, calls.Loaded(SESSION, (calls.Said("a", "b", "run-1", "run-0"),), 1)),
    Replied(5, calls.Sessions((SESSION,), total=1)),
    *(Told(6, event) for event in quoted_run("run-1")),
]


@pytest.mark.parametrize("message", _MESSAGES, ids=lambda one: type(one).__name__)
def test_a_message_is_one_line_and_comes_back_as_it_was(message: Asked) -> None:
    line = pack(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert unpack(line) == message


def test_every_call_has_its_handler() -> None:
    assert set(HANDLERS) == set(calls.CALLS.values())


def _every_error() -> list[type[CopilotError]]:
    return [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, CopilotError)
    ]


@pytest.mark.parametrize("kind", _every_error())
def test_an_error_comes_back_with_its_words_and_its_exit_code(kind: type[CopilotError]) -> None:
    line = json.dumps(
        {"number": 1, "failed": kind.__name__, "message": "it broke", "hint": "mend it"}
    )
    told = unpack(line.encode())
    assert isinstance(told, Failed)
    assert (told.error.message, told.error.hint) == ("it broke", "mend it")
    assert told.error.exit_code == kind.exit_code
    assert isinstance(told.error, kind)


def test_an_error_that_knows_more_than_its_words_is_still_told() -> None:
    told = unpack(pack(Failed(1, SinkRequestError("refused", hint="look"))))
    assert isinstance(told, Failed)
    assert str(told.error) == "refused"


def test_an_error_that_only_an_adapter_knows_comes_back_as_the_kind_that_it_is() -> None:
    told = unpack(pack(Failed(1, DamagedError("no ledger", hint="move it away"))))
    assert isinstance(told, Failed)
    assert type(told.error) is StorageError
    assert (told.error.message, told.error.hint) == ("no ledger", "move it away")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\n",
        b"[]\n",
        b"{}\n",
        b'{"number": 1}\n',
        b'{"number": "x", "cancel": true}\n',
        b'{"number": 1, "call": "Nothing", "with": {}}\n',
        b'{"number": 1, "call": "Ask", "with": {}}\n',
        b'{"number": 1, "told": {"event": "Nothing"}}\n',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_none_is_a_bug_and_not_a_message(line: bytes) -> None:
    with pytest.raises(InternalError, match="a line between processes that is none"):
        unpack(line)


def test_what_is_longer_than_any_line_is_refused_by_its_sender(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "LONGEST_LINE", 1_000)
    assert unpack(pack(Asked(1, calls.Ask("x" * 500, "talk"))))
    with pytest.raises(LimitError, match="can be passed on at once"):
        pack(Asked(1, calls.Ask("x" * 1_000, "talk")))
