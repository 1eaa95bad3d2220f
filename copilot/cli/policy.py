"""``copilot policy``: test the rules on what may be written, and learn which one decides.

Invariant: nothing here writes, asks a sink or needs a network.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from copilot.actions.policy import Policy, Verdict
    from copilot.actions.policy_checking import CaseResult, Known
    from copilot.actions.policy_tables import Flaw
    from copilot.bootstrap import Copilot
    from copilot.proposals import Proposal

app = typer.Typer(
    help="The rules on what may be written to ticket and CRM systems.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command("check")
def check(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Default: the file whose rules are in force.")
    ] = "",
    schema: Annotated[
        list[str] | None,
        typer.Option(metavar="SCHEMA", help="A schema of yours that rules speak of; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say what is wrong with the file, and run the tests that stand in it.

    Exits with 2 for a flaw or a test that fails.
    """
    console.set_json(as_json)
    from copilot.actions.policy_checking import flaws_of, run_cases
    from copilot.actions.policy_file import read_file

    copilot = _build()
    place = Path(os.path.expanduser(file)) if file else copilot.delivery.policy_place  # noqa: PTH111
    policy, flaws = read_file(place)
    if not flaws:
        flaws = flaws_of(policy, _known(copilot, schema or ()))
    results = run_cases(replace(policy, matches=copilot.delivery.matches))
    failed = [one for one in results if not one.passed]
    code = ExitCode.USAGE if flaws or failed else ExitCode.DONE
    if as_json:
        console.emit(
            {
                "kind": "policy_check",
                "file": str(place),
                "rules": len(policy.rules),
                "flaws": list(flaws),
                "tests": [_outcome(one) for one in results],
            }
        )
        return code
    for line in _report(place, len(policy.rules), flaws, results):
        console.out(line)
    return code


@app.command("explain")
def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE|-",
            help="A proposal's id; or a record as `copilot extract` prints it, in a file or piped.",
        ),
    ],
    sink: Annotated[
        str, typer.Option("--sink", metavar="NAME", help="Where the record would go.")
    ] = "desk",
    operation: Annotated[
        str, typer.Option(metavar="NAME", help="What would be done with the record there.")
    ] = "create",
    as_json: AsJson = False,
) -> int:
    """Say which rule decides, and why each rule before it doesn't."""
    console.set_json(as_json)
    from copilot.actions.policy import evaluate

    copilot = _build()
    place = copilot.delivery.policy_place
    policy = copilot.delivery.policy()
    for proposal in _proposals(copilot, what, sink, operation):
        verdict = evaluate(policy, proposal)
        if as_json:
            console.emit(
                {
                    "kind": "policy_verdict",
                    "file": str(place),
                    "proposal": proposal.id,
                    "sink": proposal.sink,
                    "schema": proposal.schema,
                    "operation": proposal.write.operation,
                    "ruling": verdict.ruling,
                    "rule": verdict.rule,
                    "reason": verdict.reason,
                    "passed_over": [
                        {"rule": rule, "why": why} for rule, why in verdict.passed_over
                    ],
                }
            )
            continue
        for line in _explained(proposal, verdict, policy):
            console.out(_clean(line))
    return ExitCode.DONE


def _explained(proposal: Proposal, verdict: Verdict, policy: Policy) -> Iterator[str]:
    lines = {rule.name: rule.line for rule in policy.rules}
    what = f"{proposal.write.operation} {proposal.schema}"
    yield f"{what} in {proposal.sink}, by {proposal.principal}"
    for rule, why in verdict.passed_over:
        yield f"  {rule} (line {lines.get(rule, 0)}): no, {why}"
    at = f" (line {lines[verdict.rule]})" if verdict.rule in lines else ""
    reason = f": {verdict.reason}" if verdict.reason else ""
    yield f"  {verdict.rule}{at}: {verdict.ruling}{reason}"


def _proposals(copilot: Copilot, what: str, sink: str, operation: str) -> Iterator[Proposal]:
    file = Path(os.path.expanduser(what))  # noqa: PTH111 (never raises)
    if what != "-" and not file.is_file():
        yield copilot.delivery.outbox.get(console.typed(what)).proposal
        return
    from copilot.actions.shaping import described
    from copilot.cli.record_reading import records_in

    if what == "-":
        text, name = console.read_stdin(), "stdin"
    else:
        text, name = _text_of(file), str(file)
    for record in records_in(text, name=name):
        yield described(
            record,
            sink=sink,
            operation=operation,
            principal=copilot.delivery.principal,
            at=copilot.clock.now(),
        )


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror or error}") from error


def _known(copilot: Copilot, others: Collection[str]) -> Known:
    from copilot.actions.policy_checking import Known
    from copilot.config.paths import bundled
    from copilot.operations.extractors import Extractors

    extractors = Extractors(copilot)
    shipped = sorted(file.stem for file in bundled("schemas").glob("*.json"))
    schemas = [extractors.schema(name) for name in (*shipped, *others)]
    fields = {one.name: frozenset(field.name for field in one.fields) for one in schemas}
    return Known(copilot.delivery.sink_names, fields)


def _outcome(one: CaseResult) -> dict[str, object]:
    """A test of the file and how it went, as scripts read it."""
    return {
        "name": one.case.name,
        "line": one.case.line,
        "passed": one.passed,
        "expected": one.case.expect,
        "ruling": one.verdict.ruling,
        "rule": one.verdict.rule,
    }


def _report(
    place: Path, rules: int, flaws: Sequence[Flaw], results: Sequence[CaseResult]
) -> Iterator[str]:
    """A line for each flaw and each test that fails, and one that counts."""
    for flaw in flaws:
        hint = f" ({flaw.hint})" if flaw.hint else ""
        at = f"{place}:{flaw.line}" if flaw.line else str(place)
        yield _clean(f"{at}: {flaw.message}{hint}")
    failed = [one for one in results if not one.passed]
    for one in failed:
        by = f" by {one.case.rule!r}" if one.case.rule else ""
        was = f"{one.verdict.ruling} by {one.verdict.rule!r}"
        told = f"the test {one.case.name!r} expects {one.case.expect}{by}, and it is {was}"
        yield _clean(f"{place}:{one.case.line}: {told}")
    passed = f"{len(results) - len(failed)} of {len(results)} tests passed"
    yield _clean(f"{place}: {rules} rules, {len(flaws)} flaws, {passed}")


def _build() -> Copilot:
    from copilot.bootstrap import build

    copilot = build()
    console.warn(copilot.warnings)
    return copilot


def _clean(text: str) -> str:
    from copilot.guard.terminal import clean

    return clean(text)
