"""The course of an incident: status pages, timelines, alerts, chats and reviews."""

from __future__ import annotations

import pytest

from tests.unit.test_rule_extractor import drafts, told

STATUS_PAGE = """\
status.quarry.example

Slow label printing
Incident #881 · affects: Labels

MONITORING
Labels come out again. We keep an eye on it.
Nov 4, 10:48 UTC

INVESTIGATING
Since about 08:40 UTC labels take much longer than normal.
Nov 4, 09:12 UTC
"""


def incident(text: str) -> dict[str, object]:
    (draft,) = drafts(text, "incident")
    return told(draft)


def test_a_status_page_with_its_times_below_is_no_talk() -> None:
    found = incident(STATUS_PAGE)
    assert found["title"] == "Slow label printing"
    assert found["status"] == "monitoring"


def test_the_day_of_the_turn_below_is_not_that_of_a_time_above() -> None:
    chat = (
        "[31/10/26 11:48] Ana: nothing prints\n"
        "[31/10/26 11:49] Ana: it began around 11:40\n"
        "[31/10/26 11:50] Ben: same here\n"
    )
    assert incident(chat)["started_at"] == "2026-10-31T11:40"


TIMELINE = """\
## 2026-11-02 labels not printing - timeline

* 09:38 deploy of labels 5.18 done
* 09:52 page: LabelQueue fires, Ana acks
* 10:20 traffic moved away
* 10:44 rolled back to 5.17
* 11:31 all printers green, calling it resolved
* 11:40 review planned for Monday

affected: one in five label jobs between 09:41 and 10:20
"""


def test_a_timeline_tells_when_it_was_noticed_and_over_by_its_entries() -> None:
    found = incident(TIMELINE)
    assert found["started_at"] == "2026-11-02T09:41"
    assert found["detected_at"] == "2026-11-02T09:52"
    assert found["resolved_at"] == "2026-11-02T11:31"


def test_an_alert_was_noticed_when_it_was_sent_and_began_when_it_says() -> None:
    found = incident(
        "From: alerts@watch.quarry.example\nTo: oncall@quarry.example\n"
        "Date: Mon, 02 Nov 2026 03:17:09 +0000\nSubject: [FIRING:1] LabelQueueStalled\n\n"
        "Alerts firing:\n - alertname = LabelQueueStalled\nStartsAt: 2026-11-02T02:46:00Z\n\n"
        "Last firing of this rule: 2026-09-14, resolved after 4m.\n"
    )
    assert str(found["started_at"]).startswith("2026-11-02T02:46:00")
    assert found["detected_at"] == "2026-11-02T03:17:09+00:00"
    assert "resolved_at" not in found


def test_a_time_in_a_review_is_of_the_day_in_its_heading() -> None:
    found = incident(
        "Review of the wireless failure of 28 October 2026\n\n"
        "The first we heard was a lecturer who rang the desk at 10.17. It began at 10.05 and was"
        " all over at 11.32.\n"
    )
    assert found["started_at"] == "2026-10-28T10:05"
    assert found["detected_at"] == "2026-10-28T10:17"
    assert found["resolved_at"] == "2026-10-28T11:32"


def test_in_a_talk_the_first_turn_tells_when_it_was_noticed() -> None:
    talk = (
        "Ana  9:41 AM\nnothing prints in Lyon\n\nben  9:44 AM\nlooking\n\n"
        "Ana  9:50 AM\nsomebody said it was fixed until then\n\nben  9:58 AM\nstill looking\n"
    )
    found = incident(talk)
    assert str(found["detected_at"]).endswith("T09:41")
    assert "resolved_at" not in found


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Betreff: Tafeln dunkel\n\nUrsache: noch nicht bekannt, der Hersteller prüft.\n", None),
        (
            "Subject: Tills\n\nHow we came to know. A guest told us.\n\nWhat had happened. At 10:05"
            " a renewal put in place a certificate without its chain, and from then on tills"
            " failed.\n",
            "a renewal put in place a certificate without its chain",
        ),
        (
            "IDENTIFIED\nA full disk stopped the labels from being published. Space is freed.\n",
            "A full disk stopped the labels from being published",
        ),
        ("10:44 found it: the image dropped a cipher\n", "the image dropped a cipher"),
        ("Hab's. Alle nutzen die neue Vorlage. Da fehlt ein Feld.\n", "Da fehlt ein Feld"),
        ("Subject: Tills\n\nYou receive this because you are on rotation.\n", None),
    ],
)
def test_a_cause_is_told_by_how_accounts_are_written(text: str, cause: str | None) -> None:
    assert incident(text).get("cause") == cause


@pytest.mark.parametrize(
    ("text", "impact"),
    [
        ("Labels of about 1,000 domains are not visible yet.\n", "Labels of about 1,000 domains"),
        (
            "EU is fine, only rooms with more than 25 people afaict\n",
            "only rooms with more than 25 p",
        ),
        ("Was: dunkel\nWo: ganze Stadt, 212 Orte. Die App geht.\n", "ganze Stadt, 212 Orte"),
        ("Some 9,400 students lost it, in every building.\n", "Some 9,400 students lost it"),
        ("We restarted it 3 times and it took 20 minutes, nothing helped.\n", None),
    ],
)
def test_whom_it_hit_is_what_is_counted(text: str, impact: str | None) -> None:
    assert str(incident(text).get("impact")).startswith(str(impact))


@pytest.mark.parametrize(
    ("text", "commander"),
    [
        ("Einsatzleitung: Frau Dr. Ewa Nowicki\nStufe: SEV 2\n", "Ewa Nowicki"),
        ("Who did what. Siobhan Garrigle led the response. Owen wrote.\n", "Siobhan Garrigle"),
        ("Nothing prints. la incidencia la lleva Amparo Gil\n", "Amparo Gil"),
        ("Set a lead with `/lead @someone`\n/lead @Anselm Krogh\n", "Anselm Krogh"),
        (
            "De : Astreinte <astreinte@quarry.example>\nObjet : Sondes muettes\n\nBonsoir,\n\n"
            "C'est moi qui coordonne jusqu'à 6 h.\n\nGwendal Le Bihan\nAstreinte technique\n",
            "Gwendal Le Bihan",
        ),
        ("The team led the market last year.\n", None),
    ],
)
def test_who_leads_is_called_so_or_says_so(text: str, commander: str | None) -> None:
    assert incident(text).get("commander") == commander


def test_what_goes_on_has_no_end() -> None:
    found = incident(
        "09:31 page: labels fire\n09:50 labels restored in Lyon\n10:02 Oslo still dark, we are"
        " looking into it\n"
    )
    assert found["status"] == "investigating"
    assert "resolved_at" not in found


STATUS_FEED = """\
Resolved - This incident has been resolved.
Nov 4, 16:45 UTC
Monitoring - A fix is in place and we are monitoring the results.
Nov 4, 15:58 UTC
Identified - A faulty switch is dropping packets. We are routing around it.
Nov 4, 15:20 UTC
Investigating - Customers in Europe may see failed uploads since 14:50 UTC.
Nov 4, 15:02 UTC
"""
REVIEW = """\
Postmortem: search outage on 3 November 2026

Authors: Wei Zhang, Ola Nilsen

Timeline (all times UTC)
10:02 - config change merged
10:07 - error rate goes above 20%
10:11 - on-call (Ola) paged
10:25 - Wei joins as incident commander
10:52 - error rate back to normal

What happened: a config change set the pool to zero.
"""


def test_a_feed_of_updates_stands_where_its_newest_does() -> None:
    found = incident(STATUS_FEED)
    assert found["status"] == "resolved"
    assert found["cause"] == "A faulty switch is dropping packets"
    assert found["impact"] == "Customers in Europe may see failed uploads"


def test_a_review_tells_its_course_its_cause_and_who_led() -> None:
    found = incident(REVIEW)
    assert found["started_at"] == "2026-11-03T10:07+00:00"
    assert found["detected_at"] == "2026-11-03T10:11+00:00"
    assert found["resolved_at"] == "2026-11-03T10:52+00:00"
    assert found["cause"] == "a config change set the pool to zero"
    assert found["commander"] == "Wei Zhang"


def test_an_incident_began_at_the_time_that_opens_what_failed() -> None:
    found = incident(
        "Subject: Tills\n\nAt 07:12 today all tills stopped accepting cards. A shop phoned us at"
        " 07:19. Service was back at 07:48.\nNext steps: certificate monitoring (Priya).\n"
    )
    assert (found["started_at"], found["detected_at"]) == ("2026-11-10T07:12", "2026-11-10T07:19")
    assert (found["status"], found["resolved_at"]) == ("resolved", "2026-11-10T07:48")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Le 9 novembre à 22 h 10, la ligne n°3 s'est arrêtée. Un opérateur a appelé l'astreinte"
            " à 22 h 18. L'origine est un disque plein. Retour à la normale à 23 h 20.\n",
            {
                "started_at": "2026-11-09T22:10",
                "detected_at": "2026-11-09T22:18",
                "resolved_at": "2026-11-09T23:20",
                "cause": "un disque plein",
            },
        ),
        (
            "Nachtrag zum Vorfall vom 9. November\n\nGegen 13:40 Uhr meldeten sich Kundinnen, weil"
            " es hing. Tatsächlich hing es seit 13:22 Uhr. Auslöser war ein falsches Skript. Um"
            " 15:05 Uhr liefen alle Aufträge wieder normal.\n\nDen Stab leitete Frau Ilse Hart.\n",
            {
                "started_at": "2026-11-09T13:22",
                "detected_at": "2026-11-09T13:40",
                "resolved_at": "2026-11-09T15:05",
                "cause": "ein falsches Skript",
                "commander": "Ilse Hart",
            },
        ),
        (
            "INCIDENT SUMMARY #4471\n\nService          Booking\nScope            All 12 hotels\n"
            "Current status   Investigating\nSuspected cause  Unknown, vendor contacted\n",
            {"impact": "All 12 hotels", "status": "investigating", "cause": None},
        ),
        (
            "Le site était coupé entre 8h05 et 8h40. C'est Malik qui a piloté.\n",
            {"started_at": "2026-11-10T08:05", "commander": "Malik"},
        ),
    ],
)
def test_an_account_in_sentences_tells_the_course(text: str, expected: dict[str, object]) -> None:
    found = incident(text)
    assert {name: found.get(name) for name in expected} == expected
