"""What is HubSpot's own: unique properties, people by their address, pipelines, notes in HTML."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from copilot.adapters.sinks.hubspot import build
from copilot.adapters.sinks.hubspot.sink import HubSpotSink
from copilot.config.records import SinkSettings
from copilot.errors import ConfigError, SinkAuthError, SinkRequestError, SinkUnavailableError
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products.hubspot import HubSpotServer

TOKEN = "a-token-of-an-app"
KEY = "5e" * 32
ANA: dict[str, Json] = {"name": "Ana Ruiz", "email": "ana@customer.example", "jobtitle": "CTO"}


@pytest.fixture
def server() -> Iterator[HubSpotServer]:
    with HubSpotServer(TOKEN, page=2) as running:
        yield running


def sink(server: HubSpotServer, **options: str | int | bool) -> HubSpotSink:
    settings = SinkSettings(
        kind="hubspot", url=server.url, key="hub", options=options, timeout_s=10
    )
    return build("hub", settings, key_for=lambda name: TOKEN)


def contact(key: str = KEY, **values: Json) -> SinkWrite:
    return SinkWrite("create", "contacts", {**ANA, **values}, key)


def test_a_new_contact_holds_first_and_last_name(server: HubSpotServer) -> None:
    hubspot = sink(server)
    made = hubspot.write(contact())
    held = server.objects["contacts"][made.external_id]["properties"]
    assert (held["firstname"], held["lastname"], held["copilot_key"]) == ("Ana", "Ruiz", KEY)
    assert hubspot.read("contacts", made.external_id).values["name"] == "Ana Ruiz"


def test_a_contact_whose_address_is_there_gains_what_it_lacks_and_loses_nothing(
    server: HubSpotServer,
) -> None:
    hubspot = sink(server)
    there = {"email": "ana@customer.example", "firstname": "Anna", "lastname": "Ruiz-Soto"}
    server.create("contacts", {"properties": there})
    receipt = hubspot.write(contact())
    (held,) = server.objects["contacts"].values()
    assert held["properties"]["firstname"] == "Anna"
    assert held["properties"]["jobtitle"] == "CTO"
    assert receipt.before == {"jobtitle": None, "copilot_key": None}
    assert hubspot.write(contact()).replayed
    undo = hubspot.undo_of(contact(), receipt)
    assert undo is not None and undo.operation == "restore"
    hubspot.write(undo)
    (held,) = server.objects["contacts"].values()
    assert not held["properties"]["jobtitle"]
    assert hubspot.find("contacts", KEY) is None


def test_a_contact_that_another_record_made_keeps_its_key(server: HubSpotServer) -> None:
    hubspot = sink(server)
    first = hubspot.write(contact())
    second = hubspot.write(contact("other", phone="+49301234"))
    assert (second.external_id, second.before) == (first.external_id, {"phone": None})
    assert server.objects["contacts"][first.external_id]["properties"]["copilot_key"] == KEY


def test_two_at_once_with_one_key_are_one_object(server: HubSpotServer) -> None:
    hubspot, asked = sink(server), []
    ticket = SinkWrite("create", "tickets", {"subject": "VPN drops"}, KEY)
    slow = sink(server)
    real = slow.find

    def late(kind: str, key: str) -> object:
        asked.append(key)
        return real(kind, key) if len(asked) > 1 else None

    slow.find = late  # type: ignore[assignment,method-assign]
    first = hubspot.write(ticket)
    second = slow.write(ticket)
    assert (second.external_id, second.replayed) == (first.external_id, True)


def test_the_same_person_is_found_by_address_at_once_and_by_name_in_time(
    server: HubSpotServer,
) -> None:
    hubspot = sink(server)
    made = hubspot.write(contact())
    by_address = hubspot.similar("contacts", {"email": "ANA@customer.example"}, limit=3)
    assert [one.external_id for one in by_address] == [made.external_id]
    assert hubspot.similar("contacts", {"name": "Ana Ruiz"}, limit=3) == []
    server.settle()
    by_name = hubspot.similar("contacts", {"name": "Ana Ruiz"}, limit=3)
    assert [one.external_id for one in by_name] == [made.external_id]


def test_a_deal_keeps_its_day_and_is_closed_by_its_stage(server: HubSpotServer) -> None:
    hubspot = sink(server, undo="close")
    values: dict[str, Json] = {"dealname": "Acme Cloud", "amount": 12000, "closedate": "2026-11-30"}
    write = SinkWrite("create", "deals", values, KEY)
    made = hubspot.write(write)
    entry = hubspot.read("deals", made.external_id)
    assert (entry.open, entry.values["amount"], entry.values["closedate"]) == (
        True,
        "12000",
        "2026-11-30",
    )
    undo = hubspot.undo_of(write, made)
    assert undo is not None and undo.operation == "close"
    closed = hubspot.write(undo)
    assert not hubspot.read("deals", made.external_id).open
    assert closed.before == {"dealstage": "appointmentscheduled"}


def test_an_error_is_told_by_its_property_in_both_ways_that_hubspot_has(
    server: HubSpotServer,
) -> None:
    hubspot = sink(server)
    with pytest.raises(SinkRequestError) as old:
        hubspot.write(contact(email="not an address"))
    assert list(old.value.fields) == ["email"]
    assert "isValid" not in str(old.value)
    with pytest.raises(SinkRequestError) as new:
        hubspot.write(contact(shoe_size="44"))
    assert new.value.fields == {"shoe_size": 'Property "shoe_size" does not exist'}


def test_without_a_property_for_the_key_nothing_is_written_and_the_remedy_is_told(
    server: HubSpotServer,
) -> None:
    server.key_property = ""
    hubspot = sink(server)
    for call in (lambda: hubspot.write(contact()), lambda: hubspot.fields("contacts")):
        with pytest.raises(SinkRequestError, match="no property copilot_key") as failure:
            call()
        assert "Require unique values" in failure.value.hint
    assert not server.objects["contacts"]


def test_another_property_may_hold_the_key(server: HubSpotServer) -> None:
    server.key_property = "intake_id"
    made = sink(server, key_property="intake_id").write(contact())
    assert server.objects["contacts"][made.external_id]["properties"]["intake_id"] == KEY


def test_a_note_is_text_and_found_among_pages_of_others(server: HubSpotServer) -> None:
    hubspot = sink(server)
    made = hubspot.write(contact())
    notes = []
    for key in ("c1", "c2", "c3", "c4", "c5"):
        said: dict[str, Json] = {"comment": "<b>bold</b>\n[copilot:c5]"}
        notes.append(SinkWrite("comment", "contacts", said, key, made.external_id))
        assert not hubspot.write(notes[-1]).replayed
    assert hubspot.write(notes[-1]).replayed
    body = next(iter(server.objects["notes"].values()))["properties"]["hs_note_body"]
    assert body == "&lt;b&gt;bold&lt;/b&gt;<br>(copilot:c5]<br><br>[copilot:c1]"


def test_fields_are_read_page_by_page_with_the_stages_of_pipelines(server: HubSpotServer) -> None:
    known = {one.name: one for one in sink(server).fields("deals")}
    said = sink(server).default_values("crm_deal")["dealstage"]
    assert set(said.values()) <= set(known["dealstage"].choices)
    assert known["pipeline"].choices == ("default",)
    assert known["dealname"].required
    assert not known["hs_object_id"].writable
    assert {"name", "firstname"} <= {one.name for one in sink(server).fields("contacts")}


def test_several_choices_stand_between_semicolons(server: HubSpotServer) -> None:
    made = sink(server).write(contact(website=["https://a.example", "https://b.example"]))
    held = server.objects["contacts"][made.external_id]["properties"]
    assert held["website"] == "https://a.example;https://b.example"


def test_a_scope_that_lacks_is_a_right_that_lacks(server: HubSpotServer) -> None:
    said = {"status": "error", "message": "This app hasn't been granted all required scopes"}
    server.fail_read(HttpReply(403, said | {"category": "MISSING_SCOPES"}))
    with pytest.raises(SinkAuthError, match="required scopes"):
        sink(server).fields("contacts")


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"X-HubSpot-RateLimit-Remaining": "0"}, None),
        (423, {}, None),
        (477, {"Retry-After": "3600"}, 3600),
    ],
)
def test_a_record_that_is_locked_or_an_account_that_is_moved_is_for_later(
    server: HubSpotServer, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    server.fail_write(HttpReply(status, {"status": "error", "message": "Not now."}, headers))
    with pytest.raises(SinkUnavailableError, match="Not now") as failure:
        sink(server).write(contact())
    assert failure.value.retry_after == seconds
    assert not server.objects["contacts"]


def test_an_object_of_another_key_is_not_ours_whatever_was_asked_for(
    server: HubSpotServer,
) -> None:
    hubspot = sink(server)
    hubspot.write(contact("another"))
    (other,) = server.objects["contacts"].values()
    server.fail_read(HttpReply(200, other))
    assert hubspot.find("contacts", KEY) is None


def test_two_accounts_are_two_targets(server: HubSpotServer) -> None:
    assert sink(server).target != sink(server, portal=4711).target
    made = sink(server, portal=4711).write(contact())
    assert made.url == f"https://app.hubspot.com/contacts/4711/record/0-1/{made.external_id}"


def test_a_query_is_data(server: HubSpotServer) -> None:
    hubspot = sink(server)
    made = hubspot.write(contact())
    hubspot.find("contacts", "../tickets/1?idProperty=email&x=/y")
    assert (
        server.requests[-1].path
        == "/crm/objects/2026-09/contacts/..%2Ftickets%2F1%3FidProperty%3Demail%26x%3D%2Fy"
    )
    assert hubspot.similar("contacts", {"email": f"{made.external_id}?idProperty="}, limit=3) == []


def test_an_object_is_one_that_is_known(server: HubSpotServer) -> None:
    with pytest.raises(ConfigError, match="must be one of contacts, deals, tickets"):
        sink(server, object="../admin")
