"""Tables and objects as programs export them: a line of column names above rows, and JSON.

Invariant: a table has two columns at least that are called what exports call them, and every cell
stands in its row; JSON is read only where a text is nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.extraction.reading import SegmentKind, Span
from copilot.extraction.texts.lines import Line

_SIGNS = "\t|;,"
_CELLS = {
    sign: re.compile(rf' *(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^{sign}]*)) *(?:[{sign}]|$)')
    for sign in _SIGNS
}
_COLUMNS = frozenset(
    """name names firstname lastname fullname surname first last company account organisation
    organization customer client email mail emailaddress phone telephone tel mobile mobilephone
    cell fax title jobtitle position role function department address street city zip postcode
    country website web url contact owner subject status stage priority category type product
    amount value currency seats date created closed close due id number reference description
    requester reporter assignee competitor probability
    vorname nachname firma unternehmen kunde kunden ansprechpartner kontakt telefon handy mobil
    funktion rolle abteilung adresse anschrift straße strasse plz ort stadt land betreff phase
    betrag währung datum produkt priorität
    nom prénom prenom société societe entreprise client téléphone telephone portable courriel
    fonction poste adresse rue ville pays statut étape montant devise
    nombre apellido apellidos empresa cliente correo teléfono telefono móvil movil cargo puesto
    dirección direccion calle ciudad país etapa estado importe moneda fecha producto""".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINED = re.compile(  # mobilephone
    r"(?<=first)(?=name)|(?<=last)(?=name)|(?<=full)(?=name)|(?<=company)(?=name)|(?<=job)(?=title)"
    r"|(?<=mobile)(?=phone)|(?<=work)(?=phone)|(?<=email)(?=address)",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\s|:+=-]+$")
_NO_COLUMN = re.compile(r"[@?!.:<>=]\s|@|\d{3}|[.?!]$")
_TOKEN = re.compile(
    r'"(?P<key>[^"\\\n]{1,60})"\s*:\s*(?:"(?P<value>(?:[^"\\]|\\.)*)"|(?P<plain>-?\d[\d.]*))?'
    r'|"(?:[^"\\]|\\.)*"|(?P<mark>[{}\[\]])'
)
_PLAIN_OWNERS = frozenset(
    """ticket tickets data record records properties fields attributes requester customer contact
    contacts user reporter sender from lead deal result results payload object person invitee
    issue request caller submitter author client""".split()
)
MAX_COLUMN = 40  # characters of a column's name
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row has in a column. ``row`` counts from one; ``owner``: the member that the object is
    the value of, where that is somebody else than the record is about.
    """

    column: Span
    value: Span
    row: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Lines ``start`` to ``end`` (exclusive) and what they hold."""

    start: int
    end: int
    cells: tuple[Cell, ...]


def table_at(text: str, lines: Sequence[Line], first: int, *, row: int = 0) -> Table | None:
    """The table whose column names a line holds. ``row``: how many rows were before it."""
    words = lines[first].words
    sign = next((one for one in _SIGNS if words.count(one) >= 1), None)
    if sign is None or (sign == "," and words.count(sign) < 2) or len(words) > 1000:
        return None
    begun = words.partition(sign)[0] if words[0] != sign else ""
    if len(begun) > MAX_COLUMN or words[-1] in ".!?:" or _NO_COLUMN.search(begun):
        return None
    columns = _cells_of(text, lines[first], sign)
    if len(columns) < 2 or not names_columns([text[one.start : one.end] for one in columns]):
        return None
    cells: list[Cell] = []
    at, rows = first + 1, row
    while at < len(lines) and rows - row < MAX_ROWS:
        if not _RULE.match(lines[at].words):
            held = _cells_of(text, lines[at], sign) if lines[at].words else []
            least = len(columns) if sign == "," else 2
            if not least <= len(held) <= len(columns):
                break
            rows += 1
            cells += [
                Cell(column, value, rows)
                for column, value in zip(columns, held, strict=False)
                if value.start < value.end
            ]
        at += 1
    return Table(first, at, tuple(cells)) if rows > row else None


def _cells_of(text: str, line: Line, sign: str) -> list[Span]:
    """The cells of a line, without quotes; empty ones have their place, too."""
    end = line.start + len(text[line.start : line.end].rstrip())
    start = line.at
    if sign == "|":  # the ones at a line's edges part nothing
        start += text.startswith("|", start)
        end -= text.endswith("|", start, end)
    pattern = _CELLS[sign]
    found: list[Span] = []
    while start <= end:
        cell = pattern.match(text, start, end)
        if cell is None:
            return []
        group = "quoted" if cell["quoted"] is not None else "plain"
        first, last = cell.span(group)
        inner = text[first:last].rstrip()
        found.append(Span(first, first + len(inner)))
        if cell.end() == start or text[cell.end() - 1] != sign:
            break
        start = cell.end()
    return found


def names_columns(cells: Sequence[str]) -> bool:
    """Whether cells are names of columns: half of them, and two at least, that are well known."""
    if any(len(one) > MAX_COLUMN or _NO_COLUMN.search(one) for one in cells):
        return False
    known = sum(1 for one in cells if any(word in _COLUMNS for word in _words(one)))
    return known >= 2 and known * 2 >= len(cells)


def _words(column: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", column))]


def mark_tables(text: str, lines: Sequence[Line], kinds: list[SegmentKind | None]) -> None:
    """Marks tables as forms, and a text that is JSON and nothing else."""
    if lines and lines[0].start == 0 and is_object(text):
        kinds[:] = [kind or SegmentKind.FORM for kind in kinds]
        return
    at = 0
    while at < len(lines):
        table = table_at(text, lines, at) if kinds[at] is None and lines[at].words else None
        if table is None:
            at += 1
            continue
        kinds[at : table.end] = [SegmentKind.FORM] * (table.end - at)
        at = table.end


def is_object(text: str) -> bool:
    """Whether a text is JSON, or a line of it for each record."""
    inner = text.strip()
    return inner[:1] in ("{", "[") and inner[-1:] in ("}", "]") and '":' in inner.replace(" ", "")


def members(text: str, start: int, end: int) -> Iterator[Cell]:
    """The members of the objects in JSON; each object that is none's member is a row."""
    around: list[str] = []
    owners: list[str] = []
    key = ""
    row = 0
    for found in _TOKEN.finditer(text, start, end):
        mark = found["mark"]
        if mark in ("{", "["):
            row += mark == "{" and "{" not in around[-1:]
            around.append(mark)
            owners.append("" if key.lower() in _PLAIN_OWNERS else key)
        elif mark:
            del around[-1:], owners[-1:]
        key = found["key"] or ""
        owner = next((one for one in reversed(owners) if one), "")
        for group in ("value", "plain"):
            if found[group]:
                yield Cell(Span(*found.span("key")), Span(*found.span(group)), row, owner)


def column_name(words: str) -> str:
    """A column's or a member's name as a form would write it: firstName, first_name: first name."""
    return " ".join(_JOINED.sub(" ", _CAMEL.sub(" ", words)).replace("_", " ").split())
