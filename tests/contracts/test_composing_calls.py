"""What the core answers who writes a question: documents, earlier questions, attachments."""

from __future__ import annotations

import shutil
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.calls.composing import (
    Attach,
    Attached,
    AttachedThere,
    FindDocuments,
    FindFiles,
    FindQuestions,
    FoundDocuments,
    FoundFiles,
    FoundQuestions,
    ListAttached,
    TakeAway,
)
from copilot.errors import NotFoundError, ReadError
from copilot.events import Event, RunFinished
from copilot.messages import Answer, Status
from copilot.tui.core import Core
from tests.paged import QUESTION, paged_home
from tests.tui.driving import real_core

LOG = """\
12:01 INFO gateway started
12:02 ERROR the certificate of the gateway expired yesterday

The certificate of the gateway is renewed by hand with gwctl renew.
"""
ABOUT_LOG = "How is the certificate of the gateway renewed?"


@pytest.fixture
def core(page_home: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    return real_core(page_home, monkeypatch)


async def answered(core: Core, ask: calls.Ask) -> Answer:
    async with aclosing(core.stream(ask)) as steps:
        told: list[Event | calls.Reply] = [step async for step in steps]
    finished = told[-2]
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None
    return finished.answer


async def test_documents_are_found_by_name_and_a_question_is_confined_to_them(
    core: Core,
) -> None:
    found = await core.call(FindDocuments("oncall"), FoundDocuments)
    [document] = found.found
    assert (Path(document.path).name, found.total) == ("on-call.md", 1)
    assert (await core.call(FindDocuments("zzz"), FoundDocuments)).total == 0
    inside = await answered(core, calls.Ask(QUESTION, "talk", paths=(document.path,)))
    assert [one.path for one in inside.citations] == [document.path]
    assert any(note.startswith("looked only in") for note in inside.notes)
    outside = await answered(core, calls.Ask(QUESTION, "talk", paths=("/docs/other.md",)))
    assert outside.status is Status.ABSTAINED
    assert any(note == "looked only in other.md" for note in outside.notes)


async def test_a_pasted_text_is_quoted_to_the_character_without_a_model(core: Core) -> None:
    told = await core.call(Attach("talk", name="pasted 1", text=LOG), Attached)
    ask = calls.Ask(ABOUT_LOG, "talk", attached=(told.attachment.id,))
    answer = await answered(core, ask)
    assert answer.status is Status.ANSWERED
    [citation] = answer.citations
    assert (citation.title, citation.path) == ("pasted 1", told.attachment.path)
    assert "gwctl renew" in citation.quote
    assert citation.quote in LOG
    place = citation.locator
    assert (place.kind, place.start, place.end) == ("lines", 1, 4)


async def test_with_something_attached_the_index_is_asked_too(core: Core) -> None:
    told = await core.call(Attach("talk", name="pasted 1", text=LOG), Attached)
    answer = await answered(core, calls.Ask(QUESTION, "talk", attached=(told.attachment.id,)))
    assert [Path(one.path).name for one in answer.citations] == ["on-call.md"]


async def test_a_file_is_attached_until_it_is_taken_away(core: Core, tmp_path: Path) -> None:
    file = tmp_path / "it's a log.txt"
    file.write_text(LOG)
    pasted = "'" + str(file).replace("'", "'\\''") + "'"
    assert await core.call(FindFiles(pasted), FoundFiles) == FoundFiles((str(file),))
    assert await core.call(FindFiles("what's up?"), FoundFiles) == FoundFiles(())
    told = await core.call(Attach("talk", path=str(file)), Attached)
    there = await core.call(ListAttached("talk"), AttachedThere)
    assert there.found == (told.attachment,)
    await core.call(TakeAway("talk", told.attachment.id), calls.Done)
    assert await core.call(ListAttached("talk"), AttachedThere) == AttachedThere(())
    with pytest.raises(NotFoundError):
        await answered(core, calls.Ask(ABOUT_LOG, "talk", attached=(told.attachment.id,)))


async def test_a_file_that_cannot_be_read_is_named(core: Core, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 no")
    with pytest.raises(ReadError, match=r"broken\.pdf"):
        await core.call(Attach("talk", path=str(tmp_path / "broken.pdf")), Attached)
    assert await core.call(ListAttached("talk"), AttachedThere) == AttachedThere(())


async def test_earlier_questions_are_found_over_all_conversations(core: Core) -> None:
    await answered(core, calls.Ask(QUESTION, "one"))
    await answered(core, calls.Ask("Who is paged then?", "two"))
    found = await core.call(FindQuestions(""), FoundQuestions)
    assert [one.text for one in found.found] == ["Who is paged then?", QUESTION]
    [only] = (await core.call(FindQuestions("ACKNOWLEDGE page"), FoundQuestions)).found
    assert (only.text, only.asked_at[:2]) == (QUESTION, "20")


@pytest.fixture(scope="module")
def page_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@pytest.fixture
def page_home(page_source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(page_source, tmp_path / "home"))
