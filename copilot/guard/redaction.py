"""Takes out of a text what names a person or opens a door, before the text leaves the ledger.

Invariant: deterministic, and every number with a checksum is checked before it is taken for
one; what is taken out leaves a mark of its kind, such as ``[email]``, and redacting a redacted
text changes nothing more.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from copilot.config.keyshapes import key_spans

Kind = Literal["key", "email", "iban", "card", "ip", "phone"]
Span = tuple[int, int]

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.S)
# The value of an assignment or a header that is called a secret, or what follows such an option;
# at least one digit or sign, or a quote before it, so that "password: required" stays.
_NAMED = re.compile(
    r"""(?ix)
    (?: (?:api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key
            |secret(?:[_-]?key)?|token|passwd|password|passphrase|passwort|kennwort|pwd
            |authorization) \\?["']?
        \s*(?::=|=>|[:=])\s*(?:(?:bearer|basic)\s+)?
      | --[\w-]{0,60}? (?:key|secret|token|password|passphrase) \s+
    )
    (?P<value> \\?(?P<quote>["'])(?!\[)[^"'\n]{4,}(?P=quote)
        | (?=[^\s,;]{0,200}[\d!$%&*+/@^~-])(?!\[)[^\s"',;`]{6,} )
    """,
)
_BEARER = re.compile(r"(?i)\bbearer\s+(?P<value>[a-z0-9._~+/-]{16,}=*)")
_HOOK = re.compile(
    r"(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/(?P<value>[\w/-]{16,})"
)
# Local parts and domains in any script; RFC 5321's lengths keep the search linear.
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w](?:[\w.+%'-]{0,62}[\w+])?@(?:[\w](?:[\w-]{0,61}[\w])?\.){1,8}"
    r"(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})\b"
)
_IBAN = re.compile(
    r"\b[A-Z]{2}\d{2}(?:[ \xa0-]?[A-Z0-9]{4}){2,7}(?:[ \xa0-]?[A-Z0-9]{1,3})?\b", re.I
)
# How many characters an IBAN of a country has (ISO 13616).
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
# Digits in a row, or in the groups that are printed on cards.
_CARD = re.compile(
    r"(?<![\w.])(?:\d{12,19}|\d{4}(?:[ \xa0-]?\d{4}){3}(?:[ \xa0-]?\d{1,3})?"
    r"|\d{4}[ \xa0-]?\d{6}[ \xa0-]?\d{4,5})(?![\w]|\.\d|[ \xa0-]\d)"
)
# The first digits of those who issue cards, by how many digits their numbers have.
_ISSUERS = {
    12: r"50|5[6-9]|6[0-9]",
    13: r"4|50|5[6-9]|6[0-9]",
    14: r"30|3[689]|50|5[6-9]|6[0-9]",
    15: r"3[47]|1800|2131|50|5[6-9]|6[0-9]",
    16: r"2[2-7]|3|4|5|6",
}
_LONGER = r"35|4|50|5[6-9]|6"
_IPV4 = re.compile(
    r"(?<![\w.])(?<!ersion[ :=])(?<!ersion: )(?<!section-)\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_PHONE = re.compile(
    r"""(?x)
    (?<![\w.+/-])(?<!\d[ ])
    (?: (?: (?:\+|00)[1-9](?:[\s./-]?\(?\d\)?){6,14}       # +49 (0)30 1234567
          | (?: \([2-9]\d{2}\)[\s.-]? | [2-9]\d{2}[\s.-] ) [2-9]\d{2}[\s.-]\d{4}  # (555) 234-5678
        ) (?: \s?(?:x|ext\.?)\s?\d{1,6} )?
      | \(?0[1-9]\d{1,4}\)?[\s/-]\d{2,4}(?:[\s-]?\d{2,4}){1,3}   # 030 1234567
      | 0[1-9](?:([\s.-])\d{2})(?:\1\d{2}){3}              # 06 12 34 56 78
    )
    (?![\w]|[.-]\d)
    """
)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what was found in it, and how much of each kind that was."""

    text: str
    found: Mapping[str, int]


def redact(text: str) -> Redacted:
    """Replace keys, addresses, account, card and phone numbers by marks of their kind.

    Names and postal addresses stay: no pattern knows them. Linear in the length of ``text``.
    """
    found: Counter[str] = Counter()
    for kind, spans in _FINDERS:
        parts: list[str] = []
        end = 0
        for start, stop in spans(text):
            if start < end:
                continue
            parts += [text[end:start], f"[{kind}]"]
            end = stop
            found[kind] += 1
        if parts:
            text = "".join([*parts, text[end:]])
    return Redacted(text, dict(found))


def _keys(text: str) -> Iterator[Span]:
    spans = [match.span() for match in _PEM.finditer(text)]
    for pattern in (_NAMED, _BEARER, _HOOK):
        spans += [match.span("value") for match in pattern.finditer(text)]
    for start, stop in key_spans(text):
        # Of an address only what stands between its "//" and its "@" is secret.
        address = text.startswith("://", start)
        if address:
            spans.append((start + 3, stop - 1))
        elif not _is_word(text[start:stop]):
            spans.append((start, stop))
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    yield from merged


def _matching(
    pattern: re.Pattern[str], holds: Callable[[str], bool]
) -> Callable[[str], list[Span]]:
    def spans(text: str) -> list[Span]:
        return [match.span() for match in pattern.finditer(text) if holds(match[0])]

    return spans


def _is_word(text: str) -> bool:
    """Whether it is a name in code, such as ``xai_reasoning_effort``: keys hold more than that."""
    return text.islower() and not any(c.isdigit() for c in text)


def _ibans(text: str) -> Iterator[Span]:
    """An IBAN may be followed by words: its country says how long it is."""
    for match in _IBAN.finditer(text):
        whole = match[0]
        length = _IBAN_LENGTHS.get(whole[:2].upper(), 0)
        places = [i for i, c in enumerate(whole) if c.isalnum()]
        if not length or len(places) < length:
            continue
        end = places[length - 1] + 1
        if not whole[end : end + 1].isalnum() and _is_iban(whole[:end]):
            yield match.start(), match.start() + end


def _is_iban(text: str) -> bool:
    """Whether the check digits are right: modulo 97 (ISO 13616)."""
    bare = "".join(c for c in text if c.isalnum())
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """Whether the last digit is Luhn's, and somebody issues cards of such numbers.

    Sixteen digits in a row are what a card looks like, whoever issued it.
    """
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else 2 * d - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    if sum(doubled) % 10 or not any(digits):
        return False
    issued = re.match(_ISSUERS.get(len(digits), _LONGER), "".join(map(str, digits)))
    return issued is not None or len(digits) == len(text) == 16


def _is_address(text: str) -> bool:
    """Whether it is an IP address that could be someone's: not the machine itself, not any.

    The shortest forms of version 6 (``a::b``) are names in code far more often.
    """
    if ":" in text and (len(text) < 7 or not any(c.isdigit() for c in text)):
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


# Keys first: one may hold what looks like a number; account numbers before telephone numbers.
_FINDERS: tuple[tuple[Kind, Callable[[str], Iterator[Span] | list[Span]]], ...] = (
    ("key", _keys),
    ("email", _matching(_EMAIL, bool)),
    ("iban", _ibans),
    ("card", _matching(_CARD, _is_card)),
    ("ip", _matching(_IPV4, _is_address)),
    ("ip", _matching(_IPV6, _is_address)),
    ("phone", _matching(_PHONE, bool)),
)
