"""The words by which titles are told from greetings, marks, stamps and headings of a kind.

Invariant: patterns only, for folded text.
"""

from __future__ import annotations

import re

PREFIX = re.compile(
    r"\s*(?:(?:re|fw|fwd|aw|wg|tr|rv|sv|vs|antw|rif|enc|res|ref)\s?(?:\[\d+\])?\s?:"
    r"|\[[^\]\n]{1,40}\]|\((?:ticket|case|fall)[^)\n]*\)"
    r"|(?:invitation|updated invitation|cancell?ed|canceled|accepted|declined|einladung|abgesagt"
    r"|aktualisiert|termin|invitacion|cancelado|annule|annulation|point incident|incident"
    r"|incidencia|storung|feature request|feature|idea|suggestion|wish|wunsch|vorschlag"
    r"|verbesserungsvorschlag|idee|souhait|demande d'evolution|sugerencia|peticion|meeting minutes"
    r"|post-?mortem|rca|root cause analysis|incident (?:report|review)|rapport d'incident"
    r"|storungsbericht|storungsmeldung|informe de incidente"
    r"|minutes of meeting|firing(?::\d+)?|alert|alerte|alerta|alarm|p\d\??|besprechung"
    r"|besprechungsprotokoll|sitzungsprotokoll|ergebnisprotokoll"
    r"|gesprachsnotiz|compte rendu|compte-rendu|cr|reunion|acta|meeting|call|anruf|appel|llamada"
    r"|neuer termin|terminverschiebung|minutes|protokoll|notes)\s?(?::|\s[–—-]\s))\s*",
    re.IGNORECASE,
)
EMPTY_SUBJECT = re.compile(
    r"(?:(?:a |one |quick |small |little |kurze |eine |petite |une |una |dringende? |urgent[e]? "
    r"|my "
    r"|our |some |two |three |several |few |a few |a couple of |zwei |drei |mehrere |ein paar "
    r"|deux "
    r"|trois |plusieurs |quelques |dos |tres |varias |varios |unas |unos )*"
    r"(?:help|question|questions|problem|problems|issue|issues|urgent|support|request|requests|hi"
    r"|hello|hey|things|matters|topics|gripes|points|wishes|ideas|stuff|important|please help"
    r"|suggestions?|feature requests?|feedback|wish|wishes|an? idea|idea|hilfe|frage|fragen"
    r"|problem|probleme|anfrage"
    r"|anliegen|dringend|hallo|wichtig|themen|punkte"
    r"|dinge|sachen|wunsche|verbesserungsvorschlag|vorschlag|wunsch|aide|demande|suggestions?"
    r"|demandes|probleme|problemes|bonjour|important|souci"
    r"|soucis|points|choses|sujets|idees?|retours?|ruckmeldung|idee|souhaits|ayuda|sugerencias?"
    r"|peticion|consulta|consultas"
    r"|problema|problemas"
    r"|pregunta|preguntas|hola|importante|cosas|temas|puntos|ideas|deseos|no subject|kein betreff"
    r"|sans objet|sin asunto|none|incident(?: summary| report| update| notification| form)?"
    r"|storungs(?:meldung"
    r"|protokoll|bericht)|rapport d'incident|fiche incident|informe de incidencia"
    r"|status update)\b(?:\s?#?\d+)?[\s!?.:]*(?:(?:from|von|de|before|vor|avant|antes)\b.*)?)"
)
ABOUT_A_CASE = re.compile(
    r"^(?:your|ihr|ihre|votre|su|tu) (?:ticket|case|request|inquiry|anfrage|fall|vorgang|demande"
    r"|solicitud|caso|consulta)\b|"
    r"\b(?:ticket|case|fall|vorgang|dossier|caso|anfrage|demande|solicitud|request)\b.{0,6}\d{3,}"
    r".{0,12}\b(?:closed|resolved|received|updated|clos\w*|ferme|resolu|geschlossen|erledigt|gelost"
    r"|eingegangen|cerrad\w*|resuelt\w*|recibid\w*)\b"
)
ENUMERATED = re.compile(
    r"\s*(?:\(?(?:\d{1,2}|[a-z])[.)/]|[-*•·–→#]+|(?:first|second|third|1st|2nd|3rd|erstens|zweitens"
    r"|drittens|premierement|deuxiemement|d'abord|ensuite|primero|segundo|tercero|en primer lugar"
    r"|en segundo lugar|zum einen|zum anderen)(?: one| thing)?\s?[:,.]"
    r"|[*_]?[^*_\n]{1,30}[*_][:.]?)\s+"
)
FILLER = re.compile(
    r"\s*(?:(?:so|um+|uh+|erm+|eh+|well|yeah|yes|hi|hello|hey|ok|okay|right|look|listen|anyway|and"
    r"|but|also|oh|moin|hallo|also|ja|naja|gut|ahm?|hm+|tja|und|alors|ben|bah|euh|donc|bonjour|oui"
    r"|voila|et|bueno|pues|mira|este|hola|si|eh|o sea|resulta que|es que|the thing is|the problem"
    r" is"
    r"|it's like this|gruezi|guten (?:tag|morgen)|good morning|morning|buen dia|buenos dias"
    r"|ach(?: so)?|mais|aber|pero|p\.? ?s\.?|rien a voir|unrelated|nothing to do with (?:it"
    r"|this|that)"
    r"|on another (?:note|matter)|etwas anderes|autre chose|otra cosa"
    r"|(?:the )?(?:first|second|third|other)(?: one| thing)?(?:'s| is)(?: that| smaller)?"
    r"|buenas(?: tardes)?|salut)\b[\s,.!…:-]*)+"
)
JOINING = re.compile(r"\s*(?:(?:and|und|et|y|but|aber|mais|pero|so|because|denn)\s+)*")
FORM_HEAD = re.compile(
    r"\W*(?:new |neue |nouve\w+ |nuev\w+ )?(?:acta de|parte de|sms|whatsapp|text message|fax"
    r"|nota de llamada"
    r"|note d'appel|aktennotiz"
    r"|gesprachsnotiz|(?:call|phone|telephone) notes?\b|message|request|lead|anfrage"
    r"|nachricht|demande"
    r"|mensaje"
    r"|solicitud|live[ -]?chat|chat|call|anruf|appel|llamada|transcript|transcripcion|transkript"
    r"|recording|voicemail|mailbox|anrufbeantworter|messagerie|buzon|incident report|ticket"
    r"|sprachnachricht|voice|memo|diktat|telefonnotiz|notiz|auto-?transcri\w*)\b"
)
OPENING = re.compile(r"[^:,.;\n\d]{1,24}\s?:\s+(?=\S{2,} \S+ \S+)")
DECLARED = re.compile(
    r"(?i:\bsev[ -]?\d|\bincident (?:opened|declared|new|created))\b[^\n\"“«:]{0,12}"
    r"(?::\s+|[\"“«]\s?)([^\n\"”».]{8,120}?)(?=[\"”».]|\s*$)",
    re.MULTILINE,
)
DOCUMENT = re.compile(
    r"\W*(?:(?:meeting )?minutes of (?:the )?|(?:post-?incident )?(?:review|report|summary"
    r"|post-?mortem)"
    r" (?:of|on|for) (?:the )?|nachbericht (?:zu[mr]? |uber )?(?:der |dem |den )?"
    r"|bericht (?:zu[mr]?|uber)"
    r" (?:der |dem |den )?|bilan (?:de la |du |de l'|des |de )?|rapport (?:sur |d'incident )"
    r"|informe (?:de la |del |de |sobre )|notes (?:from|of|on) (?:the )?|(?:ergebnis"
    r"|besprechungs"
    r"|sitzungs|gesprachs)?protokoll (?:der |des |zum |zur |vom )?|mitschrift (?:der |des |zum "
    r"|zur )?"
    r"|(?:compte[ -]rendu|cr|notes) (?:de la |du |de l'|des |de )?|acta (?:de la |del |de )?"
    r"|notas (?:de la |del |de )?)(?=\S+ \S)"
)
STAMPED = re.compile(
    r"\s*(?:@?[\w.-]{2,24}\s+(?=[\[(]?\d{1,2}[:.h]\d\d\b))?(?:[\[(][^\])\n]{4,32}[\])]\s*"
    r"|(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4},?\s+)?\d{1,2}[:h]\d\d(?::\d\d)?(?:\s?[ap]m)?\b[\s,:–-]*)"
    r"(?:@?[^\W\d_][\w.-]{1,24}(?: [^\W\d_][\w.-]{1,24}){0,2}\s?[:>]\s+)?"
)
TRACE_TALK = re.compile(
    r"\W*(?:during handling of|the above exception|traceback|caused by:|exit status|panic:)"
)
DESCRIBED = frozenset(
    {"your message", "what happens", "what happened", "was ist passiert", "ihre nachricht"}
    | {"que se passe-t-il", "votre message", "su mensaje", "que ocurre", "que pasa"}
    | set(
        "comment comments description details detail message problem issue feedback beschreibung"
        " nachricht kommentar problembeschreibung fehlerbeschreibung anliegen commentaire"
        " descriptif probleme descripcion detalle detalles mensaje comentario problema".split()
    )
)
RATED = re.compile(
    r"\W*(?:it'?s (?:a )?|das ist (?:ein )?|c'est (?:un )?|es (?:un )?)?(?:(?:sev|severity|p|prio"
    r"|priority|prioritat|priorite|prioridad)[ -]?\d|(?:low|high|normal|medium) prio(?:rity)?)\b"
    r"(?:\W+(?:for|now|only|please|imo|i'd|say|i|think|vorerst|erstmal|pour|l'instant|de|momento"
    r"|por|ahora))*\W*"
)
QUOTED = re.compile(r"[\"“„«].*[\"”“»]\W*$")
STRESSED = re.compile(
    r"\W*(?:\S+ ){0,5}(?:important|urgent|pressing|wichtig|dringend|importante|urgente"
    r"|imprescindible"
    r"|indispensable|zwingend|a must|no hurry|no rush|low prio\w*)\W*(?:\S+ ?){0,3}$"
)
WISHED = re.compile(
    r"(?<![\w'])(?:(?:(?:we|i)(?: would|'d) (?:really |also )?(?:like|love)|(?:we|i) (?:want|need"
    r"|wish|miss))"
    r"(?: you to (?:add|build|have|make))?(?: to(?: be able to| have| see| get)?)?(?: for| that)? "
    r"|is there (?:any|a|some) (?:way|possibility|chance|option)(?: to| of)?(?: have)? "
    r"|gibt es (?:eine|die) moglichkeit,? "
    r"|(?:est-ce qu')?(?:il )?y a(?:-t)?-(?:t-)?il (?:un )?moyen de "
    r"|hay (?:alguna |una )?(?:forma|manera|posibilidad) de |pide (?=que )"
    r"|please (?:let (?:us|me)|allow us to|make it possible to) "
    r"|(?:it |that )?(?:would|'d) be (?:\w+ ){1,3}(?:if (?:(?:we|you|one|i) could )?"
    r"|to (?:have"
    r" )?)|(?:is|would) it (?:be )?possible to (?:have )?"
    r"|serait-il possible (?:de |d')(?:prevoir |ajouter |avoir )?|ware es moglich,? "
    r"|seria posible (?:tener )?"
    r"|any chance (?:you could|of) |(?:could|can) (?:you|we) (?:please )?(?:add|have|get"
    r"|build) "
    r"|(?:ich|wir) (?:mochten?|hatten? gern[e]?|wunschen? (?:mir|uns)(?:, dass)?|brauch(?:t)?en?) "
    r"|es ware (?:\w+"
    r" ){1,3}wenn (?:wir |man |ich )?|(?:il )?(?:nous|me) manque |il (?:nous|me) fau(?:drait|t) "
    r"|(?:nous aimerions|j'aimerais|nous"
    r" souhaitons|nous voudrions|je voudrais|on aimerait)(?: pouvoir| avoir)? |(?:nos|me) gustaria"
    r"(?: poder| tener)? |(?:quisieramos|quisiera|necesitamos|queremos)(?: poder| tener)? "
    r"|(?:nos|me) falta(?: una cosa:?)? )"
)
SPOKEN = re.compile(
    r"\b(?:u+h+m*|u+m+|er+m*|ahm?|eh|euh|hm+|and|so|but|because|und|aber|weil|also|et|mais|donc"
    r"|parce"
    r" que|pero|pues|porque|please|bitte|could you|konnten sie)\b"
)
NOTED = re.compile(
    r"[^\W\d_][\w.’' ]{1,40}(?:\([^)\n]{1,40}\) )?\b(?:says|said|reports|reported|tells me|meldet"
    r"|sagt|berichtet|signale|dit|indique|dice|informa)(?: that| dass| que| qu'|,| de que)? "
)
LETTERHEAD = re.compile(
    r"(?:[A-ZÀ-Ý0-9][^\n.:;!?]{2,60}|[^\n.:;!?]*\b(?i:university|council|club|theatre|théâtre"
    r"|gmbh|eg|ev|e\.v|coop|verein"
    r"|school|college|hospital|universit\w+|stadt|bank|ltd|inc|plc|llp|s\.a|s\.l|museum"
    r"|services?)\b[^\n]*)"
)
BEHIND = re.compile(
    r"\s*(?:[·|•]\s*(?:(?:issue|ticket|case|bug|pr|pull request)\b|#\d).*|\(?#\d{1,7}\)?)$"
)
REPLY = re.compile(r"[^:\n]{2,8}:\s*(?:re|aw|antw|sv|rv|tr|res)\s?:")
NOTE_HEAD = re.compile(
    r"\W*(?:call|phone|chat|meeting|visit|telephone|tel|telefon|gesprachs|anruf|appel|llamada"
    r"|nota|note)"
    r"[ -]?(?:note|notes|memo|notiz|log|summary|with|from|mit|von|avec|de|con)?\b[^:\n]{0,28}:\s+"
)
HAILING = re.compile(
    r"\W*(?:(?:hiya?|hello|hey|hi there|(?:good )?morning|hallo|moin|guten (?:tag|morgen)|bonjour"
    r"|salut"
    r"|hola|buenas|buenos dias)[\s,.!]*(?:all|team|zusammen|everyone|folks|a tous|equipo)?[\s,.!]*"
    r"|(?:sorry|apologies|thanks|thank you|danke|entschuldig|vielen dank|merci|desole|pardon"
    r"|gracias|perdon"
    r"|disculp).*|(?:is )?(?:any|some)(?:one|body)\b.*(?:there|about|around|here|help)\b"
    r"|(?:ist )?(?:da )?jemand"
    r" (?:da|hier).*|quelqu'un\b.*|(?:hay )?alguien\b.*|got a (?:sec|second|minute|moment).*"
    r"|(?:a )?quick question.*|kurze frage.*|petite question.*|una pregunta.*)+\W*$"
)
ASIDE = re.compile(
    r",?\s*\(?(?:(?:is it )?(?:just|only) me|any(?:one|body) else|any ideas?|nur (?:bei )?mir?"
    r"|noch jemand"
    r"|que (?:chez )?moi|solo (?:a )?mi|a alguien mas)\)?\s*\?+$"
)
SAYS = re.compile(
    r"(?!(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|mai|jun|jul|aug|sep|oct|nov|dec|dez|lun"
    r"|mer|jeu"
    r"|ven|sam|dim)[a-z]*\b)[^\W\d_]{3,}"
)
IDLE = re.compile(
    r"(?:you to |thank|know|talk|say|ask|tell|to know|hear|speak|inform|was\b|mich|ihnen|nur"
    r"|wissen|sagen"
    r"|fragen"
    r"|anmerken|remercier|savoir|dire|saber|decir|agradecer|help|hilfe|ayuda|aide|a (?:call|reply"
    r"|ruckruf)"
    r"|it\b|this\b|that\b|das\b|es\b)"
)
WISH_WORDS = frozenset(
    "want need wish miss way moyen forma manera moglichkeit pide like love d'like could can we'd"
    " i'd great nice useful chance possible mochte"
    " mochten"
    " hatte hatten wunsche wunschen brauche brauchen brauchten schon toll gut prima manque"
    " aimerions"
    " aimerais souhaitons voudrions voudrais aimerait gustaria quisieramos quisiera necesitamos"
    " queremos"
    " moglich posible falta faudrait faut".split()
)
INTRODUCED = re.compile(
    r"\W*(?:\w+\W+){0,3}?(?i:it's|it is|this is|i'm|i am|my name is|hier(?: ist| spricht)?"
    r"|mein name ist"
    r"|ich bin|da is(?:t|ch)|je suis|c'est|ici|je m'appelle|soy|me llamo|(?:le|les) habla)\s"
    r"(?:\w+ ){0,6}?[A-ZÀ-Ý]\w+"
)
SOLD = re.compile(
    r"\b(?:(?:the|your|our|die|das|ihre?|unsere?|euer|eure|le|la|votre|notre|el|su|vuestra"
    r"|nuestra)\s|l')"
    r"(?:offer|quote|quotation|proposal|order|contract|angebot|offerte|bestellung|vertrag|devis"
    r"|offre"
    r"|proposition|commande|contrat|oferta|propuesta|presupuesto|pedido|contrato)\b"
    r"(?: (?:you|we|i) (?:sent|made|gave)(?: \w+){0,2}?(?= (?:for|on|about)))?"
    r"(?: (?:for|on|about|uber|fur|pour|sur|para|sobre|de) (?:the |den |die |das |le |la |les "
    r"|el |los )?"
    r"(?:[^\W\d_]+(?: (?=[a-z]+\b))?){1,2})?"
)
OF_DAY = re.compile(
    r"\s(?:(?:du|vom|am|of|on|del|le|from)(?: (?:the|\w+(?:day|tag|di|es)))?,?|(?:mon|tues|wednes"
    r"|thurs"
    r"|fri)day)$"
)
HELLO = re.compile(
    r"(?i:sehr geehrte[rs]?(?: damen und herren)?|hi|hello|hey|dear|hallo|moin|guten tag"
    r"|guten morgen|bonjour|salut|hola|buenos d[ií]as)"
    r"(?: [A-ZÀ-Ý][\w'’.-]*){0,3},\s+(?=\S+ \S+ \S+)"
)
