"""Which project files the user has agreed to, by their path and their content.

Invariant: a project's file that changed after it was trusted is untrusted again; a trust list
that can't be read trusts nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

from copilot.config.paths import Paths, ensure
from copilot.errors import ConfigError


def is_trusted(paths: Paths, file: Path, content: bytes) -> bool:
    """Whether the user trusted ``file`` with exactly this ``content``."""
    return _read(paths.trusted_file).get(str(file.resolve())) == _digest(content)


def trust(paths: Paths, file: Path, content: bytes) -> None:
    """Remember that ``file`` may configure copilot as long as it holds ``content``.

    Raises ConfigError when that can't be written down.
    """
    trusted = {**_read(paths.trusted_file), str(file.resolve()): _digest(content)}
    _write(paths.trusted_file, trusted)


def distrust(paths: Paths, file: Path) -> bool:
    """Forget ``file``; whether it had been trusted. Raises ConfigError like ``trust``."""
    trusted = _read(paths.trusted_file)
    if trusted.pop(str(file.resolve()), None) is None:
        return False
    _write(paths.trusted_file, trusted)
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(file: Path) -> dict[str, str]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(path): str(digest) for path, digest in data.items()}


def _write(file: Path, trusted: dict[str, str]) -> None:
    folder = ensure(file.parent)
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, prefix=".trusted-", encoding="utf-8", delete=False
        ) as handle:
            json.dump(trusted, handle, indent=2, sort_keys=True)
        os.replace(handle.name, file)  # noqa: PTH105 (both are names of one folder)
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {error.strerror or error}.") from error
