"""Labels fail closed: who may not read a part may not read the whole, and doubt shuts out."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.labels import together
from copilot.adapters.readers.registry import read_input
from copilot.errors import ReadError
from copilot.messages import ParsedDocument, Principal
from tests.documents import mail


def read(text: str, name: str) -> ParsedDocument:
    (document,) = read_input(Input(Path("/docs") / name, text.encode("utf-8")))
    return document


def mail_with(*attachments: str) -> EmailMessage:
    message = mail()
    for n, front in enumerate(attachments):
        text = f"---\n{front}\n---\n\nSalaries rise.\n"
        message.add_attachment(text, subtype="markdown", filename=f"{n}.md")
    return message


def read_mail(message: EmailMessage) -> ParsedDocument:
    return read(message.as_string(), "a.eml")


def may_read(document: ParsedDocument, *groups: str) -> bool:
    return bool(set(document.labels) & set(Principal(groups=groups).labels))


# --- mail ----------------------------------------------------------------------------------


def test_a_mail_has_the_labels_of_its_attachment() -> None:
    document = read_mail(mail_with("labels: [hr, board]"))
    assert any("Salaries" in block.text for block in document.blocks)
    assert document.labels == ("hr", "board")


def test_a_mail_asks_for_the_labels_of_each_of_its_attachments() -> None:
    document = read_mail(mail_with("labels: [hr]", "labels: [legal]", "title: open", "labels: hr"))
    assert document.labels == ("hr & legal",)
    assert may_read(document, "hr", "legal")
    assert not may_read(document, "hr")
    assert not may_read(document, "legal")


def test_attachments_that_share_a_label_are_read_by_those_who_have_it() -> None:
    document = read_mail(mail_with("labels: [hr, it]", "labels: [hr, legal]"))
    assert document.labels == ("hr", "it & legal")


def test_a_mail_in_a_mail_hands_its_labels_on() -> None:
    outer = mail_with("labels: [hr]")
    outer.add_attachment(mail_with("labels: [hr]", "labels: [legal]"))
    assert read_mail(outer).labels == ("hr & legal",)


def test_a_mail_that_asks_for_three_labels_says_that_nobody_may_read_it() -> None:
    document = read_mail(mail_with("labels: [hr]", "labels: [legal]", "labels: [it]"))
    assert document.labels == ("hr & it & legal",)
    assert not may_read(document, "hr", "it", "legal")
    assert any("nobody may read it" in warning for warning in document.warnings)


def test_labels_that_combine_in_too_many_ways_are_refused() -> None:
    many = [tuple(f"{n}-{m}" for m in range(30)) for n in range(5)]
    with pytest.raises(ReadError, match="too many different labels"):
        together(many, "a.eml")


def test_a_mail_with_a_superseded_attachment_is_superseded() -> None:
    assert read_mail(mail_with("status: superseded")).superseded
    assert not read_mail(mail_with("status: current")).superseded
