"""Enumerations: which of a schema's values a text says, by labelled examples of how people say it.

Invariant: the quote is the phrase or the sentence that decided; below a margin there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.alike import MOST_OF_OWN, alike
from copilot.extraction.filling.context import ASKER, OTHERS, OWN, Context, nothing
from copilot.extraction.filling.labelled import name_words
from copilot.extraction.filling.labels import label_words, labelled
from copilot.extraction.filling.likeness import Examples
from copilot.extraction.filling.phrases import Lexicon, Match, Phrase, phrase
from copilot.extraction.filling.sentences import Sentence, words
from copilot.extraction.filling.title_words import REPLY
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

_TICKED = re.compile(r"[(\[]\s*(?:x|✓|✔|•|\*)\s*[)\]]\s*([^(\[☐☒\n]+)|☒\s*([^(\[☐☒\n]+)", re.I)
_LIKE = {
    "medium": "normal",
    "moderate": "normal",
    "standard": "normal",
    "minor": "low",
    "trivial": "low",
    "major": "high",
    "urgent": "high",
    "blocker": "critical",
    "highest": "critical",
    "lowest": "low",
    "feature": "feature_request",
    "enhancement": "feature_request",
    "incident": "outage",
}
_NEGATED = re.compile(
    r"\b(?:not|never|isn't|wasn't|nothing|nichts|rien de|nada de|no|nicht|kein\w*|nie|pas"
    r"|jamais|plus|aucun\w*|no|nunca|ningun\w*"
    r"|sin"
    r"|can't be(?: an?)?|kann kein)\s+(?:\w+\s+)?$"
)
_SETS_APART = re.compile(r"[*_]*(?:\s*[(\[:;.–—]|\s+-\s)")
_WHETHER = re.compile(r"\b(?:whether|ob|si|if) (?:[^\W\d_]+ ){0,2}$")
_TO_COME = re.compile(
    r"\b(?:until|till|once|when|if|unless|as soon as|before|wenn|sobald|bis|falls|bevor|quand"
    r"|des que|avant|si|cuando|en cuanto|hasta que?|last (?:week|month|year|time|firing"
    r"|occurrence|incident|outage|alert)|previous \w+|letzte[rsn]? \w+"
    r"|la derniere"
    r"|la ultima|not yet|noch nicht|pas encore|aun no|todavia no)\b[^.;!?\n]{0,60}$"
)
_NOUN = re.compile(r"\b(?:the|our|your|das|unser|die|unsere?m?|im|la|le|el|notre|nuestro) $")
_IS_SO = re.compile(  # what goes before "monitoring" where it isn't what rings the bell
    r"(?:^|[^\w\s]\s*|\b(?:now|still|we're|are|is|be|continue|keep|and|status|currently|actively"
    r"|being"
    r"|start\w*|just|to)\s)$"
)
_STEP = re.compile(
    r"\b(?:when|whenever|if|after|once|as soon as|wenn|nachdem|sobald|quand|lorsque|apres|cuando|al"
    r"|despues de|tried|have|i've|we've) (?:(?:i|we|you|he|she|they|ich|wir|man|je|on|nous|me|nos"
    r"|again|also|already) ){0,2}$"
)
_ORDINALS = (
    re.compile(r"\b(?:first|1st|erste\w*|premiere?|primer[oa]?)\b"),
    re.compile(r"\b(?:second|2nd|zweite\w*|deuxieme|seconde?|segund[oa]|other one)\b"),
    re.compile(r"\b(?:third|3rd|dritte\w*|troisieme|tercer[oa]?)\b"),
)
_ALL_OF_THEM = re.compile(
    r"\b(?:both|all (?:of them|three)|beide\w*|alle drei|les deux|ambos|ambas|l[ao]s dos)\b"
)
_TOPICS = frozenset({"access", "billing", "question"})
_HEADS = re.compile(r"[\]*]{0,3}(?: ?[-–—:|](?=\s)|[ \t]*$)", re.MULTILINE)
_LABEL = re.compile(r"(?:la |die |el )?(?:root )?(?:cause|ursache|causa|grund|origen|origine)\b")
_CLOCK = re.compile(r"\d\d?[:.]\d\d")
_LANGUAGES = {
    "en": "english englisch anglais inglés",
    "de": "german deutsch allemand alemán",
    "fr": "french französisch français francés",
    "es": "spanish spanisch espagnol español castellano",
}
_SOFT = re.compile(r"low(?:est)?|minor|trivial", re.I)
MARGIN = 0.12
_HALF = 0.5
_PROBLEMS = frozenset({"bug", "outage", "access"})


@dataclass(frozen=True, slots=True)
class Vote:
    """A phrase that speaks for ``value`` with ``weight``."""

    value: str
    weight: float
    start: int
    end: int


def choose(
    context: Context,
    spec: FieldSpec,
    lexicons: tuple[Lexicon, ...],
    likeness: Examples | None = None,
) -> FieldValue:
    """The value of an enumeration, by forms, then by what people say, then by what is like it."""
    lexicon = fitting(spec, lexicons)
    from_form = _of_form(context, spec, lexicon)
    if from_form is not None:
        return from_form
    if spec.role is FieldRole.CHOICE or lexicon is None:
        return alike(context, spec, likeness, most=MOST_OF_OWN)
    votes = list(_votes(context, spec, lexicon))
    if spec.role is FieldRole.CATEGORY:
        if not votes:
            return alike(context, spec, likeness)
        return _weighed(context, _of_problems(context, votes))
    if spec.role is FieldRole.STATUS:
        return _headed(context, votes) or _last(context, votes)
    if spec.role is FieldRole.STAGE or lexicon.values & {"SEV1", "sev1"}:
        return _last(context, votes)
    return _strongest(context, [one for one in votes if not _is_softened(context, one, votes)])


@lru_cache(maxsize=256)
def fitting(spec: FieldSpec, lexicons: tuple[Lexicon, ...]) -> Lexicon | None:
    """The examples whose values are the field's, under the field's own names for them."""
    best: tuple[int, Lexicon, Mapping[str, str]] | None = None
    for lexicon in lexicons:
        names = _renamed(spec.choices, lexicon.values)
        if len(names) * 2 > len(spec.choices) and (best is None or len(names) > best[0]):
            best = (len(names), lexicon, names)
    if best is None:
        return None
    _, lexicon, found = best
    if all(mine == theirs for mine, theirs in found.items()):
        return lexicon
    return Lexicon.of(
        Phrase(found[one.value], one.steps, one.text, one.weak)
        for one in lexicon.phrases
        if one.value in found
    )


def _renamed(choices: Sequence[str], values: frozenset[str]) -> dict[str, str]:
    """The examples' names for values to the schema's."""
    plain = {value.casefold().replace("-", "_").replace(" ", "_"): value for value in values}
    found: dict[str, str] = {}
    for choice in choices:
        key = choice.casefold().replace("-", "_").replace(" ", "_")
        value = plain.get(key) or plain.get(_LIKE.get(key, ""))
        if value is not None and value not in found:
            found[value] = choice
    return found


@lru_cache(maxsize=256)
def of_names(spec: FieldSpec) -> Lexicon:
    """The values' own words, for what stands under a form's label."""
    told = [phrase(choice, choice.replace("_", " ")) for choice in spec.choices]
    if spec.role is FieldRole.LANGUAGE:
        told += [
            phrase(choice, name)
            for choice in spec.choices
            for name in _LANGUAGES.get(choice.casefold()[:2], "").split()
        ]
    return Lexicon.of(told)


def _of_form(context: Context, spec: FieldSpec, lexicon: Lexicon | None) -> FieldValue | None:
    """What a form says under a label of the field's role, or under the field's own name."""
    own_names = of_names(spec)
    name = name_words(spec)
    lines = [*labelled(context, spec)]
    lines += [
        line
        for line in context.forms
        if label_words(line.label) == name and not context.is_foreign(line.place.start)
    ]
    for line in lines:
        if context.rank(line.place.start) > OTHERS:
            continue
        for span in _answers(context.text, line.value):
            told = words(context.folded, span.start, span.end)
            found = own_names.best(told) or (lexicon.best(told) if lexicon else [])
            if found and _is_one(context, span, found):
                return context.value(
                    span.start, span.end, value=found[0].phrase.value, confidence=0.95
                )
    return None


def _is_one(context: Context, answer: Span, found: Sequence[Match]) -> bool:
    """Whether an answer says one value: "High (not critical)", but not "red and blue"."""
    if len({one.phrase.value for one in found}) == 1:
        return True
    first = found[0]
    before = context.folded[answer.start : first.start].strip(" *_")
    return not before and _SETS_APART.match(context.folded, first.end, answer.end) is not None


def _answers(text: str, value: Span) -> Iterator[Span]:
    """What is ticked; where nothing can be, all of the value."""
    ticked = [
        Span(found.start(), found.start() + len(found[0].rstrip()))
        for found in _TICKED.finditer(text, value.start, value.end)
    ]
    if ticked:
        yield from ticked
    elif not re.search(r"[(\[]\s*[)\]]|☐", text[value.start : value.end]):
        yield value


def _votes(context: Context, spec: FieldSpec, lexicon: Lexicon) -> Iterator[Vote]:
    """What subject and sentences say; the asker's words weigh most."""
    subject = context.lead.subject
    if subject is not None and not context.own:
        answers = REPLY.match(context.folded, context.folded.rfind("\n", 0, subject.start) + 1)
        for match in lexicon.best(words(context.folded, subject.start, subject.end)):
            if not _is_named(context, match):
                yield _vote(match, 0.7 if answers and context.reading.messages[1:] else 1.3)
    most = OWN if spec.role in (FieldRole.STATUS, FieldRole.STAGE) else OTHERS
    if spec.role is FieldRole.SEVERITY and lexicon.values & {"SEV1", "sev1"}:
        most = OWN
    for sentence in context.said(most=most):
        in_form = sentence.segment.kind is SegmentKind.FORM and _is_form_line(context, sentence)
        if in_form and spec.role is not FieldRole.STATUS:
            continue
        shared = bool(context.own) and not context.is_own(sentence.start)
        place = 1.2 if sentence.ordinal < 3 else 1.0
        theirs = 1.0 if context.rank(sentence.start) <= ASKER else 0.6
        for match in lexicon.best(context.words(sentence)):
            if shared and not _of_this_one(context, sentence, match):
                continue
            if _counts(context, spec, match):
                yield _vote(match, place * theirs)


def _of_this_one(context: Context, sentence: Sentence, match: Match) -> bool:
    """Whether what is said outside of all records is said of this one: the first is urgent."""
    told = context.folded[sentence.start : match.start]
    named = [
        (found.start(), number)
        for number, pattern in enumerate(_ORDINALS)
        for found in pattern.finditer(told)
    ]
    if not named:
        return _ALL_OF_THEM.search(told) is not None
    before = sum(other.start < context.own[0].start for other in context.foreign)
    return max(named)[1] == before


def _counts(context: Context, spec: FieldSpec, match: Match) -> bool:
    """Whether a phrase says its value where it stands: not denied, not left open, no name."""
    before = context.before(match.start)
    value = match.phrase.value
    if spec.role is FieldRole.CATEGORY:
        if value in _TOPICS:
            return not _STEP.search(before) and not _is_named(context, match)
        return not _NEGATED.search(before[-24:]) and not _is_named(context, match)
    if spec.role is FieldRole.STATUS:
        quoted = context.folded[match.start - 1 : match.start] == '"'
        before = context.before(match.start, reach=64)
        bare = context.folded[match.start : match.end] == "monitoring"
        noun = value == "monitoring" and _NOUN.search(before)
        if quoted or _TO_COME.search(before) or noun or (bare and not _IS_SO.search(before)):
            return False
    return not _NEGATED.search(before[-24:]) and not _WHETHER.search(before)


def _is_named(context: Context, match: Match) -> bool:
    """Whether a weak phrase is but a part of a configured name."""
    return match.phrase.weak and any(
        one.start <= match.start and match.end <= one.end
        for one in context.of(CandidateKind.PRODUCT, CandidateKind.COMPONENT)
    )


def _is_form_line(context: Context, sentence: Sentence) -> bool:
    """Whether a sentence of a form is a label with its value, and not said beside it."""
    if any(label in context.folded[sentence.start : sentence.end] for label in ("[", "( )", "☐")):
        return True
    return any(
        line.place.start < sentence.end and sentence.start < line.place.end
        for line in context.forms
    )


def _vote(match: Match, factor: float) -> Vote:
    return Vote(match.phrase.value, match.phrase.weight * factor, match.start, match.end)


def _of_problems(context: Context, votes: Sequence[Vote]) -> list[Vote]:
    """Where a problem is told of, "it would be good if" asks for no feature; and where somebody
    can't get in, what doesn't work is that.
    """
    entered = {
        id(context.sentence_at(one.start)) for one in votes if one.value == "access" and _sure(one)
    }
    troubled = any(one.value in _PROBLEMS and _sure(one) for one in votes)
    told: list[Vote] = []
    for one in votes:
        less = (one.value == "feature_request" and troubled) or (
            one.value == "bug" and id(context.sentence_at(one.start)) in entered
        )
        told.append(replace(one, weight=one.weight * _HALF) if less else one)
    return told


def _sure(vote: Vote) -> bool:
    return vote.weight >= 1


def _weighed(context: Context, votes: Sequence[Vote]) -> FieldValue:
    """The value for which most is said: the best vote of each, and a share of its others."""
    sums: dict[str, float] = {}
    best: dict[str, Vote] = {}
    for vote in sorted(votes, key=lambda one: -one.weight):
        share = 1.0 if vote.value not in best else 0.35
        sums[vote.value] = sums.get(vote.value, 0.0) + share * vote.weight
        best.setdefault(vote.value, vote)
    if not sums:
        return nothing(NullReason.NEEDS_MODEL)
    ranked = sorted(sums, key=lambda value: -sums[value])
    top = best[ranked[0]]
    second = sums[ranked[1]] if len(ranked) > 1 else 0.0
    margin = (sums[ranked[0]] - second) / sums[ranked[0]]
    if margin < MARGIN:
        return nothing(NullReason.AMBIGUOUS)
    confidence = min(0.9, 0.55 + 0.5 * margin) if top.weight >= _HALF else _HALF
    return context.value(top.start, top.end, value=top.value, confidence=confidence)


def _is_softened(context: Context, vote: Vote, votes: Sequence[Vote]) -> bool:
    """Whether "low" only softens what the same sentence calls worse: high, not dramatic."""
    sentence = context.sentence_at(vote.start)
    return _SOFT.fullmatch(vote.value) is not None and any(
        other.value != vote.value and context.sentence_at(other.start) is sentence
        for other in votes
    )


def _strongest(context: Context, votes: Sequence[Vote]) -> FieldValue:
    """The value that is said; where two are said, the weightier."""
    if not votes:
        return nothing()
    top = max(votes, key=lambda one: one.weight)
    others = [one.weight for one in votes if one.value != top.value]
    if others and max(others) > top.weight * (1 - MARGIN / 2):
        return nothing(NullReason.AMBIGUOUS)
    confidence = 0.85 if not others else 0.7
    return context.value(top.start, top.end, value=top.value, confidence=confidence)


def _headed(context: Context, votes: Sequence[Vote]) -> FieldValue | None:
    """Of updates under headings ("MONITORING · 07:05") the newest, which is the first or the"
    " last."""
    heads = [
        vote
        for vote in votes
        if context.text[vote.start].isupper()
        and not context.text[context.text.rfind("\n", 0, vote.start) + 1 : vote.start].strip("#*[ ")
        and (context.text[vote.start : vote.end].isupper() or _heads(context, vote))
    ]
    if not heads:
        return None
    ends = [*(vote.start for vote in heads[1:]), len(context.text)]
    clocks = [
        _CLOCK.search(context.text, vote.end, end) for vote, end in zip(heads, ends, strict=True)
    ]
    falling = len(heads) > 1 and clocks[0] and clocks[-1] and clocks[0][0] > clocks[-1][0]
    top = heads[0] if falling else heads[-1]
    return context.value(top.start, top.end, value=top.value, confidence=0.85)


def _heads(context: Context, vote: Vote) -> bool:
    """Whether it is an update's heading ("Resolved - All is well"), and not a label ("Cause:")."""
    label = _LABEL.match(context.folded, vote.start, vote.end)
    return label is None and _HEADS.match(context.text, vote.end) is not None


def _last(context: Context, votes: Sequence[Vote]) -> FieldValue:
    """Where it stands in the end: the last word on it, in the order in which things were said."""
    if not votes:
        return nothing()
    if not context.in_turns:  # in a thread what is answered stands below the answer
        nearest = min(context.rank(one.start) for one in votes)
        votes = [one for one in votes if context.rank(one.start) == nearest]
    top = max(votes, key=lambda one: one.start)
    return context.value(top.start, top.end, value=top.value, confidence=0.8)
