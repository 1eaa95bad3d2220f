"""Lines that begin a turn of a chat or a call: a speaker, and often the time.

Invariant: labels of forms, headers and log levels are no speakers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.extraction.reading import Span
from copilot.extraction.texts.lines import Line

_CLOCK = r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?:\s(?-i:[A-Z]{3,4}|Uhr)\b)?"
_NAME = r"[@~]?[^\W_][^:\[\]<>{}|;!?\"=\t\n]{0,46}?"
_STAMPED = re.compile(
    rf"[*_-]{{0,3}}\s?[\[(](?P<when>[^\])\n]{{0,32}}?\d{{1,2}}[:.h]\d{{2}}[^\])\n]{{0,12}})[\])]"
    rf"[*_]{{0,2}}\s*[-–—|]?\s*[*_]{{0,2}}(?:(?P<name>{_NAME})[*_]{{0,2}}\s?:[*_]{{0,2}}(?:\s"
    rf"|$)|(?P<alone>{_NAME})$)",
    re.IGNORECASE,
)
_TIMED = re.compile(
    rf"[*_]{{0,2}}(?P<when>(?:[^\W_][\w./-]{{1,12}}[,.]?\s){{0,3}}{_CLOCK})[*_]{{0,2}}\s*[-–—|,]?\s*[*_]{{0,2}}"
    rf"(?P<name>{_NAME})(?:[*_]{{0,2}}\s?[:>][*_]{{0,2}}(?:\s|$)|\s{{2,}}|\t)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"[*_-]{{0,3}}\s?(?P<name>{_NAME})[*_]{{0,2}},?\s*[\[(](?P<when>[^\])\n]{{0,24}}?\d{{1,2}}[:.h]\d{{2}}"
    r"[^\])\n]{0,12})[\])]\s?(?::|-\s|–\s|$)",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"(?P<name>{_NAME}),?\s{{1,8}}(?P<when>(?:[^\W_][\w./-]{{0,12}}[,.]?\s(?:at\s|um\s"
    rf"|à\s)?){{0,4}}{_CLOCK})\s?:?$",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"(?:[*_]{{1,2}}(?P<bold>{_NAME})(?:[*_]{{1,2}}\s?:|:\s?[*_]{{1,2}})|"
    rf"<(?P<irc>[^<>@\s]{{1,30}})>|(?P<name>{_NAME})\s?:)(?:\s|$)"
)
_NOT_SPEAKERS = frozenset(
    "info warn warning error debug fatal trace note notes hint status http https caused at file "
    "from to cc date subject betreff datum von an email e-mail mail phone tel telefon fax mobile "
    "url version name company firma todo fixme update edit ps p.s next step steps expected actual "
    "result results reproduce page summary re fwd objet asunto de para fecha cause alert note "
    "investigating monitoring identified resolved reply severity priority".split()
)
JOINED = re.compile(
    r"\b(?:agent|agente|operator|representative|conseiller|conseillère|mitarbeiter(?:in)?"
    r"|berater(?:in)?|you are now (?:chatting|connected) with"
    r"|sie (?:chatten|sprechen) (?:jetzt|nun) mit)\s+(?P<name>[^\W\d_][\w'’.-]{1,30})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Line ``at`` begins what ``name`` says; ``who`` is that name in one form, to compare."""

    at: int
    name: Span
    who: str
    when: str
    stamped: bool


def turn_of(line: Line, at: int) -> Turn | None:
    if not line.words:
        return None
    words = line.words[:160]
    for pattern in (_STAMPED, _TIMED, _BEHIND, _ABOVE, _PLAIN):
        found = pattern.match(words)
        if found and not JOINED.match(words):
            groups = found.groupdict()
            place = next(
                key for key in ("name", "alone", "bold", "irc") if groups.get(key) is not None
            )
            who = found[place].strip()
            if not _speaker(who):
                continue
            start = line.at + found.start(place)
            return Turn(
                at,
                Span(start, start + len(who)),
                " ".join(who.lower().split()),
                groups.get("when") or "",
                groups.get("when") is not None,
            )
    return None


def _speaker(who: str) -> bool:
    plain = re.sub(r"\s*\([^()]*\)", "", who)
    words = plain.split()
    if not words or len(words) > 4 or len(plain) > 40 or plain.lower() in _NOT_SPEAKERS:
        return False
    return words[0].lower() not in _NOT_SPEAKERS and not who.endswith((",", "."))
