"""What is Salesforce's own: external ids, SOQL, sessions of an app, limits, describe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.adapters.sinks.salesforce import build
from copilot.adapters.sinks.salesforce.sink import SalesforceSink
from copilot.adapters.sinks.salesforce.speech import containing, literal
from copilot.config.records import SinkSettings
from copilot.errors import (
    ConfigError,
    SinkAuthError,
    SinkError,
    SinkRequestError,
    SinkUnavailableError,
)
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products.salesforce import CLIENT, SalesforceServer, where

SECRET = "a-secret-of-an-app"
KEY = "5e" * 32
ANA: dict[str, Json] = {"Name": "Ana Ruiz", "Email": "ana@customer.example"}


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with SalesforceServer(SECRET, page=2) as running:
        yield running


def sink(
    server: SalesforceServer, *, user: str = "", key: str = SECRET, **options: str | int | bool
) -> SalesforceSink:
    settings = SinkSettings(
        kind="salesforce", url=server.url, user=user, key="sf", options=options, timeout_s=10
    )
    return build("sf", settings, key_for=lambda name: key)


def case(key: str = KEY, **values: Json) -> SinkWrite:
    return SinkWrite("create", "Case", {"Subject": "VPN drops", **values}, key)


def test_an_app_signs_in_once_for_many_calls(server: SalesforceServer) -> None:
    salesforce = sink(server, user=CLIENT, login_url=server.url)
    assert salesforce.check() == "Copilot Bot (bot@acme.example)"
    salesforce.write(case())
    signed_in = [one for one in server.requests if one.path.endswith("/oauth2/token")]
    assert len(signed_in) == 1
    assert SECRET not in signed_in[0].path + signed_in[0].raw.decode()


def test_an_app_signs_in_where_it_calls_unless_told_otherwise(server: SalesforceServer) -> None:
    sink(server, user=CLIENT).write(case())
    assert server.requests[0].path.endswith("/oauth2/token")
    with SalesforceServer(SECRET) as elsewhere:
        sink(server, user=CLIENT, login_url=elsewhere.url).find("Case", KEY)
        assert [one.path for one in elsewhere.requests] == ["/services/oauth2/token"]


def test_an_app_that_is_refused_is_an_error_of_the_key(server: SalesforceServer) -> None:
    salesforce = sink(server, user=CLIENT, key="wrong-wrong", login_url=server.url)
    with pytest.raises(SinkAuthError, match="invalid_client") as failure:
        salesforce.write(case())
    assert "wrong-wrong" not in f"{failure.value} {failure.value.hint}"
    assert not server.records["Case"]


def test_a_place_that_gives_no_sessions_does_not_say_that_an_entry_is_not_there(
    server: SalesforceServer,
) -> None:
    salesforce = sink(server, user=CLIENT, login_url=f"{server.url}/elsewhere")
    server.fail_read(HttpReply(404, [{"errorCode": "NOT_FOUND", "message": "no such page"}]))
    with pytest.raises(SinkAuthError, match="no such page"):
        salesforce.find("Case", KEY)


def test_a_session_is_never_asked_for_in_the_clear(server: SalesforceServer) -> None:
    with pytest.raises(ConfigError, match="https"):
        sink(server, user=CLIENT, login_url="http://login.salesforce.example")


def test_a_record_of_another_key_is_not_ours_whatever_was_asked_for(
    server: SalesforceServer,
) -> None:
    """External ids needn't tell capitals from small letters."""
    salesforce = sink(server)
    salesforce.write(case(KEY.upper()))
    (other,) = server.records["Case"].values()
    server.fail_read(HttpReply(200, other))
    assert salesforce.find("Case", KEY) is None


def test_two_at_once_with_one_key_are_one_record(server: SalesforceServer) -> None:
    salesforce, slow = sink(server), sink(server)
    slow.find = lambda kind, key: None  # type: ignore[method-assign]
    first, second = salesforce.write(case()), slow.write(case())
    assert (second.external_id, second.replayed) == (first.external_id, True)


def test_what_people_changed_since_is_not_written_over_by_a_replay(
    server: SalesforceServer,
) -> None:
    salesforce = sink(server)
    made = salesforce.write(case())
    server.records["Case"][made.external_id]["Subject"] = "Mended by hand"
    assert salesforce.write(case()).replayed
    assert server.records["Case"][made.external_id]["Subject"] == "Mended by hand"


def test_an_old_api_that_answers_an_upsert_without_a_body_is_understood(
    server: SalesforceServer,
) -> None:
    salesforce = sink(server, version="45.0")
    server.fail_write(HttpReply(204), done=True)
    receipt = salesforce.write(case())
    assert receipt.external_id in server.records["Case"]


def test_the_limit_of_a_day_is_for_later_and_a_right_that_lacks_is_not(
    server: SalesforceServer,
) -> None:
    salesforce = sink(server)
    limit = {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    server.fail_write(HttpReply(403, [limit]))
    with pytest.raises(SinkUnavailableError, match="TotalRequests"):
        salesforce.write(case())
    server.fail_write(HttpReply(403, [{"message": "no access", "errorCode": "API_DISABLED"}]))
    with pytest.raises(SinkAuthError, match="API_DISABLED"):
        salesforce.write(case())
    locked = {"message": "unable to obtain exclusive access", "errorCode": "UNABLE_TO_LOCK_ROW"}
    server.fail_write(HttpReply(400, [locked]))
    with pytest.raises(SinkUnavailableError):
        salesforce.write(case())


def test_a_duplicate_rule_that_refuses_is_told(server: SalesforceServer) -> None:
    said = {"message": "Use one of these records?", "errorCode": "DUPLICATES_DETECTED"}
    server.fail_write(HttpReply(400, [said]))
    with pytest.raises(SinkRequestError, match="DUPLICATES_DETECTED"):
        sink(server).write(case())


def test_what_is_missing_and_what_is_unknown_are_named(server: SalesforceServer) -> None:
    salesforce = sink(server)
    with pytest.raises(SinkRequestError) as missing:
        salesforce.write(SinkWrite("create", "Opportunity", {"Name": "Acme Cloud"}, KEY))
    assert list(missing.value.fields) == ["CloseDate"]
    with pytest.raises(SinkRequestError) as unknown:
        salesforce.write(case(CurrencyIsoCode="EUR"))
    assert list(unknown.value.fields) == ["CurrencyIsoCode"]


def test_a_contact_has_first_and_last_name_and_is_found_by_address(
    server: SalesforceServer,
) -> None:
    salesforce = sink(server)
    made = salesforce.write(SinkWrite("create", "Contact", ANA, KEY))
    held = server.records["Contact"][made.external_id]
    assert (held["FirstName"], held["LastName"]) == ("Ana", "Ruiz")
    found = salesforce.similar("Contact", {"Email": "ANA@customer.example"}, limit=3)
    assert [(one.external_id, one.values["Name"]) for one in found] == [
        (made.external_id, "Ana Ruiz")
    ]
    undo = salesforce.undo_of(SinkWrite("create", "Contact", ANA, KEY), made)
    assert undo is not None and undo.operation == "delete"


def test_a_contact_may_be_a_lead(server: SalesforceServer) -> None:
    salesforce = sink(server, contact_object="Lead")
    assert salesforce.kind_for("crm_contact") == "Lead"
    assert salesforce.default_fields("crm_contact")["Company"] == "company"
    required = {one.name for one in salesforce.fields("Lead") if one.required}
    assert required == {"Name", "Company"}


def test_a_deal_is_closed_by_its_stage_and_its_comment_is_a_task(server: SalesforceServer) -> None:
    salesforce = sink(server)
    values: dict[str, Json] = {"Name": "Acme Cloud", "CloseDate": "2026-11-30", "Amount": 12000.0}
    made = salesforce.write(SinkWrite("create", "Opportunity", values, KEY))
    note = SinkWrite("comment", "Opportunity", {"comment": "They called."}, "c", made.external_id)
    first = salesforce.write(note)
    (task,) = server.records["Task"].values()
    assert (task["WhatId"], task["Status"]) == (made.external_id, "Completed")
    undo = salesforce.undo_of(note, first)
    assert undo is not None
    salesforce.write(undo)
    assert not server.records["Task"]
    salesforce.write(SinkWrite("close", "Opportunity", {}, "k", made.external_id))
    assert not salesforce.read("Opportunity", made.external_id).open


def test_a_contact_is_not_closed(server: SalesforceServer) -> None:
    salesforce = sink(server)
    made = salesforce.write(SinkWrite("create", "Contact", ANA, KEY))
    with pytest.raises(SinkRequestError, match="can't close a Contact"):
        salesforce.write(SinkWrite("close", "Contact", {}, "k", made.external_id))


def test_what_is_said_by_default_is_offered_by_default(server: SalesforceServer) -> None:
    salesforce = sink(server)
    for schema, kind in (("ticket", "Case"), ("crm_deal", "Opportunity")):
        known = {one.name: one for one in salesforce.fields(kind)}
        for field, words in salesforce.default_values(schema).items():
            assert set(words.values()) <= set(known[field].choices)


def test_comments_are_read_to_the_last_page(server: SalesforceServer) -> None:
    salesforce = sink(server)
    made = salesforce.write(case())
    writes = [
        SinkWrite("comment", "Case", {"comment": f"{n}"}, f"c{n}", made.external_id)
        for n in range(5)
    ]
    for write in writes:
        assert not salesforce.write(write).replayed
    assert salesforce.write(writes[-1]).replayed


def test_a_next_page_elsewhere_is_not_followed(server: SalesforceServer) -> None:
    salesforce = sink(server)
    away = {"done": False, "records": [], "nextRecordsUrl": "@evil.example/steal"}
    server.fail_read(HttpReply(200, away))
    with pytest.raises(SinkError, match="next page"):
        salesforce.similar("Contact", ANA, limit=3)


def test_without_a_field_for_the_key_nothing_is_written_and_the_remedy_is_told(
    server: SalesforceServer,
) -> None:
    server.key_field = ""
    salesforce = sink(server)
    for call in (lambda: salesforce.write(case()), lambda: salesforce.fields("Case")):
        with pytest.raises(SinkRequestError, match="Copilot_Key__c on Case") as failure:
            call()
        assert "External ID" in failure.value.hint
    assert not server.records["Case"]


@pytest.mark.parametrize(
    "options", [{"version": "../62.0"}, {"key_field": "Id/../x"}, {"object": "User"}]
)
def test_an_option_that_would_change_an_address_is_refused(
    server: SalesforceServer, options: dict[str, str]
) -> None:
    with pytest.raises(ConfigError, match="options"):
        sink(server, **options)


@given(st.text())
def test_any_text_is_one_literal_that_finds_itself(text: str) -> None:
    shown = "".join(c for c in text if c.isprintable())
    rows = [{"Subject": shown}, {"Subject": shown + "x"}]
    equal = where(f"Subject = {literal(shown)}")
    assert [equal(row) for row in rows] == [True, False]
    assert where(f"Subject LIKE {containing(shown)}")({"Subject": f"a{shown}b"})
    assert where(f"IsClosed = true AND Subject = {literal(text)}")({"Subject": text}) is False


@given(st.text(min_size=1, alphabet="%_\\'ab"))
def test_a_pattern_has_no_wildcards_of_the_text(text: str) -> None:
    finds = where(f"Subject LIKE {containing(text)}")
    assert finds({"Subject": text.upper()})
    assert not finds({"Subject": "z" * 20})


def test_no_value_takes_the_place_of_the_key(server: SalesforceServer) -> None:
    salesforce = sink(server)
    number = salesforce.write(case(Copilot_Key__c="another")).external_id
    values: dict[str, Json] = {"Copilot_Key__c": "another", "Priority": "Low"}
    salesforce.write(SinkWrite("update", "Case", values, "", number))
    found = salesforce.find("Case", KEY)
    assert found is not None and found.values["Priority"] == "Low"


def test_an_app_signs_in_again_when_its_session_may_have_ended(
    server: SalesforceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    salesforce = sink(server, user=CLIENT, login_url=server.url)
    monkeypatch.setattr("copilot.adapters.sinks.sessions._LONGEST_S", -1.0)
    assert salesforce.find("Case", KEY) is None
    assert salesforce.find("Case", KEY) is None
    signed_in = [one for one in server.requests if one.path.endswith("/oauth2/token")]
    assert len(signed_in) == 2
