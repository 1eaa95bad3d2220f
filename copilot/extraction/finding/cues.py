"""Which side of the day of writing a moment lies on, and the words that name its part.

Invariant: the word right before a moment decides; only without one do the verbs of its clause.
"""

from __future__ import annotations

import re
from functools import lru_cache

from copilot.extraction.finding.days import Side
from copilot.extraction.finding.labels import form_label
from copilot.extraction.finding.sheet import Sheet

_REACH = 90
_CLAUSE = re.compile(r"[.;!?](?=\s)|\n\s*\n|\n[>|]*\s*(?=[-*•\[])|[()\[\]\"|·]| - |: ")
_AFTERTHOUGHT = re.compile(r", | (?:and|und|et|y|because|weil|car|porque|as|but|aber|mais|pero) ")
_FILLERS = frozenset(
    "the about around roughly approximately ca circa etwa ungefahr gegen le la les el las los dem"
    " den "
    "der die zum environ vers aproximadamente sobre tipo last next this on at am um of a "
    "close business cob eod noon end morning afternoon evening lunchtime start play day mittag "
    "late early shortly genau precisely exactly du de dia como letzten dieser diesem nachsten "
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes "
    "miercoles jueves viernes sabado domingo mon tue wed thu fri sat sun".split()
)
_AFTER_IT = (
    "by until till before due deadline latest no later than|not later than|due by|due on|needed by"
    "|due date|valid until|bis|bis zum|bis spatestens|spatestens|spatestens bis|spatestens am|vor"
    "|fallig|fallig am|frist|d'ici|d'ici le|d'ici au|avant|avant le|au plus tard|au plus tard le"
    "|jusqu'au|jusqu'a|pour le|pour|antes de|antes del|hasta|hasta el|a mas tardar|a mas tardar el"
    "|para|para el|como muy tarde|vence|by end|starting|as of|ab|a partir de|a partir del|a partir"
    " du"
    "|from now until|next update|renewal|closes|expires|go live on|go live|ends"
)
_BEFORE_IT = (
    "since|ever since|started|began|started on|began on|happened|happened on|noticed"
    "|detected|reported|resolved|fixed|sent|wrote|dated|seit|seit dem|begann|begonnen|angefangen"
    "|aufgetreten|bemerkt|gemeldet|behoben|depuis|depuis le|des|survenu|constate|signale|resolu"
    "|commence|datee du|desde|desde el|ocurrio|empezo|comenzo|detectado|resuelto|enviado"
    "|noticed on|rang on|called on|called|spoke on|erstmals|zuletzt|last seen|since last|as early"
    " as"
)
_SIDE: dict[str, Side] = {
    **dict.fromkeys(
        (*"by until till before due deadline latest".split(), *_AFTER_IT.split("|")), 1
    ),
    **dict.fromkeys(_BEFORE_IT.split("|"), -1),
    **dict.fromkeys(("starts", "begins"), 0),  # "it starts to hang at 9", "it starts 1 December"
}
_LAST_ONES = frozenset(
    "last past letzten letzter vergangenen vorigen dernier derniere passe pasado".split()
)
_NEXT_ONES = ("next", "nachst", "naechst", "prochain", "proxim", "upcoming")
_CLAUSE_START = re.compile(r"[.;!?]\s|\n")
_UNTIL = frozenset(("until", "till", "bis", "hasta", "hasta el", "jusqu'a", "jusqu'au"))
_PAST = frozenset(
    "was were had did got came went started began stopped failed broke rang wrote said told sent"
    " saw "
    "noticed happened tried lost crashed ran been used hatte hatten war waren wurde wurden gab kam "
    "kamen ging gingen lief liefen fiel fielen stand standen begann bekam bekamen funktionierte"
    " etait "
    "etais etaient avait avais avaient avons ai ont fue fueron estaba habia hemos ha han paso"
    " empezo "
    "dejo dejaron llego salio ocurrio fallo tuvimos era cayo cayeron recupero volvio volvieron"
    " fallaron funcionaba tombe apparu survenu".split()
)
_FUTURE = frozenset(
    "will shall let's please must need needs want wants could propose suggest meet planned plan"
    " plans "
    "scheduled would should free available works book invite demo deadline renewal going wird"
    " werden "
    "wollen mussen muss bitte sollen sollte konnen konnten treffen vorschlag schlage geplant"
    " termin "
    "brauchen brauche moglich benotigen sera serons serait allons prevu prevue propose merci"
    " voudrais "
    "voudrions devons doit faut faudrait pourrait pourriez pourrions pouvez souhaitons vamos"
    " podemos "
    "podria quieren quiero necesito necesitamos debe deben propongo previsto prevista cita reunion "
    "firma".split()
)
_PARTICIPLE = re.compile(r"[a-z]{3,}ed|ge[a-z]{3,}t")
_TO_COME = re.compile(r"[a-z]{3,}(?:ara|era|ira|aran|eran|iran|aremos|eremos)|[a-z]+'(?:ll|d)")
_VERB = re.compile(r"[a-z]+(?:'[a-z]+)?")


def side_by_cue(sheet: Sheet, start: int) -> Side:
    """Where the words right before a moment put it; 0 where they don't."""
    label = cue_before(sheet.folded, start)
    if label in _UNTIL and _told_by_verbs(_around(sheet.folded, start, start)) < 0:
        return -1  # "it worked until Tuesday"
    if label in _SIDE:
        return _SIDE[label]
    words = _CLAUSE_START.split(sheet.folded[max(0, start - 30) : start])[-1].split()[-3:]
    if words and words[-1] in _LAST_ONES:
        return -1
    return 1 if any(word.startswith(_NEXT_ONES) for word in words) else 0


def side_of(sheet: Sheet, start: int, end: int, *, widely: bool = True) -> Side:
    """As ``side_by_cue``; else by the verbs of the clause, and ``widely`` of those around it."""
    side = side_by_cue(sheet, start)
    if side:
        return side
    told = _told_by_verbs(_around(sheet.folded, start, end))
    if told or not widely:
        return told
    if sheet.folded[end : end + 14].lstrip().startswith("?"):
        return 1
    return _told_by_verbs(sheet.folded[max(0, start - 300) : end + 300])


def _told_by_verbs(words: str) -> Side:
    past = future = 0
    for word in _VERB.findall(words):
        if word in _PAST or _PARTICIPLE.fullmatch(word):
            past += word not in _FUTURE
        if word in _FUTURE or _TO_COME.fullmatch(word):
            future += word not in _PAST
    return -1 if past > future else 1 if future > past else 0


@lru_cache(maxsize=64)
def cue_before(folded: str, start: int) -> str:
    """The word or two before a moment that tell its part: "since", "bis spatestens", "due"."""
    tail = folded[max(0, start - 48) : start]
    clause = _CLAUSE.split(tail)[-1]
    words = [word.strip(",*_>:.") for word in clause.split()]
    words = [word for word in words if word]
    kept = list(words)
    while kept and kept[-1] in _FILLERS:
        kept.pop()
    for count in (3, 2, 1):
        for candidate in (words[-count:], kept[-count:]):
            phrase = " ".join(candidate)
            if len(candidate) == count and phrase in _SIDE:
                return phrase
    return ""


def label_of(folded: str, start: int) -> str:
    """What names the moment: its cue, the label of a form's line, or the words before it."""
    cue = cue_before(folded, start)
    if cue:
        return cue
    form = form_label(folded, start)
    if form:
        return form
    clause = _CLAUSE.split(folded[max(0, start - 48) : start])[-1]
    words = [word.strip(",*_>:.") for word in clause.split()]
    return " ".join(word for word in words[-2:] if word)


def _around(folded: str, start: int, end: int) -> str:
    before = _CLAUSE.split(folded[max(0, start - _REACH) : start])[-1]
    after = _AFTERTHOUGHT.split(_CLAUSE.split(folded[end : end + _REACH])[0])[0]
    return f"{before} {after}"
