"""Which severity, category and component a record takes, by rules."""

from __future__ import annotations

import pytest

from tests.unit.extraction.test_filled_people import told
from tests.unit.extraction.test_filled_records import extracted

_HEAD = (
    "From: Rosa Imhoff <rosa@quarry.example>\nTo: help@helpers.example\n"
    "Date: Tue, 10 Nov 2026 09:00:00 +0000\nSubject: Hello\n\n"
)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        (
            "The export fails. I would call it high, not the end of the world, but please look.",
            "high",
        ),
        ("The export fails. It's not the end of the world.", "low"),
        ("Der Export fehlt. Es pressiert nicht.", "low"),
        ("Nothing can be loaded since noon.", "critical"),
        ("I can't do anything without it.", "high"),
        ("It is in no way pressing.", "low"),
        ("L'export plante. Rien de pressé.", "low"),
        ("Mit der Wallbox pressiert es nicht.", "low"),
        ("The shop is down.", "critical"),
        ("El runner no funciona y nos tiene bloqueados.", "high"),
    ],
)
def test_severity_is_what_is_said_of_it_and_not_what_softens_it(said: str, severity: str) -> None:
    assert told(_HEAD + said + "\n")["severity"] == severity


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("You do not have permission to view this board, it says.", "access"),
        ("Fleetboard affiche une erreur, il nous faudrait une solution avant lundi.", "bug"),
        ("The search finds nothing in any folder.", "bug"),
        ("Die Gutschriften kommen im Archiv nicht mehr an.", "bug"),
        ("La búsqueda sigue sin encontrar nada.", "bug"),
        ("Je n'arrive plus à me connecter. Ce serait bien avant lundi.", "access"),
        (
            "Just wanted to say that the new page is brilliant, I can't remember a better one.",
            "other",
        ),
        ("When I log in the list is no longer there.", "bug"),
        ("I'm locked out again, it says that the token is out of sync.", "access"),
    ],
)
def test_a_category_is_told_by_how_people_say_it(said: str, category: str) -> None:
    assert told(_HEAD + said + "\n")["category"] == category


def test_what_is_said_of_the_first_and_the_second_is_theirs() -> None:
    text = (
        "1. Redaction still leaves the names readable in the export.\n\n"
        "2. My trainee cannot open matter M-4458 at all, it says no.\n\n"
        "The first one is high priority, the second can wait until he is back.\n"
    )
    found = [draft["severity"].value for draft in extracted(_HEAD + text, "ticket")]
    assert found == ["high", "low"]
    both = text.replace("The first one is high priority, the second can wait", "Both are urgent")
    found = [draft["severity"].value for draft in extracted(_HEAD + both, "ticket")]
    assert found == ["high", "high"]


def test_by_a_time_without_a_day_nothing_is_due() -> None:
    assert "due_date" not in told(_HEAD + "She has to do that thirty times before seven.\n")
