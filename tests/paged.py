"""A home whose index holds one page, for tests of whoever asks it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import run_cli

QUESTION = "How long do I have to acknowledge a page?"
TEXT = "# Being on call\n\nYou have 45 minutes to acknowledge a page. Then the backup is paged.\n"


def paged_home(folder: Path) -> Path:
    """The home, made in ``folder`` with the page beside it."""
    document = folder / "on-call.md"
    document.write_text(TEXT, encoding="utf-8")
    home = folder / "home"
    assert run_cli("index", "add", str(document), home=home).code == 0
    return home
