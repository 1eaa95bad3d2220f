"""Whatever a text is, people are sought without a failure and in time that grows with its "
"length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.extracted import SourceText
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people import find_people, noting
from copilot.extraction.texts import read
from tests.unit.extraction.test_texts_cover import TEXTS, lines_run

PIECES = st.sampled_from(
    [
        "From: Ana Gómez <ana@acme.example>", "Best,", "Ana Gómez", "Head of IT", "Acme Ltd",
        "14 High Street", "Leeds LS1 4DY", "80331 München", "Name: Ana", "Company: Acme", "CALLER:",
        "this is Ana from Acme", "hier ist Ana von der Acme GmbH", "Call with Ana (Acme Foods)",
        "A B C D", "M A I S O N   X Y", "Mr Dr. Ana", "met: Ana, Ben and Cleo", "AGENT: your name?",
        "Vorname: A", "Nachname: B", "| a | b |", "Acme Foods - Depot", "ana.gomez@acme.example",
        "their buyer, Ana Gómez", "We are Acme Foods", "(Ana Gómez, CTO)", "", "İstanbul ẞ ŉ ﬁ",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, st.lists(PIECES, max_size=25).map("\n".join)))
def test_each_candidate_says_what_stands_at_its_place(text: str) -> None:
    reading = read(SourceText(name="x", text=text, digest=""), own_domains=("ours.example",))
    found = find_people(reading)
    assert found == sorted(found, key=lambda one: (one.start, one.end, one.kind))
    for one in found:
        quote = text[one.start : one.end]
        assert quote == quote.strip() and quote and one.label and 0 < one.confidence <= 1
        letters = {char for char in str(one.value).casefold() if char.isalnum()}
        assert letters <= set(quote.casefold())
        assert one.kind in (
            CandidateKind.PERSON, CandidateKind.COMPANY, CandidateKind.JOB_TITLE,
            CandidateKind.ADDRESS,
        )  # fmt: skip


HOSTILE = [
    "Ana Maria ", "A", "Acme Ltd, ", "a.b@c.de ", "12 High Street ", "80331 München ", "A B ",
    "Best\nAna Lopez\nCEO, Acme\n\n", "Name: Ana Maria\n", "Call with Ana ", "a | ", "(", "@",
    "10:10 Ana: hi\n10:11 Ben: yo\n", "Ana Gómez, ", "the head of ", "Foods ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_twice_the_text_costs_about_twice_the_work(piece: str) -> None:
    def work(size: int) -> int:
        text = piece * (size // len(piece))
        reading = read(SourceText(name="x", text=text, digest=""))
        return lines_run(lambda: find_people(reading))

    assert work(12_000) < 2.6 * work(6_000) + 2_000


@pytest.mark.parametrize("piece", ["a", "a-", "a.", "-@", "@"])
def test_a_line_without_blanks_is_searched_for_addresses_once(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Squares of its length would not come to an end in the time that a test run has."""
    monkeypatch.setattr(noting, "_LIMIT", 400_000)
    text = f"ana@acme-foods.example is of Acme Foods.\n{piece * (400_000 // len(piece))}"
    found = find_people(read(SourceText(name="x", text=text, digest="")))
    assert "Acme Foods" in {one.value for one in found}
