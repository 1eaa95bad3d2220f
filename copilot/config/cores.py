"""How many cores this process may use, which is often fewer than the machine has.

Invariant: at least one; what can't be told limits nothing.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def usable_cores(cgroups: Path = _CGROUPS) -> int:
    """Those of the machine that we are bound to, and no more than a container's share of them."""
    if hasattr(os, "sched_getaffinity"):
        bound = len(os.sched_getaffinity(0))
    else:
        bound = os.cpu_count() or 1
    return max(1, min(bound, _share(cgroups) or bound))


def _share(cgroups: Path) -> int:
    """What a container was given (``docker run --cpus 2``), rounded up; 0 for no limit."""
    told = _read(cgroups / "cpu.max").split()
    if not told:  # the older form
        folder = cgroups / "cpu"
        told = [_read(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
    try:
        quota, period = map(int, told)
        return math.ceil(quota / period) if quota > 0 else 0
    except (ValueError, ZeroDivisionError):
        return 0


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
