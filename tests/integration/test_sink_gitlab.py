"""What is GitLab's own: commands in texts, references that leave notes, complaints of two kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from copilot.adapters.sinks.gitlab import GitLabSink, build
from copilot.config.records import SinkSettings
from copilot.errors import NotFoundError, SinkRequestError, SinkUnavailableError
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.products.gitlab import PROJECT, GitLabServer

TOKEN = "glpat-0123456789"
KEY = "5e" * 32


@pytest.fixture
def server() -> Iterator[GitLabServer]:
    with GitLabServer(TOKEN) as running:
        yield running


def sink(server: GitLabServer, *, url: str = "", **options: str | int | bool) -> GitLabSink:
    settings = SinkSettings(
        kind="gitlab",
        url=url or server.url,
        key="lab",
        options={"project": PROJECT, **options},
        timeout_s=10,
    )
    return build("lab", settings, key_for=lambda name: TOKEN)


def issue(key: str = KEY, **values: Json) -> SinkWrite:
    held: dict[str, Json] = {"title": "Export fails", "description": "It stops."}
    return SinkWrite("create", "issue", {**held, **values}, key)


HOSTILE = [
    "/close",
    "words\n/assign @root\nwords",
    "```\ncode\n```\n/close",
    "`````\n```\n/close\n```\n/close\n`````",
    "~~~\n/close\n~~~",
    ">>>\nquote\n>>>\n/close",
    "hello @root, see #1 and acme/other#1",
    "````\n@root\n````\n@all #2",
    "<!--\n/close\n-->\n@root",
    "\r\n/close\r\n",
    "  /close",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_no_text_runs_a_command_calls_a_person_or_refers_to_an_issue(
    server: GitLabServer, said: str
) -> None:
    lab = sink(server)
    number = lab.write(issue(title=f"Re: {said}", description=said)).external_id
    lab.write(SinkWrite("comment", "issue", {"comment": said}, "c", number))
    held = lab.read("issue", number)
    assert (server.called, server.referred) == ([], [])
    assert held.open
    assert held.values["description"] == said.replace("\r\n", "\n")
    assert held.title == " ".join(f"Re: {said}".split())


def test_the_server_would_do_what_an_unwrapped_text_says(server: GitLabServer) -> None:
    for number, said in enumerate(HOSTILE[:3]):
        server._open({"title": f"no. {number}", "description": said})
    assert server.called.count("/close") == 2


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({"due_date": "soon"}, "due_date", "is invalid"),
        ({"title": ""}, "title", "can't be blank"),
    ],
)
def test_complaints_of_the_api_and_of_the_model_name_the_field(
    server: GitLabServer, values: dict[str, Json], field: str, why: str
) -> None:
    with pytest.raises(SinkRequestError) as failure:
        sink(server).write(issue(**values))
    assert failure.value.fields == {field: why}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "400 Bad request - Note is blank"}, "Note is blank"),
        ({"error": "insufficient_scope", "error_description": "needs api"}, "needs api"),
        ({"message": ["one", "two"]}, "one, two"),
    ],
)
def test_other_complaints_are_told_as_they_are(
    server: GitLabServer, body: dict[str, object], said: str
) -> None:
    server.fail_write(HttpReply(400, body))
    with pytest.raises(SinkRequestError, match=said) as failure:
        sink(server).write(issue())
    assert failure.value.fields == {}


def test_a_limit_in_plain_text_is_understood(server: GitLabServer) -> None:
    server.fail_write(HttpReply(429, b"Retry later\n", {"RateLimit-Reset": "25"}))
    with pytest.raises(SinkUnavailableError) as failure:
        sink(server).write(issue())
    assert failure.value.retry_after == 25


def test_the_address_may_be_the_sites_or_the_apis(server: GitLabServer) -> None:
    targets = {
        sink(server, url=server.url + end).target for end in ("", "/", "/api/v4", "/api/v4/")
    }
    assert len(targets) == 1
    assert sink(server, url=f"{server.url}/api/v4").check() == f"copilot-bot in {PROJECT}"


def test_a_project_that_the_key_does_not_see_is_told(server: GitLabServer) -> None:
    with pytest.raises(NotFoundError, match="Project Not Found"):
        sink(server, project="acme/other").check()


def test_options_make_new_issues_confidential_and_labelled(server: GitLabServer) -> None:
    lab = sink(server, labels="support", confidential=True)
    number = lab.write(issue(labels=["bug"])).external_id
    values = lab.read("issue", number).values
    assert (values["labels"], values["confidential"]) == (["bug", "support"], True)


def test_fields_are_emptied_as_gitlab_wants_it_and_come_back(server: GitLabServer) -> None:
    lab = sink(server)
    full: dict[str, Json] = {"labels": ["a", "b"], "milestone_id": 3, "due_date": "2026-12-01"}
    number = lab.write(issue(**full)).external_id
    empty: dict[str, Json] = {"labels": [], "milestone_id": None, "due_date": None}
    update = SinkWrite("update", "issue", empty, "", number)
    receipt = lab.write(update)
    held = lab.read("issue", number).values
    assert {name: held[name] for name in empty} == empty
    undo = lab.undo_of(update, receipt)
    assert undo is not None
    lab.write(undo)
    held = lab.read("issue", number).values
    assert {name: held[name] for name in full} == full


def test_an_undone_creation_may_be_deleted(server: GitLabServer) -> None:
    lab = sink(server, undo="delete")
    undo = lab.undo_of(issue(), lab.write(issue()))
    assert undo is not None
    assert not lab.write(undo).replayed
    assert server.issues == {}
    assert lab.write(undo).replayed


def test_all_pages_of_our_issues_are_walked_and_of_others_none(server: GitLabServer) -> None:
    lab = sink(server)
    lab.write(issue())
    server.fill(150)
    server.fill(500, by="ann")
    server.requests.clear()
    assert lab.find("issue", KEY) is not None
    pages = [one.query["page"] for one in server.requests if one.path.endswith("/issues")]
    assert pages == ["1", "2"]


def test_an_old_issue_behind_many_newer_ones_is_found_by_search(server: GitLabServer) -> None:
    lab = sink(server)
    number = lab.write(issue(title="Printer on floor 7 eats paper")).external_id
    server.fill(310)
    found = lab.similar("issue", {"title": "Again: floor 7 printer eats paper"}, limit=3)
    assert [one.external_id for one in found] == [number]
