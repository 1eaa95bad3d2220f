"""``copilot release``: what decided answers when, and the way back to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.cli import audited, console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot.bootstrap import Copilot
    from copilot.operations.releases import Listed, Went
    from copilot.releases import Content

app = typer.Typer(
    help="What decides answers and records: prompts, settings, policy, under one id.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail.")]
Id = typer.Argument(metavar="ID", help="An id, or its beginning.", show_default=False)


@app.command("list")
def list_releases(as_json: AsJson = False) -> None:
    """List the releases that were in force, the latest first, and what each changed."""
    console.set_json(as_json)
    from copilot.cli.tables import table
    from copilot.operations.releases import listed

    found = listed(_build())
    if as_json:
        for one in found:
            console.emit({"kind": "release", **_plain(one)})
        return
    rows = [
        [
            one.id,
            "-" if one.first_used is None else f"{one.first_used.astimezone():%Y-%m-%d %H:%M}",
            _state(one),
            one.note or ", ".join(one.changed),
        ]
        for one in found
    ]
    for line in table(["release", "first used", "", "note, or what it changed"], rows):
        console.out(line.rstrip())


@app.command("show")
def show_release(name: Annotated[str, Id] = "", as_json: AsJson = False) -> None:
    """Show what a release is made of; by default what is in force."""
    console.set_json(as_json)
    from copilot.codec import to_plain
    from copilot.operations.releases import chosen

    copilot = _build()
    content = chosen(copilot, console.typed(name))
    if as_json:
        told = to_plain(content)
        assert isinstance(told, dict)
        console.emit({"kind": "release_detail", "id": content.id, **told})
        return
    for line in _shown(copilot, content):
        console.out(_clean(line))


@app.command("diff")
def diff_releases(
    old: Annotated[str, Id] = "",
    new: Annotated[str, Id] = "",
    with_texts: Annotated[
        bool, typer.Option("--texts", help="Also how prompts and policy differ, line by line.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say how two releases differ; by default the one before and what is in force."""
    console.set_json(as_json)
    from copilot.operations.releases import pair
    from copilot.releases.comparing import differences

    copilot = _build()
    before, after = pair(copilot, console.typed(old), console.typed(new))
    found = differences(before, after)
    lines = list(_unified(copilot, before, after)) if with_texts else []
    if as_json:
        changed = [_plain(one) for one in found]
        told = {"old": before.id, "new": after.id, "differences": changed, "texts": lines}
        console.emit({"kind": "release_diff", **told})
        return
    console.out(f"{before.id} → {after.id}")
    for one in found:
        console.out(_clean(f"  {one.part}: {one.old} → {one.new}"))
    if not found:
        console.out("  nothing")
    for line in lines:
        console.out(_clean(line))


@app.command("activate")
def activate_release(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="An id, or its beginning; files leaves it again.")
    ],
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Have a release in force, whatever files say; `files` lets these count again."""
    console.set_json(as_json)
    from copilot.operations.releases import activate

    _tell(activate(_build_anyway(), console.typed(name), reason=console.typed(reason)), as_json)


@app.command("rollback")
def roll_back(reason: Reason = "", as_json: AsJson = False) -> None:
    """Go back to the release that was in force before this one."""
    console.set_json(as_json)
    from copilot.operations.releases import rollback

    _tell(rollback(_build_anyway(), reason=console.typed(reason)), as_json)


@app.command("note")
def note_release(
    name: Annotated[str, Id],
    text: Annotated[str, typer.Argument(help="One line.")],
    as_json: AsJson = False,
) -> None:
    """Say of a release what it is."""
    console.set_json(as_json)
    from copilot.operations.releases import noted

    found = noted(_build(), console.typed(name), console.typed(text))
    if as_json:
        console.emit({"kind": "release_note", "id": found, "note": text})
    else:
        console.out(found)


def _tell(went: Went, as_json: bool) -> None:
    audited.show(went.notices)
    if as_json:
        told = {"active": went.asked or None, "in_force": went.id, "before": went.before}
        console.emit({"kind": "release_activate", **told})
        return
    if not went.asked:
        console.out(f"Files count again: {went.id} is in force." if went.id else "Files count.")
        return
    console.out(f"{went.asked} is active; files don't change it.")
    if went.id != went.asked:
        console.err(
            f"  in force is {went.id}: this program, or the environment, is another than then"
        )
    console.err("  `copilot release activate files` leaves it")


def _state(one: Listed) -> str:
    marks = ["active"] if one.active else []
    return ", ".join([*marks, *(["in force"] if one.in_force else [])])


def _shown(copilot: Copilot, content: Content) -> Iterator[str]:
    from copilot.config.example import toml
    from copilot.config.fields import leaves

    state = " (in force)" if content.id == copilot.content.id else ""
    yield f"release     {content.id}{state}"
    yield f"program     copilot {content.program}"
    for one in content.prompts:
        yield f"prompt      {one.id} {one.version or '?'} ({one.digest[:12]})"
    yield f"policy      {content.policy[:12] or 'none'}"
    for key, value in content.settings.items():
        known = leaves().get(key)
        default = (
            list(known.default)
            if known and isinstance(known.default, tuple)
            else (known.default if known else None)
        )
        if value != default and value is not None:
            yield f"setting     {key} = {toml(value)}"
    yield "            all other settings are the defaults; --json has every one"


def _unified(copilot: Copilot, before: Content, after: Content) -> Iterator[str]:
    import difflib

    from copilot.operations.releases import texts

    then, now = texts(copilot, before), texts(copilot, after)
    for part in sorted({*then, *now}):
        yield from difflib.unified_diff(
            then.get(part, "").splitlines(),
            now.get(part, "").splitlines(),
            f"{before.id} {part}",
            f"{after.id} {part}",
            lineterm="",
        )


def _build() -> Copilot:
    from copilot.bootstrap import build

    copilot = build()
    console.warn(copilot.warnings)
    return copilot


def _build_anyway() -> Copilot:
    """Also where the active release keeps the configuration from loading: this is the way out."""
    from copilot.bootstrap import build_anyway
    from copilot.config.paths import Paths

    return build_anyway(Paths.from_environment(os.environ))


def _plain(one: object) -> dict[str, Any]:
    from copilot.codec import to_plain

    plain = to_plain(one)
    assert isinstance(plain, dict)
    return plain


def _clean(text: str) -> str:
    from copilot.guard.terminal import clean

    return clean(text)
