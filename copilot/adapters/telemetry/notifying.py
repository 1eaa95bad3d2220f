"""Channels that alerts go out by: a command of the user's, and a webhook.

Invariant: a command is a list of arguments and never passes a shell, and gets none of our keys;
what either of them failed at is a ToolError that names it.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence

from copilot.adapters.telemetry import posting
from copilot.errors import ToolError

_TIMEOUT_S = 30.0
_SHOWN = 200
_READ = 4_000
_OUR_KEYS = "COPILOT_KEY"


class Command:
    """A program that gets each notice as JSON on stdin. It took it when it exits with 0."""

    name = "command"

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = list(arguments)

    def tell(self, notice: Mapping[str, object]) -> None:
        """Raises ToolError when it can't be started, fails, or takes half a minute."""
        program = self._arguments[0]
        try:
            code, said = self._run(_json(notice))
        except subprocess.TimeoutExpired as error:
            raise ToolError(
                f"{program} had not taken an alert after {_TIMEOUT_S:.0f} s",
                hint="it is told again at the next check",
            ) from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ToolError(
                f"{program} can't be run: {reason}", hint="check alerts.command"
            ) from error
        if code:
            raise ToolError(
                f"{program} exited with {code}" + (f": {said}" if said else ""),
                hint="it is told again at the next check",
            )

    def _run(self, notice: bytes) -> tuple[int, str]:
        """Its exit code, and the beginning of what it said on stderr."""
        env = {name: text for name, text in os.environ.items() if not name.startswith(_OUR_KEYS)}
        # A file and no pipe: a program that it leaves running would keep a pipe open.
        with tempfile.TemporaryFile() as stderr:
            done = subprocess.run(
                self._arguments,
                input=notice,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                timeout=_TIMEOUT_S,
                env=env,
                check=False,
            )
            stderr.seek(0)
            said = stderr.read(_READ).decode("utf-8", "replace")
        return done.returncode, " ".join(said.split())[:_SHOWN]


class Webhook:
    """An address that gets each notice as JSON by POST. It took it when it answers 2xx."""

    name = "webhook"

    def __init__(self, address: str, *, setting: str, secret: bool) -> None:
        self._address = posting.checked(address, setting=setting, secret=secret)
        self._setting = setting
        self._secret = secret

    def tell(self, notice: Mapping[str, object]) -> None:
        """Raises ToolError."""
        posting.post(
            self._address,
            _json(notice),
            headers={"Content-Type": "application/json"},
            timeout_s=_TIMEOUT_S,
            setting=self._setting,
            name="the webhook" if self._secret else "",
        )


def _json(notice: Mapping[str, object]) -> bytes:
    return json.dumps(notice, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
