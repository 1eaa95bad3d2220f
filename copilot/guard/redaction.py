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
# The value of an assignment or a header that is called a secret; at least one digit or sign, or
# a quote before it, so that "password: required" stays.
_NAMED = re.compile(
    r"""(?ix)
    \b(?:api[_-]?key|access[_-]?key|secret(?:[_-]?key)?|token|passwd|password|pwd
        |authorization)["']?
    \s*(?::=|=>|[:=])\s*(?:(?:bearer|basic)\s+)?
    (?P<value> (?P<quote>["'])(?!\[)[^"'\n]{4,}(?P=quote)
        | (?=[^\s,;]{0,200}[\d!$%&*+/@^~-])(?!\[)[^\s"',;]{6,} )
    """,
)
_BEARER = re.compile(r"(?i)\bbearer\s+(?P<value>[a-z0-9._~+/-]{16,}=*)")
# Local parts and domains in any script; RFC 5321's lengths keep the search linear.
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w](?:[\w.+%'-]{0,62}[\w+])?@(?:[\w](?:[\w-]{0,61}[\w])?\.){1,8}[^\W\d_]{2,24}\b"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]?\d)")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_PHONE = re.compile(
    r"""(?x)
    (?<![\w.+/-])(?<!\d[ ])
    (?: (?:\+|00)[1-9](?:[\s./-]?\(?\d\)?){6,14}          # +49 (0)30 1234567
      | \(?[2-9]\d{2}\)?[\s.-][2-9]\d{2}[\s.-]\d{4}        # (555) 234-5678
      | \(?0[1-9]\d{1,4}\)?[\s/-]\d{2,4}(?:[\s-]?\d{2,4}){1,3}   # 030 1234567
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
    spans += [match.span("value") for match in _NAMED.finditer(text)]
    spans += [match.span("value") for match in _BEARER.finditer(text)]
    for start, stop in key_spans(text):
        # Of an address only what stands between its "//" and its "@" is secret.
        address = text.startswith("://", start)
        spans.append((start + 3, stop - 1) if address else (start, stop))
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


def _ibans(text: str) -> Iterator[Span]:
    """An IBAN may be followed by words in capitals: the longest beginning that checks is it."""
    for match in _IBAN.finditer(text):
        whole = match[0]
        ends = (i for i in range(len(whole), 14, -1) if whole[i - 1].isalnum())
        end = next((i for i in ends if _is_iban(whole[:i])), 0)
        if end:
            yield match.start(), match.start() + end


def _is_iban(text: str) -> bool:
    """Whether the check digits are right: modulo 97 (ISO 13616)."""
    bare = re.sub(r"[ -]", "", text)
    if not 15 <= len(bare) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """Whether the last digit is Luhn's, and the number not of zeros alone."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else 2 * d - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and any(digits)


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
