"""Calls to a sink's web API, with all that can go wrong said in our words.

Invariant: the key goes to the configured host alone (no redirect is followed, no http but to this
machine) and into no message or preview; and a write that may have arrived, but wasn't answered,
is a SinkUnknownError, never a failure.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlencode, urlsplit

from copilot import __version__
from copilot.adapters.sinks.waiting import limit_lifted, retry_after
from copilot.errors import (
    ConfigError,
    CopilotError,
    NotFoundError,
    SinkAuthError,
    SinkError,
    SinkRequestError,
    SinkUnavailableError,
    SinkUnknownError,
)
from copilot.extracted import Json
from copilot.proposals import SinkCall

if TYPE_CHECKING:
    import httpx

KeyFor = Callable[[str], str | None]
Params = Mapping[str, str | int]

_LARGEST_ANSWER = 32 * 2**20
_SHOWN = 300
_SECRET = 6  # characters; what is shorter stands in any text
_READS = ("GET", "HEAD")
_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\t\n\r"}
_UNHEARD = (408, 425)  # the request didn't come through, or comes too early to be looked at


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower-case; ``body`` is None where there was none."""

    status: int
    headers: Mapping[str, str]
    body: Json = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a product rejects a request: in general, and by its field."""

    message: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def _limited(answer: Answer) -> bool:
    return answer.status == 429


@dataclass(frozen=True, slots=True)
class Manners:
    """How one product is spoken to, and how it says no.

    ``authorise``: the headers that prove who we are, from the key and the request's body.
    ``json``: its answers are JSON; otherwise one that isn't says nothing but its status.
    """

    authorise: Callable[[str, bytes], Mapping[str, str]]
    complaint: Callable[[Answer], Complaint]
    limited: Callable[[Answer], bool] = _limited
    headers: Mapping[str, str] = field(default_factory=dict)
    json: bool = True


class Caller:
    """Calls the API below ``base`` with the key called ``key``, which is fetched when needed."""

    def __init__(
        self,
        sink: str,
        base: str,
        *,
        manners: Manners,
        key: str,
        key_for: KeyFor,
        timeout_s: float,
    ) -> None:
        self._sink = sink
        self._base = checked_address(base, sink=sink)
        self._manners = manners
        self._key_name = key
        self._key_for = key_for
        self._timeout_s = timeout_s

    def get(self, path: str, params: Params | None = None) -> Answer:
        """What is there. Raises NotFoundError, and SinkError and its kin."""
        return self._call("GET", path, params=params)

    def search(self, path: str, body: Json) -> Answer:
        """A POST that changes nothing: without an answer it simply failed."""
        return self._call("POST", path, body=body, reads=True)

    def exchange(self, path: str, form: Mapping[str, str]) -> Answer:
        """A form that is posted for what comes back, such as a session, and changes nothing."""
        return self._call("POST", path, form=form, reads=True)

    def send(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        accept: Sequence[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Write. The answer if its status is 2xx or one of ``accept``; SinkError and its kin."""
        return self._call(method, path, body=body, accept=accept, headers=headers)

    def shown(self, method: str, path: str, body: Json = None) -> SinkCall:
        """The request as people may see it: what ``send`` would send, without the key."""
        text = "" if body is None else json.dumps(_plain(body), indent=2, ensure_ascii=False)
        return SinkCall(method, self._base + path, text)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Json = None,
        form: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
        headers: Mapping[str, str] | None = None,
        reads: bool = False,
    ) -> Answer:
        reads = reads or method in _READS
        content, typed = _written(body, form)
        key = self._key()
        proof = self._manners.authorise(key, content)
        sent = {
            "User-Agent": f"copilot/{__version__}",
            "Accept": "application/json",
            **typed,
            **self._manners.headers,
            **(headers or {}),
            **proof,
        }
        answer = self._exchanged(method, path, params, sent, content, reads=reads)
        if 200 <= answer.status < 300 or answer.status in accept:
            return answer
        secrets = [key, *(part for value in proof.values() for part in value.split()[-1:])]
        raise self._refusal(answer, secrets, reads=reads)

    def _exchanged(
        self,
        method: str,
        path: str,
        params: Params | None,
        headers: Mapping[str, str],
        content: bytes,
        *,
        reads: bool,
    ) -> Answer:
        import httpx

        try:
            with self._client.stream(
                method, self._base + path, params=params, headers=headers, content=content or None
            ) as response:
                raw = self._read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise SinkUnavailableError(
                f"{self._sink} can't be reached: {_reason(error)}",
                hint=f"check actions.sinks.{self._sink}.url and the network; nothing was written",
            ) from error
        except (httpx.LocalProtocolError, httpx.InvalidURL, ValueError):
            raise ConfigError(
                f"{self._sink} can't be asked: its address, or the header of the key "
                f"{self._key_name}, can't be written",
                hint=f"check actions.sinks.{self._sink}, or: copilot keys set {self._key_name}",
            ) from None  # whose text may repeat a header, which may be the key
        except httpx.TimeoutException as error:
            raise self._unanswered(f"no answer within {self._timeout_s:g} s", reads) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._unanswered(_reason(error), reads) from error
        return self._understood(response, raw, reads=reads)

    def _read(self, response: httpx.Response) -> bytes:
        """The whole body; an answer that drips in must not hold us up for ever."""
        import httpx

        deadline = time.monotonic() + self._timeout_s
        raw = bytearray()
        for piece in response.iter_bytes():
            raw += piece
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer didn't end", request=response.request)
            if len(raw) > _LARGEST_ANSWER:
                raise httpx.ReadError("the answer is too large", request=response.request)
        return bytes(raw)

    def _understood(self, response: httpx.Response, raw: bytes, *, reads: bool) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = response.status_code
        if not raw.strip():
            if reads and self._manners.json and 200 <= status < 300:
                # What is looked for would seem not to be there.
                raise self._unanswered(f"{status} without a body", reads)
            return Answer(status, headers)
        try:
            return Answer(status, headers, json.loads(raw, parse_constant=_no_number))
        except (ValueError, RecursionError) as error:
            # A proxy's page, say: the status tells.
            if not 200 <= status < 300 or not self._manners.json:
                return Answer(status, headers)
            if not reads:
                raise self._unanswered("the answer is no JSON", reads) from error
            raise SinkError(
                f"{self._sink} answered {status} with something that is no JSON",
                hint=f"check actions.sinks.{self._sink}.url: is that the API's address?",
            ) from error

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        secure = self._base.startswith("https:")
        try:
            # A connection a call: one that is kept may have been closed meanwhile, and then nobody
            # could tell whether the request on it has arrived.
            return httpx.Client(
                timeout=httpx.Timeout(self._timeout_s),
                follow_redirects=False,
                limits=httpx.Limits(max_keepalive_connections=0),
                # What stays on this machine mustn't go to a proxy first, unencrypted.
                trust_env=secure,
                # Without TLS there are no certificates to check, and to load them takes 20 ms.
                verify=secure,
            )
        except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
            raise ConfigError(
                f"{self._sink} can't be asked with this environment: {_reason(error)}",
                hint="check its proxies (HTTPS_PROXY, ALL_PROXY; SOCKS needs httpx[socks]) and its "
                "certificates (SSL_CERT_FILE, SSL_CERT_DIR)",
            ) from error

    def _key(self) -> str:
        key = self._key_for(self._key_name) if self._key_name else ""
        if not self._key_name:
            raise ConfigError(
                f"{self._sink} has no key",
                hint=f"actions.sinks.{self._sink}.key names a stored one",
            )
        if not key:
            raise SinkAuthError(
                f"{self._sink}: there is no key {self._key_name}",
                hint=f"copilot keys set {self._key_name}",
            )
        if not key.isascii() or not key.isprintable():
            raise SinkAuthError(
                f"{self._sink}: the key {self._key_name} holds characters that no key has",
                hint=f"copilot keys set {self._key_name}",
            )
        return key

    def _unanswered(self, why: str, reads: bool) -> SinkError:
        if reads:
            return SinkUnavailableError(
                f"{self._sink} didn't answer: {why}", hint="try again later"
            )
        return SinkUnknownError(
            f"{self._sink} didn't answer a write: {why}",
            hint="it may have been written; it is looked up before it is tried again",
        )

    def _refusal(self, answer: Answer, secrets: Sequence[str], *, reads: bool) -> CopilotError:
        status = answer.status
        complaint = self._manners.complaint(answer)
        said = f": {_line(complaint.message, secrets)}" if complaint.message else ""
        named = f"{self._sink} answered {status}{said}"
        if self._manners.limited(answer):
            return SinkUnavailableError(
                named, hint="it asks to slow down", retry_after=limit_lifted(answer.headers)
            )
        if status == 401:
            return SinkAuthError(
                f"{self._sink} refuses the key {self._key_name}{said}",
                hint=f"copilot keys set {self._key_name}",
            )
        if status == 403 and not complaint.fields:
            return SinkAuthError(
                f"{self._sink}: the key {self._key_name} doesn't allow this{said}",
                hint="give its owner the right, or store another key: "
                f"copilot keys set {self._key_name}",
            )
        if status in (404, 410):
            return NotFoundError(named, hint=f"check actions.sinks.{self._sink}")
        if status in _UNHEARD or (status >= 500 and reads):
            return SinkUnavailableError(
                named, hint="try again later", retry_after=retry_after(answer.headers)
            )
        if status >= 500 and status != 501:
            return self._unanswered(f"{status}{said}", reads)
        if 300 <= status < 400:
            elsewhere = urlsplit(answer.headers.get("location", "")).hostname or "another address"
            return SinkRequestError(
                f"{self._sink} answered {status}: what is asked for is at {elsewhere}",
                hint=f"the key doesn't follow; mend actions.sinks.{self._sink}",
            )
        fields = {name: _line(why, secrets) for name, why in complaint.fields.items()}
        listed = "; ".join(f"{name}: {why}" for name, why in fields.items())
        return SinkRequestError(
            f"{self._sink} rejects this ({status}){said}{'; ' if said else ': '}{listed}"
            if listed
            else f"{self._sink} rejects this ({status}){said}",
            hint=f"`copilot sinks test {self._sink}` shows its fields" if fields else "",
            fields=fields,
        )


def checked_address(address: str, *, sink: str) -> str:
    """The address without a slash at its end. Raises ConfigError: it must be https, and plain."""
    setting = f"actions.sinks.{sink}.url"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host = ""
    if not host or any(c.isspace() or not c.isprintable() for c in address):
        raise ConfigError(f"{setting} is no address", hint="such as https://example.org")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            f"{setting} is more than an address", hint="no user, password, query or fragment in it"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(host)):
        raise ConfigError(
            f"{setting} must begin with https://", hint="http would show the key to the network"
        )
    return address.rstrip("/")


def _written(body: Json, form: Mapping[str, str] | None) -> tuple[bytes, Mapping[str, str]]:
    """A body as it goes out, and the header that says what it is."""
    if form is not None:
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    if body is None:
        return b"", {}
    return json.dumps(_plain(body), ensure_ascii=False).encode(errors="replace"), {
        "Content-Type": "application/json"
    }


def _plain(value: Json) -> Json:
    """Without control characters, for which products refuse the whole."""
    if isinstance(value, str):
        return value.translate(_CONTROLS)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, Sequence) else value


def _no_number(said: str) -> NoReturn:
    raise ValueError(f"{said} is no JSON")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:_SHOWN] or type(error).__name__


def _line(text: str, secrets: Sequence[str]) -> str:
    """What a server says, on one line, without our key in it should it repeat that."""
    for secret in secrets:
        text = text.replace(secret, "•••") if len(secret) >= _SECRET else text
    return " ".join(text.split())[:_SHOWN]
