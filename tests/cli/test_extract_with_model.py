"""``copilot extract`` with a model behind a real socket: a strong one, a weak one, a broken one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Finished, run_cli
from tests.modelled import records, said

NOTE = (
    "Spoke to Dana Reyes of Veldmann Logistics today, 3 pm.\n"
    "She is Head of Dispatch; reach her at dana.reyes@veldmann.example or +49 30 901820.\n"
)
STRONG = {
    "name": said("Dana Reyes", "Dana Reyes"),
    "job_title": said("Head of Dispatch", "Head of Dispatch"),
    "company": said("Veldmann Logistics", "Veldmann Logistics"),
    "email": said("dana.reyes@veldmann.example", "dana.reyes@veldmann.example"),
    "phone": said("+4930901820", "+49 30 901820"),
}
# What a model of 135 million parameters gives: the first number of the text, for every field.
WEAK = {name: said("3", "3") for name in STRONG} | {"language": said("en", "Spoke to")}


class Model:
    """``copilot extract crm_contact`` with what the model is to answer."""

    def __init__(self, server: OpenAIServer, home: Path) -> None:
        self.server = server
        self._home = home

    def __call__(self, *replies: Any) -> Finished:
        self.server.script(
            *(one if isinstance(one, scripted.Reply) else told(one) for one in replies)
        )
        model = {
            "COPILOT_EXTRACTION__MODEL": "openai/scripted",
            "COPILOT_MODELS__API_BASE": self.server.url,
            "OPENAI_API_KEY": "sk-test",
        }
        done = run_cli(
            *("extract", "crm_contact"),
            home=self._home,
            stdin=NOTE,
            env=model,
        )
        assert "Traceback" not in done.err
        return done


def told(data: Any) -> scripted.Reply:
    return scripted.text(json.dumps(data, ensure_ascii=False))


@pytest.fixture(scope="module")
def by_rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The record that rules read alone."""
    home = tmp_path_factory.mktemp("home")
    record = run_cli("extract", "crm_contact", home=home, stdin=NOTE).envelope["record"]
    assert record["email"] == "dana.reyes@veldmann.example"
    assert isinstance(record, dict)
    return record


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    home = tmp_path / "home"
    home.mkdir()
    with OpenAIServer() as server:
        yield Model(server, home)


def test_what_a_model_reads_is_proven_and_paid_for(model: Model) -> None:
    done = model(records(STRONG))
    assert done.code == 0, done.err
    envelope = done.envelope
    for name, expected in STRONG.items():
        field = envelope["fields"][name]
        assert field["value"] == envelope["record"][name] == expected["value"]
        assert NOTE[field["start"] : field["end"]] == field["quote"] == expected["quote"]
        assert field["read_by"] == "openai/scripted"
    assert envelope["fields"]["mobile"]["null_reason"] == "not_stated"
    assert envelope["usage"]["model"] == "openai/scripted"
    assert envelope["usage"]["input_tokens"] == 11
    assert len(model.server.requests) == 1


def test_a_weak_model_costs_nothing_that_rules_read(model: Model, by_rules: dict[str, Any]) -> None:
    done = model(records(WEAK, WEAK), {})
    assert done.code == 0, done.err
    assert done.envelope["record"] == by_rules  # one record, and one line
    assert "of what openai/scripted gave, most wasn't proven; rules read the text" in done.err
    assert len(model.server.requests) == 2


@pytest.mark.parametrize(
    "answer",
    ["The contact is Dana Reyes, and I can't help with that.", '{"records": [{"name": {"quo'],
    ids=["prose", "cut"],
)
def test_a_model_that_gives_no_record_leaves_the_text_to_rules(
    model: Model, by_rules: dict[str, Any], answer: str
) -> None:
    done = model(scripted.text(answer))
    assert done.code == 0, done.err
    assert done.envelope["record"] == by_rules
    assert {field["read_by"] for field in done.envelope["fields"].values()} == {"rules"}
    assert "Dana" not in done.err
