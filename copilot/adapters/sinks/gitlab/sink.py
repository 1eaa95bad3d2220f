"""GitLab Issues of one project as a sink.

The idempotency key stands in a comment that nobody sees, behind the text. Invariant: a creation
is sent only after the key was looked for in the issues that this account made; and no text of a
stranger runs a command (``/close``), calls a person or leaves a note at another issue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from copilot.adapters.sinks.answers import (
    before,
    item,
    items,
    listed,
    row_of,
    rows_of,
    stated,
    text,
)
from copilot.adapters.sinks.calling import Caller
from copilot.adapters.sinks.gitlab.speech import manners
from copilot.adapters.sinks.lengths import Room, cut, fitted, units
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.marked_text import (
    inert_line,
    plain_line,
    stamp,
    unwrapped,
    wrapped,
)
from copilot.adapters.sinks.options import (
    flag_option,
    list_option,
    number_option,
    only_options,
    text_option,
)
from copilot.adapters.sinks.undoing import chosen_undoing, undoing
from copilot.adapters.sinks.walking import Walked
from copilot.config.records import SinkSettings
from copilot.errors import NotFoundError, SinkRequestError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

Row = Mapping[str, Json]

_SITE = "https://gitlab.com"
_API = "/api/v4"
_ISSUES = ("ticket", "incident", "feature_request")
_OPTIONS = ("project", "labels", "confidential", "settles_s", "undo")
_PAGE = 100
_MOST_PAGES = 50
_NEAR_PAGES = 3  # the latest open issues that a new one is compared with
_SEARCHED = 2  # words: all of them must stand in a title, and more would miss what is said anew
# GitLab ends a request after 60 s; until then one that we gave up on may still write.
_SETTLES_S = 60
_STATES = {"opened": "reopen", "closed": "close"}
_EMPTY: Mapping[str, Json] = {"due_date": "", "milestone_id": 0}
_PLAIN = ("due_date", "weight", "confidential", "issue_type")
_MOST_TEXT = 900_000  # of 1,048,576, the rest is for what the text stands in
_ROOM = Room(
    "title", "description", 255, _MOST_TEXT, title_size=lambda line: units(inert_line(line))
)


def build(name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]) -> GitLabSink:
    """The sink of these settings; calls nothing. ConfigError."""
    caller = Caller(
        name,
        _base(settings),
        manners=manners(),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )
    return GitLabSink(name, settings, caller)


class GitLabSink:
    """Issues of ``options.project``, a path or a number; ``options.labels`` go on each new one."""

    def __init__(self, name: str, settings: SinkSettings, caller: Caller) -> None:
        self._name = name
        self._caller = caller
        only_options(settings, *_OPTIONS, sink=name)
        self._schemas = (*_ISSUES, *settings.fields)
        self._project = text_option(settings, "project", sink=name).strip("/")
        self._base = _base(settings)
        self._project_path = f"/projects/{_part(self._project)}"
        self._path = f"{self._project_path}/issues"
        self._labels = list_option(settings, "labels", sink=name)
        self._confidential = flag_option(settings, "confidential", sink=name)
        self._walked = Walked()
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)
        self._undo = chosen_undoing(settings, sink=name, default="close")

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"gitlab:{self._base}/{self._project.lower()}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        return "issue" if schema in self._schemas else None

    def default_fields(self, schema: str) -> Mapping[str, str]:
        fields = {"title": "title", "description": "@text"}
        if schema not in _ISSUES:
            return {}
        return fields if schema == "incident" else fields | {"due_date": "due_date"}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        labels = self._pages(f"{self._project_path}/labels")
        return (
            SinkField("title", "Title", required=True),
            SinkField("description", "Description"),
            SinkField(
                "labels", "Labels", "array", choices=tuple(text(one, "name") for one in labels)
            ),
            SinkField("due_date", "Due date", "date"),
            SinkField("assignee_ids", "Assignees' numbers", "array"),
            SinkField("milestone_id", "Milestone's number", "integer"),
            SinkField("weight", "Weight", "integer"),
            SinkField("confidential", "Confidential", "boolean"),
            SinkField("issue_type", "Type", choices=("issue", "incident", "task")),
            SinkField("state", "State", choices=tuple(_STATES), writable=False),
        )

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return undoing(write, receipt, creation=self._undo, comments=True)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        return (self._caller.shown(*self._request(write, marks=())),)

    def check(self) -> str:
        who = self._caller.get("/user").body
        project = self._caller.get(self._project_path).body
        if item(project, "issues_access_level") == "disabled":
            raise SinkRequestError(
                f"{self._name}: issues are switched off in {self._project}",
                hint="switch them on in the project's settings",
            )
        return f"{text(who, 'username')} in {text(project, 'path_with_namespace')}"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        issues = (
            (text(one, "iid"), unwrapped(text(one, "description")).marks)
            for one in self._pages(self._path, {"scope": "created_by_me", "state": "all"})
        )
        number = self._walked.find(stamp(key), issues)
        return None if number is None else self._there(kind, number)

    def read(self, kind: str, external_id: str) -> SinkEntry:
        return _entry(self._issue(external_id))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        title = str(values.get("title") or "")
        if not telling(title) or limit < 1:
            return []
        wanted = {"scope": "all", "state": "opened"}
        near = list(self._pages(self._path, wanted, most=_NEAR_PAGES))
        if len(near) == _PAGE * _NEAR_PAGES:  # there are more, older ones
            told = " ".join(telling(title)[:_SEARCHED])
            near += self._pages(self._path, {**wanted, "search": told, "in": "title"}, most=1)
        entries = {text(one, "iid"): _entry(one) for one in near}
        return likeliest(entries.values(), title, limit=limit)

    def write(self, write: SinkWrite) -> Receipt:
        match write.operation:
            case "create":
                return self._create(write)
            case "comment":
                return self._comment(write)
            case "delete":
                method, path, _ = self._request(write, marks=())
                gone = self._caller.send(method, path, accept=(404,)).status == 404
                return Receipt(write.external_id, replayed=gone)
            case _:
                return self._change(write)

    def _create(self, write: SinkWrite) -> Receipt:
        held = self.find(write.kind, write.key)
        if held is not None:
            return Receipt(held.external_id, held.url, replayed=True)
        answer = self._caller.send(*self._request(write, marks=()))
        number = stated(answer, "iid", sink=self._name)
        return Receipt(number, text(answer.body, "web_url"))

    def _change(self, write: SinkWrite) -> Receipt:
        issue = self._issue(write.external_id)
        held = _entry(issue)
        wanted = {"state": "closed"} if write.operation == "close" else _normal(write)
        was = before(wanted, held.values)
        if was:
            marks = unwrapped(text(issue, "description")).marks
            self._caller.send(*self._request(write, marks=marks))
        return Receipt(held.external_id, held.url, was)

    def _comment(self, write: SinkWrite) -> Receipt:
        mark = stamp(write.key)
        path = f"{self._path}/{_part(write.external_id)}/notes"
        for note in self._pages(path):
            if mark in unwrapped(text(note, "body")).marks:
                return Receipt(f"{write.external_id}/{text(note, 'id')}", replayed=True)
        answer = self._caller.send(*self._request(write, marks=()))
        return Receipt(f"{write.external_id}/{stated(answer, 'id', sink=self._name)}")

    def _request(
        self, write: SinkWrite, *, marks: tuple[str, ...]
    ) -> tuple[str, str, dict[str, Json]]:
        """Method, path and body; ``marks`` are those that the issue has."""
        path = f"{self._path}/{_part(write.external_id)}"
        values = _normal(write)
        match write.operation:
            case "create":
                values = {name: to for name, to in values.items() if to is not None}
                values["labels"] = [*listed(values.get("labels")), *self._labels]
                if self._confidential:
                    values["confidential"] = True
                values.setdefault("description", "")
                return "POST", self._path, _sent(values, (stamp(write.key),))
            case "comment":
                said = cut(str(write.values.get("comment") or ""), _MOST_TEXT)
                return "POST", f"{path}/notes", {"body": wrapped(said, (stamp(write.key),))}
            case "close":
                return "PUT", path, {"state_event": "close"}
            case "delete" if write.kind == "comment":
                issue, _, note = write.external_id.partition("/")
                return "DELETE", f"{self._path}/{_part(issue)}/notes/{_part(note)}", {}
            case "delete":
                return "DELETE", path, {}
            case _:
                return "PUT", path, _sent(values, marks)

    def _there(self, kind: str, number: str) -> SinkEntry | None:
        try:
            return self.read(kind, number)
        except NotFoundError:  # somebody deleted it since it was seen
            return None

    def _issue(self, external_id: str) -> Row:
        try:
            answer = self._caller.get(f"{self._path}/{_part(external_id)}")
        except NotFoundError as error:
            raise NotFoundError(
                f"{self._name} has no issue {external_id}", hint=error.hint
            ) from error
        return row_of(answer, sink=self._name, known_by="iid")

    def _pages(
        self, path: str, params: Mapping[str, str] | None = None, *, most: int = _MOST_PAGES
    ) -> Iterator[Row]:
        """All rows of a list, newest first, page by page."""
        page = "1"
        for _ in range(most):
            asked: dict[str, str | int] = {**(params or {}), "per_page": _PAGE, "page": page}
            answer = self._caller.get(path, asked)
            yield from rows_of(answer, sink=self._name)
            page = answer.headers.get("x-next-page", "")
            if not page:
                return


def _entry(issue: Row) -> SinkEntry:
    title = plain_line(text(issue, "title"))
    labels = item(issue, "labels")
    values: dict[str, Json] = {
        "title": title,
        "description": unwrapped(text(issue, "description")).text,
        "labels": labels if isinstance(labels, list) else [],
        "assignee_ids": [item(one, "id") for one in items(issue, "assignees")],
        "milestone_id": item(issue, "milestone", "id"),
        **{name: issue[name] for name in _PLAIN if name in issue},
        "state": text(issue, "state"),
    }
    return SinkEntry(
        "issue",
        text(issue, "iid"),
        values,
        text(issue, "web_url"),
        title,
        open=values["state"] == "opened",
    )


def _normal(write: SinkWrite) -> dict[str, Json]:
    """As ``read`` gives them: a title on one line, lists of labels and assignees."""
    normal = dict(write.values)
    if "title" in normal:
        normal["title"] = " ".join(str(normal["title"] or "").split())
    if "description" in normal:
        normal["description"] = str(normal["description"] or "").replace("\r\n", "\n")
    for name in ("labels", "assignee_ids"):
        if name in normal:
            normal[name] = listed(normal[name])
    return fitted(normal, _ROOM, new=write.operation == "create")


def _sent(values: Mapping[str, Json], marks: tuple[str, ...]) -> dict[str, Json]:
    """As GitLab takes them: what a stranger wrote inert, and a state as the way to get there."""
    sent = dict(values)
    if "title" in sent:
        sent["title"] = inert_line(str(sent["title"]))
    if "description" in sent:
        sent["description"] = wrapped(str(sent["description"]), marks)
    if "labels" in sent:
        sent["labels"] = ",".join(str(one) for one in listed(sent["labels"]))
    for name, empty in _EMPTY.items():
        if name in sent and sent[name] is None:
            sent[name] = empty
    state = sent.pop("state", None)
    if isinstance(state, str) and state in _STATES:
        sent["state_event"] = _STATES[state]
    return sent


def _base(settings: SinkSettings) -> str:
    """The API's address; people give the site's, too."""
    address = (settings.url or _SITE).rstrip("/")
    return address if address.endswith(_API) else address + _API


def _part(external_id: str) -> str:
    return quote(external_id, safe="")
