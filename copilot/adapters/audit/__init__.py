"""Files for the audit trail: its lines, and the anchor that is kept in a second place.

Invariant: importing this package imports no keyring and touches no file.
"""

from __future__ import annotations

import os
import pwd
import socket

from copilot.adapters.audit.append_only import AppendOnlyFile

__all__ = ["AppendOnlyFile", "account"]


def account() -> str:
    """Who the system says is at work, and where: ``ada@laptop``. No variable can change it."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = str(number)
    return f"{name}@{socket.gethostname()}"
