"""A command imports only what it needs: proved by reading sys.modules in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "torch",
    "sentence_transformers",
    "transformers",
    "lancedb",
    "pyarrow",
    "litellm",
    "duckdb",
    "onnxruntime",
    "tokenizers",
    "keyring",
    "numpy",
    "pandas",
    "textual",
}

_PROBE = """
import json, sys
sys.argv = ["copilot", *json.loads(sys.argv[1])]
from copilot.cli import main
try:
    main.main()
except SystemExit as stop:
    code = stop.code
print("\\n" + json.dumps({"code": code, "modules": sorted({m.split(".")[0] for m in sys.modules})}))
"""


def imported_by(arguments: list[str], home: Path, stdin: str = "") -> tuple[int, set[str]]:
    """The exit code of a command and the top-level names of all modules that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, json.dumps(arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        env={"PATH": "/usr/bin:/bin", "COPILOT_HOME": str(home), "HOME": str(home)},
        check=True,
    )
    found = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    return found["code"] or 0, set(found["modules"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["ask", "--help"],
        ["index", "--help"],
        ["config", "path"],
        ["config", "show"],
        ["audit", "list"],
        ["audit", "verify"],
        ["actions", "list"],
        ["policy", "check"],
    ],
    ids=" ".join,
)
def test_a_command_that_needs_no_index_or_model_imports_none(
    arguments: list[str], tmp_path: Path
) -> None:
    code, modules = imported_by(arguments, tmp_path)
    assert code == 0
    assert not modules & HEAVY


def test_help_does_not_even_import_the_settings(tmp_path: Path) -> None:
    _, modules = imported_by(["--help"], tmp_path)
    assert "pydantic" not in modules


def test_asking_and_searching_never_import_torch_or_the_ledgers_database(tmp_path: Path) -> None:
    document = tmp_path / "note.md"
    document.write_text("# Printer\n\nThe printer is in room 12.\n", encoding="utf-8")
    home = tmp_path / "home"
    code, _ = imported_by(["index", "add", str(document)], home)
    assert code == 0
    for arguments in (["search", "printer"], ["ask", "Where is the printer?"]):
        code, modules = imported_by(arguments, home)
        assert code == 0
        assert not modules & {"torch", "sentence_transformers", "transformers", "duckdb", "litellm"}
