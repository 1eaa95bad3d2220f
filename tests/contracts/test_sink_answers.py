"""What a product's odd answers and limits mean to every sink that speaks to one over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.errors import SinkError
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply, HttpServer
from tests.contracts.sink_case import SinkCase, all_cases

CASES = {name: case for name, case in all_cases().items() if not name.startswith("memory")}
WIRED = {name: case for name, case in CASES.items() if not name.startswith("desk")}
KEY = "0f" * 32


@pytest.fixture(params=sorted(WIRED))
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SinkCase]:
    with WIRED[request.param](tmp_path) as opened:
        yield opened


def server_of(case: SinkCase) -> HttpServer:
    assert case.product is not None
    return case.product.server


def creation(case: SinkCase, title: str = "Export fails", text: str = "It stops.") -> SinkWrite:
    return SinkWrite("create", case.kind, case.values(title, text), KEY)


@pytest.mark.parametrize("said", [{"message": "We will be back soon."}, b"<html></html>"])
def test_an_answer_to_a_look_that_does_not_tell_is_no_sign_that_nothing_is_there(
    wired: SinkCase, said: object
) -> None:
    for call in (
        lambda: wired.sink.find(wired.kind, KEY),
        lambda: wired.sink.write(creation(wired)),
    ):
        server_of(wired).fail_read(HttpReply(200, said))
        with pytest.raises(SinkError):
            call()
    assert wired.held() == 0
