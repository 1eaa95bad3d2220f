"""Several stores as one: the first that has a key supplies it.

Invariant: a store that fails doesn't hide the ones behind it; its failure is kept in
``failures``, and raised only when it alone could have answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.adapters.secrets.names import checked
from copilot.adapters.secrets.os_keyring import KeyringStore, elsewhere
from copilot.errors import ConfigError, CopilotError, UsageError
from copilot.ports import SecretStore


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key's name and the store that has it; never the key."""

    name: str
    store: str


class SecretChain:
    """Looks in ``stores`` in order. A store itself, and bound by the same contract."""

    name = "keys"

    def __init__(self, stores: Sequence[SecretStore]) -> None:
        self.stores = tuple(stores)
        self.failures: dict[str, CopilotError] = {}

    def store(self, name: str) -> SecretStore:
        """The store called ``name``. Raises UsageError."""
        for store in self.stores:
            if store.name == name:
                return store
        known = ", ".join(store.name for store in self.stores)
        raise UsageError(f"There is no key store {name}.", hint=f"Stores: {known}.")

    def get(self, name: str) -> str | None:
        """The key, or None. Raises the failure of a store that is known to hold it."""
        wanted = checked(name)
        holder: CopilotError | None = None
        for store in self.stores:
            try:
                value = store.get(wanted)
            except CopilotError as error:
                self.failures[store.name] = error
                if self._holds(store, wanted):
                    holder = holder or error
                continue
            if value:
                return value
        if holder is not None:
            raise holder
        return None

    def where(self, name: str) -> str | None:
        """The name of the store that would supply the key. Asks nobody for a passphrase."""
        wanted = checked(name)
        for store in self.stores:
            try:
                # A keyring may hold a key that another program put there, which no list knows.
                by_hand = isinstance(store, KeyringStore) and store.get(wanted) is not None
                if by_hand or wanted in store.names():
                    return store.name
            except CopilotError as error:
                self.failures[store.name] = error
        return None

    def set(self, name: str, value: str) -> None:
        """Store in the OS keyring. Raises when it can't: never silently elsewhere."""
        self.store("keyring").set(name, value)

    def remove(self, name: str) -> bool:
        """Remove the key from every store that can; True when one had it.

        Raises what kept a store from removing a key that it holds, or may hold.
        """
        wanted = checked(name)
        removed = False
        failed: list[tuple[SecretStore, CopilotError]] = []
        for store in self.stores:
            try:
                removed = store.remove(wanted) or removed
            except CopilotError as error:
                self.failures[store.name] = error
                failed.append((store, error))
        for store, failure in failed:
            if not removed or self._holds(store, wanted):
                raise failure
        return removed

    def target(self, store: str, *, name: str) -> SecretStore:
        """The store to keep the key ``name`` in, before anybody is asked for the key.

        Raises UsageError (no such store or name) and ConfigError (no keyring), which says
        where else the key can go.
        """
        wanted = checked(name)
        found = self.store(store)
        if isinstance(found, KeyringStore):
            state = found.state()
            if not state.usable:
                raise ConfigError(state.reason, hint=elsewhere(wanted))
        return found

    def names(self) -> list[str]:
        return sorted({key.name for key in self.stored()})

    def stored(self) -> list[StoredKey]:
        """Every key of every store, in lookup order; a store that fails is in ``failures``."""
        found: list[StoredKey] = []
        for store in self.stores:
            try:
                found += [StoredKey(name, store.name) for name in store.names()]
            except CopilotError as error:
                self.failures[store.name] = error
        return found

    def _holds(self, store: SecretStore, name: str) -> bool:
        try:
            return name in store.names()
        except CopilotError:
            return False
