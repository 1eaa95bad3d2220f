"""What a release is made of: what decides counts, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.config.deciding import ASIDE, deciding
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.prompting import PromptLibrary
from copilot.releases import in_force
from tests.corpora import REPOSITORY

PROMPTS = REPOSITORY / "prompts"


def _id(home: Path, **tables: object) -> str:
    paths = Paths(home, home, home, home, "COPILOT_HOME")
    library = PromptLibrary([paths.prompts, PROMPTS])
    return in_force(Settings.model_validate(tables), paths, library).id


@pytest.mark.parametrize(
    "tables",
    [
        {"answer": {"max_words": 99}},
        {"embedding": {"model": "another"}},
        {"models": {"answer": "openai/small"}},
        {"models": {"answer": "a", "routes": {"answer": {"then": ["b"]}}}},
        {"models": {"at": {"ours": {"model": "openai/x", "api_base": "http://there"}}}},
        {"models": {"temperature": 0.5}},
        {"extraction": {"products": {"Lamp": ["light"]}}},
    ],
)
def test_what_decides_an_answer_or_a_record_makes_another_release(
    tables: dict[str, object], tmp_path: Path
) -> None:
    assert _id(tmp_path, **tables) != _id(tmp_path)


@pytest.mark.parametrize(
    "tables",
    [
        {"principal": {"name": "ann", "groups": ["hr"]}},
        {"models": {"key": "work", "retries": 5, "total_timeout_s": 9}},
        {"models": {"prices": {"x": {"input": 1, "output": 2}}}},
        {"output": {"color": "never"}},
        {"extraction": {"jobs": 3}},
    ],
)
def test_who_asks_and_how_a_model_is_reached_belong_to_no_release(
    tables: dict[str, object], tmp_path: Path
) -> None:
    assert _id(tmp_path, **tables) == _id(tmp_path)


def test_of_every_section_it_is_known_whether_it_decides() -> None:
    """A new one is to be thought about: does it change what an answer or a record says?"""
    decide = {"embedding", "search", "answer", "models", "extraction"}
    carry = {
        "principal",
        "index",
        "actions",
        "ledger",
        "retention",
        "audit",
        "telemetry",
        "alerts",
        "kpi",
        "output",
        "tui",
        "budgets",
        "cache",
    }
    assert set(ASIDE) == decide
    assert set(Settings.model_fields) == decide | carry


def test_no_name_of_a_key_is_part_of_it() -> None:
    at = {"ours": {"model": "openai/x", "key": "mine"}}
    models = {"answer": "ours", "key": "theirs", "at": at}
    found = deciding(Settings.model_validate({"models": models}))
    assert "mine" not in str(found)
    assert "theirs" not in str(found)
    assert "openai/x" in str(found)


def test_a_prompt_of_the_users_own_and_a_policy_make_another_release(tmp_path: Path) -> None:
    first = _id(tmp_path)
    own = tmp_path / "prompts" / "answering" / "write.md"
    own.parent.mkdir(parents=True)
    text = (PROMPTS / "answering" / "write.md").read_text(encoding="utf-8")
    own.write_text(text, encoding="utf-8")
    assert _id(tmp_path) == first
    own.write_text(text.replace("You answer", "You kindly answer"), encoding="utf-8")
    second = _id(tmp_path)
    own.write_text("broken", encoding="utf-8")
    third = _id(tmp_path)
    own.unlink()
    (tmp_path / "policy.toml").write_text("# nothing is allowed\n", encoding="utf-8")
    fourth = _id(tmp_path)
    assert len({first, second, third, fourth}) == 4
