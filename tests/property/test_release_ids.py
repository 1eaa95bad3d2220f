"""A release's id stands for its content: the same for the same, another for anything else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from copilot.messages import PromptVersion
from copilot.releases import Content

WORDS = st.text(max_size=4)
PROMPTS = st.builds(PromptVersion, WORDS, WORDS, WORDS)
CONTENTS = st.builds(
    Content,
    program=WORDS,
    settings=st.dictionaries(WORDS, st.integers() | WORDS | st.lists(WORDS, max_size=2)),
    prompts=st.lists(PROMPTS, max_size=3, unique_by=lambda one: one.id).map(tuple),
    policy=WORDS,
)


@given(CONTENTS, CONTENTS)
def test_two_contents_have_one_id_if_they_are_one(one: Content, other: Content) -> None:
    same = replace(one, prompts=()) == replace(other, prompts=()) and set(one.prompts) == set(
        other.prompts
    )
    assert (one.id == other.id) == same


@given(CONTENTS, st.randoms())
def test_the_order_in_which_it_was_found_changes_nothing(one: Content, chance: object) -> None:
    names = list(one.settings)
    chance.shuffle(names)  # type: ignore[attr-defined]
    turned = replace(
        one,
        settings={name: one.settings[name] for name in names},
        prompts=one.prompts[::-1],
    )
    assert turned.id == one.id


@given(CONTENTS, WORDS)
def test_any_part_that_changes_changes_it(one: Content, word: str) -> None:
    others = [
        replace(one, program=f"{one.program}{word}."),
        replace(one, policy=f"{one.policy}{word}."),
        replace(one, settings={**one.settings, f"more.{word}": word}),
        replace(one, prompts=(*one.prompts, PromptVersion("more than four", word, word))),
    ]
    assert len({one.id, *(other.id for other in others)}) == 5
