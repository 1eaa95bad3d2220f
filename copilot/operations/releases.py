"""Releases: what was in force, what is, and the way back.

Invariant: nothing is in force again that isn't whole; each change is in the audit trail, with who
made it and why.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.audit import noting
from copilot.bootstrap import Copilot
from copilot.config.deciding import policy_place
from copilot.config.load import inspect
from copilot.config.paths import bundled
from copilot.config.pinned import POLICY, PROMPTS
from copilot.errors import ConfigError, NotFoundError
from copilot.events import Warned
from copilot.prompting import PromptLibrary
from copilot.releases import Content, Kept
from copilot.releases.comparing import differences

FILES = "files"


@dataclass(frozen=True, slots=True)
class Listed:
    """``changed``: in which parts it differs from the release that was first used before it."""

    id: str
    first_used: datetime | None
    program: str
    in_force: bool
    active: bool
    note: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Went:
    """Where one went: ``asked`` is the release, empty for files; ``id`` what is in force then."""

    asked: str
    id: str
    before: str
    notices: tuple[Warned, ...] = ()


def listed(copilot: Copilot) -> list[Listed]:
    """Every release that is kept, the latest first, and what is in force though it isn't yet."""
    kept, now = copilot.releases.all(), copilot.content
    found = []
    for n, one in enumerate(kept):
        before = kept[n + 1].content if n + 1 < len(kept) else None
        parts = () if before is None else _parts(before, one.content)
        found.append(
            Listed(
                one.name,
                one.first_used,
                one.content.program,
                one.name == now.id,
                one.name == copilot.pinned,
                one.note.strip(),
                parts,
            )
        )
    if now.id not in {one.name for one in kept}:
        parts = _parts(kept[0].content, now) if kept else ()
        found.insert(0, Listed(now.id, None, now.program, True, False, "", parts))
    return found


def chosen(copilot: Copilot, name: str) -> Content:
    """The release whose id begins so; what is in force if left out. Raises NotFoundError."""
    now = copilot.content
    if not name or now.id.startswith(name):
        return now
    return copilot.releases.get(name).content


def pair(copilot: Copilot, old: str, new: str) -> tuple[Content, Content]:
    """The two that are meant; by default the one before, and what is in force."""
    after = chosen(copilot, new)
    return (chosen(copilot, old) if old else _before(copilot, after.id).content), after


def texts(copilot: Copilot, content: Content) -> dict[str, str]:
    """The prompts and the policy of a release, by part, as far as they are kept."""
    if content.id == copilot.content.id:
        library, policy = copilot.prompts, policy_place(copilot.settings, copilot.paths)
    else:
        folder = copilot.releases.folder(content.id)
        library = PromptLibrary([folder / PROMPTS], ours=bundled("prompts"))
        policy = folder / POLICY
    found = {prompt.id: prompt.body for prompt in library.readable()}
    try:
        found["policy"] = policy.read_text(encoding="utf-8", errors="replace")
    except OSError:
        found["policy"] = ""
    return found


def activate(copilot: Copilot, name: str, *, reason: str) -> Went:
    """Have a release in force whatever files say; ``files`` lets these count again.

    Raises NotFoundError, ConfigError where it can't be brought back whole, and StorageError where
    it was done and isn't in the audit trail.
    """
    return _go(copilot, None if name == FILES else copilot.releases.get(name), reason)


def rollback(copilot: Copilot, *, reason: str) -> Went:
    """Go to the one that was in force before. Raises as ``activate``."""
    return _go(copilot, _before(copilot, copilot.content.id), reason, action="release.rollback")


def _go(copilot: Copilot, kept: Kept | None, reason: str, action: str = "release.activate") -> Went:
    releases, at = copilot.releases, copilot.clock.now()
    before, was = copilot.content.id, releases.active() or FILES
    if kept is None:
        releases.leave()
    else:
        refusal = releases.why_not(kept, bundled("prompts"))
        if refusal is not None:
            raise refusal
        releases.activate(kept, at)
    asked = FILES if kept is None else kept.name
    notices = noting.note(
        lambda: copilot.audit_trail,
        action,
        asked,
        principal=copilot.settings.principal.name,
        before=before,
        active_before=was,
        reason=reason,
    )
    now = inspect(copilot.paths, os.environ)
    if now.settings is None:  # files were wrong before, and nothing here makes them right
        return Went("" if kept is None else kept.name, "", before, notices)
    after = replace(copilot, settings=now.settings, pinned=now.release).content.id
    return Went("" if kept is None else kept.name, after, before, notices)


def _before(copilot: Copilot, now: str) -> Kept:
    """The latest that was in force and isn't. Raises NotFoundError."""
    for name in reversed(copilot.releases.history()):
        if name not in (now, copilot.pinned):
            return copilot.releases.get(name)
    raise NotFoundError(
        "no other release was in force before",
        hint="a release is kept from its first run on; `copilot release list`",
    )


def _parts(old: Content, new: Content) -> tuple[str, ...]:
    return tuple(one.part for one in differences(old, new))


def noted(copilot: Copilot, name: str, text: str) -> str:
    """Say of a release what it is; its id. Raises NotFoundError, ConfigError."""
    kept = copilot.releases.get(name)
    if "\n" in text or len(text) > 200:
        raise ConfigError("a note is one line of at most 200 characters")
    copilot.releases.note(kept.name, text)
    return kept.name
