"""What is said in a talk without being wished for: questions after an offer, and what was done.

Invariant: a question that asks for something to be found, booked or played is a wish and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.filling.context import Context
from copilot.extraction.filling.talks import Talk
from copilot.extraction.reading import Span

_LEAD = (
    r"\W*(?:(?:yes|yeah|yep|sure|fine|right|correct|exactly|please|hi|hello|hey|oh|hmm|um|and|also"
    r"|ok|okay|great|good|perfect|so|but|well|alright|cool|nice|first|thanks|thank you"
    r"|that(?:'s| is) (?:right|fine|good|great|perfect|correct))[\s,.!:]+)*"
)
_INQUIRES = re.compile(
    rf"{_LEAD}(?:is|are|was|were|does|do|did|has|have|what(?! about)|what's|how(?! about)|which"
    r"|where|when|who|why|(?:at|from|in|on|to|for|of|with) (?:which|what|whom)"
    r"|(?:it|that|this|they)(?:'s|'re| is| are)|the \w+ (?:is|has|does))\b[^.!]*\?"
)
_WHETHER = re.compile(
    r"\b(?:if|whether) (?:it|this|that|they|these|the (?:\w+ ){1,2})\W?(?:s|re|is|are|was"
    r"|were|has|have|had|will|would|can|does|do|goes|comes|takes|stops|runs)\b"
)
_DONE = re.compile(r"\b(?:is|are|was|been|have|successfully) (?:now |all )?confirmed\b")


def wished(context: Context, talk: Talk) -> Iterator[Span]:
    """Where a wish is read from, as the talk has it, without what only asks or reports."""
    for span in talk.stretches(context):
        told = context.folded[span.start : span.end]
        only = _DONE.search(told) if span == talk.confirmed else _asks(told)
        if not only:
            yield span


def _asks(told: str) -> bool:
    return _INQUIRES.match(told) is not None or _WHETHER.search(told) is not None
