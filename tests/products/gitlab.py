"""GitLab's REST API as its documentation describes it: issues of one project.

It runs quick actions in what it is given, calls who is mentioned and leaves a note at issues that
are referred to: what texts of strangers must not do.
"""

from __future__ import annotations

import re
from typing import Any

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import parts

ACCOUNT = "copilot-bot"
PROJECT = "acme/support/desk"
LABELS = [f"label {number:03}" for number in range(120)] + ["bug"]
# Where GitLab looks for no quick action: blocks of code by a grammar of its own, and quotes.
_EXCLUDED = re.compile(r"(?ms)^```.+?\n```$|`.+?`|^>>>\n.+?\n>>>$")
_ACTION = re.compile(r"(?m)^/(close|assign|label|confidential|due|title)\b")
_CODE = re.compile(r"(?ms)^(`{3,}).*?^\1$|<!--.*?-->")
_MENTION = re.compile(r"(?<![\w`])@([A-Za-z0-9][\w-]*)")
_REFERENCE = re.compile(r"(?<![\w&])#(\d+)")


class GitLabServer(HttpServer):
    """``issues`` and ``notes`` are what it holds; ``called`` and ``referred`` what texts did."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.issues: dict[int, dict[str, Any]] = {}
        self.notes: dict[int, dict[str, Any]] = {}
        self.called: list[str] = []
        self.referred: list[str] = []
        self._made = 0

    @staticmethod
    def limited(seconds: int) -> HttpReply:
        return HttpReply(
            429, b"Retry later\n", {"Retry-After": str(seconds), "RateLimit-Limit": "10"}
        )

    def fill(self, count: int, *, by: str = ACCOUNT) -> None:
        for number in range(count):
            self._open({"title": f"Something else, no. {number}", "description": "By hand."}, by=by)

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.headers.get("private-token") != self.key:
            return HttpReply(401, {"message": "401 Unauthorized"})
        match request.method, parts(request)[2:]:
            case "GET", ("user",):
                return HttpReply(200, {"username": ACCOUNT, "id": 7})
            case "GET", ("projects", str(name)) if name == PROJECT:
                told = {"path_with_namespace": PROJECT, "issues_access_level": "enabled"}
                return HttpReply(200, told)
            case method, ("projects", str(name), *rest) if name == PROJECT:
                return self._in_project(method, rest, request)
        return HttpReply(404, {"message": "404 Project Not Found"})

    def _in_project(self, method: str, rest: list[str], request: HttpRequest) -> HttpReply:
        match method, rest:
            case "GET", ["labels"]:
                return self._page(request, [{"name": label} for label in LABELS])
            case "GET", ["issues"]:
                return self._listed(request)
            case "POST", ["issues"]:
                return self._validated(request) or HttpReply(201, self._open(request.body))
        number = int(rest[1]) if len(rest) > 1 and rest[1].isdecimal() else 0
        if rest[0] != "issues" or number not in self.issues:
            return HttpReply(404, {"message": "404 Issue Not Found"})
        issue = self.issues[number]
        match method, rest[2:]:
            case "GET", []:
                return HttpReply(200, issue)
            case "PUT", []:
                return self._validated(request) or self._changed(issue, request.body)
            case "DELETE", []:
                del self.issues[number]
                return HttpReply(204)
            case _, ["notes", *which]:
                return self._on_notes(method, which, issue, request)
        return HttpReply(404, {"message": "404 Not found"})

    def _on_notes(
        self, method: str, which: list[str], issue: dict[str, Any], request: HttpRequest
    ) -> HttpReply:
        match method, which:
            case "GET", []:
                rows = [one for one in self.notes.values() if one["noteable_iid"] == issue["iid"]]
                return self._page(request, rows[::-1])
            case "POST", []:
                return self._noted(issue, request.body["body"])
            case "DELETE", [note] if int(note) in self.notes:
                del self.notes[int(note)]
                return HttpReply(204)
        return HttpReply(404, {"message": "404 Not found"})

    def _listed(self, request: HttpRequest) -> HttpReply:
        asked = request.query
        rows = [
            one
            for one in reversed(self.issues.values())
            if asked.get("state", "all") in ("all", one["state"])
            and (asked.get("scope") != "created_by_me" or one["author"]["username"] == ACCOUNT)
            and all(word in one["title"].lower() for word in asked.get("search", "").split())
        ]
        return self._page(request, rows)

    def _page(self, request: HttpRequest, rows: list[dict[str, Any]]) -> HttpReply:
        size = min(int(request.query.get("per_page", "20")), 100)
        page = int(request.query.get("page", "1"))
        after = str(page + 1) if page * size < len(rows) else ""
        headers = {"X-Page": str(page), "X-Next-Page": after, "X-Total": str(len(rows))}
        return HttpReply(200, rows[(page - 1) * size : page * size], headers)

    def _validated(self, request: HttpRequest) -> HttpReply | None:
        body, wrong = request.body, {}
        if request.method == "POST" and "title" not in body:
            return HttpReply(400, {"error": "title is missing"})
        due = body.get("due_date")
        if due and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(due)):
            return HttpReply(400, {"error": "due_date is invalid"})
        if "title" in body and not body["title"].strip():
            wrong["title"] = ["can't be blank"]
        if len(body.get("title", "")) > 255:
            wrong["title"] = ["is too long (maximum is 255 characters)"]
        return HttpReply(400, {"message": wrong}) if wrong else None

    def _open(self, body: dict[str, Any], *, by: str = ACCOUNT) -> dict[str, Any]:
        self._made += 1
        number = self._made
        issue: dict[str, Any] = {
            "id": 1000 + number,
            "iid": number,
            "web_url": f"{self.url}/{PROJECT}/-/issues/{number}",
            "author": {"username": by},
            "state": "opened",
            "milestone": None,
            "labels": [],
            "assignees": [],
            "due_date": None,
            "confidential": False,
        }
        self.issues[number] = issue
        self._changed(issue, body)
        return issue

    def _changed(self, issue: dict[str, Any], body: dict[str, Any]) -> HttpReply:
        for name, value in body.items():
            match name:
                case "assignee_ids":
                    issue["assignees"] = [{"id": number} for number in value]
                case "labels":  # "Set to an empty string to unassign all labels"
                    issue[name] = [label for label in value.split(",") if label]
                case "milestone_id" | "due_date" if value is None:
                    pass  # as if it weren't there
                case "milestone_id":  # "Set to 0 to unassign"
                    issue["milestone"] = {"id": value} if value else None
                case "due_date":
                    issue[name] = value or None
                case "state_event":
                    issue["state"] = "closed" if value == "close" else "opened"
                case "title" | "description" | "confidential":
                    issue[name] = value
        self._act(issue, body.get("title", ""), body.get("description", ""))
        return HttpReply(200, issue)

    def _noted(self, issue: dict[str, Any], said: str) -> HttpReply:
        made = max(self.notes, default=0) + 1
        self.notes[made] = {"id": made, "noteable_iid": issue["iid"], "body": said}
        self._act(issue, "", said)
        return HttpReply(201, self.notes[made])

    def _act(self, issue: dict[str, Any], title: str, text: str) -> None:
        """What GitLab does of its own accord with what it was given."""
        for action in _ACTION.findall(_EXCLUDED.sub("", text)):
            self.called.append(f"/{action}")
            if action == "close":
                issue["state"] = "closed"
        seen = f"{title}\n{_CODE.sub('', text)}"
        self.called += _MENTION.findall(seen)
        self.referred += _REFERENCE.findall(seen)
