"""Tells people that an alert began, still holds or ended: each channel once, until it took it.

Invariant: what a channel was told is remembered only once it took it; one that is down is told
next time, and the others are not told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.codec import to_plain
from copilot.errors import ToolError
from copilot.ledger.queries import since_when
from copilot.outlets import AlertMemory, Notifier, Told
from copilot.telemetry.rules import Finding, Unit

Change = Literal["firing", "resolved"]
_EXPERIMENT = "experiment "  # before its name, where a rule's stands


@dataclass(frozen=True, slots=True)
class Notice:
    """What a channel is told. ``text`` says it in a sentence, under the key that chats read."""

    text: str
    rule: str
    state: Change
    figure: str
    unit: Unit
    value: float | None
    comparison: str
    bound: float
    window: str
    runs: int
    since: datetime
    schema_version: int = 1
    kind: str = "alert"


@dataclass(frozen=True, slots=True)
class HaltNotice:
    """What a channel is told of an experiment that was halted: everybody gets control."""

    text: str
    experiment: str
    why: str
    since: datetime
    state: str = "halted"
    schema_version: int = 1
    kind: str = "experiment_halted"


@dataclass(frozen=True, slots=True)
class Notified:
    """What was told to whom, and what could not be."""

    told: tuple[tuple[str, str, Change], ...] = ()
    failures: tuple[ToolError, ...] = ()


def notify(
    findings: Sequence[Finding],
    channels: Sequence[Notifier],
    memory: AlertMemory,
    *,
    remind: str,
    now: datetime,
) -> Notified:
    """Tell every channel what changed for it. Raises StorageError when that can't be remembered."""
    told: list[tuple[str, str, Change]] = []
    failures: list[ToolError] = []
    with memory.held():
        known = dict(memory.load())
        for finding in findings:
            begun = _begun(finding, known, now)
            for channel in channels:
                key = (finding.rule, channel.name)
                change = _change(finding, known.get(key), since_when(remind, now))
                if change is None:
                    continue
                try:
                    channel.tell(to_plain(_notice(finding, change, begun)))
                except ToolError as error:
                    failures.append(error)
                    continue
                told.append((*key, change))
                known.pop(key, None)
                if change == "firing":
                    known[key] = Told(since=begun, at=now)
                memory.save(known)
    return Notified(tuple(told), tuple(failures))


def notify_halted(
    halted: Mapping[str, str], channels: Sequence[Notifier], memory: AlertMemory, *, now: datetime
) -> Notified:
    """Tell every channel once of the experiments that are halted, by name with their reasons.

    One that runs again is forgotten. Raises StorageError when that can't be remembered.
    """
    told: list[tuple[str, str, Change]] = []
    failures: list[ToolError] = []
    with memory.held():
        known = dict(memory.load())
        over = [key for key in known if _is_of_experiment(key[0], but=halted)]
        for key in over:
            known.pop(key)
        for name, why in halted.items():
            text = halt_sentence(name, why)
            for channel in channels:
                key = (_EXPERIMENT + name, channel.name)
                if key in known:
                    continue
                try:
                    channel.tell(to_plain(HaltNotice(text, name, why, now)))
                except ToolError as error:
                    failures.append(error)
                    continue
                told.append((*key, "firing"))
                known[key] = Told(since=now, at=now)
                memory.save(known)
        if over:
            memory.save(known)
    return Notified(tuple(told), tuple(failures))


def halt_sentence(experiment: str, why: str) -> str:
    """``the experiment short is halted: b: 100.0% of its runs failed, 0.0% of control's``."""
    return f"the experiment {experiment} is halted: {why or 'no reason is given'}"


def _is_of_experiment(rule: str, *, but: Mapping[str, str]) -> bool:
    return rule.startswith(_EXPERIMENT) and rule.removeprefix(_EXPERIMENT) not in but


def _begun(finding: Finding, known: Mapping[tuple[str, str], Told], now: datetime) -> datetime:
    return min(
        (told.since for (rule, _), told in known.items() if rule == finding.rule), default=now
    )


def _change(finding: Finding, told: Told | None, due: datetime) -> Change | None:
    """What there is to tell a channel that was ``told`` so last, if anything."""
    match finding.state:
        case "firing":
            return "firing" if told is None or told.at <= due else None
        case "ok":
            return "resolved" if told is not None else None
        case "no data":
            return None


def _notice(finding: Finding, change: Change, since: datetime) -> Notice:
    return Notice(
        text=sentence(finding, change),
        rule=finding.rule,
        state=change,
        figure=finding.figure,
        unit=finding.unit,
        value=finding.value,
        comparison=finding.comparison,
        bound=finding.bound,
        window=finding.window,
        runs=finding.runs,
        since=since,
    )


def sentence(finding: Finding, change: Change) -> str:
    """``copilot alert firing: cost-surge: cost is $7.20, above $5.00 (last 1h)``."""
    value = quantity(finding.value, finding.unit)
    bound = quantity(finding.bound, finding.unit)
    stands = finding.comparison if change == "firing" else f"no longer {finding.comparison}"
    period = "" if finding.figure == "index_age" else f" (last {finding.window})"
    what = f"{finding.figure} is {value}, {stands} {bound}{period}"
    return f"copilot alert {change}: {finding.rule}: {what}"


def quantity(value: float | None, unit: Unit) -> str:
    """A figure with its unit: ``$7.20``, ``12.5%``, ``3.2 s``; a dash for none."""
    if value is None:
        return "-"
    match unit:
        case "usd":
            return f"${value:,.2f}" if value >= 0.01 or value == 0 else f"${value:.6f}"
        case "share":
            return f"{100 * value:.1f}%"
        case "s" | "h":
            return f"{value:.1f} {unit}"
        case "":
            return f"{value:,.3g}"
