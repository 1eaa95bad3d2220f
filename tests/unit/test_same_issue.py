"""What is taken for the same issue, or the same person, and what is merely alike."""

from __future__ import annotations

import pytest

from copilot.actions.duplicates import differences, same
from copilot.extracted import Json
from copilot.proposals import SinkEntry


def entry(kind: str, values: dict[str, Json], title: str = "") -> SinkEntry:
    return SinkEntry(kind, "X-1", values, title=title)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("Export to CSV fails", "export to csv fails", True),
        ("Re: AW: Export to CSV fails", "Export to CSV fails", True),
        ("Export to CSV fails today", "Export to CSV fails", True),
        ("Import of PDF hangs", "Export to CSV fails", False),
        (
            "Printer 3 on the ground floor is broken",
            "Printer 4 on the ground floor is broken",
            False,
        ),
        ("Login to the portal fails with code 17", "Login to the portal fails", True),
        ("Help", "Help", False),  # anybody's
        ("Question about the invoice", "Question about the delivery", False),
        ("Help me", "Help", False),
        ("", "", False),
    ],
)
def test_issues_are_the_same_by_the_words_of_their_titles(
    ours: str, theirs: str, expected: bool
) -> None:
    assert same("ticket", {"title": ours}, entry("ticket", {}, theirs)) is expected


@pytest.mark.parametrize(
    ("field", "ours", "theirs", "expected"),
    [
        ("requester_email", "a@x.example", "b@x.example", False),
        ("requester_email", "a@x.example", "A@X.example", True),
        ("version", "2.3.1", "2.3.0", False),
        ("error_code", "E-1042", "E-1043", False),
        ("occurred_at", "2026-11-21", "2026-11-22", True),
        ("severity", "high", "low", True),
        ("version", "2.3.1", None, True),
    ],
)
def test_identifiers_that_differ_tell_issues_apart(
    field: str, ours: Json, theirs: Json, expected: bool
) -> None:
    values: dict[str, Json] = {"title": "Export to CSV fails", field: ours}
    held = entry("ticket", {"title": "Export to CSV fails", field: theirs}, "Export to CSV fails")
    assert same("ticket", values, held) is expected


def test_persons_are_the_same_by_address_and_sales_and_companies_by_name() -> None:
    grace: dict[str, Json] = {"email": "grace@navy.example", "phone": "+4915112345678"}
    assert same("contact", grace, entry("contact", {"email": "Grace@navy.example"}))
    assert not same("contact", grace, entry("contact", {"email": "ada@navy.example"}))
    assert not same("contact", grace, entry("contact", {"name": "Grace"}, "Grace"))
    deal: dict[str, Json] = {"name": "Navy renewal", "contact": "grace@navy.example"}
    other = entry("deal", {"name": "Navy upsell", "contact": "grace@navy.example"}, "Navy upsell")
    assert not same("deal", deal, other)
    renewal = entry("deal", {"name": "navy renewal", "amount": "250000"}, "navy renewal")
    assert same("deal", {**deal, "amount": "300000"}, renewal)
    of_acme: dict[str, Json] = {"name": "Renewal", "company": "Acme"}
    assert same("deal", of_acme, entry("deal", {"company": "ACME"}, "renewal"))
    assert not same("deal", of_acme, entry("deal", {"company": "Umbrella"}, "renewal"))


def test_only_what_differs_would_be_changed() -> None:
    held = entry("deal", {"amount": "250000.00", "phone": "+4915112345678", "tags": ["a"], "x": 1})
    values: dict[str, Json] = {
        "amount": 250000,
        "phone": "+4915112345679",
        "tags": "a",
        "x": True,
        "stage": "won",
    }
    changes = [(one.field, one.before, one.after) for one in differences(values, held)]
    assert changes == [
        ("phone", "+4915112345678", "+4915112345679"),
        ("stage", None, "won"),
    ]
