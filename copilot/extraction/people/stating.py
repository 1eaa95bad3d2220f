"""What people say of themselves and others: "this is Ana from Acme", "Mateusz Krol, buyer".

Invariant: a name counts with a wording around it that only names have.
"""

from __future__ import annotations

import re

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people.firms import COMPANY, Hosts, has_legal_form
from copilot.extraction.people.naming import FULL_NAME, NAME, UPPER
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.people.trades import is_office, looks_like_trade
from copilot.extraction.reading import Segment, Span

_OF = (
    r"(?:from|at|with|of|over at|calling from|working for|here at|von der firma|von der|vom|von"
    r"|bei der|bei|aus der|aus|firma|fa\.|de chez|de la société|de l['’]entreprise"
    r"|de la|du|de|chez|pour|d['’]|de la empresa|desde|en)"
)
_I_AM = re.compile(
    rf"""(?<![\w])(?i:this\sis|it['’]s|it\sis|i\sam|i['’]m|my\sname['’]?s|my\sname\sis|name['’]?s|speaking\sis|you['’]re\sspeaking\s(?:to|with)
      |hier\sist|hier\sspricht|mein\sname\sist|ich\sheiße|ich\sheisse|ich\sbin(?:\s(?:der
      |die))?|am\sapparat(?:\sist)?|hier
      |je\ssuis|je\sm['’]appelle|c['’]est|mon\snom\sest|ici|moi\sc['’]est
      |soy|me\sllamo|mi\snombre\ses|le\s(?:habla|llama|escribe)|les\s(?:habla|escribe)|habla
      |aquí|es)
      [,:]?\s(?:(?i:erm?|uh|um|äh|euh|eh|der|die|la|el|herr|frau|m\.|mme|monsieur|madame|mr\.?|mrs\.?|ms\.?|dr\.?)[,]?\s){{0,2}}
      (?:[{UPPER}][\w'’-]+,\s(?=[{UPPER}][\w'’-]+\s[{UPPER}]))?
      (?P<name>{NAME})
      (?P<rest>(?:\shere|\sspeaking|\s(?:am\sApparat|à\sl['’]appareil
      |al\shabla))?,?\s?(?:(?i:and\s)?(?i:i['’]m|i\swork|ich\sarbeite|je\stravaille|trabajo)\s)?
        (?:(?P<title>[^,.;:!?\n]{{2,50}}?),?\s)?(?:(?i:{_OF})\s?(?:(?i:der|die|the|la|le|les|el
        |firma|fa\.|company|société|empresa)\s){{0,2}})(?P<company>{COMPANY})
       |,\s(?P<direct>{COMPANY})(?=[.!,\n]|$))?""",
    re.VERBOSE,
)
_HERE = re.compile(
    rf"(?:^|(?<=[.!?,]\s)|(?<=\n))(?P<name>{NAME})(?:\s(?i:from|at|von|vom|bei|de chez|chez"
    rf"|de la empresa|de|desde)\s(?P<company>{COMPANY}))?\s(?i:here|hier|ici|speaking"
    rf"|am apparat|à l['’]appareil|al habla|al aparato)\b"
    rf"(?:,?\s(?i:from|at|with|von|vom|bei|de chez|chez|de|desde)\s(?:(?i:der|the|la"
    rf"|firma)\s){{0,2}}(?P<behind>{COMPANY}))?"
)
_WE_ARE = re.compile(
    rf"(?<!\w)(?i:i work (?:for|at)|we at|here at|on behalf of|i represent|i['’]m (?:with|from)"
    rf"|i am (?:with|from)|calling from|writing from"
    rf"|ich arbeite (?:bei|für)(?: der)?|wir (?:von der|von|bei der|bei)|im (?:auftrag"
    rf"|namen) (?:der|von)|für die firma|die firma|der firma|firma|fa\."
    rf"|je travaille (?:chez|pour)|nous (?:chez|à la société)|au nom de|de la part de"
    rf"|la société|l['’]entreprise|chez"
    rf"|trabajo (?:en|para)|de la empresa|la empresa|en nombre de|de parte de"
    rf"|desde)\s(?:(?i:firma|société|empresa)\s)?(?P<company>{COMPANY})"
)
_ROLE_HERE = re.compile(
    rf"\b(?P<title>[a-zA-ZÀ-ÿ-]{{2,30}}(?:\s[a-zA-ZÀ-ÿ-]{{2,20}}){{0,2}})\s(?:at|@|bei|chez"
    rf"|en)\s(?P<company>{COMPANY})(?:\s(?:here|hier|ici))?"
)
_KNOWN_BY_TRADE = re.compile(
    rf"(?<![\w@.])(?P<name>{FULL_NAME})\s?(?:,\s|\s?[–—-]\s|\s?\("
    rf"|:\s)[\"“„«]?(?P<title>[^,.;:()\n\"“”»|]{{2,60}}?)[\"”“»]?(?=[,.;:)\n|]|\s[–—-]\s"
    rf"|\ssince\b|\sseit\b|\sdepuis\b|\sdesde\b|$)"
)
_FOR = re.compile(
    rf"(?P<title>.{{2,50}}?)\s(?:at|@|of|for|bei|bei der|chez|en|de la empresa"
    rf"|von)\s(?P<company>{COMPANY})$"
)
_IS_TRADE = re.compile(
    rf"(?<![\w@.])(?P<name>{FULL_NAME})\s(?:is|ist|est|es|becomes|wird|heads)\s(?:(?:now|our"
    rf"|the|my|their|a|an|new|jetzt|unsere?|die|der|neue|maintenant|notre|la|le|nouveau"
    rf"|nouvelle|nuestr[oa]|el|nuev[oa])\s){{0,3}}"
    rf"(?P<title>[^,.;:()\n\"]{{2,50}}?)(?=[,.;:()\n]|\s(?:and|und|et|y|who|since|here|hier)\b|$)"
)
_WITH_ADDRESS = re.compile(
    rf"(?<![\w@.])(?P<name>{FULL_NAME})\s?(?:[,:]\s"
    rf"|\s?[<(\[–—·|-]\s?){{1,2}}(?:mailto:)?(?=[\w.+-]{{1,64}}@[\w-])"
)
_MET = re.compile(
    rf"(?<!\w)(?i:call(?:ed)?\s(?:w/|with|from)|spoke\s(?:to|with)|talked\s(?:to|with)"
    rf"|met\s(?:w/|with)?|meeting\s(?:w/|with)|chat(?:ted)?\swith|lunch\swith|demo\s(?:for"
    rf"|with)|w/|contact(?:\sis)?|ask\sfor|attn:?"
    rf"|gespräch\smit|telefonat\smit|telefoniert\smit|anruf\svon|termin\smit|treffen\smit"
    rf"|gesprochen\smit|ansprechpartner(?:in)?(?:\sist)?|kontakt"
    rf"|appel\s(?:de|avec)|rdv(?:\savec)?|rendez-vous\savec|entretien\savec|échange\savec|vu"
    rf"|rencontré|interlocut(?:eur|rice)"
    rf"|llamada\s(?:con|de|a)|reunión\scon|hablé\scon|hablado\scon|visita\s(?:a|de|con)"
    rf"|contacto)\s?:?\s(?:(?i:herrn?|frau|m\.|mme|monsieur|madame|mr\.?|mrs\.?|ms\.?|dr\.?"
    rf"|sra?\.?|señora?|don|doña)\s)?"
    rf"(?P<name>{NAME})"
)
_ADDRESSED = re.compile(
    rf"(?<!\w)(?:Herrn?|Frau|Mr\.?|Mrs\.?|Ms\.?|Mme|Mlle|Monsieur|Madame|Sra?\.|Señora?|Don"
    rf"|Doña)\s(?:(?:Dr|Prof|Ing)\.\s){{0,2}}(?P<name>{NAME})"
)
_NOT_COMPANY = re.compile(
    r"(?:the|our|your|this|that|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag"
    r"|dienstag|mittwoch|donnerstag|freitag|january|february|march|april|may|june|july"
    r"|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober"
    r"|dezember|support|help ?desk|service ?desk|it|hr|home|berlin|hamburg|münchen|köln|wien"
    r"|zürich|london|paris|lyon"
    r"|madrid|barcelona|dublin|windows|mac|linux|android|ios|outlook|chrome|firefox|excel"
    r"|buchhaltung|einkauf|vertrieb|lager|verwaltung|technik|abteilung|zentrale|team|frau"
    r"|herrn?|comptabilité|contabilidad"
    r"|england|germany|france|spain|deutschland|españa|version|page|settings|sales|accounting"
    r"|finance|marketing|logistics|operations)\b",
    re.IGNORECASE,
)
_NOT_NAME = re.compile(
    r"(?:Not|Just|Very|Sorry|Also|Still|Now|Currently|OK|Okay|Yes|No|Sure|Really|The|A|An|All"
    r"|In|On|At|From|Friday|Monday|Error|Version|Urgent|SYN|HTTP|Nothing|Only|Like|That|This"
    r"|What|Why|How"
    r"|Da|Das|Die|Der|Ein|Eine|Es|Ja|Nein|Wir|Ich|Nur|Noch|Nicht|Alles|Mit|Un|Une|Le|La|Les|El"
    r"|Los|Las|Que|Para|Por|Muy|Bien|Oui|Non|Sí|Urgente?)\b"
)
_SHORT_TRADE = re.compile(r"(?:devs?|sysadmin|it|ops)$", re.IGNORECASE)
_LIMIT = 20_000


def read_statements(sheet: Sheet, segment: Segment, hosts: Hosts) -> None:
    """Adds people, companies and positions that a stretch of prose names in so many words."""
    end = min(segment.end, segment.start + _LIMIT)
    own = sheet.own(segment.message)
    _introductions(sheet, segment.start, end, hosts, own=own)
    _companies(sheet, segment.start, end, hosts, own=own)
    _known(sheet, segment.start, end, own=own)


def _introductions(sheet: Sheet, start: int, end: int, hosts: Hosts, *, own: str) -> None:
    text = sheet.text
    for pattern in (_I_AM, _HERE):
        for found in pattern.finditer(text, start, end):
            words = found["name"]
            if _NOT_NAME.match(words):
                continue
            groups = found.groupdict()
            place = next((one for one in ("company", "direct", "behind") if groups.get(one)), None)
            single = len(words.split()) == 1
            if pattern is _I_AM and single and place is None:
                continue
            sure = 0.7 if single else 0.9
            if not sheet.person(_span(found, "name"), sure=sure, label=f"{own}stated"):
                continue
            if place and _is_company(found[place]):
                known = has_legal_form(found[place]) or next(hosts.find(found[place]), None)
                sheet.add(
                    CandidateKind.COMPANY,
                    _span(found, place),
                    sure=0.93 if known else 0.8,
                    label=f"{own}stated",
                )
            title = groups.get("title")
            if title and looks_like_trade(title):
                sheet.add(
                    CandidateKind.JOB_TITLE, _span(found, "title"), sure=0.8, label=f"{own}stated"
                )


def _companies(sheet: Sheet, start: int, end: int, hosts: Hosts, *, own: str) -> None:
    for found in _WE_ARE.finditer(sheet.text, start, end):
        if _is_company(found["company"]) and not _NOT_NAME.match(found["company"]):
            known = has_legal_form(found["company"]) or next(hosts.find(found["company"]), None)
            sheet.add(
                CandidateKind.COMPANY,
                _span(found, "company"),
                sure=0.9 if known else 0.65,
                label=f"{own}stated",
            )
    for found in _ROLE_HERE.finditer(sheet.text, start, end):
        works = looks_like_trade(found["title"]) or _SHORT_TRADE.match(found["title"])
        if works and _is_company(found["company"]):
            sheet.add(
                CandidateKind.COMPANY, _span(found, "company"), sure=0.8, label=f"{own}stated"
            )


def _known(sheet: Sheet, start: int, end: int, *, own: str) -> None:
    """People who are named with their position, their address, or a word of meeting them."""
    for found in _KNOWN_BY_TRADE.finditer(sheet.text, start, end):
        title = found["title"].strip()
        works = _FOR.match(title)
        said = works["title"] if works else title
        if not (looks_like_trade(said) or is_office(said)) or len(said.split()) > 6:
            continue
        if not sheet.person(_span(found, "name"), sure=0.88, label=f"{own}note"):
            continue
        begin = found.start("title")
        span = Span(begin, begin + len(said))
        sheet.add(CandidateKind.JOB_TITLE, span, sure=0.85, label=f"{own}note")
        if works:
            span = Span(begin + works.start("company"), begin + works.end("company"))
            sheet.add(CandidateKind.COMPANY, span, sure=0.75, label=f"{own}note")
    for found in _IS_TRADE.finditer(sheet.text, start, end):
        title = found["title"].strip()
        if looks_like_trade(title) and sheet.person(
            _span(found, "name"), sure=0.85, label=f"{own}note"
        ):
            sheet.add(CandidateKind.JOB_TITLE, _span(found, "title"), sure=0.8, label=f"{own}note")
    for found in _WITH_ADDRESS.finditer(sheet.text, start, end):
        sheet.person(_span(found, "name"), sure=0.9, label=f"{own}contact")
    for found in _MET.finditer(sheet.text, start, end):
        if not _NOT_NAME.match(found["name"]):
            several = len(found["name"].split()) > 1
            sheet.person(_span(found, "name"), sure=0.85 if several else 0.55, label=f"{own}note")
    for found in _ADDRESSED.finditer(sheet.text, start, end):
        sheet.person(_span(found, "name"), sure=0.6, label=f"{own}mentioned")


def _is_company(words: str) -> bool:
    return len(words) > 2 and not _NOT_COMPANY.match(words) and not words.isdigit()


def _span(found: re.Match[str], group: str) -> Span:
    start, end = found.span(group)
    words = found[group]
    return Span(
        start,
        end - (len(words) - len(words.rstrip(" .,'’-"))) if not has_legal_form(words) else end,
    )
