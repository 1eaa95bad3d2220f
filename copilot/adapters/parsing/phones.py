"""Telephone numbers by phonenumbers, the port of Google's library.

Invariant: the library is loaded with the first number; what isn't one is None, never an error.
"""

from __future__ import annotations

from functools import lru_cache

from copilot.handoff import PhoneNumber

_LONGEST = 40
_MOST_DIGITS = 15


class LibPhoneNumbers:
    """``handoff.PhoneNumbers`` by the tables of that library."""

    def read(self, written: str, *, region: str) -> PhoneNumber | None:
        return None if len(written) > _LONGEST else _read(written, region)


@lru_cache(maxsize=4096)
def _read(written: str, region: str) -> PhoneNumber | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # Some countries' tables take more digits than ITU-T E.164 has room for.
    if not phonenumbers.is_possible_number(number) or len(e164) > _MOST_DIGITS + 1:
        return None
    return PhoneNumber(
        e164=e164,
        valid=phonenumbers.is_valid_number(number),
        mobile=phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE,
    )
