"""What the products' servers read out of a request."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote

from copilot.testing.http_server import HttpRequest


def parts(request: HttpRequest) -> tuple[str, ...]:
    """The path's segments, decoded."""
    return tuple(unquote(part) for part in request.path.strip("/").split("/"))


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
