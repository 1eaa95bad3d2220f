"""Which packages copilot requires, which are installed, and whether they fit.

Invariant: reads package metadata only; importing a package to look at it could be the very
thing that fails, or hurts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

# Releases that stole credentials from the machines that installed them.
UNSAFE: Mapping[str, frozenset[str]] = {"litellm": frozenset({"1.82.7", "1.82.8"})}

# A checkout that runs without being installed has no metadata of its own.
_WITHOUT_METADATA = ("lancedb", "duckdb", "numpy", "onnxruntime", "tokenizers", "litellm")
_COMPARE: Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": lambda found, wanted: found >= wanted,
    "<": lambda found, wanted: found < wanted,
    "==": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
}


@dataclass(frozen=True, slots=True)
class Package:
    """A required package. ``installed`` is its version, None when it is missing."""

    name: str
    requirement: str
    installed: str | None

    def fits(self) -> bool:
        """Whether the installed version meets every clause of the requirement."""
        if self.installed is None:
            return False
        found = _numbers(self.installed)
        clauses = re.findall(r"(>=|==|!=|<)\s*([0-9][0-9.]*)", self.requirement)
        return all(_compare(operator, found, _numbers(wanted)) for operator, wanted in clauses)


def needed_packages() -> list[Package]:
    """The packages that this installation requires, without its extras."""
    try:
        required = [r for r in requires("copilot") or [] if "extra ==" not in r]
    except PackageNotFoundError:
        required = []
    return [_package(requirement) for requirement in required or _WITHOUT_METADATA]


def _package(requirement: str) -> Package:
    bare = requirement.partition(";")[0].strip()
    match = re.match(r"[A-Za-z0-9._-]+", bare)
    name = match.group(0) if match else bare
    try:
        return Package(name, bare, version(name))
    except PackageNotFoundError:
        return Package(name, bare, None)


def _numbers(text: str) -> tuple[int, ...]:
    """The release part of a version: ``(2, 14, 0)`` of ``2.14.0+cpu``."""
    match = re.match(r"[0-9]+(?:\.[0-9]+)*", text)
    return tuple(int(part) for part in match.group(0).split(".")) if match else ()


def _compare(operator: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    length = max(len(found), len(wanted))
    padded = (found + (0,) * (length - len(found)), wanted + (0,) * (length - len(wanted)))
    return _COMPARE[operator](*padded)
