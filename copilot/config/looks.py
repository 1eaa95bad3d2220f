"""Theme and keys of the terminal application, kept beside the configuration that decides them.

Invariant: it is read in a millisecond, without the configuration; what can't be read or written is
as if it weren't there, since the configuration is read anyway, a moment later.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from copilot.config.paths import ensure
from copilot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Looks:
    """``theme`` is empty for what suits the terminal. ``keys``: by the name of what they do."""

    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)


def read_looks(file: Path) -> Looks:
    """As they were when somebody last knew them."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        keys = {str(name): str(key) for name, key in told["keys"].items()}
        return Looks(str(told["theme"]), keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Looks()


def keep_looks(file: Path, looks: Looks) -> None:
    """For the next start; written only if it isn't there already."""
    if read_looks(file) == looks:
        return
    with suppress(OSError, ConfigError):
        folder = ensure(file.parent)
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, prefix=".looks-", encoding="utf-8", delete=False
        ) as handle:
            json.dump(asdict(looks), handle)
        os.replace(handle.name, file)  # noqa: PTH105 (both are names of one folder)
