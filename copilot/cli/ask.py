"""``copilot ask``: a question in, a cited answer out."""

from __future__ import annotations

from typing import Annotated

import typer

from copilot.cli import console
from copilot.errors import UsageError


def command(  # noqa: PLR0913, PLR0917 (an option each)
    question: Annotated[
        str | None, typer.Argument(help="The question; from stdin when left out, or with -.")
    ] = None,
    continue_last: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    conversation: Annotated[
        str, typer.Option("--session", "-s", metavar="NAME", help="Go on with a named one.")
    ] = "",
    path: Annotated[
        str, typer.Option("--path", metavar="PREFIX", help="Only documents under this path.")
    ] = "",
    batch: Annotated[
        str,
        typer.Option(
            metavar="FILE|-",
            help="Many questions, a JSON object a line: id, question, history?, filters?",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope on stdout.")] = False,
    quote: Annotated[
        bool, typer.Option("--quote", help="Quote from the documents, chat model or not.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Give no kept answer, and keep none.")
    ] = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only tell what it would cost; ask no model.")
    ] = False,
) -> int:
    """Ask your documents. Each sentence of the answer carries a citation that was checked.

    Exits with 10 when the documents don't hold the answer.
    """
    console.set_json(as_json or bool(batch))
    if batch and (question or conversation or continue_last):
        raise UsageError("--batch takes its questions from its file", hint="leave out the others")
    if batch and estimate:
        raise UsageError("--estimate is about one question", hint="leave out --batch")
    if conversation and continue_last:
        raise UsageError("-c and -s name two conversations", hint="give one of them")
    from copilot.bootstrap import build
    from copilot.cli import asking

    overrides: dict[str, object] = {"models": {"answer": ""}} if quote else {}
    if no_cache:
        overrides["cache"] = {"enabled": False}
    if batch:
        return console.run(asking.ask_batch(overrides, batch, path=path))
    copilot = build(overrides)
    console.warn(copilot.warnings)
    text = _question(question)
    name = asking.conversation_name(copilot, conversation, continue_last=continue_last)
    if estimate:
        from copilot.cli import estimates

        told = conversation or continue_last
        return console.run(
            estimates.ask(copilot, text, conversation=name if told else "", path=path)
        )
    return console.run(asking.ask_one(copilot, text, conversation=name, path=path))


def _question(argument: str | None) -> str:
    if argument is None and console.is_terminal("stdin"):
        raise UsageError("no question", hint='copilot ask "How do I …?"')
    text = console.read_stdin() if argument in (None, "-") else console.typed(argument)
    if not text.strip():
        raise UsageError("the question is empty", hint='copilot ask "How do I …?"')
    return text
