"""The check of the file of flags.

Invariant: nothing in it keeps a question from being answered, so the worst is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.doctor.findings import Finding, Probes, ok, warning

_CHECK = "flags"


def flags(probes: Probes) -> Iterator[Finding]:
    """Whether the file can be read, and what is off or tried out by it."""
    file = probes.flags()
    for trouble in file.troubles:
        yield warning(_CHECK, trouble.message, trouble.hint or "copilot flags list")
    off = [name for name, one in file.switches.items() if one.wrong or not one.on]
    if "models" in off:
        fix = 'copilot flags set models on --reason "…"'
        yield warning(_CHECK, "chat models are switched off: answers are quotes", fix)
    running = [name for name, one in file.experiments.items() if one.state == "running"]
    parts = [
        f"off: {', '.join(off)}" if off else "nothing is switched off",
        f"tried out: {', '.join(running)}" if running else "no experiment is running",
    ]
    if not file.troubles:
        yield ok(_CHECK, "; ".join(parts))
