"""Tables and JSON that programs export are read as forms, a record to each row."""

from __future__ import annotations

import pytest

from copilot.extracted import SourceText
from copilot.extraction.reading import SegmentKind
from copilot.extraction.texts import form_fields, read

CSV = """\
First Name,Last Name,Company,Email,Notes
Ida,Roth,"Roth, Sohn & Co",ida@roth.example,
Åke,Berg,Berg AB,ake@berg.example,likes "tea"
"""
PIPES = """\
Contacts:

| Name | E-Mail | Phone |
|------|--------|-------|
| Ida Roth | ida@roth.example | 0511 447700 |
| Åke Berg | | 0511 447701 |

See you
"""
TABS = "Name\tFirma\tTelefon\r\nIda Roth\tRoth KG\t0511 447700\r\n"
JSON = '[{"firstName": "Ida", "job_title": "Buyer", "seats": 12}, {"firstName": "Åke"}]'


def cells(text: str) -> list[tuple[int, str, str]]:
    reading = read(SourceText(name="x", text=text, digest=""))
    return [
        (one.row, one.name, reading.quote(one.value))
        for segment in reading.segments
        if segment.kind is SegmentKind.FORM
        for one in form_fields(text, segment.start, segment.end)
        if one.row and one.value.start < one.value.end
    ]


def test_each_row_below_column_names_is_a_record() -> None:
    assert cells(CSV) == [
        (1, "First Name", "Ida"), (1, "Last Name", "Roth"), (1, "Company", "Roth, Sohn & Co"),
        (1, "Email", "ida@roth.example"),
        (2, "First Name", "Åke"), (2, "Last Name", "Berg"), (2, "Company", "Berg AB"),
        (2, "Email", "ake@berg.example"), (2, "Notes", 'likes "tea"'),
    ]  # fmt: skip
    assert cells(TABS) == [
        (1, "Name", "Ida Roth"), (1, "Firma", "Roth KG"), (1, "Telefon", "0511 447700"),
    ]  # fmt: skip


def test_a_cell_that_is_empty_keeps_its_column() -> None:
    assert cells(PIPES)[-2:] == [(2, "Name", "Åke Berg"), (2, "Phone", "0511 447701")]


def test_members_of_json_are_cells_and_its_objects_rows() -> None:
    assert cells(JSON) == [
        (1, "first Name", "Ida"), (1, "job title", "Buyer"), (1, "seats", "12"),
        (2, "first Name", "Åke"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Please send me name, e-mail, phone.\nIda, ida@roth.example, 0511 447700\n",
        "We met Ida, Åke, Piet\nand Tom, Ann, Lou\n",
        "Name, company, phone\n\nThat is what I need from all of you.\n",
        'The call returned {"name": "Ida"} and hung.\n',
    ],
)
def test_sentences_are_no_table(text: str) -> None:
    assert cells(text) == []
