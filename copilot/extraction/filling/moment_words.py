"""The words around a date or a time that tell its part: since, by, when it happened.

Invariant: patterns on folded text, of English, German, French and Spanish alike.
"""

from __future__ import annotations

import re

WEEKDAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|montag|dienstag"
    r"|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi"
    r"|dimanche|lunes|martes|miercoles|jueves|viernes|sabado|domingo"
)
LINK = (
    rf"\W*(?:(?:{WEEKDAY}|the|der|dem|den|le|la|el|dia|tag|jour|spatestens|about|around|ca|circa"
    r"|etwa|gegen|vers|sobre|at|um|a|on|am|near|zum|ungefahr|environ|hacia|las|les|end|of|business"
    r"|close|play|cob|eod|next|this|coming|latest|noon|nachste[rn]?|kommende[rn]?|diese[nrm]?|ende"
    r"|night|evening|morning|nacht|abend|nuit|soir|noche|tarde|it|this|das|es|hat|war|ca"
    r"|c'etait|esto"
    r"|fin|de|du|cette|ce|proximo|este|mediados|finales|mitte|anfang|,)\W+){0,5}$"
)
SINCE = re.compile(
    r"\b(?:since|ever since|from|starting|started|start|began|begun|beginning|as of|after|seit|ab"
    r"|begonnen|begann|angefangen|beginn|depuis|a partir de|a compter de|des|commence|debut"
    r"|desde|a partir del?|empezo|comenzo|empezando|inicio|seit wann)\b" + LINK
)
FIRST = re.compile(
    r"\b(?:first (?:seen|noticed|happened|appeared|occurred|time)|for the first time|zum ersten mal"
    r"|erstmals|das erste mal|zuerst|(?:pour )?la premiere fois|(?:por )?primera vez|happened"
    r"|occurred|passiert\w*|aufgetreten|(?:est|etait) arrivee?|survenu|ocurrio"
    r"|(?:nos|me|se) paso)\b[^.;:!?]*$"
)
WHEN = re.compile(
    r"\b(?:when|since when|what time|how long|wann|seit wann|um wie viel uhr|quand|quelle heure"
    r"|cuando|a que hora)\b(?![^?]*\b(?:notic|bemerk|remarqu|constat|not(?:o|aste|aron)\b))[^?]*\?"
)
BY_EVENT = re.compile(
    r"\b(?:before|bevor|avant que?|antes (?:de que|del?|que))\b(?:\W+[^\W\d_][\w'’-]*){1,6}\W*$"
)
SO_BY = re.compile(
    r"\b(?:by then|before then|until then|bis dahin|d'ici la|avant cela|para entonces"
    r"|antes de eso)\b"
)
STARTS = re.compile(
    r"\b(?:starts?|joins?|begins|fangt|faengt|beginnt|anfangt|commence|arrive|prend ses fonctions"
    r"|empieza|comienza|se incorpora|entra)\b"
)
AWAY = re.compile(
    r"^\W*(?:\w+\W+){0,3}(?:holiday|vacation|on leave|urlaub|abwesend|krank|conges?|absente?"
    r"|vacaciones|de baja)\b"
)
SINCE_EVENT = re.compile(
    r"\b(?:since|ever since|seit|seitdem|depuis|desde|(?:started|began|start) (?:after|when|with)"
    r"|begann (?:nach|mit)|commence (?:apres|avec)|empezo (?:despues|tras"
    r"|con))\b(?:\W+[^\W\d_][\w'’-]*){1,7}\W*$"
)
TROUBLE = re.compile(
    r"\b(?:twice|fail\w*|error\w*|crash\w*|stop\w*|broke\w*|wrong|not|n't|can't|doppelt|zweimal"
    r"|nicht"
    r"|kein\w*|fehl\w*|falsch\w*|absturz|deux fois|erreur|plus|pas|panne|faux|bloqu\w*|dos veces"
    r"|cuts? out|kicked|freez\w*|hang\w*|refus\w*|double|again|wieder|nochmals?|encore"
    r"|otra vez|manque\w*|falta\w*|de menos"
    r"|error|drops?|dropped|lost|gone|missing|empty|(?:is|are|went) down|stuck|dead|weg|leer|tot"
    r"|abgesturzt|hangt"
    r"|fall\w*|mal|sin|duplicad\w*)\b|n't\b"
)
ON = re.compile(
    r"\b(?:on|at|in|around|about|happened|noticed|occurred|am|um|gegen|gestern|heute|vom|le|du|vers"
    r"|hier|survenu|el|del|a las|ayer|hoy|ocurrio|anoche)\b" + LINK
)
BY = re.compile(
    r"\b(?:by|until|till|before|no later than|not later than|latest by|at the latest by|due|due by"
    r"|deadline|deadline is|needed by|need (?:it|this|them|that|right numbers) (?:by|before)|bis"
    r"|bis zum|bis spatestens|spatestens|spatestens bis|spatestens am|vor|vor dem|frist|fallig"
    r"|avant|avant le|d'ici|d'ici le|d'ici au|jusqu'au|au plus tard|au plus tard le|pour|pour le"
    r"|echeance|antes del?|hasta|hasta el|a mas tardar|a mas tardar el|para|para el|como muy tarde"
    r"|como tarde|plazo|vence)\b" + LINK
)
AT_LATEST = re.compile(
    r"\W{0,3}(?:at the latest|latest|spatestens|au plus tard|a mas tardar|como muy tarde|como tarde"
    r"|please|bitte|s'il vous plait|por favor)\b"
)
ASKED = re.compile(
    r"\b(?:need|needs|needed|must|has to|have to|please|pls|plz|deadline|asap|want"
    r"|would be good|required|by"
    r"|brauch\w*|benotig\w*|muss|mussen|bitte|spatestens|wollen|wolle|faut|faudrait|devons|doit"
    r"|doivent|besoin"
    r"|hay que|espera\w*|attend\w*|erwart\w*|expects?|could you|can you|would you|konnten sie"
    r"|konnt ihr|pourriez|pouvez|podria\w*|pueden?"
    r"|saurais gre|merci de|voulons|souhait\w*|impérativement|necesit\w*|tiene que|tienen que"
    r"|unverzichtbar|mocht\w*|ware|war (?:gut|schon|super|toll|prima)|hoff\w*|porfa|sea"
    r"|serait|if possible|wenn moglich"
    r"|si possible|a ser posible|would help|otherwise|sonst|sinon|de lo contrario|si no"
    r"|debe|deben|por favor|pido|pedimos|urge|solucionad\w*|quede|queremos|quisier\w*|precis\w*)\b"
)
OTHER_MATTER = re.compile(
    r"\b(?:holiday|vacation|closed|away|out of office|back in|on leave|fair|stand|booth|webinar"
    r"|urlaub"
    r"|messe|geschlossen|betriebsferien|abwesend|conges?|absente?|ferme[es]*|salon|vacaciones|feria"
    r"|cerrad[oa]s?|cancelled|abgesagt|annulee?|cancelad[oa]|reach me|erreichbar|zu erreichen"
    r"|joignable|localizable|call me|stand [a-z]\d|maintenance|wartung|contract|vertrag|contrat"
    r"|go live|renewal|valid until|gultig|stand vom|consent|datenschutz|privacidad)\b"
)
FORMER = re.compile(
    r"\b(?:last time|back then|until|till|bis|jusqu'(?:a|au)|hasta|fine (?:in|on|until)|worked|ok"
    r" in"
    r"|similar|like in|like on|used to|damals|letztes mal|funktioniert bis|stand|comme|la derniere"
    r"|incident (?:du|de|of)|nothing to do|as agreed|wie im|letzte mal|like the|template of|order"
    r" of"
    r"|invoice of|dated|ordered on|bestellt am|vom|recomendo|we noticed)\b[^.;]*$"
)


TODAY = re.compile(r"(?:today|heute|aujourd'hui|hoy(?: mismo)?|tonight|heute noch)")
PAST_TODAY = re.compile(
    r"\b(?:since|seit|depuis|desde|this morning|heute (?:morgen|fruh)|ce matin|esta manana)\b"
)
