"""When a message was sent, as its header or an attribution says it."""

from __future__ import annotations

import pytest

from copilot.extraction.texts.moments import moment_in


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mar. 17/11/2026 09:12", "2026-11-17T09:12:00"),
        ("mar. 17 nov. 2026 à 09:12", "2026-11-17T09:12:00"),
        ("17 mar. 2026 09:12", "2026-03-17T09:12:00"),
        ("Mar 17, 2026 9:12 AM", "2026-03-17T09:12:00"),
        ("sam. 07.11.2026, 9 h 12", "2026-11-07T09:12:00"),
    ],
)
def test_a_weekday_that_is_spelt_like_a_month_is_none(words: str, expected: str) -> None:
    found = moment_in(words)
    assert found is not None
    assert found.isoformat() == expected
