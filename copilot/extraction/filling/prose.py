"""What is said in the text's own words: reasons, ways round, impacts, causes, next steps.

Invariant: a value is one stretch of one sentence, found by a word that announces it; without such a
word there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.filling.context import ASKER, ASKER_BEFORE, OTHERS, OWN, Context, nothing
from copilot.extraction.filling.cue import Cue, cue
from copilot.extraction.filling.labels import labelled, names
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.filling.wish_words import REASONS, WAYS_ROUND
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

_ASKS = (
    r"\b(?:please|pls|bitte|merci de|veuillez|por favor,?|could you|can you|would you"
    r"|konn(?:t)?en sie|pourri?ez-vous|pouvez-vous|(?:podria|puede)s?)"
)
_CUES: dict[FieldRole, tuple[Cue, ...]] = {
    FieldRole.REASON: REASONS,
    FieldRole.WORKAROUND: WAYS_ROUND,
    FieldRole.CAUSE: (
        cue(
            r"\b(?:(?:the )?(?:root )?cause (?:was|is)(?: that| found)?:?|(?:root )?cause:|reason:"
            r"|the (?:reason|culprit) (?:was|is)(?: that)?:?|it turned out that|turns out(?: that)?"
            r"|it turned out to be|traced (?:it )?(?:back )?to|what (?:had )?happened (?:is|was)"
            r"(?: that)?:?|(?:die )?(?:eigentliche )?ursache(?: war| ist)?(?: dafur)?(?: war"
            r"| ist)?,?"
            r"(?: dass)?:?|grund(?: war| ist)?,?(?: dass)?:|grund (?:war|ist)(?:, dass)?"
            r"|tatsachlich (?:war|wurden?|hatte|hat|ist)|(?:la )?cause(?: est| etait)(?: que)?:?"
            r"|(?:der )?ausloser (?:war|ist)|schuld (?:war|ist)|l'origine (?:\w+ ){0,2}?(?:est"
            r"|etait)(?! \w*connu)"
            r"|what happened:"
            r"|was ist passiert:|ce qui s'est passe ?:|que paso:"
            r"|(?:cause|ursache|causa) (?:\w+ ){1,2}(?:found|identified|gefunden|trouvee?"
            r"|identifiee?"
            r"|encontrada|identificada) ?:|found it ?:|gefunden ?:|trouve ?:|encontrado ?:"
            r"|cause ?:|(?:l')?origine(?: (?:du"
            r"|de la|de l')[ ]?[^\W\d_]+)?(?: est| etait)? ?:|en fait|en realite"
            r"|(?:la )?causa(?: raiz)?"
            r"(?: es| fue| era| ha sido)(?: que)?:?|causa:|resulta que|resulto que|en realidad"
            r"|el motivo (?:es|fue|era)(?: que)?)(?![\w-])[ ,]*"
        ),
        cue(
            r"\b(?:c'est(?= une? (?:erreur|bug|defaut|mauvais))|caused by|due to|because of"
            r"|because(?! you\b)|verursacht durch|ausgelost durch"
            r"|lag daran, dass"
            r"|liegt daran, dass|lag an|liegt an|weil|cause(?:e|es)? par|du a|due a|provoque\w* par"
            r"|parce que|causad[oa] por|provocad[oa] por|debido a(?: que)?|se debe a"
            r"|se debio a(?: que)?"
            r"|porque)\b[ ,]*"
        ),
    ),
    FieldRole.IMPACT: (
        cue(
            r"\b(?:consequences? ?:|folgen? ?:|consecuencias? ?:|(?:customer |user )?impact(?: is"
            r"| was)?:|affected(?: are| were)?:|who is"
            r" affected:?"
            r"|(?:kunden)?auswirkung(?:en)?:|betroffen(?: sind| waren| ist| war)?:?|impact(?:"
            r" client)?"
            r" ?:|qui est touche ?:|touches ?:|sont touches|impacto:|afectados:|afecta a|afecto a)"
            r" *"
        ),
        cue(r"(?=\b(?:all|alle|tous les|toutes les|todos los|todas las) \d+ )"),
        cue(
            r"(?=(?<![\d.,])\b(?:(?:rund|etwa|ca\.?|about|around|some|environ|unos|unas|alrededor"
            r" de) )?"
            r"\d{1,3}(?:[.,]?\d{3})* (?:(?!of |von |de )\w+ )?(?:customers|tenants|users|orders"
            r"|shops"
            r"|stores|restaurants|companies|depots"
            r"|drivers|people|clients|kunden|mandanten|nutzer|benutzer|auftrage|bestellungen"
            r"|filialen"
            r"|betriebe|fahrer|utilisateurs|commandes|magasins|entreprises|chauffeurs|clientes"
            r"|pedidos"
            r"|usuarios|tiendas|empresas|conductores|inquilinos)\b"
            r"|(?:all|both|every|no|none of the|most|alle|beide|samtliche|kein|tous les|toutes les"
            r"|les"
            r"|aucun|todos los|todas las|ningun|los|las) (?:\w+ ){0,2}(?:customers|tenants|users"
            r"|shops"
            r"|depots|drivers|kunden|mandanten|nutzer|fahrer|utilisateurs|clients|acheteurs"
            r"|clientes"
            r"|usuarios|restaurants|tiendas|pedidos)\b)"
        ),
        cue(r"(?=\b(?:drivers|customers|users|buyers|people|kunden|nutzer|fahrer) who\b)"),
        cue(
            r"\b(?:(?:it|this) )?(?:affects|affecting|hits|hitting|impacts|impacting|betrifft"
            r"|trifft"
            r"|touche|concerne|afecta|afecto|afectando)\b (?:a )?(?=\w+ \w+)",
            confidence=0.6,
        ),
        cue(
            r"(?=\b(?:all of|every(?:one|body) (?:in|on|at)|the whole|the entire|alle (?:in|im|aus)"
            r"|(?:der|die|das) (?:ganze|gesamte)|toute? l[ea]|toda? (?:el|la)|tod[oa] (?:el|la))"
            r" (?!time|day|week|zeit|tag|temps|journee|dia|tiempo|semana)\w+)",
            confidence=0.6,
        ),
    ),
    FieldRole.NEXT_STEP: (
        cue(
            r"\b(?:(?:to do )?next(?: steps?)?|nachste[rn]? schritte?|als nachstes"
            r"|prochaines? etapes?"
            r"|prox\.?(?:imo)? pasos?|siguiente paso|to do|todo|action)\s?(?:is|ist|est|es)?\s?"
            r"(?:to|:|=>|->|–|-)\s*",
            confidence=0.85,
        ),
        cue(
            r"(?:\b(?:(?:wants|want|expects?) (?:me|us) to|i promised to|i'm to|i am to"
            r"|i have to|i need to|we need to|promised to|agreed to|ich soll|ich muss|wir sollen"
            r"|soll ich|(?:mochte|will), dass (?:ich|wir)|je dois|on doit|nous devons|il faut"
            r"|promis de|tengo que|debo|hay que|tenemos que|quedamos en|quede en|he quedado en"
            r"|prometi) )",
            confidence=0.6,
        ),
        cue(
            _ASKS
            + r" (?=(?:\S+ ){0,6}(?:send|prepare|call|arrange|book|set up|organi[sz]e|draft|update"
            r"|get"
            r"|schick\w*|sende?n?|freigeben|anrufen|vorbereite\w*|nous envoyer|m'envoyer|envoyer"
            r"|preparer|appeler|organiser|prevoir|enviar\w*|envie\w*|mandar\w*|mande\w*|preparar"
            r"|llamar|organizar)\b)",
            confidence=0.6,
        ),
        cue(
            _ASKS
            + r" (?:please |bitte )?(?!not\b|don't|do not|find\b|see\b|note\b|excuse|ignore|thank"
            r"|tell"
            r"|forgive|accept|feel|give my|remember|let me know|nicht\b|beacht|entschuldig"
            r"|finden sie"
            r"|grussen|agreer|trouver|croire|recevoir|vous trouver|noter|excuser|saluer|encontrar"
            r"|disculp|salud)(?=\w+ \w+)",
            confidence=0.6,
        ),
        cue(
            r"\b(?:i will|i'll|we will|we'll|i'm going to|i am going to|we're going to|let's"
            r"|ich werde|wir werden|je vais|nous allons|on va|voy a|vamos a) (?=\w+ \w+)",
            confidence=0.5,
        ),
        cue(
            r"(?:^|(?<=[.!:] )|(?<=, ))(?:tomorrow|on \w+day|morgen|demain|manana|el \w+es"
            r"|le \w+di|am"
            r" \w+tag),? (?=(?:i|we|ich|wir|je|nous|on|les|le|te|os)\b)",
            confidence=0.5,
        ),
        cue(
            r"\b(?:(?:ich|wir) (?=(?:schicken?|senden?|mailen?|rufen?|melden?|bereiten?"
            r"|erstellen?)\b)"
            r"|(?:je|nous|on) (?=(?:vous|te|lui|leur) (?:envo|prepar|rappel|transmet))"
            r"|(?=(?:te|le|les|os) (?:mando|envio|paso|llamo|preparo|mandamos|enviamos)\b))",
            confidence=0.5,
        ),
    ),
}
_ASIDE = re.compile(r",\s(?:which|was (?:uns|mich|viel|etwa|jede)|ce qui|lo que|lo cual)\b")
_PIECE_END = re.compile(r"[.!?](?=\s|$)|\n\n|\s(?:[–—-])\s|;|\)|\s\(")
_BY_WHEN = re.compile(
    r",?\s+(?:am besten|possibly|if possible|si possible|idealement|a poder ser)\b|,?\s+(?:by"
    r"|until|before|bis(?: spatestens)?(?: zum)?|avant(?: le)?|d'ici|pour le|antes del?"
    r"|hasta el|para el|el) (?=(?:\w+ ){0,2}?(?:\d|mon|tue|wed|thu|fri|sat|sun|tomorrow|today|the"
    r" end|end"
    r"|morgen|heute|ende|freitag|montag|dienstag|mittwoch|donnerstag|demain|lundi|mardi|mercredi"
    r"|jeudi"
    r"|vendredi|manana|lunes|martes|miercoles|jueves|viernes))"
)
_LOOSE_END: dict[FieldRole, re.Pattern[str]] = {
    FieldRole.CAUSE: re.compile(
        r",? (?:because|so that|which|after which)\b|, (?:so|weil|sodass|so dass|car|parce qu"
        r"|porque"
        r"|por lo que|si bien que|de sorte)\b"
    ),
    FieldRole.IMPACT: re.compile(r",? (?:since|seit|depuis|desde|as of|because|weil|porque)\b"),
    FieldRole.NEXT_STEP: re.compile(
        r",? (?:so that|because|since|as soon as|damit|weil|sobald|afin que|parce que|car|des que"
        r"|para que|porque|en cuanto|before (?:i|we|you)\b|bevor|avant que|antes de que"
        r"|that's by|and (?:i|we|please)\b)\b"
    ),
}
_CLOSING = "\"”’»)%€$£'!?"
_OF_OTHERS = re.compile(
    r"\b(?:ruled out|at first|suspected|suspicion|al principio|zuerst|anfangs|d'abord"
    r"|will be published|not known|unknown|unklar|unbekannt|inconnue?|desconocid[ao]"
    r"|not the|isn't|first thought|ist es (?:aber )?nicht|fausse piste)\b"
)


def say(context: Context, spec: FieldSpec) -> FieldValue:
    """The stretch that states what the role asks for."""
    for line in labelled(context, spec):
        if context.rank(line.place.start) <= OWN and line.value.end - line.value.start > 3:
            end = stop(context, line.value.start, line.value.end)
            return context.value(line.value.start, end, confidence=0.85)
    section = _section(context, spec.role)
    if section is not None:
        return context.value(section.start, section.end, confidence=0.8)
    cues = _CUES.get(spec.role, ())
    most = OTHERS if spec.role in (FieldRole.REASON, FieldRole.WORKAROUND) else OWN
    if context.in_turns and most == OTHERS:
        most = ASKER_BEFORE
    answer = _answer(context, spec.role)
    if answer is not None:
        return context.value(answer.start, answer.end, confidence=0.7)
    reaches = (ASKER, most) if spec.role is FieldRole.NEXT_STEP else (most,)
    for reach in reaches:
        for one in cues:
            for sentence in _sentences(context, most=reach):
                found = _stretch(context, sentence, one, spec.role)
                if found is not None:
                    return context.value(found.start, found.end, confidence=one.confidence)
    return nothing(NullReason.NEEDS_MODEL)


_ASKED_FOR = {
    FieldRole.WORKAROUND: re.compile(
        r"\b(?:how do you (?:do|handle|manage|solve)|what do you do|and (?:today|now)|how are you"
        r" doing (?:it|that)"
        r"|workaround|wie (?:machen|losen|handhaben) (?:sie|ihr)|und (?:heute|jetzt|bisher)"
        r"|comment faites-vous"
        r"|et (?:aujourd'hui|actuellement)|como lo (?:hacen|hace|haceis|resuelven)|y (?:hoy"
        r"|ahora))\b[^.!]*\?"
    ),
    FieldRole.REASON: re.compile(
        r"\b(?:why do you|what (?:do you need|would you use) (?:it|that|this) for|what is it for"
        r"|what for|wofur"
        r"|wozu|warum brauchen|pourquoi|a quoi (?:cela|ca)|para que (?:lo|la)|por que lo)\b[^.!]*\?"
    ),
}


def _answer(context: Context, role: FieldRole) -> Span | None:
    """In a talk, what who asks answers to the question for it."""
    pattern = _ASKED_FOR.get(role)
    if pattern is None or not context.in_turns:
        return None
    asked: int | None = None
    for sentence in context.sentences:
        message = sentence.segment.message
        if context.rank(sentence.start) > ASKER:
            told = pattern.search(context.folded, sentence.start, sentence.end)
            asked = message if told else asked
        elif asked is not None and message > asked and context.is_own(sentence.start):
            end = stop(context, sentence.start, sentence.end)
            while end > sentence.start and context.text[end - 1] in " ,.:;/)(\n":
                end -= 1
            long = len(context.text[sentence.start : end].split()) > 2
            return Span(sentence.start, end) if long else None
    return None


_HEADED = re.compile(
    r"^[ \t]*(?:[#*_=]+ ?)?(?:\(?(?:\d{1,2}"
    r"|[a-z])[.)] ?)?([^\W\d_][^\n:.?!*#=]{2,60})[?:]?(?: please describe\.?)?[*_=# ]*\n"
    r"[\n \t]*(?=[^\s\d#*=-])",
    re.MULTILINE,
)


def _section(context: Context, role: FieldRole) -> Span | None:
    """The first sentence below a heading that names the role."""
    if role not in _SECTIONED or context.own:
        return None
    for found in _HEADED.finditer(context.folded):
        if not names(found[1].strip(), role) or context.rank(found.end()) > OWN:
            continue
        sentence = context.sentence_at(found.end())
        start = found.end()
        end = sentence.end if sentence else start
        if role in _LOOSE_END:
            end = stop(context, start, end)
            cut = _LOOSE_END[role].search(context.folded, start + 8, end)
            end = cut.start() if cut else end
        while end > start and context.text[end - 1] in " ,.:;\n":
            end -= 1
        if len(context.text[start:end].split()) > 2:
            return Span(start, end)
    return None


_SECTIONED = frozenset({FieldRole.CAUSE, FieldRole.IMPACT, FieldRole.REASON, FieldRole.WORKAROUND})


def _sentences(context: Context, *, most: int) -> Iterator[Sentence]:
    for sentence in context.said(most=most):
        if sentence.segment.kind is not SegmentKind.BODY:
            continue
        if context.own and not context.is_own(sentence.start):
            continue
        yield sentence


def _stretch(context: Context, sentence: Sentence, one: Cue, role: FieldRole) -> Span | None:
    found = one.pattern.search(context.folded, sentence.start, sentence.end)
    if found is None or _OF_OTHERS.search(context.folded, sentence.start, sentence.end):
        return None
    start = found.end() if one.after else sentence.start
    end = stop(context, start, sentence.end)
    aside = _ASIDE.search(context.folded, start, end)
    end = aside.start() if aside and aside.start() - start > 12 else end
    cut = _LOOSE_END[role].search(context.folded, start + 8, end) if role in _LOOSE_END else None
    end = cut.start() if cut else end
    if role in (FieldRole.IMPACT, FieldRole.WORKAROUND):
        least = 2 if role is FieldRole.IMPACT else 5
        comma = context.text.find(",", start, end)
        end = comma if comma > 0 and len(context.text[start:comma].split()) > least else end
    if role is FieldRole.NEXT_STEP:
        by = _BY_WHEN.search(context.folded, start, end)
        end = by.start() if by and len(context.text[start : by.start()].split()) > 1 else end
    while start < end and context.text[start] in " ,:\n":
        start += 1
    closed = context.folded.find('"', start, end) if context.folded[start - 1] == '"' else -1
    end = closed if closed > 0 else end
    while end > start and not (
        context.text[end - 1].isalnum() or context.text[end - 1] in _CLOSING
    ):
        end -= 1
    return Span(start, end) if len(context.text[start:end].split()) >= 2 else None


def stop(context: Context, start: int, end: int) -> int:
    """Where the thought ends: at a stop, a dash, or a bracket."""
    found = _PIECE_END.search(context.text, start, end)
    if found and found.start() - start > 12:
        return found.start()
    return end
