"""Checks of the machine: Python, installed packages, home, configuration, terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from copilot.config.paths import HOME_VARIABLE, Paths, has_utf_8_name
from copilot.doctor.findings import Finding, Probes, TerminalFacts, ok, problem, warning
from copilot.doctor.packages import UNSAFE, Package, needed_packages
from copilot.errors import ExitCode

_OLDEST, _NEWEST = (3, 11), (3, 13)
_LITTLE_SPACE = 500_000_000  # bytes; an index of 10 000 passages with its versions takes a fifth
_NO_SPACE = 1_000_000
_MOVE_HOME = f"{HOME_VARIABLE}=/path/you/can/write copilot doctor"


def python_version() -> Iterator[Finding]:
    found = sys.version_info[:2]
    shown = ".".join(map(str, sys.version_info[:3]))
    if _OLDEST <= found <= _NEWEST:
        yield ok("Python", shown)
    else:
        fix = "python3.13 -m venv .venv && .venv/bin/pip install ."
        yield problem("Python", f"{shown}, and 3.11 to 3.13 is needed", fix, code=ExitCode.USAGE)


def packages() -> Iterator[Finding]:
    """Every package that copilot requires: there, in a fitting version, and not a known trap."""
    wanted = needed_packages()
    bad = [_bad_package(package) for package in wanted]
    found = [finding for finding in bad if finding is not None]
    yield from found
    if not found:
        yield ok("packages", f"{len(wanted)} required packages fit")


def _bad_package(package: Package) -> Finding | None:
    version = package.installed
    if version in UNSAFE.get(package.name, ()):
        return problem(
            "packages",
            f"{package.name} {version} is a malicious release; treat the keys on this machine "
            "as stolen",
            "Take it off the network, upgrade nothing, and revoke every key from another machine; "
            f"then make a new environment with '{package.requirement}'",
            code=ExitCode.USAGE,
        )
    fix = f"pip install '{package.requirement}'"
    if version is None:
        detail = f"{package.name} is missing"
        return problem("packages", detail, fix, code=ExitCode.USAGE)
    if not package.fits():
        return warning("packages", f"{package.name} {version} is not {package.requirement}", fix)
    return None


def home(paths: Paths) -> Iterator[Finding]:
    """Whether the home can be written, without writing to it."""
    if paths.home_kind == "none":
        detail = "HOME is not set, so there is nowhere to keep anything"
        yield problem("home", detail, _MOVE_HOME, code=ExitCode.USAGE)
        return
    for folder in dict.fromkeys((paths.data, paths.config, paths.cache_home, paths.state)):
        nearest = _nearest_existing(folder)
        if nearest is None or not nearest.is_dir():
            detail = f"{folder}: {nearest or folder.anchor} is not a folder"
            yield problem("home", detail, _MOVE_HOME, code=ExitCode.USAGE)
            return
        if not os.access(nearest, os.W_OK | os.X_OK):
            detail = f"{folder} can't be {'written' if nearest == folder else 'created'}"
            fix = f"chmod u+wx {nearest}, or: {_MOVE_HOME}"
            yield problem("home", detail, fix, code=ExitCode.USAGE)
            return
        if not has_utf_8_name(folder):
            detail = f"the name of {folder} is not UTF-8; databases need that"
            yield problem("home", detail, _MOVE_HOME, code=ExitCode.USAGE)
            return
        free = shutil.disk_usage(nearest).free
        detail, fix = f"{folder} has {free // 1_000_000} MB left", f"Make room, or {_MOVE_HOME}"
        if free < _NO_SPACE:
            yield problem("home", detail, fix, code=ExitCode.USAGE)
            return
        if free < _LITTLE_SPACE:
            yield warning("home", detail, fix)
            return
    yield ok("home", f"{paths.data} ({paths.home_kind})")
    if paths.data.exists() and paths.data.stat().st_mode & 0o022:
        fix = f"chmod go-w {paths.data}"
        yield warning("home", f"{paths.data} can be written by other users", fix)


def _nearest_existing(folder: Path) -> Path | None:
    return next((path for path in (folder, *folder.parents) if path.exists()), None)


def configuration(probes: Probes) -> Iterator[Finding]:
    found = probes.configuration
    for each in found.problems:
        fix = each.hint or f"Edit it: {probes.paths.config_file}"
        yield problem("configuration", each.message, fix, code=ExitCode.USAGE)
    for text in found.warnings:
        pinned = found.release and text.startswith(f"release {found.release} ")
        fix = "copilot release activate files" if pinned else "copilot config trust"
        yield warning("configuration", text, fix)
    if found.problems:
        return
    changed = sum(1 for origin in found.provenance.values() if origin != "default")
    yield ok("configuration", f"valid, settings that differ from the defaults: {changed}")


def terminal(facts: TerminalFacts) -> Iterator[Finding]:
    if facts.encoding.lower().replace("-", "") != "utf8":
        fix = "export LANG=C.UTF-8 (or PYTHONUTF8=1)"
        yield warning("terminal", f"its encoding is {facts.encoding}, not UTF-8", fix)
        return
    can = [name for name, yes in (("colour", facts.colour), ("links", facts.links)) if yes]
    kind = "a terminal" if facts.interactive else "a pipe or file"
    yield ok("terminal", f"{kind}, UTF-8, {' and '.join(can) if can else 'no colour, no links'}")
