"""What every store of keys promises: memory, environment, OS keyring, encrypted file, chain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from copilot.adapters.secrets.chain import SecretChain
from copilot.adapters.secrets.encrypted_file import EncryptedFileStore
from copilot.adapters.secrets.environment import EnvironmentStore
from copilot.adapters.secrets.os_keyring import KeyringStore
from copilot.adapters.secrets.plain_file import PlainFileStore
from copilot.errors import UsageError
from copilot.ports import SecretStore
from copilot.testing.memory_secrets import MemorySecretStore


class DictKeyring(KeyringBackend):
    """A keyring backend in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("no such entry")


@dataclass
class Case:
    """A store that holds ``seeded`` → ``first``; ``writable`` if it can be changed."""

    store: SecretStore
    writable: bool


def _file_store(folder: Path) -> EncryptedFileStore:
    def ask(*, new: bool) -> str:
        return "correct horse battery"

    return EncryptedFileStore(folder / "keys.json", ask=ask, scrypt_n=2**4)


def _seeded(store: SecretStore) -> Case:
    store.set("seeded", "first")
    return Case(store, writable=True)


@pytest.fixture(params=["memory", "environment", "keyring", "file", "plain file", "chain"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    before = keyring.get_keyring()
    keyring.set_keyring(DictKeyring())
    makers: dict[str, Callable[[], Case]] = {
        "memory": lambda: _seeded(MemorySecretStore()),
        "environment": lambda: Case(EnvironmentStore({"COPILOT_KEY_SEEDED": "first"}), False),
        "keyring": lambda: _seeded(KeyringStore()),
        "file": lambda: _seeded(_file_store(tmp_path)),
        "plain file": lambda: _seeded(PlainFileStore(tmp_path / "own.key")),
        "chain": lambda: _seeded(
            SecretChain((EnvironmentStore({}), KeyringStore(), _file_store(tmp_path)))
        ),
    }
    yield makers[request.param]()
    keyring.set_keyring(before)


def test_a_stored_key_is_returned_whatever_the_case_of_its_name(case: Case) -> None:
    assert case.store.get("seeded") == "first"
    assert case.store.get("Seeded") == "first"


def test_an_unknown_key_is_none_not_an_error(case: Case) -> None:
    assert case.store.get("absent") is None
    assert case.store.remove("absent") is False


def test_names_are_listed_sorted_and_without_values(case: Case) -> None:
    if case.writable:
        case.store.set("another", "second")
        assert case.store.names() == ["another", "seeded"]
    else:
        assert case.store.names() == ["seeded"]


def test_setting_again_replaces(case: Case) -> None:
    if not case.writable:
        with pytest.raises(UsageError, match="environment"):
            case.store.set("seeded", "other")
        return
    case.store.set("seeded", " other \n")
    assert case.store.get("seeded") == "other"
    assert case.store.names() == ["seeded"]


def test_a_removed_key_is_gone(case: Case) -> None:
    if not case.writable:
        with pytest.raises(UsageError, match="environment"):
            case.store.remove("seeded")
        return
    assert case.store.remove("seeded") is True
    assert case.store.get("seeded") is None
    assert case.store.names() == []
    assert case.store.remove("seeded") is False


@pytest.mark.parametrize("value", ["", "  \n", "two\nlines", "bell\x07"])
def test_a_key_that_cannot_be_one_is_refused(case: Case, value: str) -> None:
    with pytest.raises(UsageError):
        case.store.set("seeded", value)
    assert case.store.get("seeded") == "first"


@pytest.mark.parametrize("name", ["", "two words", "../escape", "a/b", "new\nline"])
def test_a_name_that_cannot_be_one_is_refused(case: Case, name: str) -> None:
    with pytest.raises(UsageError):
        case.store.get(name)


def test_the_keyring_entry_is_under_the_service_copilot() -> None:
    before = keyring.get_keyring()
    backend = DictKeyring()
    keyring.set_keyring(backend)
    try:
        KeyringStore().set("openai", "secret")
    finally:
        keyring.set_keyring(before)
    listed: Any = json.loads(backend.entries["copilot.names", "names"])
    assert backend.entries["copilot", "openai"] == "secret"
    assert listed == ["openai"]
