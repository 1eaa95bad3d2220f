"""Lines that begin a turn of a chat or a call: a speaker, and often the time.

Invariant: labels of forms, headers and log levels are no speakers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.extraction.reading import Span
from copilot.extraction.texts.lines import Line

Make = Literal["stamped", "timed", "behind", "above", "between", "plain", "over"]
_CLOCK = r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?:\s(?-i:[A-Z]{3,4}|Uhr)\b)?"
_NAME = r"[@~]?[^\W_][^:\[\]<>{}|;!?\"=\t\n]{0,46}?"
_STAMPED = re.compile(
    rf"[*_-]{{0,3}}\s?[\[(](?P<when>[^\])\n]{{0,32}}?\d{{1,2}}[:.h]\d{{2}}[^\])\n]{{0,12}})[\])]"
    rf"[*_]{{0,2}}\s*[-–—|]?\s*[*_]{{0,2}}(?:(?P<name>{_NAME})[*_]{{0,2}}\s?:[*_]{{0,2}}(?:\s"
    rf"|$)|(?P<alone>{_NAME})$)",
    re.IGNORECASE,
)
_TIMED = re.compile(
    rf"[*_]{{0,2}}(?P<when>(?:[^\W_][\w./-]{{1,12}}[,.]?\s){{0,3}}{_CLOCK})[*_]{{0,2}}\s*[-–—"
    rf"|,]?\s*[*_]{{0,2}}"
    rf"<?(?P<name>{_NAME})(?:[*_]{{0,2}}\s?[:>][*_]{{0,2}}(?:\s|$)|\s{{2,}}|\t)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"[*_-]{{0,3}}\s?(?P<name>{_NAME})[*_]{{0,2}},?\s*[\[(](?P<when>[^\])\n]{{0,24}}?\d{{1,2}}[:.h]\d{{2}}"
    r"[^\])\n]{0,12})[\])]\s?(?::|-\s|–\s|$)",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"(?P<name>{_NAME})(?:,?\s{{1,8}}|\s?[·•|–—]\s?)"
    rf"(?P<when>(?:[^\W_][\w./-]{{0,12}}[,.]?\s(?:at\s|um\s|à\s)?){{0,4}}{_CLOCK})\s?:?$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(  # "ana 10:14  hello"
    rf"(?P<name>[^\W_][\w.'’-]{{1,24}}(?:\s[^\W\d_a-zß-öø-ÿ][\w.'’-]{{0,24}}){{0,2}})\s{{1,4}}"
    rf"(?P<when>{_CLOCK})(?:\s{{2,}}|\t|\s?[-–>|]\s)(?=\S)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"(?:[*_]{{1,2}}(?P<bold>{_NAME})(?:[*_]{{1,2}}\s?:|:\s?[*_]{{1,2}})|"
    rf"<(?P<irc>[^<>@\s]{{1,30}})>|(?P<name>{_NAME})\s?:)(?:\s|$)"
)
# a name above what is said: in capitals, with a company or a role in brackets
_SHOWN = re.compile(
    r"(?=[^a-zß-öø-ÿ])[^\W\d_][\w.'’-]*(?:\s(?:de|la|del|van|von|der|den|di|da|du|y"
    r"|[^\W\d_a-zß-öø-ÿ][\w.'’-]*)){0,4}"
    r"(?:\s\([^()]{2,40}\))?$"
)
_DATED = re.compile(
    r"(?:(?:\w{2,10}[.,]?\s){0,2}\d{1,2}"
    r"|\d{4}-\d\d-\d\d)[^A-Za-z]{0,2}(?:[\w.,/]{1,12}[\s,]{1,2}){0,5}"
    r"(?:\w{1,3}\s)?\d{1,2}[:h]\d\d(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?(?:\s(?:\(?[A-Z]{2,5}\)?|UTC"
    r"|GMT|Uhr)?(?:[+-]\d{1,4})?)?$",
    re.IGNORECASE,
)
_EVENT = re.compile(  # what the chat itself says: "Visitor joined 10:02"
    r"[^:]{0,60}?(?:\d{1,2}:\d\d(?::\d\d)?[^:]{0,40}?)?\b(?:has |hat |est |se ha )?(?:joined|left"
    r"|started|ended|begonnen|beendet|beigetreten|verlassen|démarré|terminé|iniciado|finalizado"
    r"|unido"
    r"|(?:a )?rejoint|(?:a )?quitté)(?: (?:the |le |la |el |den |dem |am )?(?:chat|call|session"
    r"|conversation|conversación|room|gespräch))?(?: (?:at|um|à|a las))?"
    r"[\s\d:.,*)\]_-]*(?:[ap]m)?$",
    re.IGNORECASE,
)
_CLOCKED = re.compile(r"\d[:.hH]\d\d")  # what each turn with a time has
_EVENT_MARKS = (
    *("joined", "left", "started", "ended", "begonnen", "beendet", "beigetreten", "verlassen"),
    *("démarré", "terminé", "iniciado", "finalizado", "unido", "rejoint", "quitté"),
)
_BEHIND_EVENT = "0123456789:.,*)]_- amp"
_PLACES = ("name", "alone", "bold", "irc")
_NOT_SPEAKERS = frozenset(
    "info warn warning error debug fatal trace note notes hint status http https caused at file "
    "from to cc date subject betreff datum von an email e-mail mail phone tel telefon fax mobile "
    "url version name company firma todo fixme update edit ps p.s next step steps expected actual "
    "result results reproduce page summary re fwd objet asunto de para fecha cause alert note "
    "investigating monitoring identified resolved reply severity priority "
    "name role title position job function department organisation organization address street "
    "city country language website product seats users budget amount value stage source owner "
    "interest notes deadline vorname nachname rolle funktion abteilung adresse anschrift ort "
    "sprache produkt menge betrag termin frist handy mobil nom prénom fonction poste adresse "
    "ville langue produit montant échéance portable nombre apellidos cargo puesto dirección "
    "ciudad idioma producto importe plazo móvil".split()
)
_DAYS = frozenset(  # a line that is nothing but a day and a time
    "jan january feb february mar march apr april may jun june jul july aug august sep sept "
    "september oct october nov november dec december mon monday tue tuesday wed wednesday thu "
    "thursday fri friday sat saturday sun sunday januar februar märz mai juni juli oktober "
    "dezember "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag janvier février mars avril juin "
    "juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi "
    "dimanche enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre lunes martes miércoles jueves viernes sábado domingo today yesterday heute gestern "
    "aujourd'hui hier hoy ayer".split()
)
_BEFORE_TIME = frozenset("at um à on am le el a las app bot edited".split())
JOINED = re.compile(
    r"\b(?:agent|agente|operator|representative|conseiller|conseillère|mitarbeiter(?:in)?"
    r"|berater(?:in)?|you are now (?:chatting|connected) with"
    r"|sie (?:chatten|sprechen) (?:jetzt|nun) mit)\s+(?P<name>[^\W\d_][\w'’.-]{1,30})",
    re.IGNORECASE,
)


ENTERED = re.compile(
    r"\b(?:visitor|customer|guest|client|user|besucher(?:in)?|kunde|kundin|visiteur|visiteuse"
    r"|cliente"
    r"|visitante)\s+(?P<name>[^\W\d_][\w'’.-]{1,30})[^:]{0,40}\b(?:joined|started|entered"
    r"|beigetreten"
    r"|rejoint|unido|iniciado)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Line ``at`` begins what ``name`` says; ``who`` is that name in one form, to compare."""

    at: int
    name: Span
    who: str
    when: str
    make: Make

    @property
    def stamped(self) -> bool:
        return self.make != "plain"


_MAKES: tuple[tuple[Make, re.Pattern[str]], ...] = (
    ("stamped", _STAMPED),
    ("timed", _TIMED),
    ("behind", _BEHIND),
    ("above", _ABOVE),
    ("between", _BETWEEN),
    ("plain", _PLAIN),
)


def turn_of(lines: Sequence[Line], at: int) -> Turn | None:
    """The turn that a line begins, if it is one's beginning."""
    line = lines[at]
    words = line.words[:160]
    if not words or JOINED.match(words) or tells_event(words):
        return None
    clocked = _CLOCKED.search(words) is not None
    for make, pattern in _MAKES:
        if not (clocked if make != "plain" else ":" in words or words[0] == "<"):
            continue
        found = pattern.match(words)
        if not found:
            continue
        groups = found.groupdict()
        place = next(key for key in _PLACES if groups.get(key) is not None)
        who = found[place].strip()
        if not _speaker(who) or (make == "above" and not _stands_over(who, words)):
            continue
        start = line.at + found.start(place)
        when = groups.get("when") or ""
        if make == "above" and (more := _rest_of_name(when)):
            who = words[found.start(place) : found.start("when") + more].rstrip(" ,")
            when = when[more:].lstrip()
        return _turn(at, start, who, when, make)
    if _SHOWN.match(words) and at + 1 < len(lines) and _DATED.match(lines[at + 1].words):
        return _turn(at, line.at, words, lines[at + 1].words, "over")
    return None


def _rest_of_name(when: str) -> int:
    """How far a name goes on in what was taken for a day: "Archer, 09:02"."""
    end = 0
    for word in re.finditer(r"[^\W\d_][\w'’-]*,?\s+", when):
        if word.start() != end or word[0].strip(", ").lower() in _DAYS | _BEFORE_TIME:
            break
        end = word.end()
    return end


def _stands_over(who: str, words: str) -> bool:
    """Whether a name with the time behind it has a line of its own: in capitals, or as chats set
    it, with a gap between: "lou  9:44 AM"; a day is no name.
    """
    if who.split(maxsplit=1)[0].strip(".,").lower() in _DAYS:
        return False
    gap = words[len(who) :].startswith("  ") and " " not in who
    return gap or _SHOWN.match(who) is not None


def tells_event(words: str) -> bool:
    """Whether a line is what the chat itself says: that somebody came or went."""
    last = words.lower().rstrip(_BEHIND_EVENT)
    return any(mark in last[-40:] for mark in _EVENT_MARKS) and _EVENT.match(words) is not None


def _turn(at: int, start: int, who: str, when: str, make: Make) -> Turn:
    return Turn(at, Span(start, start + len(who)), " ".join(who.lower().split()), when, make)


def _speaker(who: str) -> bool:
    plain = re.sub(r"\s*\([^()]*\)", "", who)
    words = plain.split()
    if (
        not words
        or words[0][-1:] == ")"
        or len(words) > 4
        or len(plain) > 40
        or plain.lower() in _NOT_SPEAKERS
    ):
        return False
    return words[0].lower() not in _NOT_SPEAKERS and not who.endswith((",", "."))
