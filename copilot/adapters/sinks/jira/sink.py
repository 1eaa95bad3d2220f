"""Issues of one Jira Cloud project as a sink.

The idempotency key is a label, which its search finds after a while. Invariant: a creation is
sent only after the key was looked for; and an issue leaves its status by a transition of its
own workflow, nothing else.
"""

from __future__ import annotations

import re
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
from copilot.adapters.sinks.calling import Answer, Caller
from copilot.adapters.sinks.jira.documents import document, is_marked
from copilot.adapters.sinks.jira.naming import (
    MARK_LABEL,
    STATUS,
    base,
    described,
    flat,
    shaped,
)
from copilot.adapters.sinks.jira.speech import manners, quoted
from copilot.adapters.sinks.lengths import Room, cut, fitted
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.marked_text import stamp
from copilot.adapters.sinks.options import (
    list_option,
    needed,
    number_option,
    only_options,
    text_option,
)
from copilot.adapters.sinks.undoing import chosen_undoing, undoing
from copilot.config.records import SinkSettings
from copilot.errors import ConfigError, NotFoundError, SinkRequestError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

Row = Mapping[str, Json]

_ISSUES = ("ticket", "incident", "feature_request")
_PROJECT = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
_API = "/rest/api/3"
_OPTIONS = (
    "project",
    "issue_type",
    "labels",
    "close_status",
    "settles_s",
    "site",
    "undo",
)
_PAGE = 100
_NEAR = 100
_MOST_TEXT = 30_000  # of 32,767, which count what stands for line breaks and signs, too
_ROOM = Room("summary", "description", 255, _MOST_TEXT)
# "The delay might vary from a few seconds to minutes", says Atlassian of the search.
_SETTLES_S = 120


def build(name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]) -> JiraSink:
    """The sink of these settings; calls nothing. ConfigError."""
    caller = Caller(
        name,
        needed(settings, "url", sink=name),
        manners=manners(needed(settings, "user", sink=name)),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )
    return JiraSink(name, settings, caller)


class JiraSink:
    """Issues of ``options.project``, of the type ``issue_type`` or ``issue_type_<schema>``."""

    def __init__(self, name: str, settings: SinkSettings, caller: Caller) -> None:
        self._name = name
        self._caller = caller
        self._settings = settings
        self._schemas = (*_ISSUES, *settings.fields)
        types = (f"issue_type_{schema}" for schema in self._schemas)
        only_options(settings, *_OPTIONS, *types, sink=name)
        # A token with scopes is taken at another address than the one that people see.
        self._site = text_option(settings, "site", sink=name, default=settings.url).rstrip("/")
        self._project = text_option(settings, "project", sink=name)
        if not _PROJECT.match(self._project):
            raise ConfigError(
                f"actions.sinks.{name}.options.project is no project's key", hint="such as SUP"
            )
        self._labels = list_option(settings, "labels", sink=name)
        if any(" " in label for label in self._labels):
            raise ConfigError(
                f"actions.sinks.{name}.options.labels: a label of Jira's holds no space",
                hint="such as from-mail; several stand between commas",
            )
        self._closed = text_option(settings, "close_status", sink=name, default="")
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)
        self._undo = chosen_undoing(settings, sink=name, default="close")

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"jira:{self._site}/{self._project.upper()}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        if schema not in self._schemas:
            return None
        usual = text_option(self._settings, "issue_type", sink=self._name, default="Task")
        return text_option(self._settings, f"issue_type_{schema}", sink=self._name, default=usual)

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return {"summary": "title", "description": "@text"} if schema in _ISSUES else {}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        path = f"{_API}/issue/createmeta/{self._project}/issuetypes"
        types = {text(one, "name"): text(one, "id") for one in self._counted(path, "issueTypes")}
        if kind not in types:
            raise SinkRequestError(
                f"{self._name}: {self._project} has no issue type {kind}",
                hint=f"actions.sinks.{self._name}.options.issue_type: {', '.join(types)}",
            )
        found = [described(one) for one in self._counted(f"{path}/{types[kind]}", "fields")]
        return (
            *(one for one in found if one is not None),
            SinkField(STATUS, "Status", writable=False),
        )

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return undoing(write, receipt, creation=self._undo, comments=True)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        path = self._path(write.external_id)
        if write.operation == "close" or STATUS in write.values:
            to = str(write.values.get(STATUS) or self._closed or "a status that is done")
            wanted = {"transition": {"to": to}}
            return (self._caller.shown("POST", f"{path}/transitions", wanted),)
        return (self._caller.shown(*self._request(write, marks=())),)

    def check(self) -> str:
        who = self._caller.get(f"{_API}/myself").body
        for kind in {str(self.kind_for(schema)) for schema in _ISSUES}:
            if "labels" not in {one.name for one in self.fields(kind)}:
                raise SinkRequestError(
                    f"{self._name}: an issue of the type {kind} takes no labels, and one holds the "
                    "key by which it is found again",
                    hint=f"put Labels on the create screen of {kind} in {self._project}",
                    fields={"labels": "isn't on the create screen"},
                )
        return f"{text(who, 'displayName')} in {self._project}"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        label = quoted(_label(key))
        query = f"project = {quoted(self._project)} AND labels = {label} ORDER BY created ASC"
        return next((self._entry(one) for one in self._found(query)), None)

    def read(self, kind: str, external_id: str) -> SinkEntry:
        return self._entry(self._issue(external_id))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        title = str(values.get("summary") or "")
        if not telling(title) or limit < 1:
            return []
        near = " OR ".join(f"summary ~ {quoted(word)}" for word in telling(title))
        query = (
            f"project = {quoted(self._project)} AND statusCategory != Done AND ({near}) "
            "ORDER BY created DESC"
        )
        entries = [self._entry(one) for one in self._found(query, most=_NEAR)]
        return likeliest(entries, title, limit=limit)

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
            case "close":
                return self._move(write, self._issue(write.external_id))
            case _:
                return self._change(write)

    def _create(self, write: SinkWrite) -> Receipt:
        held = self.find(write.kind, write.key)
        if held is not None:
            return Receipt(held.external_id, held.url, replayed=True)
        answer = self._sent(write, marks=())
        number = stated(answer, "key", sink=self._name)
        return Receipt(number, self._shown_at(number))

    def _change(self, write: SinkWrite) -> Receipt:
        issue = self._issue(write.external_id)
        if STATUS in write.values:
            if len(write.values) > 1:
                alone = {STATUS: "must be changed alone"}
                raise SinkRequestError(f"{self._name}: {STATUS} {alone[STATUS]}", fields=alone)
            return self._move(write, issue)
        held = self._entry(issue)
        was = before(_normal(write), held.values)
        if was:
            labels = listed(item(issue, "fields", "labels"))
            marks = tuple(str(one) for one in labels if MARK_LABEL.match(str(one)))
            self._sent(write, marks=marks)
        return Receipt(held.external_id, held.url, was)

    def _move(self, write: SinkWrite, issue: Row) -> Receipt:
        """To the status that is wanted; for a closure, to one that is done."""
        number, wanted = text(issue, "key"), str(write.values.get(STATUS) or self._closed)
        now = text(issue, "fields", "status", "name")
        done = text(issue, "fields", "status", "statusCategory", "key") == "done"
        if (write.operation == "close" and done) or now.casefold() == wanted.casefold():
            return Receipt(number, self._shown_at(number))
        path = f"{self._path(number)}/transitions"
        ways = items(self._caller.get(path).body, "transitions")
        for way in ways:
            to = text(way, "to", "name").casefold() == wanted.casefold()
            ends = not wanted and text(way, "to", "statusCategory", "key") == "done"
            if to or ends:
                self._caller.send("POST", path, {"transition": {"id": text(way, "id")}})
                return Receipt(number, self._shown_at(number), {STATUS: now})
        known = ", ".join(text(way, "to", "name") for way in ways) or "none"
        why = f"no way from {now} to {wanted or 'a status that is done'} (there are: {known})"
        raise SinkRequestError(f"{self._name}: {number} has {why}", fields={STATUS: why})

    def _comment(self, write: SinkWrite) -> Receipt:
        path = f"{self._path(write.external_id)}/comment"
        for comment in self._counted(path, "comments"):
            if is_marked(item(comment, "body"), stamp(write.key)):
                return Receipt(f"{write.external_id}/{text(comment, 'id')}", replayed=True)
        answer = self._sent(write, marks=())
        return Receipt(f"{write.external_id}/{stated(answer, 'id', sink=self._name)}")

    def _request(
        self, write: SinkWrite, *, marks: tuple[str, ...]
    ) -> tuple[str, str, dict[str, Json]]:
        """Method, path and body; ``marks`` are the labels of ours that the issue has."""
        path = self._path(write.external_id)
        values = _normal(write)
        match write.operation:
            case "create":
                values = {name: to for name, to in values.items() if to is not None}
                labels = listed(values.get("labels"))
                values["labels"] = [*labels, *self._labels, _label(write.key)]
                place: dict[str, Json] = {
                    "project": {"key": self._project},
                    "issuetype": {"name": write.kind},
                }
                return "POST", f"{_API}/issue", {"fields": {**shaped(values), **place}}
            case "comment":
                said = cut(str(write.values.get("comment") or ""), _MOST_TEXT)
                return "POST", f"{path}/comment", {"body": document(said, mark=stamp(write.key))}
            case "delete" if write.kind == "comment":
                issue, _, comment = write.external_id.partition("/")
                return "DELETE", f"{self._path(issue)}/comment/{quote(comment, safe='')}", {}
            case "delete":
                return "DELETE", path, {}
            case _:
                if "labels" in values:
                    values["labels"] = [*listed(values["labels"]), *marks]
                return "PUT", path, {"fields": shaped(values)}

    def _sent(self, write: SinkWrite, *, marks: tuple[str, ...]) -> Answer:
        """Send it; what Jira says of ``priority`` is said of ``priority.name``."""
        try:
            return self._caller.send(*self._request(write, marks=marks))
        except SinkRequestError as error:
            names = {base(name): name for name in write.values}
            fields = {names.get(name, name): why for name, why in error.fields.items()}
            message = error.message
            for name in error.fields.keys() & names.keys():
                message = message.replace(f"{name}: ", f"{names[name]}: ", 1)
            raise SinkRequestError(message, hint=error.hint, fields=fields) from error

    def _issue(self, external_id: str) -> Row:
        try:
            answer = self._caller.get(self._path(external_id))
        except NotFoundError as error:
            raise NotFoundError(
                f"{self._name} has no issue {external_id}", hint=error.hint
            ) from error
        return row_of(answer, sink=self._name, known_by="key")

    def _found(self, query: str, *, most: int = _PAGE) -> Iterator[Row]:
        """The issues that a query finds, page by page, ``most`` at the most."""
        wanted: dict[str, Json] = {"jql": query, "fields": ["*navigable"], "maxResults": most}
        token = ""
        found = 0
        while found < most:
            asked = {**wanted, "nextPageToken": token} if token else wanted
            answer = self._caller.search(f"{_API}/search/jql", asked)
            rows = rows_of(answer, "issues", sink=self._name)
            yield from rows
            found += len(rows)
            before_it, token = token, text(answer.body, "nextPageToken")
            if token in ("", before_it):
                return

    def _counted(self, path: str, name: str) -> Iterator[Row]:
        """All rows of a list that is paged by how many there are."""
        start, total = 0, 1
        while start < total:
            answer = self._caller.get(path, {"startAt": start, "maxResults": _PAGE})
            rows = rows_of(answer, name, sink=self._name)
            yield from rows
            start += len(rows)
            total = int(text(answer.body, "total") or 0) if rows else 0

    def _entry(self, issue: Row) -> SinkEntry:
        number = text(issue, "key")
        values = flat(item(issue, "fields"))
        ends = text(issue, "fields", "status", "statusCategory", "key") == "done"
        return SinkEntry(
            text(issue, "fields", "issuetype", "name"),
            number,
            values,
            self._shown_at(number),
            str(values.get("summary") or ""),
            open=not ends,
        )

    def _path(self, external_id: str) -> str:
        return f"{_API}/issue/{quote(external_id, safe='')}"

    def _shown_at(self, number: str) -> str:
        return f"{self._site}/browse/{number}"


def _label(key: str) -> str:
    return f"copilot-{stamp(key)}"


def _normal(write: SinkWrite) -> dict[str, Json]:
    """As ``read`` gives them: a summary on one line, labels as a list, none like our mark."""
    normal = dict(write.values)
    if "summary" in normal:
        normal["summary"] = " ".join(str(normal["summary"] or "").split())
    for name in ("description", "environment"):
        if isinstance(normal.get(name), str):
            normal[name] = str(normal[name]).replace("\r\n", "\n")
    if "labels" in normal:
        labels = listed(normal["labels"])
        normal["labels"] = [one for one in labels if not MARK_LABEL.match(str(one))]
    return fitted(normal, _ROOM, new=write.operation == "create")
