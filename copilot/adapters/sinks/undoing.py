"""What undoes a write, where products don't differ.

Invariant: fields come back as the receipt says that they were; what it doesn't know stays.
"""

from __future__ import annotations

from typing import Literal

from copilot.config.records import SinkSettings
from copilot.errors import ConfigError
from copilot.proposals import Receipt, SinkWrite

Undoing = Literal["close", "delete"]


def undoing(
    write: SinkWrite, receipt: Receipt, *, creation: Undoing, comments: bool
) -> SinkWrite | None:
    """A creation is closed or deleted, fields are restored, comments deleted if that is possible.

    A creation that changed an entry which was there already (``before``) is a change.
    """
    if receipt.before and write.operation in ("create", "update", "close", "restore"):
        return SinkWrite("restore", write.kind, receipt.before, "", receipt.external_id)
    if write.operation == "create":
        return SinkWrite(creation, write.kind, {}, "", receipt.external_id)
    if write.operation == "comment" and comments:
        return SinkWrite("delete", "comment", {}, "", receipt.external_id)
    return None


def chosen_undoing(settings: SinkSettings, *, sink: str, default: Undoing) -> Undoing:
    """``options.undo``: what becomes of an entry whose creation is undone."""
    said = settings.options.get("undo", default)
    if said == "close":
        return "close"
    if said == "delete":
        return "delete"
    raise ConfigError(f'actions.sinks.{sink}.options.undo must be "close" or "delete"')
