"""Words of questions: those that turn one, those that say nothing, those that mean the same.

Invariant: the tables are in lower case; of words that mean the same one stands for all.
"""

from __future__ import annotations

import re

from copilot.knowledge.terms import stem

# Small words that turn a question: both have them, or they ask different things.
DECISIVE = frozenset(
    """
    before after until till since during without except unless only first last next previous
    never always both again off out down up under below above over inside outside more less most
    least fewer other another else same once twice second third all every each half
    their his her them him theirs he she they between against instead
    from by into than
    """.split()
)
# Of these, what picks some of what follows: "only admins", "the last backup".
PICKING = frozenset(
    """
    only first last next previous more less most least fewer other another same second third all
    every each both half
    """.split()
)
# Where a phrase ends; what stands before a possessor's own.
BREAK, OWNS = "", "'s"
# Who does what to whom: the order of the words around them counts.
LINKS = frozenset("of for to with in on".split())
# What may be, must be, and is asked about anyway; ``asks`` tells these apart.
EMPTY = frozenset(
    """
    able allowed permitted possible need needs needed required supposed mandatory obliged
    necessary ought want wish exactly actually really basically currently generally usually
    anyone anybody someone somebody you'd i'd
    """.split()
)
# What only says which kind of answer is asked for, where that kind is.
OF_KIND = {
    "what": frozenset("mean means meant meaning define definition describe explain".split()),
    "why": frozenset("reason reasons cause causes".split()),
    "where": frozenset("location place".split()),
    "how many": frozenset("number many".split()),
    "how often": frozenset("frequency".split()),
    "how long": frozenset("duration".split()),
    "when": frozenset("time date day".split()),
}

_PHRASES = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), one)
    for words, one in (
        (r"(?:turn|switch)(?:ing|ed|s|es)? (?:it )?off|deactivat(?:e|es|ed|ing)", "disable"),
        (r"(?:turn|switch)(?:ing|ed|s|es)? (?:it )?on|activat(?:e|es|ed|ing)", "enable"),
        (r"log(?:ging|ged|s)? in(?:to)?|sign(?:ing|ed|s)? in(?:to)?|sign-?in|log-?in", "login"),
        (r"log(?:ging|ged|s)? (?:out|off)|sign(?:ing|ed|s)? out|sign-?out|log-?out", "logout"),
        (r"set(?:ting|s)? up|set-?up", "configure"),
        (r"shut(?:ting|s)? down|shut-?down|power(?:ing|ed|s)? off", "shutdown"),
        (r"get(?:ting|s)? rid of", "delete"),
        (r"in charge of", "responsible for"),
        (r"look(?:ing|ed|s)? for", "find"),
        (r"find(?:ing|s)? out", "find"),
        (r"carry(?:ing)? out|carries out|carried out", "perform"),
        (r"as well as", "and"),
        (r"how come|what(?:'s| is) the reason(?: that| why)?", "why"),
        (r"how much time", "how long"),
    )
)  # fmt: skip
_GROUPS = """
delete remove erase | fix repair solve resolve | get obtain acquire retrieve fetch
restart reboot | configure config configuration | buy purchase | picture image photo
employee staff worker | colleague coworker | duty duties responsibility responsibilities
benefit benefits advantage advantages | drawback drawbacks disadvantage disadvantages downside
admin administrator | admins administrators | prod production | info information
password pwd | kubernetes k8s | postgres postgresql | javascript js | typescript ts
auth authentication | ctrl control | cmd command | every all each | till until
begin start launch | finish end | choose select pick | show display | perform execute run
center centre | centered centred | color colour | colors colours | behavior behaviour
favor favour | label labels | license licence | canceled cancelled | canceling cancelling
catalog catalogue | program programme | gray grey | analyze analyse | labeled labelled
organization organisation | authorize authorise | customize customise | initialize initialise
serialize serialise | optimize optimise | minimize minimise | maximize maximise
normalize normalise | prioritize prioritise | synchronize synchronise | summarize summarise
recognize recognise | visualize visualise | utilize utilise use | authorization authorisation
customizing customising | customized customised | artifact artefact | acknowledge ack
"""
_SAME = {word: group.split()[0] for group in re.split(r"[|\n]", _GROUPS) for word in group.split()}
_NAME = "qqq"
_DONE = re.compile(
    r"\w{2,}(?<!e)ed|given|taken|written|broken|driven|chosen|stolen|frozen|hidden|sent|kept|held|"
    r"told|made|built|paid|shown|found|lost|left|done|known|put|run|read|brought|bought|sold|seen"
)
_SAME_STEMS = {stem(word): stem(one) for word, one in _SAME.items()}


def name_for(key: str) -> str:
    """A word for what is compared to the letter: it keeps its place among the others."""
    return _NAME + "".join(chr(97 + (b >> 4)) + chr(97 + (b & 15)) for b in key.encode())


def is_done(word: str) -> bool:
    """Whether it is a participle; at a phrase's end that is no part of it: "are logs kept"."""
    return _DONE.fullmatch(word) is not None


def is_name(word: str) -> bool:
    """Whether ``name_for`` made it."""
    return word.startswith(_NAME)


def unphrased(text: str) -> str:
    """The text with a word for each phrase that means the same."""
    for phrase, one in _PHRASES:
        text = phrase.sub(one, text)
    return text


def one_for(word: str) -> str:
    """The word that stands for this one."""
    return _SAME.get(word, word)


def stem_for(word: str) -> str:
    """The stem that stands for this word's."""
    base = stem(word)
    return _SAME_STEMS.get(base, base)
