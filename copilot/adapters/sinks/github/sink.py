"""GitHub Issues of one repository as a sink.

The idempotency key stands in a comment that nobody sees, behind the text. Invariant: a creation
is sent only after the key was looked for in the issues that this account made, which GitHub
lists without the delay of its search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
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
from copilot.adapters.sinks.calling import Caller, Params
from copilot.adapters.sinks.github.speech import manners, next_page
from copilot.adapters.sinks.lengths import Room, cut, fitted
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.marked_text import stamp, unwrapped, wrapped
from copilot.adapters.sinks.options import list_option, number_option, only_options, text_option
from copilot.adapters.sinks.undoing import undoing
from copilot.adapters.sinks.walking import Walked
from copilot.config.records import SinkSettings
from copilot.errors import (
    ConfigError,
    NotFoundError,
    SinkAuthError,
    SinkRequestError,
    SinkUnavailableError,
)
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

Row = Mapping[str, Json]

_API = "https://api.github.com"
_ISSUES = ("ticket", "incident", "feature_request")
_REPOSITORY = re.compile(r"^(?!\.{1,2}/)[\w.-]+/(?!\.{1,2}$)[\w.-]+$")
_OPTIONS = ("repository", "labels", "settles_s")
_PAGE = 100
_MOST_PAGES = 50
_NEAR_PAGES = 3  # the latest open issues that a new one is compared with
# GitHub ends a request after 10 s; until then one that we gave up on may still write.
_SETTLES_S = 15
_SEARCHED = 2  # words: all of them must stand in a title, and more would miss what is said anew
_MOST_TEXT = 60_000  # of 65,536, the rest is for what the text stands in
_ROOM = Room("title", "body", 256, _MOST_TEXT)


def build(name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]) -> GitHubSink:
    """The sink of these settings; calls nothing. ConfigError."""
    caller = Caller(
        name,
        settings.url or _API,
        manners=manners(),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )
    return GitHubSink(name, settings, caller)


class GitHubSink:
    """Issues of ``options.repository``, ``owner/name``; ``options.labels`` go on each new one."""

    def __init__(self, name: str, settings: SinkSettings, caller: Caller) -> None:
        self._name = name
        self._caller = caller
        only_options(settings, *_OPTIONS, sink=name)
        self._repository = text_option(settings, "repository", sink=name)
        if not _REPOSITORY.match(self._repository):
            raise ConfigError(
                f"actions.sinks.{name}.options.repository is no repository",
                hint="such as owner/name",
            )
        self._schemas = (*_ISSUES, *settings.fields)
        self._url = (settings.url or _API).rstrip("/")
        self._path = f"/repos/{self._repository}/issues"
        self._labels = list_option(settings, "labels", sink=name)
        self._walked = Walked()
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"github:{self._url}/{self._repository.lower()}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        return "issue" if schema in self._schemas else None

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return {"title": "title", "body": "@text"} if schema in _ISSUES else {}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        labels = self._pages(f"/repos/{self._repository}/labels")
        return (
            SinkField("title", "Title", required=True),
            SinkField("body", "Text"),
            SinkField(
                "labels", "Labels", "array", choices=tuple(text(one, "name") for one in labels)
            ),
            SinkField("assignees", "Assignees", "array"),
            SinkField("milestone", "Milestone's number", "integer"),
            SinkField("state", "State", choices=("open", "closed"), writable=False),
        )

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return undoing(write, receipt, creation="close", comments=True)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        return (self._caller.shown(*self._request(write, marks=())),)

    def check(self) -> str:
        repository = self._caller.get(f"/repos/{self._repository}").body
        if item(repository, "has_issues") is False:
            raise SinkRequestError(
                f"{self._name}: issues are switched off in {self._repository}",
                hint="switch them on in the repository's settings",
            )
        return f"{self._account or 'an app'} in {self._repository}"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        # An app's own issues aren't told from others', of which one may be a newer copy of ours.
        mine = {"creator": self._account} if self._account else {}
        issues = (
            (text(one, "number"), unwrapped(text(one, "body")).marks)
            for one in self._pages(self._path, {"state": "all", **mine})
            if "pull_request" not in one
        )
        number = self._walked.find(stamp(key), issues)
        return None if number is None else self._there(kind, number)

    def read(self, kind: str, external_id: str) -> SinkEntry:
        return _entry(self._issue(external_id))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        title = str(values.get("title") or "")
        if not telling(title) or limit < 1:
            return []
        near = list(self._pages(self._path, {"state": "open"}, most=_NEAR_PAGES))
        if len(near) == _PAGE * _NEAR_PAGES:  # there are more, older ones
            told = " ".join(telling(title)[:_SEARCHED])
            query = f"{told} repo:{self._repository} is:issue is:open in:title"
            found = self._caller.get("/search/issues", {"q": query, "per_page": _PAGE})
            near += rows_of(found, "items", sink=self._name)
        entries = {text(one, "number"): _entry(one) for one in near if "pull_request" not in one}
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
        number = stated(answer, "number", sink=self._name)
        return Receipt(number, text(answer.body, "html_url"))

    def _change(self, write: SinkWrite) -> Receipt:
        issue = self._issue(write.external_id)
        held = _entry(issue)
        wanted = {"state": "closed"} if write.operation == "close" else _normal(write)
        was = before(wanted, held.values)
        if was:
            marks = unwrapped(text(issue, "body")).marks
            self._caller.send(*self._request(write, marks=marks))
        return Receipt(held.external_id, held.url, was)

    def _comment(self, write: SinkWrite) -> Receipt:
        mark = stamp(write.key)
        for comment in self._pages(f"{self._path}/{_part(write.external_id)}/comments"):
            if mark in unwrapped(text(comment, "body")).marks:
                return Receipt(text(comment, "id"), text(comment, "html_url"), replayed=True)
        answer = self._caller.send(*self._request(write, marks=()))
        number = stated(answer, "id", sink=self._name)
        return Receipt(number, text(answer.body, "html_url"))

    def _request(
        self, write: SinkWrite, *, marks: tuple[str, ...]
    ) -> tuple[str, str, dict[str, Json]]:
        """Method, path and body; ``marks`` are those that the issue has."""
        path = f"{self._path}/{_part(write.external_id)}"
        values = _normal(write)
        match write.operation:
            case "create":
                values = {name: to for name, to in values.items() if to is not None}
                values["body"] = wrapped(str(values.get("body") or ""), (stamp(write.key),))
                if self._labels:
                    values["labels"] = [*listed(values.get("labels")), *self._labels]
                return "POST", self._path, values
            case "comment":
                said = cut(str(write.values.get("comment") or ""), _MOST_TEXT)
                return "POST", f"{path}/comments", {"body": wrapped(said, (stamp(write.key),))}
            case "close":
                return "PATCH", path, {"state": "closed"}
            case "delete" if write.kind == "comment":
                return "DELETE", f"{self._path}/comments/{_part(write.external_id)}", {}
            case "delete":
                raise SinkRequestError(f"{self._name}: GitHub deletes no issues", hint="close it")
            case _:
                if "body" in values:
                    values["body"] = wrapped(str(values["body"] or ""), marks)
                return "PATCH", path, values

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
        return row_of(answer, sink=self._name, known_by="number")

    @cached_property
    def _account(self) -> str:
        """Who we are; empty for an app, which has no user."""
        try:
            answer = self._caller.get("/user")
        except SinkAuthError as error:
            if "doesn't allow" in error.message:
                return ""
            raise
        login = text(answer.body, "login")
        if not login:
            raise SinkUnavailableError(
                f"{self._name} doesn't say who we are", hint="try again later"
            )
        return login

    def _pages(
        self, path: str, params: Mapping[str, str] | None = None, *, most: int = _MOST_PAGES
    ) -> Iterator[Row]:
        """All rows of a list, newest first, page by page."""
        asked: Params = {**(params or {}), "per_page": _PAGE}
        for _ in range(most):
            answer = self._caller.get(path, asked)
            yield from rows_of(answer, sink=self._name)
            following = next_page(answer)
            if not following:
                return
            asked = {**asked, **following}


def _entry(issue: Row) -> SinkEntry:
    title = text(issue, "title")
    values: dict[str, Json] = {
        "title": title,
        "body": unwrapped(text(issue, "body")).text,
        "labels": [text(one, "name") for one in items(issue, "labels")],
        "assignees": [text(one, "login") for one in items(issue, "assignees")],
        "milestone": item(issue, "milestone", "number"),
        "state": text(issue, "state"),
    }
    return SinkEntry(
        "issue",
        text(issue, "number"),
        values,
        text(issue, "html_url"),
        title,
        open=values["state"] == "open",
    )


def _normal(write: SinkWrite) -> dict[str, Json]:
    """As GitHub gives them back: a title on one line, lists of labels and assignees."""
    normal = dict(write.values)
    if "title" in normal:
        normal["title"] = " ".join(str(normal["title"] or "").split())
    if "body" in normal:
        normal["body"] = str(normal["body"] or "").replace("\r\n", "\n")
    for name in ("labels", "assignees"):
        if name in normal:
            normal[name] = listed(normal[name])
    return fitted(normal, _ROOM, new=write.operation == "create")


def _part(external_id: str) -> str:
    return quote(external_id, safe="")
