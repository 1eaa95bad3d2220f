"""The chat, driven by keys and by the mouse."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, RadioButton, Static, TextArea

from copilot import calls
from copilot.calls.knowledge import ListSources, Sources
from copilot.errors import ModelUnavailableError
from copilot.events import (
    CitationChecked,
    Event,
    RetrievalFinished,
    RunFinished,
    TextDelta,
    Warned,
)
from copilot.messages import Answer, Searched, Sentence, Status, Support, Turn
from copilot.testing.run_events import QUOTE, citation, hits, quoted_run
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.composer import Composer
from copilot.tui.sources import SourcesPane
from copilot.tui.transcript import Transcript
from tests.tui.driving import NARROW, click, driven

ASKED = "How do I restart the gateway?"


def answered(text: str, *, status: Status = Status.ANSWERED) -> list[TextDelta | RunFinished]:
    """A turn that says ``text`` and cites nothing."""
    return [TextDelta(text), RunFinished("run-1", status, Answer(status, text), 1_200.0)]


async def test_what_is_typed_fast_and_sent_at_once_is_asked_whole(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        turn = await driver.ask("how long?")
        assert turn.question == "how long?"
        assert driver.composer.text == ""
        [asked] = [one for one in driver.core.heard if isinstance(one, calls.Ask)]
        assert (asked.text, asked.quote) == ("how long?", False)


async def test_an_answer_stands_beside_its_sources_with_the_quote_lit(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        turn = await driver.ask("restart?")
        assert turn.text.startswith(QUOTE)
        assert "borne out" in driver.says(turn)
        passage = driver.chat.query_one("#passage", Static).content
        assert "Gateway" in str(passage)
        lit = [span for span in passage.spans if "accent" in str(span.style)]  # type: ignore[union-attr]
        assert [str(passage)[span.start : span.end] for span in lit] == [QUOTE]


async def test_a_follow_up_goes_on_in_the_same_conversation(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("first?")
        await driver.ask("second?")
        names = [one.conversation for one in driver.core.heard if isinstance(one, calls.Ask)]
        assert len(names) == 2
        assert len(set(names)) == 1
        await driver.pilot.press("ctrl+n")
        await driver.ask("third?")
        [*_, last] = [one for one in driver.core.heard if isinstance(one, calls.Ask)]
        assert last.conversation not in names
        assert len(driver.turns) == 1


@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_stopping_closes_the_call_and_keeps_what_was_shown(tmp_path: Path, by: str) -> None:
    core = ScriptedCore([TextDelta("Restart it. "), asyncio.Event()])
    async with driven(core, tmp_path) as driver:
        await driver.type("how?")
        await driver.pilot.press("enter")
        await driver.pilot.pause(0.1)
        if by == "key":
            await driver.pilot.press("escape")
        else:
            await click(driver, "Esc stop")
        await driver.settled()
        assert [type(one) for one in core.left] == [calls.Ask]
        [turn] = driver.turns
        assert turn.text == "Restart it. "
        assert "stopped" in driver.says(turn)
        driver.composer.focus()
        assert driver.says(await driver.ask("again?")).startswith("✓")


async def test_a_turn_that_is_stopped_before_it_began_holds_nothing_up(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        # As one reads them that came in one piece: nothing else runs between the two.
        driver.chat.on_composer_sent(Composer.Sent("one?"))
        driver.chat.action_stop()
        await driver.settled()
        await driver.ask("two?")
        first, second = driver.turns
        assert "stopped" in driver.says(first)
        assert driver.says(second).startswith("✓")


async def test_a_turn_that_is_left_before_it_began_is_not_in_the_next_conversation(
    tmp_path: Path,
) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        driver.chat.on_composer_sent(Composer.Sent("one?"))
        driver.chat.action_new()
        await driver.settled()
        assert driver.turns == []
        await driver.ask("two?")
        assert [turn.question for turn in driver.turns] == ["two?"]


async def test_an_answer_that_is_whole_can_not_be_stopped_any_more(tmp_path: Path) -> None:
    core = ScriptedCore([*quoted_run("run-1"), asyncio.Event()])
    async with driven(core, tmp_path) as driver:
        await driver.type("how?")
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        assert driver.turns[0].ended
        await driver.pilot.press("escape")
        await driver.settled()
        assert driver.says(driver.turns[0]).startswith("✓")


async def test_what_is_asked_while_earlier_turns_come_stands_after_them(tmp_path: Path) -> None:
    gate = asyncio.Event()
    session = calls.Session("talk", "One?", "2026-11-22T10:00:00+00:00")
    pages = {
        0: [calls.Loaded(session, (calls.Said("one?", "One."),), 2)],
        1: [gate, calls.Loaded(session, (calls.Said("two?", "Two."),), 2)],
    }
    replies = {calls.LoadSession: lambda call: pages[call.start]}
    async with driven(ScriptedCore(replies=replies), tmp_path, conversation="talk") as driver:  # type: ignore[arg-type]
        await driver.type("three?")
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        gate.set()
        await driver.settled()
        await driver.settled()
        assert [turn.question for turn in driver.turns] == ["one?", "two?", "three?"]


async def test_a_talk_that_is_gone_on_with_twice_is_there_once(tmp_path: Path) -> None:
    told = {"talk": [Turn("user", "One?"), Turn("assistant", "One.")]}
    async with driven(ScriptedCore(sessions=told), tmp_path) as driver:
        driver.chat.visit("talk")
        await asyncio.sleep(0)
        driver.chat.visit("talk")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == ["One?"]


async def test_questions_wait_for_their_turn_and_come_back_when_all_is_stopped(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    core = ScriptedCore([gate, *answered("One.")], answered("Two."), [asyncio.Event()])
    async with driven(core, tmp_path) as driver:
        for text in ("one?", "two?"):
            await driver.type(text)
            await driver.pilot.press("enter")
        assert len([one for one in core.heard if isinstance(one, calls.Ask)]) == 1
        assert "1 waiting" in driver.screen_text()
        gate.set()
        await driver.settled()
        await driver.settled()
        assert [turn.text for turn in driver.turns] == ["One.", "Two."]
        for text in ("three?", "four?", "five?"):
            await driver.type(text)
            await driver.pilot.press("enter")
        await driver.pilot.press("escape")
        await driver.settled()
        assert driver.composer.text == "four?\n\nfive?"
        assert len(driver.turns) == 3


async def test_an_error_names_the_thing_and_the_remedy_and_the_next_question_runs(
    tmp_path: Path,
) -> None:
    core = ScriptedCore([ModelUnavailableError("the provider is away", hint="try again")])
    async with driven(core, tmp_path) as driver:
        turn = await driver.ask("how?")
        assert driver.says(turn) == "✗ the provider is away\ntry again"
        assert driver.says(await driver.ask("again?")).startswith("✓")


async def test_how_a_turn_ended_is_said_in_words(tmp_path: Path) -> None:
    dropped = CitationChecked("No.", Support.UNSUPPORTED, (), "a number differs", "dropped")
    [hit] = hits(1)
    near = Searched(
        hit.passage.id,
        hit.passage.document_id,
        hit.passage.path,
        hit.passage.title,
        hit.passage.locator,
        0.4,
    )
    nothing = Answer(Status.ABSTAINED, "Nothing on that.", searched=(near,))
    core = ScriptedCore(
        [
            RetrievalFinished((hit,), 1, 2.0),
            TextDelta(nothing.text),
            RunFinished("run-1", Status.ABSTAINED, nothing, 90.0),
        ],
        [Warned("the model is away"), *answered("Quoted.", status=Status.DEGRADED)],
        [dropped, *answered("Half.")],
    )
    async with driven(core, tmp_path) as driver:
        assert "not in your documents" in driver.says(await driver.ask("one?"))
        seen = driver.screen_text()
        assert "Nearest passages" in seen
        assert "Runbook 1" in seen
        assert QUOTE in seen
        ending = driver.says(await driver.ask("two?"))
        assert "the model didn't answer" in ending
        assert "the model is away" in ending
        assert "1 left out" in driver.says(await driver.ask("three?"))


async def test_nothing_that_a_terminal_obeys_comes_through(tmp_path: Path) -> None:
    evil = "Fine\x1b]0;gone\x07 \x1b[2J\u202etxt ![x](http://evil.example/p.png)"
    core = ScriptedCore(answered(evil))
    async with driven(core, tmp_path) as driver:
        await driver.ask("how?")
        seen = driver.screen_text()
        assert "Fine" in seen
        assert not {"\x1b", "\x07", "\u202e"} & set(seen)
        assert "evil.example" not in seen


@pytest.mark.parametrize(("key", "rating"), [("plus", "good"), ("minus", "bad")])
async def test_an_answer_is_rated_by_a_key(tmp_path: Path, key: str, rating: str) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        turn = await driver.ask("how?")
        await driver.pilot.press("escape", key)
        await driver.settled()
        assert driver.core.heard[-1] == calls.Rate(turn.run_id, rating)
        assert f"rated {rating}" in driver.says(turn)


async def test_a_comment_and_a_correction_go_with_a_rating_or_nowhere(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        turn = await driver.ask("how?")
        await driver.pilot.press("escape", "c")
        await driver.pilot.pause()
        await driver.pilot.press("escape")
        await driver.settled()
        assert not any(isinstance(one, calls.Rate) for one in driver.core.heard)
        await driver.pilot.press("c")
        await driver.pilot.pause()
        driver.app.screen.query(RadioButton)[1].value = True
        driver.app.screen.query_one("#comment", Input).value = "stale"
        driver.app.screen.query_one("#correction", TextArea).text = "Ten minutes."
        await driver.pilot.press("ctrl+s")
        await driver.settled()
        assert driver.core.heard[-1] == calls.Rate(turn.run_id, "bad", "stale", "Ten minutes.")


async def test_an_answer_is_copied_with_its_sources(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        turn = await driver.ask("how?")
        await driver.pilot.press("escape", "y")
        [citation] = turn.citations
        copied = driver.app.clipboard
        assert copied.startswith(turn.text.strip())
        assert copied.endswith(f"[1] {citation.title}, {citation.path}, lines 1-3")


async def test_what_has_no_answer_leaves_the_clipboard_alone(tmp_path: Path) -> None:
    refusal = ModelUnavailableError("the provider is away", hint="try again")
    async with driven(ScriptedCore([refusal]), tmp_path) as driver:
        driver.app.copy_to_clipboard("kept")
        await driver.ask("how?")
        await driver.type("/copy")
        await driver.pilot.press("enter", "escape", "y")
        await driver.pilot.pause()
        assert len(driver.app._notifications) == 2
        assert driver.app.clipboard == "kept"
        assert {one.title for one in driver.app._notifications} == {"There is no answer to copy"}


async def test_a_question_is_edited_and_asked_again(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("escape", "e")
        assert driver.composer.text == "how?"
        assert driver.composer.has_focus
        await driver.pilot.press("enter")
        await driver.settled()
        await driver.pilot.press("escape", "r")
        await driver.settled()
        asked = [one.text for one in driver.core.heard if isinstance(one, calls.Ask)]
        assert asked == ["how?", "how?", "how?"]


async def test_earlier_questions_come_back_and_the_draft_after_them(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.ask("two?")
        await driver.type("draft")
        await driver.pilot.press("up")
        assert driver.composer.text == "two?"
        await driver.pilot.press("up", "up")
        assert driver.composer.text == "one?"
        await driver.pilot.press("down", "down")
        assert driver.composer.text == "draft"


async def test_a_question_may_have_several_lines(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        turn = await driver.ask("one\ntwo?")
        assert turn.question == "one\ntwo?"


async def test_a_conversation_is_found_by_words_and_gone_on_with(tmp_path: Path) -> None:
    told = {
        "monday": [Turn("user", "Where is the printer?"), Turn("assistant", "In room 12 [1].")],
        "tuesday": [Turn("user", "Who is on call?"), Turn("assistant", "Mia.")],
    }
    async with driven(ScriptedCore(sessions=told), tmp_path) as driver:
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause(0.1)
        await driver.type("printer")
        await driver.pilot.pause(0.1)
        await driver.pilot.press("enter")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == ["Where is the printer?"]
        assert "In room 12" in driver.screen_text()
        await driver.ask("and the scanner?")
        [asked] = [one for one in driver.core.heard if isinstance(one, calls.Ask)]
        assert asked.conversation == "monday"


async def test_where_two_columns_have_no_room_the_sources_take_the_place_when_asked_for(
    tmp_path: Path,
) -> None:
    async with driven(ScriptedCore(), tmp_path, size=NARROW) as driver:
        await driver.ask("how?")
        pane = driver.chat.query_one(SourcesPane)
        assert not pane.display
        assert QUOTE in driver.screen_text()
        await driver.pilot.press("ctrl+t")
        await driver.pilot.pause()
        assert pane.display
        assert "lines 1-3" in driver.screen_text()
        await driver.pilot.press("ctrl+t")
        await driver.pilot.pause()
        assert not pane.display
        assert driver.chat.query_one(Transcript).has_focus


@pytest.mark.parametrize("by", ["key", "mouse"])
async def test_a_number_leads_to_its_source_where_two_columns_have_no_room_and_back(
    tmp_path: Path, by: str
) -> None:
    async with driven(ScriptedCore(), tmp_path, size=NARROW) as driver:
        await driver.ask("how?")
        pane = driver.chat.query_one(SourcesPane)
        if by == "key":
            await driver.pilot.press("escape", "1")
            await driver.pilot.pause()
            assert pane.display
            await driver.pilot.press("escape")
        else:
            await click(driver, "[1]")
            assert pane.display
            await click(driver, "close")
        await driver.pilot.pause()
        assert not pane.display
        assert QUOTE in driver.screen_text()
        await driver.pilot.press("y")
        assert QUOTE in driver.app.clipboard


async def test_text_of_an_answer_is_selected_and_no_number_under_the_mouse_is_followed(
    tmp_path: Path,
) -> None:
    async with driven(ScriptedCore(), tmp_path, size=NARROW) as driver:
        await driver.ask("how?")
        lines = driver.screen_text().splitlines()
        y = next(n for n, line in enumerate(lines) if "[1]" in line)
        x = lines[y].index("[1]")
        await driver.drag((x - 5, y), (x + 1, y))
        assert driver.app.screen.get_selected_text() == lines[y][x - 5 : x + 2]
        assert not driver.chat.query_one(SourcesPane).display
        driver.app.screen.clear_selection()
        for _ in range(2):
            await driver.drag((x - 5, y), (x - 5, y))
        assert driver.app.screen.selections == {}


async def test_the_mouse_chooses_a_source_and_an_answer(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.ask("two?")
        transcript = driver.chat.query_one(Transcript)
        assert await driver.pilot.click(Transcript, offset=(4, 0))
        await driver.pilot.pause()
        assert transcript.has_focus
        assert transcript.chosen is driver.turns[0]
        assert await driver.pilot.click("#composer")
        assert driver.composer.has_focus


async def test_a_click_on_a_number_shows_the_source_of_its_own_answer(tmp_path: Path) -> None:
    first = quoted_run("run-1", cited_rank=2)
    async with driven(ScriptedCore(first), tmp_path) as driver:
        await driver.ask("one?")
        await driver.ask("two?")
        lines = driver.screen_text().splitlines()
        row = next(number for number, line in enumerate(lines) if "[1]" in line[:60])
        assert await driver.pilot.click(offset=(lines[row].index("[1]") + 1, row))
        await driver.pilot.pause()
        passage = str(driver.chat.query_one("#passage", Static).content)
        assert "runbook-2.md" in passage


@pytest.mark.parametrize(
    ("documents", "told"),
    [
        (0, "No documents are indexed."),
        (1, "1 document is indexed."),
        (4_512, "4,512 documents are indexed."),
    ],
)
async def test_without_sources_their_pane_says_what_is_there_and_what_will_stand_there(
    tmp_path: Path, documents: int, told: str
) -> None:
    found = Sources((), documents=documents)
    async with driven(ScriptedCore(replies={ListSources: found}), tmp_path) as driver:
        await driver.settled()
        shown = str(driver.chat.query_one("#passage", Static).content)
        assert shown.startswith(told)
        assert "What an answer cites stands here" in shown
        await driver.ask("how?")
        assert told not in driver.screen_text()
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        assert told in driver.screen_text()


async def test_documents_are_added_from_the_empty_pane_by_the_mouse(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await click(driver, "add documents")
        await driver.settled()
        assert driver.app.current_mode == "knowledge"


async def test_an_answer_without_sources_says_so_in_their_place(tmp_path: Path) -> None:
    async with driven(ScriptedCore(answered("Hello.")), tmp_path) as driver:
        await driver.ask("hello?")
        assert "It cites nothing." in driver.screen_text()


def of_two_sources(run_id: str = "run-1") -> Sequence[Event]:
    said = tuple(Sentence(QUOTE, (n,), Support.SUPPORTED) for n in (1, 2))
    cited = (citation(1), citation(2, rank=2))
    answer = Answer(Status.ANSWERED, f"{QUOTE} [1] {QUOTE} [2]", said, cited)
    return [
        RetrievalFinished(hits(2), 1, 2.0),
        TextDelta(answer.text),
        RunFinished(run_id, Status.ANSWERED, answer, 90.0),
    ]


async def test_the_source_that_was_chosen_stays_chosen_until_another_answer_is(
    tmp_path: Path,
) -> None:
    async with driven(ScriptedCore(of_two_sources()), tmp_path) as driver:
        await driver.ask("one?")
        cited = driver.chat.query_one("#cited", OptionList)
        cited.focus()
        await driver.pilot.press("down")
        assert cited.highlighted == 1
        driver.chat.query_one(Transcript).focus()
        await driver.pilot.pause()
        assert cited.highlighted == 1
        driver.composer.focus()
        await driver.ask("two?")
        assert cited.highlighted == 0
        driver.chat.query_one(Transcript).focus()
        await driver.pilot.press("k", "2")
        assert cited.highlighted == 1


async def test_a_source_of_one_answer_is_not_looked_for_in_the_next(tmp_path: Path) -> None:
    async with driven(ScriptedCore(of_two_sources()), tmp_path) as driver:
        await driver.ask("one?")
        await driver.ask("two?")
        pane = driver.chat.query_one(SourcesPane)
        pane.show(driver.turns[0], 2)
        await asyncio.sleep(0)  # that it is chosen is on its way
        pane.show(driver.turns[1])
        await driver.settled()
        assert "runbook-1.md" in str(driver.chat.query_one("#passage", Static).content)


async def test_a_bug_ends_it_with_the_traceback_in_the_log_and_no_local_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(self: SourcesPane, *_: object) -> None:
        secret = "sk-" + "leak"
        raise RuntimeError("a widget broke" if secret else "")

    monkeypatch.setattr(SourcesPane, "show", breaks)
    with pytest.raises(RuntimeError, match="a widget broke"):
        async with driven(ScriptedCore(), tmp_path) as driver:
            app = driver.app
            await driver.pilot.press("ctrl+n")
            await driver.pilot.pause()
    log = (tmp_path / "copilot.log").read_text()
    assert "a widget broke" in log
    assert str(tmp_path / "copilot.log") in app.broken
    assert app.return_code == 70
    printed = capsys.readouterr()
    assert "sk-leak" not in log + printed.out + printed.err
