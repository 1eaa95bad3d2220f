"""The language in which somebody wants to be written to.

Invariant: a language counts where a clause wishes for it; that somebody also speaks it, or doesn't,
is no wish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extracted import FieldValue
from copilot.extraction.filling.context import OTHERS, OWN, Context, FormLine, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.reading import Span
from copilot.schemas import FieldSpec

_CODES = {
    "en": "english englisch englische englischen anglais ingles",
    "de": "german deutsch deutsche deutschen allemand aleman",
    "fr": "french franzosisch franzosische franzosischen francais frances",
    "es": "spanish spanisch spanische spanischen espagnol espanol castellano",
}
_OF = {word: code for code, words in _CODES.items() for word in words.split()}
_LANGUAGE = re.compile(rf"\b(?:{'|'.join(sorted(_OF, key=len, reverse=True))})\b")
_CLAUSE = re.compile(
    r"[;:()\n]|\.\s|,\s|\b(?:but|aber|mais|pero|und|and|et|y|if|though|although)\b"
)
_WISH = re.compile(
    r"\b(?:please|pls|prefer\w*|rather|only|best|write|mail|email|reply|reach|contact\w*|address"
    r"|correspond\w*|documents?|papers|brochure|everything|speaks?|speaker|speaking"
    r"|bitte|lieber|bevorzugt?|nur|ausschliesslich|am besten|schreib\w*|antwort\w*|unterlagen"
    r"|korrespondenz|spricht|sprechen|alles|svp|s'il (?:vous|te) plait|prefere\w*|plutot|uniquement"
    r"|seulement|ecri\w*|repond\w*|documents|echange\w*|parle|merci de|mieux|tout"
    r"|por favor|porfa|prefier\w*|preferi\w*|mejor|solo|unicamente|escrib\w*|contest\w*|habla"
    r"|documentacion|correo|todo)\b"
)
_NOT = re.compile(
    r"\b(?:no|not|than|als|statt|instead of|plutot que|en vez de"
    r"|don't|doesn't|hardly|little|kein\w*|nicht|kaum|wenig|pas|peu|ni|sin|poco|nada"
    r"|debrouille|some|etwas|un peu de|algo de|learning|lern\w*)\W+(?:\w+\W+){0,3}$"
)
_TICKED = re.compile(r"[(\[]\s*[x✓✔•*]\s*[)\]]\s*|☒\s*")


def preferred(context: Context, spec: FieldSpec) -> FieldValue:
    """The language that is wished for, the last one where several are."""
    if not _LANGUAGE.search(context.folded):
        return nothing()
    known = {line.place for line in labelled(context, spec)}
    for line in context.forms:
        if context.rank(line.place.start) <= OTHERS and (
            line.place in known or _LANGUAGE.search(line.label) or _offers(context, line)
        ):
            ticked = _TICKED.search(context.folded, line.value.start, line.value.end)
            start = ticked.end() if ticked else line.value.start
            found = _LANGUAGE.search(context.folded, start, line.value.end)
            if found:
                return _value(context, spec, found)
    told = list(_wished(context))
    return _value(context, spec, told[-1]) if told else nothing()


def _offers(context: Context, line: FormLine) -> bool:
    """Whether a form's line has several languages to tick, under whatever label."""
    place = (line.value.start, line.value.end)
    told = {_OF[found[0]] for found in _LANGUAGE.finditer(context.folded, *place)}
    return len(told) > 1 and _TICKED.search(context.folded, *place) is not None


def _wished(context: Context) -> Iterator[re.Match[str]]:
    for sentence in context.said(most=OWN):
        if context.each_person and not context.is_own(sentence.start):
            continue
        for found in _LANGUAGE.finditer(context.folded, sentence.start, sentence.end):
            clause = _clause(context, found, Span(sentence.start, sentence.end))
            before = context.folded[clause.start : found.start()]
            if _NOT.search(before):
                continue
            if _WISH.search(context.folded, clause.start, clause.end):
                yield found


def _clause(context: Context, found: re.Match[str], around: Span) -> Span:
    start, end = around.start, around.end
    for mark in _CLAUSE.finditer(context.folded, around.start, around.end):
        if mark.end() <= found.start():
            start = mark.end()
        elif mark.start() >= found.end():
            end = mark.start()
            break
    return Span(start, end)


def _value(context: Context, spec: FieldSpec, found: re.Match[str]) -> FieldValue:
    code = _OF[found[0]]
    for choice in spec.choices:
        if choice.casefold() == code or _OF.get(choice.casefold()) == code:
            return context.value(found.start(), found.end(), value=choice, confidence=0.85)
    return nothing()
