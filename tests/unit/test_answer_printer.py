"""What a person sees of an answer on its way, and when it ends."""

from __future__ import annotations

import pytest

from copilot.cli.answers import AnswerPrinter
from copilot.config.schema import OutputSettings
from copilot.events import RunFinished, TextDelta, Warned
from copilot.messages import Answer, Status


def test_a_note_that_was_a_warning_is_said_once_and_the_others_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    warned, note = "the model failed: down; the answer is quoted", "[1] is marked as superseded"
    answer = Answer(Status.DEGRADED, "Kept 30 days. [1]", notes=(warned, note))
    printer = AnswerPrinter(OutputSettings())
    printer.show(Warned(warned, hint="try again"))
    printer.show(TextDelta(answer.text))
    printer.show(RunFinished("run-1", answer.status, answer, 1.0, None))
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [f"copilot: {warned} (try again)", f"copilot: {note}"]
    assert shown.out == "Kept 30 days. [1]\n"
