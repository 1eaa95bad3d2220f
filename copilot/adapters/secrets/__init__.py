"""Where keys live: environment, OS keyring, encrypted file.

Invariant: a key is looked up in that order, and importing this package imports no backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from copilot.adapters.secrets.chain import SecretChain
from copilot.adapters.secrets.encrypted_file import EncryptedFileStore
from copilot.adapters.secrets.environment import EnvironmentStore
from copilot.adapters.secrets.os_keyring import KeyringStore
from copilot.adapters.secrets.passphrase import PassphrasePrompt


def build_secrets(keys_file: Path, env: Mapping[str, str]) -> SecretChain:
    """The stores of this user; ``keys_file`` is the encrypted one."""
    return SecretChain(
        (
            EnvironmentStore(env),
            KeyringStore(),
            EncryptedFileStore(keys_file, ask=PassphrasePrompt(env)),
        )
    )
