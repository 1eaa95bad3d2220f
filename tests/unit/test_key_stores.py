"""What each store of keys does when its outside fails: no keyring, wrong passphrase, damage."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from copilot.adapters.secrets.chain import SecretChain, StoredKey
from copilot.adapters.secrets.encrypted_file import EncryptedFileStore
from copilot.adapters.secrets.environment import EnvironmentStore, variable_for
from copilot.adapters.secrets.os_keyring import KeyringStore
from copilot.adapters.secrets.passphrase import PassphrasePrompt
from copilot.errors import ConfigError, UsageError
from copilot.testing.memory_secrets import MemorySecretStore


class LockedKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the collection is locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("the collection is locked")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("the collection is locked")


class HangingKeyring(LockedKeyring):
    """Waits, as for a prompt that nobody answers, until ``released``."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait(30)
        return None


class PlaintextKeyring(LockedKeyring):
    """Named like the one of keyrings.alt."""


@pytest.fixture
def restore_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def passphrase(text: str | None = "correct horse battery"):  # type: ignore[no-untyped-def]
    def ask(*, new: bool) -> str | None:
        return text

    return ask


def file_store(file: Path, text: str | None = "correct horse battery") -> EncryptedFileStore:
    return EncryptedFileStore(file, ask=passphrase(text), scrypt_n=2**4)


# --- environment -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("gemini", "GOOGLE_API_KEY"),
        ("huggingface", "HF_TOKEN"),
        ("my-gateway", "MY_GATEWAY_API_KEY"),
        ("my-gateway", "COPILOT_KEY_MY_GATEWAY"),
    ],
)
def test_a_provider_key_is_found_under_its_usual_variable(name: str, variable: str) -> None:
    assert EnvironmentStore({variable: "value"}).get(name) == "value"


def test_our_own_variable_wins_over_the_provider_one() -> None:
    store = EnvironmentStore({"OPENAI_API_KEY": "theirs", "COPILOT_KEY_OPENAI": "ours"})
    assert store.get("openai") == "ours"


def test_an_empty_variable_is_no_key() -> None:
    store = EnvironmentStore({"OPENAI_API_KEY": " "})
    assert store.get("openai") is None
    assert store.names() == []


def test_setting_in_the_environment_names_the_variable_to_export() -> None:
    with pytest.raises(UsageError) as caught:
        EnvironmentStore({}).set("openai", "x")
    assert "export COPILOT_KEY_OPENAI" in caught.value.hint
    assert variable_for("my.gateway-2") == "COPILOT_KEY_MY_GATEWAY_2"


# --- keyring ---------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, PlaintextKeyring])
@pytest.mark.usefixtures("restore_keyring")
def test_without_a_real_keyring_nothing_is_stored_and_the_way_out_is_named(
    backend: type[KeyringBackend],
) -> None:
    keyring.set_keyring(backend())
    store = KeyringStore()
    assert not store.state().usable
    assert store.get("openai") is None
    assert store.names() == []
    assert store.remove("openai") is False
    with pytest.raises(ConfigError) as caught:
        store.set("openai", "value")
    assert "--store file" in caught.value.hint
    assert "COPILOT_KEY" in caught.value.hint


@pytest.mark.usefixtures("restore_keyring")
def test_a_backend_that_forgets_what_it_took_is_noticed() -> None:
    class Forgetful(LockedKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            return None

        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    keyring.set_keyring(Forgetful())
    with pytest.raises(ConfigError, match="did not keep it"):
        KeyringStore().set("openai", "value")


@pytest.mark.usefixtures("restore_keyring")
def test_a_locked_keyring_is_an_error_with_a_remedy() -> None:
    keyring.set_keyring(LockedKeyring())
    with pytest.raises(ConfigError, match="locked"):
        KeyringStore().get("openai")


@pytest.mark.usefixtures("restore_keyring")
def test_a_keyring_that_never_answers_is_left_after_the_time_out_and_not_asked_again() -> None:
    backend = HangingKeyring()
    keyring.set_keyring(backend)
    store = KeyringStore(timeout_s=0.05)
    with pytest.raises(ConfigError, match="did not answer"):
        store.get("openai")
    threads = threading.active_count()
    with pytest.raises(ConfigError, match="did not answer"):
        store.get("openai")
    assert threading.active_count() <= threads
    backend.released.set()


def test_a_keyring_backend_that_does_not_exist_is_an_error_not_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> KeyringBackend:
        raise ModuleNotFoundError("No module named 'nowhere'")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    state = KeyringStore().state()
    assert not state.usable
    assert "nowhere" in state.reason


# --- encrypted file --------------------------------------------------------------------


def test_the_file_is_private_and_holds_no_key_in_the_clear(tmp_path: Path) -> None:
    file = tmp_path / "home" / "keys.json"
    file_store(file).set("openai", "sk-very-secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert b"very-secret" not in file.read_bytes()
    assert [p.name for p in file.parent.iterdir() if p.name.startswith(".keys-")] == []


def test_a_wrong_passphrase_is_named_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file_store(file).set("openai", "value")
    before = file.read_bytes()
    wrong = file_store(file, "something else entirely")
    with pytest.raises(ConfigError, match="passphrase"):
        wrong.get("openai")
    with pytest.raises(ConfigError, match="passphrase"):
        wrong.set("openai", "other")
    assert file.read_bytes() == before


def test_names_need_no_passphrase_but_a_value_does(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file_store(file).set("openai", "value")
    locked = file_store(file, None)
    assert locked.names() == ["openai"]
    assert locked.get("anthropic") is None
    with pytest.raises(ConfigError) as caught:
        locked.get("openai")
    assert "COPILOT_PASSPHRASE" in caught.value.hint


@pytest.mark.parametrize("field", ["salt", "nonce", "names", "ciphertext"])
def test_a_change_to_any_part_of_the_file_is_noticed(tmp_path: Path, field: str) -> None:
    file = tmp_path / "keys.json"
    file_store(file).set("openai", "value")
    data = json.loads(file.read_text())
    if field == "names":
        data["names"] = ["openai", "anthropic"]
    else:
        text = data[field]
        data[field] = ("A" if text[0] != "A" else "B") + text[1:]
    file.write_text(json.dumps(data))
    with pytest.raises(ConfigError):
        file_store(file).get("openai")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 2}', b'{"version": 1, "n": 1e99}']
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"keys\.json is damaged"):
        file_store(file).names()


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys.json"
    store = file_store(file)
    store.set("openai", "value")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        store.set("openai", "other")
    assert file_store(file).get("openai") == "value"
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.endswith(".lock")) == [
        "keys.json"
    ]


def test_two_stores_on_one_file_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file_store(file).set("start", "value")
    names = [f"key{i}" for i in range(12)]
    threads = [
        threading.Thread(target=lambda n=name: file_store(file).set(n, "value")) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file_store(file).names() == sorted([*names, "start"])


def test_a_new_passphrase_must_be_long_enough() -> None:
    with pytest.raises(UsageError, match="shorter"):
        PassphrasePrompt({"COPILOT_PASSPHRASE": "short"})(new=True)
    assert PassphrasePrompt({"COPILOT_PASSPHRASE": "short"})(new=False) == "short"


# --- chain -----------------------------------------------------------------------------


def test_the_environment_wins_over_the_keyring_over_the_file() -> None:
    environment = EnvironmentStore({"OPENAI_API_KEY": "from environment"})
    ring = MemorySecretStore({"openai": "ring", "groq": "ring"}, name="keyring")
    file = MemorySecretStore({"groq": "file", "xai": "file"}, name="file")
    chain = SecretChain((environment, ring, file))
    assert [chain.get(name) for name in ("openai", "groq", "xai")] == [
        "from environment",
        "ring",
        "file",
    ]
    assert chain.where("groq") == "keyring"
    assert StoredKey("groq", "file") in chain.stored()


class BrokenStore(MemorySecretStore):
    """Knows its names and can't open them."""

    def get(self, name: str) -> str | None:
        raise ConfigError("locked")


def test_a_store_that_fails_does_not_hide_the_next() -> None:
    chain = SecretChain((BrokenStore(name="keyring"), MemorySecretStore({"a": "x"}, name="file")))
    assert chain.get("a") == "x"
    assert "locked" in chain.failures["keyring"].message


def test_a_failure_is_raised_when_the_failing_store_holds_the_key() -> None:
    chain = SecretChain((BrokenStore({"a": "x"}, name="file"),))
    with pytest.raises(ConfigError, match="locked"):
        chain.get("a")
    assert chain.get("b") is None


def test_removing_is_not_called_done_while_a_store_cannot_be_asked() -> None:
    class Locked(MemorySecretStore):
        def remove(self, name: str) -> bool:
            raise ConfigError("locked")

        def names(self) -> list[str]:
            raise ConfigError("locked")

    with pytest.raises(ConfigError, match="locked"):
        SecretChain((Locked(name="keyring"), MemorySecretStore(name="file"))).remove("openai")
    file = MemorySecretStore({"openai": "x"}, name="file")
    assert SecretChain((Locked(name="keyring"), file)).remove("openai") is True
