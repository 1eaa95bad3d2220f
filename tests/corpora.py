"""Where the real corpora and labelled sets are, for the tests and benches that need them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def data_root() -> Path | None:
    """The folder that holds ``corpora/`` and ``sets/``; None where it is absent."""
    configured = os.environ.get("COPILOT_TEST_DATA")
    if configured and not (Path(configured) / "corpora").is_dir():
        pytest.fail(f"COPILOT_TEST_DATA is {configured}, which has no folder corpora")
    root = Path(configured) if configured else REPOSITORY.parent / "shared" / "data"
    return root if (root / "corpora").is_dir() else None


def corpora_root() -> Path:
    """The ``corpora`` folder; skips the test with the reason when there is none."""
    root = data_root()
    if root is None:
        pytest.skip("the real corpora are absent; set COPILOT_TEST_DATA to their folder")
    return root / "corpora"


def sets_root() -> Path:
    """The ``sets`` folder; skips the test with the reason when there is none."""
    root = data_root()
    if root is None:
        pytest.skip("the labelled sets are absent; set COPILOT_TEST_DATA to their folder")
    return root / "sets"
