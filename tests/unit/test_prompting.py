"""Prompt files: strict about their inputs, locked by version."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import ConfigError, NotFoundError
from copilot.prompting import PromptLibrary, parse
from copilot.prompting.checking import every, flaws, locked
from tests.corpora import REPOSITORY

PROMPTS = REPOSITORY / "prompts"
FRONT = """+++
id = "area/name"
version = "1"
purpose = "Say hello."
output = "A greeting."
[inputs]
who = "The name."
[changes]
1 = "First version."
+++
"""
BODY = "\n# System\n\nBe kind.\n\n# User\n\nGreet {{who}}.\n"


def test_our_prompts_agree_with_their_lock() -> None:
    assert flaws(PromptLibrary([PROMPTS])) == []


def test_our_prompts_say_what_they_are_for() -> None:
    prompts = PromptLibrary([PROMPTS]).all()
    assert {p.id for p in prompts} >= {"answering/write", "answering/repair"}
    assert all(p.purpose and p.output and all(p.inputs.values()) for p in prompts)


def test_a_rendering_puts_each_input_in_once() -> None:
    rendered = parse(FRONT + BODY, name="x").render({"who": "{{who}} and {{what}}"})
    assert rendered.system == "Be kind."
    assert rendered.user == "Greet {{who}} and {{what}}."
    assert (rendered.version.id, rendered.version.version) == ("area/name", "1")


@pytest.mark.parametrize("values", [{}, {"who": "a", "more": "b"}])
def test_a_rendering_takes_exactly_the_declared_inputs(values: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="area/name"):
        parse(FRONT + BODY, name="x").render(values)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BODY, "front matter"),
        (FRONT + BODY.replace("{{who}}", "you"), "doesn't use who"),
        (FRONT + BODY.replace("kind", "{{mood}}"), "uses {{mood}}"),
        (FRONT + BODY.replace("kind", "{{ Mood! }}"), "braces"),
        (FRONT + "\n# System\n\nBe kind to {{who}}.\n", "# User"),
        (FRONT + "Stray.\n" + BODY, "before its first section"),
        (FRONT.replace('output = "A greeting."\n', "") + BODY, "lacks"),
        (FRONT.replace("purpose", "porpoise") + BODY, "porpoise"),
        (FRONT.replace('version = "1"', 'version = "2"') + BODY, "changes"),
        (FRONT.replace("[inputs]", "[inputs") + BODY, "TOML"),
    ],
)
def test_a_malformed_prompt_is_refused_with_its_name_and_the_reason(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, name="prompts/area/name.md")
    assert "prompts/area/name.md" in caught.value.message
    assert says in caught.value.message


def _write(folder: Path, text: str) -> PromptLibrary:
    (folder / "area").mkdir(parents=True, exist_ok=True)
    (folder / "area" / "name.md").write_text(text, encoding="utf-8")
    return PromptLibrary([folder])


def _lock(library: PromptLibrary) -> None:
    text = locked(library.ours.lock, every(library.ours))
    (library.ours.path / "lock.toml").write_text(text, encoding="utf-8")


def test_a_body_that_changed_without_its_version_is_named(tmp_path: Path) -> None:
    _lock(_write(tmp_path, FRONT + BODY))
    assert flaws(PromptLibrary([tmp_path])) == []
    changed = _write(tmp_path, FRONT + BODY.replace("kind", "curt"))
    [flaw] = flaws(changed)
    assert flaw.serious
    assert flaw.prompt == "area/name"
    with pytest.raises(ConfigError, match="locked with another text"):
        _lock(changed)


def test_a_new_version_is_added_and_the_old_one_stays_locked(tmp_path: Path) -> None:
    _lock(_write(tmp_path, FRONT + BODY))
    front = FRONT.replace('version = "1"', 'version = "2"') + ""
    front = front.replace('1 = "First version."', '1 = "First version."\n2 = "Curt."')
    library = _write(tmp_path, front + BODY.replace("kind", "curt"))
    assert "not in lock.toml" in flaws(library)[0].message
    _lock(library)
    after = PromptLibrary([tmp_path])
    assert flaws(after) == []
    assert set(after.ours.lock["area/name"]) == {"1", "2"}


def test_line_ends_don_t_change_a_digest() -> None:
    unix, windows = FRONT + BODY, (FRONT + BODY).replace("\n", "\r\n")
    assert parse(unix, name="x").digest == parse(windows, name="x").digest


def test_the_users_own_prompt_comes_before_ours(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    _write(ours, FRONT + BODY)
    _write(theirs, FRONT + BODY.replace("kind", "curt"))
    assert PromptLibrary([theirs, ours]).get("area/name").system == "Be curt."


def test_a_prompt_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="area/none"):
        PromptLibrary([tmp_path]).get("area/none")


def test_an_id_that_is_not_its_path_is_refused(tmp_path: Path) -> None:
    library = _write(tmp_path, FRONT.replace("area/name", "area/other") + BODY)
    with pytest.raises(ConfigError, match="area/other"):
        library.get("area/name")
