"""A morning's work in the real application, in tmux, over a real handbook: nothing is scripted.

With ``COPILOT_TOUR_PICTURES`` naming a folder, the screens are drawn there; the README shows them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpora import REPOSITORY, corpora_root
from tests.tmux import Tmux

pytestmark = [
    pytest.mark.slow,
    pytest.mark.corpora,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux isn't installed"),
]
_MAIL = "label-printer.eml"


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "data" / "samples" / _MAIL, tmp_path)
    folder = tmp_path / "handbook"
    shutil.copytree(corpora_root() / "pagerduty_incident_response", folder)
    return folder


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    home = tmp_path / "home"
    terminal = Tmux(
        tmp_path,
        [sys.executable, "-m", "copilot.cli"],
        env={"COPILOT_HOME": str(home), "EDITOR": "less -N", "PYTHONPATH": str(REPOSITORY)},
    )
    yield terminal
    terminal.close()


def drawn(tmux: Tmux, name: str) -> None:
    """Keep a picture of the screen, where pictures are wanted."""
    if folder := os.environ.get("COPILOT_TOUR_PICTURES"):
        tmux.picture(Path(folder) / f"{name}.svg", "copilot")


def test_a_mornings_work(tmux: Tmux, handbook: Path) -> None:
    _add(tmux, handbook)
    _ask(tmux)
    _extract(tmux)
    _decide(tmux)
    _look_back(tmux)
    tmux.keys("C-q")
    assert tmux.ended() == 0


def _add(tmux: Tmux, handbook: Path) -> None:
    tmux.until("Add a folder")
    tmux.keys("F5")
    tmux.until("Nothing to ask yet")
    tmux.keys("a")
    tmux.until("Add a folder or a file")
    tmux.type(str(handbook))
    tmux.until("andbook/")
    tmux.keys("Enter")
    tmux.until(r"✓ 3\d added", seconds=180)
    tmux.keys("Right")
    tmux.until("docs")


def _ask(tmux: Tmux) -> None:
    tmux.keys("F2")
    tmux.until("Ask your documents …")
    tmux.type("How long should a postmortem meeting be?")
    tmux.keys("Enter")
    tmux.until("15-30 minutes.*borne out")
    tmux.type("And who has to attend it?")
    tmux.keys("Enter")
    tmux.until("And who has to attend it.*borne out")
    tmux.keys("Escape", "1")
    drawn(tmux, "chat")
    tmux.keys("o")
    tmux.until(r"^ +\d+ ")  # less, with its numbers of lines
    tmux.type("q")
    tmux.until("Ask your documents …")
    tmux.keys("+")
    tmux.until("rated good")


def _extract(tmux: Tmux) -> None:
    tmux.keys("F4")
    tmux.until("Paste a text here")
    tmux.keys("C-l")
    tmux.until("Open a file|Path")
    tmux.type(_MAIL)
    tmux.keys("Enter")
    tmux.until("Hanna Voss")
    tmux.keys("C-t")
    tmux.until("incident")
    tmux.type("ticket")
    tmux.keys("Enter")
    tmux.until("Ctrl.T ticket")
    tmux.keys("C-e")
    tmux.until("✓ valid.*ORD-4417")
    drawn(tmux, "extract")
    tmux.keys("p")
    tmux.until("Enter propose")
    tmux.keys("Enter")
    tmux.until("It waits in the inbox")
    tmux.keys("Enter")


def _decide(tmux: Tmux) -> None:
    tmux.until("waiting.*create ticket in desk")
    drawn(tmux, "inbox")
    tmux.keys("y")
    tmux.until("Sent to desk: T-1")
    tmux.keys("f", "f", "f")
    tmux.until("u undo")
    tmux.keys("u")
    tmux.until("undo: close T-1 in desk.*y approve")
    tmux.keys("y")
    tmux.until("Nothing waits for a decision")


def _look_back(tmux: Tmux) -> None:
    tmux.keys("F6")
    tmux.until("Feedback.*1 good")
    tmux.gone("Sent to desk")
    drawn(tmux, "dashboard")
    tmux.keys("F7")
    tmux.until("And who has to attend it")
    tmux.keys("Down", "Enter")
    tmux.until("Decision|End")
