"""Gets the passphrase of the encrypted key file: from the environment, else from the person.

Invariant: the passphrase is never shown, and nothing is asked where nobody can answer.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping

from copilot.adapters.secrets.encrypted_file import PASSPHRASE_VARIABLE
from copilot.errors import UsageError

_SHORTEST = 8


class PassphrasePrompt:
    """COPILOT_PASSPHRASE in ``env``, else a hidden prompt on the terminal, else None."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def __call__(self, *, new: bool) -> str | None:
        """Raises UsageError for a new passphrase that is too short or mistyped."""
        passphrase = self._env.get(PASSPHRASE_VARIABLE)
        if not passphrase:
            # getpass talks to the terminal itself, so a piped question on stdin is no hindrance.
            if not (sys.stderr is not None and sys.stderr.isatty()):
                return None
            passphrase = self._ask("New passphrase for your keys: " if new else "Passphrase: ")
            if new and passphrase and self._ask("Once more: ") != passphrase:
                raise UsageError("The two passphrases differ.", hint="Nothing was stored.")
        if new and passphrase and len(passphrase) < _SHORTEST:
            raise UsageError(f"The passphrase is shorter than {_SHORTEST} characters.")
        return passphrase or None

    def _ask(self, prompt: str) -> str:
        try:
            return getpass.getpass(prompt, stream=None)
        except EOFError:
            return ""
