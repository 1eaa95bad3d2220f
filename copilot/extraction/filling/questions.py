"""Answers to the questions of a survey: the lines below one that asks for a field of a known role.

Invariant: an answer is what stands between a question on its own line and the next empty line.
"""

from __future__ import annotations

import re
from functools import lru_cache

from copilot.extraction.reading import Span
from copilot.schemas import FieldRole

_ASKED = re.compile(
    r"^[ \t]*(?:(?:q|f|p)?\d{1,2}[.):]?[ \t]+)?([^\n?]{4,90}\?)[ \t]*(?:\([^)\n]*\)|\*)?[ \t]*\n"
    r"[ \t]*(?=\S)((?:[^\n]*\S[^\n]*(?:\n|$))+)",
    re.MULTILINE,
)
_FOR: dict[FieldRole, re.Pattern[str]] = {
    FieldRole.TITLE: re.compile(
        r"\b(?:what\b.*\b(?:should|could|can) we (?:add|build|improve|change|do)|what (?:is|would"
        r" be) (?:the|your) .*(?:wish|idea|request|feature|one thing)|what (?:do you|would you)"
        r" (?:wish|miss|want|like|need)|what (?:are you missing|is missing|is the (?:problem|issue)"
        r"|went wrong)|was (?:wunschen|fehlt|vermissen|sollen wir|durfen wir|konnen wir|ist (?:das"
        r" problem|passiert))|que (?:souhaitez|vous manque|devrions|pourrions)|qu'est-ce qui"
        r" (?:vous )?manque|quel est (?:le probleme|votre souhait)|que (?:desea|le falta|os falta"
        r"|echa de menos|deberiamos|le gustaria|podemos mejorar)|cual es (?:el problema"
        r"|su deseo))\b"
    ),
    FieldRole.WORKAROUND: re.compile(
        r"\b(?:(?:what|how) do you (?:do|solve|handle|manage|cope|work)\b.*\b(?:today|now|currently"
        r"|instead|it|that)|how (?:is it|are you) (?:done|doing)|wie (?:machen|losen|behelfen"
        r"|handhaben)|comment (?:faites|procedez|vous en sortez)|como lo (?:hace|resuelve"
        r"|soluciona)"
        r"|que hacen? (?:hoy|ahora))\b"
    ),
    FieldRole.REASON: re.compile(
        r"\b(?:^why\b|what (?:do you need|would you use) .* for|what for|warum|wozu|wofur|weshalb"
        r"|pourquoi|a quoi|por que|para que)\b"
    ),
    FieldRole.SEVERITY: re.compile(
        r"\b(?:how (?:important|urgent|much do you need|bad|severe)|wie (?:wichtig|dringend)"
        r"|quelle (?:importance|urgence)|(?:est-ce|c'est) (?:important|urgent)"
        r"|que tan (?:importante"
        r"|urgente)|como de (?:importante|urgente)|cuan (?:importante|urgente))\b"
    ),
    FieldRole.COUNT: re.compile(
        r"\b(?:how many (?:\w+ )?(?:people|users|colleagues|customers|drivers|of you)|wie viele"
        r" (?:personen|nutzer|kolleg\w+|mitarbeiter\w*|leute)|combien (?:de personnes"
        r"|d'utilisateurs|de collegues|d'entre vous)|cuant[ao]s (?:personas|usuarios|companeros))\b"
    ),
}


@lru_cache(maxsize=8)
def asked(folded: str) -> tuple[tuple[str, Span, Span], ...]:
    """Each question, the stretch of both, and that of its answer."""
    found: list[tuple[str, Span, Span]] = []
    for one in _ASKED.finditer(folded) if "?" in folded else ():
        end = one.end(2)
        while folded[end - 1].isspace():
            end -= 1
        if "?" not in folded[one.start(2) : end]:
            found.append((one[1], Span(one.start(1), end), Span(one.start(2), end)))
    return tuple(found) if len(found) > 1 else ()


def asks_for(question: str, role: FieldRole) -> bool:
    """Whether a question asks for what a role says."""
    pattern = _FOR.get(role)
    return pattern is not None and pattern.search(question) is not None
