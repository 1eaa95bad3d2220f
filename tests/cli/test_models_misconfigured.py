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
        ('[models]\napi_base = "localhost:8000/v1"\n', "models.api_base", "http://"),
        ("[models.at.here]\nmodel = 'openai/x'\napi_base = 'here'\n", "models.at.here", "http://"),
        (
            '[models]\nanswer = "local/nothing"\n',
            "models.answer is 'local/nothing'",
            "local/smollm2",
        ),
        ('[models]\nanswer = "two words"\n', "models.answer is 'two words'", "openai/"),
        ('[models]\nanswer = "gpt-5-mini"\n', "models.answer", "openai/gpt-5-mini"),
        ('[models]\nanswer = "openai/"\n', "models.answer", "names no model"),
        ('[models]\nanswer = "hree"\n' + HERE, "models.answer", "Did you mean here?"),
        ("[models.at.here]\napi_base = 'URL'\n", "models.at.here.model is missing", "openai/"),
        ("[models.at.here]\nmodel = 'nobody/x'\n", "models.at.here.model", "PROVIDER/MODEL"),
        ('[extraction]\nmodel = "opnai/x"\n', "extraction.model", "Did you mean openai/x?"),
        ('[embedding]\nmodel = "litellm:nobody/x"\n', "embedding.model", "litellm:openai/"),
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
    ("route", "key"),
    [
        ('[models.routes.answer]\nthen = ["here", "nobody/x"]\n', "models.routes.answer.then"),
        ('[models.routes.answer]\ncheap = ["nobody/x"]\n', "models.routes.answer.cheap"),
        (
            '[models.routes.answer]\ncheap = ["here"]\nstrong = ["nobody/x"]\n',
            "models.routes.answer.strong",
        ),
        (
            '[models.routes.answer]\ncheap = ["here"]\nrouter = "nobody/x"\n',
            "models.routes.answer.router",
        ),
        ('[models.routes.judge]\nmodels = ["here", "nobody/x"]\n', "models.routes.judge.models"),
        ('[models.routes.extract]\nthen = ["nobody/x"]\n', "models.routes.extract.then"),
    ],
)
@pytest.mark.parametrize(
    "command", ["ask", "extract", "models list", "models test", "config check", "doctor"]
)
def test_a_route_to_a_provider_that_there_is_not_stops_the_command_before_anything_is_sent(
    cli: Cli, tmp_path: Path, server: OpenAIServer, route: str, key: str, command: str
) -> None:
    first = "[models]\nanswer = 'openai/x'\napi_base = 'URL'\n[extraction]\nmodel = 'openai/x'\n"
    file = configured(tmp_path / "home", server, first + route + HERE)
    given = {"ask": [QUESTION], "extract": ["title", "-"]}.get(command, [])
    done = cli(*command.split(), *given, stdin="A title: one")
    told = " ".join(f"{done.out} {done.err}".split())
    assert done.code == 2
    assert f"{key} is 'nobody/x', and no provider 'nobody' is known" in told
    assert f"user file {file}:" in told
    assert "PROVIDER/MODEL" in told
    assert server.requests == []


def test_a_name_of_ones_own_may_look_like_a_provider_s(
    cli: Cli, tmp_path: Path, server: OpenAIServer
) -> None:
    named = HERE.replace("at.here", 'at."nobody/x"')
    configured(tmp_path / "home", server, f'[models]\nanswer = "nobody/x"\n{named}')
    done = cli("models", "list", "--json")
    assert done.code == 0
    assert done.lines[0]["model"] == "openai/x"


def test_a_wrong_name_in_the_environment_is_told_of_the_variable(handbook: Cli) -> None:
    done = handbook("ask", QUESTION, env={"COPILOT_MODELS__ANSWER": "nobody/x"})
    assert (done.code, done.out) == (2, "")
    assert "environment COPILOT_MODELS__ANSWER: models.answer" in done.err


def test_an_experiment_with_a_model_that_can_t_be_gives_everybody_control(
    handbook_home: Path, tmp_path: Path, cli: Cli, server: OpenAIServer
) -> None:
    home = tmp_path / "home"
    shutil.copytree(handbook_home / "index", home / "index")
    configured(home, server, HERE)
    variant = "[experiments.e.variants.b]\nweight = 50\n'models.answer' = '{}'\n"
    control = "[experiments.e.variants.control]\nweight = 50\n"
    flags = home / "flags.toml"
    flags.write_text(control + variant.format("nobody/x"), encoding="utf-8")
    done = cli("ask", QUESTION)
    assert done.code == 0
    assert f"{flags}:5: experiments.e.variants.b.models.answer is 'nobody/x'" in done.err
    assert "PROVIDER/MODEL" in done.err
    assert cli("flags", "list").code == 2
    assert server.requests == []
    flags.write_text(control + variant.format("here"), encoding="utf-8")
    assert cli("flags", "list").code == 0


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
    as_json = handbook("ask", "--json", QUESTION, env={"COPILOT_MODELS__ANSWER": model})
    assert as_json.envelope["status"] == "degraded"
    assert says in as_json.err
    assert remedy in as_json.err


def test_a_key_under_a_name_of_ones_own_is_missed_by_that_name(handbook: Cli) -> None:
    env = {"COPILOT_MODELS__ANSWER": "openai/gpt-5-mini", "COPILOT_MODELS__KEY": "acme"}
    done = handbook("ask", QUESTION, env=env)
    assert done.code == 0
    assert "no key for openai, which models.key or models.at calls acme" in done.err
    assert "copilot keys set acme" in done.err


def test_the_doctor_names_a_model_that_a_budget_keeps_from_being_asked(
    cli: Cli, tmp_path: Path, server: OpenAIServer
) -> None:
    home = tmp_path / "home"
    unpriced = "[budgets]\nday_usd = 1\n[models]\nanswer = 'openai/unheard-of'\n"
    configured(home, server, unpriced)
    env = {"COPILOT_KEY_OPENAI": "a-key"}
    told = "nobody knows its price, and a budget in money"
    found = cli("doctor", "--json", env=env).envelope["findings"]
    [one] = [one for one in found if told in one["detail"]]
    assert one["status"] == "problem"
    assert '[models.prices."openai/unheard-of"]' in one["fix"]
    prices = '[models.prices."openai/unheard-of"]\ninput = 1\noutput = 1\n'
    configured(home, server, unpriced + prices)
    found = cli("doctor", "--json", env=env).envelope["findings"]
    assert not [one for one in found if told in one["detail"]]


@pytest.mark.parametrize(
    ("prompt", "command"),
    [
        ("answering/write", "ask"),
        ("answering/judge", "ask"),
        ("answering/repair", "ask"),
        ("answering/continue", "ask"),
        ("extraction/read", "extract"),
        ("extraction/repair", "extract"),
    ],
)
def test_a_prompt_with_an_undeclared_variable_stops_the_command_and_nothing_is_sent(
    handbook_home: Path, tmp_path: Path, cli: Cli, server: OpenAIServer, prompt: str, command: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(handbook_home / "index", home / "index")
    text = (REPOSITORY / "prompts" / f"{prompt}.md").read_text("utf-8")
    own = home / "prompts" / f"{prompt}.md"
    own.parent.mkdir(parents=True)
    own.write_text(f"{text}\nAlso: {{{{mood}}}}\n", encoding="utf-8")
    first = "[models]\nanswer = 'openai/x'\napi_base = 'URL'\n[extraction]\nmodel = 'openai/x'\n"
    configured(home, server, first + "[models.routes.judge]\nmodels = ['openai/x']\n")
    given = [QUESTION] if command == "ask" else ["ticket", "-"]
    done = cli(command, *given, stdin="The printer is broken.")
    assert done.code == 2
    assert "{{mood}}" in done.err
    assert str(own) in done.err
    assert "[inputs]" in done.err
    assert server.requests == []
