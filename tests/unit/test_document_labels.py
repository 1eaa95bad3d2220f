"""Labels fail closed: who may not read a part may not read the whole, and doubt shuts out."""

from __future__ import annotations

import json
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.labels import together
from copilot.adapters.readers.registry import read_documents, read_input
from copilot.errors import ReadError
from copilot.messages import ParsedDocument, Principal
from tests.documents import build, mail


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


def test_front_matter_counts_in_a_message_and_in_an_attachment_whose_name_is_broken() -> None:
    head = "---\nlabels: [hr]\n---\n\nSalaries rise.\n"
    message = EmailMessage()
    message["Subject"] = "Pay"
    message.set_content(head)
    assert read_mail(message).labels == ("hr",)
    outer = mail()
    outer.add_attachment(head, filename="NAME")
    text = outer.as_string().replace('"NAME"', '"=?utf-7?Q?a+2D0-b?="')
    document = read(text, "a.eml")
    assert any("Salaries" in block.text for block in document.blocks)
    assert document.labels == ("hr",)


# --- front matter --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "---\nLABELS: [hr]\n---\n",
        "---\nlabel: hr\n---\n",
        "---\n# who may read it\nlabels: [hr]\n---\n",
        "--- # metadata\nlabels: [hr]\n---\n",
        "\n\n---\nlabels: [hr]\n---\n",
        "<!-- a licence -->\n\n---\nlabels: [hr]\n---\n",
        "---\nbase: &base {labels: [hr]}\n<<: *base\n---\n",
        '+++\nLabels = ["hr"]\n+++\n',
        '+++\n"label" = "hr"\n+++\n',
        "---\n+labels: [hr]\n---\n",
    ],
)
def test_labels_count_in_every_form_that_can_be_parsed(head: str) -> None:
    document = read(f"{head}\nSalaries rise.\n", "a.md")
    assert document.labels == ("hr",)
    assert [block.text for block in document.blocks] == ["Salaries rise."]
    line = head.count("\n") + 2
    assert document.blocks[0].locator.start == line


LONG = "".join(f"key{n}: {'x' * 90}\n" for n in range(900))


@pytest.mark.parametrize(
    "head",
    [
        "---\nlabels: [hr]\n\n",  # never closed
        '+++\nlabels = ["hr"]\n\n',
        "----\nlabels: [hr]\n----\n",
        ";;;\nlabels: hr\n;;;\n",
        f"---\n{LONG}labels: [hr]\n---\n",
        f"---\nlabels: [hr]\n{LONG}---\n",
        "---\ntitle: x\n  labels: [hr]\n---\n",
        "---\ntitle: x\nlabels：[hr]\n---\n",
        "---\nlabels [hr]\n---\n",
        "---\ntitle: a: b\nlabels: [hr]\n---\n",
        "---\n{title: x, labels: [hr}\n---\n",
        "---\n# who\n{title: x, labels: [hr}\n---\n",
        "---\n# who\n{title: x, labels: [hr]}\n----\n",
        '+++\ntitle = "x" labels = ["hr"]\n+++\n',
        "---\n]labels: [hr]\n---\n",
        "---labels: [hr]\n---\n",
        "---\ntitle: x\n\nlabels [hr]\n---\n",
        "---\nlabels: [hr]\nlabels: [all]\n---\n",
        "---\nlabels: [hr]\nLabel: all\n---\n",
        "---\n{title: x, labels: [hr], labels: [all]}\n---\n",
        "---\naccess:\n  labels: [hr]\n---\n",
        "---\naccess: [{labels: hr}]\n---\n",
        '+++\n[extra]\nlabels = ["hr"]\n+++\n',
        "+++\nlabels = hr\n+++\n",
        '---\nlabels: [" ", ""]\n---\n',
        '---\nlabels: "h\\ud83dr"\n---\n',
        "---\nlabels: [hr]\nwhen: !!timestamp x\n---\n",
        "---\nlabels: [hr]\nok: !!bool x\n---\n",
        '---\nlabels: [hr]\nn: !!int ""\n---\n',
        "---\nlabels: [hr]\nn: \x08\n---\n",
        "Title: Pay\nLabels: hr\n\n",  # as MultiMarkdown and MkDocs have it
        '{"labels": ["hr"]}\n\n',
        "<!---\nlabels: [hr]\n--->\n",
    ],
)
def test_labels_that_cannot_be_parsed_close_the_document(head: str) -> None:
    with pytest.raises(ReadError, match="labels") as raised:
        read(f"{head}\nSalaries rise.\n", "a.md")
    assert "labels: [" in raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nLabel printers are in room 5.\n",
        "---\n\nPrinters are in room 5.\nTheir\nlabels are blue.\n",
        "---\n\nText first.\n\nLabels are printed here.\n\n---\n\nMore text.\n",
        "---\n\nRun it:\n\n```yaml\nlabels:\n  app: web\n```\n",
        "---\n\nRun it:\n\n```yaml\nlabels:\n  app: web\n```\n\n---\n\nMore.\n",
        "---\n\nText.\n\n- **Labels:** words on a box\n- Labels: the same\n",
        "---\ntitle: x\n\n# Labels\n\nLabels are words on a box.\n",  # never closed
        "# Labels: what they are\n\nText.\n",
        "Text.\n\nLabels: see below.\n",
        "---\ntitle: x\n# labels: [hr]\n---\n\nText.\n",
        "---\ntitle: x\ndescription: Names, labels, ids\n---\n\nText.\n",
        "---\nlabels: []\n---\n\nText.\n",
        "---\nlabels: ''\n---\n\nText.\n",
    ],
)
def test_prose_below_a_rule_and_words_about_labels_are_no_labels(text: str) -> None:
    document = read(text, "a.md")
    assert document.labels == ()
    assert document.blocks


@pytest.mark.parametrize(
    "head",
    ["a: \x03", "when: !!timestamp x", "ok: !!bool x",
     'n: !!int ""', "a: &a [*a]", f"n: 0x{'f' * 9000}",
     "a: " + "[" * 3000],
)  # fmt: skip
def test_odd_values_in_front_matter_cost_nothing_but_themselves(head: str) -> None:
    document = read(f"---\ntitle: x\n{head}\n---\n\nText.\n", "a.md")
    assert [block.text for block in document.blocks] == ["Text."]


@pytest.mark.parametrize("head", [f"title = 0x{'f' * 9000}", "n = " + "[" * 3000, "n = 0-0-0"])
def test_odd_values_in_toml_cost_nothing_but_themselves(head: str) -> None:
    document = read(f"+++\n{head}\n+++\n\nText.\n", "a.md")
    assert (document.title, [block.text for block in document.blocks]) == ("A", ["Text."])


@pytest.mark.parametrize("name", ["a.txt", "a.rst", "a.org", "a.html", "notes"])
def test_front_matter_with_labels_counts_in_every_text_format(name: str) -> None:
    document = read("---\nlabels: [hr]\ntitle: Pay\n---\n\nSalaries rise.\n", name)
    assert (document.labels, document.title) == (("hr",), "Pay")
    assert [block.text for block in document.blocks] == ["Salaries rise."]
    with pytest.raises(ReadError, match="labels"):
        read("---\nlabels: [hr\n---\n\nSalaries rise.\n", name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rst", "Pay\n===\n\n:author: Ada\n:labels: hr\n\nText.\n"),
        ("a.org", "#+TITLE: Pay\n#+LABELS: hr\n\nText.\n"),
        ("a.adoc", "= Pay\n:labels: hr\n\nText.\n"),
        ("a.txt", "labels: hr\n\nText.\n"),
    ],
)
def test_labels_in_a_format_of_its_own_close_the_document(name: str, text: str) -> None:
    with pytest.raises(ReadError, match="labels"):
        read(text, name)


def test_dashes_without_labels_stay_in_a_text_file() -> None:
    document = read("---\nstatus: fine\n---\n\nText.\n", "a.txt")
    assert "status: fine" in document.blocks[0].text


@pytest.mark.parametrize("kind", ["raw", "markdown"])
def test_front_matter_in_the_first_cell_of_a_notebook_counts(kind: str) -> None:
    def notebook(*sources: str) -> str:
        return json.dumps({"cells": [{"cell_type": kind, "source": text} for text in sources]})

    head = "---\nlabels: [hr]\n---\n"
    assert read(notebook(head, "Salaries rise."), "a.ipynb").labels == ("hr",)
    assert read(notebook("Salaries rise.", head), "a.ipynb").labels == ()
    with pytest.raises(ReadError, match="labels"):
        read(notebook(head.replace("]", ""), "Salaries rise."), "a.ipynb")


# --- pages and records ---------------------------------------------------------------------


def page_with(*tags: str, deep: bool = False) -> str:
    return (
        "<html><head>" + ("" if deep else "".join(tags)) + "</head><body><p>Text</p>"
        + ("<font>" * 3000 + "".join(tags) if deep else "") + "</body></html>"
    )  # fmt: skip


def test_a_page_asks_for_the_labels_of_each_of_its_tags() -> None:
    tags = ('<meta name=" Labels " content="hr">', '<meta property="label" content="legal, hr">')
    assert read(page_with(*tags), "a.html").labels == ("hr",)
    assert read(page_with(tags[0], '<meta name="labels" content="it">'), "a.html").labels == (
        "hr & it",
    )


@pytest.mark.parametrize(
    "page",
    [
        page_with('<meta name="labels" value="hr">'),
        page_with('<meta name="labels" content=" , ">'),
        page_with('<meta name="labels" content="hr">', deep=True),
    ],
)
def test_a_tag_for_labels_that_cannot_be_understood_closes_the_page(page: str) -> None:
    with pytest.raises(ReadError, match="labels"):
        read(page, "a.html")


def test_a_page_in_a_mail_states_labels_also_when_the_mail_has_a_text() -> None:
    message = EmailMessage()
    message["Subject"] = "Pay"
    message.set_content("Salaries rise.")
    message.add_alternative(page_with('<meta name="labels" content="hr">'), subtype="html")
    assert read_mail(message).labels == ("hr",)
    only = EmailMessage()
    only["Subject"] = "Pay"
    only.set_content(page_with('<meta name="labels" content="hr">'), subtype="html")
    assert read_mail(only).labels == ("hr",)


def test_a_book_asks_for_the_labels_of_each_chapter(tmp_path: Path) -> None:
    plain, labelled = build("epub", tmp_path), tmp_path / "labelled.epub"
    with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(labelled, "w") as book:
        for member in whole.namelist():
            data = whole.read(member)
            tag = b'<html><head><meta name="labels" content="hr"/></head>'
            book.writestr(member, data.replace(b"<html>", tag))
    (document,) = read_documents(labelled)
    assert (document.labels, next(read_documents(plain)).labels) == (("hr",), ())


@pytest.mark.parametrize("key", ["Labels", "LABELS", "label", " labels "])
def test_a_record_states_its_labels_in_any_case(key: str) -> None:
    (document,) = read_input(Input(Path("a.jsonl"), f'{{"{key}": ["hr"], "a": "b"}}'.encode()))
    assert document.labels == ("hr",)
    assert [block.text for block in document.blocks] == ["a: b"]


def test_a_record_that_states_its_labels_twice_is_left_out() -> None:
    lines = (
        '{"text": "one", "labels": ["hr"], "labels": []}\n'
        '{"text": "two", "labels": ["hr"], "Labels": []}\n'
        '{"text": "three"}'
    )
    document = read(lines, "a.jsonl")
    assert [block.text for block in document.blocks] == ["three"]
    assert [w.split(":")[0] for w in document.warnings] == ["line 1", "line 2"]


RECORDS = '{"id": 1, "text": "one", "labels": ["hr"]}\n{"id": 2, "text": "two", "labels": ["it"]}'


@pytest.mark.parametrize("text", [RECORDS, f"\n{RECORDS}\n", RECORDS.replace("one", "one " * 3000)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_json_file_of_two_records_is_read_as_records(text: str, encoding: str) -> None:
    found = list(read_input(Input(Path("a.json"), text.encode(encoding))))
    assert [document.labels for document in found] == [("hr",), ("it",)]


@pytest.mark.parametrize(
    "text",
    [
        '[{"text": "one", "labels": ["hr"]}]',
        '{"text": "one", "labels": ["hr"]}',
        '{\n"text": "one",\n"Labels": ["hr"]\n}\n{\n"text": "two"\n}',
    ],
)
def test_records_that_do_not_stand_one_on_a_line_are_refused_for_their_labels(text: str) -> None:
    with pytest.raises(ReadError, match="labels") as raised:
        read(text, "a.json")
    assert "jsonl" in raised.value.hint


def test_labels_of_other_data_are_data() -> None:
    assert read('{"metadata": {"labels": {"app": "web"}}, "text": "x"}', "a.json").labels == ()
    assert read('{"labels": ["bug"]}', "a.json").labels == ()
