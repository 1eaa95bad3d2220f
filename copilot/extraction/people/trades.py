"""What a person's position looks like, in four languages.

Invariant: a position holds the word of a trade or an office, is short, and no sentence.
"""

from __future__ import annotations

import re
from functools import lru_cache

_HEADS = r"""
    (?:chief|head|director|manager|mgr|officer|lead|leader|president|vice[\s-]president|partner
      |founder
      |co-?founder|(?:co-?)?owner|proprietor|chair(?:man|woman|person)?|principal|executive|exec
      |associate|analyst
      |engineer|developer|programmer|architect|designer|consultant|specialist|expert
      |coordinator|co-ordinator
      |administrator|admin|assistant|secretary|clerk|accountant|bookkeeper|controller
      |comptroller|treasurer|buyer
      |purchaser|planner|scheduler|supervisor|foreman|technician|operator|representative|rep
      |agent|advisor
      |adviser|auditor|scientist|researcher|teacher|nurse|doctor|lawyer|counsel|attorney
      |receptionist|driver
      |dispatcher|chef|trainer|strategist|producer|editor|writer|superintendent|registrar
      |librarian|intern
      |apprentice|trainee|receptionist|volunteer|trustee|lecturer|headteacher|matron|midwife|pharmacist|solicitor
      |surveyor|curator|conservator|archivist|paralegal|recruiter|evangelist|surgeon|physician
      |therapist|vicar|councillor|purser|boatswain|captain|sergeant|merchandiser|estimator|inspector|steward|warden|custodian
      |c[eftiomsrd]o|cio|ciso|cmo|vp|svp|evp|avp|md|gm|pm|dba|sysadmin|sre|devops|ops\sdir|fd
      |leiter(?:in)?|\w+leit(?:er|erin|ung)|leitung|chef(?:in)?|geschäftsführer(?:in)?|gf
      |geschäftsführung
      |inhaber(?:in)?|prokurist(?:in)?|vorstand|vorständin|vorsitzende[rn]?|referent(?:in)?
      |sachbearbeit(?:er|erin|ung)
      |\w+berater(?:in)?|berater(?:in)?|\w*entwickler(?:in)?|\w*ingenieur(?:in)?
      |\w*techniker(?:in)?|\w*administrator(?:in)?
      |\w*kauffrau|\w*kaufmann|\w*assisten(?:t|tin|z)|sekretär(?:in)?|\w*buchhalter(?:in)?
      |buchhaltung|\w*einkäufer(?:in)?
      |\w*einkauf|\w*verkäufer(?:in)?|vertrieb|\w*ärzt(?:in|e)|\w*anwält(?:in|e)|\w*anwalt
      |\w*lehrer(?:in)?|\w*redakteur(?:in)?|\w*informatiker(?:in)?|architekt(?:in)?
      |\w*direktor(?:in)?|präsident(?:in)?|\w*analyst(?:in)?|\w*spezialist(?:in)?
      |\w*monteur(?:in)?|\w*mechaniker(?:in)?|\w*fachkraft|\w*angestellte[rn]?
      |\w*sprecher(?:in)?|rektor(?:in)?|dekan(?:in)?|apotheker(?:in)?|notar(?:in)?|professor(?:in)?
      |hausdame|küchenchef(?:in)?|wirt(?:in)?|winzer(?:in)?|\w*meister(?:in)?|disponent(?:in)?|disposition
      |\w*planer(?:in)?|\w*beauftragte[rn]?
      |\w*koordinator(?:in)?|\w*verantwortliche[rn]?|\w*manager(?:in)?|\w*betreuer(?:in)?
      |\w*betreuung|\w*verwalter(?:in)?
      |\w*verwaltung|azubi|praktikant(?:in)?|werkstudent(?:in)?|bereichsleit\w+
      |stammdatenpflege|\w+pflege|lager|logistik
      |personalabteilung|warenwirtschaft|fuhrpark
      |direct(?:eur|rice)|directeur(?:rice)?|direction|gérant(?:e)?|co-?gérant(?:e)?
      |contrôleu(?:r|se)|responsable|chef(?:fe)?
      |président(?:e)?|pdg|dg|daf|dsi|drh
      |fondat(?:eur|rice)|associé(?:e)?|propriétaire|patron(?:ne)?|cadre|chargé(?:e)?
      |assistant(?:e)?|secrétaire|comptable
      |acheteu(?:r|se)|ingénieur(?:e)?|technicien(?:ne)?|développeu(?:r|se)|administrat(?:eur
      |rice)|conseill(?:er|ère)
      |consultant(?:e)?|commercial(?:e)?|gestionnaire|coordinat(?:eur|rice)|adjoint(?:e)?
      |délégué(?:e)?|vendeu(?:r|se)
      |gouvernant(?:e)?|intendant(?:e)?|régisseu(?:r|se)|médecin|pharmacien(?:ne)?|avocat(?:e)?
      |notaire|architecte|formateu(?:r|se)|formatrice|rédact(?:eur|rice)|animat(?:eur|rice)
      |professeur(?:e)?|enseignant(?:e)?|proviseur(?:e)?|analyste|spécialiste|expert(?:e)?
      |économe|superviseur(?:e)?|négociat(?:eur|rice)|resp(?=\.)|approvisionneu(?:r|se)|magasinier|magasinière|stagiaire|alternant(?:e)?|logisticien(?:ne)?
      |direct(?:or|ora)|gerente|jef[ea]|encargad[oa]|responsable|presidente|presidenta|dueñ[oa]
      |propietari[oa]|soci[oa]
      |fundador(?:a)?|subdirector(?:a)?|coordinador(?:a)?|administrador(?:a)?|administrativ[oa]
      |contable|contador(?:a)?
      |comprador(?:a)?|comercial|vendedor(?:a)?|ingenier[oa]|técnic[oa]|desarrollador(?:a)?
      |analista|asistente|asesor(?:a)?
      |consultor(?:a)?|abogad[oa]|arquitect[oa]|profesor(?:a)?|médic[oa]|farmacéutic[oa]
      |enfermer[oa]|cociner[oa]|especialista|expert[oa]|gestor(?:a)?|planificador(?:a)?|tesorer[oa]
      |alcalde(?:sa)?|concejal(?:a)?|rector(?:a)?|decan[oa]|titular|secretari[oa]|auxiliar|becari[oa]|apoderad[oa]|delegad[oa]
      |supervisor(?:a)?)
"""
_OFFICES = r"""
    (?:it|edv|erp|crm|edi|hr|rh|qa|r&d|integrations?|data|digital|procurement|purchasing|finance|accounting|accounts|operations|ops
      |sales|marketing|logistics
      |warehouse|engineering|facilities|legal|compliance|payroll|treasury|customer\s(?:service
      |success|care|support)
      |human\sresources|information\stechnology|identity|infrastructure|security|quality
      |production|platform
      |compras|ventas|logística|administración|contabilidad|sistemas|informática|informatique
      |comptabilité|achats
      |ventes|logistique|administration|finanzen|personal|technik|produktion|qualität|marketing)
"""
_TRADE = re.compile(rf"(?<!\w){_HEADS}(?![\w])", re.VERBOSE | re.IGNORECASE)
_OFFICE = re.compile(rf"(?<![\w-]){_OFFICES}(?![\w])", re.VERBOSE | re.IGNORECASE)
_OFFICES_ONLY = re.compile(
    rf"{_OFFICES}(?:\s?(?:&|/|and|und|et|y|\+)\s?{_OFFICES})?(?:\s(?:department|team|dept\.?))?",
    re.VERBOSE | re.IGNORECASE,
)
_NOT = re.compile(
    r"[@?!:;=<>#\[\]{}]|https?:|www\.|\d{2}|\b(?:is|are|was|will|please|bitte|wir|ist|sind|has"
    r"|have|est|son|hat|we|you"
    r"|our|unser|nous|que|tel|fax|registered|sitz|hrb|ust|siret|vat|tva|cif|nif)\b",
    re.IGNORECASE,
)
MAX_WORDS = 9


@lru_cache(maxsize=4096)
def looks_like_trade(words: str) -> bool:
    """Whether words name a position: "Head of Logistics", "jefa de compras", "Prokuristin"."""
    return _fits(words) and _TRADE.search(words) is not None


def looks_like_office(words: str) -> bool:
    """Whether words name a department that stands for a position: "IT", "Identity & Access"."""
    return _fits(words) and len(words.split()) <= 5 and _OFFICE.match(words) is not None


def is_office(words: str) -> bool:
    """Whether words are a department's name and nothing else: "IT", "Sales & Marketing"."""
    return _OFFICES_ONLY.fullmatch(words) is not None


def _fits(words: str) -> bool:
    return 2 <= len(words) <= 80 and len(words.split()) <= MAX_WORDS and not _NOT.search(words)
