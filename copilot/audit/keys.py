"""The keys that seal the trail: the one in use, and those that were in use before it.

A key that was rotated out stays in its store under a name of its own, to check old entries with.
Invariant: a key is never lost on the way to another: the old one is kept before the new one
takes its name, and a store that can't say whether it has a key is an error, never "none".
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.audit.entries import key_id
from copilot.errors import ConfigError, StorageError, UsageError
from copilot.ports import SecretStore

KEY_NAME = "audit-trail"


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key, where it is kept, and the id that names it without giving it away."""

    secret: str
    place: str
    id: str


def is_ours(name: str) -> bool:
    """Whether a key of this name seals an audit trail, or did."""
    return name == KEY_NAME or name.startswith(f"{KEY_NAME}.")


def old_name(key: str) -> str:
    """What the key with the id ``key`` is called once it only checks."""
    return f"{KEY_NAME}.{key}"


class SealingKeys:
    """Keys are looked for in ``find_in``, in order, and made in the first of ``keep_in``.

    The last of ``keep_in`` is this trail's own.
    """

    def __init__(self, find_in: Sequence[SecretStore], keep_in: Sequence[SecretStore]) -> None:
        self._find_in = tuple(find_in)
        self._keep_in = tuple(keep_in)

    def current(self) -> SealingKey | None:
        """The key in use; None when no store has one. Raises StorageError."""
        return self._find(KEY_NAME)

    def old(self, key: str) -> SealingKey | None:
        """The key with the id ``key``, if it was kept when another took its place."""
        found = self._find(old_name(key))
        return found if found is not None and found.id == key else None

    def left(self) -> SealingKey | None:
        """The key that was made in the last resort, a place that no other trail uses."""
        for store in self._keep_in[-1:]:
            try:
                secret = store.get(KEY_NAME)
            except ConfigError:
                continue
            if secret:
                return SealingKey(secret, store.name, key_id(secret))
        return None

    def unused(self, key: SealingKey) -> list[SealingKey]:
        """Other keys in the places where we would rather keep it than where ``key`` is."""
        found: list[SealingKey] = []
        for store in self._keep_in:
            if store.name == key.place:
                break
            try:
                secret = store.get(KEY_NAME)
            except ConfigError:
                continue
            if secret and secret != key.secret:
                found.append(SealingKey(secret, store.name, key_id(secret)))
        return found

    def make(self) -> SealingKey:
        """A new key, kept. Raises StorageError."""
        secret = secrets.token_hex(32)
        failure: ConfigError | None = None
        for store in self._keep_in:
            try:
                store.set(KEY_NAME, secret)
            except ConfigError as error:
                failure = failure or error
                continue
            return SealingKey(secret, store.name, key_id(secret))
        why = failure.message if failure else "no store takes it"
        raise StorageError(
            f"the audit trail's key can't be kept: {why}", hint=failure.hint if failure else ""
        )

    def replace(self, key: SealingKey) -> SealingKey:
        """A new key in the place of ``key``, which stays there to check with.

        Raises StorageError, and UsageError where the place is not ours to change.
        """
        [store] = [store for store in self._find_in if store.name == key.place]
        secret = secrets.token_hex(32)
        try:
            store.set(old_name(key.id), key.secret)
            store.set(KEY_NAME, secret)
        except ConfigError as error:
            raise StorageError(
                f"the audit trail's key can't be replaced: {error.message}", hint=error.hint
            ) from error
        except UsageError as error:
            raise UsageError(
                f"the audit trail's key is in the {key.place}, where only you can replace it",
                hint=f"{error.hint} with the old key, a new one in its place, then once more",
            ) from error
        return SealingKey(secret, store.name, key_id(secret))

    def _find(self, name: str) -> SealingKey | None:
        failure: ConfigError | None = None
        for store in self._find_in:
            try:
                secret = store.get(name)
            except ConfigError as error:
                failure = failure or error
                continue
            if secret:
                return SealingKey(secret, store.name, key_id(secret))
        if failure is not None:
            raise StorageError(
                f"the audit trail's key can't be read: {failure.message}", hint=failure.hint
            )
        return None
