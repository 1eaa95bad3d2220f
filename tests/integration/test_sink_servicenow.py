"""What is ServiceNow's own: journals, encoded queries, the data dictionary, data policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.adapters.sinks.servicenow import build
from copilot.adapters.sinks.servicenow.sink import ServiceNowSink
from copilot.adapters.sinks.servicenow.speech import quoted
from copilot.config.records import SinkSettings
from copilot.errors import (
    ConfigError,
    SinkAuthError,
    SinkRequestError,
    SinkUnavailableError,
    SinkUnknownError,
)
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products.servicenow import USER, ServiceNowServer, selected

PASSWORD = "a-password-of-a-bot"
KEY = "5e" * 32


@pytest.fixture
def server() -> Iterator[ServiceNowServer]:
    with ServiceNowServer(PASSWORD, page=7) as running:
        yield running


def sink(
    server: ServiceNowServer, *, user: str = USER, **options: str | int | bool
) -> ServiceNowSink:
    settings = SinkSettings(
        kind="servicenow", url=server.url, user=user, key="snow", options=options, timeout_s=10
    )
    return build("snow", settings, key_for=lambda name: PASSWORD)


def creation(key: str = KEY, **values: str) -> SinkWrite:
    return SinkWrite("create", "incident", {"short_description": "VPN drops", **values}, key)


def test_a_comment_is_a_work_note_that_is_made_once(server: ServiceNowServer) -> None:
    snow = sink(server)
    made = snow.write(creation())
    comment = SinkWrite("comment", "incident", {"comment": "Again."}, "c1", made.external_id)
    server.fail_write(done=True)
    with pytest.raises(SinkUnknownError):
        snow.write(comment)
    again = snow.write(comment)
    notes = [entry["value"] for entry in server.tables["sys_journal_field"].values()]
    assert (notes, again.replayed) == (["Again.\n\n[copilot:c1]"], True)
    assert snow.undo_of(comment, again) is None


def test_a_text_that_holds_anothers_mark_keeps_no_comment_out(server: ServiceNowServer) -> None:
    snow = sink(server)
    made = snow.write(creation())
    hostile = SinkWrite(
        "comment", "incident", {"comment": "\n\n[copilot:c2]\n"}, "c1", made.external_id
    )
    snow.write(hostile)
    wanted = SinkWrite("comment", "incident", {"comment": "Hear me."}, "c2", made.external_id)
    assert not snow.write(wanted).replayed


def test_a_comment_is_text_where_a_journal_takes_markup(server: ServiceNowServer) -> None:
    snow = sink(server)
    made = snow.write(creation())
    said = '[code]<img src="https://evil.example/x">[/CODE] [code with a space]'
    snow.write(SinkWrite("comment", "incident", {"comment": said}, "c1", made.external_id))
    (entry,) = server.tables["sys_journal_field"].values()
    assert entry["value"].startswith('(code]<img src="https://evil.example/x">(/CODE] [code with')


@pytest.mark.parametrize(
    "key", ["a^ORcorrelation_id!=a", "javascript:gs.getUserID()", "a^NQactive=true"]
)
def test_a_key_is_one_value_of_a_query(server: ServiceNowServer, key: str) -> None:
    snow = sink(server)
    snow.write(creation("another"))
    assert snow.find("incident", key) is None
    made = snow.write(creation(key))
    assert not made.replayed
    sent = [one.query["sysparm_query"] for one in server.requests if "sysparm_query" in one.query]
    assert not any("javascript:" in query for query in sent)


def test_a_key_is_told_from_one_that_differs_in_case(server: ServiceNowServer) -> None:
    server.add("incident", {"short_description": "x", "correlation_id": KEY.upper()})
    assert sink(server).find("incident", KEY) is None


def test_a_table_without_a_place_for_the_key_is_not_written_to(server: ServiceNowServer) -> None:
    snow = sink(server)
    server.tables["incident"] = {"x": {"sys_id": "x", "short_description": "Another"}}
    with pytest.raises(SinkRequestError, match="no correlation_id"):
        snow.write(creation())
    assert list(server.tables["incident"]) == ["x"]
    rows = server.tables["sys_dictionary"]
    rows.pop(next(id_ for id_, row in rows.items() if row["element"] == "correlation_id"))
    with pytest.raises(SinkRequestError, match="no correlation_id") as failure:
        snow.fields("incident")
    assert "options.table" in failure.value.hint


def test_its_fields_come_from_the_table_and_what_it_extends_page_by_page(
    server: ServiceNowServer,
) -> None:
    known = {one.name: one for one in sink(server).fields("incident")}
    assert {"short_description", "urgency", "close_code"} <= known.keys()
    assert known["urgency"].choices == ("1", "2", "3")
    assert known["short_description"].required
    assert not known["sys_id"].writable
    pages = [one for one in server.requests if one.path.endswith("/sys_dictionary")]
    assert len(pages) == 3


def test_a_dictionary_that_may_not_be_read_is_a_right_that_lacks(server: ServiceNowServer) -> None:
    server.tables["sys_dictionary"].clear()
    with pytest.raises(SinkAuthError, match="fields of incident") as failure:
        sink(server).fields("incident")
    assert "personalize_dictionary" in failure.value.hint


def test_a_refusal_without_a_data_policy_is_a_matter_of_rights(server: ServiceNowServer) -> None:
    denied = {"error": {"message": "Operation Failed", "detail": "ACL Exception Insert Failed"}}
    server.fail_write(HttpReply(403, denied))
    with pytest.raises(SinkAuthError, match="ACL Exception"):
        sink(server).write(creation())


def test_a_withdrawn_incident_is_resolved_with_the_code_that_is_configured(
    server: ServiceNowServer,
) -> None:
    snow = sink(server, close_code="Duplicate")
    write = creation()
    undo = snow.undo_of(write, snow.write(write))
    assert undo is not None and undo.operation == "close"
    snow.write(undo)
    (row,) = server.tables["incident"].values()
    assert (row["state"], row["close_code"]) == ("6", "Duplicate")


def test_undo_deletes_where_that_is_configured(server: ServiceNowServer) -> None:
    snow = sink(server, undo="delete")
    write = creation()
    undo = snow.undo_of(write, snow.write(write))
    assert undo is not None
    assert [snow.write(undo).replayed, snow.write(undo).replayed] == [False, True]
    assert not server.tables["incident"]


def test_without_a_user_the_key_is_a_bearer_token(server: ServiceNowServer) -> None:
    assert sink(server, user="").check() == f"Copilot Bot ({USER})"
    assert server.requests[0].headers["authorization"].startswith("Bearer ")


@given(st.text(alphabet="^ORNQjavascript:=a", max_size=30))
def test_no_value_is_more_than_one_value_of_a_query(text: str) -> None:
    rows = [{"sys_id": "1", "correlation_id": "a"}, {"sys_id": "2", "correlation_id": "b"}]
    found = selected(rows, f"correlation_id={quoted(text)}^ORDERBYsys_created_on")
    meant = quoted(text).replace("^^", "^")
    assert [row["correlation_id"] for row in found] == [meant] * (meant in ("a", "b"))
    assert "javascript:" not in quoted(text)


def test_what_is_removed_from_a_value_leaves_no_script_behind() -> None:
    assert quoted("javajavascript:script:gs.log()") == "gs.log()"


def test_several_values_are_one_text_and_a_moment_is_in_utc(server: ServiceNowServer) -> None:
    snow = sink(server)
    values: dict[str, Json] = {
        "short_description": ["VPN drops", "again"],
        "due_date": "2026-11-22T14:00+01:00",
        "description": "2026-11-22T14:00 is when it began",
    }
    made = snow.write(SinkWrite("create", "incident", values, KEY))
    row = server.tables["incident"][made.external_id]
    assert row["short_description"] == "VPN drops, again"
    assert row["due_date"] == "2026-11-22 13:00:00"
    assert row["description"] == "2026-11-22T14:00 is when it began"


def test_an_option_that_does_nothing_is_refused_with_the_nearest_that_does(
    server: ServiceNowServer,
) -> None:
    with pytest.raises(ConfigError, match="close_sate is no option of servicenow") as failure:
        sink(server, close_sate="7")
    assert failure.value.hint.startswith("did you mean close_state?")


def test_a_table_is_a_name(server: ServiceNowServer) -> None:
    with pytest.raises(ConfigError, match=r"options\.table"):
        sink(server, table="incident/../sys_user")


def test_an_answer_that_servicenow_gave_up_on_is_no_sign_that_nothing_is_there(
    server: ServiceNowServer,
) -> None:
    said = {"message": "Transaction cancelled: maximum execution time exceeded", "detail": "…"}
    server.fail_read(HttpReply(200, {"result": [], "error": said, "status": "failure"}))
    with pytest.raises(SinkUnavailableError, match="Transaction cancelled"):
        sink(server).find("incident", KEY)


def test_a_change_does_not_touch_the_key(server: ServiceNowServer) -> None:
    snow = sink(server)
    number = snow.write(creation()).external_id
    values: dict[str, Json] = {"correlation_id": "another", "urgency": "1"}
    snow.write(SinkWrite("update", "incident", values, "", number))
    found = snow.find("incident", KEY)
    assert found is not None and found.values["urgency"] == "1"
