"""Codes and names of errors, as they are shown.

Invariant: an upper-case word alone is none; it needs a code's shape, an exception's ending, or the
word "error" before it.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.labels import words_before
from copilot.extraction.finding.references import NUMBERED
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.spelled import spelled
from copilot.extraction.finding.taken import Taken

_SAID = (
    r"(?:error|fehler|erreur|errno|exit|fault|status|fehlermeldung|stop|bugcheck|exception"
    r"|codigo de error|code d'erreur|code erreur|fallo|meldung)"
)
_SHOWN = re.compile(
    r"(?=[A-Z0Hh])(?:(?P<http>\b(?i:http)(?:/[0-9.]{1,3})?[ :\-]{1,2}"
    r"(?:(?i:status(?:code|-code)?|error|code|response|Fehler|erreur|fehlercode)[ :\-]{1,2}){0,2}"
    r"[45][0-9]{2}\b(?![.\w]))"
    r"|(?P<hex>(?<![\w.])(?:[A-Z]{2,5}-)?0x[0-9A-Fa-f]{8}\b)|(?P<azure>\bAADSTS[0-9]{4,7}\b)"
    r"|(?P<sqlstate>\bSQLSTATE[ :=\[(]{0,3}[0-9A-Z]{5}\b)"
    r"|(?P<named>(?<![\w\-])(?:ORA|TNS|PLS|DB2|IO|MSB|CS|TS|SQL|KB|LNK|MSG|ERR|E|DPY|JDBC|NU|CVE)"
    r"-?[0-9]{4,5}[A-Z]?(?![\w\-]))"
    r"|(?P<dashed>(?<![\w\-.@#])[A-Z]{1,6}-[0-9]{1,5}(?![\w]|-[0-9]))"
    r"|(?P<screaming>(?<![\w.])[A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){1,6}(?![\w]))"
    r"|(?P<exception>(?<![\w$])(?:[A-Z][a-zA-Z0-9]{0,60}?(?:Error|Exception|Fault|Failure)"
    r"|Err[A-Z][a-zA-Z0-9]{2,60}|OOMKilled|CrashLoopBackOff|ImagePullBackOff"
    r"|SIG[A-Z]{3,5})(?![\w]))"
    r"|(?P<member>(?:(?<=errors\.)|(?<=exceptions\.))[A-Z][A-Za-z]{3,60}(?![\w(]))"
    r"|(?P<errno>(?<![\w])E[A-Z][A-Z0-9]{2,15}(?![\w])))"
)
_NUMBERED = re.compile(
    rf"\b{_SAID}(?:[ -]?(?:code|codes|nummer|number|num|no\.?|nr\.?|n°|message|de))?"
    r"(?: (?:is|ist|est|es|lautet|dice|says|heißt|heisst|was|war))?[ :=#]{1,3}[\"'(\[]?"
    r"(?P<code>[a-z0-9][a-z0-9_\-.]{0,23})"
)
_CODE = re.compile(
    r"(?!(?:19|20)[0-9]{2}-[0-9]{2})[A-Z]{0,8}[-_]?[0-9][A-Z0-9]{0,9}(?:[-_][A-Z0-9]{1,8}){0,2}"
    r"|[0-9]{1,3}\.[0-9]{0,4}[A-Z][A-Z0-9]{0,7}"
    r"|0x[0-9A-Fa-f]{1,8}"
)
_MEASURE = re.compile(  # an error that happened 5 times, or in 3 % of something
    r"[.,][0-9]| ?(?:%|times|mal|fois|veces|in |von|of|per|uhr|min|sec|sek|am |at )"
)
_REASON = re.compile(
    r"(?<![\w.\-/:,$€£])(?P<code>[45][0-9]{2})(?=(?:er|s|'s)?[ -](?:bad gateway|bad request"
    r"|unauthori[sz]ed|forbidden|not found|internal server|conflict|service unavailable"
    r"|gateway time-?out|too many requests|request time-?out|gone|method not allowed"
    r"|unprocessable|status\b)|(?<=40[0134])(?:er|s)?[ -](?:errors?|fehlern?|response)\b"
    r"|(?<=50[0-4])(?:er|s)?[ -](?:errors?|fehlern?|response)\b)"
)
_ALARMING = frozenset(
    "ERR ERROR ERRORS FAIL FAILED FAILURE TIMEOUT TIMEDOUT DENIED REFUSED INVALID EXCEPTION FATAL "
    "UNAUTHORIZED FORBIDDEN NXDOMAIN EXPIRED EXCEEDED UNAVAILABLE CONFLICT ABORTED REJECTED LOCKED "
    "MISSING UNKNOWN EXHAUSTED ILLEGAL CRITICAL PANIC STOPCODE BAD QUOTA OUTOFMEMORY NOT NO"
    " OVERFLOW VIOLATION CORRUPT CORRUPTED DOWN UNREACHABLE RESET CLOSED MISMATCH "
    "BROKEN NOTFOUND FAULT STALE".split()
)
_BUSINESS = frozenset(
    "INV CN DN PO SO INC CHG REQ RITM PRB TASK TKT CASE RMA ORDER ORD WO SR QUO ASSET UTF ISO RFC "
    "CVE WEB AU DIN EN DIR REF SEV CUST KD RE RG GS AB LS BE".split()
)
_STATUS = r"(?:40[01345689]|41[0357]|42[2359]|431|451|50[0-47]|511|52[0-6])"
_ANY_STATUS = re.compile(rf"(?<![\w.]){_STATUS}")
_SHORT = re.compile(
    r"\b(?:an?|einen?|ein|une?|unos?|the|with|mit|avec|con|gets?|got|getting|returns?|returned"
    r"|returning|throws?|throwing|gives?|gave|answers?|answered|shows|showed|sees?|saw|seeing"
    r"|bekomme[nt]?|bekommt|bekam(?:en)?|erhalten?|erhalte|kommt|kam|liefert|meldet|zeigt"
    r"|renvoie(?:nt)?|donne|affiche|retourne|devuelven?|muestra|sale|nur|only"
    rf"|lauter|error|der|den|le|el) (?P<code>{_STATUS})(?:er|ers|s|'s)?(?=[.,;:!?)]|\n|$"
    r"| (?:on|when|for|from|again|and|or|in|at|bei|beim|wenn|auf|und|oder|von|sur|quand|lors|et|ou"
    r"|al|cuando|en|y|o|back|as|after|since|every|each|now|page|pages|seite|if|but|instead"
    r"|all|to|all[ao]s?|with|by)\b)"
    rf"|(?<![\w.\-/:,$€£])(?P<several>{_STATUS})(?:er|ern|s)\b"
    rf"|(?:^|\n|: )(?P<first>{_STATUS}) (?:on|when|for|from|after|bei|beim|auf|sur|en|lors|al|in"
    r"|with)\b"
)
_LOOSE = re.compile(
    r"\b(?:error|code|codes|fehler|fehlercode|erreur|codigo|fallo|meldung|fehlermeldung|message"
    r"|says|shows?|showing|displays?|displaying|alarm|fault|warning|sagt|zeig(?:t|en)|meldet"
    r"|anzeige|display|affiche|ecran|dice|muestra|pantalla|rejet)[ :\"'(]{1,3}"
    r"(?!(?:kw|cw|fy|eur|usd|gbp|chf|nr|no|top|abs|art|win|page|seite|row|line|zeile|room|raum"
    r"|sala|version|v|in|at|to|all|the|for|and|only|after|um|ab|bis|seit|en|le|les|des|los|las)\b)"
    r"(?P<code>[a-z]{2,5}[ _\-]?[0-9]{3,5}|[a-z][ _\-]?[0-9]{2,5})(?![\w\-]|[.,:][0-9])"
)
_RUNTIME = re.compile(
    r"\b(?:index out of (?:bounds|range)(?: \[\d+\](?: with length \d+)?)?|segmentation fault"
    r"|stack overflow|(?:null|nil) pointer"
    r" dereference|invalid memory address|out of memory|division by zero|divide by zero"
    r"|core dumped|double free|permission denied \(publickey\))"
)
_SNAKE = re.compile(
    r"(?<![\w./])(?:(?:invalid|unsupported|unauthorized|insufficient|missing|expired|rate|access"
    r"|permission"
    r"|quota|already|resource|internal|server|connection|authentication|payment|card)"
    r"(?:_[a-z]{2,16}){1,3})(?![\w(=])"
)
_PLAIN_CODE = re.compile(
    r"(?<![\w\-])(?<!postal )(?<!zip )(?<!area )(?<!country )(?<!promo )(?<!access )(?<!source )"
    r"(?:code|codigo)(?: (?:is|was|war|ist|est|es))?[ :]{1,2}(?P<code>[0-9]{2,6})(?![\w:\-]"
    r"|[.,][0-9])"
)
_NEAR = frozenset(
    "error errors code codes fehler fehlercode meldung erreur codigo fallo message says dice sagt "
    "with mit avec con shows zeigt got get gets returns exception failing failed bekommen rejet "
    "rechazo kommt meldet affiche show showed showing zeigen anzeige display displays displayed "
    "popup pop-up screen bildschirm ecran pantalla alarm alarme alarma fault flashes flashed flash "
    "blinkt blinks throws reads steht sees see fails failure fehlgeschlagen echec muestra aparece "
    "sale pone puso salta saltaba sagt gives gave affichait zeigte stand "
    "toast banner warning warnung called named heisst".split()
)


def find_error_codes(sheet: Sheet) -> Iterator[Candidate]:
    """Codes, exceptions and error names."""
    taken = Taken()
    for candidate in (*_shown(sheet), *_numbered(sheet), *_short(sheet), *_spelled(sheet)):
        if taken.take(candidate.start, candidate.end):
            yield candidate


def _shown(sheet: Sheet) -> Iterator[Candidate]:
    text = sheet.text
    for match in _SHOWN.finditer(text):
        sure = _confidence(sheet, match)
        if sure:
            yield _code(match[0], match.start(), sure, sheet)


def _confidence(sheet: Sheet, match: re.Match[str]) -> float:
    shape, shown = match.lastgroup, match[0]
    if shape == "screaming":
        if not _ALARMING.isdisjoint(shown.split("_")):
            return 0.8
        return 0.65 if _is_shown(sheet, match.start()) else 0.0
    if shape == "errno":
        return 0.9 if shown in errno.errorcode.values() else 0.0
    if shape == "exception":
        return 0.9 if len(shown) > 7 else 0.0  # not the bare word
    if shape == "hex":
        return 0.85
    return _of_dashed(sheet, match) if shape == "dashed" else 0.9


def _of_dashed(sheet: Sheet, match: re.Match[str]) -> float:
    """How surely letters and digits with a dash between are a code."""
    shown = match[0]
    if _NUMBERS.search(sheet.folded, max(0, match.start() - 24), match.start()):
        return 0.0
    near = _is_shown(sheet, match.start())
    letters, _, digits = shown.rpartition("-")
    if letters in _BUSINESS:
        known = shown.startswith(("ORD-", "INV-")) and len(digits) == 4
        return (0.85 if near else 0.7) if known else (0.5 if near else 0.0)
    if len(letters) == 1 or len(digits) in (1, 5):
        return 0.7 if near else 0.0
    if not near and not _stands_out(sheet.text, match.start(), match.end()):
        return 0.45
    return 0.92 if near else 0.8 if len(digits) > 2 else 0.45


_NUMBERS = re.compile(
    r"(?<!code )(?<!error )(?<!fehler )(?<!erreur )\b(?:n°|nº|nr\.?|no\.|number|num\.?|numero"
    r"|nummer|serial|incident|ticket|case|order|invoice|vorgang|auftrag|rechnung|dossier|commande"
    r"|facture|pedido|factura|incidencia|incidente)[ :*`\"'(\[]{1,3}\Z"
)


_OPENERS = ("", "\n", '"', "(", "[", "`", "«", "„", "“", "'")
_CLOSERS = (":", ")", "]", '"', "`", "”", "“", "'")
_HEAD = 40  # characters of a turn's time and speaker
_ASKED = re.compile(
    r"\b(?:what|which|was|welche[nr]?|que|quel(?:le)?|cual|any|ein)\b[^?\n]{0,40}"
    r"\b(?:shows?|say|says|see|display|message|code|error|zeigt|steht|sagt|fehler\w*|anzeige"
    r"|affiche|dit|erreur|dice|sale|pone|muestra|error)\b[^?\n]{0,40}\?\s*(?:[^\n]{0,60}\n)?\Z"
)


def _is_shown(sheet: Sheet, start: int) -> bool:
    """Whether a word before it says that it is shown, also before the bracket or quote it is in."""
    if not _NEAR.isdisjoint(words_before(sheet.folded, start, 3)):
        return True
    if sheet.folded[start - 5 : start] in ("code=", "rror="):
        return True
    opened = sheet.folded[start - 1 : start] in ('"', "(", "[", "`")
    if opened and not _NEAR.isdisjoint(words_before(sheet.folded, start - 1, 3)):
        return True
    line = sheet.folded.rfind("\n", 0, start) + 1
    begins = start - line < _HEAD and not sheet.folded[line:start].rstrip(" -*>[").isalnum()
    return begins and _ASKED.search(sheet.folded, max(0, line - _HEAD * 4), line) is not None


def _stands_out(text: str, start: int, end: int) -> bool:
    """Whether it is set apart as a code is: in brackets or quotes, before a colon, on its own."""
    if text[start - 2 : start] in (": ", "= ", "> ", "- ") or text[start - 1 : start] in _OPENERS:
        return True
    return text[end : end + 1] in _CLOSERS


def _numbered(sheet: Sheet) -> Iterator[Candidate]:
    """ "Error 1603", "Fehlercode: F12", "502 Bad Gateway"."""
    for match in _NUMBERED.finditer(sheet.folded):
        shown = match["code"].rstrip(".-_")
        start = match.start("code")
        shown = sheet.text[start : start + len(shown)]
        if _CODE.fullmatch(shown) and not _MEASURE.match(sheet.folded, match.end()):
            yield _code(shown, start, 0.8, sheet)
    for match in _REASON.finditer(sheet.folded):
        yield _code(match["code"], match.start("code"), 0.8, sheet)


def _short(sheet: Sheet) -> Iterator[Candidate]:
    """A status alone ("a 503", "504s"), "code 43", invalid_grant."""
    for match in _SHORT.finditer(sheet.folded) if _ANY_STATUS.search(sheet.folded) else ():
        group = next(name for name in ("code", "several", "first") if match[name])
        yield _code(match[group], match.start(group), 0.6, sheet)
    for match in _LOOSE.finditer(sheet.folded):
        shown = sheet.text[match.start("code") : match.end("code")]
        if shown[0].isupper() or ("-" in shown and len(shown) > 3):
            yield _code(shown, match.start("code"), 0.5 if shown.isalnum() else 0.6, sheet)
    for match in _PLAIN_CODE.finditer(sheet.folded):
        yield _code(match["code"], match.start("code"), 0.6, sheet)
    for match in _SNAKE.finditer(sheet.text):
        yield _code(match[0], match.start(), 0.6, sheet)
    for match in _RUNTIME.finditer(sheet.folded):
        yield _code(sheet.text[match.start() : match.end()], match.start(), 0.6, sheet)


def _spelled(sheet: Sheet) -> Iterator[Candidate]:
    return (one for one in spelled(sheet, NUMBERED) if one.kind is CandidateKind.ERROR_CODE)


def _code(shown: str, start: int, sure: float, sheet: Sheet) -> Candidate:
    return Candidate(
        CandidateKind.ERROR_CODE,
        shown,
        start,
        start + len(shown),
        confidence=sure,
        label=" ".join(words_before(sheet.folded, start, 2)),
    )
