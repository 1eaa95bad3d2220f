"""What kind of answer a question asks for.

Invariant: decided by the question's form (its question words), in English; an unknown form
is no kind at all, and then only meaning and terms count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class AnswerKind(StrEnum):
    """What a right answer holds."""

    NUMBER = "number"
    TIME = "time"
    PERSON = "person"
    HOW_TO = "how_to"
    DEFINITION = "definition"
    REASON = "reason"
    PLACE = "place"
    ENUMERATION = "enumeration"


_ASKS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            AnswerKind.TIME,
            r"\bhow (?:long|often|soon|quick(?:ly)?|fast|late|early|frequently)\b|"
            r"\bwhen\b(?! (?:i|we|you|"
            r"they|the|a|an|my|our)\b)|\b(?:when|by when) (?:do|does|did|is|are|was|were|should|"
            r"must|will|can)\b|"
            r"\bwhat (?:time|date|day|year|month)\b|\bwhich (?:day|year|date|month)\b|"
            r"\bdeadline\b|\btime-?outs?\b",
        ),
        (
            AnswerKind.NUMBER,
            r"\bhow (?:many|much|big|large|far|high|old|small|tall)\b|\bwhat (?:percentage|number|"
            r"amount|price|size|version|limit|is the (?:limit|max|min|cost|price|rate|size|"
            r"number))\b|\b(?:max|"
            r"maximum|minimum|at most|at least|limit|threshold|cost|costs|price|quota)\b|"
            r"\bwhich version\b",
        ),
        (
            AnswerKind.PERSON,
            r"\b(?:who|whom|whose)\b|\bwhich (?:team|person|role|people|company)\b",
        ),
        (
            AnswerKind.HOW_TO,
            r"\bhow (?:do|can|could|should|would|to|does one|must)\b|\bwhat (?:do|should|must|"
            r"can) (?:i|we|you|"
            r"people|someone) (?:do|run|type|use|check)\b|\bsteps?\b|\bprocedure\b|"
            r"\bprocess for\b|\bcommands?\b|"
            r"\bwhat happens\b|\bwalk me through\b|\bways? to\b|\A(?:set|turn|show|make|get|add|"
            r"create|install|remove|delete|change|save|run|enable|disable|configure|use|list|"
            r"insert|find)\b",
        ),
        (
            AnswerKind.DEFINITION,
            r"\bwhat(?:'s| is| are| does)\b(?!.*\bdo i\b)|\bmeaning of\b|\bdefin(?:e|ition)\b|"
            r"\bexplain\b|"
            r"\bdescribe\b|\bmeans?\b|\bdifference\b|\btell me about\b",
        ),
        (AnswerKind.REASON, r"\bwhy\b|\breasons?\b|\bcauses?d?\b|\bhow come\b|\bpurpose\b"),
        (
            AnswerKind.PLACE,
            r"\bwhere\b|\bwhich (?:file|folder|page|channel|room|place|directory)\b",
        ),
        (
            AnswerKind.ENUMERATION,
            r"\b(?:what|which) (?:\w+ ){0,3}?\w+s (?:are|do|does|should|must|can|need|have|is|"
            r"exist|there)\b|"
            r"\blist\b|\bexamples?\b|\bwhat are\b|\btypes of\b|\bkinds of\b|\bwho (?:needs|has|"
            r"should|must)\b|"
            r"\bwhat (?:has|needs|must|should)\b|\bduties\b|\bresponsibilit|\brequirements?\b|"
            r"\bcriteria\b",
        ),
    )
)
_PROCEDURE = re.compile(
    r"\bsteps?\b|\bprocedure\b|\bhow (?:do|can|should|would|to|must|does)\b|\bprocess\b|"
    r"\bwalk me through\b|"
    r"\bwhat (?:do|should|must) (?:i|we|you|\w+ \w+) do\b|\bchecklist\b|\brunbook\b|"
    r"\binstructions?\b|\bworkflow\b",
    re.IGNORECASE,
)


_GREETING = (
    r"hello|hi|hey|hiya|good (?:morning|afternoon|evening|night|day)|thanks|thank you|thx|cheers|"
    r"bye|goodbye|see you|ok|okay|great|perfect|nice|cool|sorry|hallo|guten (?:tag|morgen|abend)|"
    r"moin|danke|bonjour|merci|salut|hola|gracias|ciao"
)
_PLEASANTRY = re.compile(
    rf"\W*(?:{_GREETING})\b\W*(?:(?:{_GREETING}|there|everyone|all|you|copilot|so much|very much|"
    r"a lot|again|for (?:that|the help))\b\W*)*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """The kinds of answer that it asks for, whether it asks for a procedure, or for nothing."""

    kinds: frozenset[AnswerKind]
    procedure: bool
    pleasantry: bool = False


def analyse(question: str) -> QuestionForm:
    """The form of a question; any text is valid."""
    text = " ".join(question.split())[:2000]
    kinds = frozenset(kind for kind, pattern in _ASKS if pattern.search(text))
    return QuestionForm(
        kinds=kinds,
        procedure=bool(_PROCEDURE.search(text)),
        pleasantry=bool(_PLEASANTRY.match(text)),
    )


_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|"
    r"million|"
    r"billion|half|twice|once|double|percent|zero|both"
)
_HOLDS: dict[AnswerKind, re.Pattern[str]] = {
    AnswerKind.NUMBER: re.compile(rf"\d|\b(?:{_NUMBER_WORD})\b", re.IGNORECASE),
    AnswerKind.TIME: re.compile(
        r"\b\d+\s*(?:[-–]\s*\d+\s*)?(?:ms|s|sec|seconds?|m|mins?|minutes?|h|hrs?|hours?|"
        r"(?:business |calendar |"
        r"working )?days?|weeks?|months?|quarters?|years?)\b|\b(?:daily|weekly|monthly|"
        r"quarterly|yearly|annually|"
        r"nightly|hourly|immediately|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
        r"january|february|"
        r"march|april|june|july|august|september|october|november|december|midnight|noon)\b|"
        r"\b(?:1[5-9]|20)\d\d\b|"
        r"\b\d{1,2}[:.]\d\d\b|\b(?:within|every|after|before|until|during|by)\b",
        re.IGNORECASE,
    ),
    AnswerKind.PERSON: re.compile(
        r"(?<=[a-z,;:)] )[A-Z][a-z]+|\b(?:team|owner|manager|lead|engineer|commander|officer|"
        r"director|department|"
        r"president|members?|everyone|anyone|employees?|support|[A-Z]{2,5})\b"
    ),
    AnswerKind.HOW_TO: re.compile(
        r"\A\W*(?:\d+[.)]\s*)?\W*(?:use|run|add|set|click|select|open|go|create|make|call|pass|"
        r"type|enter|install|"
        r"choose|ask|send|check|start|stop|write|page|contact|put|turn|include|define|import|"
        r"log|press|visit|copy|"
        r"to \w+|if you|you (?:can|should|must|need)|first|then|next)\b|\byou (?:can|should|"
        r"must|need|may)\b|`[^`]+`",
        re.IGNORECASE,
    ),
    AnswerKind.DEFINITION: re.compile(
        r"\b(?:is|are|was|were) (?:an?|the|any|when|where|used|defined|something|someone)\b|"
        r"\bmeans?\b|"
        r"\brefers? to\b|\bstands? for\b|\bdescribes?\b|\bconsists? of\b|\bknown as\b|"
        r"\bcalled\b|\ballows?\b|:\s",
        re.IGNORECASE,
    ),
    AnswerKind.REASON: re.compile(
        r"\b(?:because|since|so that|due to|reason|caused? by|therefore|otherwise|in order to|"
        r"to (?:avoid|prevent|"
        r"ensure|make sure|help|allow)|as a result|leads? to|means that|this (?:is|helps|allows|"
        r"ensures))\b",
        re.IGNORECASE,
    ),
    AnswerKind.PLACE: re.compile(
        r"https?://|(?:\w*/)+\w+|\b(?:in|at|on|under|from) (?:the|our|your|a)\b|#\w+|`[^`]+`|"
        r"(?<=\bin )[A-Z]\w+"
    ),
    AnswerKind.ENUMERATION: re.compile(
        r"\A\s*(?:[-*+•]|\d+[.)])\s|,[^,]+,[^,]+(?:,|\band\b|\bor\b)|:\s*\n"
    ),
}


def holds(kind: AnswerKind, text: str) -> bool:
    """Whether a text holds something of the kind asked for."""
    return bool(_HOLDS[kind].search(text))
