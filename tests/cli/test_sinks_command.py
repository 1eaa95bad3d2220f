"""``copilot sinks``: what is configured, and whether it would take a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from copilot.testing.http_server import HttpReply
from tests.cli.conftest import Finished, run_cli
from tests.products.zendesk import USER, ZendeskServer

TOKEN = "a-token-of-an-agent"
Sinks = Callable[..., Finished]


@pytest.fixture
def server() -> Iterator[ZendeskServer]:
    with ZendeskServer(TOKEN) as running:
        yield running


@pytest.fixture
def sinks(server: ZendeskServer, tmp_path: Path) -> Sinks:
    def run(*arguments: str, fields: str = "", key: str = TOKEN) -> Finished:
        zen = f'kind = "zendesk"\nurl = "{server.url}"\nuser = "{USER}"\nkey = "zen"\n'
        table = f"[actions.sinks.zen.fields.ticket]\n{fields}\n" if fields else ""
        (tmp_path / "config.toml").write_text(f"[actions.sinks.zen]\n{zen}{table}", "utf-8")
        env = {"COPILOT_KEY_ZEN": key} if key else {}
        return run_cli("sinks", *arguments, home=tmp_path, env=env)

    return run


def test_a_sink_whose_fields_fit_is_told_with_who_we_are(sinks: Sinks) -> None:
    done = sinks("test", "zen")
    assert done.code == 0, done.out + done.err
    assert f"we are Bot ({USER}, agent)" in done.out
    assert "ticket                     fits into ticket" in done.out
    assert done.out.endswith("zen takes records.\n")


def test_nothing_is_written_by_a_test(sinks: Sinks, server: ZendeskServer) -> None:
    assert sinks("test", "zen").code == 0
    assert {request.method for request in server.requests} == {"GET"}


def test_a_field_that_the_sink_has_not_is_told_with_the_line_that_mends_it(sinks: Sinks) -> None:
    done = sinks("test", "zen", fields='prioritty = "severity"')
    assert done.code == 6
    assert (
        "FAIL  ticket                     prioritty is no field there; near it: priority"
        in done.out
    )
    assert '→ under [actions.sinks.zen.fields.ticket]: priority = "severity"' in done.out
    assert done.out.endswith("1 thing to mend.\n")


def test_what_a_creation_needs_and_words_that_are_not_offered_are_told(sinks: Sinks) -> None:
    fields = 'description = ""\npriority = { from = "severity", values = { critical = "asap" } }'
    findings = sinks("test", "zen", "--json", fields=fields).envelope["findings"]
    wrong = [one["detail"] for one in findings if one["status"] == "problem"]
    assert wrong == [
        "priority doesn't offer asap; it offers low, normal, high, urgent",
        "description is required, and nothing fills it",
    ]


def test_a_refused_key_is_the_one_finding_and_is_not_shown(sinks: Sinks) -> None:
    done = sinks("test", "zen", "--json", key="wrong-wrong-wrong")
    assert done.code == done.envelope["exit_code"] == 6
    (finding,) = done.envelope["findings"]
    assert (finding["check"], finding["fix"]) == ("address and key", "copilot keys set zen")
    assert "wrong-wrong" not in done.out + done.err


def test_a_key_that_is_not_stored_is_a_finding_with_the_command_that_stores_it(
    sinks: Sinks,
) -> None:
    done = sinks("test", "zen", key="")
    assert done.code == 6
    assert "there is no key zen" in done.out
    assert "copilot keys set zen" in done.out


def test_metadata_that_can_not_be_read_is_a_finding(sinks: Sinks, server: ZendeskServer) -> None:
    me = {"id": 7, "name": "Bot", "email": USER, "role": "agent"}
    server.fail_read(HttpReply(200, {"user": me}))
    server.fail_read(HttpReply(403, {"error": "Forbidden"}))
    done = sinks("test", "zen", "--json")
    assert done.code == 6
    assert [(one["check"], one["status"]) for one in done.envelope["findings"]] == [
        ("address and key", "ok"),
        ("fields of ticket", "problem"),
    ]


def test_one_schema_may_be_checked_alone(sinks: Sinks) -> None:
    findings = sinks("test", "zen", "--json", "--schema", "incident").envelope["findings"]
    assert [one["check"] for one in findings] == ["address and key", "fields of ticket", "incident"]
    done = sinks("test", "zen", "--json", "--schema", "crm_deal")
    assert done.code == 6
    assert done.envelope["findings"][-1]["detail"] == "has no place there"


def test_a_hostile_answer_does_not_reach_the_terminal_raw(
    sinks: Sinks, server: ZendeskServer
) -> None:
    me = {"id": 7, "name": "Bot\x1b[2J\u202e", "email": USER, "role": "agent"}
    server.fail_read(HttpReply(200, {"user": me}))
    done = sinks("test", "zen")
    assert "\x1b" not in done.out and "\u202e" not in done.out


def test_the_desk_is_always_there_and_takes_records(sinks: Sinks) -> None:
    assert sinks("test", "desk").code == 0


def test_sinks_are_listed_without_a_call(sinks: Sinks, server: ZendeskServer) -> None:
    desk, zen = sinks("list", "--json", key="").lines
    assert (desk["sink"], desk["product"], desk["error"]) == ("desk", "desk", "")
    assert (zen["product"], zen["target"]) == ("zendesk", f"zendesk:{server.url}")
    assert (zen["key"], zen["key_stored"]) == ("zen", False)
    assert not server.requests
    assert "(not stored)" in sinks("list", key="").out
    assert "(not stored)" not in sinks("list").out


def test_a_sink_that_is_configured_wrongly_is_listed_with_its_reason(tmp_path: Path) -> None:
    config = '[actions.sinks.help]\nkind = "zendesk"\nurl = "http://acme.zendesk.example"\n'
    (tmp_path / "config.toml").write_text(config, "utf-8")
    done = run_cli("sinks", "list", home=tmp_path)
    assert done.code == 2
    assert "must begin with https://" in done.out
    unknown = run_cli("sinks", "test", "nobody", home=tmp_path)
    assert (unknown.code, "There is no sink nobody" in unknown.err) == (2, True)
