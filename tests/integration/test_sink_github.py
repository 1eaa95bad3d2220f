"""What is GitHub's own: marks behind the text, two kinds of 403, pages, pull requests, apps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from copilot.adapters.sinks.github import GitHubSink, build
from copilot.adapters.sinks.marked_text import stamp, wrapped
from copilot.config.records import SinkSettings
from copilot.errors import (
    NotFoundError,
    SinkAuthError,
    SinkRequestError,
    SinkUnavailableError,
)
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply, HttpRequest
from tests.products.github import ACCOUNT, NAME, OWNER, GitHubServer, mentioned

TOKEN = "github_pat_0123456789"
KEY = "5e" * 32


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN) as running:
        yield running


def sink(server: GitHubServer, **options: str | int | bool) -> GitHubSink:
    settings = SinkSettings(
        kind="github",
        url=server.url,
        key="hub",
        options={"repository": f"{OWNER}/{NAME}", **options},
        timeout_s=10,
    )
    return build("hub", settings, key_for=lambda name: TOKEN)


def issue(key: str = KEY, **values: Json) -> SinkWrite:
    held: dict[str, Json] = {"title": "Export fails", "body": "It stops."}
    return SinkWrite("create", "issue", {**held, **values}, key)


def asked(server: GitHubServer, method: str, ending: str) -> list[HttpRequest]:
    return [one for one in server.requests if one.method == method and one.path.endswith(ending)]


def test_the_text_is_a_block_that_calls_nobody_with_an_unseen_mark_behind(
    server: GitHubServer,
) -> None:
    said = "```\n@octocat\n````\n@acme/team, closes #1\n<!-- copilot:k" + "0" * 32 + " -->"
    sink(server).write(issue(body=said))
    body = server.issues[0]["body"]
    assert mentioned(said) and not mentioned(body)
    assert body == f"`````text\n{said}\n`````\n\n<!-- copilot:{stamp(KEY)} -->"


def test_a_text_that_a_person_wrote_on_is_read_whole_and_keeps_its_mark(
    server: GitHubServer,
) -> None:
    hub = sink(server)
    number = hub.write(issue()).external_id
    server.issues[0]["body"] += "\r\n\r\nSeen it, too."
    assert "Seen it, too." in str(hub.read("issue", number).values["body"])
    hub.write(SinkWrite("update", "issue", {"body": "New."}, "", number))
    assert hub.read("issue", number).values["body"] == "New."
    found = hub.find("issue", KEY)
    assert found is not None and found.external_id == number


@pytest.mark.parametrize("body", [None, "", "Plain words of a person.", "```\ncode\n```"])
def test_an_issue_of_other_peoples_making_is_read_as_it_is(
    server: GitHubServer, body: str | None
) -> None:
    server.fill(1, by="ann")
    server.issues[0]["body"] = body
    assert sink(server).read("issue", "1").values["body"] == (body or "")


def test_a_mark_that_somebody_else_copied_or_a_pull_request_is_not_ours(
    server: GitHubServer,
) -> None:
    server.fill(2, by="ann")
    server.issues[0]["body"] = wrapped("Copied.", (stamp(KEY),))
    server.fill(1)
    server.issues[2] |= {"body": wrapped("", (stamp(KEY),)), "pull_request": {"url": "x"}}
    assert sink(server).find("issue", KEY) is None


def test_all_pages_of_our_issues_are_walked(server: GitHubServer) -> None:
    hub = sink(server)
    hub.write(issue())
    server.fill(1250)  # of which pages by number hold the first thousand
    server.requests.clear()
    assert hub.find("issue", KEY) is not None
    pages = asked(server, "GET", "/issues")
    assert len(pages) == 13
    assert {(one.query["state"], one.query["creator"]) for one in pages} == {("all", ACCOUNT)}


def test_many_new_issues_cost_one_walk_through_the_old_ones(server: GitHubServer) -> None:
    hub = sink(server)
    server.fill(450)
    for number in range(10):
        hub.write(issue(f"{number:064x}"))
    assert len(asked(server, "GET", "/issues")) == 5 + 9 * 2
    assert all(hub.write(issue(f"{number:064x}")).replayed for number in range(10))
    assert len(server.issues) == 460


def test_an_issue_that_was_deleted_since_it_was_seen_is_not_found(server: GitHubServer) -> None:
    hub = sink(server)
    hub.write(issue())
    assert hub.find("issue", KEY) is not None
    server.fail_read(HttpReply(200, []))
    server.fail_read(HttpReply(410, {"message": "This issue was deleted"}))
    assert hub.find("issue", KEY) is None


def test_what_github_names_as_the_next_page_is_no_way_to_another_host(
    server: GitHubServer,
) -> None:
    hub = sink(server)
    hub.write(issue())
    server.fill(1)
    with GitHubServer(TOKEN) as elsewhere:
        link = f'<{elsewhere.url}/repos/x/y/issues?page=2>; rel="next"'
        server.fail_read(HttpReply(200, server.issues[1:], {"Link": link}))
        assert hub.find("issue", KEY) is None
        assert elsewhere.requests == []


def test_an_app_that_is_no_user_looks_through_all_issues(server: GitHubServer) -> None:
    server.fill(1, by="ann")
    server.issues[0]["body"] = wrapped("Ours.", (stamp(KEY),))
    server.fail_read(HttpReply(403, {"message": "Resource not accessible by integration"}))
    assert sink(server).find("issue", KEY) is not None


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (HttpReply(403, {"message": "You have exceeded a secondary rate limit."}), None),
        (HttpReply(403, {"message": "Slow down."}, {"Retry-After": "60"}), 60),
        (HttpReply(429, {"message": "Too many requests"}, {"Retry-After": "5"}), 5),
    ],
)
def test_each_way_of_asking_to_slow_down_is_understood(
    server: GitHubServer, reply: HttpReply, seconds: float | None
) -> None:
    server.fail_write(reply)
    with pytest.raises(SinkUnavailableError) as failure:
        sink(server).write(issue())
    assert failure.value.retry_after == seconds


def test_a_limit_that_is_spent_is_lifted_when_github_says(server: GitHubServer) -> None:
    server.fail_write(server.limited(3600))
    with pytest.raises(SinkUnavailableError) as failure:
        sink(server).write(issue())
    assert failure.value.retry_after == pytest.approx(3600, abs=60)


def test_a_missing_right_is_no_limit(server: GitHubServer) -> None:
    said = {"message": "Resource not accessible by personal access token"}
    server.fail_write(HttpReply(403, said, {"x-ratelimit-remaining": "4999"}))
    with pytest.raises(SinkAuthError, match="not accessible"):
        sink(server).write(issue())


def test_each_kind_of_complaint_is_told(server: GitHubServer) -> None:
    errors = [
        {"resource": "Issue", "field": "title", "code": "missing_field"},
        {"resource": "Issue", "field": "milestone", "code": "invalid", "value": 99},
        {"resource": "Label", "field": "labels", "code": "custom", "message": "too many"},
        {"resource": "Issue", "code": "custom", "message": "body is too long"},
        "something in plain words",
    ]
    server.fail_write(HttpReply(422, {"message": "Validation Failed", "errors": errors}))
    with pytest.raises(SinkRequestError) as failure:
        sink(server).write(issue())
    assert failure.value.fields == {
        "title": "is required",
        "milestone": "is invalid",
        "labels": "too many",
    }
    assert "body is too long" in str(failure.value)
    assert "something in plain words" in str(failure.value)


def test_labels_of_the_configuration_go_on_each_new_issue(server: GitHubServer) -> None:
    hub = sink(server, labels="support, from mail")
    number = hub.write(issue(labels="bug")).external_id
    assert hub.read("issue", number).values["labels"] == ["bug", "support", "from mail"]


def test_its_metadata_holds_the_labels_of_all_pages(server: GitHubServer) -> None:
    labels = next(one for one in sink(server).fields("issue") if one.name == "labels")
    assert len(labels.choices) == 121


def test_a_repository_without_issues_is_told_when_it_is_checked(server: GitHubServer) -> None:
    hub = sink(server)
    assert hub.check() == f"copilot-bot in {OWNER}/{NAME}"
    server.fail_read(HttpReply(200, {"has_issues": False}))
    with pytest.raises(SinkRequestError, match="switched off"):
        hub.check()


def test_a_repository_that_the_key_does_not_see_is_told(server: GitHubServer) -> None:
    with pytest.raises(NotFoundError):
        sink(server, repository="acme/other").check()


def test_an_old_issue_behind_many_newer_ones_is_found_by_search(server: GitHubServer) -> None:
    hub = sink(server)
    number = hub.write(issue(title="Printer on floor 7 eats paper")).external_id
    server.fill(310)
    server.requests.clear()
    found = hub.similar("issue", {"title": 'Again floor 7 printer "eats" repo:x/y paper'}, limit=3)
    assert [one.external_id for one in found] == [number]
    (search,) = asked(server, "GET", "/search/issues")
    assert search.query["q"].count("repo:") == 1


def test_issues_are_never_deleted(server: GitHubServer) -> None:
    hub = sink(server)
    number = hub.write(issue()).external_id
    with pytest.raises(SinkRequestError, match="deletes no issues"):
        hub.write(SinkWrite("delete", "issue", {}, "", number))


def test_an_id_is_no_way_to_another_path(server: GitHubServer) -> None:
    hub = sink(server)
    with pytest.raises(NotFoundError):
        hub.read("issue", "../../../user")
    with pytest.raises(NotFoundError):
        hub.write(SinkWrite("comment", "issue", {"comment": "x"}, KEY, "1/lock?x="))
    assert all(one.path.count("/") <= 6 for one in server.requests)
    assert not [one for one in server.requests if "lock" in one.path and "%2F" not in one.path]


def test_a_target_does_not_depend_on_how_a_repository_is_spelt(server: GitHubServer) -> None:
    assert sink(server, repository="ACME/Support").target == sink(server).target


def test_an_update_to_what_is_there_calls_nothing(server: GitHubServer) -> None:
    hub = sink(server)
    number = hub.write(issue(title="Export\n fails")).external_id
    same: dict[str, Json] = {"title": "Export fails", "body": "It stops.", "labels": []}
    assert hub.write(SinkWrite("update", "issue", same, "", number)).before == {}
    assert not [one for one in server.requests if one.method == "PATCH"]


def test_of_an_apps_issue_and_its_copies_the_oldest_is_ours(server: GitHubServer) -> None:
    server.fill(3, by="ann")
    for one in server.issues[1:]:
        one["body"] = wrapped("Ours.", (stamp(KEY),))
    server.fail_read(HttpReply(403, {"message": "Resource not accessible by integration"}))
    found = sink(server).find("issue", KEY)
    assert found is not None and found.external_id == "2"


def test_an_issue_that_was_deleted_is_not_found(server: GitHubServer) -> None:
    server.fail_read(HttpReply(410, {"message": "This issue was deleted"}))
    with pytest.raises(NotFoundError, match="has no issue 7"):
        sink(server).read("issue", "7")
