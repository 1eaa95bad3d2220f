"""Of which people a text has a record, and which stretches of it tell of whom.

Invariant: a text is taken apart only by rows, by labels that come again, or by people of whom more
than their name is told; who writes for the seller is no record of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import ASKER, OTHERS, Context, FormLine
from copilot.extraction.filling.labels import names
from copilot.extraction.finding.sheet import fold
from copilot.extraction.people.firms import FREE_MAIL
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole

_REACHED_BY = (CandidateKind.EMAIL, CandidateKind.PHONE)
_TOLD_BY = (*_REACHED_BY, CandidateKind.JOB_TITLE)
_OF_A_PERSON = (
    FieldRole.PERSON_NAME,
    FieldRole.JOB_TITLE,
    FieldRole.PERSON_EMAIL,
    FieldRole.PERSON_PHONE,
    FieldRole.PERSON_MOBILE,
)
_ASIDE = (SegmentKind.HEADERS, SegmentKind.ATTRIBUTION)
_SIGNED = (SegmentKind.SIGNATURE, SegmentKind.CLOSING)
_GAP = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[*•·-]|\(?\d{1,2}[.)])\s)")


_TITLE = r"(?:Frau|Herrn?|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Mme|M\.|Sra?\.?|Don|Doña)\s(?:Dr\.\s)?"
_PRONOUN = re.compile(
    r"\W*(?:she|he|they|her|his|their|sie|er|ihre?|seine?|elle|il|ses|son|sa|ella|el|su|sus)\b"
)


@dataclass(frozen=True, slots=True)
class _Contact:
    """Whom a record is of, None for who writes, and what is told of that one alone."""

    person: Candidate | None
    spans: tuple[Span, ...]


def of_customers(context: Context) -> Context:
    """The text without what the seller's people say of themselves, where one of them writes: to
    a colleague, as the mail's addresses tell, or from the team's own.
    """
    house = context.house(context.lead)
    inside = house in _recipients(context) and house.partition(".")[0] not in FREE_MAIL
    return _without(context, house) if context.lead.own or (house and inside) else context


def _without(context: Context, house: str) -> Context:
    """The text without who writes, and what those of the same mail domain say of themselves."""
    theirs = {
        one.number
        for one in context.reading.messages
        if one.part != "turn" and (one.own or context.house(one) == house)
    }
    told = [
        Span(one.start, one.end)
        for one in context.reading.segments
        if one.message in theirs and one.kind in _SIGNED
    ]
    told += [
        one.sender_name
        for one in context.reading.messages
        if one.number in theirs and one.sender_name is not None
    ]
    told += [
        Span(one.start, one.end)
        for one in context.candidates.get(CandidateKind.EMAIL, ())
        if house and str(one.value).rpartition("@")[2] == house
    ]
    return replace(context, ignored=(*context.ignored, *told), ours=True)


def _recipients(context: Context) -> set[str]:
    """The mail domains that who writes sent it to."""
    sender = context.lead.sender_email
    return {
        str(one.value).rpartition("@")[2]
        for one in context.candidates.get(CandidateKind.EMAIL, ())
        if context.segment_at(one.start).message == context.lead.number
        and context.kind(one.start) is SegmentKind.HEADERS
        and (sender is None or not sender.start <= one.start < sender.end)
        and _is_sent_to(context, one.start)
    }


def _is_sent_to(context: Context, offset: int) -> bool:
    line = context.folded.rfind("\n", 0, offset) + 1
    return re.match(r"\W*(?:to|an|a|para|pour)\s?:", context.folded[line:]) is not None


def contacts(context: Context) -> list[Context]:
    """The contexts of the people of whom a text has a record; the whole, if it can't be told."""
    found = _rows(context) or _labelled(context) or _told(context)
    if not found:
        return [context]
    if len(found) == 1:
        return [replace(context, person=found[0].person)]
    return [
        replace(
            context.part(
                one.spans,
                [
                    *(span for other in found if other is not one for span in other.spans),
                    *_signed_by_another(context, one),
                ],
                each_person=one.person is not None,
                apart=True,
            ),
            person=one.person,
        )
        for one in found
    ]


def _signed_by_another(context: Context, contact: _Contact) -> list[Span]:
    """The signature of who writes, where the contact's address is of another house."""
    house = context.house(context.lead)
    if contact.person is None or not house:
        return []
    family = fold(str(contact.person.value)).split()[-1]
    theirs = {
        str(one.value).rpartition("@")[2]
        for one in context.of(CandidateKind.EMAIL)
        if family in str(one.value).partition("@")[0]
        or any(span.start <= one.start < span.end for span in contact.spans)
    }
    if not theirs or house in theirs:
        return []
    return [
        Span(one.start, one.end)
        for one in context.reading.segments
        if one.message == context.lead.number and one.kind in _SIGNED
    ]


def told_of(context: Context) -> Context:
    """A chat among sellers, who go by one name, with the customer that they tell of."""
    speaker = context.lead.sender_name
    if not context.in_turns or speaker is None or " " in context.reading.quote(speaker):
        return context
    told = _told(context)
    return replace(context, person=told[0].person) if told else context


def _rows(context: Context) -> list[_Contact]:
    """The rows of a table or of an export that name somebody."""
    places: dict[int, Span] = {}
    for line in context.forms:
        if line.row:
            known = places.get(line.row, line.place)
            places[line.row] = Span(
                min(known.start, line.place.start), max(known.end, line.place.end)
            )
    return list(_with_people(context, list(places.values())))


def _labelled(context: Context) -> list[_Contact]:
    """The people of a form whose labels come again for each of them."""
    places: list[Span] = []
    opened = False
    for line in context.forms:
        if names(line.label, FieldRole.PERSON_NAME):
            places.append(line.place)
            opened = True
        elif opened and any(names(line.label, role) for role in _OF_A_PERSON):
            places[-1] = Span(places[-1].start, line.place.end)
        else:
            opened = False
    return list(_with_people(context, places)) if len(places) > 1 else []


def _with_people(context: Context, places: Sequence[Span]) -> Iterator[_Contact]:
    for place in places:
        inside = (one for one in _people(context) if place.start <= one.start < place.end)
        person = next(inside, None)
        if person is not None:
            yield _Contact(person, (place,))


def _told(context: Context) -> list[_Contact]:
    """Who writes, and people of whom the text tells how they are reached or what they do."""
    sends = context.lead.sender_email is not None and not context.ours
    kinds = _REACHED_BY if sends else _TOLD_BY
    people = [
        (one, place)
        for one, place in _mentioned(context)
        if not sends or (context.rank(place) == ASKER and not name_in(context.asker, one))
    ]
    blocks = _blocks(context, [place for _, place in people])
    kept = [
        (one, block)
        for (one, place), block in zip(people, blocks, strict=True)
        if one.start != place
        or one.label.endswith("introduced")
        or any(block.start <= other.start < block.end for other in context.of(*kinds))
    ]
    if not kept:
        return []
    known = [one for one, _ in kept]
    places = [block for _, block in kept]
    further = _said_further(context, known, places)
    told = [_Contact(one, (block, *said)) for (one, block), said in zip(kept, further, strict=True)]
    return [_Contact(None, ()), *told] if sends else told


def name_in(asker: str, one: Candidate) -> bool:
    """Whether a name is that of who asks."""
    return bool(set(fold(str(one.value)).split()) & set(asker.split()))


def _people(context: Context) -> list[Candidate]:
    return [
        one
        for one in context.of(CandidateKind.PERSON)
        if context.rank(one.start) <= OTHERS and context.kind(one.start) not in _ASIDE
    ]


def _mentioned(context: Context) -> list[tuple[Candidate, int]]:
    """Each person once, and where the text begins to tell of them: at the full name, or where who
    has it among the mail's addresses is introduced by the first one; none who only speaks.
    """
    seen = [
        fold(context.reading.quote(one.sender_name))
        for one in context.reading.messages
        if one.sender_name is not None and (one.own or one.part == "turn")
    ]
    named = context.candidates.get(CandidateKind.PERSON, ())
    seen += [fold(str(one.value)) for one in named if one.label == "header to"]
    copied = {fold(str(one.value)): one for one in named if one.label == "header cc"}
    found: list[tuple[Candidate, int]] = []
    for told in _people(context):
        one, place = told, told.start
        name = fold(str(one.value))
        if " " not in name and one.label.endswith("introduced"):
            name = next((other for other in copied if other.split()[0] == name), name)
            one = copied.get(name, one)
        if " " not in name or any(name in other or other in name for other in seen):
            continue
        seen.append(name)
        found.append((one, place))
    return found


def _blocks(context: Context, places: Sequence[int]) -> list[Span]:
    """What stands around each name: from its line's beginning, or from the name itself where
    another is before it, to the end of its paragraph, its list item or its turn; of those who
    share a line, to the line's end.
    """
    starts: list[int] = []
    shared: list[bool] = []
    for place in places:
        line = context.text.rfind("\n", 0, place) + 1
        shared.append(bool(starts) and starts[-1] >= line)
        starts.append(_title_before(context, place) if shared[-1] else line)
    ends = [*starts, len(context.text)][1:]
    return [
        Span(start, min(end, _line_end(context, place) if lines else _block_end(context, place)))
        for place, start, end, lines in zip(places, starts, ends, shared, strict=True)
    ]


def _title_before(context: Context, place: int) -> int:
    """Where the position begins that stands right before a name, else the name itself."""
    for other in context.of(CandidateKind.JOB_TITLE):
        if other.end <= place and not context.text[other.end : place].strip(" ,:"):
            return other.start
    return place


def _line_end(context: Context, offset: int) -> int:
    end = context.text.find("\n", offset)
    return end if end >= 0 else len(context.text)


def _block_end(context: Context, offset: int) -> int:
    if context.in_turns:
        return context.segment_at(offset).end
    found = _GAP.search(context.text, offset)
    return found.start() if found else len(context.text)


def _said_further(
    context: Context, people: Sequence[Candidate], blocks: Sequence[Span]
) -> list[list[Span]]:
    """What is said of each outside the blocks: from where a sentence names somebody to where it
    names the next, and on in the same paragraph, or with a she or he in the next one.
    """
    found: list[list[Span]] = [[] for _ in people]
    named = [_naming(one) for one in people]
    last: int | None = None
    at = (-1, -1)
    for sentence in context.sentences:
        start, end = sentence.start, sentence.end
        if sentence.segment.kind in _ASIDE or any(
            block.start <= start < block.end for block in blocks
        ):
            continue
        if any(start <= line.place.start < end and _is_shared(line) for line in context.forms):
            continue
        place = (sentence.segment.start, sentence.paragraph)
        goes_on = place == at or (place[0] == at[0] and _PRONOUN.match(context.folded, start))
        last = last if goes_on else None
        at = place
        mentions = sorted(
            (one.start(), number)
            for number, pattern in enumerate(named)
            for one in pattern.finditer(context.text, start, end)
        )
        if last is None and mentions:
            last = mentions[0][1]
        for offset, number in mentions:
            if number != last and last is not None:
                found[last].append(Span(start, offset))
                start, last = offset, number
        if last is not None:
            found[last].append(Span(start, end))
    return found


def _is_shared(line: FormLine) -> bool:
    return any(
        names(line.label, role) for role in (FieldRole.ADDRESS, FieldRole.COMPANY, FieldRole.URL)
    )


def _naming(person: Candidate) -> re.Pattern[str]:
    """How a text names somebody further on: by the first name, by initials, as Mr Roth."""
    words = str(person.value).split()
    initials = "".join(word[0] for word in words)
    short = [words[0], *([initials] if initials.isupper() and len(initials) > 1 else [])]
    names_ = "|".join(map(re.escape, short))
    return re.compile(rf"(?<!\w)(?:{names_}|{_TITLE}{re.escape(words[-1])})(?:['’]?s)?(?!\w)")
