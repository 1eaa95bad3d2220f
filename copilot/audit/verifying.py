"""Finds out what was done to a trail: changed, moved, taken out, cut off, or made by another.

Each entry is held against the one before it (its digest), against its seal, and against the
heads that were anchored or that a person kept. Invariant: a trail that only ``ChainedTrail``
wrote to, however often it was killed, passes; and what a later entry owns up to is no damage.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from copilot.audit.anchors import Head, head_of, newest
from copilot.audit.entries import MENDED, NO_ENTRY, ROTATED
from copilot.audit.evidence import Evidence
from copilot.audit.verdicts import Verdict, Verification

PUT_BACK = "put the key back where it was, or export it as COPILOT_KEY_AUDIT_TRAIL"
_LOOK = (
    "leave the trail and its anchor as they are for whoever looks into it; an export or a backup "
    "says what stood there; when that is settled, move both away: the next entry begins a new trail"
)
_COMPARE = "a head that you kept tells: `copilot audit verify --head HEAD`; "
_WHOSE = (
    "if you replaced the key and nothing was written since, keep the old one as audit-trail.ID "
    "and call `copilot audit rotate-key`; else it is as with a changed entry: "
)


def verify(evidence: Evidence) -> Verification:
    """The three verdicts on the trail."""
    sealed = evidence.lines.sealed
    times = [one.entry.at for one in sealed]
    return Verification(
        entries=len(sealed),
        first=min(times, default=None),
        last=max(times, default=None),
        head=head_of(sealed[-1], sealed[-1].entry.at) if sealed else None,
        integrity=_integrity(evidence),
        completeness=_completeness(evidence),
        authenticity=_authenticity(evidence),
        notes=tuple(_notes(evidence)),
    )


# --- integrity -------------------------------------------------------------------------


def _integrity(evidence: Evidence) -> Verdict:
    findings = (*_damage(evidence), *_changed(evidence), *_moved(evidence))
    if findings:
        return Verdict("broken", "entries were changed or moved", findings, _LOOK)
    if not evidence.entries:
        return Verdict("holds", "there is no entry yet")
    return Verdict("holds", "each entry is as it was written, and in its place")


def _damage(evidence: Evidence) -> Iterable[str]:
    damaged = {line.number for line in evidence.lines.damaged}
    where = "at the beginning"
    for line in evidence.lines.lines:
        if line.sealed is not None:
            where = f"after entry {line.sealed.entry.seq}"
        elif line.number in damaged:
            yield f"line {line.number}, {where}, can't be taken for an entry: {line.why}"


def _changed(evidence: Evidence) -> Iterable[str]:
    entries, anchored = evidence.entries, evidence.anchored
    others = {
        seq: [head for head in heads if head.digest != entries[seq].digest]
        for seq, heads in anchored.items()
        if seq in entries
    }
    changed = {
        seq: f"entry {seq} was changed: it isn't the one that {_known(heads)}"
        for seq, heads in others.items()
        if heads
    }
    for seq in evidence.seals.forged:
        changed.setdefault(seq, f"entry {seq} was changed: its seal doesn't fit what it says")
    if 1 in entries and entries[1].prev != NO_ENTRY:
        changed.setdefault(1, "entry 1 was changed: it names an entry before it")
    for seq, sealed in entries.items():
        if sealed.trail != evidence.trail:
            changed.setdefault(seq, f"entry {seq} comes from another trail")
        before = entries.get(seq - 1)
        if before is None or sealed.prev == before.digest:
            continue
        if seq not in changed and seq - 1 not in changed:
            changed[seq - 1] = (
                f"entry {seq - 1} or entry {seq} was changed: the second doesn't follow from the "
                "first"
            )
    return [changed[seq] for seq in sorted(changed)]


def _known(heads: Iterable[Head]) -> str:
    """How these heads are known, of which there is at least one."""
    times = sorted(f"{head.at:%Y-%m-%d %H:%M:%S}" for head in heads if head.at is not None)
    if not times:
        return "was named by the head that was given"
    when = f"on {times[0]}" if times[0] == times[-1] else f"from {times[0]} to {times[-1]}"
    return f"was anchored {when} UTC"


def _moved(evidence: Evidence) -> Iterable[str]:
    numbers = [sealed.entry.seq for sealed in evidence.lines.sealed]
    seen: set[int] = set()
    for seq in numbers:
        if seq in seen:
            yield f"entry {seq} stands there more than once"
        seen.add(seq)
    for before, after in pairwise(numbers):
        if after < before:
            yield f"entry {after} stands after entry {before}"


# --- completeness ----------------------------------------------------------------------


def _completeness(evidence: Evidence) -> Verdict:
    findings = [*_missing(evidence), *_other_trails(evidence)]
    if findings:
        return Verdict("broken", "entries are missing", tuple(findings), _LOOK)
    if not evidence.entries:
        return _nothing(evidence)
    head = newest([head for heads in evidence.anchored.values() for head in heads])
    why = ""
    if evidence.anchors.problem:
        why = f"the anchor can't be read ({evidence.anchors.problem})"
    elif head is None:
        why = "nothing is anchored"
    elif evidence.anchors.end_damaged:
        why = "the newest lines of the anchor can't be read"
    if why or head is None:
        says = f"{why}: entries taken off the end would not be missed"
        return Verdict("unproven", says, remedy=_COMPARE + "then `copilot audit anchor`")
    last = max(evidence.entries)
    if head.seq < last:
        return Verdict("holds", f"none is missing up to entry {head.seq}, the newest anchored one")
    return Verdict("holds", f"none is missing: 1 to {last}, and the anchor knows none after it")


def _nothing(evidence: Evidence) -> Verdict:
    """No entry, and no head that knows of one."""
    key = evidence.left_key
    if key is None:
        return Verdict("holds", "there is no entry yet")
    says = (
        f"there is no entry, and yet a key was made to seal them ({key.place}): if there were "
        "any, they are gone"
    )
    return Verdict("unproven", says, remedy=_COMPARE + "so does a backup")


def _missing(evidence: Evidence) -> Iterable[str]:
    """Numbers that no line has; a line that can't be read may be one of them."""
    anchored = evidence.anchored
    newest_kept = max(evidence.entries, default=0)
    numbers = sorted(anchored)
    last = max((newest_kept, *anchored))
    there = evidence.entries.keys() | _unreadable(evidence, last)
    for before, after in pairwise(sorted({0, *there, last + 1})):
        first, end = before + 1, after - 1
        if first > end:
            continue
        what = f"entry {first} is" if first == end else f"entries {first} to {end} are"
        if not evidence.entries:
            where = "missing, and with them the whole trail"
        elif first > newest_kept:
            where = "missing at the end"
        else:
            where = "missing at the beginning" if first == 1 else "missing"
        known_of = numbers[bisect_left(numbers, first) : bisect_right(numbers, end)]
        heads = [head for seq in known_of for head in anchored[seq]]
        known = f" ({_known(heads)})" if heads else ""
        yield f"{what} {where}{known}"


def _unreadable(evidence: Evidence, last: int) -> set[int]:
    """The numbers that damaged lines stand for: counted on from the entry before each."""
    damaged = {line.number for line in evidence.lines.damaged}
    found: set[int] = set()
    number = 0
    for line in evidence.lines.lines:
        if line.sealed is not None:
            number = line.sealed.entry.seq
        elif line.number in damaged:
            number += 1
            if number <= last:
                found.add(number)
    return found


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _other_trails(evidence: Evidence) -> Iterable[str]:
    others: Mapping[str, list[Head]] = defaultdict(list)
    for head in evidence.anchors.heads:
        if head.trail and evidence.trail and head.trail != evidence.trail:
            others[head.trail].append(head)
    for trail, heads in others.items():
        last = max(heads, key=lambda head: head.seq)
        yield (
            f"another trail of {last.seq} entries ({trail[:13]}), which {_known([last])}, isn't "
            "there: it was replaced, or two homes share an anchor"
        )


# --- authenticity ----------------------------------------------------------------------


def _authenticity(evidence: Evidence) -> Verdict:
    entries = evidence.entries
    if not entries:
        return Verdict("holds", "there is no entry yet")
    names = sorted({sealed.key for sealed in entries.values()})
    resealed = [
        f"entry {seq} was sealed with key {head.key}, and now it is with {entries[seq].key}"
        for seq, heads in sorted(evidence.anchored.items())
        for head in heads
        if seq in entries and head.key and head.key != entries[seq].key
    ]
    key, seals = evidence.key, evidence.seals
    if key is None:
        why = evidence.key_problem or f"the key {', '.join(names)} isn't here"
        says = f"the seals can't be checked: {why}"
        return Verdict("broken" if resealed else "unproven", says, tuple(resealed), PUT_BACK)
    findings = list(resealed)
    for first, end in _ranges(seals.forged):
        findings.append(f"{_entries(first, end)} no seal that fits")
    for name, numbers in _by_key(seals.strange):
        findings += [
            f"{_entries(first, end)} the seal of key {name}, which isn't the one that is "
            f"here ({key.id}, {key.place}), nor was rotated to it"
            for first, end in _ranges(numbers)
        ]
    if findings:
        says = "entries weren't sealed with the trail's key"
        return Verdict("broken", says, tuple(findings), (_WHOSE if seals.strange else "") + _LOOK)
    if seals.unchecked:
        return _unchecked(evidence)
    if names == [key.id]:
        return Verdict("holds", f"each is sealed with key {key.id} ({key.place})")
    says = f"each is sealed with the key of its time, which is {key.id} now ({key.place})"
    return Verdict("holds", says)


def _unchecked(evidence: Evidence) -> Verdict:
    found = [
        f"{'entry' if first == end else 'entries'} {_range(first, end)}: the key {name} isn't here"
        for name, numbers in _by_key(evidence.seals.unchecked)
        for first, end in _ranges(numbers)
    ]
    says = f"seals of keys that were rotated out can't be checked: {'; '.join(found)}"
    remedy = "put each back under the name audit-trail.ID; what came after it vouches for them"
    return Verdict("unproven", says, remedy=remedy)


def _by_key(entries: Mapping[int, str]) -> list[tuple[str, list[int]]]:
    found: dict[str, list[int]] = defaultdict(list)
    for seq, key in entries.items():
        found[key].append(seq)
    return sorted(found.items())


def _entries(first: int, end: int) -> str:
    return f"entry {first} has" if first == end else f"entries {_range(first, end)} have"


def _range(first: int, end: int) -> str:
    return f"{first}" if first == end else f"{first} to {end}"


# --- what should be known all the same -------------------------------------------------


def _notes(evidence: Evidence) -> Iterable[str]:
    if evidence.lines.torn:
        yield "the last line has no end: it is being written, or a crash cut it short"
    for sealed in evidence.lines.sealed:
        if sealed.entry.action == MENDED:
            yield f"a crash cut a write short before entry {sealed.entry.seq}, which says so"
        elif sealed.entry.action == ROTATED:
            yield f"the key was rotated at entry {sealed.entry.seq}"
    unreadable = evidence.anchors.unreadable
    if unreadable:
        yield f"{unreadable} {'line' if unreadable == 1 else 'lines'} of the anchor can't be read"
    last = max(evidence.entries, default=0)
    head = newest([head for heads in evidence.anchored.values() for head in heads])
    if head is not None and head.seq < last:
        which = f"entry {last} isn't"
        if head.seq + 1 < last:
            which = f"entries {head.seq + 1} to {last} aren't"
        yield f"{which} anchored yet: `copilot audit anchor` does it"
    if evidence.seals.replaced:
        yield (
            f"the key {evidence.seals.replaced} was replaced, and no entry says so yet: "
            "`copilot audit rotate-key` writes it, as does the next entry"
        )
    for other in evidence.unused_keys:
        used = f", while the one in {evidence.key.place} is" if evidence.key else ""
        yield f"the {other.place} has another key to seal with ({other.id}), and isn't used{used}"
    in_order = [sealed for _, sealed in sorted(evidence.entries.items())]
    for before, after in pairwise(in_order):
        if after.entry.at < before.entry.at:
            yield f"the clock went back between entries {before.entry.seq} and {after.entry.seq}"
