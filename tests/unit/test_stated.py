"""What rules read in a text counts for a model's values, and is none of them by itself."""

from __future__ import annotations

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.config.records import ExtractionSettings
from copilot.extraction.finding.finding import Parsers
from copilot.extraction.modelled import finder
from tests.modelled import a_text, read, records, said
from tests.schemas import loaded

TEXT = "Since yesterday the web portal is down. Call 030 23125 100 by the end of the month."
SETTINGS = ExtractionSettings(products={"Ordivane Web": ("web portal",)}, region="DE")
FOUND = finder(SETTINGS, Parsers(phones=LibPhoneNumbers(), dates=DateParserWords()))
GIVEN = records(
    {
        "product": said("web portal", "the web portal"),
        "requester_phone": said("+493023125100", "030 23125 100"),
        "due_date": said("2026-11-30", "by the end of the month"),
        "occurred_at": said("2026-11-19", "Since yesterday"),
    }
)
RIGHT = {
    "product": "Ordivane Web",
    "requester_phone": "+493023125100",
    "due_date": "2026-11-30",
    "occurred_at": "2026-11-19",
}


async def test_a_configured_name_and_a_relative_date_are_proven_by_what_rules_read() -> None:
    source = a_text(TEXT)
    done = await read(source, loaded("ticket"), GIVEN, found=FOUND(source))
    assert done.values == RIGHT
    assert len(done.requests) == 1


async def test_without_them_what_cannot_be_told_is_null() -> None:
    done = await read(a_text(TEXT), loaded("ticket"), GIVEN, {})
    assert done.values["product"] == "web portal"
    assert done.reasons["due_date"] == "value_not_in_quote"


async def test_what_rules_read_is_no_value_unless_the_model_gave_it() -> None:
    source = a_text(TEXT)
    done = await read(source, loaded("ticket"), records({}), found=FOUND(source))
    assert done.values == {}
