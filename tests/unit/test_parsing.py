"""The libraries that know how countries write telephone numbers and dates, behind their ports."""

from __future__ import annotations

from datetime import date

import pytest

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.handoff import DateWords, PhoneNumber, PhoneNumbers

PHONES: PhoneNumbers = LibPhoneNumbers()
DATES: DateWords = DateParserWords()


def test_a_national_number_is_read_by_its_country() -> None:
    assert PHONES.read("030 23125-117", region="DE") == PhoneNumber("+493023125117", valid=True)
    assert PHONES.read("030 23125-117", region="") is None


def test_a_number_that_its_country_only_may_give_out_is_not_valid() -> None:
    number = PHONES.read("+1 555 0140", region="")
    assert number is not None
    assert not number.valid


def test_a_mobile_number_is_told_by_its_range() -> None:
    number = PHONES.read("0171 3920012", region="DE")
    assert number is not None
    assert number.mobile


@pytest.mark.parametrize(
    "written",
    ["", "abc", "1", "+", "+999999999999999999", "+4910000000000000", "1" * 500, "\ud800"],
)
def test_what_is_no_telephone_number_is_none(written: str) -> None:
    assert PHONES.read(written, region="DE") is None


@pytest.mark.parametrize(
    ("written", "day"),
    [("15 gennaio 2027", date(2027, 1, 15)), ("24 grudnia 2026", date(2026, 12, 24))],
)
def test_a_full_date_is_read_in_its_language(written: str, day: date) -> None:
    assert DATES.read(written) == day


@pytest.mark.parametrize("written", ["", "gennaio", "15 gennaio", "31 febbraio 2026", "x" * 500])
def test_what_names_no_full_date_is_none(written: str) -> None:
    assert DATES.read(written) is None
