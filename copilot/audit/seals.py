"""Which key sealed which entry, and whether it was the trail's key at the time.

Trust comes from the key that is here and goes back from the newest entry: where an entry says
that the key was rotated to this one, the key that sealed that entry counts before it. Invariant:
a key that nobody who had the key before it named is a stranger's, wherever it was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from copilot.audit.entries import ROTATED, Sealed, seal_fits


@dataclass(frozen=True, slots=True)
class Seals:
    """Entries by number. What is in none of these is sealed as it should be.

    ``forged``: their key is here, and the seal isn't its: changed, beyond doubt. ``strange``:
    sealed with a key, its id, that wasn't the trail's. ``unchecked``: sealed, as they say, with
    the trail's key of that time, its id, which isn't here. ``replaced``: the key of the newest
    entry, where another took its place and a crash came before the entry that says so.
    """

    forged: set[int] = field(default_factory=set)
    strange: dict[int, str] = field(default_factory=dict)
    unchecked: dict[int, str] = field(default_factory=dict)
    replaced: str = ""


def judge(entries: Iterable[Sealed], *, own: str, keys: Mapping[str, str]) -> Seals:
    """``own`` is the id of the key in use, ``keys`` the secrets that are here, by id."""
    newest_first = sorted(entries, key=lambda sealed: sealed.entry.seq, reverse=True)
    replaced = _replaced(newest_first, own=own, keys=keys)
    seals, right, vouched = Seals(replaced=replaced), replaced or own, False
    for one in newest_first:
        seq, secret = one.entry.seq, keys.get(one.key)
        fits = secret is not None and seal_fits(one, secret=secret)
        # Whoever sealed an entry behind it, with a key that is here, vouched for all before.
        if successor(one) == right and (vouched or fits):
            right = one.key
        if secret is not None and not fits:
            seals.forged.add(seq)
        elif one.key != right:
            seals.strange[seq] = one.key
        elif secret is None:
            seals.unchecked[seq] = one.key
        else:
            vouched = True
    return seals


def _replaced(newest_first: Sequence[Sealed], *, own: str, keys: Mapping[str, str]) -> str:
    """Whoever has the key that was can name the next, so it need not have been named yet."""
    was = successor(newest_first[0]) if newest_first else own
    given_up = {one.key for one in newest_first if one.entry.action == ROTATED}
    return was if was != own and was in keys and was not in given_up else ""


def successor(sealed: Sealed) -> str:
    """The id of the key that seals what comes behind this entry."""
    if sealed.entry.action != ROTATED:
        return sealed.key
    return str(sealed.entry.detail.get("key", ""))
