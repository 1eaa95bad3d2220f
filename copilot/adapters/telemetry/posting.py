"""One POST to an address that a person configured, with what can go wrong said plainly.

Invariant: nothing is sent but to that address itself: no redirect is followed, no other scheme
than http and https is opened; and an error never repeats a header, nor what an address hides
in front of an @ or behind a question mark.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from copilot import __version__
from copilot.errors import ConfigError, ToolError

if TYPE_CHECKING:
    from email.message import Message
    from urllib.request import Request

_LARGEST_ANSWER = 64 * 1024
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    media_type: str


def checked(address: str, *, setting: str, secret: bool = False) -> str:
    """The address, if it is one. Raises ConfigError, which names the setting, not a secret."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable or any(c.isspace() or not c.isprintable() for c in address):
        raise ConfigError(
            f"{setting} is no address" + ("" if secret else f": {shown(address)!r}"),
            hint="such as https://example.org/hook",
        )
    return address


def below(address: str, path: str, *, instead_of: str = "") -> str:
    """The address with ``path`` at its end unless it stands there; a query stays behind it."""
    parts = urlsplit(address)
    base = parts.path.rstrip("/").removesuffix(instead_of)
    return urlunsplit(parts._replace(path=base if base.endswith(path) else base + path))


def shown(address: str) -> str:
    """The address for people: without user, password, query and fragment."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(unreadable)"
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else parts.path


def post(
    address: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    timeout_s: float,
    setting: str,
    name: str = "",
) -> Answer:
    """Send ``body``; the answer when the status is 2xx. ``name`` stands for a secret address.

    Raises ToolError, retryable where it may go better later, and ConfigError.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, build_opener

    name = name or shown(address)
    address, credentials = _without_credentials(checked(address, setting=setting))
    agent = {"User-Agent": f"copilot/{__version__}"}
    request = Request(
        address, data=body, headers={**agent, **credentials, **headers}, method="POST"
    )
    try:
        with build_opener(_no_redirects()).open(request, timeout=timeout_s) as answer:
            media_type = answer.headers.get("Content-Type", "")
            return Answer(answer.read(_LARGEST_ANSWER), media_type)
    except HTTPError as error:
        with error:
            raise _refused(name, error.code, setting) from error
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        detail = str(getattr(reason, "strerror", None) or reason)[:_SHOWN]
        raise _LaterError(
            f"{name} can't be reached: {detail or type(error).__name__}",
            hint=f"check {setting} and the network; nothing is lost, try again later",
        ) from error
    except ValueError as error:
        # Its text may repeat a header, which may be the key.
        raise ConfigError(
            f"{name} can't be asked: its address, or the header of the key, can't be written",
            hint=f"check {setting}",
        ) from error


def _without_credentials(address: str) -> tuple[str, Mapping[str, str]]:
    """The address as it is asked, and the header that its user and password go in."""
    parts = urlsplit(address)
    named, at, host = parts.netloc.rpartition("@")
    if not at:
        return address, {}
    coded = b64encode(unquote(named).encode("utf-8", "replace")).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {coded}"}


class _LaterError(ToolError):
    """It may go better later."""

    retryable = True


class TooLargeError(ToolError):
    """The place takes no request of this size."""


class NotServedError(ToolError):
    """There is nothing at that address, or it takes no such requests."""


def _refused(name: str, status: int, setting: str) -> ToolError:
    message = f"{name} answered {status}"
    if status in (401, 403):
        return ToolError(message, hint="it wants another key: `copilot keys set`")
    if status in (408, 429) or (status >= 500 and status != 501):
        return _LaterError(message, hint="nothing is lost: try again later")
    if status == 413:
        return TooLargeError(message, hint="what receives it wants a higher limit on requests")
    kind = NotServedError if status in (404, 405, 501) else ToolError
    return kind(message, hint=f"check {setting}")


def _no_redirects() -> type:
    from urllib.request import HTTPRedirectHandler

    class NoRedirects(HTTPRedirectHandler):
        def redirect_request(
            self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
        ) -> None:
            return None

    return NoRedirects
