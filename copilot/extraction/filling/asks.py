"""What somebody is asked to do, or says that they will, within a sentence.

Invariant: a task begins with what is to be done; whether somebody comes, and what is said of the
meeting itself, is none.
"""

from __future__ import annotations

import re

from copilot.extraction.filling.context import Context
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import Span

_CALLED = re.compile(
    r"\b(?:eine bitte|one (?:request|favou?r|ask)|une demande|un favor)\s?:\s*"
    r"|\b(?:todo|to-do|to do|action|aufgabe|a faire|tarea|pendiente|ai|ap)\b ?(?:\d+ ?|(?:on"
    r" |for |fur |pour |para )?\w+ ?)?:\s*"
)
_DO = (
    r"(?:bring|send|prepare|check|book|invite|write|read|update|ask|share|add|print|collect|order"
    r"|call|ring|fix|draft|review|test|measure|fetch|find|get|order|finish|file|chase|upload|sign"
    r"|mitbringen|schick\w*|vorbereiten|prufen|senden|einladen|lesen|bring\w*|besorg\w*|bestell\w*"
    r"|preparer|envoyer|apporter|verifier|lire|reserver|relire|commander|appeler|demander"
    r"|trae|traed|traer|traiga\w*|enviar|envie\w*|preparar|prepar\w*|revisar|revise\w*|leer|mandar"
    r"|mande\w*|reservar|pedir|llamar|imprimir|avisar|comprar)"
)
_PLEASE = re.compile(
    r"\b(?:please|pls|bitte|merci de|veuillez|por favor,?|(?:can|could|would) you"
    r"|kannst du|konntest du|konn(?:t)?en sie|peux-tu|tu peux|pourrais-tu|pourriez-vous|pouvez-vous"
    r"|puedes?|podrias?|pueden)"
    rf" (?=(?:\w+ ){{0,5}}?{_DO}\b)"
)
_NOT_DONE = (
    r"(?!(?:also |just |probably |then )?(?:be|have|see|need|want|let|join|come|attend|dial|miss"
    r"|try"
    r"|think|know|assume|say|keep|wait|start|go|leave|stay|meet|arrive|hear|get back|remember|never"
    r"|not|sit|stand|make it|talk|call you|take it|do it|be back|read|watch|catch|stop|shut|admit"
    r"|tell you)\b)"
    r"(?!\w+ (?:it|that|this|them)(?: \w+)?\W*$)"
)
_I_WILL = re.compile(
    rf"\b(?:(?:and |we )?will|we'll) (?!read )(?={_DO}\b)"
    rf"|\b(?:i'll|i will|i'm going to|i am going to) {_NOT_DONE}(?=\w+ \w+)"
    r"|(?=\b(?:(?:te|le|les|os) (?:mando|envio|paso|preparo|reservo|llamo)"
    r"|ich (?:schicke|bringe|bereite|besorge|bestelle|prufe|frage|rufe|schreibe|erstelle"
    r"|organisiere|reserviere|buche|klare|hole|teste|kummere)"
    r"|yo (?!sere|estare|ire|podre|tendre)[a-z]{3,}re|(?:je |j')(?:vous |t'|te |l'|la |le )?"
    r"(?!serai|aurai|irai|pourrai|viendrai)[a-z]{3,}rai"
    r"|je (?:vous |t'|te |l'|la |le )?(?:envoie|apporte|prepare|reserve|verifie|relance|redige"
    r"|commande|m'occupe|me charge))\b)"
)
_IMPERATIVE = re.compile(
    r"(?=\b(?:bringen|schicken|senden|bereiten|prufen|lesen|laden|reservieren|buchen|mailen|drucken"
    r"|fullen|unterschreiben|stellen|legen|nehmen|holen|fragen|rufen) sie (?:\w+ ){0,2}?bitte\b)"
    r"|(?=\b(?:such|bring|schick|mach|pruf|ruf|frag|hol|lies|druck|buch|reservier|bestell|kummer"
    r"|stell|leg|nimm|lad|mail|besorg|schreib|check)e? (?:dich |mir |uns |ihm |ihr )?"
    r"(?:doch|bitte|mal|noch)\b)"
)
_POLITE = re.compile(r"\w+en sie\b")
_PLEASE_LAST = re.compile(r",?\s(?:please|pls|bitte|porfa(?:vor)?|por favor|stp|svp)\W*$")
_CAN_YOU = re.compile(
    r"\W*(?:(?:can|could|would|will) you|kannst du|konntest du|konnen sie|tu peux|peux-tu"
    r"|pourrais-tu"
    rf"|pouvez-vous|puedes|podrias|(?=(?:me|nos) \w+[ae]s\b))\s?{_NOT_DONE}(?=\w+ \w+)"
)
_FIRST_WORDS = re.compile(
    r"(?:\(?\d{1,2}[.)]\s+)?(?:(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|M|Mme|D|D\.ª|Dña|Sr|Sra)\.?ª?\s)?"
    r"(?P<first>[A-ZÀ-Ý][\w'’-]+)(?: [A-ZÀ-Ý][\w'’-]+)?"
)
_CALLED_BY_NAME = re.compile(
    r"(?:(?:and|und|et|y|also|oh|so)\s)?(?P<who>@?[A-ZÀ-Ý][\w'’-]+),\s", re.I
)
_IS_TO = re.compile(
    r"\s*(?:(?:will|shall) (?!be |have |not |see |come|join|attend|miss|need|also be)"
    r"|(?:is going to|is to|to|has to|must|should|takes care of|offer(?:s|ed) to|agreed to"
    r"|volunteer(?:s|ed) to|promised to|wird|soll|muss|ubernimmt|kummert sich um|va|doit"
    r"|se charge (?:de|d')|s'occupe (?:de|d')|propose de|s'engage a|va a|debe|tiene que"
    r"|se encarga de|se ocupa de|se ofrece a|se compromete a|queda en)\s"
    r"|(?!(?:fragt|asks|asked|demande|pregunta),? (?:ob|if|whether|about|how|why|what|when|nach"
    r"|wie|warum"
    r"|si|pourquoi|comment|por que|como)\b)(?=(?:envoie|prepare|appelle|verifie|relance|redige"
    r"|envia|prepara|llama|revisa|manda|schickt"
    r"|pruft|erstellt|bereitet|klart|ruft|fragt|bringt|besorgt|apporte|trae|lleva|sends|checks"
    r"|calls|books|writes|brings|prepares|orders|asks|updates|shares|collects|reports|files"
    r"|measures|drafts|fixes)\b)"
    r"|(?=(?!(?:sera|estara|aura|fera|pourra|viendra|tendra|podra|habra|asistira|participera)\b)"
    r"[a-z]{3,}(?:ara|era|ira|dra)\b))"
)
_BEHIND = re.compile(
    r", (?:who|which|because|since|weil|damit|denn|falls|wenn|der|die|das|so that|parce que|car"
    r"|porque|that's)\b| \(|; "
)


_PLEASE_MARKS = (
    *("pleas", "pls", "bitte", "merci de", "veuillez", "por favor", "you", "kannst", "konn"),
    *("peux", "pourr", "pouvez", "pued", "podria"),
)
_WAYS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (  # with a word that each has
    (_CALLED, (":",)),
    (_PLEASE, _PLEASE_MARKS),
    (_IMPERATIVE, ("bitte", "doch", "mal", "noch")),
    (
        _I_WILL,
        ("will", "'ll", "i'm", "i am", "ich ", "je ", "j'", "yo ", "te ", "le ", "les ", "os "),
    ),
)


def task(context: Context, sentence: Sentence, known: set[str]) -> Span | None:
    """What is to be done by a sentence; ``known``: the folded words of all names in the text."""
    start, end = sentence.start, sentence.end
    name = _CALLED_BY_NAME.match(context.text, start, end)
    called = name is not None and fold(name["who"].lstrip("@")) in known
    begins = name.end() if name and called else start
    last = _PLEASE_LAST.search(context.folded, begins, end)
    if last is not None and called and last.start() - begins > 6:
        return Span(begins, last.start())
    told = context.folded[start:end]
    for pattern, marks in _WAYS:
        if not any(mark in told for mark in marks):
            continue
        found = pattern.search(context.folded, start, end)
        if found is not None:
            first = found.end()
            before = context.text[start:first]
            polite = pattern is _IMPERATIVE and _POLITE.match(context.folded, first, end)
            if polite and len(before.split()) < 4 and "," not in before:
                first = start  # Anträge senden Sie bitte …
            return _ended(context, first, end)
    asked = _CAN_YOU.match(context.folded, begins, end) if called else None
    if asked is not None:
        return _ended(context, asked.end(), end)
    after = _after_person(context, sentence, known)
    return None if after is None else _ended(context, after, end)


def _ended(context: Context, start: int, end: int) -> Span:
    cut = _BEHIND.search(context.folded, start + 8, end)
    return Span(start, cut.start() if cut else end)


def _after_person(context: Context, sentence: Sentence, known: set[str]) -> int | None:
    """Where what somebody is to do begins, in a sentence that begins with who is to do it."""
    first = _FIRST_WORDS.match(context.text, sentence.start, sentence.end)
    if first is None:
        return None
    for end in (first.end(), first.end("first")):
        words = fold(context.text[first.start("first") : end]).split()
        if all(word in known for word in words):
            found = _IS_TO.match(context.folded, end, sentence.end)
            if found is not None:
                return found.end()
    return None
