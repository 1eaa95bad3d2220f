"""What kind of answer a question wants, so that one wish in other words is one kind.

Invariant: decided by the question's form, in English; courtesies before it count for nothing.
"""

from __future__ import annotations

import re

from copilot.knowledge.terms import stem

_ASKING = r"(?:who|whom|whose|what|when|where|which|why|how|if|whether)\b"
# "Could you tell me …", "I'd like to know …": said before a question, and no part of it.
_COURTESY = re.compile(
    rf"""\A\W*(?:
        (?:hi|hello|hey|ok|okay|so|well|please|thanks|(?:quick\ )?question)\b[\s,:!.]*
      | (?:(?:can|could|would|will)\ (?:you|someone|anyone|somebody|anybody)\ )?
        (?:please\ |kindly\ )?(?:tell|explain|show|remind|let)\s
        (?:(?:to\ )?(?:me|us)\ (?:know\ )?|(?=(?:to\ me\ )?{_ASKING}))
      | (?:do|does)\ (?:you|anyone|anybody|somebody|someone)\ (?:happen\ to\ )?know\s
      | i(?:'d|\ would)\ (?:like|love)\ to\ (?:know|understand|learn|find\ out)\s
      | i\ (?:want|need|wish)\ to\ (?:know|understand|learn|find\ out)\s
      | i(?:'m|\ am)?\ (?:just\ )?(?:wonder(?:ing)?|curious|not\ sure|unsure)\s
      | i\ don't\ (?:know|understand)\s
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ABOUT = re.compile(
    r"(?P<about>(?:in|on|for|with|at|when|whenever|if|after|before|during|while|once|as|using)"
    r" [^,?]{2,80}), (?P<asked>.+)",
    re.IGNORECASE,
)
_WAY = re.compile(
    r"""\A(?:what(?:'s|\ is|\ are|\ would\ be)|is\ there|are\ there)?\ ?(?:the\ |an?\ |any\ )?
    (?:(?:best|right|correct|proper|recommended|easiest|simplest|usual|good)\ )*
    (?:ways?|method|procedure|process|steps|instructions|approach)\s
    (?:to|for|of|(?:that\ )?(?:i|we)\ (?:can|could|should))\ """,
    re.IGNORECASE | re.VERBOSE,
)
_WISH = re.compile(
    r"""\A(?:(?:i|we)\ (?:want|need|would\ like|wish|have|am\ trying|are\ trying)\ to
    |(?:i|we)'d\ like\ to|(?:i'm|we're)\ trying\ to|trying\ to|help\ (?:me|us)(?:\ to)?
    |in\ what\ way|how)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_AUXILIARY = (
    "is|are|was|were|am|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would|"
    "isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|couldn't|shouldn't|won't|hasn't|haven't"
)
_SIZES = "big|large|small|far|high|low|old|late|early|deep|wide|tall|strong|close|recent|severe"
_BEFORE = r"(?:at |by |for |from |in |on |since |to |under |until |with |within |after |about )?"
# An interval, a moment and an amount are different things to be told.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\A{_BEFORE}(?:{pattern})", re.IGNORECASE))
    for kind, pattern in (
        ("how often", r"how (?:often|frequently|regularly)\b|what(?:'s| is) the frequency\b"),
        ("how long", r"how long\b|how much time\b|what(?:'s| is) the duration\b"),
        ("how soon", r"how (?:soon|quick|quickly|fast|promptly)\b"),
        ("how many", r"(?:how many|what(?:'s| is) the number of) (?P<what>[\w-]+)"),
        ("how much", r"how much(?: (?P<what>[\w-]+))?"),
        ("how big", rf"how (?P<what>{_SIZES})\w*\b"),
        ("why", r"why\b|how come\b|what(?:'s| is| are) the (?:reasons?|causes?)\b|what causes\b"),
        ("when", r"when\b|(?:what|which) (?:time|date|day|month|year)\b"),
        ("where", r"where\b|(?:what|which) (?:place|location|file|folder|directory|channel)\b"),
        ("whose", r"whose\b"),
        ("who", r"who\b|whom\b|(?:what|which) (?:person|people)\b"),
        ("what to do", r"what (?:do|should|must|can|would|could) (?:i|we|you|one) do\b"
                       r"|what to do\b|what (?:is|has) to be done\b"),
        ("which", r"which\b"),
        ("what", r"what\b|(?:define|describe|explain|meaning of|definition of|the|about)\b"),
        ("whether", rf"(?:{_AUXILIARY}|if|whether)\b"),
        ("list", r"(?:list|name|enumerate)\b"),
    )
)  # fmt: skip
_MAY = re.compile(
    r"\b(?:can|could|can't|may|might|able|allowed|permitted|possible)\b", re.IGNORECASE
)
_MUST = re.compile(
    r"\b(?:must|needs?|needed|(?:have|has|had) to|required|should|ought|mandatory|obliged|"
    r"supposed|necessary|shall)\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|gets?|got)\b(?: \w+){0,5}? "
    r"(?!required|needed|allowed|permitted|supposed|obliged)(?:\w{2,}(?:ed|en)|sent|kept|held|told|made|built|paid|shown|found|lost|left|done|known|set|"
    r"put|run|read|cut|brought|bought|sold|won|drawn|thrown|torn|begun|led|met|caught|taught)\b",
    re.IGNORECASE,
)
_ASKS_FOR_OBJECT = re.compile(
    r"\A(?:to |by |with |for )?(?:whom\b|(?:who|what|which)(?: \w+){0,3}? (?:(?:do|does|did)\b"
    r"|(?:can|could|may|might|must|shall|should|will|would) (?:the|an?|my|our|your|their|i|we|you|"
    r"they|he|she|it|this|that|each|every|all)\b))",
    re.IGNORECASE,
)
# Where it makes a difference whether something does or is done: "who pages", "who is paged".
_OF_ONE_VOICE = frozenset({"who", "whose", "what", "which", "whether", "how many"})
# "How can I", "how do I" and "how should I" ask the same.
_OF_ANY_MOOD = frozenset({"how", "what to do"})
# "Who approves it", "who can approve it": the one says nothing of what the other asks.
_OF_NO_MOOD_TOO = frozenset({"who", "when", "where", "which"})


def bare(question: str) -> str:
    """The question without courtesies before it; what it is about first stands behind it:
    "In Kubernetes, how …" becomes "how … In Kubernetes".
    """
    text = " ".join(question.replace("’", "'").split())
    while (said := _COURTESY.match(text)) is not None and len(text) > said.end() + 3:
        text = text[said.end() :]
    about = _ABOUT.match(text)
    if about is not None and kind(about["asked"])[0]:
        return f"{about['asked'].rstrip('?!. ')} {about['about']}"
    return text


def kind(text: str) -> tuple[str, str]:
    """What a ``bare`` question wants to be told, empty where its form doesn't say; and what is
    left of it, where its beginning said no more than that.
    """
    way = _WAY.match(text)
    if way is not None:
        return "how", text[way.end() :]
    for name, asks in _KINDS:
        if found := asks.match(text):
            of = found.groupdict().get("what") or ""
            return f"{name} {stem(of.lower())}".strip(), text
    wish = _WISH.match(text)
    return ("how", text[wish.end() :]) if wish is not None else ("", text)


def other_mood(of: str, one: str, other: str) -> bool:
    """Whether of two questions of a kind one asks what may be and the other what must be done."""
    here, there = _mood(one), _mood(other)
    if of in _OF_ANY_MOOD or here == there:
        return False
    return not (of in _OF_NO_MOOD_TOO and "" in (here, there))


def other_voice(of: str, one: str, other: str) -> bool:
    """Whether one asks who does something and the other to whom it is done."""
    if " ".join(of.split()[:2]) not in _OF_ONE_VOICE:
        return False
    return bool(_PASSIVE.search(one)) != bool(_PASSIVE.search(other))


def for_object(text: str) -> bool:
    """ "Who does she call" asks for whom something is done to; "who calls her" for who does it."""
    return _ASKS_FOR_OBJECT.match(text) is not None


def _mood(text: str) -> str:
    return ("may" if _MAY.search(text) else "") + ("must" if _MUST.search(text) else "")
