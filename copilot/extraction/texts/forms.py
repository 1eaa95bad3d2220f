"""Lines of forms, templates and notes: "Label: value", also dotted, piped or aligned by blanks.

Invariant: a label is short and holds no sentence; a value ends where its line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from copilot.extraction.reading import SegmentKind, Span
from copilot.extraction.texts.lines import Line, lines_of
from copilot.extraction.texts.tables import (
    Cell,
    column_name,
    is_object,
    members,
    names_columns,
    table_at,
)

_LABEL = r"[^\W_][^:|\t.!?=<>\"]{0,47}?"
_FIELD = re.compile(
    rf"(?P<open>[-*•·#>\s_|]{{0,6}}(?:\(?\d{{1,2}}[.)]\s{{1,3}})?\*{{0,2}})(?P<label>{_LABEL}(?:\s?\([^()]{{1,30}}\))?\??)\*{{0,2}}"
    r"(?P<sep>\s{0,40}:(?!//|\d\d\b)\*{0,2}|\s?\.{2,60}|\??\s\.{1,60}(?=\s)|\s{0,40}\|(?!\|)"
    r"|\s{0,40}\t"
    r"|\s{2,40}(?=\S)|\s?=(?=\s)|\s?=>)\s*(?P<value>.*)$"
)
_WHO = re.compile(  # labels that only forms have, so that a single line of one is a form's
    r"(?:visitor|caller|customer|client|requester|reporter|reported by|submitted by|company|name"
    r"|your name|contact(?: person| name)?|organi[sz]ation|kunde|kundin|firma"
    r"|ansprechpartner(?:in)?|anrufer(?:in)?|melder(?:in)?|vorname|nachname|name|client|cliente"
    r"|société|entreprise|nom"
    r"|prénom|demandeu(?:r|se)|interlocut(?:eur|rice)|appelant(?:e)?|empresa|nombre|apellidos"
    r"|solicitante|contacto|in the room|on the (?:phone|call)|remote|dabei"
    r"|gesprächspartner(?:in)?(?:nen)?|organi[sz]er|interlocutores|habla"
    r"|llama|teilnehmer(?:innen)?|attendees|participants|anwesend(?:e)?"
    r"|présents|asistentes|address|anschrift|adresse|dirección)$",
    re.IGNORECASE,
)
_BARE = re.compile(  # a label on a line of its own, the value below it
    r"(?:(?:your|full|first|last|work|business|company|contact|job|phone|mobile|e-?mail|ihr[e]?"
    r"|votre|su)\s)?(?:name|role|title|position|e-?mail|phone|telephone|mobile|company|organi[sz]ation"
    r"|number|address|website|vorname|nachname|firma|unternehmen|funktion|rolle|telefon|handy"
    r"|anschrift|adresse|nom|prénom|société|entreprise|fonction|téléphone|portable|courriel|nombre"
    r"|apellidos|empresa|cargo|teléfono|móvil|correo|dirección)\s?[*?]?$",
    re.IGNORECASE,
)
MAX_BARE = 30  # characters
_PERSON = re.compile(
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Herr|Frau|Mme|M)\.?\s)?[^\W\d_a-zß-ÿ][\w'’-]+"
    r"(?:\s[^\W\d_a-zß-ÿ][\w'’.-]+){1,3}$"
)
LEAST = 3  # lines of a form
MAX_BELOW = 100  # characters of a value that stands below its label
_NUMBERED = re.compile(r"\d+[.)]?$")


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of a form. ``value`` is empty where the form was left so. ``row``: of a table or
    an export the record, from one on; ``name``: what that calls the field.
    """

    label: Span
    value: Span
    row: int = 0
    name: str = ""

    @property
    def place(self) -> Span:
        """Where it stands; in a table without the column's name."""
        return self.value if self.row else Span(self.label.start, self.value.end)


def field_of(line: Line) -> tuple[int, int, int, str] | None:
    """Where in the line's words its label begins and ends, where its value begins, and the sign
    between them; None for what isn't a line of a form.
    """
    words = line.words
    if len(words) <= MAX_BARE and _BARE.match(words):
        return 0, len(words), len(words), ":"
    if words[-1:] in ".!?," and len(words) > 90:
        return None
    found = _FIELD.match(words)
    if not found:
        return None
    label = found["label"]
    if len(label.split()) > 7 or _NUMBERED.match(label) or not any(map(str.isalpha, label)):
        return None
    sign = found["sep"].strip()[:1] or "\t"
    if sign == "|" and _PERSON.match(label) and not names_columns([label, label]):
        return None  # "Ida Roth | Head of IT"
    return found.start("label"), found.end("label"), found.start("value"), sign


def form_fields(text: str, start: int, end: int) -> Iterator[FormField]:
    """The fields of a FORM segment, in order; a value may stand below its label."""
    words = text[start:end]
    if is_object(words):
        yield from (_field(text, one, 0) for one in members(text, start, end))
        return
    lines = [line for line in lines_of(words) if line.words]
    behind = row = 0
    for number, line in enumerate(lines):
        if number < behind:
            continue
        if table := table_at(words, lines, number, row=row):
            behind, row = table.end, table.cells[-1].row if table.cells else row
            yield from (_field(text, one, start) for one in table.cells)
            continue
        found = field_of(line)
        if found is None:
            continue
        at = start + line.at
        value = Span(at + found[2], _end(text, start, line))
        if value.start >= value.end:
            value = Span(value.end, value.end)
            below = lines[number + 1] if number + 1 < len(lines) else None
            if below and field_of(below) is None and len(below.words) <= MAX_BELOW:
                value = Span(start + below.at, _end(text, start, below))
        yield FormField(Span(at + found[0], at + found[1]), value)


def _field(text: str, cell: Cell, base: int) -> FormField:
    """A cell of a table that was read from ``base`` on."""
    label = Span(base + cell.column.start, base + cell.column.end)
    value = Span(base + cell.value.start, base + cell.value.end)
    name = column_name(text[label.start : label.end])
    return FormField(label, value, cell.row, f"{column_name(cell.owner)} {name}".strip())


def _end(text: str, start: int, line: Line) -> int:
    return start + line.start + len(text[start + line.start : start + line.end].rstrip(" \t\r\n|"))


def mark_forms(lines: list[Line], kinds: list[SegmentKind | None]) -> None:
    """Marks runs of such lines, three or more of one make, and single ones that only forms have."""
    run: list[tuple[int, str]] = []  # a line, and the sign in it; none in one that is all a value
    sure: list[int] = []
    open_label = False
    for at, line in enumerate(lines):
        if kinds[at] is None and not line.words:
            continue
        found = field_of(line) if kinds[at] is None else None
        if found is None:
            if open_label and kinds[at] is None and _stands_alone(lines, at):
                run.append((at, ""))
            else:
                _close(run, kinds)
            open_label = False
            continue
        run.append((at, found[3]))
        open_label = found[2] >= len(line.words)
        if found[3] in ":\t" and not open_label and _WHO.match(line.words[found[0] : found[1]]):
            sure.append(at)
    _close(run, kinds)
    for at in sure:
        kinds[at] = SegmentKind.FORM


def _stands_alone(lines: list[Line], at: int) -> bool:
    """Whether a line below a label is all of its value."""
    if len(lines[at].words) > MAX_BELOW:
        return False
    if at + 1 >= len(lines) or not lines[at + 1].words:
        return True
    return field_of(lines[at + 1]) is not None


def _close(run: list[tuple[int, str]], kinds: list[SegmentKind | None]) -> None:
    """Marks a run that is mostly of one make, else what of it is of one."""
    signs = [sign for _, sign in run if sign]
    if len(signs) >= LEAST:
        most = max(set(signs), key=signs.count)
        if signs.count(most) * 3 >= len(signs) * 2:
            _mark(run, kinds)
        else:
            for _, part in groupby(run, key=lambda one: one[1]):
                same = list(part)
                if same[0][1] and len(same) >= LEAST:
                    _mark(same, kinds)
    run.clear()


def _mark(run: list[tuple[int, str]], kinds: list[SegmentKind | None]) -> None:
    first, last = run[0][0], run[-1][0]
    kinds[first : last + 1] = [SegmentKind.FORM] * (last + 1 - first)
