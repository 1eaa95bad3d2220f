"""The beginning, middle and end of weeks, months, quarters and years, as words: "Ende Q1".

Invariant: tried only at the words of ``EDGE_WORDS``.
"""

from __future__ import annotations

import re

from copilot.extraction.finding.calendar_words import MONTH, MONTHS
from copilot.extraction.finding.days import Away, EdgeOf, InWeek, Part, Said, Stretch

_PARTS: dict[str, Part] = {
    **dict.fromkeys("end close ende fin final finales finals".split(), "end"),
    **dict.fromkeys("start beginning begin anfang beginn".split(), "start"),
    **dict.fromkeys("debut principios comienzos inicios".split(), "start"),
    **dict.fromkeys("middle mid mitte mi milieu mediados".split(), "middle"),
}
_STRETCHES: dict[str, Stretch] = {
    **dict.fromkeys("week woche semaine semana".split(), "week"),
    **dict.fromkeys("month monat monats mois mes".split(), "month"),
    **dict.fromkeys("quarter quartal quartals trimestre".split(), "quarter"),
    **dict.fromkeys("year jahr jahres annee an ano".split(), "year"),
}
_STRETCH = "|".join(sorted(_STRETCHES, key=len, reverse=True))
_EDGE = re.compile(
    rf"(?P<part>{'|'.join(_PARTS)})(?: |-)(?:of |de l'|de la |de los |del |de |du |d'|der |des "
    rf"|vom |von )?"
    r"(?:the )?(?:(?P<next>next|the coming|nachste[nrs]?|kommende[nrs]?|proxim[oa]) "
    r"|(?P<last>last|letzte[nrs]?"
    r"|vergangene[nrs]?) |(?:this|current|diese[rs]|laufenden|este|esta|ce|cette) )?"
    rf"(?:(?:kw|cw) ?(?P<week>[0-9]{{1,2}})|[qt](?P<quarter>[1-4])|(?P<quarter_first>[1-4])(?:st"
    rf"|nd|rd|th|er|e|\.)? (?:quarter|quartal|trimestre)"
    rf"|(?P<month>{MONTH})|(?P<stretch>{_STRETCH}))(?![^\W_])"
    r"(?: (?P<after>prochaine?|proxim[oa]|que viene|derniere?|pasad[oa]))?"
    r"(?:,? (?:de )?(?P<year>(?:19|20)[0-9]{2})(?![0-9]))?"
)
_JOINED: dict[str, tuple[Part, Stretch]] = {
    "monatsende": ("end", "month"), "jahresende": ("end", "year"),
    "quartalsende": ("end", "quarter"),
    "monatsanfang": ("start", "month"), "jahresanfang": ("start", "year"),
    "monatsmitte": ("middle", "month"), "wochenende": ("end", "week"),
    "eom": ("end", "month"), "eoy": ("end", "year"), "eoq": ("end", "quarter"),
    "eow": ("end", "week"),
}  # fmt: skip
_SHORT_NAME = 5  # letters of "sept."
_TURNED = re.compile(r"(?P<stretch>month|year|quarter)(?: |-)(?P<part>end)\b")
_TODAY = re.compile(
    r"(?:eod|cob|end of (?:the |this )?(?:day|business|play)(?: today)?|close of (?:business"
    r"|play))\b(?! (?:on )?[a-z]+day)"
)
EDGE_WORDS = (*_PARTS, *_JOINED, "month", "year", "quarter", "eod", "cob")


def edge_at(folded: str, at: int) -> tuple[int, Said] | None:
    """Where the words for such a day end, and what they say."""
    today = _TODAY.match(folded, at)
    if today is not None:
        return today.end(), Away(0, 0.6)
    turned = _TURNED.match(folded, at)
    if turned is not None:
        return turned.end(), EdgeOf("end", _STRETCHES[turned["stretch"]])
    match = _EDGE.match(folded, at)
    if match is None:
        word = re.compile(r"[a-z]+").match(folded, at)
        joined = _JOINED.get(word[0]) if word else None
        return (word.end(), EdgeOf(*joined)) if word and joined else None
    end = match.end()
    if folded[end - 1] == "." and len(match["month"] or "") > _SHORT_NAME:
        end -= 1  # the sentence's own full stop
    return end, _said(match)


def _said(match: re.Match[str]) -> Said:
    part = _PARTS[match["part"]]
    year = int(match["year"]) if match["year"] else None
    after = match["after"] or ""
    away = 1 if match["next"] or after.startswith(("proch", "prox", "que")) else 0
    if match["last"] or after.startswith(("dern", "pasad")):
        away = -1
    if match["week"]:
        return InWeek(int(match["week"]), year, end=part == "end")
    if match["quarter"] or match["quarter_first"]:
        return EdgeOf(part, "quarter", int(match["quarter"] or match["quarter_first"]), year)
    if match["month"]:
        return EdgeOf(part, "month", MONTHS[match["month"].rstrip(".")], year)
    return EdgeOf(part, _STRETCHES[match["stretch"]], None, year, away)
