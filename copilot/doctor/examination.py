"""Runs the checks, each on its own, and draws the conclusion.

Invariant: a check that fails is a finding, and the next one runs. The exceptions that count as
a finding are named: those of ours, and what the machine throws at code that touches it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from copilot.doctor import flags, machine, models, parts, proposals, releases, trails
from copilot.doctor.findings import Finding, Probes, of_error, problem
from copilot.errors import CopilotError, ExitCode

# LookupError, TypeError and AttributeError: what damaged files and half-installed packages
# raise in the libraries that read them.
_BREAKAGE = (
    OSError,
    ValueError,
    RuntimeError,
    ImportError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class Check:
    """``run`` yields findings; ``code`` is the exit code if it breaks down."""

    name: str
    run: Callable[[], Iterator[Finding]]
    code: ExitCode = ExitCode.USAGE


def checks(probes: Probes) -> Sequence[Check]:
    """Every check that needs no network, in the order of the report."""
    return (
        Check("Python", machine.python_version),
        Check("packages", machine.packages),
        Check("home", lambda: machine.home(probes.paths)),
        Check("configuration", lambda: machine.configuration(probes)),
        Check("embedding weights", lambda: parts.weights(probes), ExitCode.MODEL),
        Check("index", lambda: parts.index(probes), ExitCode.INDEX),
        Check("ledger", lambda: parts.ledger(probes), ExitCode.INDEX),
        Check("audit trail", lambda: trails.audit(probes), ExitCode.INDEX),
        Check("proposals", lambda: proposals.proposals(probes)),
        Check("flags", lambda: flags.flags(probes)),
        Check("budgets", lambda: parts.budgets(probes), ExitCode.LIMIT),
        Check("prompts", lambda: releases.prompts(probes)),
        Check("release", lambda: releases.release(probes)),
        Check("keys", lambda: parts.keys(probes), ExitCode.MODEL),
        Check("chat model", lambda: models.chat_models(probes), ExitCode.MODEL),
        Check("terminal", lambda: machine.terminal(probes.terminal)),
    )


async def examine(probes: Probes, *, online: bool = False) -> AsyncIterator[Finding]:
    """The findings, as they come. ``online``: also ask each chat model for a word."""
    for check in checks(probes):
        if online and check.name == "chat model":
            async for finding in _asked(probes):
                yield finding
        else:
            for finding in _isolated(check):
                yield finding


def verdict(findings: Iterable[Finding]) -> ExitCode:
    """The exit code of the first problem; DONE when nothing keeps ``ask`` from answering."""
    codes = (finding.exit_code for finding in findings if finding.status == "problem")
    return next(codes, ExitCode.DONE)


def _isolated(check: Check) -> Iterator[Finding]:
    try:
        yield from check.run()
    except CopilotError as error:
        yield of_error(check.name, error)
    except _BREAKAGE as error:
        yield _broken(check.name, error, check.code)


async def _asked(probes: Probes) -> AsyncIterator[Finding]:
    try:
        async for finding in models.asked(probes):
            yield finding
    except CopilotError as error:
        yield of_error("chat model", error)
    except _BREAKAGE as error:
        yield _broken("chat model", error, ExitCode.MODEL)


def _broken(name: str, error: BaseException, code: ExitCode) -> Finding:
    text = " ".join(str(error).split())[:200]
    detail = f"the check broke down: {type(error).__name__}: {text}"
    return problem(name, detail, "pip install --force-reinstall .", code=code)
