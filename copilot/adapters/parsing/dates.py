"""Dates in words of many languages by dateparser.

Invariant: the library is loaded with the first words that are read; only a day with its month and
its year counts, and what isn't one is None.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

_LONGEST = 40
_LANGUAGES = ["it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "hu", "ro", "tr", "ca"]
_LANGUAGES += ["en", "de", "fr", "es"]


class DateParserWords:
    """``handoff.DateWords`` by that library."""

    def read(self, written: str) -> date | None:
        return None if len(written) > _LONGEST else _read(written)


@lru_cache(maxsize=1024)
def _read(written: str) -> date | None:
    import dateparser

    found = dateparser.parse(
        written,
        languages=_LANGUAGES,
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]},
    )
    return None if found is None else found.date()
