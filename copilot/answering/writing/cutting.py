"""Cuts a streamed answer into units as they complete: sentences, list items, code blocks.

Invariant: the units together hold every word that came in, in order; a unit is given out only
when nothing that can still come belongs to it (its closing marker included).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from copilot.knowledge.sentences import sentence_spans
from copilot.messages import BlockSpan, Locator

Kind = Literal["sentence", "item", "code", "heading", "lead"]

_NAME = r"(?:\^|\#|(?:[Pp]assage|[Ss]ource)s?\s+)?"
_MARKERS = (
    rf"\s*\[[ ]?{_NAME}\d{{1,3}}(?:\s*(?:[,;&–-]|\band\b)\s*{_NAME}\d{{1,3}})*[,;]?[ ]?\]"
    r"(?:\(https?:[^()\s]*\))?"
)
_CODE_OR_MARKERS = re.compile(rf"(?P<code>`[^`\n]*`)|(?P<numbers>{_MARKERS})")
_ONLY_MARKERS = re.compile(rf"(?:{_MARKERS})+[ \t.]*")
_STARTS_WITH_MARKERS = re.compile(rf"(?:{_MARKERS})+[.]?(?=\s|$)")
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_MAYBE_ITEM = re.compile(r"^[ \t]*(?:[-*+•#`~>|]+|\d{1,3}[.)]?|)[ \t]*$")
_HEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]|\*\*[^*\n]+\*\*:?[ \t]*$)")
_TABLE = re.compile(r"^[ \t]*\|")
_SENTINEL = re.compile(r"^(?:NOT_COVERED|NO_ANSWER)\b")
# Whether a full stop ends a sentence can depend on the whole word after it.
_LOOK_AHEAD = 48
_NEXT_WORD = re.compile(r"[\W_]*[^\W_]+[\W_]")
_TELLS = len("NOT_COVERED: ")
_LOCATOR = Locator("lines", 1, 1)


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of the answer, its markers taken off.

    ``text`` is what is checked and shown; ``cited`` the numbers of its markers, in order;
    ``joint`` what stands between it and the unit before it.
    """

    kind: Kind
    text: str
    cited: tuple[int, ...]
    joint: str


def markers(text: str) -> tuple[int, ...]:
    """The numbers cited in a text: [1], [1, 2], [1][3], [2-4]; each once, in order.

    Whoever has the passages tells which of the numbers there are: [0] is read like any other.
    """
    found: list[int] = []
    for match in _CODE_OR_MARKERS.finditer(text):
        if match["code"]:
            continue
        numbers, _, _ = match["numbers"].partition("]")
        for part in re.split(r"[,;&]|and", numbers):
            ends = [int(n) for n in re.findall(r"\d+", part)]
            found += range(ends[0], min(ends[-1], ends[0] + 20) + 1) if len(ends) > 1 else ends
    return tuple(dict.fromkeys(found))


def without_markers(text: str) -> str:
    """The text as it reads without its markers; no marker is left to pass for a citation."""

    def taken(match: re.Match[str]) -> str:
        glued = (
            text[match.start() - 1 : match.start()].strip() and text[match.end() :][:1].isalnum()
        )
        return match["code"] or (" " if glued else "")

    bare = re.sub(r"[ \t]+(?=[.,;:!?](?:\s|$))", "", _CODE_OR_MARKERS.sub(taken, text))
    return re.sub(r"(?<!\.)([.!?])\.(?=\s|$)", r"\1", bare).strip()


class Cutter:
    """Feed it text as it comes; it gives out units."""

    def __init__(self) -> None:
        self._rest = ""
        self._joint = ""
        self._held: Unit | None = None
        self._in_line = False

    def feed(self, text: str) -> Iterator[Unit]:
        """The units that this text completed."""
        self._rest = (self._rest + text).replace("\r\n", "\n")
        yield from self._drain(final=False)

    def finish(self) -> Iterator[Unit]:
        """What is left, at the end of the answer."""
        yield from self._drain(final=True)
        if self._held is not None:
            held, self._held = self._held, None
            yield held

    def _drain(self, *, final: bool) -> Iterator[Unit]:
        while self._rest:
            blank = len(self._rest) - len(self._rest.lstrip("\n"))
            if blank:
                self._joint = "\n\n" if blank > 1 or self._joint.startswith("\n") else "\n"
                self._rest = self._rest[blank:]
                self._in_line = False
                continue
            taken = self._take(final=final)
            if taken is None:
                return
            kind, length = taken
            piece, self._rest = self._rest[:length], self._rest[length:]
            self._in_line = (
                bool(self._rest) and not self._rest.startswith("\n") and kind == "sentence"
            )
            yield from self._give(kind, piece)

    def _take(self, *, final: bool) -> tuple[Kind, int] | None:
        """The kind and length of the unit that the rest begins with; None while it is open."""
        first, newline, _ = self._rest.partition("\n")
        if not newline and not final and not self._in_line and _MAYBE_ITEM.match(first):
            return None
        if self._held is not None and _ONLY_MARKERS.fullmatch(first.strip()):
            return ("sentence", len(first)) if newline or final else None
        if self._in_line:
            return self._sentence(final=final)
        if fence := _FENCE.match(first):
            return self._code(fence[1], final=final)
        if _HEADING.match(first) and (newline or final):
            return "heading", len(first)
        if _HEADING.match(first) and first.lstrip().startswith("#"):
            return None
        if _TABLE.match(first):
            return self._lines("item", r"[ \t]*\|", final=final)
        if _ITEM.match(first):
            return self._lines(
                "item", r"[ \t]+(?![-*+•][ \t]|\d{1,3}[.)][ \t]|`{3}|~{3})\S", final=final
            )
        return self._sentence(final=final)

    def _code(self, fence: str, *, final: bool) -> tuple[Kind, int] | None:
        close = re.compile(rf"^[ \t]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.M)
        start = self._rest.find("\n")
        match = close.search(self._rest, start + 1) if start >= 0 else None
        if match and (match.end() < len(self._rest) or final):
            return "code", match.end()
        return ("code", len(self._rest)) if final else None

    def _lines(self, kind: Kind, goes_on: str, *, final: bool) -> tuple[Kind, int] | None:
        """The first line and those after it that belong to it."""
        at = self._rest.find("\n")
        while at >= 0:
            following = self._rest[at + 1 :]
            if not following.strip(" \t") and not final:
                return None
            if following and not final and "\n" not in following and len(following.strip()) < 4:
                return None
            if not re.match(goes_on, following):
                return kind, at
            at = self._rest.find("\n", at + 1)
        return (kind, len(self._rest)) if final else None

    def _sentence(self, *, final: bool) -> tuple[Kind, int] | None:
        paragraph, ended = self._paragraph(final=final)
        spans = sentence_spans(paragraph, [BlockSpan("paragraph", 0, len(paragraph), _LOCATOR)])
        if not spans:
            return ("sentence", len(paragraph)) if paragraph and (ended or final) else None
        for _, end in spans:
            behind = _STARTS_WITH_MARKERS.match(paragraph, end)
            stop = behind.end() if behind else end
            rest = paragraph[stop:]
            sure = ended or final or len(rest) > _LOOK_AHEAD or _NEXT_WORD.match(rest)
            if rest.strip() and sure and not _maybe_markers(rest.strip()):
                return "sentence", stop + len(rest) - len(rest.lstrip(" \t"))
        return ("sentence", len(paragraph)) if ended or final else None

    def _paragraph(self, *, final: bool) -> tuple[str, bool]:
        """The paragraph at the beginning, and whether all of it is there.

        Without a line that is too short yet to tell whether it begins something else.
        """
        at = self._rest.find("\n")
        while at >= 0:
            following = self._rest[at + 1 :].lstrip(" \t")
            if not final and "\n" not in following and len(following) < _TELLS:
                return self._rest[:at], False
            if following.startswith("\n") or _starts_block(following):
                return self._rest[:at], True
            at = self._rest.find("\n", at + 1)
        return self._rest, False

    def _give(self, kind: Kind, piece: str) -> Iterator[Unit]:
        """Give out the unit before, unless this piece is but its markers."""
        held = self._held
        if held is not None and _ONLY_MARKERS.fullmatch(piece.strip()):
            self._held = Unit(held.kind, held.text, (*held.cited, *markers(piece)), held.joint)
            return
        if held is not None:
            self._held = None
            yield held
        text = piece.strip("\n").rstrip() if kind == "code" else without_markers(piece)
        if not text:
            return
        joint, self._joint = self._joint, " "
        if kind == "sentence" and text.endswith(":"):
            kind = "lead"
        unit = Unit(kind, text, () if kind == "code" else markers(piece), joint)
        if kind == "code":
            self._held = unit  # its markers may stand on the line below
        else:
            yield unit


def _maybe_markers(text: str) -> bool:
    """Whether this may be the beginning of markers and no more."""
    return re.fullmatch(r"(?:\[[^\]]*\]?(?:\([^()\s]*\)?)?\s*|[.\s])+", text) is not None


def _starts_block(line: str) -> bool:
    return any(p.match(line) for p in (_ITEM, _FENCE, _HEADING, _TABLE, _SENTINEL))
