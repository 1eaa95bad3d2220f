"""Whose name, address, numbers and company a record takes, by rules."""

from __future__ import annotations

import hashlib
from datetime import datetime

from copilot.config.records import ExtractionSettings
from copilot.extracted import Json, SourceText
from tests.bench.extraction import SCHEMAS, schema_at
from tests.bench.extractors import rule_extractor

_WHEN = "Date: Tue, 10 Nov 2026 09:00:00 +0000\n"


def told(text: str, schema: str = "ticket", *, number: int = 0) -> dict[str, Json]:
    """The values of one of the text's records."""
    when = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest(), received_at=when)
    settings = ExtractionSettings(own_domains=("helpers.example",))
    draft = rule_extractor(settings, embeds=False).extract(
        source, schema_at(SCHEMAS / f"{schema}.json")
    )[number]
    return {name: value.value for name, value in draft.items() if value.value is not None}


def test_a_hyphen_in_a_name_cuts_nothing_off() -> None:
    found = told(
        f"From: Anne-Sophie Lenoir <as.lenoir@moulin.example>\nTo: help@helpers.example\n{_WHEN}"
        "Subject: Impression\n\nBonjour, l'impression ne marche plus.\n"
    )
    assert found["requester_name"] == "Anne-Sophie Lenoir"


def test_who_hands_on_what_a_machine_wrote_is_the_one_who_asks() -> None:
    found = told(
        f"From: Rosa Imhoff <rosa@quarry.example>\nTo: help@quarry.example\n{_WHEN}"
        "Subject: FW: Backup failed\n\nHi, this came again. Please look.\n\nRosa Imhoff\n"
        "Quarry Foods Ltd\n\n"
        "-----Original Message-----\nFrom: Backup <vault-noreply@quarry.example>\n"
        "Sent: Monday, 9 November 2026 23:10\nTo: Rosa Imhoff\nSubject: Backup failed\n\n"
        "Job failed.\nName: nightly\nServer: fs-02\n"
    )
    assert found["requester_name"] == "Rosa Imhoff"
    assert found["requester_email"] == "rosa@quarry.example"


def test_a_person_is_answered_where_they_are_and_not_at_their_monitoring() -> None:
    found = told(
        f"From: alerts@quarry.example\nTo: help@helpers.example\n"
        f"Cc: Rosa Imhoff <rosa.imhoff@quarry.example>\n{_WHEN}"
        "Subject: Sync stopped\n\nThe sync stopped, please help.\n\nRosa Imhoff\nQuarry Foods Ltd\n"
    )
    assert found["requester_email"] == "rosa.imhoff@quarry.example"
    assert found["requester_name"] == "Rosa Imhoff"


def test_a_word_for_a_mobile_belongs_to_the_number_behind_it() -> None:
    found = told(
        f"From: Solene Kerv <s.kerv@maree.example>\nTo: lucia@helpers.example\n{_WHEN}"
        "Subject: Contact\n\nBonjour,\n\nJe suis au 01 99 00 14 62 (portable 06 39 98 27 05).\n\n"
        "Solene Kerv\nResponsable logistique\nLa Maree SARL\n",
        "crm_contact",
    )
    assert found["mobile"] == "+33639982705"
    assert found["phone"] == "+33199001462"


def test_the_company_is_that_of_the_colleague_who_hands_it_to_their_own_desk() -> None:
    found = told(
        f"From: Ann Vroom <a.vroom@kestrel.example>\nTo: helpdesk@kestrel.example\n{_WHEN}"
        "Subject: FW: No network\n\nForwarding for Tobias.\n\nAnn Vroom\n"
        "Team Assistant | Kestrel Works BV\n\n"
        "-----Original Message-----\nFrom: Tobias Lind <tobias.lind@quickpost.example>\n"
        "Sent: Tuesday, 10 November 2026 08:31\nTo: Ann Vroom\nSubject: No network\n\n"
        "Hi Ann, I can't get into the network since this morning.\n\nTobias\n"
    )
    assert found["requester_name"] == "Tobias Lind"
    assert found["company"] == "Kestrel Works BV"


def test_an_extension_below_a_name_is_no_company() -> None:
    found = told(
        f"From: Edel Pichler <e.pichler@murtal.example>\nTo: help@helpers.example\n{_WHEN}"
        "Subject: Belege\n\nGuten Tag, die Belege vom Gasthof Hirschenwirt fehlen.\n\n"
        "Liebe Grüße\nEdel Pichler\nDW 14\n"
    )
    assert found.get("company") != "DW 14"


def test_a_colleague_in_copy_is_written_to_at_the_address_behind_their_name() -> None:
    found = told(
        "From: Solene Kerv <s.kerv@maree.example>\nTo: lucia@helpers.example\n"
        f"Cc: Bastien Roullier <compta@maree.example>\n{_WHEN}"
        "Subject: Contacts\n\nBonjour,\n\nPour la logistique : moi-même.\n\n"
        "Pour la facturation : M. Bastien Roullier, notre chef comptable, 01 99 00 14 70.\n\n"
        "Solene Kerv\nResponsable logistique\nLa Maree SARL\n",
        "crm_contact",
        number=1,
    )
    assert found["name"] == "Bastien Roullier"
    assert found["email"] == "compta@maree.example"


def test_a_website_is_the_one_of_the_form_and_not_where_the_form_stands() -> None:
    found = told(
        "NEW SUBMISSION helpers.example/contact\nfirst name: Jan\nlast name: Ostfeld\n"
        'your role: on paper "Betriebsleiter"\ne-mail: jan@ostfeld.example\n'
        "website: https://ostfeld.example/shop\n",
        "crm_contact",
    )
    assert found["website"] == "https://ostfeld.example/shop"
    assert found["job_title"] == "Betriebsleiter"


def test_a_shop_that_writes_is_the_company_and_who_signs_the_person() -> None:
    found = told(
        f"From: Le Merle Bleu <lemerlebleu@assiette.example>\nTo: help@helpers.example\n{_WHEN}"
        "Subject: caisse\n\ncaisse bloquée en plein service, on peut plus encaisser\nMaëlle\n"
    )
    assert (found["requester_name"], found["company"]) == ("Maëlle", "Le Merle Bleu")
    found = told(
        f"From: SHOP 11 CLEETHORPES <shop11@crumb.example>\nTo: help@helpers.example\n{_WHEN}"
        "Subject: READER\n\nIT READS NO CARDS SINCE 6.30.\n\nMAUREEN\nCRUMB & SONS BAKERS\n"
    )
    assert found["requester_name"] == "Maureen"


def test_what_an_export_has_of_an_assignee_is_not_of_who_asks() -> None:
    found = told(
        '{"ticket": {"subject": "locker", "requester": {"name": "Tamsin Greaves",'
        ' "email": "tamsin@tidemail.example"}, "assignee": {"name": "Dov",'
        ' "email": "dov@lockers.example", "phone": "+44 1632 960330"}}}'
    )
    assert (found["requester_name"], found["requester_email"]) == (
        "Tamsin Greaves", "tamsin@tidemail.example",
    )  # fmt: skip
    assert "requester_phone" not in found


def test_who_opened_an_issue_asks() -> None:
    found = told("# Crash on start #12\n\n**ida.roth** opened this issue on Nov 9\n\nIt crashes.\n")
    assert found["requester_name"] == "ida.roth"
