"""Words whose meaning turns a sentence around, and words that mean the same.

Invariant: every table is in stems (knowledge.terms.stem), symmetric where it says so.
"""

from __future__ import annotations

import re

from copilot.knowledge.terms import stem

# Words and phrases that negate what follows them in their clause.
NEGATIONS = frozenset(
    "not no never without cannot neither nor none nothing nobody nowhere avoid refrain prohibited "
    "forbidden unable hardly isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't "
    "couldn't shouldn't mustn't haven't hasn't hadn't needn't dont doesnt cant wont shouldnt isnt "
    "instead".split()
)
# "no longer than" compares, "not only" adds: neither denies what follows.
NOT_NEGATING = re.compile(
    r"\b(?:not (?:only|just|least|necessarily)|no (?:more|less|fewer|later|longer|earlier) than"
    r"|whether or not|no matter|why not|if not|or not|no\.\s*\d)\b",
    re.I,
)

_OPPOSITES = """
enable disable | enabled disabled | before after | increase decrease | more less fewer
more fewer | always never sometimes rarely | allow forbid deny prevent block disallow prohibit
allowed forbidden denied prohibited | accept reject decline | start stop end | begin end
open close | opened closed | first last | internal external | public private | high low
higher lower | highest lowest | minimum maximum | min max | above below | include exclude
included excluded | required optional | mandatory optional voluntary | must may optional
success failure | succeed fail | primary secondary backup | add remove delete | true false
yes no | early late | earlier later | old new | older newer | encrypt decrypt
encrypted unencrypted plaintext | manual automatic | manually automatically | upper lower
synchronous asynchronous | sync async | online offline | safe unsafe dangerous
same different | best worst | better worse | easy difficult hard | large small big | larger smaller
long short | longer shorter | fast slow | faster slower | quickly slowly | full empty | push pull
read write | upload download | send receive | lock unlock | locked unlocked | active inactive
available unavailable | valid invalid | known unknown | stable unstable | healthy unhealthy
left right | inside outside | import export | import unimport | login logout | grant revoke
raise lower | rise fall | gain lose | win lose | buy sell | strong weak | major minor
temporary permanent | temporarily permanently | single multiple | many few | together separately
immediately eventually later | during outside | positive negative | pass fail | passed failed
connect disconnect | install uninstall | subscribe unsubscribe | approve reject | approved rejected
agree disagree | possible impossible | likely unlikely | necessary unnecessary | direct indirect
directly indirectly | frequent infrequent rare | frequently rarely | often rarely seldom
common uncommon rare | similar different | complete incomplete | critical trivial | urgent trivial
escalate ignore | acknowledge ignore | remember forget | keep delete discard | keep change
increase reduce | improve worsen | upgrade downgrade | loud quiet | ahead behind | top bottom
least most | cheap expensive | presence absence | present absent | alive dead | legal illegal
appropriate inappropriate | correct incorrect wrong | right wrong | good bad | confirm deny
expand shrink | hot cold | busy idle | everyone nobody | everything nothing | all none
with without | and nor | encourage discourage | encouraged discouraged | support oppose
local remote | reliable unreliable | useful useless | advantage disadvantage | dependent independent
"""
_SAME = """
start begin launch initiate commence | stop halt terminate | need require must necessary have
should recommend recommended advise | use utilise utilize employ | show display
ensure sure verify check confirm | allow let permit enable | create make build
notify inform alert tell | contact reach | quickly fast rapidly promptly soon
help assist aid | fix resolve repair
choose select pick | delete remove | begin start | about regarding concerning | big large
individual person people someone member | many multiple several various number
important critical crucial key essential vital | get obtain receive | give provide supply
also additionally | problem issue | purpose goal aim | result outcome | error failure
find locate discover | happen occur | describe explain | discuss talk | keep retain maintain
immediately instantly right | all every each any everyone | only just solely exclusively
before prior | after following once afterwards | during while throughout | max maximum | min minimum
via through using by | if when whenever | call named known | include contain consist comprise
cause reason | larger bigger greater | fewer less | part section | step stage phase
often frequently | usually typically normally generally commonly | possible can able may could
like such example | whole entire full | people users folks staff | handle manage deal
update change modify edit | run execute | configuration config settings | documentation docs
minutes minute min mins | mainly mostly primarily largely chiefly | ought should
hours hour hr hrs | seconds second sec secs | repository repo
application app | database db | environment env | directory folder
""".strip()

# Words that carry little: their absence from a passage says nothing.
LIGHT = frozenset(
    stem(word)
    for word in """
make use get give take go come see look need want include provide ensure involve mean allow help
follow following example note way thing case also well good able due various several many such
certain particular specific related based include including overall additionally however
therefore thus hence moreover furthermore often usually typically generally respectively within
would could may might since though although whereas rather instead per via etc using used like
please first second third next finally then
document documents passage passages source sources text according mention mentioned state states
describe described
""".split()
)

# Function words that turn a claim, and so are looked for although they name no subject.
TURNING = frozenset(
    "before after until only must never always all every without unless except least most more "
    "fewer less above below over under during cannot not".split()
)

# What turns a word round when it stands before it.
UNTURNED_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "non-", "de", "mis")

# Comparisons of a number, by what they say of it.
_COMPARING = (
    (">=", r"at least|no (?:less|fewer) than|minimum(?: of)?|or more|or higher"),
    ("<=", r"at most|no (?:more|later|longer) than|maximum(?: of)?|up to|or (?:less|fewer)"),
    (">=", r"more than|greater than|over|above|exceed(?:s|ing)?|longer than|later than"),
    ("<=", r"less than|fewer than|under|below|shorter than|earlier than|within"),
)
COMPARISONS = tuple((re.compile(rf"\b(?:{words})\b", re.I), sign) for sign, words in _COMPARING)


def _pairs(table: str) -> dict[str, frozenset[str]]:
    opposite: dict[str, set[str]] = {}
    for row in re.split(r"[|\n]", table):
        words = [stem(w) for w in row.split()]
        for other in words[1:]:
            if other != words[0]:
                opposite.setdefault(words[0], set()).add(other)
                opposite.setdefault(other, set()).add(words[0])
    return {w: frozenset(o) for w, o in opposite.items()}


def _groups(table: str) -> dict[str, frozenset[str]]:
    same: dict[str, set[str]] = {}
    for row in re.split(r"[|\n]", table):
        words = {stem(w) for w in row.split()}
        for word in words:
            same.setdefault(word, set()).update(words)
    return {w: frozenset(g) for w, g in same.items()}


OPPOSITES = _pairs(_OPPOSITES)
# Opposites only where one stands in the place of the other: "pay off", "take on" are no pair.
OPPOSITES_IN_PLACE = OPPOSITES | _pairs("on off | up down | in out | to from")
SYNONYMS = _groups(_SAME)
