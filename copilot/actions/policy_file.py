"""Reads a policy file: TOML with ``[[rule]]`` and ``[[test]]`` tables, every flaw with its line.

Invariant: a file with any flaw decides nothing: whoever loads it gets an error, never the rules
that could be read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeGuard, get_args

from copilot.actions.policy import TAINTS, Case, Matches, Policy, Rule, TaintName, matched
from copilot.actions.policy_tables import Flaw, Reading, Table, places_of, unknown
from copilot.errors import ConfigError
from copilot.extracted import Evidence, FieldValue, Json
from copilot.proposals import Operation, Proposal, Ruling, SinkEntry, SinkWrite, Taint

_LARGEST = 1_000_000  # bytes
_RULINGS: tuple[str, ...] = get_args(Ruling)
_OPERATIONS: tuple[str, ...] = get_args(Operation)
_RULE_KEYS = (
    "name",
    "sink",
    "schema",
    "operation",
    "principal",
    "groups",
    "fields",
    "min_confidence",
    "evidence",
    "tainted_by",
    "untainted_by",
    "similar",
    "decision",
    "reason",
)
_TEST_KEYS = (
    "name",
    "sink",
    "schema",
    "operation",
    "principal",
    "groups",
    "values",
    "confidence",
    "evidence",
    "taint",
    "similar",
    "expect",
    "rule",
)


def load(path: Path, matches: Matches = matched) -> Policy:
    """The policy of this file. Raises ConfigError, with the first flaw and how many more."""
    policy, flaws = read_file(path)
    if flaws:
        first, more = flaws[0], len(flaws) - 1
        told = f" ({more} more: copilot policy check)" if more else ""
        at = f"{path}:{first.line}" if first.line else str(path)
        raise ConfigError(f"{at}: {first.message}{told}", hint=first.hint)
    return replace(policy, matches=matches)


def read_file(path: Path) -> tuple[Policy, list[Flaw]]:
    """The policy as far as it can be read, and all flaws. ConfigError when there is no text."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path} is larger than 1 MB: that is no policy file.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"The policy file {path} can't be read: {error.strerror or error}.",
            hint="actions.policy names it; nothing is written without one",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8.", hint="Save the file as UTF-8.") from error
    return read(text, place=str(path))


def read(text: str, *, place: str) -> tuple[Policy, list[Flaw]]:
    """The policy as far as it can be read, and all flaws by line."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        return Policy(place=place), [Flaw(int(found[1]) if found else 0, f"no TOML: {error}")]
    except RecursionError:
        return Policy(place=place), [Flaw(0, "it is nested too deeply to be read")]
    reading = Reading(places_of(text))
    for key in tables:
        if key not in ("rule", "test"):
            reading.flaw(reading.places.top.get(key, 0), *unknown(key, ("rule", "test")))
    rules = [rule for one in reading.tables(tables.get("rule"), "rule") if (rule := _rule(one))]
    cases = [case for one in reading.tables(tables.get("test"), "test") if (case := _case(one))]
    seen: dict[str, int] = {}
    for rule in rules:
        if rule.name in seen:
            reading.flaw(rule.line, f"a rule {rule.name!r} stands in line {seen[rule.name]} too")
        seen.setdefault(rule.name, rule.line)
    flaws = sorted(reading.flaws, key=lambda one: one.line)
    return Policy(tuple(rules), tuple(cases), place), flaws


def _rule(table: Table) -> Rule | None:
    """None where something is wrong with it."""
    before = len(table.reading.flaws)
    table.known(_RULE_KEYS)
    name = table.text("name") or f"rule {table.number + 1}"
    decision = table.one_of("decision", _RULINGS, needed=True)
    rule = Rule(
        name=name,
        decision=decision if _is_ruling(decision) else "deny",
        reason=table.text("reason"),
        sinks=table.names("sink"),
        schemas=table.names("schema"),
        operations=table.names("operation", _OPERATIONS),
        principals=table.names("principal"),
        groups=table.names("groups"),
        fields=table.conditions(),
        min_confidence=table.share("min_confidence"),
        evidence=bool(table.truth("evidence")),
        tainted_by=_taints(table, "tainted_by"),
        untainted_by=_taints(table, "untainted_by"),
        similar=table.truth("similar"),
        line=table.line,
    )
    return rule if len(table.reading.flaws) == before else None


def _taints(table: Table, key: str) -> tuple[TaintName, ...]:
    given = table.names(key, TAINTS)
    return tuple(one for one in TAINTS if one in given)


def _case(table: Table) -> Case | None:
    """None where something is wrong with it."""
    before = len(table.reading.flaws)
    table.known(_TEST_KEYS)
    expect = table.one_of("expect", _RULINGS, needed=True)
    operation = table.one_of("operation", _OPERATIONS)
    for needed in ("sink", "schema"):
        if not table.text(needed):
            table.flaw(needed, f"a test needs a {needed}")
    proposal = _example(table, operation if _is_operation(operation) else "create")
    if len(table.reading.flaws) > before or not _is_ruling(expect):
        return None
    name = table.text("name") or f"test {table.number + 1}"
    return Case(name, expect, proposal, table.text("rule"), table.line)


def _example(table: Table, operation: Operation) -> Proposal:
    """The proposal that a test speaks of."""
    values = table.given.get("values", {})
    if not isinstance(values, Mapping):
        table.flaw("values", "values must be a table")
        values = {}
    share = table.share("confidence")
    proven = table.truth("evidence") is not False
    taint = table.names("taint", TAINTS)
    fields: dict[str, FieldValue] = {
        name: FieldValue(
            _json(value),
            Evidence(str(value), 0, 0) if proven else None,
            1 if share is None else share,
        )
        for name, value in values.items()
    }
    similar = (SinkEntry("ticket", "1", {}),) if table.truth("similar") else ()
    return Proposal(
        id="0" * 64,
        sink=table.text("sink"),
        schema=table.text("schema"),
        schema_version="",
        record={name: one.value for name, one in fields.items()},
        fields=fields,
        write=SinkWrite(operation, "", {}, ""),
        principal=table.text("principal") or "local",
        created_at=datetime.now(UTC),
        duplicates=similar,
        taint=Taint(
            injection="injection" in taint,
            unproven="unproven" in taint or not proven,
            model="model" in taint,
            edited="edited" in taint,
        ),
        groups=table.names("groups"),
    )


def _is_ruling(text: str) -> TypeGuard[Ruling]:
    return text in _RULINGS


def _is_operation(text: str) -> TypeGuard[Operation]:
    return text in _OPERATIONS


def _json(value: object) -> Json:
    """TOML's days and times as a record holds them."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value if isinstance(value, str | int | float) else str(value)
