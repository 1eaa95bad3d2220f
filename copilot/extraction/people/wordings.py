"""The wordings around a name that tell whose it is, in four languages.

Invariant: each has a word or a sign in it that tells what it introduces; a capital letter alone
never does. Patterns that end in ``$`` are of what stands before, the others of what follows.
"""

from __future__ import annotations

import re

from copilot.extraction.people.firms import COMPANY
from copilot.extraction.people.naming import NAME

_TITLED = (
    r"(?:(?:erm?|uh|um|äh|ähm|euh|eh|der|die|la|el|herrn?|frau|m\.|mme|monsieur|madame|mr\.?"
    r"|mrs\.?"
    r"|ms\.?|sra?\.|señora?|don|doña|dr\.|prof\.),?\s){0,3}"
)
_HERE = (
    r"(?:here|hier|ici|speaking|am apparat|à l['’]appareil|al habla|al aparato|ist mein name"
    r"|mein name|again|nochmals?|wieder)"
)
_OF = (
    r"(?:calling from|calling for|on behalf of|from|over at|at|with|of|for|von der firma"
    r"|von der|vom"
    r"|von|bei der|bei|für die|aus der|de chez|de la société|de l['’]entreprise|de la empresa"
    r"|de la"
    r"|del|du|de|chez|pour|desde|en|d['’])"
)
_WORK = (
    r"(?:(?:and|und|et|y)\s)?(?:i['’]m\scalling|i['’]m\swriting|i['’]m|i\sam|i\swork|calling"
    r"|ringing"
    r"|writing|ich\sbin|ich\srufe\san|ich\srufe|ich\sarbeite|arbeite|rufe\san|je\ssuis"
    r"|j['’]appelle"
    r"|je\stravaille|je\svous\sappelle|soy|llamo|trabajo|escribo|le\sllamo|te\sescribo)"
)
_ARTICLE = r"(?:der|die|dem|the|la|le|les|el|los|firma|fa\.|company|société|empresa|entreprise)"

# before a name ------------------------------------------------------------------------------
INTRODUCES = re.compile(
    r"(?<!\w)(?:this is|it['’]s|it is|i am|i['’]m|my name['’]?s|my name is|name['’]?s|speaking is"
    r"|hier ist|hier spricht|da ist|mein name ist|ich heiße|ich heisse|ich bin|am apparat|hier"
    r"|je suis|je m['’]appelle|c['’]est|mon nom est|ici|soy|me llamo|mi nombre es|les? habla"
    rf"|les? llama|les? escribe|habla|aquí)[,:]?\s{_TITLED}(?:[^\W\d_]{{2,20}},\s)?$",
    re.IGNORECASE,
)
GREETS = re.compile(
    r"(?:^|[\"“\n])\s*(?:(?:schönen\s|ja\s)?(?:hi|hello|hey|good\s(?:morning|afternoon|evening)"
    r"|yes|yeah|hallo"
    r"|guten\s"
    r"(?:tag|morgen|abend)|moin|servus|grüezi|tag|ja|bonjour|bonsoir|oui|allô|hola|buenas"
    r"(?:\stardes)?|buenos\sdías|sí|diga)[,.!]?\s){1,3}$",
    re.IGNORECASE,
)
MEETS = re.compile(
    r"(?<!\w)(?:(?:saw|seen|gesehen|getroffen|vu|croisé|visto\sa|vi\sa)|(?:call|ring|phone|email|chase"
    r"|appeler|rappeler|relancer|llamar\sa|escribir\sa)|call(?:ed)?\s(?:w/|with|from)|spoke\s(?:to|with)|talked\s(?:to|with)|met(?:\sw/"
    r"|\swith)?"
    r"|meeting\s(?:w/|with)|(?:chat(?:ted)?|chatting|conversation)\swith|lunch\swith"
    r"|demo\s(?:for|with)|visit(?:ed)?|w/"
    r"|contact(?:\sis)?|ask\sfor|attn:?|gespräch\smit|telefonat\smit|telefoniert\smit|anruf\svon"
    r"|termin\smit|treffen\smit|gesprochen\smit|ansprechpartner(?:in)?(?:\sist)?|kontakt"
    r"|appel\s(?:de|avec)|rdv(?:\savec)?|rendez-vous\savec|entretien\savec|échange\savec"
    r"|rencontré|(?:me\s)?ha\sllamado|llamó|a\sappelé\s:|angerufen\shat"
    r"|interlocut(?:eur|rice)|llamada\s(?:con|de|a)|reunión\scon|hablé\scon|hablado\scon"
    r"|visita\s(?:a|de|con)|contacto|1[:-]1\swith|(?:catch-?up|sync|review|workshop)\swith"
    r"|(?:jour\sfixe|abstimmung|rücksprache)\smit|point\savec"
    r"|(?:colleague|successor|kolleg(?:e|in|en)|nachfolger(?:in)?|collègue|successeur"
    r"|compañer[oa]"
    r"|contact(?:\sperson)?|ansprechpartner(?:in)?|interlocut(?:eur|rice)|contacto|encargad[oa])"
    r"(?:\s(?:is|ist|est|es|will\sbe|wird|sera|será))?|(?:request|wish|feedback|idea|mail"
    r"|message|question"
    r"|suggestion)"
    r"\s(?:from|by)|(?:requested|reported|raised|submitted|asked|started|initiated|opened)\sby"
    r"|(?:anfrage|wunsch|mail"
    r"|nachricht|frage|vorschlag|rückmeldung)\svon|(?:demande|souhait|retour|message"
    r"|question)\sde"
    rf"|(?:petición|solicitud|pedido|mensaje|sugerencia)\sde)\s?:?\s{_TITLED}$",
    re.IGNORECASE,
)
PRESENTS = re.compile(  # who brings others together
    r"(?<!\w)(?:introduc(?:e|es|ing)(?:\s(?:you|y['’]all|everyone|you\s(?:all|both|two)))?(?:\sto)?"
    r"|introduction\sto|intro(?:\sto|:)?|(?:let['’]s|please|do)\smeet|(?<!\w\s)meet"
    r"|(?:connect|put|bring|get)(?:ting|ing)?\s(?:you(?:\s(?:two|both))?|\w+)\s(?:in\s(?:touch|contact)\s)?"
    r"with|(?:loop|copy|add|cc)(?:p?ing|ed|['’]?d|['’]ing)?(?:\sin)?|cc['’]?ing|hand(?:ing)?\s\w+\sover\sto"
    r"|(?:dir|ihnen|euch)(?:\s(?:gerne?|heute|kurz|hiermit|unsere[nr]?|meine[nr]?|die|den|neue[nr]?"
    r"|kolleg(?:in|en)|ansprechpartner(?:in)?)){0,4}|mit|an"
    r"|(?:vous|te|t['’])\s?présente(?:r|ons)?|présenter|mets\sen\s(?:relation|contact)\savec|voici"
    r"|en\scopie\s?:?|(?:te|le|les|os)\spresent(?:o|amos)\sa|presentar(?:te|le|les|os)?\sa"
    r"|pong[oa]\sen\scontacto\scon|en\scopia(?:\sestá|\spongo\sa|\sva)?|conoce\sa)\s"
    rf"(?:(?:my|our|mi|nuestr[oa]|mon|ma|notre)\s\w+\s(?:\w+\s)?)?{_TITLED}$",
    re.IGNORECASE,
)
PRESENTED = re.compile(  # "stelle ich dir Ida Roth vor"
    r"[^.!?\n]{0,60}\b(?:vor|vorstellen|vorzustellen|in\s(?:kontakt|verbindung))\b", re.IGNORECASE
)
ADDRESSES = re.compile(
    r"(?<!\w)(?:Herrn?|Hr\.|Hrn\.|Fr\.|Frau|Mr\.?|Mrs\.?|Ms\.?|Mme|Mlle|Monsieur|Madame|Sra?\.|Señora?|Don"
    r"|Doña)\s"
    r"(?:(?:Dr|Prof|Ing)\.\s){0,2}$"
)
THEIR = re.compile(  # "their buyer, Joanna Speight"
    r"(?<!\w)(?:their|our|the|his|her|my|die|der|unser[e]?|ihre?r?|notre|leur|votre|la|le|l['’]"
    r"|el|su|nuestr[oa])"
    r"(?:\s|(?<=['’]))(?:new\s|neue[rn]?\s|nouve(?:au|lle)\s|nuev[oa]\s)?"
    r"(?P<title>[^\W\d_][\w-]*(?:\s[\w&'’-]+){0,4}?),?\s(?:(?:herrn?|frau|mme|m\.|sra?\.)\s)?$",
    re.IGNORECASE,
)
PEOPLE_OF = re.compile(
    r"(?:people|folks|guys|team|leute|gente|gens|équipe|chicos|kollegen)\s(?:at|from|von|vom"
    r"|der|de|du|bei"
    r"|chez)\s(?:(?:der|dem|la|el|the)\s)?$",
    re.IGNORECASE,
)
YOURS = re.compile(  # somebody of those who are written to
    r"(?<!\w)(?:your|ihre?n?|euer|eure|votre|vos|su|sus|tu|vuestr[oa])\s(?:colleagues?"
    r"|kolleg(?:e|in|en)"
    r"|mitarbeiter(?:in)?|collègues?|compañer[oa]|technician|techniker|agent|rep)\s"
    rf"{_TITLED}$",
    re.IGNORECASE,
)
IN_BRACKETS = re.compile(rf"(?P<company>{COMPANY})\s?\($")

LED = re.compile(  # small words in capitals, where a sentence begins, before a name in full
    r"(?:From|At|With|For|And|But|Then|Since|Our|My|Your|The|In|On|To|Ab|Mit|Von|Und|Für|Bei|Die|Der"
    r"|Unsere?|Meine?|Ihre?|Et|Avec|Pour|Dès|Notre|Votre|Con|Para|Desde|Nuestr[oa]|El|La|Le|Y)\s"
    rf"(?=(?:{NAME})\s?{NAME}|(?:Mon|Tues|Wednes|Thurs|Fri)day\s)"
)

# before a company ---------------------------------------------------------------------------
SPEAKS_FOR = re.compile(
    r"(?<!\w)(?:i work (?:for|at)|we at|here at|on behalf of|i represent|i['’]m (?:with|from)"
    r"|i am (?:with|from)|calling from|writing from|ich arbeite (?:bei|für)(?: der)?"
    r"|wir (?:von der|von|bei der|bei)|im (?:auftrag|namen) (?:der|von)"
    r"|je travaille (?:chez|pour)|nous (?:chez|à la société)|au nom de"
    r"|de la part de|la société|l['’]entreprise|chez|trabajo (?:en|para)|de la empresa|la empresa"
    r"|en nombre de|de parte de|desde|(?:le |te |les |os )?(?:escribo|llamo|escribimos"
    r"|llamamos) de)"
    r"\s(?:(?:firma|société|empresa)\s)?$",
    re.IGNORECASE,
)
IS_A_FIRM = re.compile(
    r"(?<!\w)(?:firma|fa\.|la société|l['’]entreprise|la empresa)\s$",
    re.IGNORECASE,
)
IS_CALLED = re.compile(
    r"(?<!\w)(?:we are|we['’]re|wir sind(?:\s\w{3,9})?(?: die| der| das)?|nous sommes(?: la| le"
    r"| les)?"
    r"|somos|customer|kunde|client|cliente|account)\s(?:(?:die|der|the|la|le|les|el|los)\s)?"
    r"(?:(?:coopérative|association|commune|genossenschaft|firma|company|cooperative|charity"
    r"|empresa"
    r"|cooperativa|asociación|société|entreprise)\s)?$",
    re.IGNORECASE,
)
WORKS_AT = re.compile(
    r"(?<![\w'’])(?P<title>[a-zA-ZÀ-ÿ-]{2,30}(?:\s[a-zA-ZÀ-ÿ-]{2,20}){0,2})\s(?:at|@|bei"
    r"|bei der|chez"
    r"|en)\s$"
)

# the words that the patterns above end with: where none of them stands before a name, none fits
_WORDS = re.compile(r"\w+")
_LONGEST = 20
_WE_ARE = re.compile(r"wir sind\s", re.IGNORECASE)  # "wir sind hier"
_COMPANY_LAST = frozenset(
    """at @ for represent of from with bei der für von die das vom dem du de chez en la le
    les el los the para pour desde société entreprise empresa firma fa are re sind sommes
    somos customer kunde client cliente account coopérative association commune
    genossenschaft company cooperative charity cooperativa asociación""".split()
)
_TITLES = frozenset(
    """er erm uh um äh ähm euh eh der die la el herr herrn frau m mme monsieur madame mr mrs ms
    sr sra señor señora don doña dr prof""".split()
)
MEETS_LAST = _TITLES | frozenset(
    """saw seen gesehen getroffen vu croisé call ring phone email chase appeler rappeler relancer
    w rdv with from to met meeting for visit visited contact is attn mit von ist kontakt de avec
    rencontré llamado llamó appelé hat interlocuteur interlocutrice con a contacto person colleague
    successor kollege kollegin kollegen nachfolger nachfolgerin collègue successeur compañero
    compañera ansprechpartner ansprechpartnerin encargado encargada est es be wird sera será
    by""".split()
)
PRESENTS_LAST = _TITLES | frozenset(
    """introduce introduces introducing to you all everyone both two intro meet with loop looping
    looped copy copying copied add adding added in cc ccing d dir ihnen euch gerne gern heute kurz
    hiermit unsere unseren unserer meine meinen meiner die den neue neuen neuer kollegin kollegen
    ansprechpartner ansprechpartnerin mit an présente présenter présentons avec voici copie a con
    está va colleague friend partner colega compañero compañera amigo amiga collègue ami amie
    client customer contact contacto""".split()
)
INTRODUCES_LAST = _TITLES | frozenset(
    """is s am m names spricht ist heiße heisse bin apparat hier suis appelle est ici soy llamo es
    habla llama escribe aquí""".split()
)


def may_name_a_company(before: str) -> bool:
    """Whether what stands before words may be what stands before a company's name."""
    return last_word(before) in _COMPANY_LAST or _WE_ARE.search(before) is not None


def last_word(before: str) -> str:
    """The last word of what stands before a name, in small letters and without signs."""
    words = before.rstrip()
    if words[-1:] in (":", ","):
        words = words[:-1].rstrip()
    if words[-1:] == "@":
        return "@"
    found = _WORDS.findall(words[-_LONGEST:])
    return str(found[-1]).lower() if found else ""


# behind a name ------------------------------------------------------------------------------
IS_HERE = re.compile(rf",?\s{_HERE}\b(?!\s(?:ist|spricht|meldet|est|is)\b)", re.IGNORECASE)
GREETS_BEHIND = re.compile(
    rf",\s{COMPANY},\s(?i:hi|hello|good|guten|hallo|bonjour|bonsoir|hola|buenos|buenas)\b"
)
ASIDE = re.compile(r"\s?\([^()\n]*\d[^()\n]*\)(?=,\s)")  # with a number or an address in it
BELONGS = re.compile(  # "from Acme Foods, …": what stands behind is said of somebody else
    r"(?<!\w)(?:from|at|for|of|bei|von|vom|für|chez|de|du|para|en)\s$", re.IGNORECASE
)
HONORIFIC = re.compile(r"(?:Hr|Hrn|Fr|Herrn?|Frau|Mr|Mrs|Ms|Mme|M|Sra?|Dr|Prof)\.?(?:$|\s)")
HAS_TRADE = re.compile(
    r"\s?(?:,\s|\s?[–—-]\s|\s?\()[\"“„«]?(?P<title>(?:[^,.;:()\n\"“”»|]|(?<=[^\W\d_]{3})(?<![^\W\d_]{6})\.(?=\s[a-zß-ÿ])){2,60}?)[\"”“»]?"
    r"(?=[,;:)\n|]|\.(?!\s[a-zß-ÿ])|(?<=[^\W\d_]{6})\.|\s?\(|\s[–—-]\s|\ssince\b|\sseit\b|\sdepuis\b|\sdesde\b|$)"
)
IS_TRADE = re.compile(
    r"\s(?:is|ist|est|es|becomes|wird|heads|(?:will\s)?takes?\sover\sas|(?:has\s)?joined\sas|joins\sas"
    r"|übernimmt\sals|reprend\sle\sposte\sde|asume\scomo|será|sera|will\sbe)\s(?:(?:now|our|the|my|their|a|an|new|jetzt|unsere?"
    r"|ihre?|leur|su|die"
    r"|der|neue|maintenant|notre|la|le|nouveau|nouvelle|nuestr[oa]|el|nuev[oa])\s){0,3}"
    r"(?P<title>[^,.;:()\n\"]{2,50}?)(?=[,.;:()\n]|\s(?:and|und|et|y|who|since|here|hier)\b|$)"
)
SELF = re.compile(
    r"(?<!\w)(?:i am|i['’]m|my (?:job )?title is|my role is|my position is|ich bin(?: hier)?"
    r"|meine funktion ist"
    r"|je suis|mon poste est|ma fonction est|soy|mi cargo es|mi puesto es"
    r"|(?:she|he|sie|er|elle|il|ella|él),?\s(?:is|ist|est|es))\s"
    r"(?:(?:the|a|an|their|our|your|die|der|ein|eine|ihre?|unsere?|la|le|el|une?|una?|su|leur)\s"
    r"|l['’])?"
    r"(?P<title>[^,.;:!?()\n]{2,60}?)"
    r"(?=[,.;:!?()\n]|\s(?:and|und|et|y|if|who|where|wenn|si|für|zuständig)\s|\s(?:at|for|of"
    r"|with|bei|bei der|in der|chez|de la|de"
    rf"|du|au sein d[eu]|du groupe|en)\s(?:(?:der|die|the|la|le|les|el|groupe|société|empresa"
    rf"|firma|entreprise)\s){{0,2}}(?P<company>(?-i:{COMPANY}))|$)",
    re.IGNORECASE,
)
SELF_BEGINS = re.compile(  # in small letters
    r"(?:i am|i['’]m|my|ich|meine|je|mon|ma|soy|mi|she|he|sie|er|elle|il|ella|él)(?=[\s,])"
)
RUNS = re.compile(  # "she runs procurement at Acme", "leitet bei der Acme GmbH den Einkauf"
    r"(?<![\w'’])(?i:(?:run|manage|head|lead|look|handle|oversee|own|work|do|volunteer|teach|study"
    r"|serve)(?:s|es)?|working"
    r"|leite(?:t|n)?|arbeite[nt]?|verantwortet?|betreu(?:t|e)|führt?|unterrichte[nt]?|dirige[sz]?"
    r"|travaill(?:e|ons)|gère|pilote|s['’]occupe|enseigne|lleva|dirijo|gestiona|trabaja(?:mos)?|trabajo)\s"
    r"(?:[\w'’&-]+\s){0,4}?(?i:at|for|bei\sder|bei|beim|am|im|in\sder|chez|au\ssein\sde|en\sla\sempresa|en|para)"
    rf"\s(?:(?i:the|der|die|la|le|les|el)\s)?(?P<company>{COMPANY})"
)
WHO = re.compile(r",\s(?:who|whose|qui|que|quien|cuy[oa]|dont)\s")
DOES = re.compile(  # what only people do
    r"\s(?:just\s|also\s|has\s|hat\s|a\s|ha\s|nous\sa\s|nos\s|me\s|mir\s|uns\s)?(?:called|rang"
    r"|phoned|wrote"
    r"|emailed|mailed|asked|asks|wants|says|said|mentioned|told|suggested|suggests|complained"
    r"|requested"
    r"|would\slike|is\sasking|was\sasking|fragt|fragte|möchte|wünscht|bittet|bat|sagt|sagte"
    r"|meint|meinte"
    r"|erzählt|erzählte|heißt|runs|leads|manages|works|leitet|arbeitet|verantwortet|dirige"
    r"|s['’]appelle|se\sllama|anrufen|zurückrufen|anschreiben|rief\san|schrieb|gefragt|angerufen|souhaite|demande|demandé|appelé"
    r"|voudrait|signale"
    r"|propose|pide|pidió|quiere|llamó|llamado|pregunta|preguntó|dice|dijo|solicita|comenta"
    r"|comentó|pedido)\b"
)
HAS_ADDRESS = re.compile(r"\s?(?:[,:]\s|\s?[<(\[–—·|-]\s?){1,2}(?:mailto:)?(?=[\w.+-]{1,64}@[\w-])")
OF_COMPANY = re.compile(
    rf"(?:,?\s(?i:{_HERE}))?,?\s(?:(?i:{_WORK})\s)?(?:(?P<title>[^,.;:!?()\n]{{2,50}}?),?\s)??"
    rf"(?i:{_OF})(?:(?<=['’])|\s)(?:(?i:{_ARTICLE})\s){{0,2}}(?P<company>{COMPANY})"
)
BRACKETED = re.compile(rf"\s?\((?:(?P<title>[^(),]{{2,40}}),\s)?(?P<company>{COMPANY})\)")
AND_ANOTHER = re.compile(rf"(?:,\s|,?\s(?:and|und|et|y|&|\+)\s)(?P<name>{NAME})")
BESIDE = re.compile(
    rf"(?:,?\s(?i:{_HERE}))?,\s(?:(?i:firma|fa\.|société|empresa)\s)?(?P<company>{COMPANY})"
    r"(?=[,.;:!?\n\")]|\s(?i:in|aus|à|en|from|up|near|bei)\s|$)"
)
FROM_COMPANY = re.compile(
    r"(?P<comma>,?)\s(?:from|at|of|over at|von der|von der firma|bei der|de chez|de la société"
    r"|de la empresa|de)\s"
    rf"(?P<company>{COMPANY})|\s\((?P<in>{COMPANY})\)(?=\s[a-zà-ÿ])"
)

# of a position -------------------------------------------------------------------------------
ROUND = re.compile(  # what stands before a position: "our", "who takes over as"
    r"^(?:(?:who|der|die|qui|que|quien)\s(?:[\w'’]+\s){1,4}?(?:as|als|comme|como)\s)?"
    r"(?:(?:the|our|their|his|her|my|a|an|new|die|der|unsere?|ihre?|seine?|neue[r]?|notre|leur"
    r"|votre"
    r"|la|le|el|su|nuestr[oa]|nouve(?:au|lle)|nuev[oa]|now|jetzt|currently|als|as)\s)*",
    re.IGNORECASE,
)
SHORT_TRADE = re.compile(r"(?:devs?|sysadmin|it|ops)$", re.IGNORECASE)
OF_WHOM = re.compile(  # "la comptable de la société X": not a name, but a company follows
    r"\b(?:of|at|for|from|de|du|chez|bei|bei der|von|der|en|company|société|entreprise|empresa"
    r"|firma)$",
    re.IGNORECASE,
)

# no names, though they begin like some ---------------------------------------------------------
NO_COMPANY = re.compile(
    r"(?:the|our|your|this|that|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag"
    r"|dienstag|mittwoch|donnerstag|freitag|lundi|mardi|mercredi|jeudi|vendredi|lunes|martes"
    r"|jueves"
    r"|viernes|january|february|march|april|may|june|july|august|september|october|november"
    r"|december"
    r"|januar|februar|märz|mai|juni|juli|oktober|dezember|support|help ?desk|service ?desk|it"
    r"|hr|home"
    r"|berlin|hamburg|münchen|köln|wien|zürich|london|leeds|paris|lyon|madrid|barcelona|sevilla"
    r"|dublin"
    r"|windows|mac|linux|android|ios|outlook|chrome|firefox|edge|safari|excel|word|teams"
    r"|buchhaltung"
    r"|einkauf|vertrieb|lager|verwaltung|technik|abteilung|zentrale|team|frau|herrn?|comptabilité"
    r"|contabilidad|england|germany|france|spain|deutschland|españa|version|page|settings|sales"
    r"|accounting|finance|marketing|logistics|operations|seite|zeile|datei|update|ihnen|uns"
    r"|sie|uhr|heute|gestern|hours?|internet|mail|email|e-mail|google|microsoft)\b",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"(?:Not|Just|Very|Sorry|Also|Still|Now|Currently|OK|Okay|Yes|No|Sure|Really|The|A|An|All"
    r"|In|On|At"
    r"|From|Friday|Monday|Error|Version|Urgent|SYN|HTTP|Nothing|Only|Like|That|This|What|Why"
    r"|How|My|Our"
    r"|Your|If|When|But|And|So|As|To|For|With|We|You|They|He|She|It|I|There|Here|Please|Da|Das"
    r"|Die|Der"
    r"|Ein|Eine|Es|Ja|Nein|Wir|Ich|Nur|Noch|Nicht|Alles|Mit|Im|Am|Beim|Zum|Zur|Vom|Bei|Bitte"
    r"|Unser"
    r"|Unsere|Un|Une|Le|La|Les|El|Los|Las|Que|Para|Por|Muy|Bien|Oui|Non|Sí|Urgente?|Nous|Vous"
    r"|Je|Il"
    r"|Elle|Notre|Votre|Nuestra|Nuestro|Su|Mi|Si|Nobody|Somebody|Everybody|Everyone|Someone"
    r"|Anyone|Anybody|People|Both|Niemand"
    r"|Jemand|Alle|Personne|Rien|Nadie|Todos|Alguien|Then|Dann|Danke|Thanks|Merci|Gracias)\b"
)
