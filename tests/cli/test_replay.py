"""``copilot runs replay`` over the real sample handbook: the same again, or what is different."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from copilot.answering.replaying import compare
from copilot.cli.replaying import replay_lines
from copilot.reruns import Outcome, Replayed
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Finished, run_cli
from tests.corpora import REPOSITORY

QUESTIONS = (
    "How do I roll back a release?",
    "How many days of annual leave do I get?",
    "Who is paged first at night?",
    "What is the capital of Mongolia?",
)
HR = {"COPILOT_PRINCIPAL__GROUPS": '["hr"]'}


@dataclass(frozen=True)
class Home:
    """A home with an index of a copy of the handbook that may be changed."""

    path: Path
    handbook: Path

    def __call__(self, *arguments: str, **options: Any) -> Finished:
        done = run_cli(*arguments, home=self.path, timeout=300, **options)
        assert done.code in (0, 10), done.err
        return done

    def ask(self, *arguments: str, **options: Any) -> str:
        """The id of the run."""
        run_id = self("ask", "--json", *arguments, **options).envelope["run_id"]
        assert isinstance(run_id, str)
        return run_id

    def replay(self, *arguments: str, **options: Any) -> dict[str, Any]:
        return self("runs", "replay", "--json", *arguments, **options).envelope

    def change_the_prompt(self) -> None:
        """The person's own version of the prompt, which is taken before ours."""
        own = Path(self("config", "path", "prompts").out.strip(), "answering", "write.md")
        ours = Path(REPOSITORY, "prompts/answering/write.md").read_text(encoding="utf-8")
        own.parent.mkdir(parents=True)
        own.write_text(ours.replace("\n# System\n", "\n# System\nYou are a pirate.\n"), "utf-8")

    def rewrite_the_handbook(self) -> None:
        """Some documents say something else, some are gone, a new one stands first."""
        documents = sorted(self.handbook.rglob("*.md"))
        assert len(documents) > 20
        for number, path in enumerate(documents):
            text = path.read_text(encoding="utf-8")
            if number % 3 == 0:
                path.unlink()
            elif number % 3 == 1:
                path.write_text(text.replace("release", "roll-out") + "\n\nSo it is.\n", "utf-8")
        new = "# Roll back a release\n\nTo roll back a release, a week of annual leave is needed.\n"
        (self.handbook / "a.md").write_text(new, "utf-8")


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("replay")
    shutil.copytree(Path(REPOSITORY, "data/handbook"), folder / "handbook")
    home = Home(folder / "home", folder / "handbook")
    home("index", "add", str(home.handbook))
    return home


@pytest.mark.slow
def test_a_replay_after_the_index_was_made_anew_gives_the_same_to_the_byte(indexed: Home) -> None:
    home = indexed
    batch = "\n".join(json.dumps({"id": q, "question": q}) for q in QUESTIONS)
    runs = [line["run_id"] for line in home("ask", "--batch", "-", stdin=batch).lines]
    home("ask", "-s", "trip", "How do I book a trip?")
    runs.append(home.ask("-s", "trip", "And what about hotels?"))
    runs.append(home.ask("--path", str(home.handbook / "runbooks"), QUESTIONS[0]))
    home("search", "roll back a release")
    [search] = home("runs", "list", "--json", "--kind", "search").lines
    runs.append(search["run"]["id"])
    home("search", "--source", str(home.handbook), "roll back a release")
    [latest, _] = home("runs", "list", "--json", "--kind", "search").lines
    runs.append(latest["run"]["id"])
    bands = home.ask("What are the compensation bands?", env=HR)
    shown = {run: home("runs", "show", run, "--json").envelope["run"] for run in runs}

    home.rewrite_the_handbook()
    home("index", "sync")
    home("index", "rebuild")
    home("index", "remove", str(home.handbook / "runbooks"))

    for run in runs:
        again = home.replay(run)
        assert again["same"], (shown[run]["summary"]["question"], again["difference"])
        assert again["now"]["index_version"] == shown[run]["index_version"]
        assert again["now"]["answer"] == shown[run]["answer"]
        assert [(hit["passage_id"], hit["score"]) for hit in again["now"]["hits"]] == [
            (hit["passage_id"], hit["score"]) for hit in shown[run]["hits"]
        ]
        assert again["now"]["hits"]
    assert home.replay(bands, env=HR)["same"]
    without = home.replay(bands)
    assert any("compensation" in hit["path"] for hit in without["then"]["hits"])
    assert not any("compensation" in hit["path"] for hit in without["now"]["hits"])
    assert "which you aren't in" in without["notes"][0]
    today = home.replay(runs[0], "--now")
    assert not today["same_hits"]
    assert not today["same_answer"]
    assert today["then"]["answer"] == shown[runs[0]]["answer"]
    assert today["difference"]
    told = home("runs", "replay", runs[0]).out
    assert "the same, to the byte" in told
    changed = home("runs", "replay", runs[0], "--now").out
    assert "differs" in changed
    assert "+ 1. " in changed


MODEL_CONFIG = """
[models]
answer = "openai/scripted"
api_base = "{url}"
key = "scripted"
[models.prices."openai/scripted"]
input = 1.0
output = 10.0
"""
KEY = {"COPILOT_KEY_SCRIPTED": "none", "OPENAI_API_KEY": "none"}


@pytest.fixture
def small(tmp_path: Path) -> Home:
    """A home with one document."""
    home = Home(tmp_path / "home", tmp_path / "handbook")
    home.handbook.mkdir()
    text = "# Being on call\n\nIf you are paged, you have 45 minutes to acknowledge.\n"
    (home.handbook / "on-call.md").write_text(text, "utf-8")
    home("index", "add", str(home.handbook))
    return home


def test_a_model_is_asked_again_and_what_it_says_otherwise_is_shown(small: Home) -> None:
    quoted = small.ask("How long do I have to acknowledge?")
    with OpenAIServer() as server:
        config = small("config", "path", "config").out.strip()
        Path(config).write_text(MODEL_CONFIG.format(url=server.url), "utf-8")
        server.script(scripted.text("You have 45 minutes to acknowledge [1]."))
        written = small.ask("How long do I have to acknowledge?", env=KEY)
        small.change_the_prompt()
        server.script(scripted.text("Once paged, you have 45 minutes to acknowledge [1]."))
        again = small.replay(written, env=KEY)
        assert again["then"]["model"] == again["now"]["model"] == "openai/scripted"
        assert (again["same_hits"], again["same_answer"]) == (True, False)
        assert "-You have 45 minutes to acknowledge. [1]" in again["difference"]
        assert "+Once paged, you have 45 minutes to acknowledge. [1]" in again["difference"]
        # With the prompt of then, though the file says something else by now.
        assert again["now"]["prompt"] == again["then"]["prompt"]
        assert "pirate" not in json.dumps([one.body for one in server.requests])
        # What was quoted then is quoted again, though a model is configured by now.
        server.script(scripted.text("You have 45 minutes to acknowledge [1]."))
        assert small.replay(quoted, env=KEY)["same"]
        assert server.requests == []
        today = small.replay(quoted, "--now", env=KEY)
        assert today["now"]["model"] == "openai/scripted"
        assert "pirate" in json.dumps([one.body for one in server.requests])
    listed = small("runs", "list", "--json", "--kind", "replay").lines
    assert [run["run"]["cost_microusd"] for run in listed] == [81, 0, 81]
    assert {run["run"]["conversation"] for run in listed} == {""}


def test_a_model_is_named_before_it_is_asked_again_and_left_alone_once_it_is_switched_off(
    small: Home,
) -> None:
    config = Path(small("config", "path", "config").out.strip())
    with OpenAIServer() as server:
        config.write_text(MODEL_CONFIG.format(url=server.url), "utf-8")
        server.script(scripted.text("You have 45 minutes to acknowledge [1]."))
        written = small.ask("How long do I have to acknowledge?", env=KEY)
        server.script(scripted.text("You have 45 minutes to acknowledge [1]."))
        again = small("runs", "replay", env=KEY)
        assert "copilot: asks openai/scripted again" in again.err
        assert len(server.requests) == 1
        server.script(scripted.server_error(503))
        failed = small("runs", "replay", env={**KEY, "COPILOT_MODELS__RETRIES": "0"})
        assert "status    answered → degraded" in failed.out
        assert "the model failed" in failed.err
        server.script()
        off = small("runs", "replay", env={**KEY, "COPILOT_MODELS__ANSWER": ""})
        # A replay isn't what a person asked last.
        assert f"run       {written}" in off.out
        assert "openai/scripted isn't configured any more and isn't asked" in off.out
        assert "model     openai/scripted → quoting" in off.out
        assert (off.err, server.requests) == ("", [])


def test_a_replay_of_today_says_in_words_what_is_different(small: Home) -> None:
    small.ask("How long do I have to acknowledge?", env={"COPILOT_ANSWER__MAX_WORDS": "60"})
    text = "# Being on call\n\nIf you are paged, you have 15 minutes to acknowledge.\n"
    (small.handbook / "on-call.md").write_text(text, "utf-8")
    small("index", "sync")
    told = small("runs", "replay", "--now").out
    assert "answer.max_words was 60 and is 120" in told
    answers = told[told.index("answer    differs") :].splitlines()[1:5]
    assert answers == [
        "  --- then",
        "  +++ now",
        "  -If you are paged, you have 45 minutes to acknowledge. [1]",
        "  +If you are paged, you have 15 minutes to acknowledge. [1]",
    ]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("answered", "the one of then isn't kept"),
        ("interrupted", "then there was none"),
        ("failed", "then there was none"),
    ],
)
def test_an_answer_that_never_was_is_told_from_one_that_is_not_kept(status: str, said: str) -> None:
    now = Outcome("run-2", "answered", "quoting", None, 3, (), "At nine. [1]", ())
    then = replace(now, run_id="run-1", status=status, answer=None)
    told = list(replay_lines(Replayed("When?", False, False, (), compare(then, now))))
    assert f"answer    {said}" in told
    assert told[-1] == "  +At nine. [1]"


def test_a_search_that_was_made_again_has_a_run_of_its_own(small: Home) -> None:
    small("search", "acknowledge")
    [found] = small("runs", "list", "--json", "--kind", "search").lines
    again = small.replay(found["run"]["id"])
    assert again["same"]
    newest = small("runs", "list", "--json", "-n", "1").lines[0]["run"]
    assert (newest["id"], newest["kind"]) == (again["now"]["run_id"], "replay")
