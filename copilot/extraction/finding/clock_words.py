"""Times of day in words: half past three, Viertel vor neun, neuf heures et demie, las 4 y media.

Invariant: tried only where such a time may begin; ``vague`` where the words don't tell the half of
the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.extraction.finding.numerals import WORDS

_HOUR_WORDS = (
    "one eins ein une una", "two zwei deux dos", "three drei trois tres", "four vier quatre cuatro",
    "five funf fuenf cinq cinco", "six sechs seis", "seven sieben sept siete",
    "eight acht huit ocho",
    "nine neun neuf nueve", "ten zehn dix diez", "eleven elf onze",
    "twelve zwolf zwoelf douze doce",
)  # fmt: skip
HOURS: dict[str, int] = {
    word: hour for hour, words in enumerate(_HOUR_WORDS, 1) for word in words.split()
}
HOUR = "|".join(sorted(HOURS, key=len, reverse=True))
NOONS: dict[str, int] = {
    "noon": 12, "midday": 12, "mitternacht": 0, "midnight": 0, "midi": 12, "minuit": 0,
    "mediodia": 12, "medianoche": 0,
}  # fmt: skip
SPOKEN = frozenset("half quarter a halb viertel dreiviertel kurz las la twenty zwanzig".split())

_H = rf"(?P<hour>[01]?[0-9]|2[0-4]|{HOUR})(?![\w/%€]|[.,:][0-9])"
_UHR = r"(?: ?uhr\b)?"
_ENGLISH = re.compile(
    rf"(?P<minutes>half|(?:a )?quarter|five|ten|twenty(?:[ -]five)?|[0-9]{{1,2}})(?: minutes?)?"
    rf" (?P<way>past|to|after|before|till) {_H}(?: o'? ?clock)?"
)
_HALF = re.compile(rf"half {_H}(?= ?(?:[.,;!?)\n]|$| (?:in|this|on|at|and|or|am|pm)\b))")
_GERMAN = re.compile(
    rf"(?:(?P<minutes>viertel|dreiviertel|funf|zehn|zwanzig"
    rf"|[0-9]{{1,2}})(?: minuten)? ?(?P<way>nach|vor)? )?"
    rf"(?P<half>halb )?{_H}{_UHR}"
)
_FRENCH = re.compile(
    rf"{_H} ?(?:heures?|h)(?: (?:et )?(?P<plus>demie?|quart)| moins (?:le )?(?P<minus>quart|dix"
    rf"|cinq"
    rf"|vingt)|(?P<exact> pile| precises?)| (?P<spelled>cinq|dix|vingt|vingt-cinq|trente|quarante"
    rf"|cinquante)\b)?(?![\w])"
)
_NOON_FRENCH = re.compile(
    r"(?P<noon>midi|minuit)(?: (?:et )?(?P<plus>demie?|quart)| (?P<m>[0-5]?[05]))?\b"
)
_SPANISH = re.compile(
    rf"(?P<article>(?:las|la) )?{_H}(?: y (?P<plus>media|cuarto|pico|diez|veinte|cinco"
    rf"|veinticinco|[0-5][0-9])"
    r"| menos (?P<minus>cuarto|diez|cinco|veinte|veinticinco))(?! mil)\b"
)
_MINUTES = "funf|zehn|funfzehn|zwanzig|funfundzwanzig|dreißig|dreissig|vierzig|funfzig"
_WORD_CLOCK = re.compile(
    rf"(?P<hour>{HOUR})(?: |-)?o ?['\"]{{0,2}} ?clock\b"
    rf"|(?P<uhr>{HOUR}) uhr\b(?: (?P<m>{_MINUTES})\b)?"
)
_WORD_HALF = re.compile(rf"(?P<hour>{HOUR}) ?(?P<half>a\.?m\.?|p\.?m\.?)(?![^\W_])")
_WORD_MINUTE = re.compile(
    rf"(?P<hour>{HOUR}) (?P<m>ten|fifteen|twenty(?:[ -]five)?|thirty(?:[ -]five)?"
    r"|forty(?:[ -]five)?|fifty(?:[ -]five)?)"
    r"(?= (?:this|in the|today|yesterday|last night|tonight|[ap]\.?m\b))"
)
_PARTIAL = {
    "half": 30, "demi": 30, "demie": 30, "media": 30, "quarter": 15, "a quarter": 15, "viertel": 15,
    "quart": 15, "cuarto": 15, "pico": 0, "dreiviertel": 45, "twenty-five": 25, "twenty five": 25,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading12:
    """A time in words. ``loose``: the words may as well say something else."""

    end: int
    hour: int
    minute: int
    vague: bool = True
    loose: bool = False


def hour_of(written: str) -> int | None:
    """The hour that digits or a word name."""
    hour = int(written) if written.isdigit() else HOURS.get(written)
    return hour if hour is not None and hour <= 24 else None


def read_spoken(folded: str, at: int) -> Reading12 | None:
    """The time whose words begin here."""
    return (
        _english(folded, at)
        or _german(folded, at)
        or _noon(folded, at)
        or _romance(folded, at)
        or _clock(folded, at)
    )


def _made(end: int, hour: int | None, minutes: int, *, loose: bool = False) -> Reading12 | None:
    if hour is None or hour > 24:
        return None
    total = (hour * 60 + minutes) % 1440
    return Reading12(end, total // 60, total % 60, vague=1 <= hour <= 12, loose=loose)


def _count(written: str) -> int:
    if written.isdigit():
        return int(written)
    return _PARTIAL.get(written, WORDS.get(written, 0))


def _english(folded: str, at: int) -> Reading12 | None:
    match = _ENGLISH.match(folded, at)
    if match is not None:
        minutes = _count(match["minutes"])
        clear = match["minutes"].endswith(("half", "quarter"))
        if minutes < 60 and (clear or match["way"] in ("past", "to")):
            back = match["way"] in ("to", "before", "till")
            return _made(
                match.end(),
                hour_of(match["hour"]),
                -minutes if back else minutes,
                loose=not clear and match["way"] == "to",
            )
    match = _HALF.match(folded, at)
    return None if match is None else _made(match.end(), hour_of(match["hour"]), 30)


def _german(folded: str, at: int) -> Reading12 | None:
    match = _GERMAN.match(folded, at)
    if match is None or not (
        match["half"] or (match["minutes"] and (match["way"] or match["minutes"] == "dreiviertel"))
    ):
        return None
    minutes, hour = _count(match["minutes"] or "0"), hour_of(match["hour"])
    if match["minutes"] == "dreiviertel":
        return _made(match.end(), hour, -15)
    shift = -minutes if match["way"] == "vor" else minutes
    if match["half"]:
        shift -= 30
    clear = match["half"] or match["minutes"] == "viertel" or "uhr" in match[0]
    return _made(match.end(), hour, shift, loose=not clear) if abs(shift) < 60 else None


def _romance(folded: str, at: int) -> Reading12 | None:
    match = _FRENCH.match(folded, at)
    if match is not None and (
        match["plus"]
        or match["minus"]
        or match["exact"]
        or match["spelled"]
        or not match["hour"].isdigit()
    ):
        minutes = _count(match["plus"] or match["spelled"] or "0") - _count(match["minus"] or "0")
        return _made(match.end(), hour_of(match["hour"]), minutes)
    match = _SPANISH.match(folded, at)
    if match is None:
        return None
    clear = match["article"] or match["plus"] in ("media", "cuarto") or match["minus"]
    if not clear:
        return None
    minutes = _count(match["plus"] or "0") - _count(match["minus"] or "0")
    return _made(match.end(), hour_of(match["hour"]), minutes)


def _noon(folded: str, at: int) -> Reading12 | None:
    match = _NOON_FRENCH.match(folded, at)
    if match is not None:
        minutes = int(match["m"]) if match["m"] else _count(match["plus"] or "0")
        return Reading12(match.end(), NOONS[match["noon"]], minutes, vague=False)
    for word, hour in NOONS.items():
        if folded.startswith(word, at):
            return Reading12(at + len(word), hour, 0, vague=False)
    return None


def _clock(folded: str, at: int) -> Reading12 | None:
    if folded[at].isdigit():
        return None
    match = _WORD_CLOCK.match(folded, at)
    if match is not None:
        minutes = WORDS.get(match["m"] or "", 0)
        return _made(match.end(), HOURS[match["hour"] or match["uhr"]], minutes)
    match = _WORD_MINUTE.match(folded, at)
    if match is not None:
        minutes = sum(WORDS.get(word, 0) for word in re.split("[ -]", match["m"]))
        return _made(match.end(), HOURS[match["hour"]], minutes)
    match = _WORD_HALF.match(folded, at)
    if match is None:
        return None
    hour = HOURS[match["hour"]] % 12 + (12 if match["half"][0] == "p" else 0)
    return Reading12(match.end(), hour, 0, vague=False)
