"""``copilot doctor``: every problem, with the command that fixes it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console

if TYPE_CHECKING:
    from copilot.doctor import Finding, Probes, TerminalFacts

_MARKS = {"ok": "ok", "warning": "warn", "problem": "FAIL", "skipped": "skip"}
_COLOURS = {"ok": "32", "warning": "33", "problem": "31;1", "skipped": "2"}


def command(
    online: Annotated[
        bool, typer.Option("--online", help="Also ask each chat model for a word.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope on stdout.")] = False,
) -> int:
    """Check the installation and name the command that fixes each problem.

    Exits with 0 when questions can be answered; else 2 (home, configuration, packages),
    4 (weights, key, chat model) or 5 (index, ledger).
    """
    console.set_json(as_json)
    return console.run(_examine(online=online, as_json=as_json))


async def _examine(*, online: bool, as_json: bool) -> int:
    from copilot.doctor import examine, verdict
    from copilot.operations.probing import doctor_probes

    found: list[Finding] = []
    probes = doctor_probes(_terminal())
    colour = console.colour(probes.settings.output.color)
    async for finding in examine(probes, online=online):
        found.append(finding)
        if not as_json:
            _print(finding, colour=colour)
    code = verdict(found)
    if as_json:
        _emit(found, probes, exit_code=int(code))
    else:
        bad = sum(1 for finding in found if finding.status == "problem")
        many = "1 problem" if bad == 1 else f"{bad} problems"
        console.out(f"{many} to fix." if bad else "Ready to answer.")
    return code


def _terminal() -> TerminalFacts:
    from copilot.doctor import TerminalFacts

    return TerminalFacts(
        interactive=console.is_terminal(),
        colour=console.colour(),
        links=console.links(),
        encoding=sys.stdout.encoding or "unknown",
    )


def _print(finding: Finding, *, colour: bool) -> None:
    from copilot.guard.terminal import clean_line

    mark = f"{_MARKS[finding.status]:4}"
    if colour:
        mark = f"\x1b[{_COLOURS[finding.status]}m{mark}\x1b[0m"
    console.out(f"{mark}  {finding.check:18} {clean_line(finding.detail)}")
    if finding.fix:
        console.out(f"{'':6}{'':18} → {clean_line(finding.fix)}")


def _emit(found: list[Finding], probes: Probes, *, exit_code: int) -> None:
    console.emit(
        {
            "kind": "doctor",
            "ok": exit_code == 0,
            "exit_code": exit_code,
            "home": str(probes.paths.data),
            "findings": [
                {
                    "check": finding.check,
                    "status": finding.status,
                    "detail": finding.detail,
                    "fix": finding.fix,
                }
                for finding in found
            ],
        }
    )
