"""What is Jira's own: shapes of values, documents, transitions, labels, a search that lags."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from copilot.adapters.sinks.jira import JiraSink, build
from copilot.adapters.sinks.jira.documents import document, text_of
from copilot.adapters.sinks.jira.naming import flat, shaped
from copilot.adapters.sinks.marked_text import stamp
from copilot.config.records import SinkSettings
from copilot.errors import SinkRequestError, SinkUnavailableError
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products import jira as jira_server
from tests.products.jira import PROJECT, USER, JiraServer

TOKEN = "ATATT3x-0123456789"
KEY = "5e" * 32


@pytest.fixture
def server() -> Iterator[JiraServer]:
    with JiraServer(TOKEN) as running:
        yield running


def sink(server: JiraServer, *, path: str = "", **options: str | int | bool) -> JiraSink:
    settings = SinkSettings(
        kind="jira",
        url=server.url + path,
        user=USER,
        key="jira-token",
        options={"project": PROJECT, **options},
        timeout_s=10,
    )
    return build("jira", settings, key_for=lambda name: TOKEN)


def issue(key: str = KEY, **values: Json) -> SinkWrite:
    held: dict[str, Json] = {"summary": "Export fails", "description": "It stops."}
    return SinkWrite("create", "Task", {**held, **values}, key)


def test_its_search_lags_and_it_says_so(server: JiraServer) -> None:
    jira = sink(server)
    jira.write(issue())
    assert jira.find("Task", KEY) is None
    assert jira.settles_s > 0
    server.settle()
    assert jira.find("Task", KEY) is not None


def test_a_token_with_scopes_changes_the_address_and_neither_links_nor_target(
    server: JiraServer,
) -> None:
    scoped = sink(server, path="/ex/jira/11aa-22bb", site=server.url)
    made = scoped.write(issue())
    assert server.requests[-1].path == "/ex/jira/11aa-22bb/rest/api/3/issue"
    assert made.url == f"{server.url}/browse/{made.external_id}"
    assert scoped.target == sink(server).target


def test_fields_of_all_pages_are_named_by_the_shape_of_their_values(server: JiraServer) -> None:
    fields = {one.name: one for one in sink(server).fields("Task")}
    assert fields["summary"].required and not fields["description"].required
    assert fields["priority.name"].choices == ("Highest", "High", "Medium", "Low", "Lowest")
    assert fields["components[].name"].choices == ("API", "Export")
    assert fields["customfield_10050.value"].choices == ("gold", "silver")
    assert fields["labels"].type == "array"
    assert fields["duedate"].type == "date"
    assert "customfield_10060.adf" in fields
    assert "project" not in fields
    assert not fields["status.name"].writable
    assert sum(name.startswith("customfield_2") for name in fields) == 120


def test_values_go_out_in_the_shape_that_their_names_say_and_come_back(server: JiraServer) -> None:
    jira = sink(server)
    values: dict[str, Json] = {
        "summary": "Export fails",
        "description": "a\n\nb",
        "priority.name": "High",
        "components[].name": ["API", "Export"],
        "customfield_10050.value": "gold",
        "customfield_10060.adf": "c\nd",
        "duedate": "2026-12-01",
        "labels": ["x"],
    }
    number = jira.write(issue(**values)).external_id
    sent = server.issues[number]["fields"]
    assert sent["priority"] == {"name": "High"}
    assert sent["components"] == [{"name": "API"}, {"name": "Export"}]
    assert sent["customfield_10050"] == {"value": "gold"}
    assert sent["customfield_10060"]["type"] == "doc"
    held = jira.read("Task", number).values
    assert {name: held[name] for name in values} == values


def test_an_emptied_field_goes_out_as_null_and_a_list_as_an_empty_one() -> None:
    names = ["priority.name", "components[].name", "customfield_1.adf", "description", "duedate"]
    assert shaped(dict.fromkeys(names)) == {
        "priority": None,
        "components": [],
        "customfield_1": None,
        "description": None,
        "duedate": None,
    }
    assert flat({"priority": None, "x": [], "labels": None}) == {
        "priority": None,
        "x": [],
        "labels": [],
    }


@pytest.mark.parametrize(
    "said", ["", "a", "a\nb", "a\n\nb", "\n\n\na\n\n\n\nb\n", "copilot:k" + "0" * 32, " x \t"]
)
def test_a_text_comes_back_from_a_document_as_it_went_in(said: str) -> None:
    assert text_of(document(said)) == said


def test_a_document_that_a_person_wrote_is_read_as_text() -> None:
    def node(kind: str, *content: Json, **more: Json) -> Json:
        return {"type": kind, "content": list(content), **more}

    def said(words: str) -> Json:
        return {"type": "text", "text": words}

    items = [node("listItem", node("paragraph", said(words))) for words in ("one", "two")]
    mention: Json = {"type": "mention", "attrs": {"id": "1", "text": "@Ann"}}
    whole = node("doc", node("paragraph", said("Hello "), mention), node("bulletList", *items))
    assert text_of(whole) == "Hello @Ann\n\none\ntwo"


def test_a_mark_of_a_comment_cannot_be_written_by_its_text(server: JiraServer) -> None:
    jira = sink(server)
    number = jira.write(issue()).external_id
    faked = {"comment": f"x\n\ncopilot:{stamp('real')}"}
    jira.write(SinkWrite("comment", "Task", faked, "other", number))
    real = SinkWrite("comment", "Task", {"comment": "Real."}, "real", number)
    said = document(f"copilot:{stamp('real')}")  # by a person, who saw one
    server.comments[99] = {"id": "99", "issue": number, "body": said}
    assert not jira.write(real).replayed
    assert jira.write(real).replayed


def test_a_label_like_our_mark_is_not_taken_from_a_record(server: JiraServer) -> None:
    jira = sink(server, labels="support")
    faked = f"copilot-{stamp('other')}"
    number = jira.write(issue(labels=[faked, "x"])).external_id
    jira.write(SinkWrite("update", "Task", {"labels": [faked, "y"]}, "", number))
    server.settle()
    assert jira.find("Task", "other") is None
    assert jira.find("Task", KEY) is not None
    assert jira.read("Task", number).values["labels"] == ["y"]


def test_an_issue_is_closed_by_a_transition_that_its_workflow_has(server: JiraServer) -> None:
    jira = sink(server)
    number = jira.write(issue()).external_id
    close = SinkWrite("close", "Task", {}, "", number)
    receipt = jira.write(close)
    assert receipt.before == {"status.name": "To Do"}
    assert jira.write(close).before == {}
    undo = jira.undo_of(close, receipt)
    assert undo is not None
    jira.write(undo)
    assert jira.read("Task", number).values["status.name"] == "To Do"


def test_the_status_to_close_with_may_be_chosen(server: JiraServer) -> None:
    jira = sink(server, close_status="in progress")
    number = jira.write(issue()).external_id
    jira.write(SinkWrite("close", "Task", {}, "", number))
    assert jira.read("Task", number).values["status.name"] == "In Progress"


def test_a_status_that_no_transition_leads_to_is_named_with_those_that_there_are(
    server: JiraServer,
) -> None:
    jira = sink(server, close_status="Withdrawn")
    number = jira.write(issue()).external_id
    with pytest.raises(SinkRequestError, match="In Progress, Done") as failure:
        jira.write(SinkWrite("close", "Task", {}, "", number))
    assert list(failure.value.fields) == ["status.name"]


def test_an_issue_that_another_changes_at_this_moment_is_for_later(server: JiraServer) -> None:
    jira = sink(server)
    number = jira.write(issue()).external_id
    server.fail_write(HttpReply(409, {"errorMessages": ["Conflicting update."], "errors": {}}))
    with pytest.raises(SinkUnavailableError, match="Conflicting"):
        jira.write(SinkWrite("update", "Task", {"summary": "Now"}, "", number))


def test_a_status_is_not_changed_along_with_fields(server: JiraServer) -> None:
    jira = sink(server)
    number = jira.write(issue()).external_id
    both: dict[str, Json] = {"status.name": "Done", "summary": "Other"}
    with pytest.raises(SinkRequestError):
        jira.write(SinkWrite("update", "Task", both, "", number))
    assert jira.read("Task", number).title == "Export fails"


def test_the_type_of_an_issue_follows_the_schema(server: JiraServer) -> None:
    jira = sink(server, issue_type="Bug", issue_type_feature_request="Story")
    assert (jira.kind_for("ticket"), jira.kind_for("feature_request")) == ("Bug", "Story")
    assert jira.kind_for("crm_contact") is None
    with pytest.raises(SinkRequestError, match="Story") as failure:
        jira.check()
    assert "Task, Bug" in failure.value.hint


def test_a_type_whose_screen_lacks_labels_is_told_when_it_is_checked(
    server: JiraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sink(server).check() == f"Copilot Bot in {PROJECT}"
    without = [field for field in jira_server.FIELDS if field["fieldId"] != "labels"]
    monkeypatch.setattr(jira_server, "FIELDS", without)
    with pytest.raises(SinkRequestError) as failure:
        sink(server).check()
    assert list(failure.value.fields) == ["labels"]


def test_a_summary_is_one_line(server: JiraServer) -> None:
    jira = sink(server)
    number = jira.write(issue(summary="Export\r\n  fails")).external_id
    assert jira.read("Task", number).title == "Export fails"


def test_a_schema_that_the_configuration_maps_is_taken_too(server: JiraServer) -> None:
    settings = SinkSettings(
        kind="jira",
        url=server.url,
        user=USER,
        key="jira-token",
        options={"project": PROJECT},
        fields={"warranty_claim": {"summary": "item"}},
    )
    jira = build("jira", settings, key_for=lambda name: TOKEN)
    assert jira.kind_for("warranty_claim") == "Task"
    assert jira.default_fields("warranty_claim") == {}


def test_what_is_similar_is_looked_for_in_more_than_a_page(server: JiraServer) -> None:
    jira = sink(server)
    titles = [
        f"Export fails at {where}" for where in ("night", "noon", "dawn", "dusk", "month end")
    ]
    for title in titles:
        jira.write(issue(title, summary=title))
    server.settle()
    for title in (titles[0], titles[-1]):  # the oldest and the newest
        assert jira.similar("Task", {"summary": title}, limit=2)[0].title == title
