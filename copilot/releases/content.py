"""What a release is: the prompts, settings, policy and program that decide answers and records.

Invariant: the id is the same, on every machine, if and only if the content is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot import __version__
from copilot.config.deciding import deciding, policy_place
from copilot.config.load import inspect
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.messages import PromptVersion

if TYPE_CHECKING:
    from copilot.prompting import PromptLibrary

ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Content:
    """``settings`` by dotted key; ``policy`` is the SHA-256 of its file, empty if there is none."""

    program: str
    settings: Mapping[str, object]
    prompts: tuple[PromptVersion, ...]
    policy: str

    @property
    def id(self) -> str:
        plain = {
            "program": self.program,
            "settings": dict(self.settings),
            "prompts": sorted([one.id, one.version, one.digest] for one in self.prompts),
            "policy": self.policy,
        }
        written = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(written.encode()).hexdigest()[:ID_LENGTH]


def in_force(settings: Settings, paths: Paths, prompts: PromptLibrary) -> Content:
    """What decides now. A file that can't be read counts as it is; nothing is raised for it."""
    return Content(
        program=__version__,
        settings=deciding(settings),
        prompts=prompts.versions(),
        policy=_digest_of_policy(settings, paths),
    )


def of_files(paths: Paths, env: Mapping[str, str], prompts: PromptLibrary) -> Content | None:
    """What would be in force if no release were active; None where the files are wrong."""
    found = inspect(paths, env, released=False)
    return None if found.settings is None else in_force(found.settings, paths, prompts)


def _digest_of_policy(settings: Settings, paths: Paths) -> str:
    try:
        text = policy_place(settings, paths).read_bytes()
    except OSError:
        return ""
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()
