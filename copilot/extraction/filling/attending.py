"""Who takes part in a meeting: by a list of those present, the mail's addresses, or what they say.

Invariant: who is said not to come is nobody of them, and a list that the text gives stands above
who merely got the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extracted import FieldValue
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling import calendars
from copilot.extraction.filling.context import Context
from copilot.extraction.filling.labels import names
from copilot.extraction.filling.people import clean_name
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole

_ABSENT = re.compile(
    r"\b(?:apologies|absent|declined|can't make|cannot make|can't come|won't (?:be|come|join)"
    r"|will not (?:need to )?(?:join|come|be)|not me|excused|sends? regrets|meant to be"
    r"|^\W*out(?= ?:)"
    r"|entschuldigt|abgesagt|verhindert|kann (?:\w+ ){0,2}nicht|kommt nicht|fehlt|excuse[es]?"
    r"|absente?s?|ne pourra pas|ne viendra pas|empechee?"
    r"|ausente|excusa\w*|no puede|no podra|no asiste|no vendra|no viene)\b"
)
_ONE_NAME = re.compile(r"[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?")
_ME_AND = re.compile(
    r"\b(?:me|myself|ich|moi|yo)((?:\s?(?:\+|&|,|and|und|et|y)\s?[A-ZÀ-Ý][\w'’-]+"
    r"(?: [A-ZÀ-Ý][\w'’-]+)?)+)"
)
_COMES = re.compile(
    r"\b(?:will (?:also )?(?:be there|join|come|attend)|joins us|is joining|is coming|comes along"
    r"|kommt (?:\w+ )?(?:dazu|mit|ebenfalls)|ist (?:auch |ebenfalls )?dabei|nimmt (?:auch )?teil"
    r"|sera"
    r" (?:aussi |egalement )?(?:la|presente?)|participera|viendra|estara tambien|tambien estara"
    r"|vendra"
    r"|asistira|viene tambien)\b"
)
_NOT_I = re.compile(
    r"\W*(?:(?:sorry|leider|desole\w*|lo siento)[\s,:.]+)?(?:not me|can(?:'t|not) (?:make|come"
    r"|join)|i can(?:'t|not)|i'm out\b"
    r"|i am out\b|i won't (?:be|make)|count me out|without me|ohne mich|(?:ich )?bin raus"
    r"|ich kann (?:\w+ ){0,2}nicht"
    r"|je ne (?:peux|pourrai|serai) pas|sans moi|(?:yo )?no (?:puedo|podre|voy a poder)|sin mi\b)"
)
_LABEL = re.compile(
    r"[\s#*_•-]*((?:[^\W\d_]|[ /-])+?)\s*(?:\(\d+\))?[*_]*\s?(?:[:=|]\s*[*_]*|\s{3,}(?=\S)|$)"
)
_LABELS = re.compile(
    r"(?:in|guests?|invitees?|invited|on the call|joined by|on board|eingeladene?|gaste|mit dabei"
    r"|dabei waren|da waren|anwesend waren|anwesende|etaient la|etaient presentes?|sont presents"
    r"|invites|convoques|ont participe|asisten|asistieron|asistencia|presentes|convocad[oa]s"
    r"|invitad[oa]s"
    r"|estaban|estabamos|estuvimos|estuvieron|wir waren|we were|on etait|nous etions|participan"
    r"|participaron)"
)
_SAYS_NO = re.compile(
    r"\b(?:declined|no|absent|apologies|out|regrets|abgelehnt|abgesagt|nein|entschuldigt|refuse\w*"
    r"|decline\w*|excuse\w*|rechaz\w*|no asiste|ausente)\b"
)
_MANY = re.compile(
    r"\b(?:team|ops|operations|all|everyone|group|list|staff|crew|committee|board|verteiler|gruppe"
    r"|sekretariat|kanzlei|praxis|buro|vorstand|equipe|groupe|liste|secretariat|comite"
    r"|equipo|grupo|lista|secretaria|todos)\b"
)
_PIECE = re.compile(r"[^,;/&()+\n]+(?:\([^)\n]*\))?")
_WRITER = frozenset(("i", "me", "myself", "ich", "ich selbst", "moi", "moi-meme", "yo"))
_LINE = re.compile(r"(?m)^[^\n]{1,600}$")
_BELOW = 12  # lines of a list of guests


def attendees(context: Context) -> list[FieldValue]:
    """Who took part or is invited, without those who won't."""
    entry = calendars.event(context)
    if entry is not None:
        return calendars.guests(context, entry)
    spans = list(named_lines(context))
    if not spans:
        spans = [*(with_me(context) or _of_headers(context)), *_coming(context)]
    absent = _absent(context)
    kept: dict[str, FieldValue] = {}
    for span in spans:
        start, end, name = clean_name(context.text, span)
        key = fold(name)
        if not name or "@" in name or key in kept or key in absent or not name[:1].isalpha():
            continue
        if len(name.split()) > 5 or _MANY.search(key) or key.strip(".") in _WRITER:
            continue
        kept[key] = context.value(start, end, value=name, confidence=0.8)
    return list(kept.values())


def named_lines(context: Context) -> Iterator[Span]:
    """The names behind "Present:" and the like, or below it, one a line."""
    below = behind = 0
    for line in _LINE.finditer(context.text):
        if below < _BELOW and "\n\n" in context.text[behind : line.start()]:
            below = 0
        behind = line.end()
        told = context.folded[line.start() : line.end()]
        found = _LABEL.match(told)
        if found and _is_label(found[1].strip()):
            at = line.start() + found.end()
            below = 0 if told[found.end() :].strip() else _BELOW
            yield from _names_in(context, at, line.end())
        elif below and told.strip():
            name = re.match(r"[\s*•·–-]*(.+?)(?=\s{2,}|\s[-–—|]\s|\s?[(:,]|$)", told)
            below = below - 1 if name and len(name[1].split()) <= 4 else 0
            if below and name and not _SAYS_NO.search(told[name.end() :]):
                yield Span(line.start() + name.start(1), line.start() + name.end(1))
        else:
            below = 0


def _is_label(words: str) -> bool:
    return names(words, FieldRole.PERSON_NAMES) or _LABELS.fullmatch(words) is not None


def _names_in(context: Context, start: int, end: int) -> Iterator[Span]:
    for piece in _PIECE.finditer(context.text, start, end):
        if context.text[piece.start() - 1 : piece.start()] == "(":
            continue  # what is said of the one before
        for name in re.finditer(r"(?:(?!\s(?:and|und|et|y)\s).)+", re.sub(r"\(.*", "", piece[0])):
            first = piece.start() + name.start()
            yield _joined(context, first, first + len(name[0]))


def _joined(context: Context, start: int, end: int) -> Span:
    found = re.match(r"\s*(?:and|und|et|y)\s+", context.folded[start:end])
    return Span(start + (found.end() if found else 0), end)


def _of_headers(context: Context) -> Iterator[Span]:
    """Sender and recipients of the invitation, or those who speak in a chat."""
    message = context.lead
    if message.part == "turn":
        for turn in context.reading.messages:
            if turn.part == "turn" and turn.sender_name is not None:
                yield turn.sender_name
        return
    if message.sender_name is not None:
        yield message.sender_name
    for one in context.of(CandidateKind.PERSON):
        segment = context.segment_at(one.start)
        if segment.kind is SegmentKind.HEADERS and segment.message == message.number:
            yield Span(one.start, one.end)


def with_me(context: Context) -> list[Span]:
    """The names that a note adds to its writer: me + Ann + Bob."""
    found = _ME_AND.search(context.text)
    if found is None or context.rank(found.start()) >= 4:
        return []
    return [
        Span(found.start(1) + one.start(), found.start(1) + one.end())
        for one in _ONE_NAME.finditer(found[1])
    ]


def _coming(context: Context) -> Iterator[Span]:
    """Those of whom it is said that they will come too."""
    for one in context.of(CandidateKind.PERSON):
        sentence = context.sentence_at(one.start)
        if sentence is None or sentence.segment.kind is not SegmentKind.BODY:
            continue
        before = re.split(r"[,;]", context.folded[sentence.start : one.start])[-1]
        after = re.split(r"[,;]", context.folded[one.end : sentence.end])[0]
        if _COMES.search(f"{before} · {after}"):
            yield Span(one.start, one.end)


def _absent(context: Context) -> set[str]:
    """The folded names of those who are said not to take part."""
    found: set[str] = set()
    people = {fold(str(one.value)) for one in context.of(CandidateKind.PERSON)}
    for sentence in context.sentences:
        if _NOT_I.match(context.folded, sentence.start, sentence.end):
            sender = context.reading.messages[sentence.segment.message].sender_name
            if sender is not None:
                found.add(fold(context.reading.quote(sender)))
        for line in _LINE.finditer(context.folded, sentence.start, sentence.end):
            if _ABSENT.search(line[0]):
                said = {word.text for word in context.words(Span(*line.span()))}
                found.update(name for name in people if name.split(" ")[0] in said)
    return found
