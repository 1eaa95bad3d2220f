"""A secret store in memory, for tests of whatever needs keys.

Invariant: passes the same contract suite as the stores that people use.
"""

from __future__ import annotations

from collections.abc import Mapping

from copilot.errors import UsageError


class MemorySecretStore:
    """Keys in a dict; nothing outlives the object."""

    def __init__(self, keys: Mapping[str, str] | None = None, *, name: str = "memory") -> None:
        self.name = name
        self._keys = {_checked(key): value for key, value in (keys or {}).items()}

    def get(self, name: str) -> str | None:
        return self._keys.get(_checked(name))

    def set(self, name: str, value: str) -> None:
        if not value.strip() or not value.strip().isprintable():
            raise UsageError("The key is empty or holds a control character.")
        self._keys[_checked(name)] = value.strip()

    def remove(self, name: str) -> bool:
        return self._keys.pop(_checked(name), None) is not None

    def names(self) -> list[str]:
        return sorted(self._keys)


def _checked(name: str) -> str:
    lower = name.strip().lower()
    if not lower or not all(c.isalnum() or c in "._-" for c in lower):
        raise UsageError(f"{name!r} can't be the name of a key.")
    return lower
