"""Keys of model providers and sinks: stored, listed, removed, and written down in the audit trail.

Invariant: no key is ever returned, and none that the audit trail's entries were sealed with is
replaced or removed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from copilot.audit import noting
from copilot.audit.keys import is_ours
from copilot.bootstrap import Copilot
from copilot.errors import ConfigError, NotFoundError, UsageError
from copilot.events import Warned
from copilot.ports import SecretStore


@dataclass(frozen=True, slots=True)
class Kept:
    """``used`` is the store whose key of that name goes first."""

    name: str
    store: str
    used: str
    notices: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A key's name and store; ``shadowed_by`` is the store whose key is used instead, if any."""

    name: str
    store: str
    shadowed_by: str = ""


def target(copilot: Copilot, store: str, name: str) -> SecretStore:
    """Where the key ``name`` is to go: an empty ``store`` is the keyring, or the encrypted file
    where there is none and a passphrase is set. Raises UsageError and ConfigError.
    """
    try:
        return copilot.secrets.target(store or "keyring", name=name)
    except ConfigError:
        # A passphrase in the environment says that the encrypted file is meant.
        if store or not os.environ.get("COPILOT_PASSPHRASE"):
            raise
        return copilot.secrets.target("file", name=name)


def keep(copilot: Copilot, store: SecretStore, name: str, value: str) -> Kept:
    """Raises UsageError, ConfigError, StorageError."""
    _keep_the_trail_whole(copilot, name, value)
    store.set(name, value)
    notices = _note(copilot, "keys.set", name, store=store.name)
    return Kept(name.lower(), store.name, copilot.secrets.where(name) or store.name, notices)


def remove(copilot: Copilot, name: str) -> tuple[Warned, ...]:
    """From every store that can. Raises NotFoundError, and what ``keep`` raises."""
    _keep_the_trail_whole(copilot, name)
    if not copilot.secrets.remove(name):
        raise NotFoundError(f"There is no key called {name}.", hint="`copilot keys list`")
    return _note(copilot, "keys.remove", name)


def listed(copilot: Copilot) -> list[Listed]:
    """In the order in which they are looked up; a store that fails is in ``secrets.failures``."""
    first: dict[str, str] = {}
    found = []
    for key in copilot.secrets.stored():
        used = first.setdefault(key.name, key.store)
        found.append(Listed(key.name, key.store, "" if used == key.store else used))
    return found


def _note(copilot: Copilot, action: str, name: str, **detail: str) -> tuple[Warned, ...]:
    principal = copilot.settings.principal.name
    return noting.note(
        lambda: copilot.audit_trail, action, name.lower(), principal=principal, **detail
    )


def _keep_the_trail_whole(copilot: Copilot, name: str, value: str | None = None) -> None:
    """UsageError for what would leave the audit trail's entries without the key to check them."""
    wanted, trail = name.strip().lower(), copilot.audit_trail
    if not is_ours(wanted):
        return
    if value is not None and not trail.fits(wanted, value.strip()):
        raise UsageError(
            f"This isn't the key {wanted} that the audit trail was sealed with; it isn't stored.",
            hint="`copilot audit rotate-key` makes a new one, and keeps the old one to check with",
        )
    if value is None and trail.needs(wanted):
        raise UsageError(
            f"The key {wanted} stays: without it nobody can check the audit trail's entries.",
            hint="`copilot audit rotate-key` puts a new one in its place",
        )
