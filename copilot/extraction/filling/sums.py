"""Amounts, currencies, counts and chances.

Invariant: the price of one of many isn't the sum; a number is taken with the noun that it counts.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue, Json
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import OTHERS, OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.picking import Scored, best
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldSpec

_EACH = re.compile(
    r"^\W{0,3}(?:(?:\w+\W+)?(?:per|pro|par|por|each|cada|chaque|je)\W{1,2}(?!(?:year|annum|jahr|an|annee"
    r"|ano|anno|quarter|quartal|trimestre|order|project|contract|bank|email|mail|post|month the"
    r"|default|standard|la|le|el|los|las|die|das|der|adelantado|cent)\b)[a-z]{3,}"
    r"|(?:\w+\W+)?(?:per|a|an|/|each|pro|je|p\.|par|por|/ ?)\W{0,2}(?:user|seat|head"
    r"|month"
    r"|licen[cs]e"
    r"|driver|site|warehouse|day|nutzer|benutzer|monat|platz|lizenz|arbeitsplatz|kopf|standort"
    r"|utilisateur|poste|mois|licence|usuario|mes|licencia|puesto|usuaria|person|persona"
    r"|personne)\w*"
    r"|each|monthly|/ ?mo\b|/ ?user|/ ?nutzer|/ ?usuario|/ ?utilisateur)"
)
_EACH_BEFORE = re.compile(
    r"\b(?:per|each|pro|je|par|por|cada|chaque|surcharge of|plan for)[^\w=]+(?:\w+[^\w=]+)?$"
)
_TOTAL = re.compile(
    r"\b(?:total|altogether|all in|in all|sum|value|worth|budget|deal|price is|comes to|makes|for"
    r" the (?:first )?year|first year|yr 1|net|netto|summe|gesamt|unterm strich|insgesamt|wert"
    r"|auftragswert|volumen|total ht|ht|montant|soit|au total|valeur|neto|importe|en total|valor"
    r"|el primer ano|1er ano|amount)\b"
)
_NET = re.compile(
    r"^\W{0,3}(?:net|netto|ht|h\.t|hors taxe\w*|neto|sin iva|excl|ex vat|ex tax|before (?:vat|tax)"
    r"|plus vat|plus tax|zzgl|vor steuern|avant taxe\w*"
    r"|antes de i\w+|mas iva|\+ ?(?:iva|vat|mwst|tva))\b"
)
_GROSS = re.compile(
    r"\b(?:brutto|gross|ttc|t\.t\.c|iva incluido|con iva|incl\w* vat|incl\w* mwst|inkl\w* mwst)\b"
)
_NOW = re.compile(
    r"\b(?:re-?quoted|revised|updated|corrected|new (?:price|offer|quote|amount|value)|reduced to"
    r"|increased to|raised to|lowered to|down to|up to|changed to|now|jetzt|neuer? preis"
    r"|nachgebessert|korrigiert|gesenkt auf|erhoht auf|nouveau prix|revise\w*|ramene\w* a"
    r"|passe\w* a|desormais"
    r"|ahora|nuevo precio|revisad\w*|rebajad\w*|queda en)\b"
    r"|(?:->|=>|→)\s*(?:[a-z]{3}\s*|[$€£]\s*)?$"
)
_CHANGED = re.compile(r"\s*(?:->|=>|→)\s*\S*\d")
_NOT_THIS = re.compile(
    r"\b(?:instead of|rather than|not|other|another|different|separate\w*|aparte|statt|anstatt"
    r"|andere[rn]?|getrennt|au lieu de|autre|a part|separado|otro|otra|lieu|better than|discount"
    r"|rabatt|remise|descuento|used to|bisher|not for here|don't mix|apart)\b"
)
_PEOPLE = re.compile(
    r"^(?:\w+ )?(?:office |buro|power )?(?:users?|seats?|people|drivers?|licen[cs]es?|sites?"
    r"|warehouses?"
    r"|depots?|employees|staff|customers?|colleagues|of us|team members|dispatchers|planners"
    r"|pickers|operators"
    r"|agents|workers|technicians|engineers|nurses|teachers|students|disponenten|planer|techniker"
    r"|monteure|fahrerinnen|techniciens|operateurs|operarios|tecnicos|buyers|reps|clerks|places"
    r"|nutzer\w*|benutzer\w*|platze?n?|arbeitsplatze?n?|lizenzen|standorte?n?|lager|mitarbeiter\w*"
    r"|kollegen|kolleginnen|fahrer\w*|kunden|leute\w*|personen|utilisateurs?|utilisatrices|postes?"
    r"|licences|sites|entrepots|personnes|chauffeurs|clients|collegues|salaries|commerciaux"
    r"|usuari[oa]s?|puestos?|licencias?|sedes|almacenes|personas|empleados|conductores|clientes"
    r"|repartidores|restaurants?|restaurantes|practices|branches|clinics|schools|hotels|outlets"
    r"|locations|surgeries|houses|farms|hauser\w*|praxen|niederlassungen|schulen|kliniken|hofe|werke"
    r"|agences|cabinets|cliniques|ecoles|etablissements|centros|clinicas|colegios|talleres"
    r"|hoteles|granjas|shops?|stores?|filialen|laden|geschafte|magasins"
    r"|boutiques|tiendas|companer[oa]s)\b"
)
_SOME_OF = re.compile(
    r"\b(?:of (?:our|the|their|my|your)|unserer|der|von (?:unseren|den)"
    r"|de (?:nos|nuestr[oa]s|l[oa]s)|des)\W*$"
)
_OF_THEM = re.compile(
    r"(?:of (?:our|the|my|your)|unserer|der|von (?:unseren|den)|de (?:nos|nuestr[oa]s|l[oa]s)|des) "
)
_ALL = re.compile(r"\b(?:all|alle|tous les|toutes les|tod[oa]s l[oa]s)\W*$")
_NOT_COUNTED = re.compile(
    r"\b(?:don't count|not counted|free|unlimited|zahlen nicht|kostenlos|ne comptent pas|gratuit\w*"
    r"|no cuentan|gratis)\b"
)


def amount(context: Context, spec: FieldSpec) -> FieldValue:
    """The sum that a record is about."""
    one = _sum(context, spec)
    if one is None:
        return nothing()
    value: Json = one.value if spec.type != "string" else None
    return context.value(one.start, one.end, value=value, confidence=0.8)


def currency(context: Context, spec: FieldSpec) -> FieldValue:
    """The currency of the sum, quoted by its sign."""
    one = _sum(context, spec)
    if one is None or not one.unit:
        return nothing()
    quoted = re.search(r"[^\d\s.,'’+–-]+", context.text[one.start : one.end])
    start, end = one.start, one.end
    if quoted:
        found = re.search(r"[$€£¥]|[A-Z]{3}|[^\W\d_]{3,}", context.text[one.start : one.end])
        if found:
            start, end = one.start + found.start(), one.start + found.end()
    return context.value(start, end, value=one.unit, confidence=0.8)


def _sum(context: Context, spec: FieldSpec) -> Candidate | None:
    found = context.of(CandidateKind.MONEY)
    for line in labelled(context, spec):
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        if inside and context.rank(line.place.start) <= OTHERS:
            return inside[0]
    judged = [(_sum_worth(context, one), one) for one in found]
    judged = [(worth, one) for worth, one in judged if worth > 0.3]
    if not judged:
        return None
    top = max(judged, key=lambda pair: (pair[0], _number(pair[1]), -pair[1].start))
    return top[1]


def _number(one: Candidate) -> float:
    return float(one.value) if isinstance(one.value, int | float) else 0.0


def _sum_worth(context: Context, one: Candidate) -> float:
    rank = context.rank(one.start)
    if rank > OWN or not isinstance(one.value, int | float):
        return 0.0
    before, after = context.before(one.start, reach=60), context.after(one.end, reach=45)
    if _EACH.match(after) or _EACH_BEFORE.search(before):
        return 0.0
    if _NOT_THIS.search(before[-32:]) or _NOT_THIS.search(after[:24].partition("(")[0]):
        return 0.0
    worth = 0.7 - 0.15 * rank - (0.6 if _is_rivals(context, one) else 0.0)
    worth += 0.5 if _TOTAL.search(before[-40:]) or _TOTAL.search(after[:30]) else 0.0
    worth += 0.4 if _NET.match(after) else 0.0
    worth += 0.3 if _NOW.search(before[-40:]) else 0.0
    worth -= 0.5 if _CHANGED.match(after) else 0.0
    worth -= 0.4 if _GROSS.search(before[-14:]) or _GROSS.search(after[:14]) else 0.0
    worth -= one.start / (len(context.text) + 1) * 0.3
    return worth


def _is_rivals(context: Context, one: Candidate) -> bool:
    """Whether a competitor is named before a sum, in the same clause."""
    start = one.start - len(re.split(r"[;:]|, ", context.before(one.start, reach=60))[-1])
    rivals = context.candidates.get(CandidateKind.COMPETITOR, ())
    return any(start <= other.start < one.start for other in rivals)


def count(context: Context, spec: FieldSpec) -> FieldValue:
    """How many people, seats or sites."""
    found = context.of(CandidateKind.NUMBER)
    for line in labelled(context, spec):
        inside = [one for one in found if line.value.start <= one.start < line.value.end]
        told = re.search(r"\d+", context.text[line.value.start : line.value.end])
        if context.rank(line.place.start) > OTHERS:
            continue
        if inside:
            one = inside[0]
            return _counted(context, spec, line.place.start, line.value.end, one.value)
        if told:
            return _counted(context, spec, line.place.start, line.value.end, int(told[0]))
    judged: list[Scored] = []
    for one in found:
        unit = fold(one.unit) or context.after(one.end, reach=30).strip()
        rank = context.rank(one.start)
        of_them = _OF_THEM.match(unit)
        unit = unit[of_them.end() :] if of_them else unit
        if rank > OWN or not _PEOPLE.match(unit) or not isinstance(one.value, int | float):
            continue
        if context.own and not context.is_own(one.start):
            continue
        if context.kind(one.start) not in (SegmentKind.BODY, SegmentKind.FORM):
            continue
        if _NOT_COUNTED.search(context.after(one.end, reach=24)) or one.value != int(one.value):
            continue
        before = context.before(one.start)
        if _SOME_OF.search(before) or (of_them and not _ALL.search(before)):
            continue
        worth = 1.0 - 0.2 * rank - one.start / (len(context.text) + 1) * 0.3
        worth += 0.3 if _ALL.search(before) else 0.0
        judged.append(Scored(worth, one.start, one.end, int(one.value), 0.75))
    return best(context, judged)


def _counted(context: Context, spec: FieldSpec, start: int, end: int, value: Json) -> FieldValue:
    number = int(value) if isinstance(value, int | float) else value
    return context.value(start, end, value=number, confidence=0.9)


def percent(context: Context, spec: FieldSpec) -> FieldValue:
    """A chance in per cent: not a discount, nor a tax."""
    judged: list[Scored] = []
    for line in labelled(context, spec):
        for one in context.of(CandidateKind.PERCENT):
            if line.value.start <= one.start < line.value.end:
                return context.value(one.start, one.end, value=one.value, confidence=0.95)
    spoken = _spoken_chance(context)
    if spoken is not None:
        return spoken
    for one in context.of(CandidateKind.PERCENT):
        before, after = context.before(one.start, reach=50), context.after(one.end, reach=30)
        if _NO_CHANCE.search(before[-30:]) or _NO_CHANCE.search(after[:22]):
            continue
        sure = bool(_CHANCE.search(before) or _CHANCE.search(after))
        alone = len(context.of(CandidateKind.PERCENT)) == 1
        if context.rank(one.start) <= OWN and (sure or alone):
            worth = (1.0 if sure else 0.5) - 0.1 * context.rank(one.start)
            judged.append(Scored(worth, one.start, one.end, one.value, 0.8))
    return best(context, judged, least=0.3)


def _spoken_chance(context: Context) -> FieldValue | None:
    """A chance that no sign of per cent stands behind: "(prob. 50)", "70:30 for us"; the last."""
    told: list[FieldValue] = []
    for found in _BARE_CHANCE.finditer(context.folded):
        value = int(found["for"] or found["prob"])
        against = int(found["against"] or 100 - value)
        if value + against == 100 and context.rank(found.start()) <= OWN:
            told.append(context.value(*found.span(), value=value, confidence=0.8))
    return told[-1] if told else None


_BARE_CHANCE = re.compile(
    r"\b(?P<for>[1-9]\d):(?P<against>[1-9]\d)\b(?=[^.\n]{0,20}\b(?:for us|fur uns|pour nous|para"
    r" nosotros|a nuestro favor|chance|odds))"
    r"|\bprob(?:ability|abilite|abilidad)?\.?[ :=]{1,3}(?P<prob>\d{1,3})(?![\d%]|[.,]\d| %)"
)
_NO_CHANCE = re.compile(
    r"\b(?:discount|vat|tax|off|rabatt|mwst|skonto|ust|remise|tva|descuento|iva|uptime|cpu|disk"
    r"|memory|of requests|availability|anteil|threshold)\b"
)
_CHANCE = re.compile(
    r"\b(?:probab\w*|chances?|likel\w*|qualified|sure|confident|i'd say|odds|wahrscheinlich\w*"
    r"|chancen"
    r"|stehen bei|probabilit\w*|probable|posibilidad\w*|out of ten|von zehn|sur dix|de cada)\b"
)
