"""What each line of a message is: greeting, body, closing, signature, form, boilerplate, trace.

Invariant: every line of the split has its kind afterwards; what no rule names is body.
"""

from __future__ import annotations

import re

from copilot.extraction.reading import SegmentKind
from copilot.extraction.texts.drafts import Draft, Split
from copilot.extraction.texts.forms import field_of, mark_forms
from copilot.extraction.texts.tables import mark_tables
from copilot.extraction.texts.traces import mark_traces
from copilot.extraction.texts.wording import (
    BOILERPLATE,
    CLOSING,
    CONTACT,
    GREETING,
    POSTSCRIPT,
)

_DELIMITER = re.compile(r"(?:--|–|—|__)$")
_RULE = re.compile(r"(?:_{3,}|-{3,}|\*{3,}|={3,}|—{2,})$")
_ON_ONE_LINE = re.compile(  # Ana Gómez · Head of X · +34 910 00 00 27
    r"[^\W\d_][^|·•–@]{2,50}\s[|·•–]\s(?=.*(?:\d[\d ()/-]{5}|@|www\.))"
)
_NAME_FIRST = re.compile(
    r"(?:[-–—]\s?)?(?:[A-ZÀ-ÖØ-Þ][\w'’-]*\.?\s(?:(?:de|del|de la|van|von|der|den|di|da"
    r"|y)\s){0,2}){1,3}"
    r"[A-ZÀ-ÖØ-Þ][\w'’-]+(?:$|,\s|\s?[(|·•/]|\s[–—-]\s)"
)
_ADDRESS = re.compile(  # "Dr. rer. nat. Ida Roth"
    r"^(?:(?:[ip]\.\s?[av]\.|ppa\.|herr|frau|\w{1,6}\.(?:-\w{3,8}\.?)?)\s){1,4}(?=[^\W\d_]{2})"
)
_FIRST_NAME = re.compile(r"[-–—]?\s?[A-ZÀ-ÖØ-Þ][^\W\d_]{2,14}$")
_FIRM = re.compile(r"(?:[A-ZÀ-ÖØ-Þ&][\w'’.&-]*[ ,]{0,2}){2,6}$")
_SENTENCE = re.compile(r"[a-zß-öø-ÿ]{3}[.!?]$|^[-*•]\s|^\d+[.)]\s|:$")
MAX_BLOCK = 7  # lines of a signature that nothing announces
_NAME_LINE = re.compile(r"[^\W\d_][\w.'’ -]{1,40}$")
MAX_SIGNATURE = 16  # lines that aren't blank
MAX_CLOSING = 70
LONG_TURN = 5  # lines


def mark_parts(split: Split) -> None:
    """Gives every line a kind."""
    for draft, places in split.by_owner():
        _Parts(split, draft, places).mark()


def _greets(words: str) -> bool:
    if len(words) > 80 or len(words.split()) > 9 or words[-1] in ".?":
        return False
    return GREETING.match(words) is not None


class _Parts:
    """One message's lines and their kinds."""

    def __init__(self, split: Split, draft: Draft, places: list[int]) -> None:
        self._split = split
        self._draft = draft
        self._places = places
        self._lines = [split.lines[at] for at in places]
        self._kinds: list[SegmentKind | None] = [split.kinds[at] for at in places]

    def mark(self) -> None:
        mark_tables(self._split.text, self._lines, self._kinds)
        if self._draft.part == "turn" and len(self._lines) < LONG_TURN:
            self._mark_boilerplate()
            mark_traces(self._lines, self._kinds)
        else:
            self._mark_boilerplate()
            mark_traces(self._lines, self._kinds)
            self._mark_greeting()
            self._mark_signature()
            mark_forms(self._lines, self._kinds)
            self._mark_contacts()
        self._fill()
        for at, kind in zip(self._places, self._kinds, strict=True):
            self._split.kinds[at] = kind

    def _mark_boilerplate(self) -> None:
        marked = False
        for at, line in enumerate(self._lines):
            if not line.words:
                marked = False
            elif self._kinds[at] is None and (marked or BOILERPLATE.match(line.words)):
                self._kinds[at] = SegmentKind.BOILERPLATE
                marked = marked or len(line.words) > 60
            else:
                marked = False

    def _mark_greeting(self) -> None:
        for at, line in enumerate(self._lines):
            if not line.words or self._kinds[at] is not None:
                continue
            if not (_greets(line.words) or self._calls_by_name(at)):
                return
            self._kinds[at] = SegmentKind.GREETING
            after = self._lines[at + 1].words if at + 1 < len(self._lines) else ""
            if after.endswith(",") and len(after) <= 30:
                self._kinds[at + 1] = SegmentKind.GREETING
            return

    def _calls_by_name(self, at: int) -> bool:
        """ "Rhys," above a blank line."""
        words = self._lines[at].words
        after = self._lines[at + 1] if at + 1 < len(self._lines) else None
        return (
            words[-1] in ",:!"
            and len(words.split()) <= 3
            and words[0].isupper()
            and after is not None
            and not after.words
        )

    def _mark_signature(self) -> None:
        written = [
            at for at, line in enumerate(self._lines) if line.words and self._kinds[at] is None
        ]
        tail = written[-MAX_SIGNATURE - 8 :]
        closing = self._closing(tail)
        start = None
        if closing is not None:
            self._kinds[closing] = SegmentKind.CLOSING
            start = closing + 1
        else:
            start = self._delimited(tail)
            if start is None:
                start = self._named(tail)
            if start is None:
                start = self._name_alone(tail)
            if start is None:
                start = self._first_name_last(tail)
        if start is not None:
            self._mark_from(start)

    def _closing(self, tail: list[int]) -> int | None:
        """The last closing with no more than a signature behind it."""
        for number in range(len(tail) - 1, -1, -1):
            at = tail[number]
            words = self._lines[at].words
            if len(words) > 240:
                continue
            found = CLOSING.match(words)
            if not found:
                continue
            rest = words[found.end() :].strip(" ,.!;:-–—)")
            if len(rest) > 34 or (rest and not _NAME_LINE.match(rest)) or len(rest.split()) > 4:
                continue
            if len(words) > MAX_CLOSING and rest:
                continue
            behind = [self._lines[one].words for one in tail[number + 1 :]]
            if len(behind) <= MAX_SIGNATURE and not any(len(one) > 160 for one in behind[:4]):
                return at
        return None

    def _delimited(self, tail: list[int]) -> int | None:
        for number in range(len(tail) - 1, -1, -1):
            words = self._lines[tail[number]].words
            behind = [self._lines[one].words for one in tail[number + 1 :]]
            if len(behind) > MAX_SIGNATURE:
                return None
            if _DELIMITER.match(words):
                return tail[number]
            if _RULE.match(words) and behind and any(CONTACT.match(one) for one in behind):
                return tail[number]
        return None

    def _named(self, tail: list[int]) -> int | None:
        """The first of the last lines that begins with the sender's name."""
        full, parts = self._sender()
        if not parts:
            return None
        for at in tail[1:] if len(tail) > 1 else tail[:0]:
            words = _ADDRESS.sub("", self._lines[at].words.lower().strip("-–—~ *_"))
            plain = words.rstrip(".!,")
            if (
                plain == full
                or plain in parts
                or (words.startswith(full) and words[len(full)] in ",|·-–— (/")
            ):
                return at
            if re.match(rf"{re.escape(parts[0])}(?:$|\s[({{|·–-])", words) and len(words) < 60:
                return at
        return None

    def _name_alone(self, tail: list[int]) -> int | None:
        """The last paragraph, if it begins with a name and holds nothing but short lines."""
        at = tail[-1] if tail else 0
        while at > 0 and self._lines[at - 1].words and self._kinds[at - 1] is None:
            at -= 1
        block = [self._lines[one].words for one in range(at, tail[-1] + 1)] if tail else []
        if not 1 <= len(block) <= MAX_BLOCK or at == tail[0]:
            return None
        if not _NAME_FIRST.match(block[0]):
            return None
        if any(len(words) > 80 or _SENTENCE.search(words) for words in block):
            return None
        return at

    def _first_name_last(self, tail: list[int]) -> int | None:
        """The last line that is one word as names are written, with no more than a firm below."""
        for at in tail[:0:-1][:3]:
            words = self._lines[at].words
            if _FIRST_NAME.match(words):
                label = self._lines[at - 1].words[-1:] == ":" or field_of(self._lines[at])
                return None if label else at
            if not (_FIRM.match(words) or CONTACT.search(words)):
                return None
        return None

    def _sender(self) -> tuple[str, list[str]]:
        """The sender's name in lower case, and its parts; out of the address if there is no
        other.
        """
        text, sender = self._split.text, self._draft.sender
        if sender.name is not None:
            shown = text[sender.name.start : sender.name.end].partition("(")[0]
            family, comma, given = shown.lower().partition(",")
            full = " ".join((f"{given} {family}" if comma else family).split())
            full = _ADDRESS.sub("", full)
        elif sender.email is not None:
            local = text[sender.email.start : sender.email.end].lower().partition("@")[0]
            full = " ".join(re.findall(r"[^\W\d_]+", local))
        else:
            return "", []
        return full, [one for one in re.split(r"[\s,.]+", full) if len(one) > 1]

    def _mark_from(self, start: int) -> None:
        """Marks a signature's lines, up to where somebody writes on."""
        count = 0
        for at in range(start, len(self._lines)):
            line = self._lines[at]
            if not line.words or self._kinds[at] is not None:
                continue
            if POSTSCRIPT.match(line.words) or count >= MAX_SIGNATURE:
                return
            if len(line.words) > 140 and not CONTACT.search(line.words):
                return
            self._kinds[at] = SegmentKind.SIGNATURE
            count += 1

    def _mark_contacts(self) -> None:
        """The last paragraph, if it is a block of contact data."""
        at = len(self._lines) - 1
        while at >= 0 and (not self._lines[at].words or self._kinds[at] is SegmentKind.BOILERPLATE):
            at -= 1
        last = at
        while at >= 0 and self._lines[at].words and self._kinds[at] is None:
            at -= 1
        block = self._lines[at + 1 : last + 1]
        if not 1 <= len(block) <= 10 or any(len(line.words) > 90 for line in block):
            return
        contacts = sum(1 for line in block if CONTACT.match(line.words))
        if contacts >= 2 or (len(block) < 3 and _ON_ONE_LINE.match(block[-1].words)):
            if contacts < 2:
                at = last - 1
            for one in range(at + 1, last + 1):
                self._kinds[one] = SegmentKind.SIGNATURE

    def _fill(self) -> None:
        """Blank lines are what stands before them; the rest is body."""
        last: SegmentKind | None = None
        for at, line in enumerate(self._lines):
            if line.words or self._kinds[at] is not None:
                last = self._kinds[at] or SegmentKind.BODY
            self._kinds[at] = self._kinds[at] or last or SegmentKind.BODY
