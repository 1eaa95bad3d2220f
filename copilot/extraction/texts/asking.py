"""Whose words a record is to be read from.

Invariant: every message is named at most once, and one of the team's own only where nobody else
wrote.
"""

from __future__ import annotations

from copilot.extraction.reading import Message, Reading, SegmentKind
from copilot.extraction.texts.roles import is_machine

_FORWARDERS_SAY = 600  # characters that who hands something on may add without it being theirs


def about(reading: Reading) -> tuple[int, ...]:
    """The numbers of the messages that who asks wrote, the one to believe first in front.

    What was sent now, unless it hands another's mail on: then that one. In a transcript the turns
    of those who aren't the team, in their order, before what stands around them.
    """
    turns = [one for one in reading.messages if one.part == "turn"]
    others = [one for one in reading.messages if one.part != "turn"]
    ranked = [one.number for one in turns if not one.own]
    ranked += [one.number for one in _mails(reading, others)]
    if not ranked:
        ranked = [one.number for one in reading.messages]
    return tuple(ranked)


def _mails(reading: Reading, mails: list[Message]) -> list[Message]:
    theirs = [one for one in mails if not one.own]
    if not theirs:
        return mails[:1]
    handed_on = [
        one for one in theirs if one.part == "forwarded" and not _from_machine(reading, one)
    ]
    first = mails[0]
    if handed_on and _hands_on(reading, first):
        main = handed_on[-1]
        rest = [one for one in handed_on if one is not main]
        others = [one for one in theirs if one is not main and one.part != "forwarded"]
        after = [one for one in others if one.number > main.number]
        before = [one for one in others if one.number < main.number]
        return [main, *after, *rest, *before]
    return theirs


def _hands_on(reading: Reading, first: Message) -> bool:
    """Whether the current mail says little of its own beside what it hands on."""
    said = sum(
        one.end - one.start
        for one in reading.segments
        if one.message == first.number
        and one.kind in (SegmentKind.BODY, SegmentKind.FORM, SegmentKind.TRACE, SegmentKind.CODE)
    )
    handed = sum(one.end - one.start for one in reading.messages if one.part == "forwarded")
    return said <= max(_FORWARDERS_SAY, handed // 3)


def _from_machine(reading: Reading, message: Message) -> bool:
    return message.sender_email is not None and is_machine(reading.quote(message.sender_email))
