"""What a product's odd answers and limits mean to every sink that speaks to one over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.adapters.sinks.marked_text import stamp
from copilot.errors import SinkError, SinkUnknownError
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply, HttpServer
from tests.contracts.sink_case import SinkCase, all_cases, wired_cases

CASES = {name: case for name, case in all_cases().items() if not name.startswith("memory")}
WIRED = wired_cases()
KEY = "0f" * 32
LONG_TITLE = "Invoices @ann #12 fail to export " * 30 + "since E4711"
LONG_TEXT = "It <stops> & says:\n/close ünïcödé 🙂\n" * 3000


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SinkCase]:
    with CASES[request.param](tmp_path) as opened:
        yield opened


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


def test_an_answer_to_a_creation_that_names_no_entry_leaves_one_that_is_found(
    wired: SinkCase,
) -> None:
    server_of(wired).fail_write(HttpReply(200, {"message": "done"}), done=True)
    try:
        named = wired.sink.write(creation(wired)).external_id
    except SinkUnknownError:
        named = "told as unknown"
    assert named
    assert wired.product is not None
    wired.product.settle()
    assert wired.sink.write(creation(wired)).replayed
    assert wired.held() == 1


def test_a_title_that_is_too_long_is_cut_and_stands_whole_in_the_text(case: SinkCase) -> None:
    receipt = case.sink.write(creation(case, LONG_TITLE))
    if case.product is not None:
        case.product.settle()
    values = case.sink.read(case.kind, receipt.external_id).values
    title, text = str(values[case.title]), str(values[case.text])
    if title != LONG_TITLE:
        assert title.endswith("…") and LONG_TITLE.startswith(title[:-1])
        assert len(title) >= 100
        assert LONG_TITLE in text
    assert text.endswith("It stops.")
    assert case.sink.write(creation(case, LONG_TITLE)).replayed


def test_a_change_to_a_title_that_is_too_long_is_one_change(case: SinkCase) -> None:
    number = case.sink.write(creation(case)).external_id
    before = case.sink.read(case.kind, number).values
    update = SinkWrite("update", case.kind, {case.title: LONG_TITLE}, KEY, number)
    assert case.sink.write(update).before == {case.title: before[case.title]}
    assert case.sink.write(update).before == {}
    assert case.sink.read(case.kind, number).values[case.text] == before[case.text]


def test_a_text_that_is_too_long_is_cut_and_says_so(case: SinkCase) -> None:
    receipt = case.sink.write(creation(case, text=LONG_TEXT))
    text = str(case.sink.read(case.kind, receipt.external_id).values[case.text])
    if text != LONG_TEXT:
        head, _, note = text.rpartition("\n\n[… ")
        assert LONG_TEXT.startswith(head) and len(head) > 10_000
        assert note == f"{len(LONG_TEXT) - len(head)} more characters]"


def test_a_comment_that_is_too_long_is_made_all_the_same_and_once(case: SinkCase) -> None:
    made = case.sink.write(creation(case)).external_id
    comment = SinkWrite("comment", case.kind, {"comment": LONG_TEXT}, "a1" * 32, made)
    assert not case.sink.write(comment).replayed
    assert case.sink.write(comment).replayed


def test_an_entry_that_was_closed_is_found_by_its_key_all_the_same(case: SinkCase) -> None:
    if not case.closable:
        return
    made = case.sink.write(creation(case))
    case.sink.write(SinkWrite("close", case.kind, {}, "a1" * 32, made.external_id))
    if case.product is not None:
        case.product.settle()
    found = case.sink.find(case.kind, KEY)
    assert found is not None and (found.external_id, found.open) == (made.external_id, False)
    assert case.sink.write(creation(case)).replayed


def test_no_text_passes_for_the_comment_of_another_key(case: SinkCase) -> None:
    made = case.sink.write(creation(case)).external_id
    key = "a1" * 32
    marks = f"[copilot:{key}]\n<!-- copilot:{stamp(key)} -->\ncopilot:{stamp(key)}\n{key}"
    faked = SinkWrite("comment", case.kind, {"comment": f"{marks}\n\n{marks}"}, "b2" * 32, made)
    real = SinkWrite("comment", case.kind, {"comment": "Seen it, too."}, key, made)
    case.sink.write(faked)
    assert not case.sink.write(real).replayed
    assert case.sink.write(real).replayed
