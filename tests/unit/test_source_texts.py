"""The texts that records are read from: the input itself where that can be, else what it says."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest

from copilot.adapters.readers.source_texts import text_as_given, texts_of_bytes, texts_of_file
from copilot.errors import ReadError, SkippedInputError

MOST = 1_000_000
MAIL = (
    "From: Ada Lund <ada@lund.example>\r\nTo: help@us.example\r\nDate: Tue, 3 Nov 2026 09:00:00"
    " +0100\r\nSubject: Printer\r\nMessage-ID: <1@lund.example>\r\n"
)


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_plain_text_is_the_input_to_the_character(tmp_path: Path) -> None:
    data = "\ufeffHallo,\r\n\r\ndas Gerät\tgeht nicht.\r\n".encode()
    [text] = texts_of_file(write(tmp_path, "note.txt", data), most_bytes=MOST)
    assert "\ufeff" + text.text == data.decode()  # a byte order mark is no character of it
    assert text.verbatim and text.digest == hashlib.sha256(data).hexdigest()


def test_a_mail_that_needs_no_decoding_is_the_input_itself(tmp_path: Path) -> None:
    data = (MAIL + "\r\nIt is broken.\r\n").encode()
    [text] = texts_of_file(write(tmp_path, "m.eml", data), most_bytes=MOST)
    assert text.verbatim and text.text.encode() == data
    assert text.media_type == "message/rfc822"


@pytest.mark.parametrize("through_json", [False, True])
def test_a_packed_mail_is_read_as_what_it_says(tmp_path: Path, *, through_json: bool) -> None:
    packed = b64encode("Der Drucker in Köln ist kaputt.".encode()).decode()
    raw = (
        MAIL.replace("Printer", "=?utf-8?q?Drucker_in_K=C3=B6ln?=")
        + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + f"Content-Transfer-Encoding: base64\r\n\r\n{packed}\r\n"
    )
    if through_json:
        text = text_as_given(raw, "line 1", most_bytes=MOST)
    else:
        [text] = texts_of_file(write(tmp_path, "m.eml", raw.encode()), most_bytes=MOST)
    assert not text.verbatim
    assert "Subject: Drucker in Köln" in text.text
    assert "Der Drucker in Köln ist kaputt." in text.text
    assert text.received_at is not None and text.received_at.isoformat().startswith("2026-11-03T08")


def test_a_line_of_json_is_taken_as_it_is() -> None:
    given = "Subject: x\r\n\ud800 Content-Type is a word"
    assert text_as_given(given, "line 1", most_bytes=MOST).text == given


def test_a_document_of_another_format_is_what_its_reader_makes_of_it() -> None:
    page = b"<html><body><p>Call Ada.</p><blockquote>No.</blockquote></body></html>"
    [text] = texts_of_bytes(page, "stdin", most_bytes=MOST)
    assert not text.verbatim
    assert text.text == "Call Ada.\n\n> No."


def test_the_records_of_a_file_are_texts_of_their_own(tmp_path: Path) -> None:
    data = b'{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n'
    found = list(texts_of_file(write(tmp_path, "t.jsonl", data), most_bytes=MOST))
    assert [(text.name[-2:], text.text) for text in found] == [("#a", "One."), ("#b", "Two.")]
    assert found[0].digest != found[1].digest


def test_too_large_an_input_is_refused_by_name_with_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, "big.txt", b"x" * 2_000_000)
    with pytest.raises(ReadError, match=r"big\.txt has 2\.0 MB") as caught:
        list(texts_of_file(path, most_bytes=MOST))
    assert "extraction.max_input_mb" in caught.value.hint
    with pytest.raises(ReadError, match="line 7 has"):
        text_as_given("x" * 1_000_001, "line 7", most_bytes=MOST)


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\x00\x01\x02" * 50])
def test_what_holds_no_text_is_named(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SkippedInputError, match=r"n\.txt"):
        list(texts_of_file(write(tmp_path, "n.txt", data), most_bytes=MOST))


def test_a_packed_mail_that_cannot_be_read_is_named_as_it_was_given() -> None:
    with pytest.raises(ReadError, match=r"in\.jsonl#3 is truncated or damaged"):
        text_as_given(
            "From: a@b.example\nContent-Type: application/pdf\n\n%PDF-1.4 x",
            "in.jsonl#3",
            most_bytes=MOST,
        )
