"""Words that open and close letters, and lines that no person wrote for this mail.

Invariant: whole lines are told by them, never a part of a sentence.
"""

from __future__ import annotations

import re

GREETING = re.compile(
    r"""(?:
      (?:hi|hello|hey|hiya|dear|morning|good\s(?:morning|afternoon|evening|day)|greetings|howdy
        |afternoon|evening)\b
    | (?:hallo|moin(?:\smoin)?|servus|grüezi|grüß\s?(?:gott|dich|euch)|guten\s(?:tag|morgen
        |abend)|liebe[rs]?
        |sehr\sgeehrte[rs]?|werte[rs]?|tach|mahlzeit|hi)\b
    | (?:bonjour|bonsoir|salut|coucou|madame|monsieur|chers?|chère|cher|mesdames)\b
    | [^\W\d_][\w-]{1,20},\s(?:good\s(?:morning|afternoon|evening)|hi|hello|morning|hallo
        |guten\s(?:tag|morgen)
        |bonjour|bonsoir|hola|buen\s?os?\s?d[ií]as?|buenas)\b
    | (?:hola|buenos\sd[ií]as|buenas(?:\stardes|\snoches)?|buen\sd[ií]a|estimad[oa]s?
        |querid[oa]s?|muy\sseñor(?:es)?)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
CLOSING = re.compile(
    r"""[\W_]{0,3}(?:
      (?:(?:with\s)?(?:many\s)?(?:kind(?:est)?|best|warm(?:est)?|friendly|good)\s(?:regards
        |wishes|greetings)
        |all\sthe\sbest|all\sbest|regards|rgds|kr|br|best|cheers|sincerely(?:\syours)?
        |yours\s(?:sincerely|faithfully|truly)|yours
        |respectfully|cordially|take\scare|speak\ssoon|talk\ssoon|have\sa\s(?:great|nice
        |good)\s\w+|warmly|ta
        |(?:many\s|kind\s)?(?:thanks|thx|tnx|thank\syou)(?:\s(?:again|in\sadvance|so\smuch
        |very\smuch|a\slot|for\syour\shelp|(?:and|&)\s(?:kind\s|best\s)?regards))*
        |thanks\sin\sadvance)
    | (?:(?:mit\s)?(?:besten?|freundlich(?:en|em|e)|herzlich(?:en|e)|lieben?|vielen?|schönen?
        |viele|beste|liebe)\s(?:gr(?:ü|ue)(?:ß|ss)(?:en|e)?|dank)
        |gr(?:u|ü)(?:ß|ss)e?|mfg|vg|lg|bg|hg|danke(?:\s(?:im\svoraus|schön|und\sgr(?:u
        |ü)ß(?:e)?|vorab))?|hochachtungsvoll
        |(?:freundliche|herzliche|beste)\sgrüsse|merci\svielmal|besten\sdank|schönen\s(?:tag
        |abend)(?:\snoch)?)
    | (?:(?:bien\s|très\s)?cordialement|cdlt|cdt|bien\sà\s(?:vous|toi)
        |salutations(?:\sdistinguées)?|sincères\ssalutations
        |meilleures\ssalutations|bonne\s(?:journée|soirée|fin\sde\sjournée|réception)
        |merci(?:\s(?:d['’]avance|par\savance|beaucoup|bien|encore))*
        |amicalement|respectueusement|à\sbientôt|bien\scordialement|avec\smes\sremerciements
        |(?:je\svous\sprie|veuillez|nous\svous\sprions)[^.]{0,60}\b(?:agréer|accepter
        |recevoir)\b.{0,140}
        |dans\sl['’]attente\sde\s.{0,160})
    | (?:(?:muchos\s|un\s(?:cordial\s)?)?salud(?:o|os)(?:\scordial(?:es)?)?|cordialmente
        |atentamente|atte|(?:muchas\s)?gracias(?:\s(?:de\santemano|por\sadelantado|por\stodo
        |y\s(?:un\s)?saludos?))*
        |un\s(?:abrazo|saludo(?:\scordial)?)|quedo\sa\sla\sespera.{0,60}
        |reciban?\sun\s(?:cordial\s)?saludo|hasta\spronto)
    )(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
BOILERPLATE = re.compile(
    r"""[\W_]{0,8}(?:
      (?:sent|get)\s(?:from|via|with|using)\s(?:my|an?|the|outlook|gmail|yahoo|mail|proton
        |samsung|iphone|mobile)
    | get\soutlook\sfor|sent\sfrom\soutlook
    | (?:von|mit)\smeine[mr]\s(?:\w+[\s-]){0,2}(?:iphone|ipad|handy|smartphone|mobiltelefon
        |gerät|android\S*|samsung\S*|mobilgerät|tablet)
    | gesendet\s(?:von|mit|über|mit\sder|aus)|diese\snachricht\swurde\svon\smeinem
    | envoyé\s(?:de|depuis|à\spartir)|envoyé\savec|télécharge[rz]?\soutlook|obtenir\soutlook
        |outlook\sfür\s(?:ios|android)\sbeziehen|holen\ssie\ssich\soutlook
    | enviado\s(?:desde|con|a\strav[ée]s)|obt[eé]n(?:er|ga)?\soutlook|descargar\soutlook
    | (?:caution|warning|achtung|attention|attenti[oó]n|atenci[oó]n|external|extern
        |externe[rs]?|externo|\[external|vorsicht|notice)\b.{0,60}(?:e-?mail|mail|message
        |nachricht|correo|courriel|sender|absender|expéditeur|remitente|outside|origin|extern)
    | (?:this|diese|dieses|ce|cet|cette|este|esta|la\spresente|le\sprésent|the\sinformation
        |the\scontents?|any\sviews|der\sinhalt|die\sinformationen|les\sinformations
        |la\sinformaci[oó]n)\s.{0,60}(?:e-?mail|mail|message|nachricht|courriel|correo|mensaje
        |communication|transmission|attachments?|anhänge)\b.{0,200}(?:confidential|intended
        |vertraulich|bestimmt|privileged|confidenti|confidencial|destin|recipient|viren|virus
        |monitored|überwacht|überprüft|scanned|automatically|automatisch|automatique|automátic
        |sent\sto\syou|generated|was\ssent)
    | (?:confidentiality|disclaimer|privacy|legal)\b.{0,20}(?:notice|statement|hinweis|:)
        |disclaimer\b|vertraulichkeits(?:hinweis|erklärung)|datenschutz(?:hinweis
        |erklärung)?\b.{0,4}:|avis\sde\sconfidentialité|aviso\s(?:de\s(?:privacidad
        |confidencialidad)|legal)
    | if\syou\s(?:are\snot\sthe|have\sreceived|no\slonger\swish|received\sthis
        |want\sto\sunsubscribe)|(?:sollten|wenn|falls)\ssie\s(?:nicht\sder|diese\s(?:e-?mail
        |nachricht)|irrtümlich|den\snewsletter)|si\svous\s(?:n['’]êtes\spas|avez\sreçu)
        |si\s(?:usted\s)?(?:no\ses|ha\srecibido|recibi[oó])\b
    | (?:click\shere\sto\s)?(?:unsubscribe|abmelden|abbestellen|se\sdésabonner|se\sdésinscrire
        |darse\sde\sbaja|cancelar\s(?:la\s)?suscripci[oó]n|manage\s(?:your\s)?preferences
        |view\sin\sbrowser|im\sbrowser\sanzeigen)\b
    | (?:to\sunsubscribe|um\ssich\sabzumelden|pour\svous\sdésabonner|para\sdarse\sde\sbaja)
    | (?:please\s)?(?:consider|think\sof|think\sabout|denken\ssie\san|bitte\sprüfen
        |bitte\sdenken|pensez\sà|avant\sd['’]imprimer|antes\sde\simprimir
        |schützen\ssie)\b.{0,60}(?:environment|umwelt|imprim|drucken|ausdruck|medio\sambiente
        |print|papier)
    | before\sprinting
    | \#\#-.{0,80}-\#\#|.{0,30}(?:reply|type\syour\s(?:reply|response))\s(?:above
        |over)\sthis\sline|.{0,20}antwort(?:en)?\s(?:bitte\s)?(?:oberhalb|über)\s(?:dieser
        |diese)\s|.{0,20}(?:répondre|répondez|écrivez)\s.{0,30}au-dessus\sde\scette\sligne
        |.{0,20}(?:responda|escriba)\s.{0,30}(?:encima|arriba)\sde\sesta\sl[ií]nea
    | (?:this|das|dies|ceci|este)\s(?:is|ist|est|es)\s(?:an?|eine|un)\s(?:auto\w*
        |system)[\w-]*\s|(?:do\snot|please\sdo\snot|don['’]t)\sreply\b
        |bitte\santworten\ssie\snicht|(?:merci\sde\s)?ne\s(?:pas\srépondre|répondez\spas)
        |(?:por\sfavor,?\s)?no\s(?:responda|conteste)\b
    | (?:scanned|geprüft|virus-free|virenfrei|checked)\s.{0,40}|sans\svirus|libre\sde\svirus
    | (?:copyright\s)?(?:©|\(c\))\s?(?:20\d\d|[A-Z])|all\srights\sreserved
        |alle\srechte\svorbehalten|tous\sdroits\sréservés
    | (?:powered|delivered)\sby\s|you(?:['’]re|\sare)\sreceiving\sthis|you\sreceived\sthis\s
        |sie\serhalten\sdiese|vous\srecevez\sce|(?:usted\s)?recibe\seste
    | \[?(?:cid:|image\d*\.(?:png|jpe?g|gif)|inline\simage|bild\sentfernt|logo
        |image:)[^\n]{0,80}\]?$
    | (?:ticket|case|fall|vorgang|caso|request)[-\s]?(?:id|ref)?:?\s?\#?[\w-]{3,40}\s?$(?<=ref)
    | (?:join|follow|visit|find|like|see)\sus\b|folgen\ssie\suns|besuchen\ssie\suns
        |suivez[-\s]nous|s[ií]ga?nos\b|rejoignez-nous|retrouvez-nous|vis[ií]tenos
        |proud\s(?:to\sbe|sponsor|member|partner)|treffen\ssie\suns
    | \[[^\]]{0,30}(?:footer|added\sby|automated|automatic|automatisch|automatique
        |automátic)[^\]]{0,400}\]?
    )""",
    re.VERBOSE | re.IGNORECASE,
)
CONTACT_IN = re.compile(r"[\w.+-]@[\w-]|\+?\(?\d[\d ()./-]{7,}\d")
POSTSCRIPT = re.compile(r"p\.?\s?-?\s?s\.?[\s:.,-]|nb[:.]\s|n\.b\.", re.IGNORECASE)
CONTACT = re.compile(
    r"""(?:
      (?:tel|t|m|f|p|d|e|w|fon|fax|phone|mobile?|mob|cell|office|direct|desk|ext|telefon|mobil
        |handy|durchwahl|e-?mail|web|www
        |tél|téléphone|port(?:able)?|fixe|móvil|celular|cel|tfno|tlf|teléfono|télécopie
        |line)[\s.:]{1,3}.{0,4}[+(\d]
    | \+?\(?\d[\d\s()./-]{6,20}\d
    | \S+@\S+\.\w+|(?:https?://|www\.)\S+
    )""",
    re.VERBOSE | re.IGNORECASE,
)
