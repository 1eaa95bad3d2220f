"""Finds prompt files in folders, the user's before ours, and checks them against the lock.

Invariant: a prompt's id is its path in its folder, and a locked version never has two bodies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from copilot.errors import ConfigError, NotFoundError
from copilot.messages import PromptVersion
from copilot.prompting.files import Prompt, parse

LOCK = "lock.toml"


class PromptLibrary:
    """Prompts by id: one of ``given``, or the first folder's that has a file of that name."""

    def __init__(self, folders: Sequence[Path], *, given: Sequence[Prompt] = ()) -> None:
        self._folders = tuple(folders)
        self._read: dict[str, Prompt] = {prompt.id: prompt for prompt in given}

    def get(self, prompt_id: str) -> Prompt:
        """Raises NotFoundError, or ConfigError for a file that is malformed."""
        if prompt_id not in self._read:
            self._read[prompt_id] = self._find(prompt_id)
        return self._read[prompt_id]

    def all(self) -> list[Prompt]:
        """Every prompt, by id."""
        return [self.get(prompt_id) for prompt_id in sorted(self._ids())]

    def versions(self) -> tuple[PromptVersion, ...]:
        """What every prompt is now. One that is malformed is known by its file alone."""
        return tuple(self._version(prompt_id) for prompt_id in sorted(self._ids()))

    def lock(self) -> dict[str, dict[str, str]]:
        """The lock of the last folder, which is ours: id to version to SHA-256."""
        import tomllib

        path = self._folders[-1] / LOCK
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: {error}") from error

    def problems(self) -> list[str]:
        """How the prompts differ from the lock, in words; empty when they agree."""
        lock, found = self.lock(), []
        for prompt in self.all():
            locked = lock.get(prompt.id, {}).get(prompt.version)
            if locked is None:
                found.append(f"{prompt.id}: version {prompt.version} is not in {LOCK}")
            elif locked != prompt.digest:
                found.append(f"{prompt.id}: the text changed, its version {prompt.version} did not")
        found += [f"{gone}: in {LOCK}, no such file" for gone in sorted(set(lock) - self._ids())]
        return found

    def _version(self, prompt_id: str) -> PromptVersion:
        try:
            prompt = self.get(prompt_id)
        except ConfigError as error:
            told = hashlib.sha256(error.message.encode()).hexdigest()
            return PromptVersion(prompt_id, "", told)
        return PromptVersion(prompt.id, prompt.version, prompt.digest)

    def _ids(self) -> set[str]:
        return {
            path.relative_to(folder).with_suffix("").as_posix()
            for folder in self._folders
            for path in folder.glob("*/*.md")
        }

    def _find(self, prompt_id: str) -> Prompt:
        for folder in self._folders:
            path = folder / f"{prompt_id}.md"
            if path.is_file():
                prompt = parse(path.read_text(encoding="utf-8"), name=str(path))
                if prompt.id != prompt_id:
                    raise ConfigError(f"{path}: its id is {prompt.id}, its path says {prompt_id}")
                return prompt
        raise NotFoundError(f"no prompt {prompt_id}", hint="copilot doctor")


def locked(lock: Mapping[str, Mapping[str, str]], prompts: Sequence[Prompt]) -> str:
    """The lock file's text with these prompts' versions added.

    Raises ConfigError where a version is there already with another body: it stays as it was
    published, and a changed body takes a new version.
    """
    merged = {prompt_id: dict(versions) for prompt_id, versions in lock.items()}
    for prompt in prompts:
        known = merged.setdefault(prompt.id, {})
        if known.get(prompt.version, prompt.digest) != prompt.digest:
            raise ConfigError(
                f"{prompt.id}: version {prompt.version} is locked with another text",
                hint="give it a new version and say in changes what is different",
            )
        known[prompt.version] = prompt.digest
    tables = [
        "\n".join(
            [
                f"[{json.dumps(prompt_id)}]",
                *(
                    f"{json.dumps(v)} = {json.dumps(merged[prompt_id][v])}"
                    for v in merged[prompt_id]
                ),
            ]
        )
        for prompt_id in sorted(merged)
    ]
    return "\n\n".join(tables) + "\n"
