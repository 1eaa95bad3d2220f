"""One folder of prompt files: each prompt's current file, other versions beside it, labels, lock.

Invariant: a file's id is its path in the folder, and a version that is in its name is its own.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from copilot.errors import ConfigError
from copilot.prompting.files import Prompt, parse

LOCK = "lock.toml"
LABELS = "labels.toml"
PRODUCTION = "production"  # what is used
LABELS_KNOWN = (PRODUCTION, "candidate")

Tables = Mapping[str, Mapping[str, str]]


class PromptFolder:
    """``area/name.md`` is a prompt's current file, ``area/name@1.md`` an older version's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parsed: dict[Path, Prompt] = {}

    @cached_property
    def files(self) -> Mapping[str, Sequence[Path]]:
        """By id, the current one first, then those with a version in their names."""
        found: dict[str, list[Path]] = {}
        for file in sorted(self.path.glob("*/*.md"), key=lambda file: ("@" in file.name, file)):
            found.setdefault(self._id(file), []).append(file)
        return found

    def current(self, prompt_id: str) -> Path | None:
        """The file of that id, which has no version in its name."""
        file = self.path / f"{prompt_id}.md"
        return file if file.is_file() else None

    def find(self, prompt_id: str, version: str) -> Path | None:
        """The file of that version. Raises ConfigError for a current one that is malformed."""
        file = self.path / f"{prompt_id}@{version}.md"
        if file.is_file():
            return file
        current = self.current(prompt_id)
        if current is not None and self.read(current).version == version:
            return current
        return None

    def read(self, file: Path) -> Prompt:
        """The prompt in one of its files. Raises ConfigError."""
        if file not in self._parsed:
            self._parsed[file] = self._read(file)
        return self._parsed[file]

    @cached_property
    def labels(self) -> Tables:
        """Which version each label points to: label, id, version. Raises ConfigError."""
        return tables(self.path / LABELS)

    @cached_property
    def lock(self) -> Tables:
        """The digest of each version: id, version, SHA-256. Raises ConfigError."""
        return tables(self.path / LOCK)

    def _id(self, file: Path) -> str:
        """``with_suffix`` would take a version's last number for one."""
        name = file.relative_to(self.path).as_posix().removesuffix(".md")
        return name.partition("@")[0]

    def _read(self, file: Path) -> Prompt:
        prompt = parse(_text(file), name=str(file), beside=lambda name: _text(file.parent / name))
        wanted = self._id(file)
        if prompt.id != wanted:
            raise ConfigError(f"{file}: its id is {prompt.id}, its path says {wanted}")
        version = file.name.removesuffix(".md").partition("@")[2]
        if version and prompt.version != version:
            raise ConfigError(f"{file}: its version is {prompt.version}, its name says {version}")
        return prompt


def tables(file: Path) -> Tables:
    """A file of tables of texts; empty if there is none. Raises ConfigError."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} can't be read: {error}") from error
    for name, table in found.items():
        if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
            raise ConfigError(
                f"{file}: {name} must be a table of texts", hint='"answering/write" = "1"'
            )
    return found


def as_tables(values: Tables) -> str:
    """The text of a file that ``tables`` reads the same from."""
    found = [
        "\n".join(
            [
                f"[{json.dumps(name)}]",
                *(f"{json.dumps(k)} = {json.dumps(values[name][k])}" for k in values[name]),
            ]
        )
        for name in sorted(values)
    ]
    return "\n\n".join(found) + "\n"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} can't be read: {error}") from error
