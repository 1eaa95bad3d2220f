"""What ``copilot sinks test`` looks at, one finding after the other.

Invariant: nothing is written; a sink that can't be asked for one kind of entry is asked for the
next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot.errors import CopilotError, NotFoundError, SchemaError, SinkError

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.handoff import Sink
    from copilot.proposals import SinkField
    from copilot.schemas import Schema


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. ``fix`` is a command, or the line of the configuration that mends it."""

    check: str
    status: Literal["ok", "warning", "problem"]
    detail: str
    fix: str = ""


def trial(copilot: Copilot, sink: Sink, asked: Sequence[str]) -> Iterator[Finding]:
    """Whether it can be reached, who we are to it, and whether each schema's fields fit."""
    try:
        yield Finding("address and key", "ok", f"we are {sink.check()}")
    except (SinkError, NotFoundError) as error:
        yield _of_error("address and key", error)
        return
    known: dict[str, tuple[SinkField, ...] | None] = {}
    for name in asked or _schemas(copilot, sink):
        try:
            schema = _loaded(copilot, name)
        except SchemaError as error:
            if asked:
                raise
            fix = f"copilot sinks test {sink.name} --schema FILE or module:Class"
            yield Finding(name, "warning", f"isn't checked: {error.message}", fix)
            continue
        kind = sink.kind_for(schema.name)
        if kind is None:
            yield Finding(
                schema.name, "problem", "has no place there", "choose another sink for it"
            )
            continue
        if kind not in known:
            finding, known[kind] = _fields(sink, kind)
            yield finding
        fields = known[kind]
        if fields is not None:
            yield from _fit(copilot, sink, schema, kind, fields)


def _schemas(copilot: Copilot, sink: Sink) -> list[str]:
    """The shipped schemas that the sink has a place for, and those that are configured for it."""
    from copilot.config.paths import bundled

    shipped = sorted(path.stem for path in bundled("schemas").glob("*.json"))
    settings = copilot.delivery.sink_settings(sink.name)
    configured = [] if settings is None else list(settings.fields)
    return [name for name in dict.fromkeys([*shipped, *configured]) if sink.kind_for(name)]


def _loaded(copilot: Copilot, name: str) -> Schema:
    from copilot.operations.extractors import Extractors

    return Extractors(copilot).schema(name)


def _fields(sink: Sink, kind: str) -> tuple[Finding, tuple[SinkField, ...] | None]:
    """What the sink tells of an object; None where it can't be asked."""
    try:
        fields = sink.fields(kind)
    except (SinkError, NotFoundError) as error:
        return _of_error(f"fields of {kind}", error), None
    told = f"{len(fields)} fields" if fields else "it tells of none: they can't be checked"
    return Finding(f"fields of {kind}", "ok", told), fields


def _fit(
    copilot: Copilot, sink: Sink, schema: Schema, kind: str, known: tuple[SinkField, ...]
) -> Iterator[Finding]:
    from copilot.actions.fitting import flaws

    found = flaws(schema, sink, copilot.delivery.sink_settings(sink.name), known)
    if not found:
        yield Finding(schema.name, "ok", f"fits into {kind}")
    for flaw in found:
        status: Literal["problem", "warning"] = "problem" if flaw.certain else "warning"
        yield Finding(schema.name, status, f"{flaw.field} {flaw.detail}", flaw.fix)


def _of_error(check: str, error: CopilotError) -> Finding:
    return Finding(check, "problem", error.message, error.hint)
