"""What minutes list: who was there, what was decided, who is to do what.

Invariant: an item is one line or sentence, without its mark and without who is to do it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.asks import task
from copilot.extraction.filling.attending import named_lines, with_me
from copilot.extraction.filling.context import Context, nothing
from copilot.extraction.filling.labels import names
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole

_MARK = re.compile(
    r"\s*(?:[-*•·–→>]+|\(?\d{1,2}[.)]|\[[ x]?\]|[a-z][.)]|=>|->|☐|☑|✓)+\s*(?:\[[ x]?\]\s*)?"
)
_WHO = re.compile(
    r"(?:@?[A-ZÀ-Ý][\w'’.-]+(?: [A-ZÀ-Ý][\w'’.-]+){0,2}(?: ?(?:[&/+]|and|und|et|y) ?"
    r"[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?)?|(?:yo|ich|moi|me|I|nosotros|wir|nous|we|all|alle"
    r"|tous"
    r"|todos))\s?(?::|–|—|->|→)\s+"
)
_SPEAKS = {
    FieldRole.DECISIONS: re.compile(
        r"\b(?:decisions?|decided|agreed|agreements?|beschl\w+|entscheid\w+|vereinbar\w+|decid\w+"
        r"|decisions|acuerd\w+|acord\w+|resolved|settled|concluded|outcomes?|festgehalten"
        r"|festgelegt"
        r"|ausgemacht|retenu|convenu|tranche|quedado|quedamos|concluido)\b"
    ),
    FieldRole.ACTION_ITEMS: re.compile(
        r"\b(?:actions?|to[- ]?dos?|tasks?|follow[- ]?ups?|next steps|homework|who does|aufgaben?"
        r"|massnahmen|zu erledigen|zu tun|nachste schritte|hausaufgaben|wer macht|a faire|taches?"
        r"|prochaines etapes|qui fait|tareas?|pendientes?|acciones|compromisos|proximos pasos|por"
        r" hacer"
        r"|quien hace)\b"
    ),
}
_LONGEST_HEADING = 70
_RULES = " \t#*_=-"
_NUMBERED = re.compile(r"^\d{1,2}[.)]\s+")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)$")
_TO_DO = re.compile(
    r"^[ \t>]*(?:[-*•] )?(?:\[[ xX]?\]\s|☐\s?|(?:→|->|=>|➔)\s*@?[A-ZÀ-Ý][\w'’.-]+(?:"
    r" [A-ZÀ-Ý][\w'’.-]+)?:\s)[^\n]+",
    re.MULTILINE,
)
_AGREED = re.compile(
    r"[-–—(:=>]\s?(?:agreed|decided|approved|accepted|beschlossen|vereinbart|angenommen|valide"
    r"|adopte"
    r"|decide|acordado|aprobado|decidido)[).!]*"
)
_NEXT_SENTENCE = re.compile(r"(?<=[^\W\d_]{3})[.!?] (?=[A-ZÀ-Ý¿¡])")
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.$")
_LINE = re.compile(r"(?m)^[^\n]{1,600}$")
_DECIDED = re.compile(
    r"\b(?:(?:decisions?|decided|agreed|beschluss|beschlusse|beschlossen|entscheidung"
    r"|entschieden|decision prise|decide|acuerdo|decidido|decision|acordado)\b ?(?:\d+ ?)?:"
    r"|(?:we|it was|they) (?:decided|agreed|settled)(?: that| to| on)"
    r"|(?:that's|it's|it is|we're|we are) (?:agreed|decided|settled)(?: then)?(?:,| -| –|:)"
    r"|resolved ?:|(?:so )?agreed,(?= we )|(?:wir haben|es wurde) (?:beschlossen|vereinbart"
    r"|entschieden),"
    r" dass|(?:damit ist |also |dann ist )?(?:abgemacht|beschlossen)(?:,|:)"
    r"|(?:on a|nous avons|il a ete|il est) (?:decide|convenu) (?:que|de)|c'est (?:decide"
    r"|entendu)(?:,| :)"
    r"|(?:se|hemos) (?:decide|acuerda|decidido|acordo|acordado|decidio)(?: que)?"
    r"|(?:hemos quedado|quedamos|queda acordado|queda decidido)(?: en)?(?: que)?)\s+(?=\S)"
)
_SHOUTED = {  # words that minutes set in capitals before what they record
    FieldRole.DECISIONS: re.compile(
        r"^[ \t]*(?:IT WAS )?(?:RESOLVED|AGREED|DECIDED|DECISION|CARRIED|BESCHLOSSEN|BESCHLUSS"
        r"|DÉCIDÉ"
        r"|DÉCISION|ACORDADO|ACUERDO|SE ACUERDA)[ \t]+(?=[^\s:–-])(?=[^\n]*[a-z])",
        re.MULTILINE,
    ),
    FieldRole.ACTION_ITEMS: re.compile(
        r"^[ \t]*(?:ACTION|TODO|TO DO|AUFGABE|À FAIRE|TAREA|AP|AI)(?: \d+)?[ \t]+(?=[^\s:–-])"
        r"(?=[^\n]*[a-z])",
        re.MULTILINE,
    ),
}
_COLUMNS = frozenset(
    "was wer bis wann what who when by whom due owner task action status qui quoi quand pour "
    "echeance"
    " tache responsable delai que quien cuando tarea plazo aufgabe verantwortlich termin frist nr "
    "no"
    " # date datum fecha".split()
)
_GAP = re.compile(r"(?<=\S)(?:[ ]{3,}|\t)(?=\S)")
_VOTED = re.compile(
    r"[.!]? \((?:[^()]*\b(?:einstimmig|unanim\w*|for|against|ja|nein|enthaltung\w*|pour|contre"
    r"|abstention\w*|votos?|a favor|carried|mehrheit\w*|nem\.? con)\b[^()]*)\)\W*$"
)
_TAIL = re.compile(r", \W?(?:no|vale|right|ok|okay|ja|oder|non|d'accord|please|pls|bitte)\W*$")
_TICKED = re.compile(r"[ \t>]*(?:[-*•] )?(?:\[[xX✓✔]\]|☑|☒|✓|✔|✅)\s")
_NOT_SO = re.compile(
    r"\b(?:not|un\w*ed|open|noch (?:nicht|offen)|offen\w*|pas|reste|sin|no|pendiente de)\b"
)


def listed(context: Context, role: FieldRole) -> list[FieldValue]:
    """The items of a role, under its heading or behind its word."""
    spans = [
        *_under_heading(context, role),
        *_closed(context, role),
        *_marked(context, role),
        *_shouted(context, role),
        *_inline(context, role),
    ]
    kept: list[Span] = []
    for span in spans:
        if not any(span.start < one.end and one.start < span.end for one in kept):
            kept.append(span)
    kept.sort(key=lambda one: one.start)
    return [context.value(span.start, span.end, confidence=0.75) for span in kept]


def _under_heading(context: Context, role: FieldRole) -> Iterator[Span]:
    """The lines below a heading, up to an empty line behind them or the next heading."""
    collecting, items = False, 0
    for line in _LINE.finditer(context.text):
        told = context.folded[line.start() : line.end()]
        heading, rest = _heading(told, role)
        if not heading and _speaks_of(context, line, role):
            heading, rest = True, None
        if heading:
            collecting, items = True, 0
            if rest is not None and told[rest:].strip():
                span = _item(context, line.start() + rest, line.end())
                if span is not None:
                    yield span
                    collecting = False
            continue
        if not collecting:
            continue
        gap = context.text[max(0, line.start() - 2) : line.start()] == "\n\n"
        others = any(_heading(told, one)[0] for one in _SPEAKS if one is not role)
        if others or (gap and items) or _is_other_heading(context, line.start(), line.end()):
            collecting = False
            continue
        span = _item(context, line.start(), line.end())
        if span is not None and context.rank(span.start) < 4:
            items += 1
            yield span


def _marked(context: Context, role: FieldRole) -> Iterator[Span]:
    """Lines that carry a box to tick, or an arrow to somebody's name."""
    if role is not FieldRole.ACTION_ITEMS:
        return
    for line in _TO_DO.finditer(context.text):
        span = _item(context, line.start(), line.end())
        if span is not None and context.rank(span.start) < 4:
            yield span


def _shouted(context: Context, role: FieldRole) -> Iterator[Span]:
    """Lines that begin with the word in capitals: RESOLVED that …, ACTION Mr Lee to …"""
    for found in _SHOUTED[role].finditer(context.text):
        line = context.text.find("\n", found.end())
        span = _item(context, found.end(), line if line >= 0 else len(context.text))
        if span is not None and context.rank(span.start) < 4:
            yield span


def _closed(context: Context, role: FieldRole) -> Iterator[Span]:
    """Lines of a list that end with the word that it was decided."""
    if role is not FieldRole.DECISIONS:
        return
    for line in _LINE.finditer(context.text):
        found = _AGREED.search(context.folded, line.start(), line.end())
        if found is not None and found.end() == line.end():
            span = _item(context, line.start(), found.start())
            if span is not None and context.rank(span.start) < 4:
                yield span


def _heading(told: str, role: FieldRole) -> tuple[bool, int | None]:
    """Whether a line is the role's heading, and where on it an item begins."""
    colon = told.find(":")
    if (colon if colon >= 0 else len(told)) > _LONGEST_HEADING:
        return False, None
    label = _NUMBERED.sub("", (told[:colon] if colon >= 0 else told).strip(_RULES))
    label = _IN_BRACKETS.sub("", label).rstrip(_RULES)
    if not label[:1].isalpha() or not names(label, role):
        return False, None
    rest = len(told) - len(told[colon + 1 :].lstrip(_RULES)) if colon >= 0 else len(told)
    return True, rest if rest < len(told) else None


def _speaks_of(context: Context, line: re.Match[str], role: FieldRole) -> bool:
    """Whether a short line above a list speaks of what the role lists."""
    told = context.folded[line.start() : line.end()]
    if len(told.split()) > 8 or _MARK.match(told) or not _SPEAKS[role].search(told):
        return False
    if role is FieldRole.DECISIONS and _NOT_SO.search(told):
        return False
    following = context.text[line.end() : line.end() + 80].lstrip("\n")
    return bool(_MARK.match(following)) and told.rstrip(" *_")[-1:] not in ".,;!?"


def _is_other_heading(context: Context, start: int, end: int) -> bool:
    line = context.text[start:end].strip()
    if _MARK.match(line):
        return False
    return line.endswith(":") or bool(re.fullmatch(r"[#*=_-]+.*|[A-ZÄÖÜÉ ]{5,}|TOP \d.*", line))


def _item(context: Context, start: int, end: int) -> Span | None:
    if _TICKED.match(context.text, start, end):
        return None  # done already
    if context.text[start:end].count("|") > 1:
        return _of_row(context, start, end)
    mark = _MARK.match(context.text, start, end)
    start = mark.end() if mark else start
    who = _WHO.match(context.text, start, end)
    start = who.end() if who else start
    stop = _NEXT_SENTENCE.search(context.text, start + 8, end)
    end = stop.start() + 1 if stop else end
    voted = _VOTED.search(context.folded, start, end)
    end = voted.start() if voted else end
    gap = _GAP.search(context.text, start, end)
    if gap is not None:  # a table's columns
        words = context.folded[start:end].split()
        end = gap.start() if not _COLUMNS.issuperset(words) else start
    return _tidy(context, start, end)


def _of_row(context: Context, start: int, end: int) -> Span | None:
    """Of a table's row the cell that says most; none of its head or of the line below that."""
    cells = [
        Span(start + found.start(), start + found.end())
        for found in re.finditer(r"[^|]*[^|\s][^|]*", context.text[start:end])
    ]
    if all(set(context.folded[one.start : one.end].split()) <= _COLUMNS for one in cells):
        return None
    longest = max(cells, key=lambda one: len(context.text[one.start : one.end].split()))
    words = context.text[longest.start : longest.end]
    return _tidy(context, longest.start, longest.end) if any(map(str.isalpha, words)) else None


def _tidy(context: Context, start: int, end: int) -> Span | None:
    aside = _TAIL.search(context.folded, start, end)
    end = aside.start() if aside else end
    while start < end and context.text[start] in " \t\n,":
        start += 1
    while end > start and context.text[end - 1] in " \t\n,;?":
        end -= 1
    if context.text[end - 1 : end] == "." and not _DOTTED.search(context.text, start, end):
        end -= 1
    return Span(start, end) if len(context.text[start:end].split()) >= 2 else None


def _inline(context: Context, role: FieldRole) -> Iterator[Span]:
    known = _people_words(context) if role is FieldRole.ACTION_ITEMS else set()
    for sentence in context.sentences:
        if sentence.segment.kind not in (SegmentKind.BODY, SegmentKind.FORM):
            continue
        if context.rank(sentence.start) >= 4:
            continue
        if role is FieldRole.ACTION_ITEMS:
            place = task(context, sentence, known)
        else:
            found = _DECIDED.search(context.folded, sentence.start, sentence.end)
            place = Span(found.end(), sentence.end) if found else None
        if place is None:
            continue
        start, end = place.start, place.end
        cut = re.search(r" \(|; ", context.text[start:end])
        end = start + cut.start() if cut and cut.start() > 8 else end
        span = _tidy(context, start, end)
        if span is not None:
            yield span


def _people_words(context: Context) -> set[str]:
    """The folded words of all names in the text."""
    known = {
        word for one in context.of(CandidateKind.PERSON) for word in fold(str(one.value)).split()
    }
    for span in (*named_lines(context), *with_me(context)):
        known.update(fold(context.reading.quote(span)).split())
    return known


def none_listed(role: FieldRole) -> FieldValue:
    """What an array without items says."""
    if role is FieldRole.PERSON_NAMES:
        return nothing()
    return nothing(NullReason.NEEDS_MODEL)
