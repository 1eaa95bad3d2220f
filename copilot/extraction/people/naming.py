"""What a person's name looks like, and its one form.

Invariant: a name holds no digit, no word of a trade, a company or an office, and no more than five
words.
"""

from __future__ import annotations

import re
import unicodedata

from copilot.extraction.people.businesses import names_a_business
from copilot.extraction.people.trades import looks_like_trade
from copilot.extraction.reading import Span

UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻŁŃŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽȘȚ"
_NO_TOKEN = (
    r"(?!(?:I|It|He|She|That|There|Here|What|Who|We|You|They|Let)['’]|C['’]est|J['’]ai|N['’]est"
    r"|S['’]il|Qu['’])"
)
TOKEN = (
    rf"{_NO_TOKEN}(?:[{UPPER}]\.|(?:[DOdLl]['’]|Mc|Mac|al-|el-)?[{UPPER}][^\W\d_]*"
    r"(?:['’-][^\W\d_]+){0,3}(?!\w))"
)
PARTICLE = (
    r"(?:de la|de las|de los|de|del|dela|della|van der|van den|van de|van|von der|von|vom|zu"
    r"|zur|zum"
    r"|der|den|di|da|das|dos|do|du|des|la|le|el|al|bin|ben|ibn|ter|ten|af|y|e|i|St\.)"
)
_END = (  # a particle is followed by one word; by more, what follows is another name
    rf"(?:[ \t]{PARTICLE}[ \t]{TOKEN}(?![ \t]{{1,2}}(?:{PARTICLE}[ \t])?[{UPPER}]))?"
)
NAME = rf"{TOKEN}(?:[ \u00a0]{{1,3}}{TOKEN}){{0,4}}{_END}"
FULL_NAME = rf"{TOKEN}(?:(?:[ \u00a0]{{1,3}}{TOKEN}){{1,4}}{_END}|[ \t]{PARTICLE}[ \t]{TOKEN})"
_NAME = re.compile(NAME)
_LOOSE = re.compile(r"[^\W\d_][^\W\d_]*(?:['’.-]{1,2}[^\W\d_]*){0,4}$")
TITLE = (
    r"(?:(?:i\. ?A\.|i\. ?V\.|ppa\.|gez\.|Hrn?|Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Herrn?|Frau"
    r"|Fr|Dipl\.?-?\s?\w{2,8}"
    r"|rer\.? ?(?:nat|pol|oec)\.|med\.(?: (?:vet|dent)\.)?|phil\.|jur\.|h\. ?c\."
    r"|Ing|MVZ|Mag|M|Mme|Mlle|Monsieur|Madame|Maître|Me|Sra?|Srta|Señora?|Don"
    r"|Doña|D"
    r"|D\.?ª|Lic|Arq|Lcda|Licda|Hi|Hello|Hallo|Hey|Dear|Liebe[rs]?|Bonjour|Hola|Servus"
    r"|Moin)\.?(?=\s))"
)
_TITLES = re.compile(rf"(?:{TITLE}\s+){{1,4}}", re.IGNORECASE)
_SINGLE_LETTER_TITLES = re.compile(r"(?:M|D|Me|Fr|Don)\s")
LEADS = re.compile(  # what stands before a name where a sentence or a note begins
    r"(?:(?:Ici|Hier|Soy|Saw|Seen|Meet|Chatted|Introducing|Contacted|Chase|Ring|Phone|Reach|Ping"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Montag|Dienstag|Mittwoch"
    r"|Donnerstag|Freitag|Samstag|Sonntag|Lundi|Mardi|Mercredi|Jeudi|Vendredi|Lunes|Martes"
    r"|Miércoles|Jueves|Viernes|Morgen|Heute|Gestern|Demain|Mañana|Tomorrow|Today"
    r"|Demo|Lunch|Coffee|New|Neue?r?|Nuev[oa]|Nouveau|Nouvelle|Lead|Person|Vu|Croisé|Appelé"
    r"|Visto|Vi|Conocí|Kennengelernt|Angerufen|Rückruf|Besucht|Contacter|Visité|Présent|Persona"
    r"|Contact|Kontakt|Contacto|Met|Aquí|Habla|Attn|Speaking|Visited|Visit|Firma"
    r"|Customer|Kunde|Client|Cliente|Account|Chez|Desde|Somos|Hi|Hello|Hey|Hallo|Bonjour"
    r"|Bonsoir|Hola|Moin|Servus|Yes|Ja|Oui|Sí|Decide|Decides|Dice|Llamó|Hablé|Ask|Tell|Told|Call"
    r"|Called|Spoke|Entscheidet|Fragt|Sagt|Appeler|Llamar|Llama|Llaman|Ruft|Calls|Caller|Anruf|Danke|Thanks|Merci|Gracias"
    r"|Voicemail|Voice ?mail|Rang|Phoned|Emailed|Mailed|Messaged|Texted|Cc|With|Avec|Mit|Con"
    r"|Mailbox|Telefonat|Treffen|Getroffen|Gesprochen|Besuch|Rencontré|Llamada|Visita|Reunión)"
    r"\s)+"
)
_DEGREES = re.compile(
    r"(?:,?\s+|,\s*)(?:MSc|BSc|MA|BA|MBA|PhD|Ph\.D\.|M\.Sc\.|B\.Sc\.|M\.A\.|B\.A\.|Jr\.?|Sr\."
    r"|CPA|FCA|ACCA"
    r"|PMP|MD|Esq\.?|LL\.?M\.?|Dipl\.?-?\w+|Eur Ing|CEng|RN|II|III)(?=$|[\s,])"
)
_BEHIND = re.compile(
    r"\s*(?:[(\[{|/·•–—]|\s-\s|,\s(?=[A-Z][\w&]*\s)|\b(?:via|from|at|@|von|chez|bei)\b).*$",
    re.DOTALL,
)
_BRACKETS = re.compile(r"\s*[(\[].*$", re.DOTALL)
_WORKS_IN = re.compile(r"\s(?:vom|von der|aus dem|aus der)\s(\w+)$")  # "Jessen vom Lager"
_LAST_FIRST = re.compile(rf"({TOKEN}(?:[ \t-]{TOKEN})?),[ \t]{{1,2}}({TOKEN}(?:[ \t]{TOKEN})?)$")
_SURNAME_FIRST = re.compile(rf"([{UPPER}'’-]{{3,30}}) ([{UPPER}][^\W\d_]*[a-zß-ÿ][^\W\d_-]*)$")
_OFFICE = re.compile(
    r"""\b(?:support|team|service|services|sales|info|office|desk|helpdesk|department|dept|group|billing
      |accounts|accounting|admin|administrator|customer|customers|client|agent|caller|visitor
      |bot|hotline
      |kundendienst|kundenservice|vertrieb|buchhaltung|abteilung|zentrale|einkauf|verwaltung
      |kunde|anrufer
      |équipe|assistance|comptabilité|achats|direction|centre|accueil|soporte|equipo|ventas
      |compras
      |contabilidad|atención|departamento|cliente|agente|informatica|informática|no-?reply
      |noreply|system
      |notification|notifications|alert|alerts|mailer|daemon|newsletter|marketing|everyone|all
      |undisclosed
      |recipients|unknown|anonymous|user|guest|participant|moderator|the|and|for|ltd|limited
      |inc|gmbh|llc
      |sarl|sas|ag|kg|plc|corp|company|hello|hi|dear|thanks|regards|cheers|best|hallo|danke
      |grüße|gruß
      |bonjour|merci|hola|gracias|saludos|cordialement|sehr|mit|sent|gesendet|envoyé|enviado
      |please|bitte
      |monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch
      |donnerstag
      |freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes
      |miércoles
      |jueves|viernes|sábado|domingo|subject|ticket|request|status|update|re|fwd|aw|wg|tel|fax
      |mobile
      |phone|email|e-mail|web|www|http|https|id|faq|api|pdf|sso|erp|crm|order|invoice|rechnung
      |facture|add|view|comment|click|reply|open|show|read|more|issue|priority|type|assignee
      |created|due|date|unassigned|department|attachment|attachments|page|version|error|fehler
      |erreur|location|contact)\b""",
    re.VERBOSE | re.IGNORECASE,
)


_STROKES = str.maketrans("łøđıß", "lodis")


def bare(text: str, span: Span) -> Span | None:
    """The name within a name as it is shown: without titles, degrees, brackets and trades."""
    words = text[span.start : span.end]
    start = 0
    if (found := _TITLES.match(words)) and (
        not _SINGLE_LETTER_TITLES.match(words) or len(words.split()) > 1
    ):
        start = found.end()
    if (lead := LEADS.match(words, start)) and words[lead.end() : lead.end() + 1].isupper():
        start = lead.end()
    rest = _DEGREES.split(words[start:], maxsplit=1)[0]
    unbracketed = _BRACKETS.sub("", rest).strip()
    rest = unbracketed if _LAST_FIRST.match(unbracketed) else _BEHIND.sub("", rest)
    inner = rest.strip(" \t\r\n\"'“”„,;:*_~")
    if not inner:
        return None
    start += rest.find(inner)
    if (works := _WORKS_IN.search(inner)) and looks_like_trade(works[1]):
        inner = inner[: works.start()]
    return Span(span.start + start, span.start + start + len(inner))


def untitled(words: str) -> str:
    """Words without the titles that they begin with."""
    found = _TITLES.match(words)
    return words[found.end() :] if found else words


def looks_like_name(words: str, *, loose: bool = False) -> bool:
    """Whether words may be a person's name. ``loose``: where only names stand (a sender, a speaker)
    they may be in lower case.
    """
    if not 2 <= len(words) <= 60 or _OFFICE.search(words) or names_a_business(words):
        return False
    if _LAST_FIRST.match(words):
        return True
    if _NAME.fullmatch(words):
        return True
    parts = words.split()
    return loose and len(parts) <= 4 and all(_LOOSE.match(part) for part in parts)


def name_value(words: str) -> str:
    """A name in its one form: first name first, no shouting, single blanks."""
    spelt = " ".join(words.split())
    if found := _LAST_FIRST.match(spelt) or _SURNAME_FIRST.match(spelt):
        spelt = f"{found[2]} {found[1]}"
    return " ".join(_calm(part) for part in spelt.split(" "))


def _calm(part: str) -> str:
    if len(part) < 3 or (
        not part.isupper() and not part.replace("-", "").replace("'", "").isupper()
    ):
        return part
    if "." in part:
        return part
    return "-".join(
        piece if piece.lower() in ("de", "la", "von") else piece[:1] + piece[1:].lower()
        for piece in part.split("-")
    )


def plain(words: str) -> str:
    """Words in lower case and without accents, as an address spells them."""
    apart = unicodedata.normalize("NFD", words.lower().translate(_STROKES))
    return "".join(char for char in apart if char.isascii())


def key(words: str) -> str:
    """A name to compare by."""
    return name_value(words).casefold()
