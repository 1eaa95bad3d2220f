"""Which titles are taken for the same issue, and which words a sink is asked for."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from copilot.adapters.sinks.likeness import likeliest
from copilot.proposals import SinkEntry
from copilot.titles import alike, telling

TITLE = "Export of invoices fails with code E4711"


@pytest.mark.parametrize(
    "other",
    [
        "AW: Re: Export of invoices fails with code E4711",
        "export of INVOICES fails, code e4711",
        "Invoices export fails (E4711)",
    ],
)
def test_the_same_issue_in_other_words_is_alike(other: str) -> None:
    assert alike(TITLE, other) >= 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Question about the invoice", "Question about the delivery"),
        ("Frage zu der Rechnung", "Frage zu der Lieferung"),
        ("Problème avec la facture", "Problème avec la livraison"),
        ("Pregunta sobre la factura", "Pregunta sobre la entrega"),
        ("Please help", "Please help"),
        ("Question", "Question"),
        (TITLE, TITLE.replace("E4711", "E4712")),
        ("Printer 3 fails", "Printer 4 fails"),
    ],
)
def test_what_any_customer_may_say_makes_no_two_issues_one(one: str, other: str) -> None:
    assert alike(one, other) < 0.5


def test_an_accent_is_the_same_however_it_is_coded() -> None:
    title = "Größe der Überschrift bei Café-Menü"
    assert alike(title, normalize("NFD", title)) == 1.0
    assert telling(normalize("NFD", title)) == telling(title)


def test_what_is_no_word_is_not_asked_for() -> None:
    assert telling(f"Token {'QUJD' * 500} {'4' * 500} is refused") == ["refused", "token"]
    assert len(telling(" ".join(f"word{number}" for number in range(100)))) == 8


def test_the_most_alike_that_is_open_comes_first_and_a_closed_one_never() -> None:
    titles = {"1": "Invoices export fails", "2": TITLE, "3": "Printer is out of paper"}
    entries = [SinkEntry("ticket", number, {}, title=title) for number, title in titles.items()]
    entries.append(SinkEntry("ticket", "4", {}, title=TITLE, open=False))
    assert [one.external_id for one in likeliest(entries, TITLE, limit=5)] == ["2", "1"]
    assert [one.external_id for one in likeliest(entries, TITLE, limit=1)] == ["2"]
