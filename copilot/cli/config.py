"""``copilot config``: what is set, where it comes from, and whether it is right."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import audited, console
from copilot.errors import ConfigError, ExitCode, NotFoundError, UsageError

if TYPE_CHECKING:
    from copilot.config.layers import Problem
    from copilot.config.load import Inspection
    from copilot.config.paths import Paths

app = typer.Typer(help="Settings: write, show, check, trust.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope on stdout.")]


def _paths() -> Paths:
    from copilot.config.paths import Paths

    return Paths.from_environment(os.environ)


@app.command()
def init(
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file; the old one is kept beside it.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Write your configuration file, with every setting explained and commented out."""
    console.set_json(as_json)
    from copilot.bootstrap import build_anyway
    from copilot.config.example import example_text
    from copilot.config.paths import ensure

    file = _paths().config_file
    if file.exists() and not force:
        raise UsageError(f"{file} exists already; nothing was written.", hint="--force replaces it")
    ensure(file.parent)
    copilot = build_anyway(_paths())  # as it was: the new file chooses no other anchor yet
    kept = _write_private(file, example_text())
    if kept is not None:  # settings say who sees what, and how long it is kept
        audited.note(copilot, "config.reset", str(file), kept=str(kept))
    if as_json:
        console.emit({"kind": "config_init", "path": str(file), "kept": str(kept or "")})
        return ExitCode.DONE
    console.out(str(file))
    if kept is not None:
        console.err(f"The old file is kept as {kept}")
    return ExitCode.DONE


@app.command()
def show(as_json: AsJson = False) -> int:
    """Show every setting in force and where its value comes from."""
    console.set_json(as_json)
    from copilot.config.load import as_error, inspect

    found = inspect(_paths(), os.environ)
    if found.settings is None:
        raise as_error(found.problems)
    _warn(found)
    plain = found.settings.model_dump(mode="json")
    if as_json:
        console.emit(
            {
                "kind": "config",
                "settings": plain,
                "provenance": found.provenance,
                "warnings": found.warnings,
            }
        )
        return ExitCode.DONE
    console.out(_as_text(plain, found))
    return ExitCode.DONE


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A file to check; left out: everything in force.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Name every mistake in the configuration and the flags; exits with 2 when there is one."""
    console.set_json(as_json)
    from copilot.config.load import inspect, inspect_file
    from copilot.guard.terminal import clean_line

    found = inspect(_paths(), os.environ) if file is None else inspect_file(file)
    wrong = [*found.problems, *_of_application(found), *(_of_flags() if file is None else ())]
    if as_json:
        problems = [{"message": p.message, "hint": p.hint} for p in wrong]
        console.emit(
            {
                "kind": "config_check",
                "ok": not problems,
                "problems": problems,
                "warnings": found.warnings,
            }
        )
    else:
        _warn(found)
        for problem in wrong:
            console.out(clean_line(problem.message))
            if problem.hint:
                console.out(f"  {clean_line(problem.hint)}")
        if not wrong:
            console.out("The configuration is right.")
    return ExitCode.USAGE if wrong else ExitCode.DONE


def _of_flags() -> list[Problem]:
    """What is wrong in the file of flags that stands beside the configuration."""
    from copilot.bootstrap import build_anyway
    from copilot.config.layers import Problem

    troubles = build_anyway(_paths()).flags.file().troubles
    return [Problem(trouble.message, trouble.hint) for trouble in troubles]


def _of_application(found: Inspection) -> list[Problem]:
    """What only the terminal application knows: its themes and its bindings."""
    from copilot.config.schema import TuiSettings

    if found.settings is None or found.settings.tui == TuiSettings():
        return []
    from copilot.cli.application import faults
    from copilot.config.layers import Problem

    origin = found.provenance
    return [
        Problem(f"{origin[fault.key]}: {fault.message}", fault.hint)
        for fault in faults(found.settings.tui.theme, found.settings.tui.keys)
    ]


@app.command()
def path(
    name: Annotated[
        str,
        typer.Argument(
            help="config, project, index, ledger, audit, cache, conversations, prompts, keys "
            "or log."
        ),
    ] = "config",
    everything: Annotated[bool, typer.Option("--all", help="List every place.")] = False,
    as_json: AsJson = False,
) -> int:
    """Print where the configuration file is, or another place that copilot uses."""
    console.set_json(as_json)
    paths = _paths()
    if paths.home_kind == "none":
        raise ConfigError(
            "There is no home folder: HOME is not set.",
            hint="COPILOT_HOME=/path names a folder for everything",
        )
    places = _places(paths)
    if as_json:
        console.emit({"kind": "paths", "home_kind": paths.home_kind, "paths": places})
    elif everything:
        for place, where in places.items():
            console.out(f"{place:14} {where}")
    elif name not in places:
        raise UsageError(f"There is no place {name}.", hint=f"places: {', '.join(places)}")
    elif not places[name]:
        raise NotFoundError("This folder and its repository have no .copilot.toml.")
    else:
        console.out(places[name])
    return ExitCode.DONE


@app.command()
def trust(
    file: Annotated[
        Path | None, typer.Argument(help="The project's file; left out: the one that applies here.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Trust it no longer.")] = False,
    as_json: AsJson = False,
) -> int:
    """Let a project's .copilot.toml count, as it is now. Any change to it needs a new look."""
    console.set_json(as_json)
    from copilot.bootstrap import build_anyway
    from copilot.config import trust as trusting
    from copilot.config.load import as_error, inspect_content

    paths = _paths()
    copilot = build_anyway(paths)  # as it is now: a project doesn't choose where its trust stands
    wanted = file or paths.project_config
    if wanted is None:
        raise NotFoundError("This folder and its repository have no .copilot.toml.")
    if remove:
        if not trusting.distrust(paths, wanted):
            raise NotFoundError(f"{wanted} was not trusted.")
        audited.note(copilot, "config.distrust", str(wanted.resolve()))
        _say(as_json, "config_trust", f"No longer trusted: {wanted}", trusted=False)
        return ExitCode.DONE
    content, found = inspect_content(wanted)
    if found.problems:
        raise as_error(found.problems)
    trusting.trust(paths, wanted, content)
    changed = [key for key, origin in found.provenance.items() if origin != "default"]
    audited.note(
        copilot,
        "config.trust",
        str(wanted.resolve()),
        sha256=hashlib.sha256(content).hexdigest(),
        sets=", ".join(changed),
    )
    if not as_json:
        console.err(f"It sets: {', '.join(changed) or 'nothing'}")
    _say(as_json, "config_trust", f"Trusted: {wanted}", trusted=True)
    return ExitCode.DONE


def _say(as_json: bool, kind: str, text: str, *, trusted: bool) -> None:
    if as_json:
        console.emit({"kind": kind, "trusted": trusted})
    else:
        console.out(text)


def _warn(found: Inspection) -> None:
    from copilot.guard.terminal import clean_line

    for warning in found.warnings:
        console.err(f"copilot: {clean_line(warning)}")


def _as_text(plain: dict[str, dict[str, object]], found: Inspection) -> str:
    from copilot.config.example import toml
    from copilot.guard.terminal import clean_line

    lines: list[str] = []
    for section, values in plain.items():
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for name, value in values.items():
            # TOML has no word for "not set": such a line is a comment.
            written = f"#{name} is not set" if value is None else f"{name} = {toml(value)}"
            setting = clean_line(written)
            lines.append(f"{setting:44} # {clean_line(found.provenance[f'{section}.{name}'])}")
    return "\n".join(lines)


def _places(paths: Paths) -> dict[str, str]:
    return {
        "config": str(paths.config_file),
        "project": str(paths.project_config or ""),
        "index": str(paths.index),
        "ledger": str(paths.ledger),
        "audit": str(paths.audit),
        "cache": str(paths.cache),
        "conversations": str(paths.conversations),
        "prompts": str(paths.prompts),
        "flags": str(paths.flags_file),
        "keys": str(paths.keys_file),
        "log": str(paths.log),
    }


def _write_private(file: Path, text: str) -> Path | None:
    """Write ``text`` with mode 0600; what stood there is renamed, and its new name returned."""
    kept: Path | None = None
    try:
        if file.exists():
            kept = file.with_name(f"{file.name}.bak")
            file.replace(kept)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {error.strerror or error}.") from error
    return kept
