"""An application that is open answers under the release that is in force when it is asked."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.events import RunFinished, RunStarted, Warned
from copilot.operations.following import Following
from copilot.serving.client import Client
from tests.cli.conftest import run_cli
from tests.corpora import REPOSITORY
from tests.paged import QUESTION, paged_home

PROMPT = REPOSITORY / "prompts" / "answering" / "write.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return paged_home(tmp_path)


@pytest.fixture
async def client(home: Path) -> AsyncIterator[Client]:
    made = Client(env={**os.environ, "COPILOT_HOME": str(home)})
    yield made
    await made.stop()


async def asked(client: Client, home: Path) -> tuple[str, list[Warned]]:
    """The release that the next question ran under, as its record has it, and what was told."""
    told: list[Warned] = []
    run_id = release = ""
    async with aclosing(client.stream(calls.Ask(QUESTION, "talk"))) as steps:
        async for step in steps:
            if isinstance(step, RunStarted):
                release = step.release
            if isinstance(step, Warned):
                told.append(step)
            if isinstance(step, RunFinished):
                run_id = step.run_id
    shown = run_cli("runs", "show", run_id, "--json", home=home).envelope["run"]
    assert shown["summary"]["release"] == release
    return release, told


async def test_the_next_question_runs_under_the_release_that_was_gone_to(
    client: Client, home: Path
) -> None:
    first, told = await asked(client, home)
    assert told == []
    process = client._process
    (home / "config.toml").write_text("[answer]\nmax_words = 50\n", encoding="utf-8")
    second, told = await asked(client, home)
    assert second != first
    assert [one.message for one in told] == [f"release {second} is in force now, no longer {first}"]
    assert run_cli("release", "rollback", "--reason", "worse", home=home).code == 0
    third, told = await asked(client, home)
    assert third == first
    assert [one.message for one in told] == [f"release {first} is in force now, no longer {second}"]
    assert f"copilot release diff {second} {first}" in told[0].hint
    assert await asked(client, home) == (first, [])
    assert run_cli("release", "activate", "files", home=home).code == 0
    assert (await asked(client, home))[0] == second
    assert client._process is process


async def test_a_release_that_is_broken_leaves_the_one_in_force_and_is_told_once(
    client: Client, home: Path
) -> None:
    first, _ = await asked(client, home)
    (home / "config.toml").write_text("[answer]\nmax_words = 50\n", encoding="utf-8")
    second, _ = await asked(client, home)
    active = home / "releases" / "active.json"
    active.write_text(f'{{"id": "{first}"}}', encoding="utf-8")
    manifest = home / "releases" / first / "release.json"
    whole = manifest.read_text(encoding="utf-8")
    manifest.write_text(whole.replace("120", "121"), encoding="utf-8")
    release, told = await asked(client, home)
    assert release == second
    [one] = told
    assert f"release {second} stays in force" in one.message
    assert f"release {first} can't be brought back" in one.message
    assert one.hint
    assert await asked(client, home) == (second, [])
    manifest.write_text(whole, encoding="utf-8")
    assert (await asked(client, home))[0] == first


def test_what_was_loaded_is_carried_on_and_what_depends_on_it_is_built_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_HOME", str(home))
    following = Following()
    old = following.now()
    embedder, index, searcher, prompts = old.embedder, old.index, old.searcher, old.prompts
    assert following.now() is old
    (home / "config.toml").write_text("[answer]\nmax_words = 50\n", encoding="utf-8")
    new = following.now()
    assert new is not old
    assert (new.embedder, new.index, new.searcher) == (embedder, index, searcher)
    assert new.prompts is not prompts
    assert new.conversing.parts.release == new.content.id != old.content.id
    threads = "[answer]\nmax_words = 50\n[embedding]\nthreads = 1\n"
    (home / "config.toml").write_text(threads, encoding="utf-8")
    following.told()
    assert following.now().embedder is not embedder
    assert following.told() == []  # it decides no answer, so it is no other release


def test_a_prompt_and_a_label_count_from_the_next_question_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_HOME", str(home))
    following = Following()
    first = following.now().content.id
    own = home / "prompts" / "answering" / "write.md"
    own.parent.mkdir(parents=True)
    text = PROMPT.read_text(encoding="utf-8")
    own.write_text(text.replace("You answer questions", "You sing about questions"))
    second = following.now().content.id
    assert second != first
    own.write_text("no prompt\n")
    following.told()
    kept = following.now()
    assert kept.prompts.get("answering/write").body.count("You sing about questions") == 1
    [told] = following.told()
    assert f"release {second} stays in force" in told.message
    assert str(own) in told.message
    assert following.now() is kept
    assert following.told() == []
    own.unlink()
    assert following.now().content.id == first
    following.told()
    (home / "prompts" / "labels.toml").write_text('[production]\n"answering/write" = "99"\n')
    assert following.now().content.id == first
    assert "is version 99, which isn't there" in following.told()[0].message


def test_a_batch_goes_on_under_the_release_that_was_gone_to(home: Path, tmp_path: Path) -> None:
    """The second line is written once the first is answered, and the release changed."""
    pipe = tmp_path / "questions"
    os.mkfifo(pipe)
    line = f'{{"question": "{QUESTION}"}}\n'
    shutil.rmtree(home / "releases")  # of the sync

    def write() -> None:
        with pipe.open("w", encoding="utf-8") as lines:
            lines.write(line)
            lines.flush()
            _wait_for_a_release(home)
            (home / "config.toml").write_text("[answer]\nmax_words = 50\n", encoding="utf-8")
            lines.write(line)

    writer = threading.Thread(target=write)
    writer.start()
    done = run_cli("ask", "--batch", str(pipe), home=home)
    writer.join()
    runs = [one["run_id"] for one in done.lines]
    [first, second] = [
        run_cli("runs", "show", run, "--json", home=home).envelope["run"]["summary"]["release"]
        for run in runs
    ]
    assert first != second
    assert f"release {second} is in force now, no longer {first}" in done.err


def _wait_for_a_release(home: Path) -> None:
    """The first run keeps it, so what it is made of was read."""
    deadline = threading.Event()
    for _ in range(600):
        if list((home / "releases").glob("[!.]*/release.json")):
            return
        deadline.wait(0.05)
    raise AssertionError("no run began")


def test_an_experiment_runs_once_the_prompt_that_it_wants_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "flags.toml").write_text(
        "[experiments.kind.variants]\ncontrol = {}\n"
        'b = { "prompts.answering/write" = "candidate" }\n'
    )
    monkeypatch.setenv("COPILOT_HOME", str(home))
    following = Following()
    [trouble] = following.now().flags.file().troubles
    assert "no prompt answering/write has the label or version candidate" in trouble.message
    use = ("prompts", "use", "answering/write")
    assert run_cli(*use, "1", "--label", "candidate", home=home).code == 0
    found = following.now().flags.file()
    assert not found.troubles
    assert list(found.experiments) == ["kind"]
    assert run_cli(*use, "default", "--label", "candidate", home=home).code == 0
    assert following.now().flags.file().troubles
