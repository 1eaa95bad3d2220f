"""Which settings decide what an answer or a record says, and so belong to a release.

Invariant: no key stands among them, nor the name of one. A new setting of a section that decides
counts unless it is named here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copilot.config.paths import Paths, bundled
from copilot.config.schema import Settings

# By section: what of it decides nothing. It says how, how long or at what price something is asked.
ASIDE: Mapping[str, frozenset[str]] = {
    "embedding": frozenset({"threads"}),
    "search": frozenset(),
    "answer": frozenset(),
    "models": frozenset(
        {
            "key",
            "connect_timeout_s",
            "first_token_timeout_s",
            "total_timeout_s",
            "retries",
            "prices",
            "breaker_failures",
            "breaker_cooldown_s",
        }
    ),
    "extraction": frozenset({"jobs", "concurrency", "max_input_mb"}),
}


def decides(key: str) -> bool:
    """Whether the setting of this dotted key belongs to a release."""
    section, _, name = key.partition(".")
    return section in ASIDE and name not in ASIDE[section]


def deciding(settings: Settings) -> dict[str, Any]:
    """Those settings by dotted key, as JSON has them."""
    found: dict[str, Any] = {}
    for section, aside in ASIDE.items():
        table, apart = getattr(settings, section), set(aside)
        values = table.model_dump(mode="json", exclude=apart)
        # In a table of tables only what was set: it can be read again, as a file's.
        values |= table.model_dump(mode="json", exclude=apart, exclude_defaults=True)
        found |= {f"{section}.{name}": value for name, value in values.items()}
    for deployment in found["models.at"].values():
        for name in ASIDE["models"] & deployment.keys():
            del deployment[name]
    return found


def key_names(settings: Settings) -> dict[str, str]:
    """Which stored keys the models of these settings are called with, by dotted key.

    No part of what decides; but a key that is meant for one address must not go to another.
    """
    models = settings.models
    names = {f"models.at.{name}": one.key for name, one in models.at.items()}
    return {"models.key": models.key, **names}


def policy_place(settings: Settings, paths: Paths) -> Path:
    """The file of the rules on what may be written that are in force."""
    chosen = settings.actions.policy
    if chosen:
        return Path(os.path.expanduser(chosen)).absolute()  # noqa: PTH111 (never raises)
    own = paths.policy_file
    return own if own.exists() else bundled("policy.toml")
