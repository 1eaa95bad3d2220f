"""Changes one setting in the user's configuration file, and writes that down in the audit trail.

Invariant: nothing is written that makes the configuration wrong where it wasn't; the file is
replaced whole or not at all, private to its user, and a link to it stays a link.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from copilot.audit import noting
from copilot.bootstrap import build_anyway
from copilot.config.editing import changed
from copilot.config.fields import leaves, nearest_key
from copilot.config.layers import Problem, printable, typed
from copilot.config.load import USER_FILE, inspect, inspect_bytes
from copilot.config.paths import Paths
from copilot.config.writing import text_of, write_whole
from copilot.errors import ConfigError, UsageError
from copilot.events import Warned


@dataclass(frozen=True, slots=True)
class Changed:
    """``origin`` says where the value in force comes from; ``in_force`` whether that is what was
    written.
    """

    origin: str
    in_force: bool
    notices: tuple[Warned, ...] = ()


def change(
    paths: Paths, env: Mapping[str, str], key: str, value: str | None, *, name: str = ""
) -> Changed:
    """Give ``key`` a value as a person types it; None takes it out. ``name``: one of a table's.

    Raises UsageError (no such setting), ConfigError (a wrong value, or a file that can't be
    written), StorageError (written, but not into the audit trail).
    """
    leaf = leaves().get(key)
    if leaf is None:
        guess = nearest_key(key)
        hint = f"Did you mean {guess}?" if guess else "`copilot config show` lists every key."
        raise UsageError(f"There is no setting {printable(key)}.", hint=hint)
    wanted = value if name or value is None else typed(leaf, value)
    file = paths.config_file
    before = inspect(paths, env)
    copilot = build_anyway(paths)  # as it was: the new file chooses no other audit trail yet
    text = text_of(file)
    path = (*key.split("."), *_names(text, key, name))
    edited = changed(text, path, wanted)
    if edited != text:
        _refuse(file, edited, known=text)
        write_whole(file, edited)
    after = inspect(paths, env)
    origin = after.provenance.get(key, "default")
    written = "default" if value is None else USER_FILE
    in_force = after.settings is not None and origin.startswith(written)
    principal = (before.settings or after.settings or copilot.settings).principal.name
    notices = noting.note(
        lambda: copilot.audit_trail,
        "config.set",
        str(file),
        principal=principal,
        setting=".".join(path),
        cleared=value is None,
    )
    return Changed(origin, in_force, notices)


def _names(text: str, key: str, name: str) -> tuple[str, ...]:
    """The one meant of a table: a name with dots may stand there as TOML reads it unquoted."""
    parts = tuple(name.split("."))
    try:
        inner: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        inner = {}  # which is told when it is to be changed
    for part in (*key.split("."), *parts):
        inner = inner.get(part) if isinstance(inner, dict) else None
    return () if not name else parts if inner is not None else (name,)


def _refuse(file: Path, edited: str, *, known: str) -> None:
    """ConfigError for a text that has a problem which the one before hadn't."""
    old = {_where_less(one, file) for one in inspect_bytes(file, known.encode()).problems}
    for problem in inspect_bytes(file, edited.encode()).problems:
        if _where_less(problem, file) not in old:
            raise ConfigError(_where_less(problem, file), hint=problem.hint)


def _where_less(problem: Problem, file: Path) -> str:
    """What is wrong, without the line, which may have moved."""
    told = problem.message
    head, _, rest = told.partition(": ")
    return rest if rest and str(file) in head else told
