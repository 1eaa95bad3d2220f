"""``copilot cache`` and ``ask --no-cache``, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli

SAID = "You have 45 minutes to acknowledge a page [1]."
ASKS = ("How long do I have to ack a page?",) * 2


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer([scripted.text(SAID)]) as server:
        yield server


@pytest.fixture
def asking(server: OpenAIServer, tmp_path: Path, cli: Cli) -> Cli:
    """``copilot`` with a document and a model."""
    docs, home = tmp_path / "docs", tmp_path / "home"
    docs.mkdir()
    docs.joinpath("a.md").write_text("# Paging\n\nYou have 45 minutes to acknowledge a page.\n")
    home.mkdir()
    home.joinpath("config.toml").write_text(
        f'[models]\nanswer = "openai/x"\napi_base = "{server.url}"\n'
        '[models.prices]\n"openai/x" = { input = 100, output = 100 }\n'
    )
    assert cli("index", "add", str(docs)).code == 0
    return cli


def test_what_is_asked_twice_costs_once_and_the_status_tells_what_that_saved(
    asking: Cli, server: OpenAIServer
) -> None:
    lines = "".join(json.dumps({"question": text}) + "\n" for text in ASKS)
    first, second = asking("ask", "--batch", "-", stdin=lines).lines
    assert len(server.requests) == 1
    assert first["text"] == second["text"]
    assert (first["usage"]["cost_usd"], second["usage"]["cost_usd"]) == (0.0018, 0.0)
    assert second["notes"][0].startswith("from the cache, of ")

    shown = asking("ask", ASKS[0])
    assert "copilot: from the cache, of " in shown.err
    assert "saved $0.0018 and" in shown.err
    assert len(server.requests) == 1

    fresh = asking("ask", "--no-cache", ASKS[0])
    assert "from the cache" not in fresh.err
    assert len(server.requests) == 2

    told = asking("cache", "status").out
    assert "2 of 3 (67%): 2 by the same words, 0 by others" in told
    assert "$0.0036" in told
    status = asking("cache", "status", "--json").envelope
    assert (status["entries"], status["looks"], status["exact"]) == (1, 3, 2)
    assert status["saved_microusd"] == 3600
    assert (status["exact_on"], status["semantic_on"]) == (True, True)
    assert asking("cache", "clear").out == "1 answer deleted\n"
    assert asking("cache", "clear").out == "0 answers deleted\n"


@pytest.mark.parametrize("how", ["remove", "sync", "change", "rebuild"])
def test_what_is_kept_of_a_document_goes_when_the_document_does(
    asking: Cli, tmp_path: Path, how: str
) -> None:
    docs, home = tmp_path / "docs", tmp_path / "home"
    docs.joinpath("b.md").write_text("# Lifts\n\nThe lift is beside the kitchen.\n")
    assert asking("index", "sync").code == 0
    assert "from the cache" not in asking("ask", ASKS[0]).err
    assert "from the cache" in asking("ask", ASKS[0]).err
    assert asking("index", "sync").code == 0  # nothing changed
    assert "from the cache" in asking("ask", ASKS[0]).err
    assert _holding(home / "cache", b"acknowledge a page")
    match how:
        case "remove":
            done = asking("index", "remove", str(docs / "a.md"))
        case "sync":
            docs.joinpath("a.md").unlink()
            done = asking("index", "sync")
        case "change":
            docs.joinpath("a.md").write_text("# Paging\n\nNobody is paged any more.\n")
            done = asking("index", "sync")
        case _:
            docs.joinpath("a.md").unlink()
            done = asking("index", "rebuild")
    assert done.code == 0, done.err
    assert not _holding(home / "cache", b"acknowledge a page", b"ack a page")
    assert asking("cache", "status", "--json").envelope["entries"] == 0


def test_a_cache_that_is_no_database_goes_when_a_document_is_removed(
    asking: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "home" / "cache" / "answers.db"
    asking("ask", ASKS[0])
    file.write_text("No database, but: acknowledge a page. " * 100)
    assert asking("index", "remove", str(tmp_path / "docs" / "a.md")).code == 0
    assert not _holding(file.parent, b"acknowledge a page")


def test_removing_a_document_makes_no_cache(cli: Cli, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Lifts\n\nThe lift is beside the kitchen.\n")
    assert cli("index", "add", str(note)).code == 0
    assert cli("index", "remove", str(note)).code == 0
    assert not list((tmp_path / "home").rglob("answers.db*"))


def _holding(folder: Path, *texts: bytes) -> list[Path]:
    """The files of the cache that hold one of the texts."""
    files = [file for file in folder.glob("answers.db*") if file.is_file()]
    return [file for file in files if any(text in file.read_bytes() for text in texts)]


def test_an_empty_cache_says_why_it_answers_nothing(cli: Cli) -> None:
    assert "off: no chat model is configured" in cli("cache", "status").out
    assert cli("cache", "clear", "--json").envelope["entries"] == 0
    switched = cli("cache", "on", "--json").envelope
    assert not switched["semantic_on"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("similarity = 1.5", "cache.similarity"),
        ("treshold = 0.9", "treshold"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(
    cli: Cli, tmp_path: Path, line: str, says: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.joinpath("config.toml").write_text(f"[cache]\n{line}\n")
    done = cli("cache", "status")
    assert done.code == 2
    assert says in done.err
    assert "config.toml" in done.err
