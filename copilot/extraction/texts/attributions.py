"""Lines between one message and the next: "On Monday, Ana wrote:", "----- Original Message -----".

Invariant: an attribution names a moment, an address or a mail program's fixed words: what somebody
merely tells of another's writing is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.extraction.reading import Span
from copilot.extraction.texts.lines import Line

MAX_LINES = 4
_ORIGINAL = (
    r"original(?:\s?message|\s?appointment)?|urspr(?:ü|ue)ngliche (?:nachricht|mail|e-mail)"
    r"|originalnachricht|message d['’]origine|message original|mensaje original"
)
_FORWARDED = (
    r"forwarded (?:message|mail|by .{1,60})|begin forwarded message|weitergeleitete (?:nachricht|"
    r"mail|e-mail)|anfang der weitergeleiteten (?:nachricht|e-mail)|message (?:transféré"
    r"|réexpédié|"
    r"transmis)|début du message (?:réexpédié|transféré)|courriel transféré|mensaje reenviado"
    r"|(?:inicio|comienzo) del mensaje reenviado|fwd|start of forwarded message"
)
_RULE = re.compile(r"[-_=*]{2,80}")
_SEPARATOR = re.compile(
    rf"[-_=*>\s]{{0,60}}\b(?:(?P<original>{_ORIGINAL})|(?P<forwarded>{_FORWARDED}))"
    r"(?P<end>\s?:?[-_=*<\s]{0,60})$",
    re.IGNORECASE,
)
_UNDERSCORES = re.compile(r"[_\-=]{5,}$")
# how the line begins, the words of writing, whether the name stands behind them
_OPENINGS = re.compile(
    r"(?:on|am|le|el|em|op|il|den)\s|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|.{1,80}<[^<>\s]{3,80}@", re.I
)
_WROTE = re.compile(
    r"\b(?P<verb>wrote|writes|schrieb|hat[\s>]{1,8}geschrieben|geschrieben|a[\s>]{1,8}[ée]crit"
    r"|écrivait"
    r"|escribió|escribio|ha[\s>]{1,8}escrito|escreveu)\b",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{1,2}[:hH.]\s?\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d\d|@")
_AFTER_TIME = re.compile(
    r"\d(?:\s?Uhr\b|\s?h\b|\s?[ap]\.?\s?m\b\.?)?(?:\s?\(?(?-i:[A-Z]{3,4})\b\)?(?=[\s,]))?[)\s,:-]*"
    r"(?:>\s?)*",
    re.IGNORECASE,
)
_TRACKER = re.compile(
    r"\b(?:an? |un |une |einen? )?(?:issue|ticket|case|vorgang|fall|incidencia|demande|caso)\b"
    r"|\b[A-Z]{2,10}-\d+",
    re.I,
)
_NOTED = re.compile(
    r"(?P<name>[^\W\d_][\w.'’-]*(?:\s[\w.'’()-]+){0,4})\s"
    r"(?:commented|added a comment|replied|updated|created|hat (?:einen )?kommentiert"
    r"|hat (?:.{1,30} )?erstellt|hat einen Kommentar hinzugefügt|a commenté|a répondu"
    r"|a ajouté un commentaire|a créé"
    r"|creó|ha creado|comentó|respondió|ha comentado|ha añadido un comentario)\b"
    r"(?P<rest>[^.!?]{0,120})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Lines ``start`` to ``end`` (exclusive). ``who`` holds name and address; ``when`` the date."""

    start: int
    end: int
    who: Span | None
    when: Span


@dataclass(frozen=True, slots=True)
class Separator:
    """A line that says that another mail follows; ``says`` is empty for a mere rule."""

    says: Literal["original", "forwarded", ""]


def separator_of(line: Line) -> Separator | None:
    words = line.words
    if len(words) > 140:
        return None
    if words[:1] in "_-=" and _UNDERSCORES.match(words):
        return Separator("")
    found = _SEPARATOR.match(words)
    if not found:
        return None
    dashed = words[:2] in ("--", "__", "==", "**") or found["end"].strip() != ""
    says: Literal["original", "forwarded"] = "original" if found["original"] else "forwarded"
    fixed = " " in (found["original"] or found["forwarded"])
    if says == "original" and not dashed:
        return None
    return Separator(says) if dashed or fixed else None


def attribution_at(text: str, lines: Sequence[Line], first: int) -> Attribution | None:
    """The attribution that begins at a line; mail programs wrap it over up to four."""
    if not _OPENINGS.match(lines[first].words):
        return _noted(lines, first)
    depth = lines[first].depth
    for last in range(first, min(first + MAX_LINES, len(lines))):
        line = lines[last]
        if not line.words or line.depth != depth or len(line.words) >= 300:
            break
        if line.words.endswith((":", "：")) or _ends_in_verb(line.words):
            return _attribution(text, lines, first, last)
        if last > first and line.words[-1] in ".!?" and not line.words.endswith("."):
            break
    return _noted(lines, first)


def _ends_in_verb(words: str) -> bool:
    return any(found.end() == len(words) for found in _WROTE.finditer(words[-20:]))


def _attribution(text: str, lines: Sequence[Line], first: int, last: int) -> Attribution | None:
    start = lines[first].at
    end = lines[last].at + len(lines[last].words)
    words = text[start:end]
    verb = _WROTE.search(words)
    if not verb:
        return _dated(lines, first) if first == last else None
    if not _MOMENT.search(words) or verb.start() < 8:
        return None
    behind = words[verb.end() :].strip(" \t\r\n>:")
    if behind and len(behind) < 2:
        return None
    if behind:  # Am 12.10.2026 um 10:15 schrieb Ana Gómez <…>:
        who = Span(start + verb.end(), end)
        return Attribution(first, last + 1, who, Span(start, start + verb.start()))
    at = _name_start(words[: verb.start()])
    return Attribution(
        first, last + 1, Span(start + at, start + verb.start()), Span(start, start + max(at, 1))
    )


def _name_start(words: str) -> int:
    """Where the name begins in "On Mon, 26 Oct 2026 at 16:55, Ana Gómez <ana@…> "."""
    before = words.partition("<")[0]
    last_digit = max((at for at, char in enumerate(before) if char.isdigit()), default=-1)
    if last_digit < 0:
        return max(before.rfind(",") + 1, 0)
    behind = _AFTER_TIME.match(words, last_digit)
    return behind.end() if behind else last_digit + 1


def _dated(lines: Sequence[Line], first: int) -> Attribution | None:
    """2026-11-05 10:15 GMT+01:00 Ana Gómez <ana@…>: — without a verb, an address is needed."""
    words = lines[first].words
    if not words[0].isdigit() or "@" not in words or not words.rstrip(":").endswith((">", ")")):
        return None
    at = _name_start(words)
    start = lines[first].at
    return Attribution(
        first, first + 1, Span(start + at, start + len(words)), Span(start, start + at)
    )


def _noted(lines: Sequence[Line], first: int) -> Attribution | None:
    """Ana Gómez commented on ABC-12:"""
    words = lines[first].words
    if len(words) > 160:
        return None
    found = _NOTED.match(words)
    told = words.endswith(":") or (
        found is not None and (_MOMENT.search(found["rest"]) or _TRACKER.search(found["rest"]))
    )
    if not found or not told:
        return None
    start = lines[first].at
    return Attribution(
        first,
        first + 1,
        Span(start + found.start("name"), start + found.end("name")),
        Span(start + found.start("rest"), start + len(words)),
    )
