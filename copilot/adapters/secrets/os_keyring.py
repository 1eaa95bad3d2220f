"""Keys in the operating system's keyring, through the keyring library.

Invariant: no call blocks for longer than the time-out (a locked collection may wait for a
prompt that nobody sees), and a key counts as stored only after it was read back: some
backends accept everything and keep nothing. keyring's exceptions are translated here.
"""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from copilot.adapters.secrets.environment import variable_for
from copilot.adapters.secrets.names import checked, checked_value
from copilot.errors import ConfigError, CopilotError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "copilot"
_LIST_SERVICE = "copilot.names"  # keyrings can't be listed, so the names are an entry of their own
_LIST_USER = "names"
_VENDOR_ERRORS = (
    ("keyring.errors", "KeyringError"),
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney", "DBusErrorResponse"),
)
_UNLOCK = "Unlock it, or keep keys in an encrypted file or in the environment."


def elsewhere(name: str) -> str:
    """How to keep the key ``name`` without a keyring."""
    return (
        f"`copilot keys set {name} --store file` encrypts it in a file; "
        f"or export {variable_for(name)}=…"
    )


@dataclass(frozen=True, slots=True)
class KeyringState:
    """Whether keys can be kept here. ``backend`` is its class; ``reason`` why not, if not."""

    usable: bool
    backend: str
    reason: str = ""


class KeyringStore:
    """The keyring under the service name ``copilot``. ``timeout_s`` bounds each call."""

    name = "keyring"

    def __init__(self, *, timeout_s: float = 10.0, write_timeout_s: float = 60.0) -> None:
        self._timeout_s = timeout_s
        self._write_timeout_s = write_timeout_s  # a person may have to unlock it
        self._dead: ConfigError | None = None

    def state(self) -> KeyringState:
        """What the keyring is, without storing anything. Never raises."""
        try:
            return self._within(self._timeout_s, lambda: _state_of(_backend()))
        except ConfigError as error:
            return KeyringState(usable=False, backend="", reason=error.message)

    def get(self, name: str) -> str | None:
        """The key; None when there is none or no keyring at all. Raises ConfigError."""
        wanted = checked(name)

        def read() -> str | None:
            backend = _backend()
            return backend.get_password(SERVICE, wanted) if _state_of(backend).usable else None

        return self._within(self._timeout_s, read)

    def set(self, name: str, value: str) -> None:
        """Store and read back. Raises ConfigError, which names the other places."""
        wanted, text = checked(name), checked_value(value)

        def write() -> None:
            backend = _usable_backend()
            backend.set_password(SERVICE, wanted, text)
            if backend.get_password(SERVICE, wanted) != text:
                raise ConfigError(
                    f"The keyring {_class_name(backend)} took the key and did not keep it."
                )
            _write_names(backend, _read_names(backend) | {wanted})

        try:
            self._within(self._write_timeout_s, write)
        except ConfigError as error:
            raise ConfigError(error.message, hint=elsewhere(wanted)) from error

    def remove(self, name: str) -> bool:
        """Remove the key; False when it isn't there. Raises ConfigError."""
        wanted = checked(name)

        def delete() -> bool:
            backend = _backend()
            if not _state_of(backend).usable:
                return False
            there = backend.get_password(SERVICE, wanted) is not None
            if there:
                backend.delete_password(SERVICE, wanted)
            names = _read_names(backend)
            if wanted in names:
                _write_names(backend, names - {wanted})
            return there

        return self._within(self._write_timeout_s, delete)

    def names(self) -> list[str]:
        """The names stored by copilot; empty without a keyring. Raises ConfigError."""

        def read() -> list[str]:
            backend = _backend()
            return sorted(_read_names(backend)) if _state_of(backend).usable else []

        return self._within(self._timeout_s, read)

    def _within(self, seconds: float, call: Callable[[], T]) -> T:
        """Run ``call`` in a thread of its own, which is left behind if it never returns."""
        if self._dead is not None:
            raise self._dead
        future: Future[T] = Future()
        thread = threading.Thread(target=_settle, args=(future, call), name="keyring", daemon=True)
        thread.start()
        try:
            return future.result(timeout=seconds)
        except FutureTimeoutError:
            self._dead = ConfigError(
                f"The OS keyring did not answer within {seconds:g} s; it may be locked.",
                hint=_UNLOCK,
            )
            raise self._dead from None


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except CopilotError as error:
        future.set_exception(error)
    except _failures() as error:
        text = " ".join(str(error).split()) or type(error).__name__
        future.set_exception(ConfigError(f"The OS keyring failed: {text}", hint=_UNLOCK))
    finally:
        if not future.done():
            lost = ConfigError("The OS keyring failed unexpectedly.", hint=_UNLOCK)
            future.set_exception(lost)


def _failures() -> tuple[type[Exception], ...]:
    """What a backend raises: keyring's own, D-Bus's, and those of a backend that can't load."""
    failures: list[type[Exception]] = [
        *(OSError, RuntimeError, ImportError, AttributeError, ValueError, TypeError, LookupError)
    ]
    for module, name in _VENDOR_ERRORS:
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue  # not on this platform
        failures.append(found)
    return tuple(failures)


def _backend() -> KeyringBackend:
    import keyring

    return keyring.get_keyring()


def _usable_backend() -> KeyringBackend:
    backend = _backend()
    state = _state_of(backend)
    if not state.usable:
        raise ConfigError(state.reason)
    return backend


def _state_of(backend: KeyringBackend) -> KeyringState:
    name = _class_name(backend)
    parts = [backend, *getattr(backend, "backends", ())]
    modules = {type(part).__module__ for part in parts}
    if name.startswith("keyring.backends.fail."):
        return KeyringState(False, name, "This machine has no OS keyring.")
    if name.startswith("keyring.backends.null."):
        return KeyringState(False, name, "The OS keyring is switched off (null backend).")
    if modules and all(module.startswith("keyring.backends.chainer") for module in modules):
        return KeyringState(False, name, "This machine has no OS keyring.")
    if any(type(part).__name__ == "PlaintextKeyring" for part in parts):
        return KeyringState(False, name, "The only keyring here keeps keys in plain text.")
    return KeyringState(True, name)


def _class_name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _read_names(backend: KeyringBackend) -> set[str]:
    stored = backend.get_password(_LIST_SERVICE, _LIST_USER)
    try:
        names = json.loads(stored) if stored else []
    except ValueError:
        return set()
    return {str(name) for name in names} if isinstance(names, list) else set()


def _write_names(backend: KeyringBackend, names: set[str]) -> None:
    backend.set_password(_LIST_SERVICE, _LIST_USER, json.dumps(sorted(names)))
