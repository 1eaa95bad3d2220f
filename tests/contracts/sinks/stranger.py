"""The sink of a stranger's package that the page on sinks shows, installed as such a package is."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copilot.adapters.sinks import build_sink
from copilot.config.records import SinkSettings
from tests.contracts.sink_case import SinkCase, key_for
from tests.corpora import REPOSITORY

_PAGE = (REPOSITORY / "copilot/adapters/sinks/README.md").read_text("utf-8")


def example(language: str, number: int = 0) -> str:
    """A block of the page's section on sinks of one's own."""
    section = _PAGE[_PAGE.index("## A sink of your own") :]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)[number]


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    site, shared = folder / "site", folder / "shared"
    info = site / "team_sinks-1.0.dist-info"
    for made in (site / "team_sinks", info, shared):
        made.mkdir(parents=True)
    (site / "team_sinks/__init__.py").touch()
    (site / "team_sinks/folder.py").write_text(example("python"), "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: team-sinks\nVersion: 1.0\n")
    declared = tomllib.loads(example("toml"))["project"]["entry-points"]["copilot.sinks"]
    lines = [f"{kind} = {place}" for kind, place in declared.items()]
    (info / "entry_points.txt").write_text("\n".join(["[copilot.sinks]", *lines]))
    configured = tomllib.loads(example("toml", 1))["actions"]["sinks"]["team"]
    assert list(configured["options"]) == ["folder"]
    settings = SinkSettings(**{**configured, "options": {"folder": str(shared)}})
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(site)
        for name in ("team_sinks", "team_sinks.folder"):
            patched.delitem(sys.modules, name, raising=False)
        yield SinkCase(
            sink=build_sink("team", settings, key_for=key_for, desk=folder),
            schema="ticket",
            values=lambda title, text: {"title": title, "text": text},
            title="title",
            text="text",
            change={"text": "Mended."},
            wrong={"colour": "red"},
            held=lambda: len(list(shared.iterdir())),
            forgets=False,
            searches=False,
        )
