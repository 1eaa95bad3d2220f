"""ARCHITECTURE.md says what the contracts hold."""

from __future__ import annotations

import re
import tomllib

from tests.corpora import REPOSITORY


def test_the_page_shows_the_layers_that_are_enforced() -> None:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    page = (REPOSITORY / "copilot" / "ARCHITECTURE.md").read_text("utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    shown = [[re.split(" {2,}", line)[0] for line in block.splitlines()] for block in blocks]
    assert layers in shown
