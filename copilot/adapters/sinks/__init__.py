"""Ticket and CRM systems, one folder each, behind ``handoff.Sink``; a stranger's by entry point.

Invariant: only the module of the kind that is asked for is imported. Each has a function
``build(name, settings, *, key_for) -> Sink`` that calls nothing; so does a stranger's, under its
kind's name in the entry point group ``copilot.sinks``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from copilot.errors import ConfigError

if TYPE_CHECKING:
    from copilot.config.records import SinkSettings
    from copilot.handoff import Sink

GROUP = "copilot.sinks"
DESK = "desk"
_OURS = (
    "github",
    "gitlab",
    "hubspot",
    "jira",
    "salesforce",
    "servicenow",
    "webhook",
    "zendesk",
)


class BuildSink(Protocol):
    """Makes a sink of its settings; calls nothing."""

    def __call__(
        self, name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]
    ) -> Sink: ...


def build_sink(
    name: str,
    settings: SinkSettings | None,
    *,
    key_for: Callable[[str], str | None],
    desk: Path,
) -> Sink:
    """The sink ``name``; without settings only the desk is one, in the folder ``desk``.

    ``key_for`` gives a stored key by its name, and is asked when it is needed. ConfigError.
    """
    if settings is None and name != DESK:
        raise ConfigError(
            f"There is no sink {name}.", hint=f"[actions.sinks.{name}] in your config makes one"
        )
    if settings is None or settings.kind == DESK:
        from copilot.adapters.sinks.desk import DeskSink

        return DeskSink(desk, name=name)
    return _maker(name, settings.kind)(name, settings, key_for=key_for)


def kinds() -> list[str]:
    """All products that a sink can be, strangers' too, without importing one."""
    return sorted({DESK, *_OURS, *(point.name for point in entry_points(group=GROUP))})


def _maker(name: str, kind: str) -> BuildSink:
    if kind in _OURS:
        maker: BuildSink = import_module(f"copilot.adapters.sinks.{kind}").build
        return maker
    for point in entry_points(group=GROUP, name=kind):
        return _loaded(point)
    raise ConfigError(
        f"actions.sinks.{name}.kind is {kind!r}, which is no kind of sink.",
        hint=f"Known: {', '.join(kinds())}.",
    )


def _loaded(point: EntryPoint) -> BuildSink:
    try:
        maker: BuildSink = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"The sink kind {point.name} can't be loaded from {point.value}: {error}",
            hint="install the package that brings it again",
        ) from error
    return maker
