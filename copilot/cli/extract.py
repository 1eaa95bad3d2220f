"""``copilot extract``: texts in, validated records out, each field with its proof."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ExitCode, UsageError
from copilot.extracted import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot.bootstrap import Copilot
    from copilot.cli.extracting import Extracted, Reading, Shown
    from copilot.cli.handing import Handing
    from copilot.extraction.items import Item
    from copilot.operations.extractors import Extractors


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    schema: str
    files: tuple[str, ...]
    out: str
    received: datetime | None
    to: str
    dry_run: bool


Asked = Annotated[
    str,
    typer.Argument(
        metavar="SCHEMA",
        help="ticket, incident, feature_request, crm_contact, crm_deal, meeting; or a JSON "
        'Schema file, module:Class, or fields: "name, email, amount: float, due: date?".',
    ),
]
Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE…|-]",
        help="Texts of any format that the index reads; JSON lines of {id, text}; or stdin.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="JSON on a terminal too; in a pipe it always is.")
]
Out = Annotated[
    str,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write the JSON lines to a file; the same command again goes on with it.",
    ),
]
Rules = Annotated[bool, typer.Option("--rules", help="Read by rules alone, model or not.")]
Received = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help='When texts that don\'t say so were sent (ISO 8601): what "yesterday" means.',
    ),
]
To = Annotated[
    str,
    typer.Option(
        metavar="SINK", help="Propose each record to this sink: desk, or one of actions.sinks."
    ),
]
Estimated = Annotated[
    bool, typer.Option("--estimate", help="Only tell what it would cost; ask no model.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="With --to: show the proposals, write nothing.")
]


def command(  # noqa: PLR0913, PLR0917 (an option each)
    schema: Asked,
    files: Files = None,
    as_json: AsJson = False,
    out: Out = "",
    rules: Rules = False,
    received: Received = "",
    to: To = "",
    dry_run: DryRun = False,
    estimate: Estimated = False,
) -> int:
    """Read records out of texts: each value with its words and their place, or null and why.

    One JSON line a record, in the order of the inputs. Exits with 9 when an input can't be read
    or a record isn't valid; the rest goes on. With --to, each record is a proposal: asked about on
    a terminal, waiting in `copilot actions list` otherwise (7), unless the policy allows it.
    """
    people = console.is_terminal() and not as_json and not out
    console.set_json(not people)
    if dry_run and not to:
        raise UsageError("--dry-run is about proposals", hint="add --to desk")
    from copilot.bootstrap import build
    from copilot.operations.extractors import Extractors

    copilot = build({"extraction": {"model": ""}} if rules else None)
    console.warn(copilot.warnings)
    wanted = Wanted(
        schema=console.typed(schema),
        files=tuple(files or ()),
        out=out,
        received=_moment(received),
        to=console.typed(to),
        dry_run=dry_run,
    )
    if estimate:
        return _estimate(copilot, Extractors(copilot), wanted)
    return _run(copilot, Extractors(copilot), wanted)


def _estimate(copilot: Copilot, extractors: Extractors, wanted: Wanted) -> int:
    from copilot.cli import estimates
    from copilot.cli.extract_inputs import Piped, items

    given = items(
        wanted.files,
        extractors.readers,
        received=wanted.received,
        piped=Piped(extractors.most_bytes),
    )
    schema = extractors.schema(wanted.schema)
    return console.run(estimates.extract(copilot, schema, given))


def _run(copilot: Copilot, extractors: Extractors, wanted: Wanted) -> int:
    """Processes start first: what has threads or a loop can't be copied into them."""
    from copilot.cli.asking import halt
    from copilot.cli.extract_inputs import Piped, items, several
    from copilot.cli.extract_workers import Results, workers
    from copilot.cli.extracting import Extraction, Reading, Shown, still_to_do
    from copilot.cli.handing import handing
    from copilot.cli.kept_lines import LinesFile

    schema = extractors.schema(wanted.schema)
    people = not console.json_mode()
    with ExitStack() as stack:
        kept = None
        if wanted.out:
            kept = stack.enter_context(LinesFile(Path(wanted.out)))
            if kept.done:
                console.warn([f"{wanted.out} holds {len(kept.done)} inputs already: going on"])
        colour = console.colour(copilot.settings.output.color)
        shown = Shown(people=people, colour=colour, kept=kept)
        piped = Piped(extractors.most_bytes)
        if extractors.model is None and extractors.jobs > 1 and several(wanted.files, piped):
            results = Results(lines=not people and not wanted.to, escaped=shown.escaped)
            pool = stack.enter_context(workers(extractors, schema, wanted.schema, results))
            reading = Reading(pool.read, at_once=pool.at_once, most=pool.most)
        else:
            one = Extraction(schema, extractors.parts(), writer=lambda: copilot.run_writer)
            at_once = copilot.settings.extraction.concurrency if extractors.model else 1
            reading = Reading(one.read, at_once=at_once)
        hands = None
        if wanted.to:
            hands = handing(copilot, schema, wanted.to, dry_run=wanted.dry_run)
            stack.callback(hands.handover.close)
        given = items(wanted.files, extractors.readers, received=wanted.received, piped=piped)
        todo = still_to_do(given, kept, schema)
        code = console.run(_read(reading, todo, shown, hands))
        if extractors.model is not None:
            halt(copilot)
        return code


async def _read(
    reading: Reading, todo: Iterator[Item | None], shown: Shown, hands: Handing | None
) -> int:
    with console.progress() as progress:

        async def take(item: Item, found: Extracted) -> None:
            progress.clear()
            if shown.people and (hands is None or found.error is not None):
                shown.show(item, found)  # a proposal shows the record itself
            if hands is not None and isinstance(item.text, SourceText):
                found.standings = await hands.hand(found.records, item.text, run_id=found.run_id)
            if not shown.people:
                shown.show(item, found)
            if told := shown.summary():
                progress.update(told)

        code = await reading.all(todo, take)
    return int(code or (hands.code() if hands is not None else ExitCode.DONE))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--received is not an ISO 8601 time: {console.typed(text)}",
            hint="Write it as 2026-11-22T09:30:00+01:00.",
        ) from None
