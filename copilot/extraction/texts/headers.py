"""Header blocks: of the mail itself, of a forwarded mail, of one that is answered.

Invariant: a block begins and ends with a header line, and one that isn't at the text's top names a
sender and at least one thing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.extraction.reading import Span
from copilot.extraction.texts.lines import Line

Header = Literal["from", "to", "cc", "date", "subject", "reply", "other"]

_NAMES: tuple[tuple[Header, str], ...] = (
    ("from", "from|von|de|absender|expéditeur|expediteur|remitente|désde|desde|da"),
    ("to", "to|an|à|a|para|pour|empfänger|destinataire|destinatario|recipient|recipients"),
    ("cc", "cc|bcc|kopie|copie|copie à|cci|con copia|cco|copia"),
    (
        "date",
        "date|sent|datum|gesendet|gesendet am|envoyé|envoyé le|envoye|fecha|enviado"
        "|enviado el|date d'envoi|sent on|sent at",
    ),
    ("subject", "subject|betreff|objet|asunto|sujet|titulo|betr"),
    ("reply", "reply-to|antwort an|répondre à|responder a"),
    (
        "other",
        "importance|priority|priorität|wichtigkeit|importancia|attachments|attachment"
        "|anlagen|anlage|anhang|pièces jointes|pièce jointe|datos adjuntos|adjuntos"
        "|message-id|mime-version|content-type|content-transfer-encoding|received|return-path"
        "|delivered-to|in-reply-to|references|user-agent|thread-topic|thread-index|list-id"
        "|list-unsubscribe|precedence|auto-submitted|organization|sender|dkim-signature"
        "|authentication-results|accept-language|content-language|resent-from|resent-to"
        "|mailed-by|signed-by|cc'd|arc-seal|received-spf|vertraulichkeit|sensitivity",
    ),
)
_LABELS = {label: header for header, labels in _NAMES for label in labels.split("|")}
_LINE = re.compile(r"[*_]{0,2}([^\W\d_][\w'’ -]{0,28}?)[*_]{0,2}\s?:[*_]{0,2}(?:\s|$)")
_MACHINE = re.compile(
    r"(?:X-|ARC-|DKIM-|List-|Content-|Feedback-|MS-)[\w-]{1,60}:",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"^[ \t>]{0,12}(?:Message-ID|References|In-Reply-To|Received(?:-SPF)?|Return-Path|Delivered-To"
    r"|DKIM-Signature|DomainKey-Signature|Authentication-Results|MIME-Version|User-Agent"
    r"|Thread-(?:Topic|Index)|(?:X|ARC|List|Content|Feedback|MS)-[\w-]{1,60})\s?:.*"
    r"(?:\n[ \t]+\S.*)*",
    re.IGNORECASE | re.MULTILINE,
)
_SHOWN = ("from", "to", "cc", "date", "subject")
MAX_BLOCK = {True: 200, False: 14}  # lines: of the mail's own headers, of those of a quoted one


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """Lines ``start`` to ``end`` (exclusive); ``fields``: the values' places."""

    start: int
    end: int
    fields: Mapping[Header, Span]


def header_of(line: Line) -> tuple[Header, int] | None:
    """Which header a line is, and where in its words the value begins."""
    found = _LINE.match(line.words)
    if found:
        header = _LABELS.get(found[1].lower().replace("’", "'"))
        if header:
            return header, found.end()
    if found := _MACHINE.match(line.words):
        return "other", found.end()
    return None


def machine_lines(text: str, start: int, end: int) -> Iterator[Span]:
    """What mail programs write for each other between two places: ids, routes, signatures."""
    for found in _WRITTEN.finditer(text, start, end):
        yield Span(found.start(), found.end())


def block_at(
    text: str, lines: Sequence[Line], first: int, *, top: bool = False
) -> HeaderBlock | None:
    """The header block that begins at a line. ``top``: nothing but blanks stands before it."""
    began = header_of(lines[first]) if lines[first].words else None
    if began is None:
        return None
    depth = lines[first].depth
    fields: dict[Header, Span] = {}
    last: Header | None = None
    empty = False  # HTML may leave a header's value on the line below
    seen = at = first
    while at < len(lines) and at - first < MAX_BLOCK[top]:
        line = lines[at]
        if not line.words:
            if not _goes_on(lines, at, fields):
                break
            at += 1
            continue
        if line.depth != depth:
            break
        found = header_of(line)
        if found is None:
            if not last or not (empty or _folded(line, lines[first])):
                break
            if empty:
                fields[last] = Span(line.at, _end_of(text, line))
            elif last != "other" and last in fields:
                fields[last] = Span(fields[last].start, _end_of(text, line))
            empty = False
        else:
            header, behind = found
            if header in fields and header == "from":
                break
            last = header
            empty = header in _SHOWN and behind >= len(line.words) and header not in fields
            if header not in fields:
                fields[header] = Span(line.at + behind, max(_end_of(text, line), line.at + behind))
        at += 1
        seen = at
    block = HeaderBlock(first, seen, fields)
    return block if _stands(lines, block, top=top) else None


def _end_of(text: str, line: Line) -> int:
    return line.start + len(text[line.start : line.end].rstrip())


def _folded(line: Line, first: Line) -> bool:
    return line.indent > first.indent


def _goes_on(lines: Sequence[Line], at: int, fields: Mapping[Header, Span]) -> bool:
    """Whether a blank line within a block is one that HTML left there."""
    if at + 1 >= len(lines) or "from" not in fields or "subject" in fields:
        return False
    found = header_of(lines[at + 1])
    return found is not None and found[0] != "other" and found[0] not in fields


def _stands(lines: Sequence[Line], block: HeaderBlock, *, top: bool) -> bool:
    known = {name for name in block.fields if name not in ("other", "reply")}
    if not top:
        return "from" in known and len(known & {"to", "date", "subject"}) >= 1
    if len(known) >= 2 and known & {"from", "subject", "to"}:
        following = lines[block.end] if block.end < len(lines) else None
        return "from" in known or following is None or not following.words
    if known in ({"subject"}, {"from"}):
        following = lines[block.end] if block.end < len(lines) else None
        return following is None or not following.words
    return False
