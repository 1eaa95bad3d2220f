"""Words that only names of businesses have: Bakery, Molkerei, Fromagerie, Bodegas.

Invariant: they tell that capitals are a business' name; nothing here tells whose it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ENGLISH = r"""
    (?:foods?|farms?|bakery|bakeries|dairy|dairies|creamery|brewery|brewing|breweries|traders?
      |trading
      |logistics|systems|group|holdings?|services|solutions|partners|industries|technolog(?:y
      |ies)|brothers
      |bros|studios?|labs?|laborator(?:y|ies)|co-?op(?:erative)?|markets?|supplies|supply
      |hotels?|bank
      |hospital|university|school|college|institute|trust|council|interiors|architects|catering
      |caterers|consulting|consultants|media|wholesale|provisions|seafoods?|merchants?|grocers?
      |grocery
      |meats?|butchers?|kitchens?|restaurants?|cafe|café|books|press|publishing|motors|airways
      |airlines
      |freight|haulage|transport|shipping|marine|energy|electric|electrical|engineering
      |construction
      |builders?|homes|properties|estates|insurance|software|networks?|telecom
      |pharma(?:ceuticals)?
      |clinics?|practice|surgery|forge|foundry|yard|farms?|dental|hospice|shops|orchestra|rugby
      |museum|gallery|charity|society|association|union|ministry|agency|retail|stores?
      |depot
      |distribution|distributors|distillers|distillery|spirits|wines?|vineyards?|winery
      |orchards?|nursery
      |produce|fishmongers?|greengrocers?|roasters?|coffee|tea|chocolates?|pizzeria|gelateria|deli
      |delicatessen|larder|pantry|florists?|stationers?|printers?|plumbing|heating|roofing|joinery
      |garage|housing|theatre|club|church|borough|growers|packers|packaging|cold\schain
      |textiles|fashion|furniture|hardware|tools
      |toys|paper)
"""
_GERMAN = r"""
    (?:\w*(?:großhandel|grosshandel|handel|bäckerei|metzgerei|fleischerei|kontor|werke|werk|bau
      |technik
      |märkte|molkerei|käserei|brauerei|kellerei|logistik|spedition|verlag|klinik|kliniken
      |stadtwerke
      |genossenschaft|apotheke|backstube|feinkost|getränke|mosterei|gärtnerei|stiftung|verein
      |verband
      |obsthof|biohof|hofladen|weingut|schreinerei|tischlerei|druckerei|bauhof|autohaus|sparkasse
      |volksbank|versicherung|hochschule|universität|institut|kaufhaus|konditorei|manufaktur
      |imbiss|hof(?=\s)|\w*haus(?=\s)|\w*verbund|praxis|zahnarztpraxis|klinikum|gymnasium|grundschule
      |\w*kanzlei|\w*beratung|\w*praxis|reederei|werft|pension|\w*gut|realschule|gesamtschule|stadt(?=\s)|gemeinde(?=\s)|landkreis|museum|theater|kirchengemeinde
      |gasthof|fischerei|räucherei|kelterei|agrar|elektro))
"""
_FRENCH = r"""
    (?:boulangeries?|pâtisserie|fromageries?|laiteries?|brasseries?|transports|vignobles
      |coopérative
      |ets\.?|établissements|maison|société|groupe|hôtels?|caves?|primeurs|halles|marée
      |traiteur|ateliers?
      |laboratoires?|mairie|clinique|cabinet|imprimerie|librairie|pharmacie|domaine|château
      |épicerie
      |comptoirs?|boucherie|charcuterie|poissonnerie|conserverie|menuiserie|pépinières|éditions
      |musée|théâtre|lycée|collège|école|hôpital|hôtel|papeteries?|ferronnerie|chaudronnerie
      |assurances
      |banque)
"""
_SPANISH = r"""
    (?:distribuciones|distribuidora|panadería|bodegas?|aceites|lácteos|frigoríficos?
      |transportes|hoteles
      |conservas|conservera|abarrotes|grupo|logística|hermanos|hijos|frutas|frutería|talleres
      |clínica
      |ayuntamiento|editorial|almacenes|supermercados?|cárnicas|pescados|viveros|construcciones
      |papelería
      |librería|farmacia|cooperativa|restaurantes?|mercado|embutidos|quesos|quesería
      |comercializadora
      |museo|teatro|colegio|hospital|asador|hotel|veterinaria|correduría|notaría
      |importadora|exportadora|industrias|laboratorios|seguros|banco|universidad|instituto)
"""
_BUSINESS = re.compile(
    rf"(?<!\w)(?:{_ENGLISH}|{_GERMAN}|{_FRENCH}|{_SPANISH})(?!\w)", re.VERBOSE | re.IGNORECASE
)


_SHOP = re.compile(
    r"(?<!\S)\d+(?!\S)|^(?:le|la|les|the|die|das|el|los|las)\s\S+\s\S", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def names_a_business(words: str) -> bool:
    """Whether several words in capitals are a business' name by one of them."""
    return " " in words and _BUSINESS.search(words) is not None


def begins_as_a_business(words: str) -> bool:
    """Whether the first of several words is one of them: "Zahnarztpraxis Dr. Ida Roth"."""
    found = _BUSINESS.match(words)
    return found is not None and words[found.end() : found.end() + 1] == " "


def is_shop(shown: str) -> bool:
    """Whether a sender's name is no person's: "Shop 11", "Le Merle Bleu", a business."""
    return _SHOP.search(shown) is not None or names_a_business(shown)
