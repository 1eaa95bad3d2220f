"""Everything that a trail is judged by: its lines, the heads that are known of it, and its keys.

Invariant: of what disagrees, the side that takes more to forge is believed: what most entries
say of their trail, and the seals of keys that are here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from copilot.audit.anchors import Anchors, Head
from copilot.audit.entries import Sealed
from copilot.audit.keys import SealingKey
from copilot.audit.lines import Lines
from copilot.audit.seals import Seals, judge


@dataclass(frozen=True)
class Evidence:
    """``heads`` are what a person kept.

    ``key`` is the one in use; None without one, and ``key_problem`` says why, if it isn't that
    there is none. ``old_keys`` are the secrets of those before it that are here, by id.
    ``unused_keys`` lie in other places, ``left_key`` where only this trail has put one.
    """

    lines: Lines
    anchors: Anchors
    heads: tuple[Head, ...]
    key: SealingKey | None
    old_keys: Mapping[str, str]
    key_problem: str
    unused_keys: tuple[SealingKey, ...]
    left_key: SealingKey | None

    @cached_property
    def entries(self) -> dict[int, Sealed]:
        """By number; of two with one number, the first."""
        found: dict[int, Sealed] = {}
        for sealed in self.lines.sealed:
            found.setdefault(sealed.entry.seq, sealed)
        return found

    @cached_property
    def trail(self) -> str:
        """The trail's id: what most entries say, so that one changed entry isn't believed."""
        [(trail, _)] = Counter(one.trail for one in self.lines.sealed).most_common(1) or [("", 0)]
        return trail

    @cached_property
    def anchored(self) -> dict[int, list[Head]]:
        """The heads of this trail, and those that a person kept, by number."""
        found: dict[int, list[Head]] = defaultdict(list)
        for head in (*self.anchors.heads, *self.heads):
            if not head.trail or not self.trail or head.trail == self.trail:
                found[head.seq].append(head)
        return dict(found)

    @cached_property
    def seals(self) -> Seals:
        """What each seal is worth; without a key, nothing speaks against any."""
        if self.key is None:
            return Seals()
        keys = {**self.old_keys, self.key.id: self.key.secret}
        return judge(self.lines.sealed, own=self.key.id, keys=keys)
