"""Keeps every release that was in force, so that one can go back to it.

Invariant: what is kept under an id is what had that id: it is written once, whole or not at all,
and compared with its digests before it counts again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from copilot.config.layers import Problem
from copilot.config.load import inspect_release
from copilot.config.paths import ensure, private
from copilot.config.pinned import ACTIVE, MANIFEST, POLICY, PROMPTS, of_folder
from copilot.config.writing import write_whole
from copilot.errors import ConfigError, CopilotError, NotFoundError
from copilot.messages import PromptVersion
from copilot.prompting import Prompt, PromptLibrary
from copilot.prompting.files import examples_name, written
from copilot.releases.content import Content

_HISTORY = "history"
_NOTE = "note.txt"
_MOST = 100  # releases; those that were in force lately and the active one stay anyway
_LATELY = 20
_LINE = 64  # bytes, more than a line of the history has


@dataclass(frozen=True, slots=True)
class Kept:
    """``name`` is the id that it had; ``prompts`` without a version couldn't be read then."""

    name: str
    content: Content
    first_used: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What a content is the digest of: the texts, and the names of the keys that go with it."""

    prompts: PromptLibrary
    policy: Path
    keys: Mapping[str, str]


class Releases:
    """The releases in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    # --- keeping ------------------------------------------------------------------------

    def used(self, content: Content, made_of: MadeOf, *, at: datetime, by_files: bool) -> None:
        """Keep what is in force, the first time. ``by_files``: it is what files (or the active
        release) say, not one call's own. What can't be kept costs no answer.
        """
        name = content.id
        with suppress(OSError, CopilotError):  # the run names it all the same
            if not (self._folder / name / MANIFEST).exists():
                self._keep(name, content, made_of, at)
        with suppress(OSError):
            if by_files:
                self.went_to(name, at)

    def went_to(self, name: str, at: datetime) -> None:
        """Write down that it is in force now, unless it was before. Raises OSError."""
        if self._last() == name:
            return
        with private(), (self._folder / _HISTORY).open("a", encoding="utf-8") as file:
            file.write(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {name}\n")

    def _last(self) -> str:
        try:
            with (self._folder / _HISTORY).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LINE))
                return file.read().decode(errors="replace").split()[-1]
        except (FileNotFoundError, IndexError):
            return ""

    def _keep(self, name: str, content: Content, made_of: MadeOf, at: datetime) -> None:
        ensure(self._folder)
        made = Path(tempfile.mkdtemp(dir=self._folder, prefix=f".{name}-"))
        try:
            with private():
                for prompt in made_of.prompts.readable():
                    _write_prompt(made / PROMPTS, prompt)
                with suppress(OSError):
                    (made / POLICY).write_bytes(made_of.policy.read_bytes())
                manifest = _manifest(content, made_of.keys, at)
                (made / MANIFEST).write_text(manifest, encoding="utf-8")
            self._make_room()
            with suppress(OSError):  # another process kept it first
                made.rename(self._folder / name)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _make_room(self) -> None:
        """Drop the oldest, when there are very many: experiments make one a variant."""
        found = self.all()
        stay = {*self.history()[-_LATELY:], self.active()}
        for old in [one.name for one in found if one.name not in stay][_MOST:]:
            shutil.rmtree(self._folder / old, ignore_errors=True)

    # --- looking ------------------------------------------------------------------------

    def all(self) -> list[Kept]:
        """Those that can be read, the latest first."""
        found = []
        for manifest in self._folder.glob(f"[!.]*/{MANIFEST}"):
            with suppress(NotFoundError):
                found.append(self._read(manifest.parent))
        return sorted(found, key=lambda one: (one.first_used, one.name), reverse=True)

    def get(self, name: str) -> Kept:
        """The one whose id begins so. Raises NotFoundError."""
        found = [one for one in self.all() if name and one.name.startswith(name)]
        if len(found) != 1:
            what = f"several releases begin with {name}" if found else f"no release {name} is kept"
            raise NotFoundError(what, hint="copilot release list")
        return found[0]

    def history(self) -> list[str]:
        """What was in force, one after the other, the latest last."""
        try:
            lines = (self._folder / _HISTORY).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        names = [line.split()[-1] for line in lines if line.strip()]
        return [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]

    def folder(self, name: str) -> Path:
        """Where its prompts and its policy are."""
        return self._folder / name

    def note(self, name: str, text: str) -> None:
        """Say what it is. Raises ConfigError."""
        write_whole(self._folder / name / _NOTE, text)

    def _read(self, folder: Path) -> Kept:
        try:
            plain = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            content = Content(
                program=plain["program"],
                settings=plain["settings"],
                prompts=tuple(
                    PromptVersion(one["id"], one["version"], one["digest"])
                    for one in plain["prompts"]
                ),
                policy=plain["policy"],
            )
            at = datetime.fromisoformat(plain["first_used"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotFoundError(f"{folder} can't be read", hint="copilot release list") from error
        note = ""
        with suppress(OSError, UnicodeDecodeError):
            note = (folder / _NOTE).read_text(encoding="utf-8")
        return Kept(folder.name, content, at, note)

    # --- going there --------------------------------------------------------------------

    def active(self) -> str:
        """The id of the active one; empty where files count, or where that can't be read."""
        try:
            name = json.loads((self._folder / ACTIVE).read_text(encoding="utf-8"))["id"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return name if isinstance(name, str) else ""

    def activate(self, kept: Kept, at: datetime) -> None:
        """Have it in force, whatever files say. Raises ConfigError."""
        plain = {"id": kept.name, "since": at.isoformat()}
        write_whole(self._folder / ACTIVE, json.dumps(plain, indent=2) + "\n")

    def leave(self) -> None:
        """Let the files count again. Raises ConfigError."""
        try:
            (self._folder / ACTIVE).unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(f"{self._folder / ACTIVE} can't be removed: {error}") from error

    def why_not(self, kept: Kept, ours: Path) -> ConfigError | None:
        """Why this program can't have it in force again, as far as that can be told now."""
        folder, name = self._folder / kept.name, kept.name
        if kept.content.id != name:
            return _lost(name, "what is kept of it was changed since")
        pin = of_folder(folder)
        problems = [pin] if isinstance(pin, Problem) else list(inspect_release(pin).problems)
        if problems:
            return _lost(name, problems[0].message)
        library = PromptLibrary([folder / PROMPTS], ours=ours)
        kept_prompts = {one.id: one for one in kept.content.prompts}
        for prompt_id in sorted({*kept_prompts, *library.ours.files}):
            then = kept_prompts.get(prompt_id)
            if then is None:
                return _lost(name, f"it has no prompt {prompt_id}, which this version needs")
            if not then.version:
                return _lost(name, f"its prompt {prompt_id} couldn't be read when it was in force")
            try:
                now = library.get(prompt_id)
            except CopilotError as error:
                return _lost(name, error.message)
            if now.digest != then.digest:
                return _lost(name, f"the text of its prompt {prompt_id} was changed since")
        if _digest(folder / POLICY) != kept.content.policy:
            return _lost(name, "the text of its policy isn't kept, or was changed since")
        return None


def _lost(name: str, why: str) -> ConfigError:
    return ConfigError(
        f"release {name} can't be brought back: {why}",
        hint=f"`copilot release show {name}` says what it was made of: set that in your files",
    )


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:
        return ""


def _manifest(content: Content, keys: Mapping[str, str], at: datetime) -> str:
    plain = {
        "id": content.id,
        "first_used": at.isoformat(),
        "program": content.program,
        "settings": dict(content.settings),
        "prompts": [
            {"id": one.id, "version": one.version, "digest": one.digest} for one in content.prompts
        ],
        "policy": content.policy,
        "keys": dict(keys),
    }
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _write_prompt(folder: Path, prompt: Prompt) -> None:
    file = folder / f"{prompt.id}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    text, examples = written(prompt)
    file.write_text(text, encoding="utf-8", newline="")
    if examples:
        file.with_name(examples_name(prompt.id)).write_text(examples, encoding="utf-8", newline="")
