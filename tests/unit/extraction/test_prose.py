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
