"""Which tier of models a question is for: the cheap or the strong ones, and why.

Invariant: a pure function of what is known of the question and of rules that a person can read
and set (``models.routes.JOB.hard``); each choice says its reason in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from copilot.config.models import HardQuestions, QuestionKind

Tier = Literal["cheap", "strong"]

_ASKS: dict[QuestionKind, str] = {
    "lookup": "looks something up",
    "how-to": "asks how to do something",
    "compare": "compares things",
    "why": "asks why",
    "list": "asks for a list",
}


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a question when its model is chosen.

    ``documents``: how many the evidence comes from. ``disagreement``: what they disagree in, such
    as ``45 minutes or 60 minutes``; empty if in nothing. ``hard``: what the model ``router`` said
    of it; None if none said. ``unsupported``: the cheap model of whose answer nothing held.
    """

    kind: QuestionKind = "lookup"
    words: int = 0
    documents: int = 0
    disagreement: str = ""
    follow_up: bool = False
    hard: bool | None = None
    router: str = ""
    unsupported: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A tier, and what speaks for it."""

    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class Tiers:
    """The models of a route that are for what is simple, and for what is hard, by name."""

    cheap: tuple[str, ...]
    strong: tuple[str, ...]
    rules: HardQuestions = field(default_factory=HardQuestions)

    def choose(self, features: Features | None, *, thrifty: bool = False) -> Choice:
        """The tier. ``thrifty``: money runs short, so the cheap one unless it has failed at it."""
        if features is not None and features.unsupported:
            return Choice("strong", f"nothing that {features.unsupported} wrote is supported")
        if thrifty:
            return Choice("cheap", "a budget is nearly spent → cheap")
        if features is None:
            return Choice("strong", "nothing is known of the question → strong")
        if features.hard is not None:
            said = "hard" if features.hard else "simple"
            tier: Tier = "strong" if features.hard else "cheap"
            return Choice(tier, f"{features.router} says {said} → {tier}")
        if why := hardness(features, self.rules):
            return Choice("strong", f"hard: {', '.join(why)} → strong")
        return Choice("cheap", f"simple: {described(features)} → cheap")

    def rank(self, name: str, choice: Choice) -> int:
        """The chosen tier first, then the other one, then who only steps in."""
        chosen, other = (
            (self.cheap, self.strong) if choice.tier == "cheap" else (self.strong, self.cheap)
        )
        return 0 if name in chosen else 1 if name in other else 2


def hardness(features: Features, rules: HardQuestions) -> list[str]:
    """What makes a question hard by these rules; nothing if it isn't."""
    why = []
    if features.kind in rules.kinds:
        why.append(f"it {_ASKS[features.kind]}")
    if features.words >= rules.words:
        why.append(f"it has {features.words} words")
    if features.documents >= rules.documents:
        why.append(f"evidence from {features.documents} documents")
    if rules.disagreement and features.disagreement:
        why.append(f"the sources disagree ({features.disagreement})")
    if rules.follow_up and features.follow_up:
        why.append("it builds on what was said before")
    return why


def described(features: Features) -> str:
    """What it asks for, and of how many documents."""
    count = features.documents
    evidence = "1 document" if count == 1 else f"{count} documents"
    return f"it {_ASKS[features.kind]}, evidence from {evidence}"
