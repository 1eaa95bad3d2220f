"""Mail with threads, signatures and attachments, and web pages without their boilerplate."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.registry import read_input
from copilot.errors import ReadError, SkippedInputError
from copilot.messages import ParsedDocument
from tests.documents import HTML, mail, pdf


def read_mail(message: EmailMessage | bytes, name: str = "a.eml") -> ParsedDocument:
    (document,) = read_input(Input(Path(name), bytes(message)))
    return document


def read_html(text: str | bytes, name: str = "a.html") -> ParsedDocument:
    data = text.encode("utf-8") if isinstance(text, str) else text
    (document,) = read_input(Input(Path(name), data))
    return document


# --- mail ----------------------------------------------------------------------------------


def test_a_mail_begins_with_its_headers() -> None:
    document = read_mail(mail())
    assert document.title == "Import fails"
    assert document.modified_at is not None
    assert document.blocks[0].text.split("\n")[-1] == "Subject: Import fails"
    assert document.blocks[0].locator.end == "headers:4"


def test_a_quoted_thread_is_a_quote_and_the_signature_stands_apart() -> None:
    blocks = read_mail(mail()).blocks
    quotes = [block for block in blocks if block.kind == "quote"]
    assert quotes[0].text.startswith("On Mon, 2 Mar 2026")
    assert "> Which row" in quotes[-1].text
    assert [b.text.split("\n")[-1] for b in blocks if b.part == "signature"] == ["Analyst"]


def test_an_attachment_is_read_as_a_part_and_another_is_named() -> None:
    document = read_mail(mail())
    rows = [block for block in document.blocks if block.part == "log.csv"]
    assert rows[0].text == "log.csv"
    assert (rows[1].text, rows[1].locator.start) == ("row: 900; fault: no date", "log.csv:log!A2")
    assert document.warnings == ("attachment shot.png is a PNG image",)


def test_an_attached_pdf_and_an_attached_mail_are_read() -> None:
    message = mail()
    message.add_attachment(pdf([["Minutes of the call."]]), "application", "pdf", filename="m.pdf")
    message.add_attachment(mail())
    found = {block.text: block.locator.start for block in read_mail(message).blocks}
    assert found["Minutes of the call."] == "m.pdf:1"
    assert any(str(start).startswith("message.eml:body") for start in found.values())


def test_mails_nested_without_end_are_cut_off() -> None:
    message = mail()
    for _ in range(8):
        outer = mail()
        outer.add_attachment(message)
        message = outer
    assert any("nested too deep" in warning for warning in read_mail(message).warnings)


def test_html_only_mail_is_read_as_a_page() -> None:
    message = EmailMessage()
    message["Subject"] = "News"
    message.set_content("<p>Prices <b>fall</b>.</p><blockquote>old</blockquote>", subtype="html")
    assert [(b.kind, b.text) for b in read_mail(message).blocks[1:]] == [
        ("paragraph", "Prices fall."), ("quote", "old"),
    ]  # fmt: skip


def test_outlook_style_threads_are_quotes_to_the_end() -> None:
    body = "Fixed now.\n\nFrom: Bob\nSent: Monday\nTo: Ada\nSubject: x\n\nIt is broken.\n"
    message = EmailMessage()
    message["From"] = "a@example.org"
    message.set_content(body)
    kinds = [(block.kind, block.text[:8]) for block in read_mail(message).blocks[1:]]
    assert kinds == [("paragraph", "Fixed no"), ("quote", "From: Bo"), ("quote", "It is br")]


def test_a_wrong_charset_does_not_garble_utf8() -> None:
    raw = (
        b"From: a@example.org\nSubject: x\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n"
        + "It’s Zürich".encode()
    )
    assert read_mail(raw).blocks[-1].text == "It’s Zürich"


@pytest.mark.parametrize(
    "header",
    [
        "Date: nonsense",
        f"Date: Tue, 3 Mar 2026 10:00:00{'9' * 40} +0000",
        "To: =?bad?=",
        "Subject: =?utf-8?b?!!?=",
    ],
)
def test_broken_headers_cost_only_themselves(header: str) -> None:
    document = read_mail(f"From: a@example.org\n{header}\n\nStill read.".encode())
    assert document.blocks[-1].text == "Still read."


def test_an_encrypted_mail_is_refused_and_a_blank_one_skipped() -> None:
    raw = b"From: a@example.org\nContent-Type: multipart/encrypted; boundary=x\n\n--x--\n"
    with pytest.raises(ReadError, match="is encrypted"):
        read_mail(raw)
    with pytest.raises(SkippedInputError):
        read_mail(b"\n\n")


# --- HTML ----------------------------------------------------------------------------------


def test_a_page_is_read_without_its_boilerplate() -> None:
    document = read_html(HTML)
    text = " ".join(block.text for block in document.blocks)
    for gone in ("Home page", "cookies", "tracking", "Copyright", "Ignore previous"):
        assert gone not in text
    assert document.title == "VPN access"


def test_html_blocks_have_kinds_levels_and_lines() -> None:
    found = [(b.kind, b.level, b.locator.start, b.locator.end) for b in read_html(HTML).blocks]
    assert found == [
        ("heading", 1, 7, 7),
        ("paragraph", 0, 8, 9),
        ("list_item", 0, 11, 11),
        ("list_item", 0, 12, 12),
        ("list_item", 1, 13, 13),
        ("code", 0, 15, 16),
        ("table", 0, 18, 18),
    ]


def test_code_in_a_page_keeps_its_lines_and_a_row_names_its_columns() -> None:
    texts = [block.text for block in read_html(HTML).blocks]
    assert "vpn connect --profile eu\nvpn status" in texts
    assert "Region: Europe; Gateway: eu.example.org" in texts


def test_labels_and_dates_in_meta_are_taken() -> None:
    head = '<meta name="labels" content="hr, legal"><meta name="date" content="2026-05-01">'
    document = read_html(f"<html><head>{head}</head><body><p>Text</p></body></html>")
    assert document.labels == ("hr", "legal")
    assert document.modified_at is not None


def test_a_declared_charset_is_honoured() -> None:
    page = '<html><head><meta charset="shift_jis"></head><body><p>日本語</p></body></html>'
    assert read_html(page.encode("shift_jis")).blocks[0].text == "日本語"


def test_a_page_nested_too_deep_is_read_without_markup() -> None:
    document = read_html("<html><body>\n" + "<font>" * 3000 + "\nStill here.</body></html>")
    assert [(b.text, b.locator.start) for b in document.blocks] == [("Still here.", 3)]
    assert document.warnings


def test_control_characters_in_a_page_are_white_space() -> None:
    page = (
        "<html><body><p>One&#1;<nav>Menu</nav>\f two\ufffe</p><nav>x</nav>&#x2;three</body></html>"
    )
    text = " ".join(block.text for block in read_html(page).blocks)
    assert text.split() == ["One", "two", "three"]


def test_scripts_that_nothing_closes_end_the_text_of_a_page_nested_too_deep() -> None:
    page = "<html><body>Before." + "<div>" * 3000 + '<script src="a"/>Here.' + "<script x>" * 20_000
    (block,) = read_html(page).blocks  # a search for the end of each of them takes minutes
    assert block.text.split() == ["Before.", "Here."]


def test_a_layout_table_is_read_as_text() -> None:
    page = "<html><body><table><tr><td><h2>Head</h2><p>Body</p></td><td>x</td></tr></table>"
    assert [b.kind for b in read_html(page).blocks] == ["heading", "paragraph", "paragraph"]
