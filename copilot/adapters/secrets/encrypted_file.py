"""Keys in one file, encrypted by a passphrase: for machines without a keyring.

The file is JSON: names in the clear, values encrypted with AES-256-GCM under a key that scrypt
derives from the passphrase. Invariant: the file is complete at every moment (written beside,
then renamed), readable by its owner only, and a change to any byte of it is noticed.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from copilot.adapters.secrets.names import checked, checked_value
from copilot.config.paths import ensure
from copilot.errors import ConfigError

PASSPHRASE_VARIABLE = "COPILOT_PASSPHRASE"
_FORMAT = 1
_LOCK_S = 10.0
_SCRYPT_N = 2**17  # with r=8: 128 MB and about half a second, OWASP's recommendation
_LARGEST_N = 2**20  # a file may not make us allocate gigabytes


class AskPassphrase(Protocol):
    """Supplies the passphrase; None when there is nobody to ask and it isn't set."""

    def __call__(self, *, new: bool) -> str | None:
        """``new``: the file is being created, so a person has to type it twice."""
        ...


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The file's content. ``names`` stand in the clear and are authenticated."""

    n: int
    salt: bytes
    nonce: bytes
    names: tuple[str, ...]
    ciphertext: bytes

    def header(self) -> bytes:
        plain = [_FORMAT, self.n, self.salt.hex(), list(self.names)]
        return json.dumps(plain, separators=(",", ":")).encode()


class EncryptedFileStore:
    """The keys in ``file``. The passphrase is asked for once a process, and only when needed.

    ``scrypt_n`` is the cost of deriving the encryption key, a power of two, for new files.
    """

    name = "file"

    def __init__(self, file: Path, *, ask: AskPassphrase, scrypt_n: int = _SCRYPT_N) -> None:
        self.file = file
        self._ask = ask
        self._scrypt_n = scrypt_n
        self._derived: dict[tuple[bytes, int], bytes] = {}

    def get(self, name: str) -> str | None:
        """The key. Raises ConfigError: damaged file, no passphrase or a wrong one."""
        wanted = checked(name)
        sealed = self._load()
        if sealed is None or wanted not in sealed.names:
            return None
        return self._open(sealed).get(wanted)

    def set(self, name: str, value: str) -> None:
        """Add or replace a key. Raises ConfigError like ``get``, and when it can't be written."""
        wanted, text = checked(name), checked_value(value)
        with self._locked():
            sealed = self._load()
            values = {} if sealed is None else self._open(sealed)
            self._save({**values, wanted: text}, before=sealed)

    def remove(self, name: str) -> bool:
        """Remove a key; False when it isn't there. Raises ConfigError like ``set``."""
        wanted = checked(name)
        if wanted not in self.names():
            return False
        with self._locked():
            sealed = self._load()
            if sealed is None or wanted not in sealed.names:
                return False
            values = self._open(sealed)
            del values[wanted]
            self._save(values, before=sealed)
        return True

    def names(self) -> list[str]:
        """The names, without the passphrase. Raises ConfigError for a damaged file."""
        sealed = self._load()
        return [] if sealed is None else sorted(sealed.names)

    # --- file ------------------------------------------------------------------------

    def _load(self) -> _Sealed | None:
        try:
            text = self.file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ConfigError(f"{self.file} can't be read: {error.strerror or error}.") from error
        except UnicodeDecodeError as error:
            raise self._damaged() from error
        try:
            data = json.loads(text)
            if data["version"] != _FORMAT or not 2 <= int(data["n"]) <= _LARGEST_N:
                raise self._damaged()
            return _Sealed(
                n=int(data["n"]),
                salt=base64.b64decode(data["salt"], validate=True),
                nonce=base64.b64decode(data["nonce"], validate=True),
                names=tuple(str(name) for name in data["names"]),
                ciphertext=base64.b64decode(data["ciphertext"], validate=True),
            )
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise self._damaged() from error

    def _save(self, values: Mapping[str, str], *, before: _Sealed | None) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        sealed = _Sealed(
            n=before.n if before else self._scrypt_n,
            salt=before.salt if before else os.urandom(16),
            nonce=os.urandom(12),
            names=tuple(sorted(values)),
            ciphertext=b"",
        )
        cipher = AESGCM(self._key(sealed, new=before is None))
        plain = json.dumps(dict(values)).encode()
        sealed = replace(sealed, ciphertext=cipher.encrypt(sealed.nonce, plain, sealed.header()))
        self._write(sealed)

    def _write(self, sealed: _Sealed) -> None:
        data = {
            "version": _FORMAT,
            "n": sealed.n,
            "salt": base64.b64encode(sealed.salt).decode(),
            "nonce": base64.b64encode(sealed.nonce).decode(),
            "names": list(sealed.names),
            "ciphertext": base64.b64encode(sealed.ciphertext).decode(),
        }
        folder = ensure(self.file.parent)
        beside: Path | None = None
        try:
            descriptor, path = tempfile.mkstemp(dir=folder, prefix=".keys-")  # 0600
            beside = Path(path)
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                json.dump(data, handle, indent=2)
                handle.flush()
                os.fsync(handle.fileno())
            beside.replace(self.file)
        except OSError as error:
            if beside is not None:
                beside.unlink(missing_ok=True)
            why = error.strerror or error
            raise ConfigError(f"{self.file} can't be written: {why}.") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        path = ensure(self.file.parent) / f".{self.file.name}.lock"
        lock = FileLock(path, timeout=_LOCK_S, mode=0o600)
        try:
            with lock:
                yield
        except Timeout as error:
            raise ConfigError(
                f"{self.file} is in use by another copilot.", hint="Try again in a moment."
            ) from error

    def _damaged(self) -> ConfigError:
        return ConfigError(
            f"{self.file} is damaged, or of a newer copilot.",
            hint=f"Restore it from a backup, or delete it and store the keys again: {self.file}",
        )

    # --- encryption ------------------------------------------------------------------

    def _open(self, sealed: _Sealed) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            cipher = AESGCM(self._key(sealed, new=False))
            plain = cipher.decrypt(sealed.nonce, sealed.ciphertext, sealed.header())
        except (InvalidTag, ValueError) as error:
            self._derived.clear()
            raise ConfigError(
                f"The passphrase doesn't open {self.file}, or the file was altered.",
                hint=f"Try again; without the passphrase, delete {self.file} "
                "and store the keys again.",
            ) from error
        return {str(name): str(value) for name, value in json.loads(plain).items()}

    def _key(self, sealed: _Sealed, *, new: bool) -> bytes:
        known = self._derived.get((sealed.salt, sealed.n))
        if known is not None:
            return known
        passphrase = self._ask(new=new)
        if not passphrase:
            raise ConfigError(
                f"The keys in {self.file} are encrypted, and there is no passphrase.",
                hint=f"Run it in a terminal, or set {PASSPHRASE_VARIABLE}.",
            )
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        kdf = Scrypt(salt=sealed.salt, length=32, n=sealed.n, r=8, p=1)
        key = kdf.derive(passphrase.encode("utf-8", "surrogatepass"))
        self._derived[sealed.salt, sealed.n] = key
        return key
