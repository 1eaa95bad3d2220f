"""What is done with an answer, by keys and by the mouse: looked into, opened, rated, asked anew."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from copilot import calls
from copilot.config.looks import Looks
from copilot.errors import NotFoundError, StorageError
from copilot.events import CitationChecked, Event, RunFinished, TextDelta
from copilot.messages import Answer, Searched, Sentence, Status, Support
from copilot.testing.run_events import QUOTE, citation, hits, passage, quoted_run
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.composer import Composer
from copilot.tui.lit_text import LitText
from copilot.tui.models import ModelScreen
from copilot.tui.viewer import ViewerScreen
from copilot.tui.waiting import Waiting
from tests.paged import QUESTION, TEXT, paged_home
from tests.tui.driving import NARROW, WIDE, Driver, click, driven, real_core


def asked(driver: Driver) -> list[calls.Ask]:
    return [one for one in driver.core.heard if isinstance(one, calls.Ask)]


async def until(driver: Driver, there: object) -> None:
    """Wait for what a core in a thread will bring."""
    assert callable(there)
    for _ in range(500):
        if there():
            await driver.pilot.pause()
            return
        await driver.pilot.pause(0.01)
    pytest.fail(f"it never came:\n{driver.screen_text()}")


def checked() -> Sequence[Event]:
    """A turn one of whose sentences was left out, and one of which nothing was found."""
    cited = citation()
    sentences = (
        Sentence(QUOTE, (1,), Support.SUPPORTED, "terms and numbers agree"),
        Sentence("Then be patient.", (), Support.UNCITED, "no passage says it"),
    )
    answer = Answer(
        Status.ANSWERED, f"{QUOTE} [1] Then be patient.", sentences, (cited,), notes=("one note",)
    )
    return [
        CitationChecked("It takes 9 s.", Support.UNSUPPORTED, (), "9 is not cited", "dropped"),
        TextDelta(answer.text),
        RunFinished("run-1", Status.ANSWERED, answer, 1_000.0),
    ]


# --- verdicts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_the_verdict_on_each_sentence_is_a_key_away_and_goes_again(
    tmp_path: Path, by: str
) -> None:
    async def look(driver: Driver) -> None:
        if by == "key":
            await driver.pilot.press("ctrl+o")
            await driver.pilot.pause()
        else:
            await click(driver, "^O why")

    async with driven(ScriptedCore(checked()), tmp_path) as driver:
        await driver.ask("how?")
        assert "✓ supported" not in driver.screen_text()
        await look(driver)
        seen = driver.screen_text()
        assert f"✓ supported [1]: {QUOTE}" in seen
        assert "? not found (no passage says it): Then be patient." in seen
        assert "✗ left out (9 is not cited): It takes 9 s." in seen
        assert seen.count("9 is not cited") == 1
        await look(driver)
        assert "✓ supported" not in driver.screen_text()


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_the_check_said_of_a_sentence_stands_in_place(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with driven(ScriptedCore(checked()), tmp_path, size=size) as driver:
        turn = await driver.ask("how?")
        seen = driver.screen_text()
        assert f"{QUOTE} [1]✓ Then be patient.\N{NO-BREAK SPACE}?" in seen
        assert "✗ left out: “It takes 9 s.” 9 is not cited" in seen
        assert "1 of 2 sentences are borne out · 1 left out" in seen
        await driver.pilot.press("escape", "y")
        assert driver.app.clipboard.startswith(turn.text)
        await click(driver, "✓ Then")
        assert "? not found (no passage says it): Then be patient." in driver.screen_text()


async def test_a_sentence_is_marked_as_soon_as_it_stands_there(tmp_path: Path) -> None:
    gate = asyncio.Event()
    step = CitationChecked(QUOTE, Support.SUPPORTED, (citation(),), "so it says", "shown")
    lead = TextDelta(f"Do this: {QUOTE} [1]")
    async with driven(ScriptedCore([step, lead, gate, *quoted_run("r")]), tmp_path) as driver:
        await driver.type("how?")
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        assert not driver.turns[0].ended
        assert f"Do this: {QUOTE} [1]✓" in driver.screen_text()
        gate.set()
        await driver.settled()
        assert driver.screen_text().count("[1]✓") == 1


async def test_twenty_sentences_and_twenty_left_out_stay_calm_in_80_columns(tmp_path: Path) -> None:
    said = tuple(Sentence(f"Step {n} is done.", (1,), Support.SUPPORTED) for n in range(20))
    text = "\n".join(f"- {one.text} [1]" for one in said)
    left = [
        CitationChecked(
            f"Then {'the moon is paged and ' * 9} {n}.",
            Support.UNSUPPORTED,
            (),
            "[1] doesn't say this: nothing there of 'moon'",
            "dropped",
        )
        for n in range(20)
    ]
    note = "20 sentences were left out: not supported by the sources"
    answer = Answer(Status.ANSWERED, text, said, (citation(),), notes=(note,))
    events = [*left, TextDelta(text), RunFinished("run-1", Status.ANSWERED, answer, 900.0)]
    async with driven(ScriptedCore(events), tmp_path, size=(80, 60)) as driver:
        await driver.ask("how?")
        lines = [line.strip() for line in driver.screen_text().splitlines()]
        assert sum(line.endswith("[1]✓") for line in lines) == 20
        below = lines[next(at for at, line in enumerate(lines) if "Step 19" in line) + 1 :]
        told = below[1 : next(at for at, line in enumerate(below) if line.startswith("+ good"))]
        assert sum("left out:" in line for line in told) == 3
        assert told[-2:] == [
            "✗ 17 more left out",
            "✓ every sentence is borne out by its sources · 20 left out · 0.9 s",
        ]
        assert len(told) <= 8


async def test_an_abstention_says_what_was_looked_at_and_each_passage_opens(tmp_path: Path) -> None:
    near = tuple(
        Searched(p.id, p.document_id, p.path, p.title, p.locator, 0.4)
        for p in (passage(1), passage(2))
    )
    answer = Answer(Status.ABSTAINED, "Nothing on that.", searched=near)
    events = [
        quoted_run("run-1")[2],
        TextDelta(answer.text),
        RunFinished("run-1", Status.ABSTAINED, answer, 90.0),
    ]
    piece = calls.DocumentPiece("/handbook/runbook-2.md", "Runbook 2", "A text.", 0, 1, 1, "lines")
    core = ScriptedCore(events, replies={calls.ReadAround: piece})
    async with driven(core, tmp_path) as driver:
        await driver.ask("how?")
        assert "Nearest passages" in driver.screen_text()
        assert "nearest: Runbook 1, lines 1-3 · Runbook 2, lines 2-4" in driver.screen_text()
        await driver.pilot.press("ctrl+o")
        await driver.pilot.pause()
        assert "Runbook 2, lines 2-4" in driver.screen_text()
        driver.chat.query_one("#cited", OptionList).focus()
        await driver.pilot.press("down", "v")
        await until(driver, lambda: "A text." in driver.screen_text())
        [read] = [one for one in core.heard if isinstance(one, calls.ReadAround)]
        assert read.passage_id == "passage-2"


@pytest.mark.parametrize("width", [80, 100, 110, 140])
async def test_all_that_can_be_done_with_an_answer_is_in_sight_at_any_width(
    tmp_path: Path, width: int
) -> None:
    async with driven(ScriptedCore(), tmp_path, size=(width, 30)) as driver:
        await driver.ask("how?")
        for word in ("+ good", "- bad", "c comment", "y copy", "e edit", "m model", "^O why"):
            assert word in driver.screen_text()


async def test_the_keys_that_are_named_below_an_answer_are_those_that_are_configured(
    tmp_path: Path,
) -> None:
    looks = Looks(keys={"chat.good": "g", "chat.why": "ctrl+y"})
    async with driven(ScriptedCore(), tmp_path, looks=looks) as driver:
        await driver.ask("how?")
        assert "g good  - bad" in driver.screen_text()
        assert "Ctrl+Y why" in driver.screen_text()


# --- asking anew ------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_a_changed_question_is_asked_in_the_place_of_the_first_which_stays(
    tmp_path: Path, by: str
) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        first = await driver.ask("how?")
        if by == "key":
            await driver.pilot.press("escape", "e")
        else:
            await click(driver, "e edit")
        assert "asks anew “how?”, without what came after" in driver.screen_text()
        await driver.type("!")
        await driver.pilot.press("enter")
        await driver.settled()
        assert [(one.text, one.instead_of) for one in asked(driver)] == [
            ("how?", ""),
            ("how?!", first.run_id),
        ]
        assert [turn.question for turn in driver.turns] == ["how?", "how?!"]
        assert "asked anew below" in driver.says(first)
        assert not driver.chat.query_one(Waiting).display
        await driver.ask("and then?")
        assert asked(driver)[-1].instead_of == ""


@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_what_was_to_be_asked_anew_can_be_asked_as_a_new_question(
    tmp_path: Path, by: str
) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "e")
        await driver.pilot.pause()
        if by == "key":
            await driver.pilot.press("escape")
        else:
            await click(driver, "as a new one")
        assert not driver.chat.query_one(Waiting).display
        await driver.pilot.press("enter")
        await driver.settled()
        assert [one.instead_of for one in asked(driver)] == ["", ""]


async def test_the_same_question_goes_to_a_model_that_is_chosen_or_typed(tmp_path: Path) -> None:
    stands = calls.Stands(
        model="openai/ours",
        principal="ana",
        spent_usd=0.0,
        synced_at="",
        models=("openai/ours", "spare"),
    )
    async with driven(ScriptedCore(stands=stands), tmp_path) as driver:
        turn = await driver.ask("how?")
        await driver.pilot.press("escape", "m")
        await until(driver, lambda: isinstance(driver.app.screen, ModelScreen))
        await driver.pilot.press("enter")
        await until(driver, lambda: len(driver.turns) == 2)
        await driver.settled()
        await click(driver, "m model")
        await until(driver, lambda: isinstance(driver.app.screen, ModelScreen))
        await driver.pilot.press("tab")
        await driver.type("ollama/x")
        await driver.pilot.press("enter")
        await until(driver, lambda: len(driver.turns) == 3)
        await driver.settled()
        await click(driver, "m model")
        await until(driver, lambda: isinstance(driver.app.screen, ModelScreen))
        await click(driver, "quoting, without")
        await until(driver, lambda: len(driver.turns) == 4)
        await driver.settled()
        await click(driver, "m model")
        await until(driver, lambda: isinstance(driver.app.screen, ModelScreen))
        await click(driver, "spare")
        await until(driver, lambda: len(driver.turns) == 5)
        await driver.settled()
        assert [(one.model, one.quote) for one in asked(driver)] == [
            ("", False),
            ("openai/ours", False),
            ("ollama/x", False),
            ("", True),
            ("spare", False),
        ]
        assert asked(driver)[1].instead_of == turn.run_id


async def test_no_model_is_asked_when_none_is_chosen(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "m")
        await until(driver, lambda: isinstance(driver.app.screen, ModelScreen))
        assert "quoting, without a model" in driver.screen_text()
        await driver.pilot.press("escape")
        await driver.settled()
        assert len(asked(driver)) == 1


@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_a_question_that_waits_is_seen_and_taken_back(tmp_path: Path, by: str) -> None:
    gate = asyncio.Event()
    async with driven(ScriptedCore([gate, *quoted_run("run-1")]), tmp_path) as driver:
        for text in ("one?", "two?", "three?"):
            await driver.type(text)
            await driver.pilot.press("enter")
        await driver.pilot.pause()
        assert "waits: two?" in driver.screen_text()
        assert "waits: three?" in driver.screen_text()
        if by == "key":
            await driver.pilot.press("alt+up")
            await driver.pilot.pause()
        else:
            await click(driver, "take back")
        assert driver.chat.query_one(Composer).text == "three?"
        if by == "mouse":
            await click(driver, "drop")
            assert not driver.chat.query_one(Waiting).display
        gate.set()
        await driver.settled()
        await driver.settled()
        expected = ["one?", "two?"] if by == "key" else ["one?"]
        assert [one.text for one in asked(driver)] == expected


# --- rating -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "rating"), [("+ good", "good"), ("- bad", "bad")])
@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_an_answer_is_rated_with_the_mouse(
    tmp_path: Path, word: str, rating: str, size: tuple[int, int]
) -> None:
    async with driven(ScriptedCore(), tmp_path, size=size) as driver:
        turn = await driver.ask("how?")
        await click(driver, word)
        await driver.settled()
        assert driver.core.heard[-1] == calls.Rate(turn.run_id, rating)
        assert f"rated {rating}" in driver.screen_text()


async def test_a_comment_can_be_sent_with_the_mouse_and_a_refusal_loses_nothing(
    tmp_path: Path,
) -> None:
    refusal = StorageError("the disk is full", hint="make room")
    async with driven(ScriptedCore(replies={calls.Rate: refusal}), tmp_path) as driver:
        turn = await driver.ask("how?")
        await click(driver, "c comment")
        await driver.pilot.pause()
        driver.app.screen.query_one("#comment", Input).value = "stale"
        await click(driver, "Ctrl+S send")
        await driver.settled()
        assert driver.core.heard[-1] == calls.Rate(turn.run_id, "good", "stale", "")
        assert turn.rating == ""
        assert [one.title for one in driver.app._notifications] == ["the disk is full"]


# --- earlier turns ----------------------------------------------------------------------------


async def test_a_talk_that_is_gone_on_with_shows_its_sources_status_and_rating_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await asyncio.to_thread(paged_home, tmp_path)
    core = real_core(home, monkeypatch)
    async with driven(core, tmp_path) as driver:
        await driver.ask(QUESTION)
        await driver.pilot.press("escape", "minus")
        await driver.settled()
        [session] = (await core.call(calls.ListSessions(), calls.Sessions)).found
    async with driven(core, tmp_path, conversation=session.name) as driver:
        await driver.settled()
        [turn] = driver.turns
        assert "borne out" in driver.says(turn)
        assert "[1]✓" in driver.screen_text()
        assert "rated bad" in driver.says(turn)
        lit = driver.chat.query_one("#passage", Static).content
        assert "Then the backup is paged." in str(lit)
        spans = [span for span in lit.spans if "accent" in str(span.style)]  # type: ignore[union-attr]
        assert ["45 minutes" in str(lit)[span.start : span.end] for span in spans] == [True]
        await driver.pilot.press("ctrl+o")
        await driver.pilot.pause()
        assert "✓ quoted [1]: " in driver.screen_text()


async def test_without_the_ledger_an_earlier_talk_is_its_texts(tmp_path: Path) -> None:
    refusal = StorageError("the ledger can't be read", hint="end the other program")

    def said(call: calls.LoadSession) -> calls.Loaded:
        session = calls.Session("talk", "How?", "2026-11-22T10:00:00+00:00")
        return calls.Loaded(session, (calls.Said("How?", "So [1].", "run-1"),), 1)

    replies = {calls.LoadSession: said, calls.RecallAnswers: refusal}
    core = ScriptedCore(replies=replies)  # type: ignore[arg-type]
    async with driven(core, tmp_path, conversation="talk") as driver:
        await driver.settled()
        assert "So [1]." in driver.screen_text()
        assert [one.title for one in driver.app._notifications] == ["the ledger can't be read"]
        await driver.pilot.press("ctrl+o")
        await driver.pilot.pause()
        assert "isn't known any more" in driver.screen_text()


async def test_a_quote_that_retention_deleted_is_lit_in_its_passage_all_the_same(
    tmp_path: Path,
) -> None:
    bare = replace(citation(), quote="")
    known = calls.EarlierAnswer("run-1", Answer(Status.ANSWERED, "", citations=(bare,)))

    def said(call: calls.LoadSession) -> calls.Loaded:
        session = calls.Session("talk", "How?", "2026-11-22T10:00:00+00:00")
        return calls.Loaded(session, (calls.Said("How?", f"{QUOTE} [1]", "run-1"),), 1)

    replies = {
        calls.LoadSession: said,
        calls.RecallAnswers: calls.AnswersRecalled((known,)),
        calls.ReadPassages: calls.PassagesRead((hits(1)[0].passage,)),
    }
    async with driven(ScriptedCore(replies=replies), tmp_path, conversation="talk") as driver:  # type: ignore[arg-type]
        await driver.settled()
        lit = driver.chat.query_one("#passage", Static).content
        spans = [span for span in lit.spans if "accent" in str(span.style)]  # type: ignore[union-attr]
        assert [str(lit)[span.start : span.end] for span in spans] == [QUOTE]


# --- opening ----------------------------------------------------------------------------------


@pytest.fixture
def no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_editor")
@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_without_an_editor_a_source_is_read_here_with_its_quote_lit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    home = await asyncio.to_thread(paged_home, tmp_path)
    async with driven(real_core(home, monkeypatch), tmp_path) as driver:
        await driver.ask(QUESTION)
        if by == "key":
            await driver.pilot.press("escape", "o")
        else:
            await click(driver, "Being on call  line")
        await until(driver, lambda: bool(driver.app.screen.query(LitText)))
        view = driver.app.screen.query_one(LitText)
        await until(driver, lambda: view.text == TEXT)
        assert view.chosen == "quote"
        assert "on-call.md" in driver.screen_text()
        if by == "key":
            await driver.pilot.press("escape")
        else:
            await click(driver, "Esc back")
        await driver.settled()
        assert driver.app.screen is driver.chat


@pytest.mark.usefixtures("no_editor")
async def test_a_long_document_is_turned_piece_by_piece(tmp_path: Path) -> None:
    def piece(call: calls.ReadAround) -> calls.DocumentPiece:
        start = 600 if call.start is None else call.start
        text = f"From {start}.\x1b[2J"
        return calls.DocumentPiece("/h/a.md", "A", text, start, start + 600, 1_500, "lines")

    async with driven(ScriptedCore(replies={calls.ReadAround: piece}), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "o")
        await until(driver, lambda: "lines 601 to 1,200 of 1,500" in driver.screen_text())
        assert "\x1b" not in driver.screen_text()
        for key, start in (("]", 1_200), ("[", 600), ("[", 0), ("[", 0), (".", 600)):
            await driver.pilot.press(
                {"]": "right_square_bracket", "[": "left_square_bracket", ".": "full_stop"}[key]
            )
            await until(driver, lambda start=start: f"From {start}." in driver.screen_text())
        await click(driver, "later")
        await until(driver, lambda: "From 1200." in driver.screen_text())


@pytest.mark.usefixtures("no_editor")
async def test_the_quote_is_seen_in_a_long_piece_and_one_stays_there_when_the_window_changes(
    tmp_path: Path,
) -> None:
    text = "".join(f"Line {n} {'and so it goes on ' * 20}\n" for n in range(1_500))
    at = text.index("Line 900 ")
    piece = calls.DocumentPiece("/h/a.md", "A", text, 0, 1_500, 1_500, "lines", (at, at + 8))
    async with driven(ScriptedCore(replies={calls.ReadAround: piece}), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "o")
        await until(driver, lambda: "Line 900 " in driver.screen_text())
        [first, *_] = re.findall(r"Line \d+ ", driver.screen_text())
        await driver.pilot.resize_terminal(70, 24)
        await until(driver, lambda: driver.app.size.width == 70)
        await until(driver, lambda: "Line 898 " in driver.screen_text())
        assert re.findall(r"Line \d+ ", driver.screen_text())[0] == first


@pytest.mark.usefixtures("no_editor")
async def test_a_source_that_can_not_be_read_is_named_and_the_chat_stays(tmp_path: Path) -> None:
    refusal = NotFoundError("this passage isn't in the index any more", hint="Ask again.")
    async with driven(ScriptedCore(replies={calls.ReadAround: refusal}), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "o")
        await until(driver, lambda: len(driver.app._notifications) == 1)
        await driver.settled()
        assert driver.app.screen is driver.chat


async def test_an_editor_is_given_the_file_and_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Sequence[str]] = []
    monkeypatch.setenv("EDITOR", "vim -n")
    monkeypatch.setattr("copilot.tui.opening.run_editor", lambda command: ran.append(command) or 0)
    monkeypatch.setattr(sys.modules["copilot.tui.answers"].Path, "exists", lambda _: True)
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("how?")
        monkeypatch.setattr(type(driver.app), "suspend", lambda _: nullcontext())
        await driver.pilot.press("escape", "o")
        await driver.pilot.pause()
    assert ran == [["vim", "-n", "+1", "/handbook/runbook-1.md"]]


async def test_the_viewer_is_there_with_an_editor_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "vim")
    piece = calls.DocumentPiece("/h/a.md", "A", "Text.", 0, 1, 1, "lines", note="It has changed.")
    async with driven(ScriptedCore(replies={calls.ReadAround: piece}), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "v")
        await until(driver, lambda: isinstance(driver.app.screen, ViewerScreen))
        await until(driver, lambda: "It has changed." in driver.screen_text())
        assert "Text." in driver.screen_text()
