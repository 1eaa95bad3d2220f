"""``copilot prompts``: what is said to models, in which version, and how to say it otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.cli import audited, console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot.bootstrap import Copilot
    from copilot.prompting.library import Found, PromptLibrary

app = typer.Typer(help="What is said to chat models, by version.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
PromptId = Annotated[str, typer.Argument(metavar="ID", help="As `prompts list` names it.")]
Which = typer.Argument(metavar="VERSION", help="A version, or a label.", show_default=False)


@app.command("list")
def list_prompts(as_json: AsJson = False) -> None:
    """List every version of every prompt; `production` is the one that is used."""
    console.set_json(as_json)
    from copilot.cli.tables import table
    from copilot.operations.prompts import listed

    found = listed(_library())
    if as_json:
        for one in found:
            console.emit({"kind": "prompt", **_plain(one)})
        return
    rows = [[one.id, one.version, ", ".join(one.labels), one.where, one.state] for one in found]
    for line in table(["prompt", "version", "label", "whose", ""], rows):
        console.out(line.rstrip())


@app.command("show")
def show_prompt(
    prompt: PromptId,
    which: Annotated[str, Which] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME=TEXT", help="Put this in, as a run would."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one prompt: what it is for, what it takes, and its text; by default what is used."""
    console.set_json(as_json)
    from copilot.operations.prompts import chosen

    found = chosen(_library(), prompt, console.typed(which))
    values = _values(found, given or [])
    rendered = found.prompt.render(values)
    one = found.prompt
    if as_json:
        console.emit(
            {
                "kind": "prompt_detail",
                "id": one.id,
                "version": one.version,
                "digest": one.digest,
                "file": str(found.file),
                "purpose": one.purpose,
                "output": one.output,
                "inputs": dict(one.inputs),
                "changes": dict(one.changes),
                "examples": len(one.examples.all) if one.examples else 0,
                "system": rendered.system,
                "user": rendered.user,
            }
        )
        return
    for line in _head(found):
        console.out(_clean(line))
    for title, text in (("System", rendered.system), ("User", rendered.user)):
        if text:
            console.out(f"\n# {title}\n\n{_clean(text)}")


@app.command("diff")
def diff_prompt(
    prompt: PromptId,
    old: Annotated[str, Which] = "",
    new: Annotated[str, Which] = "",
    as_json: AsJson = False,
) -> None:
    """Compare two versions; by default ours with yours, or the one before with what is used."""
    console.set_json(as_json)
    import difflib

    from copilot.operations.prompts import pair

    library = _library()
    before, after = pair(library, prompt, console.typed(old), console.typed(new))
    lines = list(
        difflib.unified_diff(
            before.prompt.body.splitlines(),
            after.prompt.body.splitlines(),
            _named(library, before),
            _named(library, after),
            lineterm="",
        )
    )
    if as_json:
        versions = {"old": before.prompt.version, "new": after.prompt.version}
        console.emit({"kind": "prompt_diff", "id": prompt, **versions, "diff": "\n".join(lines)})
        return
    for line in lines:
        console.out(_clean(line))
    if not lines:
        console.err("They say the same.")


@app.command("check")
def check_prompts(as_json: AsJson = False) -> int:
    """Name every mistake in the prompts, yours and ours; exits with 2 when there is one."""
    console.set_json(as_json)
    from copilot.errors import ExitCode
    from copilot.prompting.checking import flaws

    found = flaws(_library())
    serious = [one for one in found if one.serious]
    if as_json:
        told = [_plain(one) for one in found]
        console.emit({"kind": "prompts_check", "ok": not serious, "flaws": told})
    else:
        for one in found:
            console.out(_clean(one.message))
            if one.hint:
                console.out(f"  {_clean(one.hint)}")
        if not serious:
            console.out("The prompts can be used.")
    return int(ExitCode.USAGE if serious else ExitCode.DONE)


@app.command("lock")
def lock_prompts(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of prompts; left out: your own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write down what each version says; a locked version that changes is found by `check`."""
    console.set_json(as_json)
    from copilot.operations.prompts import lock

    file, count = lock(folder or _build().paths.prompts)
    if as_json:
        console.emit({"kind": "prompts_lock", "file": str(file), "versions": count})
    else:
        console.out(f"{file}: {count} version{'s' if count != 1 else ''}")


@app.command("use")
def use_prompt(
    prompt: PromptId,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="A version; default takes the label away.")
    ],
    label: Annotated[str, typer.Option(help="production is what is used; or candidate.")] = (
        "production"
    ),
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    as_json: AsJson = False,
) -> None:
    """Point a label to a version of a prompt."""
    console.set_json(as_json)
    from copilot.operations.prompts import use

    copilot = _build()
    wanted, why = console.typed(version), console.typed(reason)
    found, notices = use(copilot, prompt, wanted, label=label, reason=why)
    audited.show(notices)
    now = "" if found is None else found.prompt.version
    if as_json:
        console.emit({"kind": "prompts_use", "id": prompt, "label": label, "version": now})
    else:
        console.out(f"{prompt}: {label} is version {now}" if now else f"{prompt}: no {label}")


@app.command("copy")
def copy_prompt(prompt: PromptId, as_json: AsJson = False) -> None:
    """Make a prompt that ships your own, to be edited; upgrades leave it alone."""
    console.set_json(as_json)
    from copilot.operations.prompts import copied

    file = copied(_build(), prompt)
    if as_json:
        console.emit({"kind": "prompts_copy", "id": prompt, "file": str(file)})
    else:
        console.out(str(file))


def _values(found: Found, given: Sequence[str]) -> dict[str, str]:
    """What is put in; an input that isn't given stands there as it stands in the file."""
    from copilot.errors import UsageError

    values = {name: f"{{{{{name}}}}}" for name in found.prompt.inputs}
    for one in given:
        name, equals, text = console.typed(one).partition("=")
        if not equals or name not in values:
            raise UsageError(
                f"--with {name}: no such input", hint=f"inputs: {', '.join(values) or 'none'}"
            )
        values[name] = text
    return values


def _head(found: Found) -> Iterator[str]:
    one = found.prompt
    yield f"{one.id} {one.version} ({one.digest[:12]})"
    yield str(found.file)
    yield one.purpose
    for name, what in one.inputs.items():
        yield f"  {name}: {what}"
    if one.examples is not None:
        few = one.examples
        yield f"  {len(few.all)} examples, the {few.most} nearest to {few.by} are shown"


def _named(library: PromptLibrary, found: Found) -> str:
    whose = "ours" if library.folders[found.place] is library.ours else "yours"
    return f"{whose} {found.prompt.version}"


def _build() -> Copilot:
    from copilot.bootstrap import build

    copilot = build()
    console.warn(copilot.warnings)
    if copilot.pinned:
        console.warn([f"release {copilot.pinned} is active: its prompts are used, not those here"])
    return copilot


def _library() -> PromptLibrary:
    """The prompts in files, also while a release is active."""
    return _build().prompt_files


def _plain(one: object) -> dict[str, Any]:
    from copilot.codec import to_plain

    plain = to_plain(one)
    assert isinstance(plain, dict)
    return plain


def _clean(text: str) -> str:
    from copilot.guard.terminal import clean

    return clean(text)
