"""Files go by their content; what no reader takes has a reason and a remedy."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format, detect
from copilot.adapters.readers.registry import read_input
from copilot.errors import ReadError, SkippedInputError
from tests.documents import HTML, build, mail, pdf


def found(name: str, data: bytes) -> Format:
    source = Input(Path(name), data)
    return detect(source.path, source.head(), source.open)


def test_mislabelled_files_go_by_their_content(tmp_path: Path) -> None:
    assert found("a.txt", pdf([["x"]])) is Format.PDF
    assert found("a.md", HTML.encode()) is Format.HTML
    assert found("a.doc", build("docx", tmp_path).read_bytes()) is Format.DOCX
    assert found("a.txt", build("xlsx", tmp_path).read_bytes()) is Format.XLSX
    assert found("a.txt", b"MIME-Version: 1.0\n" + bytes(mail())) is Format.MAIL
    assert found("a.pdf", b"Just some text, really.") is Format.TEXT
    assert found("a.docx", b"{\\rtf1 text}") is Format.RTF
    assert found("notes", b"no suffix at all") is Format.TEXT


def test_text_that_only_looks_alike_is_not_taken_for_it() -> None:
    assert found("a.txt", b"From: the start\nthere was a word\n") is Format.TEXT
    assert found("a.py", b"# <html>\nx = 1") is Format.CODE
    assert found("a.md", b"<!-- comment -->\n# Head\n<html>") is Format.MARKDOWN
    assert found("a.json", b'{"a": 1}\n') is Format.DATA
    assert found("a.json", b'{"a": 1,\n"b": {}}\n') is Format.DATA
    assert found("a.json", b'{"a": 1}\n{"a": 2}') is Format.JSON_LINES


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n000", "PNG"),
        (b"\xff\xd8\xff\xe0000", "JPEG"),
        (b"\x1f\x8b\x08000", "gzip"),
        (b"\x7fELF\x02\x01", "program"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nabc", "key"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_is_not_read_is_skipped_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SkippedInputError, match=reason) as raised:
        found("a.bin", data)
    assert raised.value.hint


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "pptx", "epub"])
def test_a_truncated_container_is_named_as_such(suffix: str, tmp_path: Path) -> None:
    whole = build(suffix, tmp_path).read_bytes()
    with pytest.raises(ReadError, match="truncated or damaged"):
        list(read_input(Input(Path(f"a.{suffix}"), whole[: len(whole) // 2])))


def test_random_bytes_with_an_office_suffix_are_damaged_not_skipped() -> None:
    with pytest.raises(ReadError, match="damaged") as raised:
        found("a.docx", b"\x00\x01\x02" * 500)
    assert not isinstance(raised.value, SkippedInputError)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"]
)
def test_unicode_is_decoded_with_and_without_marks(encoding: str) -> None:
    text = "Grüße aus Zürich, plain words follow here.\nSecond line.\n"
    assert decode(text.encode(encoding), "a").text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Die Größe der Straße überrascht – „sehr“ schön."),
        ("cp932", "これは日本語の文章です。検索できます。" * 3),
        ("cp1251", "Это русский текст, который нужно прочитать правильно." * 3),
    ],
)
def test_legacy_code_pages_are_guessed_and_said(encoding: str, text: str) -> None:
    decoded = decode(text.encode(encoding), "a")
    assert decoded.text == text
    assert decoded.warnings


def test_line_ends_become_one_kind() -> None:
    assert decode(b"a\r\nb\rc\n", "x").text == "a\nb\nc\n"


def test_one_bad_byte_does_not_change_the_encoding() -> None:
    data = "schön und grün und öde, " * 20
    broken = data.encode().replace(b"\xc3\xbc", b"\xfc", 1)
    assert "schön" in decode(broken, "a").text


def test_a_utf16_file_that_is_cut_in_a_character_is_read() -> None:
    data = codecs.BOM_UTF16_LE + "words here".encode("utf-16-le")
    assert decode(data[:-1], "a").text.startswith("words her")
