"""A talk of two: who asks, what is asked back, and what is said again for a yes.

Invariant: what was confirmed last stands above what was said before; what the other side merely
tells isn't what who asks wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.extraction.filling.context import Context
from copilot.extraction.reading import Message, Span

_RESTATES = re.compile(
    r"\b(?:confirm\w*|correct|(?:would|will) (?:you be (?:fine|ok|okay|good)|(?:that|this|it)"
    r" (?:work|be|suit|do))|instead\?|is (?:that|this|it|everything) (?:right|ok|okay|good|fine)"
    r"|ensure"
    r"|verify"
    r"|double[ -]check|right\?|so,? you|you (?:want|would like|wish|wanted)|you'd like|details"
    r"|would like"
    r" me to|want me to|i(?:'ll| will| am going to|'m going to) (?:book|schedule|reserve|buy|make"
    r"|set|add"
    r"|play|create)|bestatig\w*|richtig|korrekt|stimmt das|sie mochten|c'est (?:bien )?(?:ca"
    r"|correct)"
    r"|vous voulez|vous souhaitez|correct[oa]|quiere|desea)\b|\bright\?|\bok(?:ay)?\?"
)
_OFFERS = re.compile(
    r"\b(?:there (?:is|are|'s)|i(?:'ve| have)? (?:also |just )?(?:found|got|have)|one (?:is|option"
    r"|of)|how"
    r" about|matching|options?|short ?listed|another one|possibilit\w+|es gibt|il y a|hay)\b"
)
_YES = re.compile(
    r"\W*(?:(?:ok|okay|oh|well|hmm|great|perfect|alright|sure|um)[\s,.!]+)*(?:yes|yeah|yep|yup|ya"
    r"|sure"
    r"|correct|right|exactly|perfect|great|good|fine|ok|okay|alright|absolutely|definitely|of"
    r" course"
    r"|sounds (?:good|great|perfect|like)|that(?:'s| is| was|s)? (?:all |also |so |absolutely"
    r" )?(?:right"
    r"|correct|good|great|fine|perfect|ok|okay|true|it|confirmed|works|sounds|will|would|what i|the"
    r" correct|cool|seems|looks|all good)|it(?:'s| is) (?:good|fine|correct|right|perfect|ok|okay)"
    r"|this (?:is|works|sounds)|all (?:good|right|correct)|looks good|you got it|you're right|got"
    r" it"
    r"|please (?:do|go|book|proceed|confirm|make)|go ahead|book it|do it|works for me|that works|i"
    r" do"
    r"|i would|i agree|i'd like that|confirmed|awesome|wonderful|excellent|cool|very good|nice"
    r"|ja|genau|richtig|stimmt|korrekt|passt|oui|exact\w*|c'est (?:bon|ca|correct)|parfait|d'accord"
    r"|si|claro|correcto|exacto|perfecto|de acuerdo|vale)\b"
)
_BUT = re.compile(
    r"\b(?:actually|instead|change|rather|but|wait|hold on|sorry|no,|not|one moment|make (?:it"
    r"|that)"
    r"|switch|different|another|i meant|only|eigentlich|doch|lieber|stattdessen|ander\w+|aber"
    r"|finalement|plutot|mais|autre|mejor|en realidad|pero|otr[oa])\b"
)
_NO = re.compile(
    r"\W*(?:no|nope|nah|not|nein|non|wait|hold on|sorry|actually|one moment|i would rather|i'd"
    r" rather"
    r"|can you|could you|please change|instead)\b"
)


_ASKS = re.compile(
    r"\W*(?:(?:and|also|ok|okay|great|thanks|perfect|so|but|well|alright|oh)[\s,.!]+)*(?:is|are"
    r"|was|does|do"
    r"|did|has|have|will|what(?! about)|what's|how(?! about)|which|where|when|who|why|(?:can|could"
    r"|would|will)"
    r" you (?:please |also |kindly )*(?:tell|give|let me know|inform|say|provide|share)|(?:may|can"
    r"|could) i"
    r" (?:please |also )*(?:know|have|get|ask))\b[^.!]*\?"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said. ``asks``: it is who wants something."""

    start: int
    end: int
    asks: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """The turns of a talk, and what was said again last and met a yes."""

    turns: tuple[Turn, ...]
    confirmed: Span | None
    confirmed_at: int

    def said(self) -> tuple[Turn, ...]:
        """What who asks said, the latest first."""
        return tuple(turn for turn in reversed(self.turns) if turn.asks)

    def stretches(self, context: Context) -> Iterator[Span]:
        """Where a wish is read from: what was confirmed, then what who asks said, the latest first,
        sentence by sentence, without what they merely ask about.
        """
        if self.confirmed is not None:
            yield self.confirmed
        for turn in self.said():
            kept = [
                span
                for span in _sentences(context, turn)
                if not _ASKS.match(context.folded, span.start, span.end)
            ]
            yield from reversed(kept)

    def asked_before(self, turn: Turn) -> Turn | None:
        """What the other side had said before it."""
        at = self.turns.index(turn)
        before = self.turns[at - 1] if at else None
        return before if before is not None and not before.asks else None


def talk_of(context: Context) -> Talk | None:
    """The talk that a text is, if it is one of two: one who asks and one of the team."""
    turns = [one for one in context.reading.messages if one.part == "turn"]
    names = {_name(context, one) for one in turns}
    if len(turns) < 4 or len(names) != 2 or len({one.own for one in turns}) != 2:
        return None
    told = tuple(
        Turn(_behind(context, one), one.end, not one.own)
        for one in turns
        if _behind(context, one) < one.end
    )
    confirmed, at = _confirmed(context, told)
    return Talk(told, confirmed, at)


def _name(context: Context, message: Message) -> str:
    return context.reading.quote(message.sender_name) if message.sender_name else ""


def _behind(context: Context, message: Message) -> int:
    if message.sender_name is None:
        return message.start
    found = re.compile(r"[\s):\]>–-]*").match(context.text, message.sender_name.end)
    return found.end() if found else message.start


def _confirmed(context: Context, turns: Sequence[Turn]) -> tuple[Span | None, int]:
    """The last turn that says everything again and is answered with a yes."""
    for at in range(len(turns) - 2, 0, -1):
        turn, answer = turns[at], turns[at + 1]
        if turn.asks or not answer.asks:
            continue
        told = context.folded[turn.start : turn.end]
        reply = context.folded[answer.start : answer.end]
        first = re.split(r"[.!?]", reply.strip(), maxsplit=1)[0]
        if not _RESTATES.search(told) or _OFFERS.search(told) or len(told.split()) < 6:
            continue
        if _YES.match(reply) and not _BUT.search(first):
            return Span(turn.start, turn.end), at
    return None, -1


def _sentences(context: Context, turn: Turn) -> list[Span]:
    at, found = turn.start, []
    for stop in re.finditer(r"[.!?]+(?=\s|$)|\n", context.text[turn.start : turn.end]):
        end = turn.start + stop.end()
        if context.text[at:end].strip():
            found.append(Span(at, end))
        at = end
    if context.text[at : turn.end].strip():
        found.append(Span(at, turn.end))
    return found


def is_no(folded: str) -> bool:
    """Whether an answer begins with a no."""
    return _NO.match(folded) is not None
