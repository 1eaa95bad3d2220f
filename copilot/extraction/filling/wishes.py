"""Fields of a user's own schema out of a talk of two: what who asks wants in the end.

Invariant: a value was said by who asks, or said again to them and met with a yes; where a field's
name and the words around a value don't tell that they belong together, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.extracted import FieldValue, Json
from copilot.extraction.filling.context import Context, nothing
from copilot.extraction.filling.inquiries import wished
from copilot.extraction.filling.labelled import name_words
from copilot.extraction.filling.talks import Talk
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import Span
from copilot.schemas import FieldRole, FieldSpec, Schema

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|marz|mai|juni|juli|oktober|dezember"
    r"|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|enero"
    r"|febrero"
    r"|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DATE = re.compile(
    rf"\b(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)? (?:of |de )?(?:{_MONTH}|this month|next month)\b"
    r"(?:,? \d{4}\b)?"
    rf"|the \d{{1,2}}(?:st|nd|rd|th)\b(?! (?:of )?(?:{_MONTH}|this|next)\b)"
    rf"|\d{{4}}-\d\d-\d\d\b|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b"
    rf"|(?:next|this|coming) (?:week )?{_WEEKDAY}\b|{_WEEKDAY} (?:this|next) week\b|{_WEEKDAY}\b"
    r"|(?:the )?day after tomorrow\b|tomorrow\b|(?<=for )(?:later )?today\b|(?<=for )tonight\b)"
)
_TIME = re.compile(
    r"\b(?:\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.?|p\.m\.?)(?![a-z])|\d{1,2}:\d\d\b(?: in the"
    r" (?:morning"
    r"|afternoon|evening|night))?|(?:a )?(?:quarter|half) (?:to|past) \w+(?: in the (?:morning"
    r"|afternoon"
    r"|evening|night))?|(?:morning|afternoon|evening|night) \d{1,2}(?::\d\d)?\b"
    r"|(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: o['\"]?clock)?"
    r" in the (?:morning|afternoon|evening|night)|\d{1,2} uhr\b|\d{1,2} ?h ?(?:\d\d)?\b|noon\b)"
)
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_COUNT = re.compile(r"\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\b")
_CAPITAL = r"(?!I\b)[A-ZÀ-Ý][\w'’-]*"
_PROPER = re.compile(
    r"(?!(?:In|From|To|At|Around|Near|For)\b)"
    rf"{_CAPITAL}(?: {_CAPITAL})*(?:, {_CAPITAL}(?: {_CAPITAL})?)?"
)
_SIDED = frozenset("from to origin destination departure arrival".split())
_NOT_NAMES = frozenset(
    "try look find search check let how what when where any maybe make get show i i'm i'd i'll"
    " i've yes no ok okay please the a an user system monday tuesday wednesday"
    " thursday"
    " friday saturday sunday january february march april may june july august september october"
    " november december am pm".split()
)
_STOP = frozenset(
    "the a an of for to in on at is are and or be with by from whether name value number time date"
    " type kind user's their his her this that which where".split()
)
_PLACES = frozenset("city location area where place town destination origin airport region".split())
_PEOPLE = frozenset(
    "people persons person guests adults passengers passenger travelers travellers tickets ticket"
    " seats seat riders party table attendees".split()
)
_FROM = re.compile(
    r"\b(?:from|leaving|leave|departing|depart|out of|origin)\s+(?:from |the city of )?$"
)
_TO = re.compile(
    r"\b(?:to|for|going to|travel to|go to|heading to|arriving (?:in|at)|arrive (?:in|at)"
    r"|destination"
    r" (?:is|of|be))\s+(?:the city of )?$"
)
_FIRST = frozenset(
    "start begin from departure depart check-in checkin in pickup outbound leaving".split()
)
_LAST = frozenset(
    "end until to return check-out checkout out dropoff inbound back returning".split()
)


def wish(context: Context, talk: Talk, spec: FieldSpec, schema: Schema) -> FieldValue:
    """What who asks wants in this field."""
    if _is_told(spec):
        return nothing()
    if spec.choices and not _counts(spec):
        return _choice(context, talk, spec)
    if _counts(spec):
        return _count(context, talk, spec, schema)
    kind = _moment_kind(spec)
    if kind is not None:
        return _moment(context, talk, spec, schema, kind)
    if _is_place(spec):
        return _place(context, talk, spec, schema)
    return nothing()


_TOLD = re.compile(
    r"\b(?:phone|price|fare|cost|total|address|rating|wait|humidity|wind|temperature|precipitation"
    r"|station|fee|average|percent|score|balance|duration|email)\b"
)


def _is_told(spec: FieldSpec) -> bool:
    """Whether it is what one side tells rather than what the other wants."""
    return _TOLD.search(f"{name_words(spec)}") is not None


def _words(spec: FieldSpec) -> set[str]:
    return set(name_words(spec).split())


def _counts(spec: FieldSpec) -> bool:
    digits = [choice for choice in spec.choices if choice.isdigit()]
    if spec.choices:
        return len(digits) * 2 > len(spec.choices) and max(map(int, digits)) < 100
    return spec.role is FieldRole.COUNT or spec.type == "integer"


def _moment_kind(spec: FieldSpec) -> str | None:
    if spec.role in (FieldRole.DATE, FieldRole.DATE_TIME) or "date" in _words(spec):
        return "date"
    if spec.role in (FieldRole.TIME, FieldRole.START_TIME) or "time" in _words(spec):
        return "time"
    return None


def _is_place(spec: FieldSpec) -> bool:
    described = set(re.findall(r"[a-z]+", fold(spec.description)))
    return bool(_words(spec) & _PLACES) or (
        _words(spec) <= {"from", "to"} and bool(described & _PLACES)
    )


def _moment(context: Context, talk: Talk, spec: FieldSpec, schema: Schema, kind: str) -> FieldValue:
    pattern = _DATE if kind == "date" else _TIME
    rivals = [
        one
        for one in schema.fields
        if _moment_kind(one) == kind and not _is_told(one) and not one.choices
    ]
    for span in wished(context, talk):
        found = _without_denied(
            context, list(pattern.finditer(context.folded, span.start, span.end))
        )
        if not found:
            continue
        one = _belonging(context, spec, rivals, found, span)
        if one is None:
            if span == talk.confirmed and len(rivals) > 1:
                continue
            return nothing()
        return context.value(one.start(), one.end(), confidence=0.85)
    return nothing()


def _without_denied(context: Context, found: list[re.Match[str]]) -> list[re.Match[str]]:
    return [
        one
        for one in found
        if not re.search(
            r"\b(?:not|instead of|rather than)\W+(?:on |at )?$",
            context.folded[max(0, one.start() - 24) : one.start()],
        )
    ]


def _belonging(
    context: Context,
    spec: FieldSpec,
    rivals: Sequence[FieldSpec],
    found: Sequence[re.Match[str]],
    span: Span,
) -> re.Match[str] | None:
    """The moment that is this field's: the only one of the only field, or by the words before"
    " it."""
    if len(rivals) > 2:
        return None
    if len(rivals) == 1:
        values = {one[0] for one in found}
        return found[-1] if len(values) == 1 else None
    mine = _side(spec)
    if mine == 0:
        return None
    cued = [one for one in found if _cued_side(context, one, span) == mine]
    if len({one[0] for one in cued}) == 1:
        return cued[0]
    if cued or len(found) != 2 or len(rivals) != 2:
        return None
    between = context.folded[found[0].end() : found[1].start()]
    if re.fullmatch(r"\W*(?:to|until|till|through|and|-|bis|au|al|hasta)\W*(?:the )?", between):
        return found[0] if mine < 0 else found[1]
    return None


def _side(spec: FieldSpec) -> int:
    words = _words(spec) | set(re.findall(r"[a-z-]+", fold(spec.description))[:3])
    first, last = bool(words & _FIRST), bool(words & _LAST)
    name = _words(spec)
    if first == last:
        first, last = bool(name & (_FIRST - {"in"})), bool(name & (_LAST - {"to"}))
    return 0 if first == last else -1 if first else 1


_CUE_FIRST = re.compile(
    r"\b(?:from|starting from|beginning)\W+(?:on )?(?:the )?$|\b(?:start\w*|begin\w*|leav\w*"
    r"|depart\w*|outbound|check(?:ing)?[ -]?in"
    r"|pick(?:ing)?[ -]?up"
    r"|picked up|starting|pickup)\b[^.?!]{0,24}$"
)
_CUE_LAST = re.compile(
    r"\b(?:until|till|to|through)\W+(?:on )?(?:the )?$|\b(?:return\w*|com\w+ back|back|end\w*"
    r"|check(?:ing)?[ -]?out|drop\w*|through"
    r"|inbound)"
    r"\b[^.?!]{0,24}$"
)


def _cued_side(context: Context, one: re.Match[str], span: Span) -> int:
    before = context.folded[max(span.start, one.start() - 48) : one.start()]
    dates = list(_DATE.finditer(before)) + list(_TIME.finditer(before))
    if dates:
        before = before[max(found.end() for found in dates) :]
    first, last = _CUE_FIRST.search(before), _CUE_LAST.search(before)
    if first and last:
        return -1 if first.start() > last.start() else 1
    return -1 if first else 1 if last else 0


def _count(context: Context, talk: Talk, spec: FieldSpec, schema: Schema) -> FieldValue:
    """A number beside the noun that the field counts."""
    nouns = _counted(spec, schema)
    pattern = re.compile(
        r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s(?!way)(?:\w+[ -]){0,2}?(?:"
        + "|".join(sorted(nouns, key=len, reverse=True))
        + r")\b|\b(?:table|party|group|seats?|tickets?) (?:for|of) (\d{1,2}|one|two|three|four|five"
        r"|six|seven|eight|nine|ten)\b(?![:/]| ?(?:am|pm|o))"
    )
    allowed = set(spec.choices)
    for span in wished(context, talk):
        found = list(pattern.finditer(context.folded, span.start, span.end))
        if not nouns & _PEOPLE:
            found = [one for one in found if one[1]]
        values = {_number(one[1] or one[2]) for one in found}
        if not values:
            continue
        value = values.pop()
        if values or (allowed and value not in allowed):
            return nothing()
        group = 1 if found[0][1] else 2
        told: Json = int(value) if spec.type in ("integer", "number") else value
        return context.value(
            found[0].start(group), found[0].end(group), value=told, confidence=0.85
        )
    return nothing()


def _number(word: str) -> str:
    return _NUMBERS.get(word, word)


def _counted(spec: FieldSpec, schema: Schema) -> set[str]:
    """The nouns that a field counts; of people any, if no other field counts them."""
    name = _words(spec) - {"number", "num", "of", "count", "no", "how", "many"}
    described = set(re.findall(r"[a-z]+", fold(spec.description)))
    nouns = {_stem(word) for word in name}
    if name & _PEOPLE or described & _PEOPLE:
        nouns |= {_stem(word) for word in _PEOPLE - {"party", "table"}}
    if "beds" in name or "bedrooms" in described:
        nouns |= {"bedroom", "bed room", "bed"}
    if "baths" in name or "bathroom" in described or "bathrooms" in described:
        nouns |= {"bathroom", "bath room", "bath"}
    return {f"{noun}s?" if not noun.endswith("people") else noun for noun in nouns} | (
        {"people"} if name & _PEOPLE or described & _PEOPLE else set()
    )


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def _choice(context: Context, talk: Talk, spec: FieldSpec) -> FieldValue:
    """A value whose own words were said."""
    words = {
        choice: re.compile(rf"\b{re.escape(fold(choice)).replace('_', '[ _-]')}\b")
        for choice in spec.choices
        if len(choice) > 2 and fold(choice) not in ("true", "false", "dontcare", "yes", "no")
    }
    for span in wished(context, talk):
        found = {
            choice: one
            for choice, pattern in words.items()
            if (one := pattern.search(context.folded, span.start, span.end))
        }
        inside = {
            choice
            for choice, one in found.items()
            if any(
                other is not one and other.start() <= one.start() and one.end() <= other.end()
                for other in found.values()
            )
        }
        left = {choice: one for choice, one in found.items() if choice not in inside}
        if len(left) > 1:
            return nothing()
        for choice, one in left.items():
            before = context.folded[max(span.start, one.start() - 20) : one.start()]
            if re.search(r"\b(?:not|no|don't|without)\W+(?:\w+\W+)?$", before):
                return nothing()
            return context.value(one.start(), one.end(), value=choice, confidence=0.8)
    return nothing()


def _place(context: Context, talk: Talk, spec: FieldSpec, schema: Schema) -> FieldValue:
    """A proper name behind "in", "from" or "to", as the field's side has it."""
    words = _words(spec) | set(re.findall(r"[a-z]+", fold(spec.description)))
    goes = bool(_words(spec) & {"to", "destination", "arrival"})
    leaves = bool(_words(spec) & {"from", "origin", "departure"})
    cue = _TO if goes else _FROM if leaves else _IN
    if not goes and not leaves and not words & _PLACES:
        return nothing()
    rivals = [
        one
        for one in schema.fields
        if _is_place(one) and not _is_told(one) and not one.choices and one.name != spec.name
    ]
    if not goes and not leaves and rivals:
        return nothing()
    for span in wished(context, talk):
        for one in _PROPER.finditer(context.text, span.start, span.end):
            before = context.folded[max(span.start, one.start() - 30) : one.start()]
            if not cue.search(before) or not _is_name(one[0]):
                continue
            return context.value(one.start(), _name_end(one), confidence=0.8)
        if span != talk.confirmed:
            answer = _bare_answer(context, talk, span, spec)
            if answer is not None:
                return context.value(answer.start, answer.end, confidence=0.75)
    return nothing()


_IN = re.compile(r"\b(?:in|around|(?:what|how) about)\s+(?:the (?:city of )?)?$")


def _name_end(one: re.Match[str]) -> int:
    end = one.end()
    while one.string[end - 1] in ".,":
        end -= 1
    return end


def _is_name(written: str) -> bool:
    first = fold(written).split()[0].strip(".,")
    return (
        first not in _NOT_NAMES
        and any(char.isalpha() for char in first)
        and not _DATE.match(fold(written))
        and not _TIME.match(fold(written))
    )


def _bare_answer(context: Context, talk: Talk, span: Span, spec: FieldSpec) -> Span | None:
    """An answer that is nothing but a name, to a question that names the field."""
    turn = next((one for one in talk.turns if one.start == span.start), None)
    if turn is None:
        return None
    question = talk.asked_before(turn)
    told = context.text[span.start : span.end].strip()
    if question is None or not re.fullmatch(rf"{_PROPER.pattern}(?:,? please)?[.!]?", told):
        return None
    asked = set(re.findall(r"[a-z]+", context.folded[question.start : question.end]))
    if not asked & (_PLACES | {"where"}) or not _is_name(told):
        return None
    if _words(spec) & _SIDED:
        goes = bool(
            asked & {"to", "going", "heading", "destination", "traveling", "arriving", "go"}
        )
        leaves = bool(asked & {"from", "leaving", "departing", "depart", "origin", "leave"})
        wanted = bool(_words(spec) & {"to", "destination", "arrival"})
        if goes == leaves or wanted != goes:
            return None
    found = _PROPER.match(context.text, span.start, span.end)
    return Span(found.start(), _name_end(found)) if found else None
