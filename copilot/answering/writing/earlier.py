"""Puts the summary of a conversation's older turns before the latest ones.

Invariant: it stands in a fence that it can't close, is said to be no source, and is never among
the passages, so nothing that is checked can rest on it; turns go on taking turns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.events import PromptRendered
from copilot.guard.terminal import clean
from copilot.messages import Turn
from copilot.prompting import PromptLibrary

EARLIER = "answering/earlier"
_FENCE = re.compile(r"<(?=\s*/?\s*(?:earlier|passage)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Given:
    """The turns that a model is given, the summary before or in the first of them."""

    turns: tuple[Turn, ...]
    rendered: PromptRendered


def given_before(prompts: PromptLibrary, summary: str, history: Sequence[Turn]) -> Given:
    """``history`` as it is given to a model, with what was said before it."""
    shown = _FENCE.sub("‹", clean(summary)).strip()
    prompt = prompts.get(EARLIER).render({"summary": shown})
    first, rest = Turn("user", prompt.user), tuple(history)
    if rest and rest[0].role == "user":  # two in a row are refused by some
        first, rest = Turn("user", f"{prompt.user}\n\n{rest[0].text}"), rest[1:]
    return Given((first, *rest), PromptRendered(prompt.version, 0, prompt.template))
