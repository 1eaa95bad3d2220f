"""``copilot feedback``: say whether an answer was good, and what it should have been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ConfigError

if TYPE_CHECKING:
    from copilot.records import FeedbackGiven


def command(
    rating: Annotated[str, typer.Argument(metavar="good|bad", help="What you think of it.")],
    run: Annotated[
        str,
        typer.Argument(metavar="[RUN]", help="An id, or the beginning of one; else the last ask."),
    ] = "",
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Why.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A short name, e.g. stale; repeatable.")
    ] = None,
    correct: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The answer it should have been; - reads it from stdin."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Rate a run. Rate it again to change your mind: your last rating counts."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.recorded import SHORT_ID
    from copilot.cli.runs import show_notices
    from copilot.cli.tables import shortened
    from copilot.guard.terminal import clean, clean_line
    from copilot.ledger.dating import dated_ahead
    from copilot.ledger.feedback import feedback, give, rated_run

    copilot = build()
    settings = copilot.settings
    if not settings.ledger.enabled:
        raise ConfigError(
            "feedback has nowhere to go: the ledger is switched off", hint="ledger.enabled = true"
        )
    if correct is not None:
        correct = clean(console.read_stdin() if correct == "-" else console.typed(correct))
    given = feedback(
        console.typed(rating),
        principal=settings.principal.name,
        tags=[console.typed(one) for one in tag or ()],
        comment=clean(console.typed(comment)),
        correction=correct,
    )
    reader = copilot.run_reader
    rated = rated_run(reader, console.typed(run))
    give(copilot.run_writer, rated.id, given)
    show_notices(reader)
    if not run:
        console.warn(dated_ahead([rated], copilot.clock.now()))
    kept = settings.ledger.bodies
    if not kept and (given.comment or given.correction):
        console.warn(["the words aren't kept (ledger.bodies is false); the rating is"])
    if as_json:
        console.emit(_envelope(rated.id, given, kept=kept))
        return
    asked = f": {shortened(clean_line(rated.question), 60)}" if rated.question else ""
    console.out(f"{given.rating}: run {rated.id[:SHORT_ID]}{asked}")


def _envelope(run_id: str, given: FeedbackGiven, *, kept: bool) -> dict[str, object]:
    return {
        "kind": "feedback",
        "run_id": run_id,
        "rating": given.rating,
        "tags": given.tags,
        "comment": given.comment if kept else "",
        "correction": given.correction if kept else "",
    }
