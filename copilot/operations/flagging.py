"""Changes a flag or the state of an experiment in the file of flags, and writes that down.

Invariant: a change has a reason, and stands in the audit trail with who made it, what was before
and what is after; all else in the file stays as it stood, and nothing is written that makes the
file wrong where it wasn't.
"""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from copilot.audit import noting
from copilot.bootstrap import Copilot
from copilot.config.editing import changed
from copilot.config.fields import nearest
from copilot.config.paths import ensure
from copilot.config.writing import alone, text_of, write_whole
from copilot.errors import ConfigError, CopilotError, StorageError, UsageError
from copilot.events import Warned
from copilot.flags.values import SWITCHES, FlagFile, State, Switch, Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot.telemetry.alerting import Notified

_SHARE = "%"
_LOOKS_APART_S = 600


@dataclass(frozen=True, slots=True)
class Changed:
    """What a flag was and is, in words."""

    flag: str
    before: str
    after: str
    notices: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class Halted:
    """An experiment that did harm. ``notices``: what came of writing that down."""

    experiment: str
    why: str
    notices: tuple[Warned, ...] = ()


def change(
    copilot: Copilot, flag: str, value: str, *, reason: str, action: str = "flags.set"
) -> Changed:
    """``value`` is on, off or a share such as 25% for a switch, a state for an experiment.

    Raises UsageError (no such flag, no such value, no reason), ConfigError (a file that can't be
    read or written), StorageError (written, but not into the audit trail).
    """
    if not reason.strip():
        raise UsageError(f"{flag} isn't changed without a reason", hint='--reason "…"')
    file = copilot.paths.flags_file
    with alone(file):
        text = text_of(file)
        now = _parsed(file, text)
        if now.troubles and not now.readable:
            raise ConfigError(now.troubles[0].message, hint=now.troubles[0].hint)
        before = _standing(now, flag)
        edited = text
        for path, written in _changes(now, flag, value, is_table=_is_table(text, flag)):
            edited = changed(edited, path, written)
        if flag in now.experiments:
            edited = changed(edited, ("experiments", flag, "reason"), reason.strip()[:1000])
        after = _parsed(file, edited)
        _no_more_wrong(now.troubles, after.troubles)
        if value == "running":  # an experiment, which may want prompts and models that aren't there
            _no_more_wrong(copilot.flags_of(text).troubles, copilot.flags_of(edited).troubles)
        write_whole(file, edited)
    told = _standing(after, flag)
    notices = noting.note(
        lambda: copilot.audit_trail,
        action,
        flag,
        principal=copilot.settings.principal.name,
        before=before,
        after=told,
        reason=reason.strip()[:1000],
    )
    return Changed(flag, before, told, notices)


def halt_worse(copilot: Copilot, *, passing: bool = False) -> list[Halted]:
    """Halt the experiments of which a variant does harm; everybody gets control then.

    ``passing``: at most once in ten minutes, and only if nobody else has the ledger. Raises
    StorageError for the ledger, ConfigError.
    """
    from copilot.ledger.halting import worse

    running = [one for one in copilot.flags.file().experiments.values() if one.state == "running"]
    if not running or (passing and not _is_due(copilot)):
        return []
    reader = copilot.passing_trial_reader if passing else copilot.trial_reader
    told = {one.name: reader.tried(one.name, unit=one.unit, kind=one.job) for one in running}
    ensure(copilot.paths.guards_file.parent)
    copilot.paths.guards_file.touch(mode=0o600)
    halted = []
    for one in running:
        broken = worse(one, told[one.name])
        if broken:
            why = "; ".join(guard.says for guard in broken)
            try:
                told_of = change(
                    copilot, one.name, "halted", reason=why, action="flags.halt"
                ).notices
            except StorageError as error:  # it is halted, and that must not be silent
                told_of = (Warned(error.message, error.hint),)
            halted.append(Halted(one.name, why, told_of))
    return halted


def halt_in_passing(copilot: Copilot) -> list[Halted]:
    """The same after a run, and whoever gets alerts is told.

    Whatever goes wrong is left to the next one; who can't be told, to ``copilot alerts check``.
    """
    try:
        halted = halt_worse(copilot, passing=True)
    except (CopilotError, OSError):
        return []
    if halted:
        with suppress(CopilotError, OSError):
            tell_halted(copilot)
    return halted


def tell_halted(copilot: Copilot) -> Notified:
    """Tell the channels of alerts which experiments are halted and why, each channel once.

    Raises ConfigError, StorageError.
    """
    from copilot.telemetry.alerting import Notified, notify_halted

    file = copilot.flags.file()
    halted = {name: one.reason for name, one in file.experiments.items() if one.state == "halted"}
    channels = copilot.outbound.channels
    if not channels or not (halted or file.experiments):
        return Notified()
    memory, now = copilot.outbound.alert_memory, copilot.clock.now()
    return notify_halted(halted, channels, memory, now=now)


def _is_due(copilot: Copilot) -> bool:
    try:
        looked = copilot.paths.guards_file.stat().st_mtime
    except OSError:
        return True
    return not 0 <= copilot.clock.now().timestamp() - looked < _LOOKS_APART_S


def _changes(
    now: FlagFile, flag: str, value: str, *, is_table: bool
) -> Sequence[tuple[tuple[str, ...], object]]:
    """What is to stand in the file, by path; ``is_table``: the flag is a table there."""
    if flag in now.experiments:
        states: tuple[str, ...] = get_args(State)
        if value not in states:
            raise UsageError(
                f"{flag} can't be {value}", hint=f"an experiment is {', '.join(states)}"
            )
        return [(("experiments", flag, "state"), value)]
    if flag not in SWITCHES:
        known = [*SWITCHES, *now.experiments]
        guess = nearest(flag, known)
        hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(known)}."
        raise UsageError(f"there is no flag {flag}", hint=hint)
    switch, at = now.switch(flag), ("flags", flag)
    if value in ("on", "off"):
        return [((*at, "on") if is_table else at, value == "on")]
    if value.endswith(_SHARE) and value[:-1].replace(".", "", 1).isdigit():
        share = float(value[:-1]) / 100
        if switch.rules and not _is_share(switch):
            raise UsageError(
                f"{flag} has rules of its own, which a share would take the place of",
                hint="change them in the file: `copilot flags list` says where it is",
            )
        if share <= 1:
            wanted = {"on": True, "otherwise": False, "rules": [{"share": share}]}
            if is_table:
                return [((*at, name), one) for name, one in wanted.items()]
            return [(at, wanted)]
    raise UsageError(f"{flag} can't be {value}", hint="a flag is on, off, or a share such as 25%")


def _is_table(text: str, flag: str) -> bool:
    flags = tomllib.loads(text.removeprefix("\ufeff")).get("flags")
    return isinstance(flags, dict) and isinstance(flags.get(flag), dict)


def _is_share(switch: Switch) -> bool:
    whom = switch.rules[0].whom
    return len(switch.rules) == 1 and not (whom.principals or whom.groups or whom.kinds)


def _no_more_wrong(before: Sequence[Trouble], after: Sequence[Trouble]) -> None:
    """Raises ConfigError where a change makes the file wrong."""
    known = {one.message for one in before}
    for trouble in after:
        if trouble.message not in known and len(after) > len(before):
            raise ConfigError(trouble.message, hint=trouble.hint)


def _standing(now: FlagFile, flag: str) -> str:
    """How it stands in the file, in words."""
    experiment = now.experiments.get(flag)
    return experiment.state if experiment is not None else standing(now.switch(flag))


def standing(switch: Switch) -> str:
    """How a switch stands in the file, in words."""
    if switch.wrong:
        return "off, since it can't be read"
    if not switch.on:
        return "off"
    if not switch.rules:
        return "on" if switch.otherwise else "off"
    if _is_share(switch) and not switch.otherwise and switch.rules[0].on:
        return f"on for {switch.rules[0].whom.share:.4%}".replace(".0000%", "%")
    many = "1 rule" if len(switch.rules) == 1 else f"{len(switch.rules)} rules"
    return f"by {many}, {'on' if switch.otherwise else 'off'} otherwise"


def _parsed(file: Path, text: str) -> FlagFile:
    from copilot.flags.reading import read

    return read(text.encode(), file)
