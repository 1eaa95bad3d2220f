"""What is looked at before a name is left out only where no wording could fit."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.extraction.people import wordings


def endings(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Words that end as the pattern says."""
    letters = st.characters(codec="latin-1")
    return st.from_regex(pattern, alphabet=letters).filter(
        lambda words: pattern.search(words) is not None
    )


@settings(max_examples=400, deadline=None)
@given(before=endings(wordings.MEETS))
def test_each_wording_of_a_meeting_ends_with_a_word_that_is_looked_for(before: str) -> None:
    assert wordings.last_word(before) in wordings.MEETS_LAST


@settings(max_examples=400, deadline=None)
@given(before=endings(wordings.INTRODUCES))
def test_each_introduction_ends_with_a_word_that_is_looked_for_or_a_comma(before: str) -> None:
    known = wordings.last_word(before) in wordings.INTRODUCES_LAST
    assert known or before.rstrip().endswith(",")


@settings(max_examples=400, deadline=None)
@given(
    before=st.one_of(
        *(
            endings(pattern)
            for pattern in (
                wordings.SPEAKS_FOR,
                wordings.IS_A_FIRM,
                wordings.PEOPLE_OF,
                wordings.IS_CALLED,
                wordings.WORKS_AT,
            )
        )
    )
)
def test_each_wording_before_a_company_ends_with_a_word_that_is_looked_for(before: str) -> None:
    assert wordings.may_name_a_company(before)
