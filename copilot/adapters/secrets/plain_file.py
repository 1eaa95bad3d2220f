"""Keys in a private file, in plain text: only for what seals our own records.

Where there is no keyring, the audit trail's key lies here, so that sealing never has to wait
for a passphrase. Invariant: the file is the user's alone and complete at every moment; a
provider's key is never kept here.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from copilot.adapters.secrets.names import checked, checked_value
from copilot.config.paths import ensure
from copilot.errors import ConfigError


class PlainFileStore:
    """The keys in ``file``; its path is its name, for people to know how safe they are."""

    def __init__(self, file: Path) -> None:
        self.name = str(file)
        self._file = file

    def get(self, name: str) -> str | None:
        return self._read().get(checked(name))

    def set(self, name: str, value: str) -> None:
        self._write({**self._read(), checked(name): checked_value(value)})

    def remove(self, name: str) -> bool:
        keys = self._read()
        if keys.pop(checked(name), None) is None:
            return False
        self._write(keys)
        return True

    def names(self) -> list[str]:
        return sorted(self._read())

    def _read(self) -> dict[str, str]:
        try:
            keys = json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise ConfigError(f"{self._file} can't be read: {error.strerror or error}.") from error
        except ValueError as error:
            raise self._damaged() from error
        if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
            raise self._damaged()
        return keys

    def _damaged(self) -> ConfigError:
        return ConfigError(f"{self._file} is damaged.", hint="Restore it from a backup.")

    def _write(self, keys: Mapping[str, str]) -> None:
        folder = ensure(self._file.parent)
        beside: Path | None = None
        try:
            descriptor, path = tempfile.mkstemp(dir=folder, prefix=".key-")  # 0600
            beside = Path(path)
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                json.dump(dict(keys), handle)
                handle.flush()
                os.fsync(handle.fileno())
            beside.replace(self._file)
        except OSError as error:
            if beside is not None:
                beside.unlink(missing_ok=True)
            raise ConfigError(
                f"{self._file} can't be written: {error.strerror or error}."
            ) from error
