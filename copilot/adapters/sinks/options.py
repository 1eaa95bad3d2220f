"""What a sink's table in the configuration holds beside address and key.

Invariant: what is missing or of the wrong kind is a ConfigError that names the setting.
"""

from __future__ import annotations

from difflib import get_close_matches

from copilot.config.records import SinkSettings
from copilot.errors import ConfigError


def text_option(settings: SinkSettings, name: str, *, sink: str, default: str | None = None) -> str:
    """The option ``name`` as text; ``default`` where it isn't set, None: it must be."""
    value = settings.options.get(name, default)
    if value is None or (value == "" and default is None):
        raise ConfigError(
            f"{sink} needs {name}", hint=f'actions.sinks.{sink}.options.{name} = "…" in your config'
        )
    if isinstance(value, bool):
        raise ConfigError(f"actions.sinks.{sink}.options.{name} must be a text")
    return str(value)


def list_option(settings: SinkSettings, name: str, *, sink: str) -> list[str]:
    """The option ``name`` as the texts between its commas; none where it isn't set."""
    parts = text_option(settings, name, sink=sink, default="").split(",")
    return [part.strip() for part in parts if part.strip()]


def only_options(settings: SinkSettings, *known: str, sink: str) -> None:
    """ConfigError for an option that this kind of sink hasn't: it would do nothing, unnoticed."""
    for name in settings.options:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            listed = f"{settings.kind} has {', '.join(sorted(known))}"
            raise ConfigError(
                f"actions.sinks.{sink}.options.{name} is no option of {settings.kind}",
                hint=f"did you mean {near[0]}? {listed}" if near else listed,
            )


def number_option(settings: SinkSettings, name: str, *, sink: str, default: int) -> int:
    """The option ``name`` as a number that isn't negative."""
    value = settings.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"actions.sinks.{sink}.options.{name} must be a number, 0 or more")
    return value


def flag_option(settings: SinkSettings, name: str, *, sink: str) -> bool:
    """The option ``name`` as yes or no; no where it isn't set."""
    value = settings.options.get(name, False)
    if not isinstance(value, bool):
        raise ConfigError(
            f"actions.sinks.{sink}.options.{name} must be true or false", hint="without quotes"
        )
    return value


def needed(settings: SinkSettings, setting: str, *, sink: str) -> str:
    """``url``, ``user`` or ``key`` of the settings. ConfigError where it is empty."""
    value = {"url": settings.url, "user": settings.user, "key": settings.key}[setting]
    if not value:
        raise ConfigError(
            f"{sink} needs {setting}", hint=f'actions.sinks.{sink}.{setting} = "…" in your config'
        )
    return value
