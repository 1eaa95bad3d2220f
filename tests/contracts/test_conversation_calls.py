"""What the core does with conversations for a front end."""

from __future__ import annotations

import json
import shutil
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.adapters.conversations.files import FileConversations
from copilot.errors import DeniedError, NotFoundError
from copilot.events import AskedWith, RunFinished
from copilot.messages import Status, Turn
from copilot.tui.core import Core
from tests.cli.conftest import run_cli
from tests.paged import QUESTION, paged_home
from tests.tui.driving import real_core


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@pytest.fixture
def home(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "home"))


@pytest.fixture
def core(home: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    return real_core(home, monkeypatch)


def begun(home: Path, *names: str) -> FileConversations:
    store = FileConversations(home / "sessions")
    for name in names:
        store.append(name, [Turn("user", f"Where is {name}?"), Turn("assistant", "There.")])
    return store


def audited(home: Path) -> str:
    return "".join(path.read_text("utf-8") for path in home.rglob("audit*") if path.is_file())


async def asked(core: Core, call: calls.Ask) -> tuple[AskedWith, RunFinished]:
    async with aclosing(core.stream(call)) as steps:
        told = [step async for step in steps]
    [with_what] = [step for step in told if isinstance(step, AskedWith)]
    [finished] = [step for step in told if isinstance(step, RunFinished)]
    return with_what, finished


async def names(core: Core) -> list[str]:
    listed = await core.call(calls.ListSessions(), calls.Sessions)
    return [one.name for one in listed.found]


async def test_one_that_began_on_the_command_line_is_listed_and_its_answers_recalled(
    core: Core, home: Path
) -> None:
    assert run_cli("ask", QUESTION, "-s", "shell", home=home).code == 0
    loaded = await core.call(calls.LoadSession("shell"), calls.Loaded)
    assert (loaded.session.title, loaded.total) == (QUESTION, 1)
    [said] = loaded.said
    assert (said.question, bool(said.run_id), bool(said.at)) == (QUESTION, True, True)
    await core.call(calls.Rate(said.run_id, "bad"), calls.Done)
    recalled = await core.call(
        calls.RecallAnswers((said.run_id, "gone", "")), calls.AnswersRecalled
    )
    [answer] = recalled.found
    assert (answer.run_id, answer.answer.text, answer.rating) == (
        said.run_id,
        said.answer,
        "bad",
    )
    assert answer.answer.status is Status.ANSWERED
    assert "45 minutes" in answer.answer.citations[0].quote


async def test_a_ledger_that_is_off_leaves_the_texts(core: Core, home: Path) -> None:
    (home / "config.toml").write_text("[ledger]\nenabled = false\n", encoding="utf-8")
    _, finished = await asked(core, calls.Ask(QUESTION, "talk"))
    [said] = (await core.call(calls.LoadSession("talk"), calls.Loaded)).said
    assert said.run_id == finished.run_id
    recalled = await core.call(calls.RecallAnswers((said.run_id,)), calls.AnswersRecalled)
    assert recalled == calls.AnswersRecalled(())


async def test_a_question_asked_anew_is_no_follow_up_of_itself(core: Core) -> None:
    _, first = await asked(core, calls.Ask(QUESTION, "talk"))
    again, _ = await asked(core, calls.Ask(QUESTION, "talk", instead_of=first.run_id))
    assert again.history == ()
    after, _ = await asked(core, calls.Ask("And then?", "talk"))
    assert [turn.role for turn in after.history] == ["user", "assistant"]
    loaded = await core.call(calls.LoadSession("talk", start=1, limit=1), calls.Loaded)
    assert (loaded.said[0].instead_of, loaded.total) == (first.run_id, 3)


async def test_conversations_are_named_pinned_and_found_by_words(core: Core, home: Path) -> None:
    begun(home, "one", "two", "three")
    await core.call(calls.RenameSession("one", " The\n printer "), calls.Done)
    await core.call(calls.PinSession("two", pinned=True), calls.Done)
    listed = await core.call(calls.ListSessions(), calls.Sessions)
    assert [(one.name, one.title, one.pinned, one.named) for one in listed.found] == [
        ("two", "Where is two?", True, False),
        ("three", "Where is three?", False, False),
        ("one", "The printer", False, True),
    ]
    found = await core.call(calls.SearchSessions("PRINTER there"), calls.SessionHits)
    assert [(one.session.name, one.snippet) for one in found.found] == [("one", "There.")]
    found = await core.call(calls.SearchSessions("where", limit=2), calls.SessionHits)
    assert [one.session.name for one in found.found] == ["two", "three"]
    for call in (calls.RenameSession("four", "x"), calls.PinSession("four", pinned=True)):
        with pytest.raises(NotFoundError, match="'four'"):
            await core.call(call, calls.Done)


async def test_a_deleted_one_is_gone_and_the_audit_trail_knows_without_its_name(
    core: Core, home: Path
) -> None:
    begun(home, "secret-plan", "other")
    await core.call(calls.DeleteSession("secret-plan"), calls.Done)
    assert await names(core) == ["other"]
    trail = audited(home)
    assert "conversation.delete" in trail
    assert "secret-plan" not in trail
    with pytest.raises(NotFoundError, match="'secret-plan'"):
        await core.call(calls.DeleteSession("secret-plan"), calls.Done)


async def test_what_somebody_on_hold_said_is_not_deleted(core: Core, home: Path) -> None:
    begun(home, "mine").append("hers", [Turn("user", "Who?")], by="alice")
    assert run_cli("ledger", "hold", "add", "Alice", "--reason", "a case", home=home).code == 0
    with pytest.raises(DeniedError, match="on hold"):
        await core.call(calls.DeleteSession("hers"), calls.Done)
    await core.call(calls.DeleteSession("mine"), calls.Done)
    assert await names(core) == ["hers"]


async def test_one_is_written_out_and_nothing_is_written_over_unasked(
    core: Core, home: Path, tmp_path: Path
) -> None:
    await asked(core, calls.Ask(QUESTION, "talk"))
    path = tmp_path / "talk.md"
    export = calls.ExportSession("talk", str(path))
    done = await core.call(export, calls.SessionExported)
    assert done == calls.SessionExported(str(path), written=True)
    page = path.read_text(encoding="utf-8")
    assert page.startswith(f"# {QUESTION}\n")
    assert "- [1] Being on call, `" in page
    path.write_text("mine", encoding="utf-8")
    assert not (await core.call(export, calls.SessionExported)).written
    assert path.read_text(encoding="utf-8") == "mine"
    over = calls.ExportSession("talk", str(path), "json", replace=True)
    assert (await core.call(over, calls.SessionExported)).written
    [exchange] = json.loads(path.read_text(encoding="utf-8"))["exchanges"]
    assert exchange["run_id"]
    assert "45 minutes" in exchange["citations"][0]["quote"]
