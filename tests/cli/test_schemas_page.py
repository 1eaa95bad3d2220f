"""The page on schemas tells what the code does: its example gives what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from copilot.schemas import FieldRole
from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

PAGE = (REPOSITORY / "data" / "schemas" / "README.md").read_text(encoding="utf-8")


def test_its_example_reads_what_it_says(tmp_path: Path, cli: Cli) -> None:
    schema, record = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    [mail] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "parcel.json").write_text(schema, encoding="utf-8")
    (tmp_path / "mail.eml").write_text(mail, encoding="utf-8")
    done = cli("extract", str(tmp_path / "parcel.json"), str(tmp_path / "mail.eml"), "--json")
    assert done.code == 0, done.err
    assert done.envelope["record"] == json.loads(record)


def test_it_names_every_role() -> None:
    told = PAGE[PAGE.index("Roles: ") :].partition(".")[0]
    assert re.findall(r"`(\w+)`", told) == [role.value for role in FieldRole]
