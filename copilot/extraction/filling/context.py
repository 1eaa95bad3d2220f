"""What the fillers of all roles look at: a text taken apart, whose words are whose, what was found.

Invariant: messages are ranked once, by whose they are; the rank of a candidate is that of its
message, and what stands in boilerplate, or belongs to another record of the text, has none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from copilot.extracted import Evidence, FieldValue, Json, NullReason
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.sentences import Sentence, Word, sentences, words
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import Message, Reading, Segment, SegmentKind, Span
from copilot.extraction.texts import about, form_fields
from copilot.extraction.texts.roles import is_machine

ASKER, ASKER_BEFORE, OTHERS, OWN, NOBODY = range(5)
SPOKEN = frozenset({SegmentKind.BODY, SegmentKind.GREETING})
_SURE, _LESS = 0.75, 0.7
_TURNS = 2
_EVENT = re.compile(
    r"\b(?:joined|left|has joined|has left|beigetreten|verlassen|rejoint|quitt\w+)\s*$"
)
_ROLE_WORDS = frozenset(
    "caller client customer visitor user guest kunde kundin anrufer anruferin besucher cliente"
    " appelant appelante visiteur llamante usuario visitante agent agente bot".split()
)


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line "label: value", or a table's cell; ``label`` is folded."""

    label: str
    value: Span
    place: Span
    row: int = 0


@dataclass(frozen=True)
class Context:
    """A text and all that was found in it. ``own``: the spans of this record alone, if there are
    several; ``foreign``: those of the others. ``ignored``: what nothing is read from.
    ``each_person``: the record is of the person named in its own spans; ``apart``: one of the
    text's records is, so people aren't shared. ``ours``: who writes is the seller's, and nobody
    that a record is of. ``person``: whom the record is of, if the text's structure tells.
    """

    reading: Reading
    folded: str
    candidates: Mapping[CandidateKind, tuple[Candidate, ...]]
    sentences: tuple[Sentence, ...]
    forms: tuple[FormLine, ...]
    lead: Message
    ranks: tuple[int, ...]
    starts: tuple[int, ...]
    sentence_starts: tuple[int, ...]
    spelt: dict[tuple[int, int], tuple[Word, ...]]
    own: tuple[Span, ...] = ()
    foreign: tuple[Span, ...] = ()
    ignored: tuple[Span, ...] = ()
    each_person: bool = False
    apart: bool = False
    ours: bool = False
    person: Candidate | None = None

    @property
    def text(self) -> str:
        return self.reading.text

    @property
    def in_turns(self) -> bool:
        """Whether the text is a chat or a call."""
        return self.lead.part == "turn"

    def of(self, *kinds: CandidateKind) -> list[Candidate]:
        """What was found of these kinds, without what is nobody's and what other records have."""
        found = [one for kind in kinds for one in self.candidates.get(kind, ())]
        return [one for one in found if self.rank(one.start) < NOBODY]

    def rank(self, offset: int) -> int:
        """Whose words stand there."""
        segment = self.segment_at(offset)
        if segment.kind is SegmentKind.BOILERPLATE or self.is_foreign(offset):
            return NOBODY
        return self.ranks[segment.message]

    def kind(self, offset: int) -> SegmentKind:
        return self.segment_at(offset).kind

    def segment_at(self, offset: int) -> Segment:
        """As the reading's, its beginnings looked up once."""
        return self.reading.segments[max(0, bisect_right(self.starts, offset) - 1)]

    def is_foreign(self, offset: int) -> bool:
        if not self.ignored and not self.foreign:
            return False
        return any(span.start <= offset < span.end for span in (*self.ignored, *self.foreign))

    def is_own(self, offset: int) -> bool:
        """Whether it stands in what belongs to this record alone; so of all, if it is the only."""
        return not self.own or any(span.start <= offset < span.end for span in self.own)

    def said(self, *, most: int = OTHERS) -> Iterator[Sentence]:
        """The sentences that people wrote: this record's own first, then by whose they are."""
        for rank, sentence in self._ranked:
            if rank <= most:
                yield sentence

    @cached_property
    def _ranked(self) -> tuple[tuple[int, Sentence], ...]:
        told = [
            (self.rank(one.start), one)
            for one in self.sentences
            if one.segment.kind in (*SPOKEN, SegmentKind.FORM)
        ]
        told.sort(key=lambda pair: (not self.is_own(pair[1].start), pair[0], pair[1].start))
        return tuple(told)

    def words(self, one: Sentence | Span) -> tuple[Word, ...]:
        known = self.spelt.get((one.start, one.end))
        if known is None:
            known = self.spelt[one.start, one.end] = words(self.folded, one.start, one.end)
        return known

    def sentence_at(self, offset: int) -> Sentence | None:
        at = bisect_right(self.sentence_starts, offset) - 1
        if at < 0 or offset >= self.sentences[at].end:
            return None
        return self.sentences[at]

    def before(self, offset: int, *, reach: int = 40) -> str:
        """The folded words of the same sentence before an offset."""
        sentence = self.sentence_at(offset)
        start = max(sentence.start if sentence else 0, offset - reach)
        if sentence is None:
            start = max(start, self.folded.rfind("\n", 0, offset) + 1)
        return self.folded[start:offset].replace("\n", " ")

    def after(self, offset: int, *, reach: int = 40) -> str:
        """The folded words of the same sentence behind an offset."""
        sentence = self.sentence_at(max(0, offset - 1))
        end = min(sentence.end if sentence else len(self.folded), offset + reach)
        if sentence is None:
            line_end = self.folded.find("\n", offset)
            end = min(end, line_end if line_end >= 0 else end)
        return self.folded[offset:end].replace("\n", " ")

    def value(
        self, start: int, end: int, *, value: Json = None, confidence: float = 0.9
    ) -> FieldValue:
        """A value that ``text[start:end]`` states; without ``value``, its own words."""
        quote = self.text[start:end]
        told = " ".join(quote.split()) if value is None else value
        return FieldValue(
            value=told,
            evidence=Evidence(quote, start, end),
            confidence=_measured(confidence),
            normalised_from="" if told == quote else quote,
        )

    def part(
        self,
        own: Sequence[Span],
        foreign: Sequence[Span],
        *,
        each_person: bool,
        apart: bool = False,
    ) -> Context:
        """The same text for one of several records."""
        return replace(
            self, own=tuple(own), foreign=tuple(foreign), each_person=each_person, apart=apart
        )

    def without(self, ignored: Sequence[Span]) -> Context:
        """The same text, nothing of which is read from these stretches."""
        return replace(self, ignored=tuple(ignored))

    def whole(self) -> Context:
        """The same text for what all its records share."""
        if not self.own and not self.foreign:
            return self
        return replace(self, own=(), foreign=())

    def house(self, message: Message) -> str:
        """The mail domain of who wrote a message, empty if it isn't told."""
        if message.sender_email is None:
            return ""
        return fold(self.reading.quote(message.sender_email)).rpartition("@")[2]

    @cached_property
    def asker(self) -> str:
        """The folded name of who asks, empty if nothing names them."""
        return sender_key(self.reading, self.lead)


def _measured(confidence: float) -> float:
    """As often as such values were right in texts that the rules were not written on."""
    return round(confidence if confidence >= _SURE else confidence * _LESS, 2)


def nothing(reason: NullReason = NullReason.NOT_STATED) -> FieldValue:
    return FieldValue(null_reason=reason)


def sender_key(reading: Reading, message: Message) -> str:
    """What tells a sender from others: the name as folded words, else the address."""
    if message.sender_name is not None:
        return " ".join(fold(reading.quote(message.sender_name)).replace(",", " ").split())
    if message.sender_email is not None:
        return fold(reading.quote(message.sender_email))
    return ""


def is_role(name: str) -> bool:
    """Whether a speaker is called by the part they play: CALLER, Kunde, Visitor."""
    return name.strip(" :").split(" ")[0] in _ROLE_WORDS


def build(reading: Reading, candidates: Sequence[Candidate], *, equal: bool = False) -> Context:
    """The context of a text. ``equal``: in a chat everybody's word counts alike."""
    filed: dict[CandidateKind, list[Candidate]] = {}
    for candidate in candidates:
        filed.setdefault(candidate.kind, []).append(candidate)
    lead = leading(reading, equal=equal)
    told = tuple(sentences(reading.text, reading.segments, _speakers(reading)))
    return Context(
        reading=reading,
        folded=fold(reading.text),
        candidates={kind: tuple(found) for kind, found in filed.items()},
        sentences=told,
        forms=tuple(_form_lines(reading)),
        lead=lead,
        starts=tuple(segment.start for segment in reading.segments),
        sentence_starts=tuple(one.start for one in told),
        spelt={},
        ranks=_equal(reading, lead) if equal else _ranks(reading, lead),
    )


def _speakers(reading: Reading) -> dict[int, Span]:
    return {
        one.number: one.sender_name
        for one in reading.messages
        if one.part == "turn" and one.sender_name is not None
    }


def leading(reading: Reading, *, equal: bool = False) -> Message:
    """The message in which somebody asks: what was handed on, else what was sent now."""
    messages = reading.messages
    turns = [one for one in messages if one.part == "turn"]
    if turns:
        return _first_of_asker(reading, turns)
    forwarded = [
        one
        for one in messages
        if one.part == "forwarded" and not is_robot(reading, one.sender_email)
    ]
    if forwarded and all(one.own for one in messages):
        return max(forwarded, key=lambda one: (one.depth, -one.number))
    told = [messages[number] for number in about(reading)]
    first = next((one for one in told if not is_robot(reading, one.sender_email)), told[0])
    return messages[0] if equal and first.part == "quoted" else first


def is_robot(reading: Reading, address: Span | None) -> bool:
    """Whether nobody writes from an address: noreply@, gitlab-noreply@, alerts@."""
    if address is None:
        return False
    told = reading.quote(address)
    places = [0, *(found.end() for found in re.finditer(r"[-_.+](?=[^@]*@)", told))]
    return any(is_machine(told[place:]) for place in places)


def _first_of_asker(reading: Reading, turns: Sequence[Message]) -> Message:
    """The first turn of the stranger who says most, or who begins where all are strangers."""
    first, last = turns[0].sent_at, turns[-1].sent_at
    if first and last and first.replace(tzinfo=None) > last.replace(tzinfo=None):
        turns = turns[::-1]  # a tracker shows what was said last first
    said: dict[str, int] = {}
    for turn in turns:
        if not turn.own and not _EVENT.search(reading.text, turn.start, turn.end):
            key = sender_key(reading, turn)
            said[key] = said.get(key, 0) + turn.end - turn.start
    if not said:
        return turns[0]
    if not any(turn.own for turn in turns):
        asks = _who_asks(reading, turns, list(said))
        return next(turn for turn in turns if sender_key(reading, turn) == asks)
    most = max(said, key=lambda key: said[key])
    return next(turn for turn in turns if not turn.own and sender_key(reading, turn) == most)


def _who_asks(reading: Reading, turns: Sequence[Message], speakers: Sequence[str]) -> str:
    """Where nothing tells who helps, who speaks first asks, unless they only put questions."""
    questions = dict.fromkeys(speakers, 0)
    spoken = dict.fromkeys(speakers, 0)
    for turn in turns:
        key = sender_key(reading, turn)
        if key in spoken:
            spoken[key] += 1
            questions[key] += "?" in reading.text[turn.start : turn.end]
    first = speakers[0]
    if spoken[first] < _TURNS or questions[first] * 2 < spoken[first]:
        return first
    told = [one for one in speakers if spoken[one] >= _TURNS and questions[one] * 4 < spoken[one]]
    return max(told, key=lambda one: spoken[one], default=first)


def _ranks(reading: Reading, lead: Message) -> tuple[int, ...]:
    asker = sender_key(reading, lead)
    ranks: list[int] = []
    for message in reading.messages:
        if message.number == lead.number:
            ranks.append(ASKER)
        elif message.part == "forwarded" and is_robot(reading, message.sender_email):
            ranks.append(ASKER_BEFORE)  # what a machine told them, they hand on as their own
        elif message.own and not lead.own:
            ranks.append(OTHERS if message.part == "forwarded" else OWN)
        elif asker and sender_key(reading, message) == asker:
            ranks.append(ASKER if message.part == "turn" else ASKER_BEFORE)
        elif message.own:
            ranks.append(OTHERS)
        else:
            ranks.append(OTHERS)
    return tuple(ranks)


def _equal(reading: Reading, lead: Message) -> tuple[int, ...]:
    return tuple(
        ASKER
        if message.part == "turn" or message.number == lead.number
        else min(OTHERS, max(ASKER_BEFORE, message.depth))
        for message in reading.messages
    )


def _form_lines(reading: Reading) -> Iterator[FormLine]:
    for segment in reading.segments:
        if segment.kind is SegmentKind.FORM:
            yield from _of_segment(reading, segment)


def _of_segment(reading: Reading, segment: Segment) -> Iterator[FormLine]:
    for found in form_fields(reading.text, segment.start, segment.end):
        label = " ".join(fold(found.name or reading.quote(found.label)).split())
        if found.value.start < found.value.end:
            yield FormLine(label, found.value, found.place, found.row)
