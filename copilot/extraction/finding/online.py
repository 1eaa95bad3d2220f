"""Mail addresses and web addresses.

Invariant: each is looked for from its ``@``, its scheme or its domain's end, within bounds, so that
no text takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.sheet import Sheet

_LOCAL = re.compile(r"[\w.+\-%'&=]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w\-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@])")
_POINT = r" ?(?:\.|\(dot\)|\[dot\]|\(punkt\)|\(point\)) ?"
_SPACED = re.compile(
    r"(?<![\w@.])([a-z0-9][\w.+\-]{0,40}) ?(?:@|\(at\)|\[at\]|\{at\}) ?"
    rf"([a-z0-9][\w\-]{{0,60}}(?:{_POINT}[a-z0-9][\w\-]{{0,40}}){{0,3}}{_POINT}[a-z]{{2,12}})"
    r"(?![\w@])"
)
_SPACED_SIGN = re.compile(r" @ |[(\[{]at[)\]}]")
_ALOUD = re.compile(
    r"(?<![\w@.])(?P<local>[a-z0-9][a-z0-9._+\-]{0,30}(?: (?:dot|punkt|point|punto|dash|minus)"
    r" [a-z0-9]{1,30}){0,3}) (?:at|arobase"
    r"|arroba) (?P<domain>[a-z0-9][a-z0-9\-]{1,40}(?: (?:dot|punkt"
    r"|point|punto|dash|minus) [a-z0-9]{2,40}){1,4})(?![\w@])"
)
_SAID = {"dot": ".", "punkt": ".", "point": ".", "punto": ".", "dash": "-", "minus": "-"}
_SAID_DOT = re.compile(r" (?:dot|punkt|point|punto) ")
_DOT = re.compile(_POINT)
_URL = re.compile(r"(?<![\w@])(?:https?://|ftp://|www\.)[^\s<>\"'`{}|\\^\[\]]{2,2000}")
_BARE = re.compile(
    r"(?<![\w@./:\-\\=$#'\"])(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.){1,4}"
    r"(?:example|com|org|net|edu|gov|info|biz|io|dev|app|cloud|shop|store|online|tech|company|group"
    r"|eu|de|at|ch|fr|be|nl|lu|li|es|it|pt|uk|ie|us|ca|mx|ar|cl|co|pe|br|dk|se|no|fi|pl|cz|cat)"
    r"(?![\w@\-(]|\.[^\W_])(?:[/?#][^\s<>\"'`{}|\\^\[\]]{0,500})?"
)
_TRAILING = ".,;:!?*_~'\"»«”’…"
_FILES = frozenset(
    "png jpg jpeg gif svg webp css js ts py java rb go rs php html htm txt md pdf zip exe".split()
)


def find_emails(sheet: Sheet) -> Iterator[Candidate]:
    """Addresses as they are, and those written with blanks or words against collectors."""
    text, folded = sheet.text, sheet.folded
    at, done = text.find("@"), 0
    while at >= 0:
        after = text[at + 1 : at + 2]
        if after.isalnum() and at > done and text[at - 1].isascii():
            found = _address_around(text, at, done)
            if found is not None:
                yield found
                done = found.end
        at = text.find("@", at + 1)
    for sign in _SPACED_SIGN.finditer(folded):
        yield from _spaced_address(folded, sign.start())
    for match in _ALOUD.finditer(folded) if _SAID_DOT.search(folded) else ():
        local, domain = (_written(match[part]) for part in ("local", "domain"))
        if "." in domain and domain.rpartition(".")[2].isalpha():
            yield Candidate(
                CandidateKind.EMAIL, f"{local}@{domain}", match.start(), match.end(), 0.75
            )


def _written(said: str) -> str:
    """What is read out as it is written: "prosser dash payroll dot example"."""
    return "".join(_SAID.get(word, word) for word in said.split())


def _address_around(text: str, at: int, done: int) -> Candidate | None:
    local = _LOCAL.search(text, max(done, at - 64), at)
    domain = _DOMAIN.match(text, at + 1)
    if local is None or domain is None:
        return None
    start = local.start() + len(local[0]) - len(local[0].lstrip(".'&=%-+"))
    if start == at or domain[0].rpartition(".")[2].lower() in _FILES:
        return None
    return Candidate(
        CandidateKind.EMAIL, text[start : domain.end()].lower(), start, domain.end(), 0.98
    )


def _spaced_address(folded: str, sign: int) -> Iterator[Candidate]:
    line = folded.rfind("\n", max(0, sign - 60), sign) + 1 or max(0, sign - 60)
    match = next(
        (
            m
            for m in _SPACED.finditer(folded, line, min(len(folded), sign + 120))
            if m.end(1) <= sign + 1 <= m.start(2)
        ),
        None,
    )
    if match is None:
        return
    domain = _DOT.sub(".", match[2])
    if domain.rpartition(".")[2] in _FILES:
        return
    yield Candidate(CandidateKind.EMAIL, f"{match[1]}@{domain}", match.start(), match.end(), 0.75)


def find_urls(sheet: Sheet) -> Iterator[Candidate]:
    """Addresses with a scheme or www., and domains that stand alone, with https:// before them."""
    text, folded = sheet.text, sheet.folded
    done = 0
    for match in _URL.finditer(folded):
        end = _trimmed(text, match.start(), match.end())
        shown = text[match.start() : end]
        host = shown.split("://")[-1]
        if len(host) < 4 or not host[0].isalnum():
            continue
        bare = shown[:4].lower() == "www."
        if bare and "." not in shown[4:]:
            continue
        yield Candidate(
            CandidateKind.URL, f"https://{shown}" if bare else shown, match.start(), end, 0.95
        )
        done = end
    if done or "." in folded:
        yield from _bare_domains(sheet)


def _bare_domains(sheet: Sheet) -> Iterator[Candidate]:
    text = sheet.text
    for match in _BARE.finditer(sheet.folded):
        end = _trimmed(text, match.start(), match.end())
        shown = text[match.start() : end]
        if not shown[0].isalnum() or shown.lower().startswith("www.") or not shown.isascii():
            continue
        name = shown.split("/")[0]
        if not any(char.isalpha() for char in name.rpartition(".")[0]) or name == "ASP.NET":
            continue
        if name.rpartition(".")[2].isupper() != name.isupper():
            continue  # "ASP.net", or a sentence that goes on without a blank: "done.It"
        yield Candidate(CandidateKind.URL, f"https://{shown}", match.start(), end, 0.8)


def _trimmed(text: str, start: int, end: int) -> int:
    """Without the punctuation of the sentence; a closing bracket belongs to its opening one."""
    while end > start:
        last = text[end - 1]
        if last in _TRAILING or (
            last == ")" and text.count("(", start, end) < text.count(")", start, end)
        ):
            end -= 1
        else:
            break
    return end
