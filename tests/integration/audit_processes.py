"""A process that appends to an audit trail until it is killed: ``python -m`` this with a home.

Invariant: a subject is printed only after ``append`` has returned: it was acknowledged.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from copilot.adapters.audit import AppendOnlyFile
from copilot.adapters.secrets.plain_file import PlainFileStore
from copilot.adapters.system import SystemClock, new_id
from copilot.audit.trail import ChainedTrail
from tests.corpora import REPOSITORY


def trail_in(home: Path) -> ChainedTrail:
    keys = [PlainFileStore(home / "audit.key")]
    return ChainedTrail(
        AppendOnlyFile(home / "ledger" / "audit.jsonl"),
        AppendOnlyFile(home / "state" / "anchor.jsonl"),
        find_in=keys,
        keep_in=keys,
        clock=SystemClock(),
        new_id=new_id,
        account="ada@laptop",
    )


def start(home: Path, count: int) -> subprocess.Popen[bytes]:
    """Append ``count`` entries (0: without end); what was acknowledged comes on stdout."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.audit_processes", str(home), str(count)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )


def _append(home: Path, count: int) -> None:
    trail, number = trail_in(home), 0
    while count == 0 or number < count:
        subject = f"{os.getpid()}/{number}"
        trail.append("index.remove", subject, detail={"n": number}, principal="ada")
        os.write(1, f"{subject}\n".encode())
        number += 1


if __name__ == "__main__":
    _append(Path(sys.argv[1]), int(sys.argv[2]))
