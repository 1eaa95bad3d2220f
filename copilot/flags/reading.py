"""Reads a file of flags: TOML into values, every slip named with its place and remedy.

Invariant: what is wrong switches nothing on: a switch that can't be read is off, an experiment
that can't be read doesn't run. The other entries of the file hold all the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from copilot.config.layers import bad_toml, key_lines
from copilot.flags.overrides import wrong_overrides
from copilot.flags.tables import Table
from copilot.flags.values import (
    CONTROL,
    GUARDS,
    KINDS,
    SWITCHES,
    Experiment,
    FlagFile,
    Guard,
    Rule,
    State,
    Switch,
    Trouble,
    Unit,
    Variant,
    Whom,
)

_UNITS: tuple[Unit, ...] = get_args(Unit)
_STATES: tuple[State, ...] = get_args(State)
LARGEST = 1_000_000  # bytes


def read(content: bytes, file: Path) -> FlagFile:
    """What the file says. Never raises for what stands in it."""
    if len(content) > LARGEST:
        return _unreadable(Trouble(f"{file} is larger than 1 MB.", "Take out what is no flag."))
    try:
        text = content.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except UnicodeDecodeError:
        return _unreadable(Trouble(f"{file} is not UTF-8.", "Save the file as UTF-8."))
    except tomllib.TOMLDecodeError as error:
        problem = bad_toml(file, content.decode("utf-8-sig"), str(error))
        return _unreadable(Trouble(problem.message, "Mend it, then `copilot flags list`."))
    except RecursionError:
        return _unreadable(Trouble(f"{file} is nested too deeply to be read."))
    lines = key_lines(text)
    root = Table(tables, file, lines)
    switches = {name: _switch(name, one) for name, one in root.tables("flags", known=SWITCHES)}
    experiments = {}
    for name, one in root.tables("experiments"):
        experiment = _experiment(name, one)
        if experiment is not None:
            experiments[name] = experiment
    root.done()
    for name, trouble in _clashes(experiments, root):
        root.troubles.append(trouble)
        experiments.pop(name)
    return FlagFile(switches, experiments, tuple(root.troubles))


def _unreadable(trouble: Trouble) -> FlagFile:
    return FlagFile(troubles=(trouble,), readable=False)


def _switch(name: str, table: Table) -> Switch:
    before = len(table.troubles)
    on = table.boolean("on", default=True)
    otherwise = table.boolean("otherwise", default=True)
    unit, salt = table.one_of("unit", _UNITS), table.text("salt")
    rules = tuple(_rule(one) for one in table.each("rules"))
    table.done()
    wrong = len(table.troubles) > before
    return Switch(name, on, otherwise, unit, salt, rules, wrong, told=True)


def _rule(table: Table) -> Rule:
    rule = Rule(_whom(table), table.boolean("on", default=True))
    table.done()
    return rule


def _whom(table: Table) -> Whom:
    return Whom(
        principals=table.texts("principals"),
        groups=table.texts("groups"),
        kinds=table.texts("kinds", of=KINDS),
        share=table.number("share", default=1.0, least=0, most=1),
    )


def _experiment(name: str, table: Table) -> Experiment | None:
    before = len(table.troubles)
    if name in SWITCHES:
        table.say("", "is the name of a switch", "Give the experiment another name.")
    whom = _whom(table)
    experiment = Experiment(
        name,
        variants=tuple(_variants(table)),
        unit=table.one_of("unit", _UNITS),
        salt=table.text("salt"),
        state=table.one_of("state", _STATES),
        whom=whom,
        guards=_guards(table),
        least_runs=round(table.number("least_runs", default=100, least=1, most=1e9)),
        detect=table.number("detect", default=0.05, least=0.001, most=1),
        reason=table.text("reason"),
    )
    table.done()
    kinds = experiment.whom.kinds
    if len(experiment.jobs) > 1:
        table.say("variants", "change answers and records", "Make two experiments of it.")
    elif kinds and experiment.job not in kinds:
        table.say("kinds", f"leaves out {experiment.job}, which it changes", "Leave kinds out.")
    return experiment if len(table.troubles) == before else None


def _variants(table: Table) -> Iterator[Variant]:
    found: list[tuple[str, float | None, Mapping[str, object]]] = []
    for name, one in table.tables("variants"):
        weight = one.optional_number("weight", least=0, most=100)
        overrides = one.flat()
        found.append((name, weight, overrides))
        for key, told, hint in wrong_overrides(overrides):
            one.say(key, told, hint)
        if name == CONTROL and overrides:
            one.say("", "changes something", "control is what is configured: leave it empty, {}.")
    names = [name for name, _, _ in found]
    if CONTROL not in names or len(names) < 2:
        table.say(
            "variants",
            "needs a control and one more",
            "E.g. variants = { control = {}, b = { … } }.",
        )
        return
    found.sort(key=lambda one: one[0] != CONTROL)
    weights = [weight for _, weight, _ in found if weight is not None]
    if not weights:
        weights = [100 / len(found)] * len(found)
    elif len(weights) < len(found):
        table.say("variants", "has a weight for some only", "Give each variant one, or none.")
        return
    if abs(sum(weights) - 100) > 0.01:
        table.say("variants", f"has weights that add up to {sum(weights):g}", "Make it 100.")
        return
    for (name, _, overrides), weight in zip(found, weights, strict=True):
        yield Variant(name, weight, overrides)


def _guards(table: Table) -> Mapping[Guard, float]:
    """Those of the program, with what the file says instead; ``false`` leaves one out."""
    guards = dict(GUARDS)
    given = table.table("guards")
    if given is not None:
        for name in list(guards):
            if given.is_false(name):
                guards.pop(name)
            else:
                guards[name] = given.number(name, default=guards[name], least=0, most=1000)
        given.done()
    return guards


def _clashes(experiments: Mapping[str, Experiment], root: Table) -> Sequence[tuple[str, Trouble]]:
    """Of two running experiments that change the same, the later one: neither could be told."""
    taken: dict[str, str] = {}
    found = []
    for name, one in experiments.items():
        if one.state != "running":
            continue
        both = sorted(one.overridden & set(taken))
        if both:
            other = taken[both[0]]
            place = root.place(f"experiments.{name}")
            message = f"{place}: experiments.{name} changes {both[0]}, which {other} changes too."
            found.append((name, Trouble(message, f"End {other} first, or make one of both.")))
        else:
            taken |= dict.fromkeys(one.overridden, name)
    return found
