"""Finds the version of a prompt that is meant, the user's before ours.

Invariant: a prompt takes exactly the inputs that this program fills, or it is refused before
anything is asked; a pointer to a version that isn't there is an error, never another version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from copilot.errors import ConfigError, NotFoundError
from copilot.messages import PromptVersion
from copilot.prompting.files import Prompt
from copilot.prompting.folders import LABELS, PRODUCTION, PromptFolder


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt and where it stands; ``place`` counts the folders, the last of them is ours."""

    prompt: Prompt
    file: Path
    place: int


class PromptLibrary:
    """Prompts by id: one of ``given``, or the one that a label, or a folder's own file, is.

    A folder that comes first goes before the others. ``ours``: the prompts that ship, which say
    what inputs there are; the last folder if left out.
    """

    def __init__(
        self, folders: Sequence[Path], *, given: Sequence[Prompt] = (), ours: Path | None = None
    ) -> None:
        self.folders = tuple(PromptFolder(folder) for folder in folders)
        same = ours is None or ours == self.folders[-1].path
        self.ours = self.folders[-1] if same or ours is None else PromptFolder(ours)
        self._in_force: dict[str, Prompt] = {prompt.id: prompt for prompt in given}

    def get(self, prompt_id: str) -> Prompt:
        """What is used. Raises NotFoundError, or ConfigError for a file that is malformed."""
        if prompt_id not in self._in_force:
            found = self.labelled(prompt_id, PRODUCTION)
            if found is None:
                kept = self.ours not in self.folders
                hint = "copilot release activate files" if kept else "copilot prompts list"
                raise NotFoundError(f"no prompt {prompt_id} in {self.folders[0].path}", hint=hint)
            self._in_force[prompt_id] = self.checked(found)
        return self._in_force[prompt_id]

    def labelled(self, prompt_id: str, label: str) -> Found | None:
        """What a label points to; ``production``, left out, is a folder's own file.

        Raises ConfigError for a pointer to what isn't there.
        """
        for place, folder in enumerate(self.folders):
            pointer = folder.labels.get(label, {}).get(prompt_id)
            if pointer is not None:
                found = self.version(prompt_id, pointer, place=place)
                if found is None:
                    raise ConfigError(
                        f"{folder.path / LABELS}: {label} of {prompt_id} is version {pointer}, "
                        "which isn't there",
                        hint=f"copilot prompts use {prompt_id} default --label {label}",
                    )
                return found
            file = folder.current(prompt_id) if label == PRODUCTION else None
            if file is not None:
                return Found(folder.read(file), file, place)
        return None

    def called(self, prompt_id: str, name: str) -> Prompt:
        """By a label, or a version. Raises NotFoundError, or ConfigError for a malformed one."""
        found = self.labelled(prompt_id, name) or self.version(prompt_id, name)
        if found is None:
            raise NotFoundError(
                f"no prompt {prompt_id} has the label or version {name}",
                hint=f"copilot prompts show {prompt_id}",
            )
        return self.checked(found)

    def version(self, prompt_id: str, version: str, *, place: int = 0) -> Found | None:
        """That version, in the folder of this place or a later one. Raises ConfigError."""
        for n, folder in enumerate(self.folders[place:], place):
            file = folder.find(prompt_id, version)
            if file is not None:
                return Found(folder.read(file), file, n)
        return None

    def checked(self, found: Found) -> Prompt:
        """The prompt. Raises ConfigError where this program fills other inputs."""
        file = self.ours.current(found.prompt.id)
        if file is None or file == found.file:
            return found.prompt
        known, taken = set(self.ours.read(file).inputs), set(found.prompt.inputs)
        if unknown := sorted(taken - known):
            raise ConfigError(
                f"{found.file}: nothing fills {', '.join(unknown)}",
                hint=f"{found.prompt.id} is given {', '.join(sorted(known))}",
            )
        if lacking := sorted(known - taken):
            raise ConfigError(
                f"{found.file}: it doesn't use {', '.join(lacking)}",
                hint=f"declare {', '.join(lacking)} in [inputs] and use it in the body",
            )
        return found.prompt

    def ids(self) -> list[str]:
        """Of every prompt that stands in a folder."""
        return sorted({prompt_id for folder in self.folders for prompt_id in folder.files})

    def all(self) -> list[Prompt]:
        """Every prompt that is used, by id."""
        return [self.get(prompt_id) for prompt_id in self._used()]

    def versions(self) -> tuple[PromptVersion, ...]:
        """What every prompt is now. One that is malformed is known by what is wrong with it."""
        return tuple(self._version(prompt_id) for prompt_id in self._used())

    def readable(self) -> list[Prompt]:
        """Every prompt that can be used, by id."""
        found = []
        for prompt_id in self._used():
            with suppress(ConfigError, NotFoundError):
                found.append(self.get(prompt_id))
        return found

    def _used(self) -> list[str]:
        """Those that this program asks for: a file of another name is used for nothing."""
        return sorted(self.ours.files)

    def _version(self, prompt_id: str) -> PromptVersion:
        try:
            prompt = self.get(prompt_id)
        except (ConfigError, NotFoundError) as error:
            told = hashlib.sha256(error.message.encode()).hexdigest()
            return PromptVersion(prompt_id, "", told)
        return PromptVersion(prompt.id, prompt.version, prompt.digest)
