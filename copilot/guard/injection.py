"""Looks for words in a text that address whoever reads it by machine.

Invariant: it only tells, and no more than that: what a text may do is decided without it. Nothing
here keeps an instruction from working; that a text can't choose its target or its policy does.
Clear forms in English, German, French and Spanish are found, not every wording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 200_000  # characters that are looked at
# A person may well ask to have the priority raised; who asks a machine to is another matter.
_MACHINE = r"\b(?:assistant|ai|llm|ki|ia|bot|copilot|extractor|parser|(?:language )?model|system)\b"
_FIELD = (
    r"(?:severity|priority|category|status|stage|assignee|amount|schweregrad|priorität|kategorie|"
    r"gravité|priorité|catégorie|gravedad|prioridad|categoría)"
)
_OUTPUT = r"(?:fields?|record|json|output|schema|feld(?:er)?|champs?|campos?)"
_WRITE = (
    r"(?:set|change|fill|overwrite|put|mark|classify|setze?n?|mets|mettez|pon|ponga|clasifi\w+)"
)


@dataclass(frozen=True, slots=True)
class _Sign:
    """What it looks like, and what is said of it: "the text …"."""

    pattern: re.Pattern[str]
    says: str


def _sign(pattern: str, says: str) -> _Sign:
    return _Sign(re.compile(pattern, re.IGNORECASE | re.MULTILINE), says)


_SIGNS = (
    _sign(
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:previous|prior|above|"
        r"earlier|all|any|your|system|these|the)\b[^.\n]{0,30}\b(?:instructions?|prompts?|rules|"
        r"guidelines|directions|polic(?:y|ies)|schema)\b"
        r"|\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)\b[^.\n]{0,40}\b(?:anweisung\w*|"
        r"regeln|vorgaben|instruktionen)\b"
        r"|\b(?:ignore[rz]?|oublie[rz]?|ne tiens pas compte|ne tenez pas compte)\b[^.\n]{0,40}\b"
        r"(?:instructions|consignes|règles)\b"
        r"|\b(?:ignor[ae]\w*|olvid[ae]\w*)\b[^.\n]{0,40}\b(?:instrucciones|reglas|indicaciones)\b",
        "tells its reader to ignore instructions",
    ),
    _sign(
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[/?INST\]|<</?SYS>>"
        r"|^[ \t>#*-]*(?:system|assistant|developer)(?: (?:prompt|message|note))?[ \t]*:"
        r"[ \t]*(?:you are (?:now|an?)\b|ignore|set|mark|new instructions?)\b"
        r"|^[ \t>#*-]*(?:note|attention|hinweis|instructions?|message)(?: (?:to|for|an|für))? "
        r"(?:the |any |alle |die |den )?"
        r"(?:ai|llm|ki|language models?|assistants?|bots?|extractors?|parsers?)\b",
        "pretends to be a message to the model",
    ),
    _sign(
        r"\byou are (?:now |no longer )?(?:an? )?(?:ai|llm|language model|assistant|chatbot|dan)\b"
        r"|\b(?:developer|god|jailbreak|dan) mode\b"
        r"|\b(?:reveal|print|repeat|show)\b[^.\n]{0,30}\b(?:system prompt|your (?:instructions|"
        r"prompt)|hidden instructions)\b",
        "speaks to a model",
    ),
    _sign(
        rf"{_MACHINE}[^.\n]{{0,60}}\b{_WRITE}\b[^.\n]{{0,60}}\b(?:{_FIELD}|{_OUTPUT}|as|als|como)\b"
        rf"|\b{_WRITE}\b (?:in )?(?:the |this |every |all |das |alle |le |les |el |los )?"
        rf"(?:\w+ )?{_OUTPUT}\b[^.\n]{{0,25}}\b(?:to|as|with|auf|à|en|a)\b"
        r"|\b(?:without|skip|no need for|bypass)\b[^.\n]{0,20}\b(?:approval|confirmation|human "
        r"review)\b|\bauto-?approve\b",
        "tells its reader what to write",
    ),
)


def writes(text: str, field: str) -> bool:
    """Whether a machine is told what to write into the field that is called so."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", field)
    name = r"[\s_-]?".join(map(re.escape, re.findall(r"[^\W_]+", apart)))
    told = rf"{_MACHINE}[^.\n]{{0,60}}\b{_WRITE}\b[^.\n]{{0,60}}\b{name}\b"
    return bool(name) and re.search(told, text[:_LONGEST], re.IGNORECASE) is not None


def suspicions(text: str) -> tuple[str, ...]:
    """What in a text is addressed to a machine, each kind once; empty for most texts.

    Looks at the first 200,000 characters, in time that grows with them.
    """
    head = text[:_LONGEST]
    return tuple(sign.says for sign in _SIGNS if sign.pattern.search(head))
