"""Wrong settings of models: one clear error that names what and where, before anything is sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

QUESTION = "How many days of holiday do I have?"
HERE = "[models.at.here]\nmodel = 'openai/x'\napi_base = 'URL'\n"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer([scripted.text("Never asked.")]) as server:
        yield server


def configured(folder: Path, server: OpenAIServer, toml: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.toml"
    file.write_text(toml.replace("URL", server.url), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("toml", "says", "remedy"),
    [
        ('[models]\nanswr = "openai/x"\n', "models.answr", "answer"),
        ("[models]\nretries = -1\n", "models.retries", "0"),
        ("[models]\nmax_output_tokens = 'many'\n", "models.max_output_tokens", "number"),
        ("[models]\ntotal_timeout_s = 0\n", "models.total_timeout_s", "0"),
        ("[answer]\nevidence_tokens = 10\n", "answer.evidence_tokens", "100"),
        (HERE + "contxt_tokens = 1\n", "models.at.here.contxt_tokens", "context_tokens"),
        ("[models.routes.answer]\nthen = []\n", "models.routes.answer.then", "empty"),
        ('[models.routes.anwser]\nthen = ["here"]\n' + HERE, "'anwser'", "answer, extract"),
        ('[models.prices."openai/x"]\ninput = -1\noutput = 1\n', "input", "0"),
        ('[models]\nanswer = "sk-abcdefghijklmnopqrstuvwxyz123456"\n', "models.answer", "keys set"),
    ],
    ids=lambda value: value.splitlines()[-1][:30] if "\n" in value else None,
)
def test_a_wrong_setting_is_named_with_its_file_and_what_would_be_right(
    cli: Cli, tmp_path: Path, server: OpenAIServer, toml: str, says: str, remedy: str
) -> None:
    file = configured(tmp_path / "home", server, toml)
    done = cli("models", "list")
    assert done.code == 2
    assert says in done.err
    assert remedy in done.err
    assert str(file) in done.err
    assert "Traceback" not in done.err
    assert server.requests == []


@pytest.mark.parametrize(
    ("model", "says", "remedy"),
    [
        ("local/nothing", "there is no local model 'local/nothing'", "local/smollm2"),
        ("two words", "'two words' can't be the name", "openai/"),
    ],
)
def test_a_name_that_no_model_can_have_stops_the_command(
    handbook: Cli, model: str, says: str, remedy: str
) -> None:
    done = handbook("ask", QUESTION, env={"COPILOT_MODELS__ANSWER": model})
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert remedy in done.err


@pytest.mark.parametrize(
    ("model", "says", "remedy"),
    [
        ("openai/gpt-5-mini", "no key for openai", "copilot keys set openai"),
        (
            "local//nowhere/x.gguf",
            "there is no file /nowhere/x.gguf",
            ".gguf file in models.answer",
        ),
    ],
)
def test_a_model_that_can_t_be_asked_is_told_once_and_the_answer_is_quoted(
    handbook: Cli, model: str, says: str, remedy: str
) -> None:
    done = handbook("ask", QUESTION, env={"COPILOT_MODELS__ANSWER": model})
    assert done.code == 0
    assert "Sources" in done.out
    assert done.err.count(says) == 1
    assert "the answer is quoted" in done.err
    assert remedy in done.err


def test_a_prompt_with_an_undeclared_variable_stops_the_command_and_nothing_is_sent(
    handbook_home: Path, tmp_path: Path, cli: Cli, server: OpenAIServer
) -> None:
    home = tmp_path / "home"
    shutil.copytree(handbook_home / "index", home / "index")
    text = (REPOSITORY / "prompts" / "answering" / "write.md").read_text("utf-8")
    own = home / "prompts" / "answering" / "write.md"
    own.parent.mkdir(parents=True)
    own.write_text(f"{text}\nAlso: {{{{mood}}}}\n", encoding="utf-8")
    configured(home, server, "[models]\nanswer = 'openai/x'\napi_base = 'URL'\n")
    done = cli("ask", QUESTION)
    assert done.code == 2
    assert "{{mood}}" in done.err
    assert str(own) in done.err
    assert "[inputs]" in done.err
    assert server.requests == []
