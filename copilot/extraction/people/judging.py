"""Whether words that stand where a company or a position may stand are one.

Invariant: nothing is looked up; the words, and the addresses that the text holds, decide.
"""

from __future__ import annotations

from copilot.extraction.people import wordings
from copilot.extraction.people.firms import Hosts, has_legal_form
from copilot.extraction.people.trades import is_office, looks_like_trade

_LONGEST = 5  # words of a position


class Judge:
    """Judges by the ``hosts`` that a text names."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def known(self, words: str) -> bool:
        return has_legal_form(words) or next(self._hosts.find(words), None) is not None

    def plainly(self, words: str) -> bool:
        """Whether nothing but a name has this form: several words, or a known company."""
        return " " in words.strip() or self.known(words)

    def is_company(self, words: str) -> bool:
        if len(words) <= 2 or (words[0].isdigit() and not self.known(words)):
            return False
        if wordings.HONORIFIC.fullmatch(words):
            return False
        return not (wordings.NO_COMPANY.match(words) or is_office(words))


def is_title(words: str) -> bool:
    """Whether words are a position alone: not "I'm the buyer"."""
    if len(words.split()) > _LONGEST or not looks_like_trade(words):
        return False
    return wordings.SELF_BEGINS.match(words.lower() + " ") is None
