"""The release that is active: a layer of settings between the files and the environment.

Invariant: nothing that a project brings along can activate one; it stands in the user's state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.config.deciding import ASIDE, decides
from copilot.config.fields import leaves
from copilot.config.layers import Given, Layer, Problem, printable
from copilot.config.paths import Paths

ACTIVE = "active.json"
MANIFEST = "release.json"
POLICY = "policy.toml"
PROMPTS = "prompts"
LEAVE = "`copilot release activate files` lets the files count again"


@dataclass(frozen=True, slots=True)
class Pinned:
    """``settings`` by dotted key; ``folder`` holds the policy and the prompts too.

    ``keys``: the names of the stored keys that its models were called with, as ``key_names``.
    """

    id: str
    folder: Path
    settings: Mapping[str, object]
    keys: Mapping[str, str]


def pinned(paths: Paths) -> Pinned | Problem | None:
    """The active release; None where files count, a problem where it can't be read."""
    file = paths.releases / ACTIVE
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        return Problem(f"{file} can't be read: {error}", LEAVE)
    try:
        name = json.loads(text)["id"]
        if not isinstance(name, str) or not name.isalnum():
            raise TypeError
    except (ValueError, KeyError, TypeError):
        return Problem(f"{file} names no release", LEAVE)
    return of_folder(paths.releases / name)


def of_folder(folder: Path) -> Pinned | Problem:
    """The release that is kept there, its settings read."""
    manifest = folder / MANIFEST
    try:
        plain = json.loads(manifest.read_text(encoding="utf-8"))
        settings, keys = plain["settings"], plain["keys"]
        if not isinstance(settings, dict) or not isinstance(keys, dict):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Problem(f"release {folder.name}: {manifest} can't be read: {error}", LEAVE)
    return Pinned(folder.name, folder, settings, keys)


def layer(pin: Pinned) -> Layer:
    """What is in force of it, whatever files say."""
    origin = f"release {pin.id}"
    values = {key: Given(value, origin) for key, value in pin.settings.items() if _counts(key)}
    problems = tuple(
        Problem(f"{origin}: there is no setting {printable(key)} in this version", LEAVE)
        for key in pin.settings
        if not _counts(key)
    )
    beside: dict[str, object] = {
        "actions.policy": str(pin.folder / POLICY),
        "models.key": pin.keys.get("models.key", ""),
    }
    at = pin.settings.get("models.at")
    if isinstance(at, Mapping):
        beside["models.at"] = {
            name: {**one, "key": pin.keys.get(f"models.at.{name}", "")} for name, one in at.items()
        }
    values |= {key: Given(value, origin) for key, value in beside.items()}
    return Layer(values, problems, instead=True)


def instead(key: str, before: object, value: object) -> object:
    """A release's value in place of that of the files, which keep what belongs to no release."""
    if key != "models.at" or not isinstance(value, Mapping) or not isinstance(before, Mapping):
        return value
    return {name: {**_aside(before.get(name)), **one} for name, one in value.items()}


def _aside(deployment: object) -> dict[str, Any]:
    if not isinstance(deployment, Mapping):
        return {}
    return {name: value for name, value in deployment.items() if name in ASIDE["models"] - {"key"}}


def _counts(key: str) -> bool:
    return key in leaves() and decides(key)
