"""Three sources, one of them out of reach; a document of the first is chosen.

The texts are of PagerDuty's incident response documentation (Apache-2.0).
"""

from __future__ import annotations

from copilot import calls
from copilot.calls import knowledge
from copilot.messages import Locator
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

_ROOT = "/srv/handbook"
_AFTER = f"{_ROOT}/after"
_PATH = f"{_AFTER}/post_mortem_process.md"

_SOURCES = knowledge.Sources(
    (
        knowledge.SourceCard(_ROOT, ("eng", "ops"), documents=36, passages=432),
        knowledge.SourceCard("/srv/wiki", documents=766, passages=3460, failed=3, skipped=41),
        knowledge.SourceCard(
            "/mnt/sales", documents=112, passages=901, unreachable="it does not exist"
        ),
    ),
    size_bytes=38_100_000,
    documents=914,
    passages=4793,
    version=20,
    embedder="all-MiniLM-L6-v2",
)
_CHANGES = knowledge.SourcesChecked(
    (
        knowledge.SourceChanges(_ROOT, 0, 0, 0, "2026-11-20T14:12:00+00:00"),
        knowledge.SourceChanges("/srv/wiki", 2, 5, 1, "2026-11-19T08:00:00+00:00"),
    )
)


def _folder(path: str, documents: int, passages: int) -> knowledge.Entry:
    name = path.rpartition("/")[2]
    return knowledge.Entry(path, name, "folder", documents=documents, passages=passages)


def _document(path: str, passages: int) -> knowledge.Entry:
    name = path.rpartition("/")[2]
    return knowledge.Entry(path, name, "document", passages=passages, status="indexed")


_FOLDERS = {
    _ROOT: (
        _folder(_AFTER, 4, 49),
        _folder(f"{_ROOT}/before", 5, 61),
        _folder(f"{_ROOT}/crisis", 6, 48),
        _folder(f"{_ROOT}/during", 3, 40),
        _folder(f"{_ROOT}/oncall", 3, 38),
        _folder(f"{_ROOT}/training", 9, 150),
        _document(f"{_ROOT}/about.md", 7),
        _document(f"{_ROOT}/getting_started.md", 18),
    ),
    _AFTER: (
        _document(f"{_AFTER}/after_an_incident.md", 10),
        _document(f"{_AFTER}/effective_post_mortems.md", 9),
        _document(_PATH, 4),
        _document(f"{_AFTER}/post_mortem_template.md", 14),
    ),
}
_PASSAGES = (
    (
        ("Post mortem process",),
        (3, 5),
        "For every major incident (SEV-2/1), we need to follow up with a postmortem. A blame-free, "
        "detailed description, of exactly what went wrong in order to cause the incident, along "
        "with a list of steps to take in order to prevent a similar incident from occurring again "
        "in the future.",
    ),
    (("Owner Designation",), (10, 11), "The first step is that a postmortem owner is designated."),
    (
        ("Owner Responsibilities",),
        (13, 22),
        "As owner of a postmortem, you are responsible for the following.",
    ),
    (
        ("Postmortem Meeting",),
        (79, 92),
        "These meetings should generally last 15-30 minutes and are intended to be a wrap up of "
        "the postmortem process.",
    ),
)
_SHOWN = knowledge.DocumentShown(
    path=_PATH,
    title="Post mortem process",
    source=_ROOT,
    status="indexed",
    size=9_812,
    passages=4,
    shown=tuple(
        knowledge.PassageCard(number, headings, Locator("lines", *lines), text)
        for number, (headings, lines, text) in enumerate(_PASSAGES)
    ),
    labels=("eng", "ops"),
    reader="text/markdown",
    modified_at="2026-10-02T09:20:00+00:00",
    indexed_at="2026-11-20T14:12:00+00:00",
)


def _listed(call: knowledge.ListFolder) -> knowledge.FolderListed:
    entries = _FOLDERS.get(call.path, ())
    return knowledge.FolderListed(entries, len(entries))


def scene() -> Scene:
    core = ScriptedCore(
        stands=calls.Stands("openai/gpt-5-mini", "ana", 1.42, "2026-11-20T14:12:00+00:00", 2),
        replies={
            knowledge.ListSources: _SOURCES,
            knowledge.CheckSources: _CHANGES,
            knowledge.ListFolder: _listed,
            knowledge.ShowDocument: _SHOWN,
        },
    )

    async def play(driver: Driver) -> None:
        await driver.pilot.press("right")
        await driver.settled()
        await driver.pilot.press("right", "right")
        await driver.settled()
        await driver.pilot.press("right", "down", "down")
        await driver.settled()

    return Scene(core, play)
