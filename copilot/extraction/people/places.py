"""Postal addresses of several countries, in lines and within sentences.

Invariant: an address has a street with a number or a postcode with a place; its value is what
stands there, on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from copilot.extraction.people.naming import UPPER

_EN = (
    r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Way"
    r"|Court|Ct\.?|Place|Square|Sq\.?|Wharf"
    r"|Quay|Row|Close|Terrace|Yard|Estate|Parkway|Pkwy\.?|Highway|Hwy\.?|Mews|Gate|Hill"
    r"|Crescent|Embankment|Parade|Gardens|Grove"
    r"|Broadway|Industrial (?:Estate|Park)|Business Park|Trading Estate|Business Centre)"
)
_STREET = re.compile(
    rf"""(?:
      \b\d{{1,5}}[a-zA-Z]?(?:[-–/]\d{{1,5}}[a-zA-Z]?)?,?\s(?:[NSEW]\.?\s)?(?:[{UPPER}][\w'’.-]*\s){{1,4}}?{_EN}(?!\w)
    | \b(?:Unit|Suite|Ste\.?|Floor|Building|Bldg\.?|Pier|Block|Plot|Apt\.?|Flat|Hall
      |Dock)\s\#?\d+[A-Za-z]?\b(?!,?\s(?:Stand|Booth|Stall)\b)
    | \bP\.?\s?O\.?\s?Box\s\d+|\b(?:Postfach|BP|B\.P\.|Apartado|Casilla)\s\d[\d ]*
    | (?<!\w)[{UPPER}][\w.-]*?(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|damm
      |chaussee|halle|steig|markt|hof|graben|kai)
      \s?\d{{1,4}}(?:\s?[a-z]\b)?(?:\s?[-–/]\s?\d{{1,4}}[a-z]?)?
    | (?<!\w)(?:[{UPPER}][\w.-]*[\s-]){{1,3}}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Ring
      |Ufer|Damm|Chaussee|Markt|Hof)
      \s\d{{1,4}}(?:\s?[a-z]\b)?(?:\s?[-–/]\s?\d{{1,4}}[a-z]?)?
    | (?<!\w)(?:Am|An\sder|An\sden|Im|In\sder|Zum|Zur|Auf\sder|Auf\sdem|Unter\sden
      |Hinter\sder)\s[{UPPER}][\w.-]+(?:\s[{UPPER}][\w.-]+)?\s\d{{1,4}}(?:\s?[a-z]\b)?
    | \b\d{{1,4}}(?:[-–/]\d{{1,4}})?\s?(?:bis|ter|quater|[A-D])?,?\s(?:rue|avenue|av\.
      |boulevard|bd\.?|place|chemin|allée|allées|quai|impasse|route
      |cours|square|passage|faubourg|esplanade|promenade|montée|sentier|villa|ruelle|rond-point
      |voie)\s[\w'’.-]+(?:\s[\w'’.-]+){{0,5}}
    | \b(?:ZA|ZI|ZAC|Zone\s(?:artisanale|industrielle|d['’]activités?)|Parc\sd['’]activités?
      |Technopôle|Lieu-dit|Cour\sdes)\s[\w'’.-]+(?:\s[\w'’.-]+){{0,4}}
    | (?<!\w)(?:C/|c/|Calle|Cl\.|Avda\.?|Avenida|Av\.|Plaza|Pza\.?|Paseo|Pº|P\.º|Ronda|Carrer
      |Polígono(?:\sIndustrial)?|Pol\.\sInd\.|Camino|Carretera|Ctra\.|Glorieta
      |Travesía|Calzada|Bulevar|Blvd\.|Rambla|Gran\sVía|Vía|Cuesta|Muelle
      |Nave)\s?[\wºª.'’/-]+(?:\s[\wºª.'’-]+){{0,5}}?,?\s(?:n[.º°]*\s?|núm\.?\s|km\s|nave\s|parcela\s|local\s
      |\#)?(?:\d{{1,5}}|s/n)(?:\s?[A-Za-zºª]\b)?
    )""",
    re.VERBOSE,
)
_WITHIN_CITY = (
    r"(?:am|an der|de|del|la|le|les|sur|sous|en|upon|on|of|y|i\.|a\.|d\.|den|l['’]|d['’])"
)
_CITY = rf"[{UPPER}][^\W\d_]+(?:[ '’-](?:{_WITHIN_CITY}[ '’-])?[{UPPER}][^\W\d_.]+){{0,4}}"
_POSTCODE = re.compile(
    rf"""(?:
      \b(?:GIR\s?0AA|[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}})\b
    | (?<![\w.,-])(?:[A-Z]{{1,2}}[-\s])?\d{{5}}\s(?!(?:EUR|USD|GBP|CHF|Euro|Stück|Euros
      |Uhr)\b){_CITY}(?:\s(?:Cedex|CEDEX)(?:\s\d{{1,2}})?)?
    | (?<![\w.,-])(?:CH|A|AT|L|B|DK|NL)[-\s]\d{{4}}\s(?:[A-Z]{{2}}\s)?{_CITY}
    | (?<![\w.,-])\d{{4}}\s?[A-Z]{{2}}\s{_CITY}
    | (?<=,\s)[A-Z]{{2}}\s\d{{5}}(?:-\d{{4}})?\b | (?<=\w\s)(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI
      |I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]
      |W[AVIY])\s\d{{5}}(?:-\d{{4}})?\b
    | \b[A-Z]\d[A-Z]\s\d[A-Z]\d\b
    | \b(?:C\.?\s?P\.?\s?)\d{{5}},?\s{_CITY}
    )""",
    re.VERBOSE,
)
_CODE_AND_CITY = re.compile(
    rf"(?:[A-Z]{{1,3}}-)?\d{{2,3}}[ -]?\d{{2,3}}\s{_CITY}(?:,\s[{UPPER}][^\W\d_]+)?$"
)
_NUMBER_CODE_CITY = re.compile(  # what stands in a line of its own may be in any language
    rf"(?:[^\W\d_][\w.'’-]*\s){{1,4}}\d{{1,4}}[a-zA-Z]?(?:/\d+)?"
    rf",\s(?:[A-Z]{{1,3}}-)?\d{{2,3}}[ -]?\d{{2,3}}\s{_CITY}$"
)
_COUNTRY = re.compile(
    r"(?:United Kingdom|UK|U\.K\.|England|Scotland|Wales|Ireland|Éire|Germany|Deutschland"
    r"|France|Francia|Frankreich|España|Spain|Espagne"
    r"|Spanien|Austria|Österreich|Switzerland|Schweiz|Suisse|Belgium|Belgique|Belgien"
    r"|Netherlands|The Netherlands|Nederland|Niederlande"
    r"|Luxembourg|Luxemburg|Italy|Italia|Portugal|Poland|Polska|USA|U\.S\.A\.|United States"
    r"|Canada|México|Mexico|Argentina|Chile|Colombia"
    r"|Australia|New Zealand|Denmark|Danmark|Sweden|Sverige|Norway|Norge)\.?$"
)
_TOWN = re.compile(rf"{_CITY}(?:,\s?[A-Z]{{2}})?$")
_HOUSE = re.compile(
    rf"(?:[{UPPER}][\w'’.-]+\s){{1,3}}(?:House|Centre|Center|Tower|Building|Mill|Farm|Depot"
    rf"|Hall|Works|Court|Halles?)$"
)
_HOUSE_BEFORE = re.compile(
    rf"(?:(?:[{UPPER}][\w'’.-]+\s){{0,2}}(?:House|Tower|Centre|Hall|Mill)"
    rf"|(?:Polígono|Pol\.|Parque|Edificio|Résidence|Bâtiment|Bât\.|Immeuble|Parc|Gewerbepark"
    rf"|Zone)\s[^,.;:\n]{{2,40}}),\s$"
)
MAX_LINES = 6


_CODE_LIKE = re.compile(r"\d{4}|[A-Z]\d|0AA")  # what each postcode has
_CODE_LEAD = 8  # characters before that: "C. P. "


def is_street(words: str) -> bool:
    return _STREET.search(words) is not None


def is_place(words: str) -> bool:
    """Whether words hold a postcode, with the place that it names."""
    return _POSTCODE.search(words) is not None


def address_run(chunks: Sequence[str]) -> tuple[int, int, float] | None:
    """Which of a signature's chunks, in order, are its postal address, and how sure that is."""
    whole = next((at for at, one in enumerate(chunks) if _NUMBER_CODE_CITY.match(one)), None)
    if whole is not None:
        return whole, whole, 0.93
    sure = [at for at, words in enumerate(chunks) if _STREET.search(words) or is_place(words)]
    if not sure:
        return None
    first = last = sure[0]
    while last + 1 < len(chunks) and last + 1 - first < MAX_LINES and _continues(chunks, last):
        last += 1
    if first and _HOUSE.match(chunks[first - 1]) and not is_street(chunks[first - 1]):
        first -= 1
    held = " ".join(chunks[first : last + 1])
    street = is_street(held)
    place = is_place(held) or _CODE_AND_CITY.match(chunks[last]) is not None
    return first, last, 0.93 if street and place else 0.6 if street else 0.5


def _continues(chunks: Sequence[str], last: int) -> bool:
    following = chunks[last + 1]
    if _STREET.match(following) or _COUNTRY.match(following):
        return True
    if _CODE_AND_CITY.match(following) and is_street(chunks[last]):
        return True
    if found := _POSTCODE.search(following):
        return found.start() < 40
    ahead = any(is_place(words) for words in chunks[last + 2 : last + 4])
    return ahead and _TOWN.match(following) is not None and not is_place(chunks[last])


def addresses_in(words: str) -> Iterator[tuple[int, int, float]]:
    """Addresses within a sentence or a line: from the street to the postcode's place."""
    behind = 0
    for found in _postcodes(words):
        end = found.end()
        begin = max(behind, found.start() - 120)
        streets = list(_STREET.finditer(words, begin, found.start()))
        if not streets:
            continue
        start = streets[0].start()
        between = words[streets[-1].end() : found.start()]
        if len(between) > 50 or re.search(r"[.;:!?]\s", between):
            continue
        if house := _HOUSE_BEFORE.search(words[begin:start]):
            start -= len(house[0])
        if country := re.match(r",\s(?=[A-Z])", words[end:]):
            rest = (
                words[end + country.end() :]
                .split(",", maxsplit=1)[0]
                .split("\n", maxsplit=1)[0]
                .strip()
            )
            if _COUNTRY.match(rest):
                end += country.end() + len(rest.rstrip("."))
        behind = end
        yield start, end, 0.9


def _postcodes(words: str) -> Iterator[re.Match[str]]:
    """Each postcode with its place, looked for where its digits are."""
    at = free = 0
    while digits := _CODE_LIKE.search(words, at):
        at = digits.end()
        for begin in range(max(free, digits.start() - _CODE_LEAD), digits.start() + 1):
            if found := _POSTCODE.match(words, begin):
                yield found
                at = free = found.end()
                break


def one_line(words: str) -> str:
    """An address as one line, its parts joined by commas."""
    parts = [part.strip(" \t,;|·•–—-") for part in re.split(r"[\r\n|·•]+|\s{3,}|\s[-–—]\s", words)]
    return ", ".join(" ".join(part.split()) for part in parts if part)
