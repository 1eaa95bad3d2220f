"""Word, slides, workbooks, PDF, books: structure, places, and what damaged files come to."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from copilot.adapters.readers import containers
from copilot.adapters.readers.base import Input
from copilot.adapters.readers.registry import read_documents, read_input
from copilot.errors import ReadError, SkippedInputError
from copilot.messages import Block, ParsedDocument
from tests.documents import build, pdf, placed_pdf


def read(name: str, folder: Path) -> ParsedDocument:
    (document,) = read_documents(build(name, folder))
    return document


def read_pdf(pages: list[list[str]]) -> ParsedDocument:
    (document,) = read_input(Input(Path("sample.pdf"), pdf(pages)))
    return document


def read_rtf(text: str) -> tuple[Block, ...]:
    (document,) = read_input(Input(Path("a.rtf"), text.encode("ascii")))
    return document.blocks


def test_word_has_headings_numbered_items_and_rows(tmp_path: Path) -> None:
    document = read("docx", tmp_path)
    assert document.title == "Leave policy"
    assert [(b.kind, b.text, b.locator.start) for b in document.blocks] == [
        ("heading", "Leave", 1),
        ("paragraph", "Everyone has 28 days of leave. Carry over five.", 2),
        ("heading", "Asking for leave", 3),
        ("list_item", "Write to your lead", 4),
        ("list_item", "Enter it in the calendar", 5),
        ("table", "Country: Austria; Holidays: 13", 6),
    ]
    assert document.modified_at is None  # the template's own date says nothing


def test_slides_have_titles_notes_and_tables_of_their_own(tmp_path: Path) -> None:
    blocks = read("pptx", tmp_path).blocks
    assert [(b.text, b.locator.start, b.part) for b in blocks] == [
        ("Roadmap", 1, "slide 1"),
        ("Search in spring", 1, "slide 1"),
        ("Alerts in fall", 1, "slide 1"),
        ("Say that dates move.", 1, "slide 1"),
        ("Costs", 2, "slide 2"),
        ("Flat", 2, "slide 2"),
        ("Year: 2026; Budget: 12000", 2, "slide 2"),
    ]


def test_a_workbook_gives_its_rows_with_their_cells(tmp_path: Path) -> None:
    document = read("xlsx", tmp_path)
    rows = [b for b in document.blocks if b.kind == "table"]
    assert [(b.text, b.locator.start, b.locator.end) for b in rows] == [
        ("Plan: Pro; Seats: 10", "Limits!A2", "Limits!B2"),
        ("Plan: Team; Seats: 50", "Limits!A3", "Limits!B3"),
        ("Week: 12; Person: Ada", "On call!B4", "On call!C4"),
    ]
    assert [b.text for b in document.blocks if b.kind == "heading"] == ["Limits", "On call"]


@pytest.mark.parametrize("name", ["docx", "pptx", "xlsx"])
def test_a_file_that_states_no_time_gets_none_of_the_library(name: str, tmp_path: Path) -> None:
    stated = build(name, tmp_path)
    bare = tmp_path / f"bare.{name}"
    with zipfile.ZipFile(stated) as whole, zipfile.ZipFile(bare, "w") as without:
        for member in whole.namelist():
            data = whole.read(member)
            if member == "_rels/.rels":
                data = re.sub(rb"<Relationship [^>]*core-properties[^>]*>", b"", data)
            if member != "docProps/core.xml":
                without.writestr(member, data)
    (document,) = read_documents(bare)
    assert document.blocks
    assert document.modified_at is None


def test_a_share_is_read_as_it_is_shown(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (("Case", "Discount"), ("New", 0.15), ("Old", 7.0)):
        book.active.append(row)
    book.active["B2"].number_format = "0%"
    book.save(tmp_path / "a.xlsx")
    (document,) = read_documents(tmp_path / "a.xlsx")
    assert [block.text for block in document.blocks[1:]] == [
        "Case: New; Discount: 15%", "Case: Old; Discount: 7",
    ]  # fmt: skip


def test_a_hidden_sheet_is_left_out_and_named(tmp_path: Path) -> None:
    import openpyxl

    path = build("xlsx", tmp_path)
    book = openpyxl.load_workbook(path)
    book["On call"].sheet_state = "hidden"
    book.save(path)
    (document,) = read_documents(path)
    assert not any("Ada" in block.text for block in document.blocks)
    assert any("On call" in warning for warning in document.warnings)


def test_a_pdf_has_headings_and_paragraphs_by_page() -> None:
    document = read_pdf(
        [["Backup policy", "Backups run each night at two."], ["Restores take an hour."]]
    )
    assert [(b.kind, b.text, b.locator.start) for b in document.blocks] == [
        ("heading", "Backup policy", 1),
        ("paragraph", "Backups run each night at two.", 1),
        ("paragraph", "Restores take an hour.", 2),
    ]  # fmt: skip


def test_lines_of_a_pdf_are_joined_and_hyphens_at_their_ends_undone() -> None:
    lines = [
        "Head",
        "The retention of all the backups is gov-",
        "erned by the policy of the team and",
        "lasts a year.",
    ]
    blocks = read_pdf([lines]).blocks
    assert blocks[-1].text == (
        "The retention of all the backups is governed by the policy of the team and lasts a year."
    )


def read_placed(
    pieces: list[tuple[float, float, int, str]], font: str = "Helvetica"
) -> list[tuple[str, str]]:
    (document,) = read_input(Input(Path("a.pdf"), placed_pdf([pieces], font=font)))
    return [(block.kind, block.text) for block in document.blocks]


def test_cells_side_by_side_on_a_pdf_page_are_rows_that_name_their_columns() -> None:
    rows = [("Severity", "Fix within"), ("Critical and exposed", "48 hours"), ("Low", "30 days")]
    pieces = [
        (x, 700.0 - 20 * n, 10, text)
        for n, row in enumerate(rows)
        for x, text in zip((72.0, 300.0), row, strict=True)
    ]
    assert read_placed(pieces) == [
        ("table", "Severity: Critical and exposed; Fix within: 48 hours"),
        ("table", "Severity: Low; Fix within: 30 days"),
    ]


def test_a_cell_of_two_lines_stays_one_cell() -> None:
    pieces = [
        (72.0, 700.0, 10, "Name"), (300.0, 700.0, 10, "Duty"),
        (72.0, 680.0, 10, "Ada, who has"), (72.0, 668.0, 10, "two names"),
        (300.0, 680.0, 10, "leads the"), (300.0, 668.0, 10, "platform team"),
    ]  # fmt: skip
    assert read_placed(pieces) == [
        ("table", "Name: Ada, who has two names; Duty: leads the platform team")
    ]


def test_a_number_beside_its_text_is_a_list_item() -> None:
    pieces = [
        (72.0, 700.0, 10, "1"),
        (90.0, 700.0, 10, "Stop the import and"), (90.0, 688.0, 10, "wait."),
        (72.0, 670.0, 10, "2"), (90.0, 670.0, 10, "Start it again."),
    ]  # fmt: skip
    assert read_placed(pieces) == [
        ("list_item", "1 Stop the import and wait."),
        ("list_item", "2 Start it again."),
    ]


def test_words_placed_one_by_one_are_a_sentence_not_a_table() -> None:
    sentence = "Every word of this line was placed by itself on the page"
    pieces, x = [], 72.0
    for word in sentence.split():
        pieces.append((x, 700.0, 10, word))
        x += 6.0 * (len(word) + 1)  # Courier: every letter is 0.6 of the size
    ((_, text),) = read_placed(pieces, font="Courier")
    assert text == sentence


def test_lines_in_a_typewriter_font_are_code() -> None:
    pieces = [(72.0, 700.0, 10, "git pull"), (72.0, 688.0, 10, "make deploy ENV=prod")]
    assert read_placed(pieces, font="Courier") == [("code", "git pull\nmake deploy ENV=prod")]


def test_running_heads_and_page_numbers_are_dropped() -> None:
    words = ("one", "two", "six")
    pages = [
        ["Acme handbook 2026", *(f"Page {n} says {w} things about it." for w in words), str(n)]
        for n in range(1, 7)
    ]
    text = " ".join(block.text for block in read_pdf(pages).blocks)
    assert "Acme handbook" not in text
    assert not any(block.text.isdigit() for block in read_pdf(pages).blocks)
    assert "Page 3 says two things about it." in text


def test_short_pages_that_are_alike_are_not_taken_for_running_heads() -> None:
    blocks = read_pdf([[f"Receipt {n}", "Thank you."] for n in range(1, 7)]).blocks
    assert [block.text for block in blocks if block.text.startswith("Thank")] == ["Thank you."] * 6


def test_a_pdf_without_text_is_skipped_as_a_scan() -> None:
    with pytest.raises(SkippedInputError, match="no text") as raised:
        read_pdf([[], []])
    assert "ocrmypdf" in raised.value.hint


def test_a_page_without_text_between_others_is_a_warning() -> None:
    document = read_pdf([["Something to read here."], [], ["And more to read."]])
    assert document.warnings == ("no text on page 2",)


def test_a_pdf_with_a_password_is_refused_and_one_without_reading_password_is_read() -> None:
    from pypdf import PdfReader, PdfWriter

    for password, readable in (("secret", False), ("", True)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([["Salaries rise in May."]]))))
        writer.encrypt(password, "owner", algorithm="AES-256")
        out = io.BytesIO()
        writer.write(out)
        source = Input(Path("pay.pdf"), out.getvalue())
        if readable:
            assert next(read_input(source)).blocks[0].text == "Salaries rise in May."
        else:
            with pytest.raises(ReadError, match=r"pay\.pdf is protected by a password"):
                list(read_input(source))


def test_a_container_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build("docx", tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/bomb.bin", b"\0" * 40_000_000)
    with pytest.raises(ReadError, match="unpacks to"):
        list(read_documents(path))
    monkeypatch.setattr(containers, "MAX_UNPACKED", 1000)
    with pytest.raises(ReadError, match="unpacks to"):
        list(read_documents(build("xlsx", tmp_path)))


def test_an_unreadable_page_costs_that_page(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdf

    whole = pypdf.PageObject.extract_text
    calls = []

    def fail_on_the_second(self: pypdf.PageObject, **kwargs: object) -> str:
        calls.append(self)
        if len(calls) == 2:
            raise KeyError("/Font")
        return whole(self, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(pypdf.PageObject, "extract_text", fail_on_the_second)
    document = read_pdf([["First page here."], ["Second page here."], ["Third page here."]])
    assert [block.locator.start for block in document.blocks] == [1, 3]
    assert "page 2 can't be read" in document.warnings[0]


def test_rtf_keeps_accents_and_drops_fonts(tmp_path: Path) -> None:
    texts = [block.text for block in read("rtf", tmp_path).blocks]
    assert texts == ["Doors open at eight.", "Café closes at €5."]


@pytest.mark.parametrize(
    ("encoding", "page", "charset", "words"),
    [
        ("cp932", 932, 128, "日本語の表"),  # the last one's second byte is a backslash
        ("cp936", 936, 134, "中文文件"),
        ("cp950", 950, 136, "繁體中文"),
        ("cp949", 949, 129, "한국어"),
        ("cp1251", 1251, 204, "Привет"),
    ],
)
def test_rtf_bytes_are_read_by_the_code_page_of_the_document_or_font(
    encoding: str, page: int, charset: int, words: str
) -> None:
    escaped = "".join(f"\\'{byte:02x}" for byte in words.encode(encoding))
    by_page = f"{{\\rtf1\\ansi\\ansicpg{page} Here: {escaped}.\\par}}"
    by_font = (
        "{\\rtf1\\ansi\\ansicpg1252"
        f"{{\\fonttbl{{\\f0\\fcharset0 A;}}{{\\f1\\fcharset{charset} B;}}}}"
        f"\\f0 H\\'65re: {{\\f1 {escaped}}}.\\par}}"
    )
    for text in (by_page, by_font):
        assert [block.text for block in read_rtf(text)] == [f"Here: {words}."]


def test_rtf_joins_the_two_halves_of_a_character_and_drops_what_stands_in_for_it() -> None:
    joined = r"{\rtf1 Go \u-10179?\u-8704? \uc2\u26085\'93\'fa now {\uc0\u8364}5 \u128512?}"
    assert read_rtf(joined)[0].text == "Go 😀 日 now €5 😀"
    assert read_rtf(r"{\rtf1 Half \u-10179? of it}")[0].text == "Half \ufffd of it"


def test_a_book_is_read_by_chapter(tmp_path: Path) -> None:
    document = read("epub", tmp_path)
    assert document.title == "Field guide"
    assert document.blocks[1].locator.start == "OPS/one.xhtml:3"
