"""``copilot keys``: store, list and remove keys of model providers and sinks. Never shows one."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import audited, console
from copilot.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot

app = typer.Typer(help="Keys of model providers and of sinks.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope on stdout.")]
Name = Annotated[str, typer.Argument(help="The provider's name, such as openai.")]
_LONGEST = 20_000


def _build() -> Copilot:
    from copilot.bootstrap import build

    return build()


@app.command("set")
def set_key(
    name: Name,
    extra: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    store: Annotated[
        str,
        typer.Option(
            metavar="STORE",
            help="keyring, or file: encrypted by a passphrase. Default: keyring; file where there "
            "is none and COPILOT_PASSPHRASE is set.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Store a key: asked for without echo, or read from stdin. Never give it as an argument."""
    console.set_json(as_json)
    if extra:
        raise UsageError(
            "A key is no argument: it would stay in your shell's history.",
            # Which of the two is the key can't be known: neither is said again.
            hint="`copilot keys set NAME` asks for it; if you typed it, revoke it",
        )
    from copilot.operations import stored_keys

    copilot = _build()
    target = stored_keys.target(copilot, store, name)
    kept = stored_keys.keep(copilot, target, name, _read_key(name))
    audited.show(kept.notices)
    store, shadow = kept.store, kept.used
    if as_json:
        console.emit({"kind": "key", "name": name.lower(), "store": store, "used": shadow})
        return ExitCode.DONE
    console.out(f"{name.lower()}: stored in the {store}")
    if shadow != store:
        console.err(f"The key of the same name in the {shadow} is used before it.")
    return ExitCode.DONE


@app.command("list")
def list_keys(as_json: AsJson = False) -> int:
    """List the names of keys and where each is; never a value."""
    console.set_json(as_json)
    from copilot.operations import stored_keys

    copilot = _build()
    stored = stored_keys.listed(copilot)
    for key in stored:
        used = not key.shadowed_by
        if as_json:
            console.emit({"kind": "key", "name": key.name, "store": key.store, "used": used})
        else:
            shadowed = "" if used else f"  (the one in the {key.shadowed_by} is used)"
            console.out(f"{key.name:20} {key.store}{shadowed}")
    for store, error in copilot.secrets.failures.items():
        console.err(f"copilot: {store}: {error.message}")
    if not stored and not as_json:
        console.err("No keys. `copilot keys set openai` stores one.")
    return ExitCode.DONE


@app.command("remove")
def remove_key(name: Name, as_json: AsJson = False) -> int:
    """Remove a key from the keyring and from the encrypted file."""
    console.set_json(as_json)
    from copilot.operations import stored_keys

    audited.show(stored_keys.remove(_build(), name))
    if as_json:
        console.emit({"kind": "key", "name": name.lower(), "removed": True})
    else:
        console.out(f"{name.lower()}: removed")
    return ExitCode.DONE


def _read_key(name: str) -> str:
    if not console.is_terminal("stdin"):
        text = sys.stdin.buffer.read(_LONGEST).decode("utf-8", errors="replace")
        return text.strip()
    try:
        return getpass.getpass(f"Key for {name} (not shown): ")
    except EOFError:
        return ""
