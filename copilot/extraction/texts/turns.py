"""Chats and calls: text that goes from speaker to speaker.

Invariant: a text is a transcript only if speakers take turns: some speak again, or each line has
its time; a form's labels and a log's levels are no speakers.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

from copilot.extraction.reading import SegmentKind
from copilot.extraction.texts.addresses import Named
from copilot.extraction.texts.drafts import Draft, Split
from copilot.extraction.texts.lines import Line
from copilot.extraction.texts.moments import moment_in
from copilot.extraction.texts.roles import side_of
from copilot.extraction.texts.speakers import ENTERED, JOINED, Turn, turn_of

_EVENT = re.compile(
    r"(?:\*\*|--+|==+|\[|\()?.{0,60}\b(?:joined|left|has ended|ended|hat den chat"
    r"|beigetreten|verlassen|a rejoint|a quitté|se ha unido|ha salido|abandonó|chat ended"
    r"|transferred|END|FIN|ENDE)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d[./-]\d{1,2}[./-]\d.*\d:\d\d")
_ELAPSED = re.compile(r"\D{0,3}(?:00?:){1,2}0[0-3]\D{0,3}$")  # the first second of a call
_SERVES = re.compile(
    r"how (?:can|may) (?:i|we) (?:help|assist)|what can (?:i|we) do for you"
    r"|(?:thank you|thanks) for (?:calling|contacting)"
    r"|wie (?:kann ich|können wir) (?:ihnen |dir |euch )?(?:heute )?(?:weiter)?helfen"
    r"|was (?:kann ich|können wir) für (?:sie|dich) tun"
    r"|en quoi (?:puis-je|pouvons-nous)|comment (?:puis-je|pouvons-nous|puis je) (?:vous|t['’])"
    r"|en qué (?:\w+ ){1,2}ayudar|(?:virtual|digital|virtuelle[rn]?|virtuel) assistant"
    r"|(?:la|el|tu|su) asistente"
    r"|le atiende|you're through to|am apparat|vous êtes (?:bien )?(?:en ligne avec|au)",
    re.IGNORECASE,
)


def split_turns(split: Split) -> None:
    """Gives every turn of a transcript a message of its own."""
    for draft, lines in split.by_owner():
        turns = [
            turn for at in lines if split.kinds[at] is None and (turn := turn_of(split.lines, at))
        ]
        turns = _real(split, turns, sum(1 for at in lines if split.lines[at].words))
        if turns:
            _part(split, draft, lines, turns)


def _real(split: Split, turns: list[Turn], lines: int) -> list[Turn]:
    """Those turns that make a transcript; none, if they don't."""
    dated = [turn for turn in turns if _DATED.search(turn.when) and " " in turn.who]
    if len(dated) >= 2:  # a tracker's comments: 2026-11-04 09:20:11 - Ana Gómez (Work notes)
        return dated
    turns = _of_one_make(_without_labels(split, turns))
    over = [turn for turn in turns if turn.make == "over"]
    if over:
        return over
    counts = Counter(turn.who for turn in turns)
    sides = {side_of(who) for who in counts} - {""}
    stamped = sum(turn.stamped for turn in turns)
    both = len(sides) == 2
    if len(turns) < (2 if both else 3) or (len(counts) < 2 and stamped < 3):
        return []
    again = sum(count for count in counts.values() if count > 1)
    each = stamped == len(turns) >= lines - 1  # nothing else stands there
    if again * 5 < len(turns) * 2 and not each and not (both and len(counts) <= 3):
        return []
    dense = len(turns) * (6 if stamped else 3) >= lines
    return turns if dense or (both and len(turns) >= 4) else []


def _of_one_make(turns: list[Turn]) -> list[Turn]:
    """Without lines that only look like turns beside those that most of the talk is made of."""
    makes = Counter(turn.make for turn in turns)
    counts = Counter(turn.who for turn in turns)
    stamped = sum(count for make, count in makes.items() if make != "plain")
    return [
        turn
        for turn in turns
        if counts[turn.who] > 1
        or (makes[turn.make] * 5 >= len(turns) and (turn.stamped or stamped * 2 < len(turns)))
    ]


def _without_labels(split: Split, turns: list[Turn]) -> list[Turn]:
    """Without "Visitor: Ana Gómez", "Topic: …" above the talk: who speaks once there, and no
    more.
    """
    counts = Counter(turn.who for turn in turns)
    first = next((at for at, turn in enumerate(turns) if counts[turn.who] > 1), 0)
    return [
        turn for at, turn in enumerate(turns) if at >= first or turn.stamped or _talks(split, turn)
    ]


def _talks(split: Split, turn: Turn) -> bool:
    """Whether a bot or an agent says something here, and isn't merely named."""
    said = split.lines[turn.at].words.partition(":")[2]
    return side_of(turn.who) == "own" and said.rstrip().endswith((".", "!", "?"))


def _part(split: Split, outer: Draft, lines: list[int], turns: list[Turn]) -> None:
    own = _own_speakers(split, lines, turns)
    starts = {turn.at: turn for turn in turns}
    draft: Draft | None = None
    dated = {turn.at + 1 for turn in turns if turn.make == "over"}
    clock = not _ELAPSED.match(turns[0].when)
    last = _day_of(split, outer, lines, turns[0].at)
    behind = turns[-1].at if outer.sender.email else len(split.lines)
    for at in lines:
        if split.kinds[at] is not None:
            continue
        line = split.lines[at]
        turn = starts.get(at)
        if turn is not None:
            if clock:
                last = _moment(turn, last) or last
            draft = Draft(
                part="turn",
                depth=outer.depth,
                marks=line.depth,
                sender=Named(name=turn.name),
                sent_at=last if turn.when and clock else None,
                own=turn.who in own,
                parent=outer,
            )
        elif draft is None or (at > behind and _resumes(split, at)):
            draft = None
            continue
        elif at in dated:
            split.kinds[at] = SegmentKind.HEADERS
        elif line.words and (stated := _day_line(line, last)):
            last = stated
            split.kinds[at] = SegmentKind.BOILERPLATE
        elif line.words and _event(line):
            split.kinds[at] = SegmentKind.BOILERPLATE
        split.owners[at] = draft


def _resumes(split: Split, at: int) -> bool:
    """Whether the mail goes on here, behind a talk that it holds."""
    return at > 0 and bool(split.lines[at].words) and not split.lines[at - 1].words


def _event(line: Line) -> bool:
    words = line.words
    return len(words) < 120 and (
        (words[0] in "([*-=" and words[-1] in ")]*-=" and line.indent == 0)
        or bool(_EVENT.match(words) and len(words) < 60)
    )


def _day_line(line: Line, near: datetime | None) -> datetime | None:
    """A line that holds a day and nothing else."""
    words = line.words.strip("-=*[]_ ")
    if len(words) > 40 or not any(char.isdigit() for char in words) or len(words.split()) > 6:
        return None
    if re.search(r"\d[:h]\d\d|\d ?[ap]\.?m\b|[?!]|[.] [A-Z]", words):
        return None
    return moment_in(words, near=near)


def _day_of(split: Split, outer: Draft, lines: list[int], first: int) -> datetime | None:
    """The day that stands above the first turn, else the one that the text was sent on."""
    near = outer.sent_at
    for at in lines:
        if at >= first:
            break
        words = split.lines[at].words
        if words and (stated := moment_in(words, near=None)):
            return stated.replace(tzinfo=None)
    for at in lines:
        if at >= first:
            break
        words = split.lines[at].words
        if (
            words
            and near
            and not re.search(r"\d[:h]\d\d", words)
            and (stated := moment_in(words, near=near))
        ):
            return stated
    return near.replace(tzinfo=None) if near else None


def _moment(turn: Turn, last: datetime | None) -> datetime | None:
    """A turn's time, on the day of the one before; where the clock went back, on the next day."""
    if not turn.when:
        return None
    stated = moment_in(turn.when, near=last)
    if stated is None:
        return None
    comparable = last is not None and (stated.tzinfo is None) == (last.tzinfo is None)
    if comparable and last and last - timedelta(days=1) < stated < last - timedelta(hours=12):
        return stated + timedelta(days=1)
    return stated


def _own_speakers(split: Split, lines: list[int], turns: list[Turn]) -> set[str]:
    """Speakers of the team: by their role, by joining as agents, by how they greet, or because
    somebody else is called the customer.
    """
    speakers = {turn.who for turn in turns}
    own = {who for who in speakers if side_of(who) == "own"}
    asking = {who for who in speakers if side_of(who) == "asking"}
    serving: set[str] = set()
    first = turns[0].at
    visitors = ""
    for at in lines:
        line = split.lines[at]
        if not line.words:
            continue
        if found := JOINED.search(line.words):
            own |= {who for who in speakers if who.split()[0] == found["name"].lower()}
        if at <= first and (found := ENTERED.search(line.words)):
            asking |= {who for who in speakers if who.split()[0] == found["name"].lower()}
        if at < first and ":" in line.words and side_of(line.words.split(":")[0]) == "asking":
            visitors += " " + line.words.lower()
    for turn in turns:
        if _SERVES.search(split.lines[turn.at].words):
            serving.add(turn.who)
    asking |= {who for who in speakers - own if who.split()[0] in visitors.split()}
    own |= serving - asking
    if asking:
        own |= speakers - asking
    return own
