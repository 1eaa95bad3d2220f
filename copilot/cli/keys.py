"""``copilot keys``: store, list and remove keys of model providers and sinks. Never shows one."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import audited, console
from copilot.errors import ConfigError, ExitCode, NotFoundError, UsageError

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.ports import SecretStore

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
    copilot = _build()
    target = _target(copilot, store, name)
    value = _read_key(name)
    _keep_the_trail_whole(copilot, name, value)
    target.set(name, value)
    store = target.name
    audited.note(copilot, "keys.set", name.lower(), store=store)
    shadow = copilot.secrets.where(name)
    if as_json:
        console.emit({"kind": "key", "name": name.lower(), "store": store, "used": shadow})
        return ExitCode.DONE
    console.out(f"{name.lower()}: stored in the {store}")
    if shadow not in (None, store):
        console.err(f"The key of the same name in the {shadow} is used before it.")
    return ExitCode.DONE


@app.command("list")
def list_keys(as_json: AsJson = False) -> int:
    """List the names of keys and where each is; never a value."""
    console.set_json(as_json)
    secrets = _build().secrets
    stored = secrets.stored()
    first: dict[str, str] = {}
    for key in stored:
        first.setdefault(key.name, key.store)
    for key in stored:
        used = first[key.name] == key.store
        if as_json:
            console.emit({"kind": "key", "name": key.name, "store": key.store, "used": used})
        else:
            shadowed = "" if used else f"  (the one in the {first[key.name]} is used)"
            console.out(f"{key.name:20} {key.store}{shadowed}")
    for store, error in secrets.failures.items():
        console.err(f"copilot: {store}: {error.message}")
    if not stored and not as_json:
        console.err("No keys. `copilot keys set openai` stores one.")
    return ExitCode.DONE


@app.command("remove")
def remove_key(name: Name, as_json: AsJson = False) -> int:
    """Remove a key from the keyring and from the encrypted file."""
    console.set_json(as_json)
    copilot = _build()
    _keep_the_trail_whole(copilot, name)
    if not copilot.secrets.remove(name):
        raise NotFoundError(f"There is no key called {name}.", hint="`copilot keys list`")
    audited.note(copilot, "keys.remove", name.lower())
    if as_json:
        console.emit({"kind": "key", "name": name.lower(), "removed": True})
    else:
        console.out(f"{name.lower()}: removed")
    return ExitCode.DONE


def _keep_the_trail_whole(copilot: Copilot, name: str, value: str | None = None) -> None:
    """UsageError for what would leave the audit trail's entries without the key to check them."""
    from copilot.audit.keys import is_ours

    wanted, trail = name.strip().lower(), copilot.audit_trail
    if not is_ours(wanted):
        return
    if value is not None and not trail.fits(wanted, value.strip()):
        raise UsageError(
            f"This isn't the key {wanted} that the audit trail was sealed with; it isn't stored.",
            hint="`copilot audit rotate-key` makes a new one, and keeps the old one to check with",
        )
    if value is None and trail.needs(wanted):
        raise UsageError(
            f"The key {wanted} stays: without it nobody can check the audit trail's entries.",
            hint="`copilot audit rotate-key` puts a new one in its place",
        )


def _target(copilot: Copilot, store: str, name: str) -> SecretStore:
    try:
        return copilot.secrets.target(store or "keyring", name=name)
    except ConfigError:
        # A passphrase in the environment says that the encrypted file is meant.
        if store or not os.environ.get("COPILOT_PASSPHRASE"):
            raise
        return copilot.secrets.target("file", name=name)


def _read_key(name: str) -> str:
    if not console.is_terminal("stdin"):
        text = sys.stdin.buffer.read(_LONGEST).decode("utf-8", errors="replace")
        return text.strip()
    try:
        return getpass.getpass(f"Key for {name} (not shown): ")
    except EOFError:
        return ""
