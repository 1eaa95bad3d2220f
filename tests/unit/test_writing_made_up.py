"""What a model makes up of a passage's words is not shown."""

from __future__ import annotations

import pytest

from copilot.errors import ModelUngroundedError
from copilot.testing.passages import made_passage
from tests.writing import GOOD, answer_of


@pytest.mark.parametrize("label", ["", "The question: ", "**Question:** "])
async def test_a_question_without_a_question_mark_is_not_shown_again(label: str) -> None:
    ran = await answer_of(
        f"{label}Time to acknowledge a page. {GOOD}", question="acknowledge a page"
    )
    assert "Time to" not in ran.answer, "the control: this one isn't the question"
    ran = await answer_of(
        f"{label}Acknowledge the backup. {GOOD}", question="acknowledge the backup"
    )
    assert ran.answer == "You have 45 minutes to acknowledge a page. [1]"


MATCH = made_passage(
    "The All Stars won their first six games before they lost to Everton. All games since 2005 "
    "have been against teams from Europe.",
    title="Football",
)


@pytest.mark.parametrize("cited", ["", " [1]"])
async def test_what_a_thing_is_must_stand_in_one_sentence(cited: str) -> None:
    made = f"The All Stars are a team from Europe{cited}."
    ran = await answer_of(made, passages=[MATCH])
    assert isinstance(ran.error, ModelUngroundedError)
    ran = await answer_of(f"The games are against a team from Europe{cited}.", passages=[MATCH])
    assert ran.answer == "The games are against a team from Europe. [1]"


async def test_two_sentences_together_bear_out_only_what_cites_them() -> None:
    both = "The All Stars won six games before all games against teams from Europe"
    assert (await answer_of(f"{both} [1].", passages=[MATCH])).answer == f"{both}. [1]"
    assert isinstance((await answer_of(f"{both}.", passages=[MATCH])).error, ModelUngroundedError)


async def test_an_item_that_only_names_something_stands_only_over_something() -> None:
    ran = await answer_of(
        "- **Logs**:\n- **Being on call**:\n  - You have 45 minutes to acknowledge [1]", "NO_ANSWER"
    )
    assert ran.answer == "- **Being on call**:\n- You have 45 minutes to acknowledge [1]"


async def test_headings_alone_bear_nothing_out() -> None:
    page = made_passage("Snap it! Explore more.", title="The relay game about lasers")
    assert isinstance(
        (await answer_of("The relay game.", passages=[page])).error, ModelUngroundedError
    )
    told = made_passage("Snap it! Relay is a game.", title="The relay game about lasers")
    assert (
        await answer_of("The relay game.", passages=[page, told])
    ).answer == "The relay game. [1]"


async def test_a_yes_to_nothing_is_not_shown() -> None:
    page = made_passage("The judge may ask for an answer to the question. Fees are waived.")
    ran = await answer_of("The answer to the question is yes. Fees are waived.", passages=[page])
    assert ran.answer == "Fees are waived. [1]"


SPORT = made_passage(
    "American football evolved in the United States, originating from association football and "
    "rugby football. The boards collect data on water. Can you add several cards to one account?"
)


@pytest.mark.parametrize(
    ("said", "made_up"),
    [
        (
            "American football evolved from association football and rugby football",
            "Association football evolved from American football and rugby football",
        ),
        ("The boards collect data on the water", "The data on water is owned by the boards"),
        ("The boards collect data on the water", "You can add several cards to one account"),
    ],
)
async def test_a_sentence_without_a_source_is_said_by_one_sentence_in_its_order(
    said: str, made_up: str
) -> None:
    assert (await answer_of(f"{said}.", passages=[SPORT])).answer == f"{said}. [1]"
    ran = await answer_of(f"{made_up}.", passages=[SPORT])
    assert isinstance(ran.error, ModelUngroundedError)


async def test_of_a_bare_name_the_line_over_it_says_what_is_said() -> None:
    rule = made_passage("Traffic from the internet to the ports is denied: 8080. Open ports: 443.")
    ran = await answer_of("Open ports:\n- 443 [1]", passages=[rule])
    assert ran.answer == "Open ports:\n- 443 [1]"
    ran = await answer_of(
        "Ports reachable by customers from the office:\n- 8080 [1]", "NO_ANSWER", passages=[rule]
    )
    assert "8080" not in ran.shown
