"""Experiments with how records are read, behind a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.config.paths import Paths
from copilot.flags import Asker
from copilot.flags.deciding import assign
from copilot.flags.reading import read
from copilot.records import ApprovalDecided
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Finished, run_cli
from tests.modelled import records, said

NOTE = "Spoke to Dana Reyes today; reach her at dana.reyes@veldmann.example.\n"
GIVEN = records({"name": said("Dana Reyes", "Dana Reyes")})
FLAGS = """\
[experiments.reader]
variants = { control = {}, b = { "extraction.model" = "openai/other" } }
"""


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        server.script(scripted.text(json.dumps(GIVEN)))
        yield server


@pytest.fixture
def home(tmp_path: Path, server: OpenAIServer) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(
        f'[models]\napi_base = "{server.url}"\nretries = 0\n[extraction]\nmodel = "openai/one"\n'
    )
    (home / "flags.toml").write_text(FLAGS)
    return home


def extracted(home: Path, who: str, *options: str) -> Finished:
    env = {"COPILOT_PRINCIPAL__NAME": who, "OPENAI_API_KEY": "sk-test"}
    done = run_cli("extract", "crm_contact", *options, home=home, stdin=NOTE, env=env)
    assert done.code == 0, done.err
    return done


def test_who_reads_sticks_to_a_variant_which_is_recorded_and_told(
    home: Path, server: OpenAIServer
) -> None:
    [experiment] = read(FLAGS.encode(), Path("flags.toml")).experiments.values()
    people = {assign(experiment, Asker(f"p{n}")).variant: f"p{n}" for n in range(9)}
    asked: dict[str, set[str]] = {}
    runs: dict[str, str] = {}
    for variant, who in [*people.items()] * 2:
        before = len(server.requests)
        runs[variant] = extracted(home, who).envelope["run_id"]
        asked.setdefault(variant, set()).update(
            str(one.body["model"]) for one in server.requests[before:]
        )
    assert asked == {"control": {"one"}, "b": {"other"}}
    extracted(home, people["b"], "--rules")
    paths = Paths.from_environment({"COPILOT_HOME": str(home)})
    edited = ApprovalDecided("p-1", "desk.create", "edited", "person", people["b"])
    decide(paths.ledger, runs["b"], edited)
    told = run_cli("stats", "experiment", "reader", "--json", home=home).envelope
    assert (told["runs_of"], told["job"]) == ("extract", "extract")
    rows = {row["variant"]: row for row in told["rows"]}
    assert {(row["runs"], row["units"]) for row in rows.values()} == {(2, 1)}
    assert rows["control"]["first_time"] == rows["b"]["first_time"] == 1.0
    assert (rows["b"]["edited"], rows["control"]["edited"]) == (1.0, None)
    shown = run_cli("stats", "experiment", "reader", home=home).out
    assert "first time" in shown
    assert "grounded" not in shown
    refused = run_cli("flags", "shadow", "reader", home=home)
    assert (refused.code, "aren't kept to be read again" in refused.err) == (2, True)


def decide(ledger: Path, run_id: str, decision: ApprovalDecided) -> None:
    from copilot.adapters.ledger.spool import SpoolRunWriter

    writer = SpoolRunWriter(ledger, bodies=True)
    writer.append(run_id, decision)
    writer.close()


def test_a_variant_may_be_rules_and_one_that_is_over_reads_as_configured(
    home: Path, server: OpenAIServer
) -> None:
    [experiment] = read(FLAGS.encode(), Path("flags.toml")).experiments.values()
    who = next(f"p{n}" for n in range(9) if assign(experiment, Asker(f"p{n}")).variant == "b")
    flags = home / "flags.toml"
    flags.write_text(FLAGS.replace("openai/other", ""))
    assert extracted(home, who).envelope["usage"]["model"] == "rules"
    assert not server.requests
    flags.write_text(FLAGS.replace("[experiments.reader]", '[experiments.reader]\nstate = "done"'))
    assert extracted(home, who).envelope["usage"]["model"] == "openai/one"
