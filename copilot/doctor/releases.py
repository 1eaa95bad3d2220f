"""Checks of what decides answers: the prompts, and whether files or an older release do.

Invariant: a prompt that can't be used is a problem only if a model would be given it.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.doctor.findings import Finding, Probes, ok, problem, warning
from copilot.errors import ExitCode
from copilot.gateway.deployments import first

_LEAVE = "copilot release activate files"


def prompts(probes: Probes) -> Iterator[Finding]:
    """Whether each can be used, and whether ours have moved on from the user's own."""
    found = probes.prompts()
    serious = [one for one in found if one.serious]
    asked = any(first(probes.settings, job) for job in ("answer", "extract"))
    for one in serious:
        if asked:
            fix = one.hint or "copilot prompts check"
            yield problem("prompts", one.message, fix, code=ExitCode.USAGE)
        else:
            yield warning("prompts", one.message, one.hint or "copilot prompts check")
    for one in found:
        if not one.serious:
            yield warning("prompts", one.message, one.hint or "copilot prompts check")
    if not serious:
        yield ok("prompts", "they can be used")


def release(probes: Probes) -> Iterator[Finding]:
    """What is in force, and how that differs from what the files say."""
    facts = probes.release()
    if not facts.active:
        yield ok("release", f"{facts.in_force}, as the files have it")
        return
    if facts.unlike_files:
        named = ", ".join(facts.unlike_files)
        detail = f"{facts.active} is active; files would change {named}"
        yield warning("release", detail, f"copilot release diff, or {_LEAVE}")
    else:
        yield warning("release", f"{facts.active} is active, and files say the same", _LEAVE)
    if facts.in_force != facts.active:
        detail = f"in force is {facts.in_force}: the program, or the environment, is another now"
        yield warning("release", detail, f"copilot release diff {facts.active}")
