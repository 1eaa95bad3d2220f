"""Calls to a sink's web API: where the key may go, and what each kind of silence means."""

from __future__ import annotations

import socket
import sys
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from copilot.adapters.sinks import build_sink, calling, kinds
from copilot.adapters.sinks.answers import text
from copilot.adapters.sinks.calling import Answer, Caller, Complaint, Manners
from copilot.adapters.sinks.waiting import retry_after
from copilot.config.records import SinkSettings
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
from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from copilot.testing.openai_server import refused_url

KEY = "s3cr3t-0123456789"
MANNERS = Manners(
    authorise=lambda key, body: {"Authorization": f"Bearer {key}"},
    complaint=lambda answer: Complaint(text(answer.body, "message")),
)


def caller(base: str, *, key: str | None = KEY, timeout_s: float = 5) -> Caller:
    return Caller(
        "tracker",
        base,
        manners=MANNERS,
        key="the-key",
        key_for=lambda name: key,
        timeout_s=timeout_s,
    )


class Echo(HttpServer):
    def answer(self, request: HttpRequest) -> HttpReply:
        return HttpReply(200, {"path": request.path, "body": request.body})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as server:
        yield server


@contextmanager
def listener(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server below HTTP, for one connection: ``serve`` says what it does."""
    with socket.create_server(("127.0.0.1", 0)) as sock:

        def accept() -> None:
            connection, _ = sock.accept()
            with connection:
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        thread.join(timeout=10)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "ftp://example.org",
        "http://example.org",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "https://user:password@example.org",
        "https://example.org?token=x",
        "https://example.org#x",
        "https://exam ple.org",
        "https://example.org\n",
        "https://[::1",
        "https://example.org:port",
    ],
)
def test_an_address_that_would_show_the_key_or_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match=r"actions\.sinks\.tracker\.url") as failure:
        caller(address)
    assert "password" not in failure.value.message


@pytest.mark.parametrize(
    "address",
    ["https://example.org/api/", "http://localhost:80", "http://127.1.2.3", "http://[::1]:8080"],
)
def test_https_and_this_machine_are_fine(address: str) -> None:
    shown = caller(address).shown("GET", "/x").url
    assert shown == address.rstrip("/") + "/x"


def test_a_place_where_nothing_listens_got_nothing() -> None:
    with pytest.raises(SinkUnavailableError, match="reached"):
        caller(refused_url()).send("POST", "/x", {})


@pytest.mark.parametrize("reads", [True, False])
def test_silence_after_the_request_went_out_is_unknown_for_a_write_alone(reads: bool) -> None:
    def hear_and_hang_up(connection: socket.socket) -> None:
        connection.recv(65536)

    with listener(hear_and_hang_up) as base, pytest.raises(SinkError) as failure:
        caller(base).get("/x") if reads else caller(base).send("POST", "/x", {})
    assert type(failure.value) is (SinkUnavailableError if reads else SinkUnknownError)


@pytest.mark.parametrize("piece", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_an_answer_that_does_not_come_or_does_not_end_is_given_up(piece: bytes) -> None:
    over = threading.Event()

    def stall(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(piece)
        over.wait(10)

    with listener(stall) as base:
        with pytest.raises(SinkUnknownError):
            caller(base, timeout_s=0.2).send("POST", "/x", {})
        over.set()


def test_an_answer_that_drips_in_is_given_up() -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(200):
            try:
                connection.sendall(b" ")
            except OSError:
                return
            time.sleep(0.02)

    with listener(drip) as base, pytest.raises(SinkUnknownError):
        caller(base, timeout_s=0.2).send("POST", "/x", {})


def test_an_answer_without_end_is_not_kept(server: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "_LARGEST_ANSWER", 1000)
    with pytest.raises(SinkUnavailableError, match="too large"):
        caller(server.url).search("/x", "x" * 2000)


def test_a_page_in_place_of_json_is_unknown_for_a_write_and_a_wrong_address_for_a_read(
    server: Echo,
) -> None:
    page = HttpReply(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})
    server.fail_write(page)
    server.fail_read(page)
    with pytest.raises(SinkUnknownError):
        caller(server.url).send("POST", "/x", {})
    with pytest.raises(SinkError, match="no JSON") as failure:
        caller(server.url).get("/x")
    assert not failure.value.retryable


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"id": NaN}',
        b'{"id": ' + b"9" * 5000 + b"}",
        '{"title": "Müller"}'.encode("latin-1"),
        b'{"id": 1} and more',
    ],
)
def test_what_is_almost_json_is_no_bug(server: Echo, body: bytes) -> None:
    server.fail_read(HttpReply(200, body))
    with pytest.raises(SinkError, match="no JSON"):
        caller(server.url).get("/x")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, SinkRequestError),
        (401, SinkAuthError),
        (403, SinkAuthError),
        (404, NotFoundError),
        (408, SinkUnavailableError),
        (409, SinkRequestError),
        (410, NotFoundError),
        (413, SinkRequestError),
        (422, SinkRequestError),
        (425, SinkUnavailableError),
        (429, SinkUnavailableError),
        (500, SinkUnknownError),
        (501, SinkRequestError),
        (503, SinkUnknownError),
    ],
)
def test_each_status_of_a_write_has_its_meaning(
    server: Echo, status: int, kind: type[CopilotError]
) -> None:
    server.fail_write(HttpReply(status, {"message": f"no, {KEY}"}))
    with pytest.raises(kind) as failure:
        caller(server.url).send("POST", "/x", {})
    assert type(failure.value) is kind
    assert KEY not in f"{failure.value} {failure.value.hint}"
    assert "no, •••" in str(failure.value)


def test_a_redirect_is_not_followed_not_even_by_a_read(server: Echo) -> None:
    with Echo() as elsewhere:
        server.fail_read(HttpReply(302, None, {"Location": f"{elsewhere.url}/y"}))
        with pytest.raises(SinkRequestError, match=r"127\.0\.0\.1"):
            caller(server.url).get("/x")
        assert elsewhere.requests == []


@pytest.mark.parametrize("key", [None, "", "new\nline", "ümlaut-key", "trailing-space-0123 "])
def test_a_key_that_no_header_takes_is_named_and_never_shown(server: Echo, key: str | None) -> None:
    with pytest.raises((SinkAuthError, ConfigError)) as failure:
        caller(server.url, key=key).send("POST", "/x", {})
    assert "the-key" in str(failure.value)
    traced = "".join(traceback.format_exception(failure.value))
    assert not key or key.strip() not in f"{traced} {failure.value.hint}"
    assert server.requests == []


def test_no_form_of_the_key_that_went_out_is_shown_when_it_comes_back(server: Echo) -> None:
    coded = b64encode(f"bot:{KEY}".encode()).decode()
    manners = replace(MANNERS, authorise=lambda key, body: {"Authorization": f"Basic {coded}"})
    asking = Caller(
        "tracker", server.url, manners=manners, key="k", key_for=lambda name: KEY, timeout_s=5
    )
    server.fail_write(HttpReply(400, {"message": f"can't read Basic {coded} or {KEY}"}))
    with pytest.raises(SinkRequestError) as failure:
        asking.send("POST", "/x", {})
    assert failure.value.message.endswith("can't read Basic ••• or •••")


def test_a_proxy_is_not_asked_for_what_stays_on_this_machine(
    server: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", refused_url())
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert caller(server.url).get("/x").status == 200


@pytest.mark.parametrize("address", ["https://example.org", "https://127.0.0.1"])
def test_certificates_are_checked_wherever_there_are_any(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def client(**settings: object) -> httpx.Client:
        asked.append(settings["verify"])
        raise httpx.ConnectError("enough")

    monkeypatch.setattr(httpx, "Client", client)
    with pytest.raises(SinkUnavailableError):
        caller(address).get("/x")
    assert asked == [True]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSL_CERT_FILE", __file__),
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("HTTPS_PROXY", f"x://bot:{KEY}@y"),
        ("HTTPS_PROXY", f"http://bot:{KEY}@y:port"),
    ],
)
def test_a_proxy_or_a_certificate_that_is_of_no_use_is_a_mistake_of_the_environment(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as failure:
        caller("https://example.org").get("/x")
    assert variable in failure.value.hint
    assert KEY not in "".join(traceback.format_exception(failure.value))


def test_a_text_that_is_no_unicode_does_not_stop_a_write(server: Echo) -> None:
    answer = caller(server.url).send("POST", "/x", {"title": "a\ud800b 漢"})
    assert text(answer.body, "body", "title") == "a?b 漢"


def test_control_characters_neither_go_out_nor_are_shown_as_if_they_did(server: Echo) -> None:
    body = {"title": "a\x00b\x1b[31m\tc\n", "tags": ["d\x7f", 1, None, True]}
    assert caller(server.url).send("POST", "/x", body).body == {
        "path": "/x",
        "body": {"title": "ab[31m\tc\n", "tags": ["d", 1, None, True]},
    }
    shown = caller(server.url).shown("POST", "/x", body).body
    assert "ab[31m" in shown and "\\u00" not in shown


def test_a_limit_that_every_answer_tells_of_is_no_wish_to_wait_after_a_failure(
    server: Echo,
) -> None:
    lifted = {"x-ratelimit-reset": str(int(time.time()) + 3000), "x-ratelimit-remaining": "4000"}
    assert retry_after(lifted) is None
    server.fail_read(HttpReply(502, b"<html>oops</html>", lifted))
    with pytest.raises(SinkUnavailableError) as failure:
        caller(server.url).get("/x")
    assert failure.value.retry_after is None


def test_a_look_that_is_answered_with_nothing_is_no_sign_that_there_is_nothing(
    server: Echo,
) -> None:
    server.fail_read(HttpReply(200))
    with pytest.raises(SinkUnavailableError, match="without a body"):
        caller(server.url).get("/x")
    server.fail_write(HttpReply(204))
    assert caller(server.url).send("DELETE", "/x").body is None


def test_a_limit_of_its_own_is_known_by_the_products_manners(server: Echo) -> None:
    manners = Manners(
        authorise=lambda key, body: {},
        complaint=lambda answer: Complaint(),
        limited=lambda answer: answer.status == 403,
    )
    asking = Caller(
        "tracker", server.url, manners=manners, key="k", key_for=lambda name: KEY, timeout_s=5
    )
    server.fail_write(HttpReply(403, None, {"Retry-After": "60"}))
    with pytest.raises(SinkUnavailableError) as failure:
        asking.send("POST", "/x", {})
    assert failure.value.retry_after == 60


def test_a_status_that_is_accepted_is_an_answer(server: Echo) -> None:
    server.fail_write(HttpReply(404, {"message": "gone"}))
    answer = caller(server.url).send("DELETE", "/x", accept=(404,))
    assert isinstance(answer, Answer) and answer.status == 404


def settings(kind: str, **options: str | int | bool) -> SinkSettings:
    return SinkSettings(
        kind=kind, url="https://x.example", user="bot", key="the-key", options=options
    )


def test_an_unknown_kind_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"actions\.sinks\.ours\.kind") as failure:
        build_sink("ours", settings("trello"), key_for=lambda name: None, desk=tmp_path)
    assert all(kind in failure.value.hint for kind in kinds())
    assert {"desk", "jira", "github", "gitlab"} <= set(kinds())


def test_a_sink_without_settings_is_the_desk_alone(tmp_path: Path) -> None:
    assert build_sink("desk", None, key_for=lambda name: None, desk=tmp_path).name == "desk"
    with pytest.raises(ConfigError, match="ours"):
        build_sink("ours", None, key_for=lambda name: None, desk=tmp_path)


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("jira", {}, "project"),
        ("jira", {"project": "SUP ORDER BY"}, "project"),
        ("github", {}, "repository"),
        ("github", {"repository": "acme"}, "repository"),
        ("github", {"repository": "acme/../../user"}, "repository"),
        ("github", {"repository": "../x"}, "repository"),
        ("gitlab", {}, "project"),
        ("gitlab", {"project": "a/b", "settles_s": -1}, "settles_s"),
        ("gitlab", {"project": "a/b", "undo": "forget"}, "undo"),
        ("gitlab", {"project": "a/b", "lables": "x"}, "lables"),
        ("github", {"repository": "a/b", "project": "x"}, "project"),
        ("jira", {"project": "SUP", "issue_typ": "Bug"}, "issue_typ"),
        ("jira", {"project": "SUP", "labels": "support, from mail"}, "labels"),
    ],
)
def test_an_option_that_is_missing_or_wrong_is_named(
    tmp_path: Path, kind: str, options: dict[str, str | int | bool], named: str
) -> None:
    with pytest.raises(ConfigError) as failure:
        build_sink("ours", settings(kind, **options), key_for=lambda name: None, desk=tmp_path)
    assert f"actions.sinks.ours.options.{named}" in f"{failure.value} {failure.value.hint}"


def install_stranger(folder: Path, body: str) -> None:
    """A package that is installed in ``folder`` and brings the kind ``stranger``."""
    (folder / "strange_sink.py").write_text(body)
    (folder / "strange_sink-1.0.dist-info").mkdir()
    (folder / "strange_sink-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: strange-sink\nVersion: 1.0\n"
    )
    (folder / "strange_sink-1.0.dist-info" / "entry_points.txt").write_text(
        "[copilot.sinks]\nstranger = strange_sink:build\n"
    )


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("strange_sink", None)


def test_a_strangers_sink_is_imported_when_its_kind_is_asked_for_and_not_before(
    strangers: Path,
) -> None:
    install_stranger(
        strangers,
        "from copilot.testing.memory_sink import MemorySink\n"
        "def build(name, settings, *, key_for):\n"
        "    return MemorySink(name, target=settings.url)\n",
    )
    assert "stranger" in kinds()
    build_sink("desk", None, key_for=lambda name: None, desk=strangers)
    assert "strange_sink" not in sys.modules
    sink = build_sink("odd", settings("stranger"), key_for=lambda name: None, desk=strangers)
    assert (sink.name, sink.target) == ("odd", "https://x.example")


def test_a_strangers_sink_that_cannot_be_imported_is_named(strangers: Path) -> None:
    install_stranger(strangers, "import no_such_module_at_all\n")
    with pytest.raises(ConfigError, match="stranger"):
        build_sink("odd", settings("stranger"), key_for=lambda name: None, desk=strangers)
