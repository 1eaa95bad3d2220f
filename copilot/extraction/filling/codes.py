"""Versions, error codes, reference numbers and addresses of pages.

Invariant: a code is taken from who asks before anybody else, and from a record's own part before
what all records of the text share.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import ASKER, OTHERS, OWN, Context, nothing
from copilot.extraction.filling.labels import labelled, names
from copilot.extraction.filling.picking import Scored, best, scored
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldRole, FieldSpec

_OTHER_SOFTWARE = re.compile(
    r"\b(?:chrome|firefox|edge|safari|opera|windows|macos|mac os|ios|ipados|android|debian|ubuntu"
    r"|linux|python|java|node|php|ruby|go|dotnet|\.net|requests|form|formular|formulaire|formulario"
    r"|browser|navegador|navigateur|build|schema|template|vorlage|template|plantilla|modele|tls"
    r"|http"
    r"|browser (?:says|sagt|shows|zeigt)|le navigateur dit|el navegador dice|postgres\w*|mysql"
    r"|redis|excel|word|office|correo|mailer|x-mailer|user-agent|kernel|npm"
    r"|transcript|confidence)\W{0,3}(?:version|v\.?)?\W{0,3}$"
)
_FORMER = re.compile(
    r"\b(?:before|previous|previously|old|older|earlier|used to|former|vorher|fruher|alte?n?"
    r"|vorherige"
    r"|bisher|mit der|avant|ancienne?|precedente?|auparavant|antes|anterior|viej[ao]|antigu[ao]"
    r"|teniamos|fixed in|fixed with|solved in|seit version|depuis la version)\W+(?:\w+\W+){0,2}$"
)
_NOW = re.compile(
    r"\b(?:version|v|release|build|update(?:d)? to|upgraded? to|on|to|auf|connector|app|connecteur"
    r"|conector|client|(?:it )?says|shows|sagt|zeigt|dit|affiche|dice|pone"
    r"|steht|reads|panel is|firmware|software|since|seit|depuis|desde|(?:came|comes|started"
    r"|appeared)"
    r" (?:in )?with|introduced (?:in|with)|seit der|we(?: a|')re on|we run|running|wir haben"
    r"|tenemos|nous avons|la)\W{0,3}$"
)
_VERSION = re.compile(
    r"[vV]?\.? ?([0-9]{1,4}(?:\.[0-9]{1,5}){0,4}(?:[-+ ]?(?:[a-zA-Z]{1,6}\.?[ -]?)?[0-9]{0,4})?)"
)
_THEN_IT_WAS = re.compile(r"\W{0,2}(?:then|back then|at the time|damals|a l'epoque|entonces)\b")
_ELSEWHERE = re.compile(
    r"\b(?:status\.|unsubscribe|linkedin|facebook|twitter|instagram|/privacy|/terms|impressum)"
)
_THEN = re.compile(
    r"\b(?:last (?:year|month|week|time|spring|summer|autumn|winter)|in (?:january|february|march"
    r"|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter)"
    r"|back then|letztes jahr|letztes mal|im (?:januar|februar|marz|april|mai|juni|juli|august"
    r"|september|oktober|november|dezember|fruhjahr|sommer|herbst|winter)|damals|l'an (?:passe"
    r"|dernier)|la derniere fois|en (?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre"
    r"|octobre|novembre|decembre)|a l'epoque|el ano pasado|la ultima vez|en (?:enero|febrero|marzo"
    r"|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)|another matter"
    r"|different|nothing to do|not that|had .{0,20}(?:before|already)|deja connu|comme lors|like"
    r" (?:in|on|the)|as (?:in|on)|wie (?:bei|beim|im|am)|igual que|hatten wir schon"
    r"|ya tuvimos|tuvimos)\b"
)
_FINE = re.compile(
    r"\W{0,3}(?:opens?|works?|is|was|geht|lauft|funktioniert|ist|marche|fonctionne|est|va|funciona"
    r"|esta)\W+(?:\w+\W+)?(?:ok|okay|fine|well|gut|bien|solved|erledigt|regle|resuelt[oa])\b"
)
_OLD = re.compile(
    r"\b(?:old|former|other|alte[rnms]?|andere[rnms]?|ancien(?:ne)?|autre|viej[oa]|antigu[oa]"
    r"|otr[oa])"
    r"\b[^.;:!?]{0,14}$"
)
_GOOD = re.compile(
    r"\b(?:last (?:good|working|successful)|letzte[rns]? (?:gute|erfolgreiche)\w*"
    r"|derniere? bon(?:ne)?"
    r"|ultim[oa] buen[oa])\b[^.;:!?]{0,30}$"
)
_SEEN_ON = re.compile(r"\W{0,3}(?:seen|last seen|logged|raised)\W+(?:on|at|in)\b")
_MODEL = re.compile(r"\W{0,3}(?:fw|firmware|driver|treiber|pilote|drucker|printer|scanner)\b")
_CHANGE = re.compile(r"(?:chg|rfc|chge)-?\d")
_OPENED = re.compile(
    r"\b(?:open(?:ing|ed)?|creat(?:e|ing|ed)|logg(?:ing|ed)|rais(?:ing|ed)|abro|abierto|creo|creado"
    r"|eroffne\w*|angelegt|lege|ouvre|ouvert|cree)\b[^.;!?]{0,24}$"
)
_TALK = re.compile(
    r"\b(?:call|chat|conversation|recording|transcript|mitschrift|\w*gesprach\w*|aufzeichnung|appel"
    r"|enregistrement|conversacion|llamada|grabacion)(?: (?:recording|id|no|nr|n°|number))?[ :#]*$"
)
_NOT_THAT = re.compile(
    r"[\s,.]{0,3}(?:esa no|ese no|not that|no, |nicht die|pas celle|pas celui)\b"
)
_ONE_CODE = re.compile(r"(?=[^\s]*[A-Z0-9])[A-Za-z0-9][\w.-]{2,40}")
_SURE = 0.5
NUMBERING = frozenset("order invoice ticket incident quote delivery change alert form".split())
_NARROW = {"order": 3.0, "invoice": 3.0, "credit note": 3.0, "asset": 3.0, "incident": 2.0}
_WIDE = {"tenant": -1.0, "customer": -1.0, "account": -1.0, "ticket": -1.5, "case": -1.0}


def version(context: Context, spec: FieldSpec) -> FieldValue:
    """The version of what the record is about; not that of a browser or what ran before."""
    found: list[Scored] = []
    told = [one for one in context.of(CandidateKind.VERSION) if not _of_other(context, one)]
    whole = context.whole()
    named = [one for one in whole.of(CandidateKind.VERSION) if not _of_other(whole, one)]
    newest = min((whole.rank(one.start) for one in named), default=ASKER)
    for one in told:
        if context.rank(one.start) > OTHERS or context.kind(one.start) is SegmentKind.TRACE:
            continue
        if context.rank(one.start) > newest and not context.in_turns:
            continue  # what they wrote before speaks of what they had before
        before = context.before(one.start)
        behind = context.folded[one.end : one.end + 20]
        if _FORMER.search(before) or _THEN_IT_WAS.match(behind):
            continue
        sentence = context.sentence_at(one.start)
        alone = sentence is not None and sentence.end - sentence.start <= one.end - one.start + 2
        if not (alone or _NOW.search(before) or _of_named(context, one)):
            continue
        found.append(scored(one, _place(context, one) + one.confidence + 1.0))
    lines = [line for line in labelled(context, spec) if context.rank(line.place.start) <= OTHERS]
    for line in lines:
        told_so = _VERSION.fullmatch(context.text, line.value.start, line.value.end)
        if told_so is not None:
            return context.value(*told_so.span(1), confidence=0.95)
    for line in lines:
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        if inside:
            return best(context, inside)
    return best(context, found, least=0.9)


def _of_other(context: Context, one: Candidate) -> bool:
    return _OTHER_SOFTWARE.search(context.before(one.start)) is not None


def _of_named(context: Context, one: Candidate) -> bool:
    """Whether a product or a part of one is named right before."""
    return any(
        0 <= one.start - other.end <= 12
        for kind in (CandidateKind.PRODUCT, CandidateKind.COMPONENT)
        for other in context.candidates.get(kind, ())
    )


def error_code(context: Context, spec: FieldSpec) -> FieldValue:
    """The code that is shown now, by who asks before others; not one of another time."""
    named = {
        (one.start, one.end)
        for kind in (CandidateKind.PRODUCT, CandidateKind.COMPONENT)
        for one in context.candidates.get(kind, ())
    } | {
        (one.start, one.end)
        for one in context.candidates.get(CandidateKind.REFERENCE, ())
        if one.unit == "asset" or (one.label and one.unit in NUMBERING)
    }
    found: list[Scored] = []
    for line in labelled(context, spec):
        told = context.text[line.value.start : line.value.end].strip("\"'`")
        if _ONE_CODE.fullmatch(told) and context.rank(line.place.start) <= OTHERS:
            start = line.value.start + context.text[line.value.start : line.value.end].index(told)
            return context.value(start, start + len(told), confidence=0.9)
    keys = [line.value for line in context.forms if names(line.label, FieldRole.REFERENCE)]
    for one in context.of(CandidateKind.ERROR_CODE):
        if any(key.start <= one.start < key.end for key in keys):
            continue
        rank = context.rank(one.start)
        if not context.is_own(one.start) or (one.start, one.end) in named:
            continue
        sentence = context.sentence_at(one.start)
        told = (
            _said_of(context, one, sentence)
            if sentence and sentence.segment.kind is SegmentKind.BODY
            else context.before(one.start, reach=60)
        )
        worth = _place(context, one) + 2 * one.confidence
        worth -= 1.2 if one.confidence < _SURE else 0.0
        behind = context.folded[one.end : one.end + 30]
        former = _FINE.match(behind) or _OLD.search(context.before(one.start, reach=24))
        former = former or _SEEN_ON.match(behind)
        worth -= 3.0 if former or _THEN.search(told) else 0.0
        worth -= (0.3 if context.in_turns else 0.8) if rank > ASKER else 0.0
        worth += 0.3 if re.search(r"[a-z]-?\d", context.folded[one.start : one.end]) else 0.0
        worth += min(3, context.folded.count(context.folded[one.start : one.end])) * 0.1
        found.append(scored(one, worth))
    return best(context, found, least=0.25)


def _said_of(context: Context, one: Candidate, sentence: Sentence) -> str:
    """The sentence of a code; of several in one sentence each has its clause."""
    start, end = sentence.start, sentence.end
    codes = [other for other in context.of(one.kind) if start <= other.start < end]
    if len({other.value for other in codes}) > 1:
        start = max(start, *(context.folded.rfind(mark, start, one.start) for mark in ",;:("))
        ends = [context.folded.find(mark, one.end, end) for mark in ",;("]
        end = min([place for place in ends if place >= 0], default=end)
    return context.folded[start:end]


def reference(context: Context, spec: FieldSpec) -> FieldValue:
    """The number that names what is meant, the narrowest: an order before a tenant."""
    told = _reference(context)
    if told.value is None and context.own:
        return _reference(context.whole(), wide=True)
    return told


def _reference(context: Context, *, wide: bool = False) -> FieldValue:
    found: list[Scored] = []
    codes = {(one.start, one.end) for one in context.candidates.get(CandidateKind.ERROR_CODE, ())}
    for one in context.of(CandidateKind.REFERENCE):
        if (one.start, one.end) in codes and one.unit != "asset":
            continue
        rank = context.rank(one.start)
        before = context.before(one.start, reach=60)
        if rank >= OWN and not context.in_turns:
            continue
        unit = one.unit.casefold()
        if _MODEL.match(context.folded[one.end : one.end + 12]) or _GOOD.search(before):
            continue
        if _CHANGE.match(context.folded[one.start : one.end]) and not one.label:
            continue
        if (wide and unit not in _WIDE) or _TALK.search(before):
            continue
        worth = one.confidence + _place(context, one) * 0.5 - 0.4 * max(0, rank)
        worth += _NARROW.get(unit, 0.0) + _WIDE.get(unit, 0.0)
        worth += 1.5 if one.label and names(one.label, FieldRole.REFERENCE) else 0.0
        worth += 1.0 if _OPENED.search(before) else 0.0
        worth -= 3.0 if _THEN.search(before) or _NOT_THAT.match(context.after(one.end)) else 0.0
        found.append(scored(one, worth))
    for line in context.forms:
        if not names(line.label, FieldRole.REFERENCE) or context.rank(line.place.start) > OTHERS:
            continue
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        found = [one for one in found if one not in inside] + [
            Scored(one.worth + 2.0, one.start, one.end, one.value, one.confidence) for one in inside
        ]
    return best(context, found, least=-2.2)


def url(context: Context, spec: FieldSpec) -> FieldValue:
    """The page that is meant; of a contact the company's website."""
    if spec.name.split(".")[-1] in ("website", "homepage", "web"):
        return _website(context)
    for line in labelled(context, spec):
        for one in context.of(CandidateKind.URL):
            if line.value.start <= one.start < line.value.end and context.rank(one.start) <= OTHERS:
                return context.value(one.start, one.end, value=one.value, confidence=0.95)
    found: list[Scored] = []
    for one in context.of(CandidateKind.URL):
        kind = context.kind(one.start)
        if kind in (
            SegmentKind.SIGNATURE,
            SegmentKind.HEADERS,
            SegmentKind.TRACE,
            SegmentKind.CODE,
        ):
            continue
        rank = context.rank(one.start)
        if not context.is_own(one.start) or not context.folded.startswith("http", one.start):
            continue
        bare = "/" not in str(one.value).split("://")[-1].rstrip("/")
        if _ELSEWHERE.search(context.folded[one.start : one.end]) or rank > ASKER + 1:
            continue
        if bare and not one.label:
            continue
        worth = 1.0 + _place(context, one) - (1.0 if bare else 0.0)
        found.append(scored(one, worth))
    return best(context, found, least=0.25)


def meeting_url(context: Context, spec: FieldSpec) -> FieldValue:
    """The address at which a meeting is joined: the last one given, and none that is called old."""
    found: list[Scored] = []
    for one in context.of(CandidateKind.URL):
        if context.kind(one.start) in (SegmentKind.SIGNATURE, SegmentKind.HEADERS):
            continue
        written = context.folded[one.start : one.end]
        if _ELSEWHERE.search(written) or re.search(
            r"\b(?:old|no longer|alte|ancien|viej|antigu)\w* ?(?:\w+ )?$",
            context.before(one.start),
        ):
            continue
        joins = bool(
            _MEETING_PAGE.search(written) or _TO_JOIN.search(context.before(one.start, reach=60))
        )
        worth = (1.0 if joins else -0.5) - 0.5 * context.rank(one.start)
        found.append(scored(one, worth + one.start / (len(context.text) + 1) * 0.1))
    return best(context, found, least=-0.2)


_MEETING_PAGE = re.compile(
    r"meet|bridge|visio|video|zoom|teams|webex|call|conf|konferenz|join|room|raum|salles?"
    r"|salas?\b|reunion"
    r"|webinar|live"
)
_TO_JOIN = re.compile(
    r"\b(?:join\w*|dial[- ]in|connect\w*|log in|link|liga|lien|enlace|einwahl\w*|einwahlen"
    r"|teilnahme"
    r"|teilnehmen|beitreten|zugang|rejoindre|connexion|se connecter|unirse|conectar\w*|entrar"
    r"|acceso"
    r"|online|remote|from home|zu ?schalten)\b[^.!?\n]{0,40}$"
)
_WEBSITE = re.compile(
    r"(?:company |your |firmen)?(?:web|website|webseite|web ?page|homepage|internet|url"
    r"|site(?: web| internet)?|pagina web|sitio(?: web)?)"
)


def _website(context: Context) -> FieldValue:
    for line in context.forms:
        for one in context.of(CandidateKind.URL):
            inside = line.value.start <= one.start < line.value.end
            if inside and _WEBSITE.fullmatch(line.label) and context.rank(one.start) < OWN:
                return context.value(one.start, one.end, value=one.value, confidence=0.95)
    found: list[Scored] = []
    for one in context.of(CandidateKind.URL):
        rank = context.rank(one.start)
        if rank >= OWN:
            continue
        path = str(one.value).split("://")[-1].rstrip("/")
        worth = 1.0 - 0.5 * rank - 0.3 * path.count("/")
        found.append(scored(one, worth))
    return best(context, found, least=0.0) if found else nothing()


def _place(context: Context, one: Candidate) -> float:
    """More for a record's own part, for what who asks says, and for what is said first."""
    rank = context.rank(one.start)
    own = 1.5 if context.own and context.is_own(one.start) else 0.0
    return own - 0.4 * rank - one.start / (len(context.text) + 1) * 0.3
