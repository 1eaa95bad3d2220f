"""Of which people a text has a record, and what each record takes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from copilot.config.records import ExtractionSettings
from copilot.extracted import Json, SourceText
from tests.bench.extraction import SCHEMAS, schema_at
from tests.bench.extractors import rule_extractor

_DATE = "Date: Tue, 10 Nov 2026 09:00:00 +0000\n"


def records(text: str, schema: str = "crm_contact") -> list[dict[str, Json]]:
    when = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest(), received_at=when)
    drafts = rule_extractor(ExtractionSettings(), embeds=False).extract(
        source, schema_at(SCHEMAS / f"{schema}.json")
    )
    return [
        {name: value.value for name, value in draft.items() if value.value is not None}
        for draft in drafts
    ]


def test_each_row_of_an_export_is_a_contact() -> None:
    found = records(
        "First Name;Last Name;Account;Title;Email;Business Phone\n"
        "Ida;Roth;Roth KG;Head of IT;ida@roth.example;+49 511 447700\n"
        "Åke;Berg;Berg AB;Buyer;ake@berg.example;\n"
    )
    assert found == [
        {
            "name": "Ida Roth", "company": "Roth KG", "job_title": "Head of IT",
            "email": "ida@roth.example", "phone": "+49511447700",
        },
        {"name": "Åke Berg", "company": "Berg AB", "job_title": "Buyer",
         "email": "ake@berg.example"},
    ]  # fmt: skip


def test_labels_that_come_again_begin_another_contact_and_others_are_shared() -> None:
    found = records(
        "Company: Roth KG\n"
        "1) Name: Ida Roth\n   Role: buyer\n   Phone: +49 511 447700\n"
        "2) Name: Åke Berg\n   Role: foreman\n   Mobile: +49 171 3920044\n"
        "Address: Hafenstr. 4, 30159 Hannover\n"
    )
    assert [(one["name"], one["job_title"], one["company"]) for one in found] == [
        ("Ida Roth", "buyer", "Roth KG"),
        ("Åke Berg", "foreman", "Roth KG"),
    ]
    assert "mobile" not in found[0]
    assert "phone" not in found[1]
    assert {one["address"] for one in found} == {"Hafenstr. 4, 30159 Hannover"}


def test_two_on_one_line_have_what_stands_behind_their_own_names() -> None:
    found = records(
        "Saw Ida Roth (buyer, ida@roth.example) and Åke Berg (foreman, +49 171 3920044) today.\n"
    )
    assert [one["name"] for one in found] == ["Ida Roth", "Åke Berg"]
    assert (found[0]["email"], found[0]["job_title"]) == ("ida@roth.example", "buyer")
    assert (found[1]["mobile"], found[1]["job_title"]) == ("+491713920044", "foreman")


def test_who_writes_to_colleagues_is_no_contact_and_lends_none_their_company() -> None:
    (found,) = records(
        f"From: Tom Reed <tom@sellers.example>\nTo: Ann Hill <ann@sellers.example>\n{_DATE}"
        "Subject: new one\n\nCalled Ida Roth, head of IT, ida@roth.example.\n\n"
        "Best\nTom Reed\nKey Account Manager\nSellers Ltd\n+44 20 7946 0311\n"
    )
    assert found == {"name": "Ida Roth", "job_title": "head of IT", "email": "ida@roth.example"}
    (deal,) = records(
        f"From: Tom Reed <tom@sellers.example>\nTo: Ann Hill <ann@sellers.example>\n{_DATE}"
        "Subject: new one\n\nWe sent it off.\n\nBest\nTom Reed\nSellers Ltd\n",
        "crm_deal",
    )
    assert deal.keys().isdisjoint({"company", "contact_name", "contact_email"})


def test_who_writes_from_a_mailbox_that_anybody_can_have_is_no_colleague() -> None:
    (found,) = records(
        f"From: Ida Roth <ida@gmail.com>\nTo: bakery@gmail.com\n{_DATE}Subject: bread\n\n"
        "A loaf, please.\n\nIda Roth\n"
    )
    assert (found["name"], found["email"]) == ("Ida Roth", "ida@gmail.com")


def test_whom_a_third_brings_together_is_a_contact_beside_who_does() -> None:
    (partner, found) = records(
        f"From: Jo Lind <jo@partners.example>\nTo: Tom Reed <tom@sellers.example>\n"
        f"Cc: Petra Sommer <p.sommer@holzwerk.example>\n{_DATE}Subject: Vorstellung\n\n"
        "Hallo Tom,\n\ngerne stelle ich dir Petra Sommer vor. Petra leitet bei der Holzwerk Lindau"
        " GmbH den Einkauf und fragt nach euch.\n\nGruß\nJo\n"
    )
    assert partner == {"name": "Jo Lind", "email": "jo@partners.example"}
    assert (found["name"], found["company"]) == ("Petra Sommer", "Holzwerk Lindau GmbH")
    assert found["email"] == "p.sommer@holzwerk.example"


def test_who_is_introduced_by_the_first_name_has_the_full_one_of_the_mail_s_addresses() -> None:
    (found,) = records(
        f"From: Rosa Tran <rosa@sellers.example>\nTo: Tom Reed <tom@sellers.example>\n"
        f"Cc: Aoife Gallagher <a.gallagher@whitbarrow.example>\n{_DATE}Subject: You two\n\n"
        "Tom, meet Aoife. Aoife, meet Tom.\n\nShe is their docking planner. Best on her mobile,"
        " 07700 900127. She would rather have it in German.\n\nRosa\n"
    )
    assert found == {
        "name": "Aoife Gallagher", "email": "a.gallagher@whitbarrow.example",
        "mobile": "+447700900127", "language": "de", "job_title": "docking planner",
    }  # fmt: skip


def test_each_line_of_a_list_of_people_is_a_contact() -> None:
    found = records(
        "Fair, day 2\n\n"
        "- Rosa Ibarra, head of purchasing, Mercado Sur SL, rosa@mercadosur.example\n"
        "- Claire Aubert (Aubert & Fils), acheteuse, 06 11 22 33 44\n"
        "- Kwame Boateng - IT manager - Volta Foods - kwame@voltafoods.example\n"
        "Good day, but my feet hurt.\n"
    )
    assert [(one["name"], one["job_title"], one["company"]) for one in found] == [
        ("Rosa Ibarra", "head of purchasing", "Mercado Sur SL"),
        ("Claire Aubert", "acheteuse", "Aubert & Fils"),
        ("Kwame Boateng", "IT manager", "Volta Foods"),
    ]


def test_a_deal_takes_the_sum_that_is_meant_now_and_the_company_that_addresses_spell() -> None:
    (found,) = records(
        f"From: Jo <jo@sellers.example>\nTo: all <all@sellers.example>\n{_DATE}"
        "Subject: Reinigung Möbelhaus Tiedemann\n\n"
        "Frau Roth (a.roth@moebel-tiedemann.example) will 42 Filialen zu 19 € je Filiale,"
        " zusammen 798 €. Ich sehe es 70:30 für uns.\nJo\n",
        "crm_deal",
    )
    assert (found["company"], found["amount"], found["seats"]) == ("Möbelhaus Tiedemann", 798, 42)
    assert found["probability"] == 70
    (found,) = records(
        "Deal\n\nOffered EUR 148,000. Then re-quoted at EUR 163,500. Prob. 25, now prob. 50.\n",
        "crm_deal",
    )
    assert (found["amount"], found["probability"]) == (163500, 50)


def test_data_belong_to_whom_initials_or_the_last_name_before_them_name() -> None:
    (one, other) = records(
        "seen: Loïc Guivarc'h (gérant) + Samira Benhaddou, resp. ordonnancement\n\n"
        "LG decides. Reach him early, mobile +33 6 39 98 71 05\n"
        "SB: s.benhaddou@guivarch.example\n"
    )
    assert (one["name"], one["mobile"], "email" in one) == ("Loïc Guivarc'h", "+33639987105", False)
    assert (other["name"], other["job_title"]) == ("Samira Benhaddou", "resp. ordonnancement")
    assert other["email"] == "s.benhaddou@guivarch.example"


def test_the_line_below_a_name_is_the_position_where_the_company_stands_elsewhere() -> None:
    (found,) = records(
        f"From: Ida Roth <ida@roth.example>\nTo: us@sellers.example\n{_DATE}Subject: Linge\n\n"
        "C'est moi qui reprends.\n\nCordialement\n\nIda ROTH\nMagicienne des draps\n"
        "Hôtels Roth SARL\n14 quai des Goélands\n29200 Brest\n"
    )
    assert (found["job_title"], found["company"]) == ("Magicienne des draps", "Hôtels Roth SARL")


def test_two_on_a_line_of_a_report_have_what_their_titles_name_below() -> None:
    (one, other) = records(
        "Besuchsbericht Weingut Sonnenberg, 12.11.\n\n"
        "Gesprächspartner: Frau Lisbeth Sonnenberg (Inhaberin), Herr Tim Vogel (Kellermeister)\n"
        "Handy Frau Sonnenberg 0172 555 01 23\nHerr Vogel: tvogel@weingut-sonnenberg.example\n"
        "Adresse: Bergweg 3, 67433 Neustadt\n"
    )
    assert (one["name"], one["job_title"], one["mobile"]) == (
        "Lisbeth Sonnenberg", "Inhaberin", "+491725550123",
    )  # fmt: skip
    assert (other["name"], other["email"]) == ("Tim Vogel", "tvogel@weingut-sonnenberg.example")
    assert "mobile" not in other
    for found in (one, other):
        assert found["company"] == "Weingut Sonnenberg"
        assert found["address"] == "Bergweg 3, 67433 Neustadt"


def test_labels_on_lines_of_their_own_have_their_values_below() -> None:
    (found,) = records(
        "A new event has been scheduled.\n\nInvitee:\nLorraine Hill\n\nQuestions:\nCompany\n"
        "Hill Tiles\nYour role\nShowroom manager\nPhone\n+44 7700 900 662\n"
    )
    assert (found["name"], found["company"]) == ("Lorraine Hill", "Hill Tiles")
    assert (found["job_title"], found["phone"]) == ("Showroom manager", "+447700900662")
    assert "mobile" not in found


def test_who_takes_over_from_who_writes_is_a_contact_too() -> None:
    (gone, found) = records(
        f"From: Peter Maddox <p.maddox@riverbend.example>\nTo: kay@sellers.example\n{_DATE}"
        "Subject: moving on\n\nHi Kay,\n\ntoday is my last day. From Monday Chloe Barnes takes over"
        " as purchasing manager, reach her on chloe.barnes@riverbend.example.\n\nPeter\n"
    )
    assert gone["name"] == "Peter Maddox"
    assert (found["name"], found["job_title"]) == ("Chloe Barnes", "purchasing manager")


def test_sellers_who_chat_of_a_customer_are_not_the_one_spoken_to() -> None:
    (found,) = records(
        "[17:41] rhys: SIGNED. Blue Heron Markets, Portland\n[17:42] sofia: who signed?\n"
        "[17:43] rhys: Anselm Okonjo-Reyes himself. anselm@blueheronmarkets.example\n"
        "[17:44] sofia: great\n",
        "crm_deal",
    )
    assert found["contact_name"] == "Anselm Okonjo-Reyes"
