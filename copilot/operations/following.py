"""The Copilot of a process that lives for long: it follows the release that is in force.

Invariant: what is asked next runs under what files and the active release say then; where that
can't be had, what was in force stays, and is told once. What already runs goes on as it began.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from copilot.bootstrap import Copilot, build
from copilot.config.deciding import policy_place
from copilot.config.paths import Paths, bundled
from copilot.config.pinned import ACTIVE, MANIFEST, POLICY, PROMPTS
from copilot.errors import CopilotError
from copilot.events import Warned
from copilot.releases import Releases

_Look = tuple[tuple[str, int, int, int], ...]

# What is carried on because it holds nothing of the settings.
_PLACES = ("secrets", "conversations", "asked_before", "run_reader", "attachments")
_OVER_THE_INDEX = ("picking", "shelf", "viewing")


class Following:
    """Built at once, with these ``overrides`` for good. Raises ConfigError."""

    def __init__(self, overrides: Mapping[str, object] | None = None) -> None:
        self._overrides = overrides
        self._told: list[Warned] = []
        seen = _seen()
        self._copilot = build(overrides)
        self._id = self._copilot.content.id
        # What changed while it was read looks otherwise than before, and is read again.
        self._seen = (*seen, *_own(self._copilot))

    def now(self) -> Copilot:
        """What is in force. Looks at a few files' times; reads them only where one changed."""
        seen = _seen()
        if (*seen, *_own(self._copilot)) != self._seen:
            self._follow()
            self._seen = (*seen, *_own(self._copilot))
        return self._copilot

    def told(self) -> list[Warned]:
        """What a person should hear of it and hasn't yet."""
        told, self._told = self._told, []
        return told

    def _follow(self) -> None:
        old, was = self._copilot, self._id
        try:
            new = build(self._overrides)
            _check(new, old)
            name = new.content.id
        except CopilotError as error:
            what = f"what changed can't be loaded, so release {was} stays in force: {error.message}"
            self._told.append(Warned(what, error.hint))
            return
        _carry(old, new)
        new.judge_flags()
        self._copilot, self._id = new, name
        if name != was:
            what = f"release {name} is in force now, no longer {was}"
            self._told.append(
                Warned(what, f"`copilot release diff {was} {name}` says what changed")
            )


def _check(new: Copilot, old: Copilot) -> None:
    """Raises CopilotError where the new one couldn't answer as its release says."""
    if new.pinned:
        refusal = new.releases.why_not(new.releases.get(new.pinned), bundled("prompts"))
        if refusal is not None:
            raise refusal
    could = {one.id for one in old.content.prompts if one.version}
    for one in new.content.prompts:
        if not one.version and one.id in could:
            new.prompts.get(one.id)  # raises what is wrong with it


def _carry(old: Copilot, new: Copilot) -> None:
    """Let the new one have what was loaded and is the same for it."""
    if old.paths.data != new.paths.data:
        return
    names = list(_PLACES)
    before, after = old.settings, new.settings
    same_index = before.index == after.index
    same_embedder = before.embedding == after.embedding and (
        # What pays for vectors from a provider
        (before.budgets, before.models.prices, before.principal)
        == (after.budgets, after.models.prices, after.principal)
    )
    if same_index:
        names += ["index", *_OVER_THE_INDEX]
    if same_embedder:
        names += ["embedder"]
    if same_index and same_embedder:
        names += ["searcher", "attaching"]
    for name in names:
        if name in old.__dict__:
            new.__dict__[name] = old.__dict__[name]


# --- looking ---------------------------------------------------------------------------


def _seen() -> _Look:
    """Sizes and times of what decides: configuration, release, the user's prompts and policy."""
    paths = Paths.from_environment(os.environ)
    fixed = [paths.config_file, paths.trusted_file, paths.policy_file, paths.releases / ACTIVE]
    if paths.project_config is not None:
        fixed.append(paths.project_config)
    releases = Releases(paths.releases)
    if name := releases.active():
        kept = releases.folder(name)
        fixed += [kept / MANIFEST, kept / POLICY, *_below(kept / PROMPTS)]
    return tuple(chain.from_iterable(map(_look, chain(fixed, _below(paths.prompts)))))


def _own(copilot: Copilot) -> _Look:
    """The policy that its settings name."""
    return tuple(_look(policy_place(copilot.settings, copilot.paths)))


def _look(file: Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        found = file.stat()
    except OSError:
        return
    yield str(file), found.st_mtime_ns, found.st_size, found.st_ino


def _below(folder: Path) -> Iterator[Path]:
    """The files of prompts, with labels and examples: in the folder, and in folders of it."""
    try:
        for one in sorted(folder.iterdir()):
            if one.is_dir():
                yield from sorted(one.iterdir())
            else:
                yield one
    except OSError:
        return
