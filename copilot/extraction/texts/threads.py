"""A mail's text split into the messages in it: what was sent now, what it quotes or hands on.

Invariant: every line belongs to exactly one message; what stands between quoted lines without a
mark of its own belongs to who wrote the marked ones' answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from copilot.extraction.reading import SegmentKind, Span
from copilot.extraction.texts.addresses import Named, all_named_in, named_in, trimmed, without_via
from copilot.extraction.texts.attributions import (
    Attribution,
    Separator,
    attribution_at,
    separator_of,
)
from copilot.extraction.texts.drafts import Draft, Part, Split, hands_on
from copilot.extraction.texts.headers import HeaderBlock, block_at, header_of
from copilot.extraction.texts.lines import Line
from copilot.extraction.texts.moments import moment_in

_HANDING_ON = re.compile(
    r"\b(?:fyi|forward(?:ing|ed)?|see below|below|leite .{1,40}weiter|weitergeleitet|siehe unten"
    r"|s\. ?u\.|anbei|z\. ?k\.|zur (?:kenntnis|info)|ci-dessous|transf[èe]re|transférer|pour info"
    r"|please (?:handle|process|take (?:this|over|care)|deal with|create a|open a|look at this)"
    r"|bitte (?:bearbeiten|übernehmen|anlegen|aufnehmen|kümmern)|merci de (?:traiter|créer|prendre)"
    r"|reenv[ií]o|les paso|te paso|más abajo|adjunto)\b",
    re.IGNORECASE,
)
_SHORT_NOTE = 700


class _Splitter:
    def __init__(self, text: str, lines: Sequence[Line], received_at: datetime | None) -> None:
        self._text = text
        self._lines = lines
        self._now = received_at
        self._root = Draft(part="current", sent_at=received_at)
        self._stack = [self._root]
        self._resumable: dict[int, Draft] = {}
        self._split = Split(text, lines, [], [])

    def split(self) -> Split:
        at = self._top()
        while at < len(self._lines):
            at = self._step(at)
        return self._split

    def _top(self) -> int:
        """The mail's own headers, if the text begins with them."""
        first = next((at for at, line in enumerate(self._lines) if line.words), None)
        if first is None or self._lines[first].depth:
            return 0
        if (block := block_at(self._text, self._lines, first, top=True)) is None:
            return 0
        self._take(range(block.end), self._root, SegmentKind.HEADERS)
        self._describe(self._root, block)
        return block.end

    def _step(self, at: int) -> int:
        line = self._lines[at]
        if not line.words:
            self._take(range(at, at + 1), self._stack[-1], None)
            return at + 1
        if (behind := self._boundary(at, line)) is not None:
            return behind
        self._take(range(at, at + 1), self._owner(line.depth), None)
        return at + 1

    def _boundary(self, at: int, line: Line) -> int | None:
        """Begins the message that a separator, a header block or an attribution announces."""
        if separator := separator_of(line):
            return self._after_separator(at, separator)
        if header_of(line) and (block := block_at(self._text, self._lines, at)):
            return self._begin(at, block, says="")
        attribution = attribution_at(self._text, self._lines, at)
        return self._attributed(attribution) if attribution else None

    def _after_separator(self, at: int, separator: Separator) -> int | None:
        following = at + 1
        while following < len(self._lines) and following <= at + 2:
            if self._lines[following].words:
                break
            following += 1
        else:
            following = len(self._lines)
        if following < len(self._lines):
            if header_of(self._lines[following]) and (
                block := block_at(self._text, self._lines, following)
            ):
                return self._begin(at, block, says=separator.says)
            if separator.says and (found := attribution_at(self._text, self._lines, following)):
                draft = self._open(found.end, self._lines[at].depth, separator.says)
                self._take(range(at, found.end), draft, SegmentKind.ATTRIBUTION)
                self._attribute(draft, found)
                return found.end
        if not separator.says:
            return None
        draft = self._open(at + 1, self._lines[at].depth, separator.says)
        self._take(range(at, at + 1), draft, SegmentKind.ATTRIBUTION)
        return at + 1

    def _begin(self, at: int, block: HeaderBlock, *, says: str) -> int:
        draft = self._open(block.end, self._lines[at].depth, says)
        self._take(range(at, block.end), draft, SegmentKind.HEADERS)
        self._describe(draft, block)
        return block.end

    def _attributed(self, found: Attribution) -> int:
        draft = self._open(found.end, self._lines[found.start].depth, "quoted")
        self._take(range(found.start, found.end), draft, SegmentKind.ATTRIBUTION)
        self._attribute(draft, found)
        return found.end

    def _open(self, behind: int, marks: int, says: str) -> Draft:
        """A message whose words begin at a line; it replaces what has as many marks as they."""
        while len(self._stack) > 1 and self._stack[-1].marks > marks:
            self._stack.pop()
        parent = self._stack[-1]
        following = next((one for one in self._lines[behind : behind + 4] if one.words), None)
        if following and following.depth > marks:
            marks = following.depth
        draft = Draft(
            part=self._part(parent, says), depth=parent.depth + 1, marks=marks, parent=parent
        )
        while self._stack and self._stack[-1].marks >= marks:
            self._stack.pop()
        self._stack.append(draft)
        for deeper in [one for one in self._resumable if one >= marks]:
            del self._resumable[deeper]
        self._resumable[marks] = draft
        return draft

    def _part(self, parent: Draft, says: str) -> Part:
        if says == "forwarded":
            return "forwarded"
        if says == "quoted" or parent.part == "quoted":
            return "quoted"
        if hands_on(self._text, parent.subject):
            return "forwarded"
        if parent is self._root and parent.subject is None and self._note_hands_on():
            return "forwarded"
        return "quoted"

    def _note_hands_on(self) -> bool:
        """A short note without a subject that speaks of what stands below."""
        taken = len(self._split.owners)
        end = self._lines[taken].start if taken < len(self._lines) else _SHORT_NOTE
        return end < _SHORT_NOTE and _HANDING_ON.search(self._text, 0, end) is not None

    def _owner(self, marks: int) -> Draft:
        """Whose lines carry so many marks here."""
        while len(self._stack) > 1 and self._stack[-1].marks > marks:
            self._stack.pop()
        top = self._stack[-1]
        if top.marks == marks:
            return top
        if top.marks > marks:  # the text begins with marks, and now there are fewer
            top.marks = marks
            return top
        draft = self._resumable.get(marks)
        if draft is None or draft.depth <= top.depth:
            draft = Draft(part="quoted", depth=top.depth + 1, marks=marks, parent=top)
            self._resumable[marks] = draft
        self._stack.append(draft)
        return draft

    def _take(self, lines: range, owner: Draft, kind: SegmentKind | None) -> None:
        missing = lines.stop - max(lines.start, len(self._split.owners))
        self._split.owners.extend([owner] * missing)
        self._split.kinds.extend([kind] * missing)

    def _describe(self, draft: Draft, block: HeaderBlock) -> None:
        text, fields = self._text, block.fields
        if "from" in fields:
            draft.sender = _cleaned(text, named_in(text, fields["from"]))
        people: list[Named] = []
        for header in ("to", "cc"):
            if header in fields:
                people.extend(all_named_in(text, fields[header]))
        draft.to = tuple(people)
        if "subject" in fields:
            draft.subject = trimmed_end(text, fields["subject"])
        if "date" in fields:
            place = fields["date"]
            draft.sent_at = self._moment(text[place.start : place.end]) or draft.sent_at

    def _attribute(self, draft: Draft, found: Attribution) -> None:
        if found.who is not None:
            draft.sender = _cleaned(self._text, named_in(self._text, found.who))
        draft.sent_at = self._moment(self._text[found.when.start : found.when.end])

    def _moment(self, words: str) -> datetime | None:
        return moment_in(words, near=self._now or self._root.sent_at)


def _cleaned(text: str, named: Named) -> Named:
    if named.name is None:
        return named
    return Named(trimmed(text, without_via(text, named.name)), named.email)


def trimmed_end(text: str, span: Span) -> Span | None:
    """A header's value without blanks around; None when it is empty."""
    words = text[span.start : span.end]
    inner = words.strip()
    if not inner:
        return None
    start = span.start + words.find(inner)
    return Span(start, start + len(inner))


def split_thread(text: str, lines: Sequence[Line], received_at: datetime | None) -> Split:
    """Which message each line belongs to; headers and attributions have their kind."""
    return _Splitter(text, lines, received_at).split()
