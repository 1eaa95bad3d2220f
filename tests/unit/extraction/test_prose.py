"""What is said in the text's own words: causes, impacts and next steps, each as one stretch."""

from __future__ import annotations

import pytest

from tests.unit.test_rule_extractor import drafts, told


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "Subject: Wiki down\n\nThe wiki failed because it was slow, we thought at first. The"
            " culprit was a full disk on wiki-02, which nobody had noticed.",
            "a full disk on wiki-02",
        ),
        (
            "Betreff: Kassen\n\nDie Kassen gingen nicht, weil sie kein Netz hatten. Ursache war,"
            " dass ein Zertifikat abgelaufen ist, weil die Erneuerung ausfiel.",
            "ein Zertifikat abgelaufen ist",
        ),
        ("Incident report\n\n3. Root cause\nThe pump lost power.\n", "The pump lost power"),
        ("Subject: Mail\n\nThe mail was ruled out because it works.", None),
    ],
)
def test_a_cause_that_is_called_so_goes_before_any_because(text: str, cause: str | None) -> None:
    (draft,) = drafts(text, "incident")
    assert told(draft).get("cause") == cause


def test_an_impact_is_whom_it_hits_without_since_when() -> None:
    (draft,) = drafts("Subject: Wiki\n\nWiki gone for all of Finance since 8:40.", "incident")
    assert told(draft)["impact"] == "all of Finance"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Please delete our trial by Friday. Please thank Sue.", "delete our trial"),
        ("Could you give me a ring back before I leave?", "give me a ring back"),
        ("Ich schicke bis Freitag die Liste.", "schicke bis Freitag die Liste"),
        ("Please find the offer attached.", None),
    ],
)
def test_a_next_step_is_what_is_asked_for_or_promised(text: str, step: str | None) -> None:
    (draft,) = drafts(f"Subject: The Ledgerly deal\n\n{text}", "crm_deal")
    assert told(draft).get("next_step") == step


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("What they do now is ring the desk.", "workaround", "ring the desk"),
        ("Why it matters to us: each refusal is £38.", "reason", "each refusal is £38"),
        ("Das kostet uns jeden Monat zwei Tage.", "reason", "Das kostet uns jeden Monat zwei Tage"),
    ],
)
def test_a_wish_says_what_is_done_today_and_what_it_costs(text: str, field: str, said: str) -> None:
    (draft,) = drafts(f"Subject: PDF export\n\nWe'd like PDF export. {text}", "feature_request")
    assert told(draft)[field] == said


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("Bitte eine Ansicht nach Kurs. Wir brauchen das für die Meldung an die Bezirksregierung.",
         "reason", "Wir brauchen das für die Meldung an die Bezirksregierung"),
        ("Please add it. Swiss law wants the number on it.",
         "reason", "Swiss law wants the number on it"),
        ('Pide cuotas a plazos. Motivo: "hay familias que no llegan". Es todo.',
         "reason", "hay familias que no llegan"),
        ("**Is your feature request related to a problem? Please describe.**\n"
         "I lead a rescue team (North) and there is no signal there.\n",
         "reason", "I lead a rescue team (North) and there is no signal there"),
        ("**Describe alternatives you've considered**\nWe print the maps and laminate them.\n",
         "workaround", "We print the maps and laminate them"),
        ("Bis jetzt führe ich nebenher eine Excel-Liste.",
         "workaround", "führe ich nebenher eine Excel-Liste"),
        ("Ahora lo que hacen es que ella apunta en una libreta quién debe qué.",
         "workaround", "ella apunta en una libreta quién debe qué"),
        ("Let me undo it, please. One wrong click, so I keep copies of every project.",
         "workaround", "I keep copies of every project"),
        ("I can't promise a date, so I told them to wait.", "workaround", None),
    ],
)  # fmt: skip
def test_why_it_is_wished_for_and_what_is_done_without_it(
    said: str, field: str, value: str | None
) -> None:
    (draft,) = drafts(f"Subject: A view by course\n\n{said}", "feature_request")
    assert told(draft).get(field) == value


def test_in_a_talk_the_other_side_tells_no_way_round() -> None:
    call = (
        "Agent: Desk, Mo speaking, how can I help?\nCaller: I wish we could have slips in Welsh.\n"
        "Agent: And currently they all get English slips.\nCaller: Yes.\n"
    )
    (draft,) = drafts(call, "feature_request")
    assert "workaround" not in told(draft)
