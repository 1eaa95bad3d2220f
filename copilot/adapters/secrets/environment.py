"""Keys from environment variables: COPILOT_KEY_<NAME>, or the provider's own variable.

Invariant: read-only; the environment of a process belongs to whoever started it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from copilot.adapters.secrets.names import checked
from copilot.errors import UsageError

_OWN_PREFIX = "COPILOT_KEY_"
# The names that litellm's providers use where it isn't <PROVIDER>_API_KEY alone.
_PROVIDER_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "huggingface": ("HUGGINGFACE_API_KEY", "HF_TOKEN"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "voyage": ("VOYAGE_API_KEY",),
}
_KNOWN = (
    *_PROVIDER_VARIABLES,
    *("openai", "anthropic", "azure", "mistral", "groq", "openrouter", "deepseek", "xai"),
)


def variable_for(name: str) -> str:
    """The variable to set for the key ``name``, such as COPILOT_KEY_OPENAI."""
    return _OWN_PREFIX + re.sub(r"[^A-Z0-9]", "_", checked(name).upper())


class EnvironmentStore:
    """The variables in ``env``, looked at anew on every call."""

    name = "environment"

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def get(self, name: str) -> str | None:
        variable = self.variable(name)
        return self._env[variable].strip() if variable else None

    def variable(self, name: str) -> str | None:
        """Which variable supplies the key ``name``; None when none does."""
        for variable in _variables(checked(name)):
            if self._env.get(variable, "").strip():
                return variable
        return None

    def set(self, name: str, value: str) -> None:
        """Always raises UsageError: it says which variable to export."""
        raise UsageError(
            "A command can't change the environment of your shell.",
            hint=f"export {variable_for(name)}=…",
        )

    def remove(self, name: str) -> bool:
        """False when there is no such key; else UsageError, for only the shell can unset it."""
        variable = self.variable(name)
        if variable is None:
            return False
        raise UsageError(
            f"The key {checked(name)} comes from the environment.", hint=f"unset {variable}"
        )

    def names(self) -> list[str]:
        own = {
            variable.removeprefix(_OWN_PREFIX).lower()
            for variable, value in self._env.items()
            if re.fullmatch(_OWN_PREFIX + "[A-Z0-9][A-Z0-9_]{0,63}", variable) and value.strip()
        }
        known = {name for name in _KNOWN if self.variable(name)}
        return sorted(own | known)


def _variables(name: str) -> tuple[str, ...]:
    plain = re.sub(r"[^A-Z0-9]", "_", name.upper())
    return (variable_for(name), *_PROVIDER_VARIABLES.get(name, (f"{plain}_API_KEY",)))
