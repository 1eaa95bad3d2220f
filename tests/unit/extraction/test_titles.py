"""What a text is about: the words that state the matter, not those around them."""

from __future__ import annotations

import pytest

from tests.unit.test_rule_extractor import drafts, told


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("09:12 ben.hill: the export is broken again\n09:15 jo: since when?",
         "the export is broken again"),
        ("[3/11/26, 20:15] Ben: the export is broken", "the export is broken"),
        ("ben.hill 14:02 search finds nothing in any folder, just me?\nben.hill 14:03 low prio",
         "search finds nothing in any folder"),
        ("Voicemail from +44 20 7946 0100, Tue 3 Nov 2026 16:05\n\nhi it's Jo Marsh from Quarry"
         " Foods uh the label printer in the warehouse has stopped printing since this morning and"
         " um we can't send anything out so please call me back thanks bye",
         "the label printer in the warehouse has stopped printing since this morning"),
        ("Hello,\nthis is Bob Hart from Mill. The scanner freezes on the login page.\nThanks",
         "The scanner freezes on the login page"),
        ("Call note 4/11: Mrs Dahl says invoices show the wrong VAT.",
         "invoices show the wrong VAT"),
        ("Hi Jo Marsh, the scanner freezes again", "the scanner freezes again"),
        (
            "Hi,\nsince 8.20 the clinic's app asks for a PIN that nobody has set and closes."
            "\n\nWe can still write on paper.",
            "since 8.20 the clinic's app asks for a PIN that nobody has set and closes",
        ),
        ("Feedback 22\nPage: reports\nRating: 3\nComment: the export of the stock list breaks off"
         " in the middle of each file\nAccount: Mill",
         "the export of the stock list breaks off in the middle of each file"),
        ("Das Lager öffnet um 8. Die Waage am Tor zeigt nichts an, gar nichts, seit Tagen schon.",
         "Die Waage am Tor zeigt nichts an, gar nichts, seit Tagen schon"),
        ("Bonjour, nous déménageons le 15 décembre. Merci de mettre à jour notre adresse à Lyon.",
         "nous déménageons le 15 décembre"),
        ("Sehr geehrte Damen und Herren, die Waage am Tor zeigt nichts mehr an.",
         "die Waage am Tor zeigt nichts mehr an"),
        ("sev2 for now\n\nThe tracking page is down for shops in Spain.",
         "The tracking page is down for shops in Spain"),
        ("# `diff` panics on empty groups #1873\n\nOS: Fedora\nThe tool dies.",
         "`diff` panics on empty groups"),
        ("Offline mode for the planner · Issue #412 · walks/walks\n\nIt needs a signal.",
         "Offline mode for the planner"),
        ("ok", None),
    ],
)  # fmt: skip
def test_a_title_has_no_stamp_speaker_or_greeting(text: str, title: str | None) -> None:
    (draft,) = drafts(text)
    assert told(draft).get("title") == title


@pytest.mark.parametrize(
    ("subject", "said", "title"),
    [
        ("Feedback", "It would be great if we could export the stock list as PDF.",
         "export the stock list as PDF"),
        ("Wunsch", "Wir hätten gern eine Sammelrechnung pro Filiale.",
         "eine Sammelrechnung pro Filiale"),
        ("Une idée", "Il nous manque la possibilité de dupliquer une commande.",
         "la possibilité de dupliquer une commande"),
        ("Ledgerly", "Nos gustaría poder programar los informes.", "programar los informes"),
        ("Une idée", "Serait-il possible de trier la liste des commandes ?",
         "trier la liste des commandes"),
        ("Feedback", "We'd like to schedule a pay run in advance.",
         "schedule a pay run in advance"),
        ("Hello", "Is there any way to have two tax numbers on one customer?",
         "two tax numbers on one customer"),
        ("Idea", "Would be super useful if the portal could group drops by postcode.",
         "the portal could group drops by postcode"),
        ("Idea", "Please let us schedule the report by e-mail. It is for 22 people.",
         "schedule the report by e-mail"),
        ("Wunsch", "Wir wünschen uns, dass Mahnungen auf Englisch verschickt werden.",
         "Mahnungen auf Englisch verschickt werden"),
        ("Quick idea", "I miss an undo for bulk replace.", "an undo for bulk replace"),
        ("PDF export", "We would like to thank you for the update.", "PDF export"),
    ],
)  # fmt: skip
def test_a_wish_behind_an_empty_subject_is_its_title(subject: str, said: str, title: str) -> None:
    mail = f"From: Ann Lee <ann@quarry.example>\nSubject: {subject}\n\nHello,\n\n{said}\n\nAnn"
    (draft,) = drafts(mail, "feature_request")
    assert told(draft)["title"] == title


def test_a_survey_is_read_by_its_questions() -> None:
    (draft,) = drafts(
        "Q1  How likely are you to recommend us?\n    7\n\n"
        "Q2  What is the one thing we should add?\n    a monthly report by mail\n\n"
        "Q3  How do you do it today?\n    I click export by myself\n\n"
        "Q4  How important is that for you?\n    ( ) can't do without   (x) nice to have\n\n"
        "Q5  How many people would use it?\n    3 of us\n",
        "feature_request",
    )
    found = told(draft)
    assert found["title"] == "a monthly report by mail"
    assert found["workaround"] == "I click export by myself"
    assert found["priority"] == "nice_to_have"
    assert found["users"] == 3


def test_a_deal_that_is_spoken_of_is_called_by_its_offer() -> None:
    (draft,) = drafts(
        "Voicemail, 3 Nov 2026\n\nhi Tom it's Ann from Quarry Foods uh I looked at the proposal for"
        " the warehouse module and it's fine but we'd need it cheaper so call me back thanks",
        "crm_deal",
    )
    assert told(draft)["title"] == "the proposal for the warehouse module"


def test_a_review_is_called_by_what_it_reviews_and_not_by_the_house() -> None:
    (draft,) = drafts(
        "University of Carrow - Information Services\n"
        "Review of the campus wireless failure of 7 October 2026\n\n"
        "What our users saw. Some 900 students lost the wireless network.\n",
        "incident",
    )
    assert told(draft)["title"] == "campus wireless failure"


def test_the_first_of_two_matters_keeps_the_subject_and_the_second_its_own_words() -> None:
    mail = (
        "From: Ann Lee <ann@quarry.example>\nSubject: Gates refuse all tickets\n\n"
        "The gates refuse the tickets sold online, since ten o'clock.\n\nAnn Lee\n\n"
        "PS: unrelated, but your invoice F-2026-0931 came twice.\n"
    )
    first, second = drafts(mail)
    assert told(first)["title"] == "Gates refuse all tickets"
    assert told(second)["title"] == "your invoice F-2026-0931 came twice"
