"""What a sink's table may hold, and that the page for people says so."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from copilot.config.records import SinkSettings
from copilot.errors import ConfigError
from tests.corpora import REPOSITORY

PAGE = (REPOSITORY / "copilot/adapters/sinks/README.md").read_text("utf-8")
KINDS = (
    "github",
    "gitlab",
    "hubspot",
    "jira",
    "salesforce",
    "servicenow",
    "webhook",
    "zendesk",
)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_option_is_refused_and_the_page_tells_all_that_there_are(kind: str) -> None:
    settings = SinkSettings(
        kind=kind, url="https://acme.example", user="bot", key="k", options={"zz": "1"}
    )
    with pytest.raises(ConfigError, match=r"options\.zz is no option") as failure:
        import_module(f"copilot.adapters.sinks.{kind}").build("x", settings, key_for=str)
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")]
    options = failure.value.hint.removeprefix(f"{kind} has ").split(", ")
    assert len(options) >= 3
    told = row.split("|")[5]
    named = {re.sub("^issue_type_.*", "issue_type_SCHEMA", one) for one in options}
    assert [one for one in named if f"`{one}`" not in told] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_was_given_up_has_time_to_arrive_before_it_is_looked_for(kind: str) -> None:
    """But at a webhook's receiver, which takes each event once, whenever it comes."""
    places: dict[str, dict[str, str | int | bool]] = {
        "github": {"repository": "a/b"},
        "gitlab": {"project": "a/b"},
        "jira": {"project": "SUP"},
    }
    usual = {"kind": kind, "url": "https://acme.example", "user": "bot", "key": "k"}
    build = import_module(f"copilot.adapters.sinks.{kind}").build
    options = places.get(kind, {})
    settles = build("x", SinkSettings(**usual, options=options), key_for=str).settles_s
    assert settles == 0 if kind == "webhook" else settles >= 15
    if kind != "webhook":
        given = SinkSettings(**usual, options={**options, "settles_s": 7})
        assert build("x", given, key_for=str).settles_s == 7


@pytest.mark.parametrize("kind", KINDS)
def test_only_https_carries_a_key(kind: str) -> None:
    settings = SinkSettings(kind=kind, url="http://acme.example", user="bot", key="k")
    with pytest.raises(ConfigError, match="https"):
        import_module(f"copilot.adapters.sinks.{kind}").build("x", settings, key_for=str)


@pytest.mark.parametrize(
    ("kind", "option"), [("gitlab", "confidential"), ("zendesk", "public"), ("webhook", "undo")]
)
@pytest.mark.parametrize("said", ["true", 1, ""])
def test_a_yes_in_quotes_is_no_silent_no(kind: str, option: str, said: str | int) -> None:
    options: dict[str, str | int | bool] = {option: said}
    if kind == "gitlab":
        options["project"] = "a/b"
    settings = SinkSettings(
        kind=kind, url="https://acme.example", user="bot", key="k", options=options
    )
    with pytest.raises(ConfigError, match=rf"options\.{option} must be true or false"):
        import_module(f"copilot.adapters.sinks.{kind}").build("x", settings, key_for=str)
