"""What is a webhook's own: signatures, events that are sent again, receivers that say little."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import pytest

from copilot.adapters.sinks.webhook import build
from copilot.adapters.sinks.webhook.sink import WebhookSink
from copilot.config.records import SinkSettings
from copilot.errors import (
    ConfigError,
    NotFoundError,
    SinkAuthError,
    SinkRequestError,
    SinkUnavailableError,
    SinkUnknownError,
)
from copilot.proposals import Receipt, SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products.webhook import WebhookServer

SECRET = "whsec_" + b64encode(b"a secret of some twenty-four bytes").decode()
KEY = "5e" * 32
CREATION = SinkWrite("create", "ticket", {"title": "VPN drops"}, KEY)


@pytest.fixture
def server() -> Iterator[WebhookServer]:
    with WebhookServer(SECRET) as running:
        yield running


def sink(
    server: WebhookServer, *, key: str = SECRET, status: bool = False, **options: str | int | bool
) -> WebhookSink:
    if status:
        options["status_url"] = server.url + "/status/{key}"
    settings = SinkSettings(
        kind="webhook", url=f"{server.url}/hook", key="hook", options=options, timeout_s=10
    )
    return build("hook", settings, key_for=lambda name: key)


def test_an_event_is_signed_and_carries_its_key_three_times(server: WebhookServer) -> None:
    receipt = sink(server).write(CREATION)
    (request,) = server.requests
    assert request.headers["webhook-id"] == request.headers["idempotency-key"] == KEY
    assert request.body == {
        "type": "record.created",
        "data": {"kind": "ticket", "key": KEY, "id": "", "values": {"title": "VPN drops"}},
    }
    assert SECRET not in str(request)
    assert receipt == Receipt("T-1", "https://tickets.example/T-1")


def test_without_a_status_address_an_event_is_sent_again_and_taken_once(
    server: WebhookServer,
) -> None:
    hook = sink(server)
    server.fail_write(done=True)
    with pytest.raises(SinkUnknownError):
        hook.write(CREATION)
    assert hook.find("ticket", KEY) is None
    assert hook.write(CREATION).external_id == "T-1"
    assert len(server.records) == 1
    first, second = server.requests
    assert first.raw == second.raw


def test_a_receiver_that_says_ok_is_believed(server: WebhookServer) -> None:
    server.quiet = True
    assert sink(server).write(CREATION) == Receipt(KEY)


def test_an_event_of_another_body_needs_another_signature(server: WebhookServer) -> None:
    sink(server).write(CREATION)
    sink(server).write(SinkWrite("create", "ticket", {"title": "Another"}, "k2"))
    first, second = (one.headers["webhook-signature"] for one in server.requests)
    assert first != second


def test_a_prefixed_secret_is_base64(server: WebhookServer) -> None:
    with pytest.raises(SinkAuthError, match="base64") as failure:
        sink(server, key="whsec_no base64!").write(CREATION)
    assert "no base64!" not in f"{failure.value} {failure.value.hint}"


@pytest.mark.parametrize("status", [True, False])
def test_a_receiver_is_tried_without_a_record(server: WebhookServer, status: bool) -> None:
    assert sink(server, status=status).check() == "a sender whose signature 127.0.0.1 takes"
    with pytest.raises(SinkAuthError):
        sink(server, key="whsec_" + b64encode(b"another").decode(), status=status).check()
    assert not server.records


def test_undoing_is_sent_only_to_receivers_that_understand_it(server: WebhookServer) -> None:
    assert sink(server).undo_of(CREATION, Receipt("T-1")) is None
    hook = sink(server, undo=True)
    undo = hook.undo_of(CREATION, hook.write(CREATION))
    assert undo is not None
    hook.write(undo)
    assert server.requests[-1].body["type"] == "record.undone"
    assert not server.records
    assert hook.write(undo).replayed


def test_a_record_of_any_schema_goes_whole_unless_fields_are_named(server: WebhookServer) -> None:
    hook = sink(server)
    assert hook.kind_for("anything") == "anything"
    assert hook.default_fields("anything") == {"*": "*", "text": "@text", "source": "@source"}
    assert hook.fields("anything") == ()
    named = sink(server, fields="title, severity").fields("anything")
    assert [one.name for one in named] == ["title", "severity", "text", "source"]


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"field": "severity", "message": "unknown"}], "title": "Invalid"},
        {"errors": [{"path": "severity", "message": "unknown"}]},
        {"fields": {"severity": "unknown"}, "message": "invalid"},
    ],
)
def test_what_is_wrong_with_a_field_may_be_said_in_several_ways(
    server: WebhookServer, body: dict[str, object]
) -> None:
    server.fail_write(HttpReply(422, body))
    with pytest.raises(SinkRequestError) as failure:
        sink(server).write(CREATION)
    assert failure.value.fields == {"severity": "unknown"}


def test_without_a_status_address_nothing_can_be_read(server: WebhookServer) -> None:
    with pytest.raises(NotFoundError) as failure:
        sink(server).read("ticket", "T-1")
    assert "status_url" in failure.value.hint


def test_a_key_stays_one_part_of_the_status_address(server: WebhookServer) -> None:
    assert sink(server, status=True).find("ticket", "../hook?x=/y#z") is None
    assert server.requests[-1].path == "/status/..%2Fhook%3Fx%3D%2Fy%23z"


@pytest.mark.parametrize(
    "address",
    [
        "https://{key}.example.org/",
        "https://example.org/status",
        "http://example.org/{key}",
        "{key}",
    ],
)
def test_a_status_address_is_https_and_has_the_key_behind_the_host(
    server: WebhookServer, address: str
) -> None:
    with pytest.raises(ConfigError):
        sink(server, status_url=address)


def test_a_status_page_that_is_there_for_every_key_does_not_pass_for_the_entry(
    server: WebhookServer,
) -> None:
    hook = sink(server, status=True)
    for call in (hook.check, lambda: hook.write(CREATION)):
        server.fail_read(HttpReply(200, b"<html></html>", {"Content-Type": "text/html"}))
        with pytest.raises(SinkUnavailableError) as failure:
            call()
        assert "status_url" in failure.value.hint
    assert not server.records
