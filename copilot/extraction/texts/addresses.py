"""People as headers and attributions name them: a name, an address, or both.

Invariant: spans lie in the text that they were read from, and hold no quotes or brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.extraction.reading import Span

MAX_PEOPLE = 60
_ADDRESS = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){0,8}[\w-]{1,63}", re.UNICODE
)
_EDGES = " \t\r\n\"'“”„‚‘’«»<>[](),;:*|"
_COMMENT = re.compile(r"\(([^()]{2,80})\)")
_VIA = re.compile(r"\s(?:via|per|über|mediante|through)\s.{1,60}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """One sender or recipient."""

    name: Span | None = None
    email: Span | None = None


def named_in(text: str, span: Span) -> Named:
    """The one that a header's value or an attribution's middle names."""
    value = text[span.start : min(span.end, span.start + 400)]
    found = _ADDRESS.search(value)
    if not found:
        return Named(name=trimmed(text, Span(span.start, span.start + len(value))))
    email = Span(span.start + found.start(), span.start + found.end())
    if text.startswith("mailto:", email.start - 7):
        before = value[: found.start() - 7]
    else:
        before = value[: found.start()]
    name = trimmed(text, Span(span.start, span.start + len(before)))
    if name is None and (comment := _COMMENT.search(value, found.end())):
        name = trimmed(text, Span(span.start + comment.start(1), span.start + comment.end(1)))
    return Named(name=name, email=email)


def all_named_in(text: str, span: Span) -> tuple[Named, ...]:
    """All that a header's value names, the first ``MAX_PEOPLE`` of them."""
    value = text[span.start : span.end]
    apart = ";" if ";" in value else ","
    people: list[Named] = []
    start = at = 0
    quoted = False
    for at, char in enumerate(value[:8000]):
        if char == '"':
            quoted = not quoted
        elif char == apart and not quoted:
            people.append(named_in(text, Span(span.start + start, span.start + at)))
            start = at + 1
            if len(people) >= MAX_PEOPLE:
                break
    else:
        people.append(named_in(text, Span(span.start + start, span.start + len(value[:8000]))))
    return tuple(one for one in people if one.name or one.email)


def trimmed(text: str, span: Span) -> Span | None:
    """The span without quotes, brackets and blanks at its edges; None when nothing is left."""
    words = text[span.start : span.end]
    inner = words.strip(_EDGES)
    if inner.count("(") > inner.count(")"):  # "Lea (Support)" keeps its end
        begun = words[words.find(inner) :]
        inner = begun[: begun.find(")") + 1] or inner
    if not any(char.isalpha() for char in inner):
        return None
    start = span.start + words.find(inner)
    return Span(start, start + len(inner))


def without_via(text: str, span: Span) -> Span:
    """A mailing list's "Ana via Support" is Ana."""
    found = _VIA.search(text[span.start : span.end])
    return Span(span.start, span.start + found.start()) if found else span
