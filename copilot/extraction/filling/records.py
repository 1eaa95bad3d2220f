"""How many records a text holds, and which stretches of it belong to which.

Invariant: cautious; a text is taken apart only where it says so itself, by numbers, by words that
turn to something else, or by a line for each person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.contacts import contacts, of_customers, told_of
from copilot.extraction.filling.context import ASKER, Context
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.reading import Segment, SegmentKind, Span
from copilot.schemas import FieldRole, Schema

Weight = Callable[[Span | Sentence], float]

_ITEM = re.compile(
    r"^[ \t>]*(?:\(?(?P<number>\d|[a-e])[.)/](?=\s)|(?P<word>firstly|secondly|thirdly|first|second"
    r"|third"
    r"|erstens|zweitens|drittens|premierement|deuxiemement|troisiemement|primero|segundo|tercero"
    r"|issue (?:one|two|three|\d)|problem (?:eins|zwei|\d)|thema \d|probleme \d|problema \d|punkt"
    r" \d"
    r"|point \d|punto \d|wish \d|wunsch \d|(?:the|das|der|die|le|la|lo|el) (?:first|second|third"
    r"|erste|zweite|dritte|premiere?|seconde?|deuxieme|troisieme|primer[oa]|segund[oa]|tercer[oa])"
    r"(?: (?:one|thing|issue|point|matter|problem|punkt|chose|cosa))?)\b\s?[:.,)–-]"
    r"|(?P<bold>[*_][^*_\n]{2,30}[*_][.:]?\s))",
    re.MULTILINE,
)
_ORDINALS = {
    **dict.fromkeys(
        "first firstly erstens erste premierement premier premiere primero primera".split(), 1
    ),
    **dict.fromkeys(
        "second secondly zweitens zweite deuxiemement deuxieme seconde segundo segunda".split(), 2
    ),
    **dict.fromkeys(
        "third thirdly drittens dritte troisiemement troisieme tercero tercera".split(), 3
    ),
    "one": 1, "two": 2, "three": 3, "eins": 1, "zwei": 2,
    **{letter: number for number, letter in enumerate("abcde", 1)},
}  # fmt: skip
_ANNOUNCED = re.compile(
    r"\b(?:two|three|four|2|3|4|a couple of|several|some|following|zwei|drei|vier|mehrere|einige"
    r"|folgende"
    r"|deux|trois|quatre|plusieurs|quelques|suivants?|dos|tres|cuatro|varias?|varios|siguientes)\b"
    r"[^\n]{0,40}:[ \t]*\n"
)
_DASH = re.compile(r"^[ \t>]*[-*•·–](?=\s)", re.MULTILINE)
_STEPS = re.compile(
    r"\b(?:steps?|reproduce|how to|tried|questions?|schritte?|reproduzier\w*|versucht|fragen"
    r"|etapes?"
    r"|reproduire|essaye|questions|pasos?|reproducir|probado|intentado|preguntas|clauses?)\b[^\n]*$"
)
_TURN = re.compile(
    r"^\W*(?:p\.? ?s\.?[ :,.–-]+)?(?:(?:and |oh,? |ah,? |so,? |und |et |y "
    r"|ach,? )*(?:another (?:thing|issue|matter"
    r"|problem|one"
    r"|point|topic|question|wish|idea)|one more thing|one other thing|a second (?:thing|issue"
    r"|matter"
    r"|problem|point|wish)|the second (?:thing|issue|problem|one)|second thing|second(?:ly)?[,:]"
    r"|2nd one"
    r"|separate(?:ly| issue| matter)|on a different (?:note|matter|topic)|something (?:else"
    r"|completely"
    r" different)|different (?:topic|subject|issue)|while i'm (?:at it|here|writing)|unrelated"
    r"|and while|then there is|then there's|noch etwas|noch was|noch eins|noch eine (?:sache|frage"
    r"|bitte)"
    r"|ausserdem|außerdem|zweitens|ein zweite[rs]|eine zweite|das zweite|anderes thema|andere"
    r" (?:sache"
    r"|baustelle)|zweites (?:thema|problem|anliegen)|was anderes|etwas anderes|dann noch|des"
    r" weiteren"
    r"|autre chose|autre (?:point|sujet|souci|probleme|demande|question)|deuxieme(?:ment| point|"
    r" souci"
    r"| probleme| chose)|par ailleurs|second(?:e)? (?:point|souci|probleme|demande|chose)|rien a"
    r" voir"
    r"|sinon,|et aussi,|otra cosa|otro (?:tema|asunto|problema|punto)|otra (?:consulta|pregunta"
    r"|duda)"
    r"|segundo|en segundo lugar|lo segundo|por otro lado|por otra parte|ademas|aparte de eso|y otra"
    r"|cambiando de tema|esto es otra cosa|una cosa mas|algo mas))\b"
)
_SECOND = re.compile(
    r"^\W*(?:second(?:ly)?[,:]|2nd one|zweitens|deuxiemement|en segundo lugar|segundo[,:])"
)
_THE_SECOND = re.compile(
    r"^\W*(?:(?:and|und|et|y) )?(?:the second (?:thing|issue|problem|one|wish|point|matter)"
    r"|(?:das|der|die) zweite|(?:le|la) (?:deuxieme|seconde?)|(?:lo|la|el) segund[oa])\b"
)
_ONE_OF_SEVERAL = re.compile(
    r"\b(?:the first (?:thing|issue|problem|one|wish|point|matter)"
    r"|two (?:things|issues|wishes|points)"
    r"|(?:das|der|die) erste|zwei (?:sachen|dinge|themen|punkte|anliegen)|(?:le|la) premiere?"
    r"|deux (?:choses|points|sujets|demandes)|(?:lo|la|el) primer[oa]?"
    r"|dos (?:cosas|temas|puntos))\b"
)
_ANYTHING_ELSE = re.compile(
    r"\b(?:anything else|something else|what else|is that all|was that all|sonst noch"
    r"|noch (?:et)?was"
    r"|und das zweite|and the second|and the other (?:one|thing)|autre chose"
    r"|d'autres (?:questions|points)|et le deuxieme"
    r"|et la deuxieme|algo mas|alguna otra|otra cosa|y lo segundo|y la segunda)\b[^.!]*\?"
)
_NO = re.compile(
    r"\W*(?:(?:oh|ah|uh|um|ah|ach)\W+)?(?:no|nope|nah|that's (?:it|all)|thanks|thank you|nein"
    r"|nee?"
    r"|danke|das war|das ware|non|merci|c'est tout|gracias|eso es todo|nada mas)\b"
)
_BY_THE_WAY = re.compile(
    r"^\W*(?:p\.? ?s\.?[ :,.–-]+)?(?:(?:and|oh|ah|und|et|y|so|ok|okay)[\s,]+)*(?:by the way"
    r"|btw|while i(?:'ve| have)"
    r" (?:got )?you"
    r"|while (?:you're|you are|i'm|we're) (?:here|there|at it|on the phone|talking)"
    r"|(?:wenn|da) (?:ich )?sie (?:schon|gerade) (?:mal )?(?:da|dran|hier)|puisque vous etes la"
    r"|ya que estamos|before (?:you go|i forget)|also,|another|ubrigens|wo ich sie gerade|au fait"
    r"|pendant que j'y suis"
    r"|tant que je vous ai|tant qu'on y est|ya que (?:te|le|los|les) tengo|por cierto|de paso)\b"
)
_WEAK_TURN = re.compile(
    r"(?:ausserdem|des weiteren|par ailleurs|ademas|sinon,|et aussi,|por otr[oa] \w+|aparte de eso"
    r"|algo mas"
    r"|something else|etwas anderes|was anderes|and while|dann noch)$"
)
_TELLING = (CandidateKind.ERROR_CODE, CandidateKind.PRODUCT, CandidateKind.COMPONENT)
_OF_CUSTOMERS = (FieldRole.STAGE, FieldRole.JOB_TITLE)
_LEAST_WORDS = 5
_MOST = 5


def parts(context: Context, schema: Schema, weight: Weight) -> list[Context]:
    """The contexts of a text's records; one, the whole, unless the schema allows several."""
    roles = {spec.role for spec in schema.fields}
    if not roles.isdisjoint(_OF_CUSTOMERS):
        context = of_customers(context)
    if not schema.many:
        return [told_of(context) if FieldRole.STAGE in roles else context]
    if FieldRole.TITLE not in roles:
        return contacts(context) if FieldRole.PERSON_NAME in roles else [context]
    spans = _items(context, weight) or _turns(context, weight)
    if len(spans) < 2:
        return [context]
    return [
        context.part([own], [other for other in spans if other is not own], each_person=False)
        for own in spans
    ]


def _items(context: Context, weight: Weight) -> list[Span]:
    """Numbered matters in what who asks wrote."""
    if context.in_turns:
        return []
    for segment in context.reading.segments:
        if segment.kind is not SegmentKind.BODY or context.ranks[segment.message] != ASKER:
            continue
        dashed = _dashed(context, segment, weight)
        if dashed:
            return dashed
        found = [
            one
            for one in _ITEM.finditer(context.folded, segment.start, segment.end)
            if context.rank(one.start()) == ASKER
        ]
        spans = _consecutive(context, found, _body_end(context, segment.message, segment.end))
        if spans and all(_is_matter(context, span, weight) for span in spans):
            head = context.folded[segment.start : spans[0].start].rstrip()
            if not _STEPS.search(head):
                return spans
    return []


def _dashed(context: Context, segment: Segment, weight: Weight) -> list[Span]:
    """Lines with dashes below a line that says how many matters there are."""
    head = _ANNOUNCED.search(context.folded, segment.start, segment.end)
    if head is None:
        return []
    found = [*_DASH.finditer(context.folded, head.end(), segment.end)]
    if not 2 <= len(found) <= _MOST:
        return []
    starts = [one.start() for one in found]
    stops = [*starts[1:], _paragraph_end(context, starts[-1], segment.end)]
    spans = [Span(start, stop) for start, stop in zip(starts, stops, strict=True)]
    matters = all(_is_matter(context, span, weight) and weight(span) >= 1 for span in spans)
    return spans if matters else []


def _body_end(context: Context, message: int, end: int) -> int:
    """Where what the message says ends: its last body, behind traces between."""
    ends = [
        one.end
        for one in context.reading.segments
        if one.message == message
        and one.kind in (SegmentKind.BODY, SegmentKind.TRACE, SegmentKind.CODE, SegmentKind.FORM)
    ]
    return max([end, *ends])


def _consecutive(context: Context, found: Sequence[re.Match[str]], end: int) -> list[Span]:
    """The stretches of items numbered from one on; bold beginnings need no number."""
    bold = [one for one in found if one["bold"]]
    numbered = [one for one in found if not one["bold"]]
    kept: list[re.Match[str]] = []
    for one in numbered:
        if _ordinal(one) == len(kept) + 1:
            kept.append(one)
    chosen = kept if len(kept) >= 2 else bold
    if not 2 <= len(chosen) <= _MOST:
        return []
    starts = [one.start() for one in chosen]
    stops = [*starts[1:], _paragraph_end(context, starts[-1], end)]
    return [Span(start, stop) for start, stop in zip(starts, stops, strict=True)]


def _ordinal(one: re.Match[str]) -> int:
    words = (one["number"] or one["word"] or "").split(" ")
    if words[-1].isdigit():
        return int(words[-1])
    return next((_ORDINALS[word] for word in words if word in _ORDINALS), 0)


def _paragraph_end(context: Context, start: int, end: int) -> int:
    found = re.compile(r"\n[ \t>]*\n").search(context.text, start, end)
    return found.start() if found else end


def _is_matter(context: Context, span: Span, weight: Weight) -> bool:
    told = context.folded[span.start : span.end].split()
    if len(told) <= _LEAST_WORDS:
        return False
    named = context.of(*_TELLING)
    return (
        weight(span) > 0
        or len(told) > 14
        or "?" in told[-1]
        or any(span.start <= one.start < span.end for one in named)
    )


def _turns(context: Context, weight: Weight) -> list[Span]:
    """A sentence that turns to something else parts what stands before it from the rest."""
    told = [
        one
        for one in context.sentences
        if one.segment.kind is SegmentKind.BODY and context.rank(one.start) == ASKER
    ]
    if not told:
        return []
    last = max(one.end for one in told)
    for at, sentence in enumerate(told):
        told_so = context.folded[sentence.start : sentence.end]
        asked = _is_asked_for(context, told[at - 1], sentence) if at else False
        turn = (
            _TURN.match(told_so) or _BY_THE_WAY.match(told_so) or (asked and _WORD.match(told_so))
        )
        if at == 0 or not turn:
            continue
        if _WEAK_TURN.search(turn[0]) and context.in_turns:
            continue
        counted = bool(
            _THE_SECOND.match(told_so)
            and _ONE_OF_SEVERAL.search(context.folded, told[0].start, sentence.start)
        )
        least = 1.0 if _BY_THE_WAY.match(told_so) and not asked else 0.1
        answers = asked and (
            _YES.match(told_so)
            or _AND_THE_SECOND.search(context.folded, told[at - 1].end, sentence.start)
        )
        sure = counted or _SECOND.match(told_so) or answers
        least = -1.0 if sure else least
        inside = not context.in_turns and told[at - 1].paragraph == sentence.paragraph
        if inside and (_WEAK_TURN.search(turn[0]) or _BY_THE_WAY.match(told_so)):
            continue
        first = Span(told[0].start, sentence.start)
        end = last if context.in_turns else _paragraph_end(context, sentence.start, last)
        if counted and not context.in_turns:
            end = _turned_from(context, told[at + 1 :], end)
        second = Span(sentence.start, end)
        if (
            (weight(first) > 0 or least < 0 or _is_matter(context, first, weight))
            and _is_matter(context, second, weight)
            and weight(second) > least
        ):
            return [first, second]
    return []


_AND_THE_SECOND = re.compile(
    r"\b(?:das zweite|the second|the other (?:one|thing)|le deuxieme|la deuxieme|la seconde"
    r"|lo segundo|la segunda)\b[^.!]*\?"
)
_YES = re.compile(r"\W*(?:(?:oh|ah|uh|um|ah|ach)\W+)?(?:yes|yeah|yep|ja|doch|oui|si)\b")
_WORD = re.compile(r"\W*\w")
_NO_WISH = re.compile(
    r"^\W*(?:then,|finally|lastly|third|apart from|besides|on another|zuletzt|schliesslich|drittens"
    r"|ansonsten|enfin|pour finir|troisieme|por ultimo|finalmente|tercero|the (?:call|meeting)"
    r"|(?:kind |best )?regards|cheers|thanks)\b"
)


def _turned_from(context: Context, later: Sequence[Sentence], end: int) -> int:
    """Where the last of several matters ends: before what turns away from it."""
    for one in later:
        said = context.folded[one.start : one.end]
        if one.start >= end and (_NO_WISH.match(said) or _TURN.match(said)):
            return end
        end = max(end, one.end)
    return end


def _is_asked_for(context: Context, before: Sentence, sentence: Sentence) -> bool:
    """Whether it answers, in a chat or a call, the question whether there is anything else."""
    number = sentence.segment.message
    if not context.in_turns or before.segment.message == number:
        return False
    asked = context.folded[before.end : sentence.start]
    said = context.folded[sentence.start : sentence.end]
    return bool(_ANYTHING_ELSE.search(asked)) and not _NO.match(said)
