"""Redaction: what names a person or opens a door goes, and what only looks so stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.guard.redaction import redact
from tests.corpora import REPOSITORY

FAKE_KEY = "sk-" + "proj" + "A1b2C3d4E5f6G7h8I9"


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
