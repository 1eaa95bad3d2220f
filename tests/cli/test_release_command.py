"""A changed prompt makes another release, and one goes back to the one before, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli, audit_entries
from tests.corpora import REPOSITORY

QUESTION = "Who leads the call?"
PROMPT = REPOSITORY / "prompts" / "answering" / "write.md"


class Asked:
    """Asks in one home, at a provider that keeps what it is sent."""

    def __init__(self, cli: Cli, server: OpenAIServer, home: Path) -> None:
        self._cli, self._server = cli, server
        self.own = home / "prompts" / "answering" / "write.md"

    def __call__(self, **options: Any) -> tuple[str, Any]:
        """The release that stands on the run, and what the model was told."""
        self._server.script(scripted.text("The incident commander leads the call. [1]"))
        done = self._cli("ask", QUESTION, "--no-cache", "--json", **options)
        assert done.code == 0, done.err
        run = self._cli("runs", "show", done.envelope["run_id"], "--json").envelope["run"]
        return run["summary"]["release"], self._server.requests[-1].body["messages"]

    def change(self, old: str, new: str) -> None:
        text = PROMPT.read_text(encoding="utf-8")
        assert old in text
        self.own.parent.mkdir(parents=True, exist_ok=True)
        self.own.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def asked(cli: Cli, home: Path, tmp_path: Path) -> Iterator[Asked]:
    documents = tmp_path / "documents"
    documents.mkdir()
    page = "# On call\n\nThe incident commander leads the call.\n"
    (documents / "call.md").write_text(page, encoding="utf-8")
    assert cli("index", "add", str(documents)).code == 0
    with OpenAIServer() as server:
        settings = f'[models]\nanswer = "openai/x"\napi_base = "{server.url}"\n'
        (home / "config.toml").write_text(settings, encoding="utf-8")
        yield Asked(cli, server, home)


def test_going_back_brings_the_first_release_and_its_prompt_to_the_byte(
    cli: Cli, home: Path, asked: Asked
) -> None:
    first, before = asked()
    asked.change("You answer questions", "You sing about questions")
    second, after = asked()
    assert second != first
    assert after != before
    assert "You sing about questions" in str(after)

    went = cli("release", "rollback", "--reason", "it sang", "--json").envelope
    assert (went["active"], went["in_force"], went["before"]) == (first, first, second)
    assert asked() == (first, before)
    assert audit_entries(cli, "-n", "1") == [
        (
            "release.rollback",
            first,
            {"before": second, "active_before": "files", "reason": "it sang"},
        )
    ]
    one_call = {"COPILOT_ANSWER__MAX_WORDS": "50"}
    assert asked(env=one_call)[0] not in (first, second)

    with (home / "config.toml").open("a", encoding="utf-8") as file:
        file.write("[answer]\nmax_words = 70\n")
    shown = cli("config", "show")
    assert f"release {first} is active, so files don't decide answer.max_words" in shown.err
    assert f"max_words = 120                              # release {first}" in shown.out

    [told] = [one for one in cli("doctor", "--json").lines if "don't decide" in str(one)] or [{}]
    assert "release activate files" in str(told)
    assert "config trust" not in str(told)

    assert cli("release", "activate", "files").code == 0
    third, sung = asked()
    assert third not in (first, second)
    assert "You sing about questions" in str(sung)
    [_, changed, *_] = [
        one for one in cli("release", "list", "--json").lines if one["id"] in (third, second, first)
    ]
    assert changed["changed"] == ["answering/write"]
    groups = cli("stats", "--by", "release", "--json").envelope["rows"]
    assert {row["group"] for row in groups} >= {first, second, third}


def test_a_release_that_isn_t_whole_any_more_is_refused_and_nothing_changes(
    cli: Cli, home: Path, asked: Asked
) -> None:
    first, _ = asked()
    asked.change("You answer questions", "You sing about questions")
    second, _ = asked()
    (home / "releases" / first / "prompts" / "answering" / "write.md").unlink()
    refused = cli("release", "rollback")
    assert refused.code == 2
    assert f"release {first} can't be brought back" in refused.err
    assert f"hint: `copilot release show {first}`" in refused.err
    assert asked()[0] == second
