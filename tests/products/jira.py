"""Jira Cloud's REST API, version 3, as its documentation describes it: issues of one project.

Its search reads what was indexed at the last ``settle``, and its query language is taken at its
word: what isn't one of the queries below is an error.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import basic, parts

USER = "bot@acme.example"
PROJECT = "SUP"
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
_STRING = r'"((?:[^"\\]|\\.)*)"'
_BY_LABEL = re.compile(rf"^project = {_STRING} AND labels = {_STRING} ORDER BY created ASC$")
_BY_WORDS = re.compile(
    rf"^project = {_STRING} AND statusCategory != Done AND "
    rf"\(((?:summary ~ {_STRING}(?: OR )?)+)\) ORDER BY created DESC$"
)
_NODES = {"doc", "paragraph", "text", "hardBreak"}
_PAGE = 3  # a page of a search may be smaller than was asked for


def _field(name: str, kind: str, *, required: bool = False, **more: object) -> dict[str, Any]:
    schema = {"type": kind, "system": name, **{k: v for k, v in more.items() if k != "allowed"}}
    field: dict[str, Any] = {
        "fieldId": name,
        "key": name,
        "name": name.title(),
        "required": required,
        "hasDefaultValue": False,
        "schema": schema,
    }
    allowed = more.get("allowed")
    if isinstance(allowed, tuple):
        part = "value" if kind == "option" else "name"
        field["allowedValues"] = [{part: one} for one in allowed]
    return field


FIELDS = [
    _field("project", "project", required=True),
    _field("issuetype", "issuetype", required=True),
    _field("summary", "string", required=True),
    _field("description", "string"),
    _field("labels", "array", items="string"),
    _field("duedate", "date"),
    _field("priority", "priority", allowed=PRIORITIES),
    _field("components", "array", items="component", allowed=("API", "Export")),
    _field("customfield_10050", "option", allowed=("gold", "silver")),
    _field("customfield_10060", "string", custom="com.atlassian.jira:textarea"),
    *(_field(f"customfield_2{number:04}", "string") for number in range(120)),
]


class JiraServer(HttpServer):
    """``issues`` is what it holds, ``indexed`` what its search knows of it."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.issues: dict[str, dict[str, Any]] = {}
        self.indexed: dict[str, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self._made = 0

    @staticmethod
    def limited(seconds: int) -> HttpReply:
        return HttpReply(429, None, {"Retry-After": str(seconds), "X-RateLimit-Remaining": "0"})

    def fill(self, count: int) -> None:
        for number in range(count):
            self._open({"summary": f"Something else, no. {number}", "labels": ["by-hand"]})

    def settle(self) -> None:
        self.indexed = deepcopy(self.issues)

    def writes(self, request: HttpRequest) -> bool:
        return super().writes(request) and not request.path.endswith("/search/jql")

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.headers.get("authorization") != basic(USER, self.key):
            said = "Client must be authenticated to access this resource."
            return HttpReply(401, {"message": said, "status-code": 401})
        asked = parts(request)  # a token with scopes is taken below /ex/jira/CLOUD_ID
        match request.method, asked[6:] if asked[:2] == ("ex", "jira") else asked[3:]:
            case "GET", ("myself",):
                return HttpReply(200, {"displayName": "Copilot Bot", "emailAddress": USER})
            case "POST", ("search", "jql"):
                return self._searched(request.body)
            case "GET", ("issue", "createmeta", project, "issuetypes", *which):
                return self._metadata(request, project, which)
            case "POST", ("issue",):
                return self._created(request.body["fields"])
            case method, ("issue", number, *rest):
                if number in self.issues:
                    return self._on_issue(method, self.issues[number], rest, request)
        return _missing("Issue does not exist or you do not have permission to see it.")

    def _on_issue(
        self, method: str, issue: dict[str, Any], rest: list[str], request: HttpRequest
    ) -> HttpReply:
        match method, rest:
            case "GET", []:
                return HttpReply(200, issue)
            case "PUT", []:
                wrong = _validated(request.body["fields"], whole=False)
                if wrong is None:
                    issue["fields"].update(request.body["fields"])
                return wrong or HttpReply(204)
            case "DELETE", []:
                del self.issues[issue["key"]]
                return HttpReply(204)
            case _, ["transitions"]:
                return self._transitions(method, issue, request.body)
            case _, ["comment", *which]:
                return self._on_comments(method, issue, which, request)
        return HttpReply(405)

    def _transitions(self, method: str, issue: dict[str, Any], body: Any) -> HttpReply:
        """To any status but the one that it has."""
        now = issue["fields"]["status"]["name"]
        ways = {
            str(10 + number): _status(name) for number, name in enumerate(STATUSES) if name != now
        }
        if method == "GET":
            rows = [{"id": way, "name": f"to {to['name']}", "to": to} for way, to in ways.items()]
            return HttpReply(200, {"transitions": rows})
        if body["transition"]["id"] not in ways:
            return HttpReply(400, {"errorMessages": ["Transition is not valid."], "errors": {}})
        issue["fields"]["status"] = ways[body["transition"]["id"]]
        return HttpReply(204)

    def _on_comments(
        self, method: str, issue: dict[str, Any], which: list[str], request: HttpRequest
    ) -> HttpReply:
        match method, which:
            case "GET", []:
                rows = [one for one in self.comments.values() if one["issue"] == issue["key"]]
                return _page(request, "comments", rows)
            case "POST", []:
                if not _is_document(request.body["body"]):
                    return HttpReply(400, {"errorMessages": [], "errors": {"comment": "not valid"}})
                made = max(self.comments, default=0) + 1
                self.comments[made] = {"id": str(made), "issue": issue["key"], **request.body}
                return HttpReply(201, self.comments[made])
            case "DELETE", [number] if int(number) in self.comments:
                del self.comments[int(number)]
                return HttpReply(204)
        return _missing("Can not find a comment for the id.")

    def _searched(self, body: dict[str, Any]) -> HttpReply:
        """Oldest first, or newest first; few at a time, the rest behind a token."""
        jql = body["jql"]
        rows: list[dict[str, Any]]
        if (asked := _BY_LABEL.match(jql)) and asked[1] == PROJECT:
            rows = [one for one in self.indexed.values() if asked[2] in one["fields"]["labels"]]
        elif (asked := _BY_WORDS.match(jql)) and asked[1] == PROJECT:
            words = re.findall(_STRING, asked[2])
            rows = [
                one
                for one in reversed(self.indexed.values())
                if one["fields"]["status"]["name"] != "Done"
                and any(word in one["fields"]["summary"].lower() for word in words)
            ]
        else:
            said = f"Error in the JQL Query: {jql}"
            return HttpReply(400, {"errorMessages": [said], "errors": {}})
        start = int(body.get("nextPageToken", "0"))
        size = min(body["maxResults"], _PAGE)
        page: dict[str, Any] = {"issues": rows[start : start + size], "isLast": True}
        if start + size < len(rows):
            page |= {"nextPageToken": str(start + size), "isLast": False}
        return HttpReply(200, page)

    def _metadata(self, request: HttpRequest, project: str, which: list[str]) -> HttpReply:
        if project != PROJECT:
            return _missing("No project could be found with key.")
        if which:
            return _page(request, "fields", FIELDS)
        rows = [{"id": "1", "name": "Task"}, {"id": "2", "name": "Bug"}]
        return _page(request, "issueTypes", rows)

    def _created(self, fields: dict[str, Any]) -> HttpReply:
        wrong = _validated(fields, whole=True)
        if wrong is not None:
            return wrong
        issue = self._open(fields)
        return HttpReply(201, {"id": issue["id"], "key": issue["key"], "self": self.url})

    def _open(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._made += 1
        number = f"{PROJECT}-{self._made}"
        held: dict[str, Any] = {"labels": [], "duedate": None, "issuetype": {"name": "Task"}}
        issue = {
            "id": str(10_000 + self._made),
            "key": number,
            "fields": {**held, **fields, "status": _status("To Do")},
        }
        self.issues[number] = issue
        return issue


def _validated(fields: dict[str, Any], *, whole: bool) -> HttpReply | None:
    errors: dict[str, str] = {}
    known = {field["fieldId"] for field in FIELDS}
    summary = fields.get("summary")
    for name in fields.keys() - known:
        errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen."
    if whole and fields.get("project") != {"key": PROJECT}:
        errors["project"] = "Specify a valid project ID or key"
    if not summary and (whole or "summary" in fields):
        errors["summary"] = "You must specify a summary of the issue."
    if summary and ("\n" in summary or len(summary) > 255):
        errors["summary"] = "Summary must be less than 255 characters, without newlines."
    due = fields.get("duedate")
    if due is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(due)):
        errors["duedate"] = "Operation value must be a date"
    priority = fields.get("priority")
    if priority is not None and priority.get("name") not in PRIORITIES:
        errors["priority"] = "Specify the Priority (id or name) in the string format"
    if fields.get("description") is not None and not _is_document(fields["description"]):
        errors["description"] = "Operation value must be an Atlassian Document"
    if len(_text(fields.get("description"))) > 32_767:
        errors["description"] = "It exceeds the allowed limit of 32,767 characters."
    if any(re.search(r"\s", label) for label in fields.get("labels", ())):
        errors["labels"] = "The label contains spaces which is invalid."
    return HttpReply(400, {"errorMessages": [], "errors": errors}) if errors else None


def _is_document(node: Any) -> bool:
    """By the schema: known nodes, and no empty text."""
    if not isinstance(node, dict) or node.get("type") not in _NODES:
        return False
    if node["type"] == "text":
        return bool(node.get("text"))
    return all(_is_document(child) for child in node.get("content", ()))


def _text(node: Any) -> str:
    if not isinstance(node, dict):
        return ""
    return str(node.get("text", "")) + "\n".join(_text(one) for one in node.get("content", ()))


def _status(name: str) -> dict[str, Any]:
    return {"name": name, "statusCategory": {"key": STATUSES[name]}}


def _page(request: HttpRequest, name: str, rows: list[dict[str, Any]]) -> HttpReply:
    start = int(request.query.get("startAt", "0"))
    size = min(int(request.query.get("maxResults", "50")), 50)
    page = {"startAt": start, "maxResults": size, "total": len(rows)}
    return HttpReply(200, {**page, name: rows[start : start + size]})


def _missing(said: str) -> HttpReply:
    return HttpReply(404, {"errorMessages": [said], "errors": {}})
