"""``copilot models``: which chat models are configured for which job, and whether they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.cli import budgets, console

if TYPE_CHECKING:
    from copilot.gateway.trying import Tried
    from copilot.operations.models import Listed

app = typer.Typer(help="The chat models that are configured.", no_args_is_help=True)
app.command("budget")(budgets.show)
app.command("grant")(budgets.grant)


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a model.")] = False,
) -> None:
    """List the models of each job in the order in which they are asked; nobody is asked."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.operations.models import listed

    copilot = build()
    found = listed(copilot)
    if as_json:
        for one in found:
            console.emit({"kind": "model", **_plain(one)})
        return
    if not found:
        console.err("no chat model is configured: answers are quotes; set models.answer")
        return
    from copilot.cli.tables import table

    header = ["job", "", "name", "for", "reads", "$/M in", "$/M out", "took", "key", "state"]
    numbers = ["reads", "$/M in", "$/M out", "took"]
    for line in table(header, [_row(one) for one in found], right=numbers):
        console.out(line)
    console.warn(one.problem for one in found if one.problem)


@app.command("test")
def test_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="As the configuration calls them; all by default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a model.")] = False,
) -> int:
    """Ask each model for one word, and tell how long it took; 4 if one of them failed."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.errors import ExitCode
    from copilot.operations.models import named

    copilot = build()
    wanted = named(copilot, [console.typed(name) for name in names or []])
    if not wanted:
        console.err("no chat model is configured: answers are quotes; set models.answer")
    failed = False
    for name in wanted:
        one = console.run(copilot.model_tried(name))
        failed = failed or one.error is not None
        if as_json:
            console.emit({"kind": "model_test", **_tried(one)})
        else:
            _tell(one)
    return int(ExitCode.MODEL if failed else ExitCode.DONE)


def _row(one: Listed) -> list[str]:
    facts = one.facts
    return [
        one.job,
        str(one.place),
        one.name if one.name == one.model else f"{one.name} ({one.model})",
        {"cheap": "simple", "strong": "hard"}.get(one.tier, ""),
        "?" if facts.context_tokens is None else f"{facts.context_tokens:,}",
        _dollars(facts.input_usd),
        _dollars(facts.output_usd),
        f"{one.took.latency_ms:,.0f} ms" if one.took else "",
        _key(one),
        f"rests until {one.rests_until.astimezone():%H:%M:%S}" if one.rests_until else "",
    ]


def _key(one: Listed) -> str:
    if one.key_in:
        return f"{one.key} ({one.key_in})"
    return (
        "none" if one.api_base or not one.key else f"no {one.key}"
    )  # a server of one's own may need none


def _dollars(price: float | None) -> str:
    return "?" if price is None else f"{price:g}"


def _tell(one: Tried) -> None:
    from copilot.guard.terminal import clean_line

    attempt = one.attempt
    if one.error is not None:
        why = one.error.message.removeprefix(f"{one.name}: ")
        console.out(clean_line(f"✗ {one.name}: {why}"))
        if one.error.hint:
            console.out(f"  {clean_line(one.error.hint)}")
        return
    took = f"{attempt.latency_ms:.0f} ms"
    if attempt.first_token_ms is not None:
        took += f", {attempt.first_token_ms:.0f} ms to the first token"
    said = one.words or "nothing"
    console.out(clean_line(f"✓ {one.name}: {took}; it said: {said}"))


def _plain(one: Listed) -> dict[str, Any]:
    from copilot.codec import to_plain

    plain = to_plain(one)
    assert isinstance(plain, dict)
    return plain


def _tried(one: Tried) -> dict[str, Any]:
    from copilot.codec import to_plain

    error = console.error_envelope(one.error)["error"] if one.error is not None else None
    return {
        "name": one.name,
        "said": one.words,
        "attempt": to_plain(one.attempt),
        "error": error,
    }
