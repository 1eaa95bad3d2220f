"""GitHub's REST API as its documentation describes it: issues of one repository."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlencode

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import parts

ACCOUNT = "copilot-bot"
OWNER, NAME = "acme", "support"
LABELS = [f"label {number:03}" for number in range(120)] + ["bug"]
USERS = (ACCOUNT, "ann")
MOST_BY_NUMBER = 1000


class GitHubServer(HttpServer):
    """``issues`` and ``comments`` are what it holds; ``key`` is the token that it takes."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.issues: list[dict[str, Any]] = []
        self.comments: dict[int, dict[str, Any]] = {}

    @staticmethod
    def limited(seconds: int) -> HttpReply:
        """The primary limit: a 403, with the moment at which it is lifted."""
        headers = {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(int(time.time()) + seconds),
        }
        return HttpReply(403, {"message": "API rate limit exceeded for user ID 1."}, headers)

    def fill(self, count: int, *, by: str = ACCOUNT) -> None:
        for number in range(count):
            self._open({"title": f"Something else, no. {number}", "body": "By hand."}, by=by)

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return HttpReply(401, {"message": "Bad credentials", "status": "401"})
        match request.method, parts(request):
            case "GET", ("user",):
                return HttpReply(200, {"login": ACCOUNT, "id": 1})
            case "GET", ("repos", str(owner), str(name)) if (owner, name) == (OWNER, NAME):
                return HttpReply(200, {"full_name": f"{OWNER}/{NAME}", "has_issues": True})
            case "GET", ("search", "issues"):
                return self._searched(request)
            case method, ("repos", str(owner), str(name), *rest) if (owner, name) == (OWNER, NAME):
                return self._in_repository(method, rest, request)
        return _not_found()

    def _in_repository(self, method: str, rest: list[str], request: HttpRequest) -> HttpReply:
        match method, rest:
            case "GET", ["labels"]:
                return self._page(request, [{"name": label} for label in LABELS])
            case "GET", ["issues"]:
                return self._listed(request)
            case "POST", ["issues"]:
                return self._validated(request) or self._opened(request)
            case "DELETE", ["issues", "comments", number]:
                gone = self.comments.pop(int(number), None) if number.isdecimal() else None
                return HttpReply(204) if gone else _not_found()
        number = int(rest[1]) if len(rest) > 1 and rest[1].isdecimal() else 0
        if rest[0] != "issues" or not 0 < number <= len(self.issues):
            return _not_found()
        issue = self.issues[number - 1]
        match method, rest[2:]:
            case "GET", []:
                return HttpReply(200, issue)
            case "PATCH", []:
                return self._validated(request) or self._changed(issue, request.body)
            case "GET", ["comments"]:
                rows = [one for one in self.comments.values() if one["issue"] == number]
                return self._page(request, rows)
            case "POST", ["comments"]:
                return self._commented(number, request.body)
        return _not_found()

    def _listed(self, request: HttpRequest) -> HttpReply:
        state, creator = request.query.get("state", "open"), request.query.get("creator", "")
        rows = [
            one
            for one in reversed(self.issues)
            if state in ("all", one["state"]) and creator in ("", one["user"]["login"])
        ]
        return self._page(request, rows)

    def _searched(self, request: HttpRequest) -> HttpReply:
        """All words stand in the title; what is no word is a qualifier."""
        asked = request.query["q"].split()
        words = [word for word in asked if ":" not in word]
        rows = [
            one
            for one in self.issues
            if one["state"] == "open" and all(word in one["title"].lower() for word in words)
        ]
        return HttpReply(200, {"total_count": len(rows), "items": rows[:100]})

    def _page(self, request: HttpRequest, rows: list[dict[str, Any]]) -> HttpReply:
        """By number, but for issues, of which only the first ones have pages with numbers."""
        size = min(int(request.query.get("per_page", "30")), 100)
        page = int(request.query.get("page", "1"))
        start, by_cursor = (page - 1) * size, request.path.endswith("/issues")
        if by_cursor and "after" in request.query:
            start = int(request.query["after"].removeprefix("cursor-"))
        elif by_cursor and start >= MOST_BY_NUMBER:
            said = "Pagination with the page parameter is not supported for large datasets"
            return HttpReply(422, {"message": said, "status": "422"})
        headers = {}
        if start + size < len(rows):
            asked = {**request.query, "page": str(page + 1)}
            asked |= {"after": f"cursor-{start + size}"} if by_cursor else {}
            there = f"{self.url}/repositories/1/{parts(request)[-1]}?{urlencode(asked)}"
            headers["Link"] = f'<{self.url}/x>; rel="first", <{there}>; rel="next"'
        return HttpReply(200, rows[start : start + size], headers)

    def _validated(self, request: HttpRequest) -> HttpReply | None:
        body, errors = request.body, []
        if request.method == "POST" and not body.get("title"):
            errors.append({"resource": "Issue", "field": "title", "code": "missing_field"})
        if not set(body.get("assignees", ())) <= set(USERS):
            wrong = {"value": body["assignees"], "resource": "Issue", "field": "assignees"}
            errors.append({**wrong, "code": "invalid"})
        if len(body.get("title") or "") > 256:
            wrong = {"message": "title is too long (maximum is 256 characters)"}
            errors.append({"resource": "Issue", "field": "title", "code": "custom", **wrong})
        if len(body.get("body") or "") > 65_536:
            wrong = {"message": "body is too long (maximum is 65536 characters)"}
            errors.append({"resource": "Issue", "field": "body", "code": "custom", **wrong})
        if not errors:
            return None
        return HttpReply(422, {"message": "Validation Failed", "errors": errors, "status": "422"})

    def _opened(self, request: HttpRequest) -> HttpReply:
        return HttpReply(201, self._open(request.body, by=ACCOUNT))

    def _open(self, body: dict[str, Any], *, by: str) -> dict[str, Any]:
        number = len(self.issues) + 1
        issue: dict[str, Any] = {
            "id": 1000 + number,
            "number": number,
            "html_url": f"{self.url}/{OWNER}/{NAME}/issues/{number}",
            "user": {"login": by},
            "state": "open",
            "milestone": None,
            "labels": [],
            "assignees": [],
        }
        self.issues.append(issue)
        self._changed(issue, body)
        return issue

    def _changed(self, issue: dict[str, Any], body: dict[str, Any]) -> HttpReply:
        for name, value in body.items():
            match name:
                case "labels":
                    issue[name] = [{"name": label} for label in value]
                case "assignees":
                    issue[name] = [{"login": login} for login in value]
                case "title" | "body" | "state" | "milestone":
                    issue[name] = value
        return HttpReply(200, issue)

    def _commented(self, number: int, body: dict[str, Any]) -> HttpReply:
        made = max(self.comments, default=0) + 1
        url = f"{self.url}/{OWNER}/{NAME}/issues/{number}#issuecomment-{made}"
        self.comments[made] = {"id": made, "issue": number, "html_url": url, "body": body["body"]}
        return HttpReply(201, self.comments[made])


def mentioned(markdown: str) -> list[str]:
    """Who is called in a text: a name after an @ that stands in no block of code."""
    without = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", markdown)
    return re.findall(r"(?<![\w`])@([A-Za-z0-9][\w-]*)", without)


def _not_found() -> HttpReply:
    return HttpReply(404, {"message": "Not Found", "status": "404"})
