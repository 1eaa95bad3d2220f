"""Versions of a prompt side by side: which one is used, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import ConfigError
from copilot.prompting import Prompt, PromptLibrary, of_then, parse
from copilot.prompting.checking import flaws
from copilot.prompting.files import written
from copilot.prompting.folders import as_tables

ID = "area/name"


def text(version: str, says: str, *, changes: str = "", inputs: str = 'who = "The name."') -> str:
    """A prompt file; ``changes`` are the versions before it, one a character."""
    lines = "".join(f'"{one}" = "Older."\n' for one in changes if one != version)
    return (
        f'+++\nid = "{ID}"\nversion = "{version}"\npurpose = "Greet."\noutput = "A greeting."\n'
        f'[inputs]\n{inputs}\n[changes]\n{lines}"{version}" = "This."\n+++\n'
        f"\n# User\n\n{says} {{{{who}}}}.\n"
    )


class Shelf:
    """The user's folder and ours."""

    def __init__(self, folder: Path) -> None:
        self.theirs, self.ours = folder / "theirs", folder / "ours"

    def put(self, folder: Path, name: str, content: str) -> None:
        file = folder / "area" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    def point(self, folder: Path, label: str, version: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "labels.toml").write_text(as_tables({label: {ID: version}}), encoding="utf-8")

    @property
    def library(self) -> PromptLibrary:
        return PromptLibrary([self.theirs, self.ours])

    @property
    def used(self) -> str:
        return self.library.get(ID).version

    @property
    def told(self) -> list[str]:
        return [flaw.message for flaw in flaws(self.library) if "lock.toml" not in flaw.message]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put(shelf.ours, "name.md", text("2", "Good day", changes="1"))
    shelf.put(shelf.ours, "name@1.md", text("1", "Hello"))
    return shelf


def test_the_file_without_a_version_in_its_name_is_used(shelf: Shelf) -> None:
    assert shelf.used == "2"


def test_a_label_of_ours_chooses_and_the_users_own_file_goes_before_it(shelf: Shelf) -> None:
    shelf.point(shelf.ours, "production", "1")
    assert shelf.used == "1"
    shelf.put(shelf.theirs, "name.md", text("2-mine", "Hi", changes="12"))
    assert shelf.used == "2-mine"


def test_the_users_label_goes_before_the_users_file(shelf: Shelf) -> None:
    shelf.put(shelf.theirs, "name.md", text("2-mine", "Hi", changes="12"))
    shelf.point(shelf.theirs, "production", "1")
    assert shelf.used == "1"
    assert shelf.library.get(ID).user == "Hello {{who}}."


def test_a_candidate_is_not_used_until_it_is_asked_for(shelf: Shelf) -> None:
    shelf.point(shelf.theirs, "candidate", "1")
    assert shelf.used == "2"
    found = shelf.library.labelled(ID, "candidate")
    assert found is not None
    assert found.prompt.version == "1"


def test_a_label_for_a_version_that_is_not_there_is_an_error_with_the_way_out(shelf: Shelf) -> None:
    shelf.point(shelf.theirs, "production", "7")
    with pytest.raises(ConfigError, match="version 7") as caught:
        shelf.library.get(ID)
    assert str(shelf.theirs / "labels.toml") in caught.value.message
    assert f"copilot prompts use {ID} default" in caught.value.hint
    assert shelf.told == [caught.value.message]


@pytest.mark.parametrize(
    ("inputs", "says", "named"),
    [
        ('who = "The name."\nmood = "How."', "{{mood}}, hello", "nothing fills mood"),
        ('whom = "The name."', "{{whom}}", "[inputs] doesn't declare"),
    ],
)
def test_a_variable_that_nothing_fills_is_refused_with_file_name_and_remedy(
    shelf: Shelf, inputs: str, says: str, named: str
) -> None:
    shelf.put(shelf.theirs, "name.md", text("3", says, changes="12", inputs=inputs))
    with pytest.raises(ConfigError) as caught:
        shelf.library.get(ID)
    assert named in caught.value.message
    assert str(shelf.theirs / "area" / "name.md") in caught.value.message
    assert "who" in caught.value.hint
    assert caught.value.message in shelf.told


def test_a_prompt_of_ones_own_that_is_made_from_an_older_version_is_told(shelf: Shelf) -> None:
    shelf.put(shelf.theirs, "name.md", text("1-mine", "Hi", changes="1"))
    assert shelf.told == [f"{ID}: yours is made from version 1, ours is 2 now"]
    assert not any(flaw.serious for flaw in flaws(shelf.library) if "yours" in flaw.message)


def test_a_text_of_ones_own_under_our_version_is_told(shelf: Shelf) -> None:
    shelf.put(shelf.theirs, "name.md", text("2", "Hi", changes="1"))
    assert shelf.told == [f"{ID}: yours is version 2, as ours, with another text"]


def test_a_name_that_says_another_version_than_the_file_is_told(shelf: Shelf) -> None:
    shelf.put(shelf.ours, "name@5.md", text("4", "Ho"))
    assert any("its name says 5" in message for message in shelf.told)


# --- examples -------------------------------------------------------------------------------

EXAMPLES = (
    '{"input": "How do I restart the printer?", "output": "PRINTER"}\n'
    '{"input": "Where is the canteen?", "output": "CANTEEN"}\n'
    '{"input": "The printer is restarting again and again", "output": "LOOP"}\n'
)
FEW = """+++
id = "area/name"
version = "1"
purpose = "Answer."
output = "A word."
[inputs]
question = "What is asked."
[changes]
1 = "First."
[examples]
file = "name.examples.jsonl"
by = "question"
most = 2
tokens = 40
form = '''Q: {{input}}
A: {{output}}'''
+++

# User

{{examples}}

Q: {{question}}
"""


def few(front: str = FEW, examples: str = EXAMPLES) -> Prompt:
    return parse(front, name="area/name.md", beside=lambda name: examples)


def test_the_nearest_examples_are_shown_and_the_nearest_of_them_last() -> None:
    user = few().render({"question": "restarted printer, again?"}).user
    assert user == (
        "Q: How do I restart the printer?\nA: PRINTER\n\n"
        "Q: The printer is restarting again and again\nA: LOOP\n\nQ: restarted printer, again?"
    )
    assert "CANTEEN" in few().render({"question": "Is the canteen open?"}).user


def test_no_example_is_shown_for_what_none_is_like() -> None:
    assert few().render({"question": "zebra"}).user.strip() == "Q: zebra"


def test_no_more_examples_are_shown_than_their_budget_holds() -> None:
    small = few(FEW.replace("tokens = 40", "tokens = 13"))
    user = small.render({"question": "How do I restart the printer again?"}).user
    assert user.count("A:") == 1
    none = few(FEW.replace("tokens = 40", "tokens = 5"))
    assert none.render({"question": "printer"}).user.strip() == "Q: printer"


def test_an_example_that_changes_changes_the_digest() -> None:
    assert few().digest != few(examples=EXAMPLES.replace("LOOP", "FAULT")).digest
    assert few().digest != few(FEW.replace("most = 2", "most = 1")).digest


def test_an_example_that_holds_braces_is_no_template() -> None:
    tricky = few(examples='{"input": "printer {{question}}", "output": "{{examples}}"}')
    user = tricky.render({"question": "printer"}).user
    assert "Q: printer {{question}}\nA: {{examples}}" in user


@pytest.mark.parametrize("prompt", [few(), parse(text("1", "Hello"), name="x")])
def test_what_a_run_recorded_and_what_we_write_make_the_same_prompt(prompt: Prompt) -> None:
    rendered = prompt.render(dict.fromkeys(prompt.inputs, "printer"))
    then = of_then(rendered.version, rendered.template)
    assert then is not None
    assert then.render(dict.fromkeys(then.inputs, "printer")) == rendered
    file, examples = written(prompt)
    assert parse(file, name="x", beside=lambda name: examples) == prompt


@pytest.mark.parametrize(
    ("front", "examples", "says"),
    [
        (FEW.replace("{{examples}}", ""), EXAMPLES, "doesn't use examples"),
        (FEW.replace("{{output}}", "?"), EXAMPLES, "form"),
        (FEW.replace('by = "question"', 'by = "mood"'), EXAMPLES, "by is mood"),
        (FEW.replace("most = 2", "most = 900"), EXAMPLES, "from 1 to 20"),
        (FEW.replace("tokens = 40", "tokens = 0"), EXAMPLES, "from 1 to"),
        (FEW.replace("name.examples.jsonl", "../../x"), EXAMPLES, "beside it"),
        (FEW, '{"input": "x"}', "example 1"),
        (FEW, "no JSON", "name.examples.jsonl"),
        (FEW, "", "holds no example"),
        (FEW.replace('question = "What', 'examples = "E."\nquestion = "What'), EXAMPLES, "fills"),
    ],
)
def test_examples_that_can_t_be_used_are_refused_by_name(
    front: str, examples: str, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        few(front, examples)
    assert "area/name.md" in caught.value.message
    assert says in caught.value.message


def test_examples_may_stand_in_a_toml_file() -> None:
    front = FEW.replace(".jsonl", ".toml")
    toml = '[[example]]\ninput = "printer"\noutput = "PRINTER"\n'
    assert "A: PRINTER" in few(front, toml).render({"question": "printer"}).user
