"""Questions to begin with are made of headings that one may see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.knowledge.suggesting import suggested
from copilot.messages import DocumentState, Passage, PassageVectors
from copilot.testing.memory_index import MemoryIndex
from tests.index_documents import EMBEDDER, EVERYONE, document


def headed(
    title: str, heading: str, *, labels: tuple[str, ...] = ()
) -> tuple[DocumentState, list[tuple[Passage, PassageVectors]]]:
    state, passages = document(f"/docs/{title}-{heading}.md", "how and what and who", labels=labels)
    told = [
        (replace(one, title=title, heading_path=(title, heading)), vectors)
        for one, vectors in passages
    ]
    return state, told


def asked(*documents: tuple[DocumentState, list[tuple[Passage, PassageVectors]]]) -> list[str]:
    index = MemoryIndex()
    index.bind(EMBEDDER.identity)
    index.apply(documents)
    return suggested(index, EVERYONE, limit=3)


@pytest.mark.parametrize(
    ("title", "heading", "question"),
    [
        ("On-call policy", "Who can be on call", "On-call policy: who can be on call?"),
        ("Service levels", "Why we count by month?", "Why we count by month?"),
        ("About us", "How we work", "What does About us say about how we work?"),
        (
            "Expenses policy (2024)",
            "Home office",
            "What does Expenses policy say about home office?",
        ),
        ("Handbook", "SSO and SAML", "What does Handbook say about SSO and SAML?"),
    ],
)
def test_a_heading_becomes_a_question(title: str, heading: str, question: str) -> None:
    assert asked(headed(title, heading)) == [question]


def test_headings_that_ask_come_first_and_each_document_once() -> None:
    told = asked(
        headed("A", "Limits"), headed("B", "How to claim"), headed("C", "Pay"), headed("D", "Rest")
    )
    assert told[0] == "B: how to claim?"
    assert len(told) == 3


@pytest.mark.parametrize(
    "heading", ["A", "x" * 90, "`rm -rf`", "[link](x)", "\x1b[31mred", "Timeline {UTC}"]
)
def test_what_is_no_plain_heading_is_left_out(heading: str) -> None:
    assert asked(headed("A", heading)) == []


def test_what_one_may_not_see_suggests_nothing() -> None:
    assert asked(headed("Salaries", "Who earns what", labels=("hr",))) == []


def test_an_empty_index_suggests_nothing() -> None:
    assert suggested(MemoryIndex(), EVERYONE, limit=3) == []
