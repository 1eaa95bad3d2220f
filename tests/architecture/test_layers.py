"""The house's walls: import contracts, sizes, and vocabulary that imports nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpora import REPOSITORY

PACKAGE = REPOSITORY / "copilot"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 60


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "errors",
        "messages",
        "codec",
        "records",
        "inputs",
        "extracted",
        "schemas",
        "events",
        "proposals",
        "ports",
        "handoff",
    ],
)
def test_the_vocabulary_needs_the_standard_library_only(name: str) -> None:
    tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
    for module in _run_time_imports(tree):
        top = module.split(".")[0]
        assert top == "copilot" or top in sys.stdlib_module_names, f"{name} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES_IN_A_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            most = MOST_LINES_IN_A_FUNCTION + (20 if "cli" in path.parts else 0)
            assert length <= most, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_responsible_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


# The command line's boundary, and that of the core's own process; Rust's panics, which derive from
# BaseException alone; and the code of a class that a person names as their schema, which may raise
# anything.
BROAD_EXCEPTS = {
    "cli/main.py",
    "serving/host.py",
    "adapters/index/failures.py",
    "adapters/schemas/record_classes.py",
}


def test_a_broad_except_stands_in_its_named_places_only() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
    }
    assert found == BROAD_EXCEPTS


def _is_broad(handled: ast.expr | None) -> bool:
    if handled is None:
        return True
    names = handled.elts if isinstance(handled, ast.Tuple) else [handled]
    return any(isinstance(n, ast.Name) and n.id in ("Exception", "BaseException") for n in names)


def _run_time_imports(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
