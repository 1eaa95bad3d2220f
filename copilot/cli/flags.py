"""``copilot flags``: what is switched off or tried out, for whom, and since what change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot.bootstrap import Copilot
    from copilot.flags import Decision, Experiment, FlagFile
    from copilot.runs import RunSummary

app = typer.Typer(
    help="Switches that are read on every call, and experiments.\n\n"
    "An experiment may try search.… (but limit), answer.…, models.… (but key, at, prices) and "
    "prompts.ID; not what takes another index (embedding.…, index.…). Of records, where a model "
    "reads them: extraction.model, extraction.token_budget, models.routes.extract.… and "
    "prompts.extraction/…, by principal; not by shadow runs.",
    short_help="Switches that are read on every call, and experiments.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command("list")
def list_flags(as_json: AsJson = False) -> int:
    """List switches and experiments as they stand; 2 if the file has an error in it."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.codec import to_plain

    copilot = build()
    file = copilot.flags.file()
    if as_json:
        console.emit(
            {
                "kind": "flags",
                "file": str(copilot.paths.flags_file),
                "switches": list(_switches(copilot, file)),
                "experiments": [to_plain(one) for one in file.experiments.values()],
                "troubles": [to_plain(one) for one in file.troubles],
            }
        )
    else:
        for line in _lines(copilot, file):
            console.out(line)
        for trouble in file.troubles:
            console.err(f"copilot: {trouble.message}")
            if trouble.hint:
                console.err(f"  hint: {trouble.hint}")
    return int(ExitCode.USAGE if file.troubles else ExitCode.DONE)


@app.command("check")
def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Another file of flags than yours.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Name every flaw of the file of flags, a line each with its remedy; 2 if there is one.

    Nothing is switched by it, so that a file may be looked at before it is put in place.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.codec import to_plain
    from copilot.guard.terminal import clean_line

    copilot = build()
    if path is not None and not path.is_file():
        raise UsageError(f"there is no file {path}", hint="copilot config path flags")
    file = copilot.flags.file() if path is None else copilot.flags_in(path)
    where = copilot.paths.flags_file if path is None else path
    if as_json:
        console.emit(
            {
                "kind": "flags_check",
                "file": str(where),
                "ok": not file.troubles,
                "troubles": [to_plain(one) for one in file.troubles],
            }
        )
    else:
        for trouble in file.troubles:
            console.out(clean_line(f"{trouble.message} {trouble.hint}".rstrip()))
        if not file.troubles:
            there = "is right" if where.exists() else "isn't there: nothing is switched or tried"
            console.out(clean_line(f"{where} {there}."))
    return int(ExitCode.USAGE if file.troubles else ExitCode.DONE)


@app.command("set")
def set_flag(
    flag: Annotated[str, typer.Argument(help="A switch, or an experiment of the file.")],
    value: Annotated[
        str,
        typer.Argument(help="on, off, or a share such as 25%; running, halted or done."),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why: it stands in the audit trail.")],
    as_json: AsJson = False,
) -> int:
    """Turn a switch, or halt or end an experiment; it holds at the next call of everybody.

    Who did it, why, what was before and what is after stand in the audit trail.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli import audited
    from copilot.operations.flagging import change

    copilot = build()
    done = change(copilot, console.typed(flag), value, reason=console.typed(reason))
    audited.show(done.notices)
    if as_json:
        console.emit(
            {"kind": "flag_set", "flag": done.flag, "before": done.before, "after": done.after}
        )
    else:
        console.out(f"{done.flag}: {done.after} (was {done.before})")
    return int(ExitCode.DONE)


@app.command("explain")
def explain(
    flag: Annotated[str, typer.Argument(help="A switch, or an experiment of the file.")],
    principal: Annotated[
        str, typer.Option("--principal", metavar="NAME", help="For whom; you by default.")
    ] = "",
    groups: Annotated[
        list[str] | None, typer.Option("--group", metavar="NAME", help="Of theirs; repeatable.")
    ] = None,
    conversation: Annotated[
        str, typer.Option("--session", metavar="NAME", help="In which conversation.")
    ] = "",
    kind: Annotated[
        str, typer.Option(help="ask, search or extract; an experiment's own by default.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what somebody gets and why: which rule, which bucket, of which share."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.codec import to_plain
    from copilot.flags import Asker
    from copilot.flags.values import KINDS, SWITCHES

    if kind and kind not in KINDS:
        raise UsageError(f"--kind can't be {kind}", hint=f"a run is {', '.join(KINDS)}")
    copilot = build()
    own = copilot.settings.principal
    theirs = tuple(groups or (() if principal else own.groups))
    experiment = copilot.flags.file().experiments.get(flag)
    kind = kind or (experiment.job if experiment is not None else "ask")
    asker = Asker(principal or own.name, theirs, kind, conversation)
    if experiment is not None:
        decision = copilot.flags.variant(experiment, asker)
    elif flag in SWITCHES:
        decision = copilot.flags.switch(flag, asker)
    else:
        known = ", ".join([*SWITCHES, *copilot.flags.file().experiments])
        raise UsageError(f"there is no flag {flag}", hint=f"known: {known}")
    if as_json:
        console.emit({"kind": "flag_decision", "asker": asker, **_plain(to_plain(decision))})
        return
    for line in _told(decision, experiment):
        console.out(line)


@app.command("shadow")
def shadow(
    name: Annotated[str, typer.Argument(help="The experiment.")],
    runs: Annotated[int, typer.Option(min=1, help="How many questions at most.")] = 20,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Of the recorded questions, by their runs' ids.")
    ] = 1.0,
    since: Annotated[str, typer.Option(metavar="PERIOD", help="Asked since then.")] = "7d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which, and ask nobody.")] = False,
    as_json: AsJson = False,
) -> int:
    """Have recorded questions answered by every variant, for nobody to see.

    The newest that weren't yet, each question once. `stats experiment NAME --shadow` compares
    them. Models are asked, and paid, once a question and variant; where a budget is spent, it ends
    with 8 and leaves the rest to another time.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.experiments import named
    from copilot.ledger.queries import since_when
    from copilot.operations.shadowing import chosen

    copilot = build()
    experiment = named(copilot.flags.file(), name)
    if experiment.job == "extract":
        raise UsageError(
            f"{name} tries how records are read, and the texts aren't kept to be read again",
            hint=f"copilot stats experiment {name}",
        )
    start = since_when(since, copilot.clock.now())
    found = chosen(copilot, experiment, runs=runs, share=share, since=start)
    if not found:
        console.err("every question that was recorded has been shadowed")
    if dry_run:
        for run in found:
            console.emit({"kind": "shadow", "run_id": run.id}) if as_json else console.out(run.id)
        return int(ExitCode.DONE)
    return console.run(_shadow(copilot, experiment, found, as_json=as_json))


async def _shadow(
    copilot: Copilot, experiment: Experiment, found: Sequence[RunSummary], *, as_json: bool
) -> int:
    from copilot.codec import to_plain
    from copilot.guard.terminal import clean_line
    from copilot.operations.shadowing import shadowed

    failed = limited = False
    async for one in shadowed(copilot, experiment, found):
        failed, limited = failed or bool(one.error), one.limited
        if as_json:
            console.emit({"kind": "shadow", **_plain(to_plain(one))})
        else:
            ends = ", ".join(f"{variant} {status}" for variant, status in one.statuses)
            console.out(clean_line(f"{one.run_id}: {one.error or ends}"))
    if limited:
        return int(ExitCode.LIMIT)
    return int(ExitCode.PARTIAL if failed else ExitCode.DONE)


def _plain(plain: object) -> dict[str, object]:
    assert isinstance(plain, dict)
    return plain


def _switches(copilot: Copilot, file: FlagFile) -> Iterator[dict[str, object]]:
    from copilot.flags.values import SWITCHES
    from copilot.operations.flagging import standing

    for name, what in SWITCHES.items():
        mine = copilot.flags.switch(name)
        yield {
            "flag": name,
            "stands": standing(file.switch(name)),
            "on": mine.on,
            "why": mine.why,
            "what": what,
        }


def _lines(copilot: Copilot, file: FlagFile) -> Iterator[str]:
    from copilot.cli.tables import table

    rows = [
        [str(one["flag"]), str(one["stands"]), "on" if one["on"] else "off", str(one["what"])]
        for one in _switches(copilot, file)
    ]
    yield from table(["switch", "stands", "for you", "what it is"], rows)
    tried = [
        [
            one.name,
            one.state,
            f"by {one.unit}",
            _variants(one) + (f" ({one.reason})" if one.reason else ""),
        ]
        for one in file.experiments.values()
    ]
    if tried:
        yield ""
        yield from table(["experiment", "state", "split", "variants"], tried)


def _variants(experiment: Experiment) -> str:
    return "; ".join(
        f"{one.name} {one.weight:g}%"
        + "".join(f" {key}={value}" for key, value in one.overrides.items())
        for one in experiment.variants
    )


def _told(decision: Decision, experiment: Experiment | None) -> Iterator[str]:
    yield f"{decision.flag}: {decision.variant}"
    yield f"  why     {decision.why}"
    if decision.bucket is not None and decision.buckets is not None:
        start, end = decision.buckets
        yield (
            f"  bucket  {decision.bucket} of 10000, by {decision.unit}; "
            f"{start} to {end - 1} get this ({(end - start) / 100:g}%)"
        )
    if experiment is not None:
        yield f"  tried   {_variants(experiment)}"
