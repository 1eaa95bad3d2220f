"""Redaction: what names a person or opens a door goes, and what only looks so stays."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.guard.redaction import redact
from tests.corpora import REPOSITORY, corpora_root, sets_root

FAKE_KEY = "sk-" + "proj" + "A1b2C3d4E5f6G7h8I9"
STRIPE_KEY = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
SLACK_HOOK = "hooks.slack.com/" + "services/T00000000/B00000000/" + "a1" * 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail ana.lópez+ops@mail.example.co.uk.", "mail [email]."),
        ("<o'neil@exämple.org>", "<[email]>"),
        ("card 4111 1111 1111 1111, thanks", "card [card], thanks"),
        ("5500-0000-0000-0004", "[card]"),
        ("pay to DE89 3704 0044 0532 0130 00 TODAY", "pay to [iban] TODAY"),
        ("GB82WEST12345698765432", "[iban]"),
        ("call +49 (0)30 1234567 now", "call [phone] now"),
        ("(555) 234-5678 or 030 1234567", "[phone] or [phone]"),
        ("from 203.0.113.7:443", "from [ip]:443"),
        ("from 2001:db8::8a2e:370:7334.", "from [ip]."),
        (f"key {FAKE_KEY}.", "key [key]."),
        ('password = "correct horse"', "password = [key]"),
        ("Authorization: Bearer abcdef0123456789abcdef", "Authorization: Bearer [key]"),
        ("postgres://app:s3cret@db/prod", "postgres://[key]@db/prod"),
        ("API_KEY=zk9x-11f", "API_KEY=[key]"),
        ("export AWS_SECRET_ACCESS_KEY=wJalr/K7MDENG", "export AWS_SECRET_ACCESS_KEY=[key]"),
        ('{"clientSecret": "a1b2c3d4"}', '{"clientSecret": [key]}'),
        (r"{\"db_password\": \"hunter22\"}", r"{\"db_password\": [key]}"),
        ("run it --api-key abc123def now", "run it --api-key [key] now"),
        (f"a {STRIPE_KEY}", "a [key]"),
        (f"post to https://{SLACK_HOOK}", "post to https://hooks.slack.com/services/[key]"),
        ("amex 3782 822463 10005", "amex [card]"),
        ("maestro 676222165679", "maestro [card]"),
        ("4222222222222 and 6212341111111111116", "[card] and [card]"),
        ("4111\xa01111\xa01111\xa01111", "[card]"),
        ("pay de89 3704 0044 0532 0130 00 today", "pay [iban] today"),
        ("(978)645-9740x11144 and 06 12 34 56 78", "[phone] and [phone]"),
        ("info@exämple.xn--p1ai", "[email]"),
    ],
)
def test_what_names_a_person_or_opens_a_door_is_replaced(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112 has a wrong check digit",
        "DE89 3704 0044 0532 0130 01 has a wrong check digit",
        "on 2026-11-22 at 10:15:30, run 019a0000-0001-7000-8000-000000000001",
        "version 3.11.9, build 1.82.7.10000, 16 GB, ticket 100482, p95 0.25 s",
        "the machine itself: 127.0.0.1 and ::1 and 0.0.0.0",
        "password: required, token: optional",
        "std::vector and a::b, 12:30 to 13:45",
        "@decorator and user@host",
        "0.0000000000000000 and 1234567890123.5",
        "hl_lines 2 5 8 11 14 17 20 23 26 and 2-5 8-11 14-17 20-23",
        "archived 20190410102524, ISBN 9781491917619, status/1463977921891217411",
        "id f5412732-1008-4272-aab5-8bcc9c2bb, hash 16b686067375182573e2aa16b5bfc1e64",
        "the years 2014 2015 2016 2017 and order 600-202502260645",
        "XX89370400440532013000 is of no country",
        "rfc5280#section-4.1.2.6, version 8.0.5.25",
        "set xai_include_collections_search_output and max_tokens = 1000",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text) == redact(text).__class__(text, {})


def test_what_was_found_is_counted_by_kind() -> None:
    found = redact("a@b.example, c@d.example, 4111111111111111").found
    assert found == {"email": 2, "card": 1}


def test_a_private_key_goes_whole_even_when_it_is_cut_off() -> None:
    begin = "-----BEGIN RSA " + "PRIVATE KEY-----"
    end = "-----END RSA " + "PRIVATE KEY-----"
    assert redact(f"a\n{begin}\nMIIE\nabc\n{end}\nb").text == "a\n[key]\nb"
    assert redact(f"a\n{begin}\nMIIE\nabc").text == "a\n[key]"


@given(st.text(alphabet="a1 :.@+-=/(\"'PpBASbearer0DE\n", max_size=200))
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text).text
    assert redact(once) == redact(once).__class__(once, {})


@given(st.from_regex(r"\A[1-9][0-9]{14}\Z"))
def test_every_number_with_luhns_digit_is_taken_for_a_card(digits: str) -> None:
    checks = [redact(f"no {digits}{last}.").text == "no [card]." for last in range(10)]
    assert sum(checks) == 1


def test_the_sample_handbook_holds_no_card_and_no_account() -> None:
    kinds: set[str] = set()
    for path in sorted(Path(REPOSITORY, "data/handbook").rglob("*.md")):
        kinds |= redact(path.read_text(encoding="utf-8")).found.keys()
    assert not kinds & {"card", "iban"}


def test_whatever_has_a_checksum_or_a_form_of_its_own_is_found_in_sentences_of_others() -> None:
    kinds = {"CREDIT_CARD": "card", "IBAN_CODE": "iban", "EMAIL_ADDRESS": "email"}
    kinds["IP_ADDRESS"] = "ip"
    there, left = Counter[str](), list[str]()
    path = sets_root() / "presidio_research" / "pii.jsonl"
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        redacted = redact(row["text"]).text
        for span in row["spans"]:
            kind = kinds.get(span["type"])
            there[kind or ""] += 1
            if kind and (span["value"] in redacted or f"[{kind}]" not in redacted):
                left.append(span["value"])
    assert left == []
    assert all(there[kind] for kind in kinds.values())


def test_no_number_of_technical_documents_is_taken_for_a_card_or_an_account() -> None:
    documents, found = 0, list[str]()
    for path in sorted(corpora_root().rglob("*.md")):
        documents += 1
        kinds = redact(path.read_text(encoding="utf-8", errors="replace")).found
        found += [f"{path.name}: {kind}" for kind in ("card", "iban") if kind in kinds]
    assert documents > 1_000
    assert found == []
