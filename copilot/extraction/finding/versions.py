"""Versions of software, without a leading v.

Invariant: not a date, an address, a price or a time; ``label`` is the word that the number follows:
the product, or "version".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.labels import form_label, words_before
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.taken import Taken

_NUMBER = (
    r"[0-9]{1,5}(?:\.[0-9]{1,6}){0,4}"
    r"(?:[-+~]?(?:alpha|beta|rc|b|a|sp|hf|p|build|snapshot)[.\-]?[0-9]{0,4}|-[0-9]{1,3})?"
)
_SAID = re.compile(
    r"\b(?P<word>versions?|versionen|vers\.|ver\.?|release|build|firmware|rev\.?|patch(?:level)?)"
    r"(?:\W{1,3}(?:in the |of the |im |am |on the )?(?:panel|display|device|gerat|app|unit)"
    r")?(?: (?:is|ist|est|es|no\.?|nr\.?|number|nummer|numero|de la|du|de|la|die|the|von|of|auf|to"
    r"|lautet|der app|installee|instalada))?[ :=.\"'(|]{1,12}v?(?P<number>"
    + _NUMBER
    + r")(?![\w,%€]|\.[0-9]|[:/][0-9])"
)
_MARKED = re.compile(
    r"(?<![\w.\-/@])(?:v\.? ?|go|ios ?|ipados ?|android ?|windows ?(?:server ?)?|macos ?|java ?"
    r"|jdk ?)"
    r"(?P<number>" + _NUMBER + r")(?![\w%€]|\.[0-9]|[:/][0-9])"
)
_DOTTED = re.compile(
    r"(?<![\w.,/\-:=@$€£+#])(?P<number>[0-9]{1,4}(?:\.[0-9]{1,5}){2,4}"
    r"(?:-(?:alpha|beta|rc|snapshot)[.\-]?[0-9]{0,3})?)(?![\w%€]|[.,:/][0-9]|-[0-9])"
)
_BESIDE = re.compile(
    r"(?<![\w.,/\-:=@$€£+#'])(?P<number>[0-9]{1,4}(?:\.[0-9]{1,3})?)(?![\w%€$£']|[.,:/\-][0-9]"
    r"| ?(?:%|€|uhr|am\b|pm\b"
    r"|h\b|ms\b|s\b|sec|sek|min|gb|mb|kb|kg|km|mio|eur|usd|gbp|chf|x |k\b|times|mal\b|fois|von"
    r"|of |st\b|jahre|years))"
)
_SOFTWARE = frozenset(
    "chrome firefox edge safari opera browser excel office word outlook teams python java node php "
    "ruby go dotnet debian ubuntu windows macos ios android linux rhel postgres postgresql mysql "
    "oracle redis nginx apache docker kubernetes connector konnektor connecteur conector app "
    "plugin "
    "client agent driver treiber sdk api library requests gateway server module modul "
    "module".split()
)
_BEFORE = frozenset(
    "auf to from von since seit depuis desde with mit avec con on in en der die la the update "
    "upgrade "
    "version is ist est es updated installed using running under unter sur sous".split()
)
_IP = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_DATE = re.compile(r"(?:[0-3]?[0-9])\.(?:0?[1-9]|1[0-2])\.(?:[0-9]{2}|(?:19|20)[0-9]{2})")
_PAIRS = re.compile(r"0[1-9](?:\.[0-9]{2}){4}")  # a French telephone number
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")


_SAYS = re.compile(
    r"\b(?:app|client|programm?e?|software|firmware|panel|plug-?in|appli|application|aplicacion"
    r"|programa|logiciel|device|gerat|about (?:page|box|screen))(?: [^\W\d_]+){0,3}?"
    r" (?:says|shows|is(?: on| at)?|reads|sagt|zeigt|ist|steht auf|dit|affiche|dice|muestra"
    r"|pone|es)"
    r" v?(?P<number>[0-9]{1,4}(?:\.[0-9]{1,5}){1,4})(?![\w%€]|[.,:/][0-9])"
)


def find_versions(sheet: Sheet) -> Iterator[Candidate]:
    """Numbers that a version is called by, that software is followed by, or with two dots."""
    taken = Taken()
    for match, sure in _matches(sheet):
        start, end = match.span("number")
        if taken.take(start, end):
            label = form_label(sheet.folded, start) or _software_before(sheet, match.start())
            shown = sheet.text[start:end]
            yield Candidate(CandidateKind.VERSION, shown, start, end, sure, label=label)


def _matches(sheet: Sheet) -> Iterator[tuple[re.Match[str], float]]:
    for match in _SAID.finditer(sheet.folded):
        if not _DATE.fullmatch(match["number"]):
            yield match, 0.95
    for match in _MARKED.finditer(sheet.folded):
        if "." in match["number"] or match[0][0] != "v":
            yield match, 0.85
    for match in _DOTTED.finditer(sheet.folded):
        number = match["number"]
        if not (
            _IP.fullmatch(number) or _DATE.fullmatch(number) or _GROUPED.fullmatch(number)
        ) and (_PAIRS.fullmatch(number) is None):
            yield match, 0.85
    for match in _SAYS.finditer(sheet.folded):
        yield match, 0.8
    for match in _BESIDE.finditer(sheet.folded):
        before = sheet.folded[max(0, match.start() - 24) : match.start()]
        word = before.split()[-1] if before[-1:] == " " and before[-2:-1].isalnum() else ""
        dotted = "." in match["number"]
        if _is_software(word.strip("(*\"'"), sheet.name_words if dotted else ()):
            yield match, 0.7 if dotted else 0.6


def _is_software(word: str, names: Collection[str]) -> bool:
    """A known program, or the last word of a configured name, also behind a hyphen."""
    last = word.rpartition("-")[2]
    return last in _SOFTWARE or (len(last) > 2 and last in names)


def _software_before(sheet: Sheet, start: int) -> str:
    """The last words before it that may be the software's name."""
    words = words_before(sheet.folded, start, 4)
    while words and words[-1] in _BEFORE and len(words) > 1:
        words.pop()
    return " ".join(words[-2:])
