"""``copilot alerts``: whether the figures keep the bounds that the configuration sets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot.bootstrap import Copilot
    from copilot.telemetry.alerting import Notified
    from copilot.telemetry.rules import Finding

app = typer.Typer(
    help="Rules over cost, errors, speed, grounding, freshness and drift, from the settings.",
    no_args_is_help=True,
)

_NONE = "no rules; [alerts.rules.NAME] in the configuration sets one, config.example.toml shows how"


@app.command("list")
def list_rules(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a rule.")] = False,
) -> None:
    """List the rules."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.tables import table
    from copilot.codec import to_plain
    from copilot.telemetry.alerting import quantity
    from copilot.telemetry.rules import UNITS

    rules = build().settings.alerts.rules
    if as_json:
        for name, rule in rules.items():
            console.emit({"kind": "alert_rule", "rule": name, **to_plain(rule.model_dump())})
        return
    if not rules:
        console.err(_NONE)
        return
    cells = []
    for name, rule in rules.items():
        comparison, bound = (
            ("above", rule.above) if rule.above is not None else ("below", rule.below)
        )
        fires = f"{comparison} {quantity(bound, UNITS[rule.figure])}"
        cells.append([name, rule.figure, fires, rule.window, str(rule.least_runs)])
    for line in table(["rule", "figure", "fires", "window", "least runs"], cells, elastic=0):
        console.out(line)


@app.command("check")
def check(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and tell nobody.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Look at every rule once; tell the command and the webhook what began or ended.

    An experiment of which a variant does harm is halted, and they are told why, once: everybody
    gets control then. Exits with 8 when an alert is firing or an experiment was halted, and with 6
    when somebody couldn't be told.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.codec import to_plain
    from copilot.operations.flagging import halt_worse, tell_halted
    from copilot.telemetry.alerting import halt_sentence
    from copilot.telemetry.rules import check as check_rules

    copilot = build()
    rules = copilot.settings.alerts.rules
    now = copilot.clock.now()
    with copilot.outbound.reader.at_once() as reader:
        findings = check_rules(rules, runs=reader, samples=reader, now=now)
    console.warn(f"{notice.message} ({notice.hint})" for notice in reader.notices)
    notified = _notify(copilot, findings, dry_run=dry_run)
    halted = []
    if not dry_run:
        halted = halt_worse(copilot)
        told = tell_halted(copilot)
        notified = replace(
            notified,
            told=(*notified.told, *told.told),
            failures=(*notified.failures, *told.failures),
        )
    firing = [finding.rule for finding in findings if finding.state == "firing"]
    if as_json:
        console.emit(
            {
                "kind": "alert_check",
                "at": now,
                "dry_run": dry_run,
                "firing": firing,
                "findings": to_plain(findings),
                "halted": [{"experiment": one.experiment, "why": one.why} for one in halted],
                "told": [
                    {"rule": rule, "channel": channel, "state": change}
                    for rule, channel, change in notified.told
                ],
                "failures": [error.message for error in notified.failures],
            }
        )
    else:
        _show(findings)
    for one in halted:
        console.warn([halt_sentence(one.experiment, one.why)])
        for notice in one.notices:
            console.caution(notice.message, notice.hint)
    for error in notified.failures:
        console.warn([f"{error.message} ({error.hint})"])
    if notified.failures:
        raise typer.Exit(ToolError.exit_code)
    if firing or halted:
        raise typer.Exit(ExitCode.LIMIT)


def _notify(copilot: Copilot, findings: Sequence[Finding], *, dry_run: bool) -> Notified:
    from copilot.telemetry.alerting import Notified, notify

    channels = [] if dry_run else copilot.outbound.channels
    if not channels:
        return Notified()
    remind = copilot.settings.alerts.remind
    memory, now = copilot.outbound.alert_memory, copilot.clock.now()
    return notify(findings, channels, memory, remind=remind, now=now)


def _show(findings: Sequence[Finding]) -> None:
    from copilot.cli.tables import table
    from copilot.telemetry.alerting import quantity

    if not findings:
        console.err(_NONE)
        return
    cells = [
        [
            finding.rule,
            finding.state,
            finding.figure,
            quantity(finding.value, finding.unit),
            f"{finding.comparison} {quantity(finding.bound, finding.unit)}",
            finding.window,
            str(finding.runs),
        ]
        for finding in findings
    ]
    header = ["rule", "state", "figure", "value", "fires", "window", "runs"]
    for line in table(header, cells, right={"value", "runs"}, elastic=0):
        console.out(line)
