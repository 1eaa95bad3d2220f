"""Whatever is done to the lines of an audit trail is found, and whatever a crash does is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from copilot.audit.entries import key_id
from copilot.audit.keys import KEY_NAME, old_name
from copilot.audit.trail import ChainedTrail
from copilot.testing.memory_audit import MemoryLines
from copilot.testing.memory_secrets import MemorySecretStore

FIRST, SECOND = "0123456789abcdef", "fedcba9876543210"
# Both keys, as they are after the rotation from the first to the second.
KEYS = {KEY_NAME: SECOND, old_name(key_id(FIRST)): FIRST}


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def trail(log: MemoryLines, anchor: MemoryLines, keys: Mapping[str, str] = KEYS) -> ChainedTrail:
    store = [MemorySecretStore(keys)]
    return ChainedTrail(
        log, anchor, find_in=store, keep_in=store, clock=_Clock(), new_id=lambda: "one-trail"
    )


def filled(entries: int, prefix: str) -> tuple[MemoryLines, MemoryLines]:
    """A trail of so many entries, and one in the middle that rotates the key."""
    log, anchor = MemoryLines(), MemoryLines()
    for number in range(entries):
        keys = {KEY_NAME: FIRST} if number < entries / 2 else KEYS
        trail(log, anchor, keys).append("keys.set", f"{prefix}{number}", detail={}, principal="ada")
    return log, anchor


LOG, ANCHOR = filled(8, "thing-")
LINES = LOG.content.splitlines(keepends=True)
# Of another trail with the same id and the same keys: the best that a forger could lay hands on.
OTHERS = filled(8, "other-")[0].content.splitlines(keepends=True)
POOL = [*LINES, *OTHERS, b"rubbish\n", b"\n", b"{}\n"]


@given(st.lists(st.sampled_from(POOL), max_size=13))
def test_lines_in_any_choice_and_order_but_the_right_one_are_found(lines: list[bytes]) -> None:
    found = trail(MemoryLines(b"".join(lines)), ANCHOR).verify()
    assert (found.state == "holds") == (lines == LINES)


@given(st.integers(0, len(LOG.content)), st.integers(0, len(LOG.content)), st.binary(max_size=40))
@example(
    len(LOG.content), len(LOG.content), b"\n\x00"
)  # a line that nobody wrote, then half a line
def test_bytes_put_in_the_place_of_others_are_found(one: int, other: int, put: bytes) -> None:
    begin, end = sorted((one, other))
    content = LOG.content[:begin] + put + LOG.content[end:]
    found = trail(MemoryLines(content), ANCHOR).verify()
    # What follows the last line without an end may be a write that a crash cut short.
    torn = content.startswith(LOG.content) and b"\n" not in content[len(LOG.content) :]
    unended = content == LOG.content.removesuffix(b"\n")
    assert (found.state == "holds") == (content == LOG.content or torn or unended)


def test_the_trail_that_is_tampered_with_has_a_rotation_and_holds() -> None:
    assert len({sealed.key for sealed in trail(LOG, ANCHOR).lines().sealed}) == 2
    assert trail(LOG, ANCHOR).verify().state == "holds"


@given(st.lists(st.integers(0, 2000) | st.none(), min_size=1, max_size=8))
def test_writes_cut_short_at_any_byte_and_anchors_never_written_are_no_alarm(
    cuts: list[int | None],
) -> None:
    log, anchor = MemoryLines(), MemoryLines()
    first = {KEY_NAME: FIRST}  # the first of the writes below rotates it
    trail(log, anchor, first).append("keys.set", "first", detail={}, principal="ada")
    for number, cut in enumerate(cuts):
        before, anchored = log.content, anchor.content
        trail(log, anchor).append("keys.set", f"{number}", detail={}, principal="ada")
        if cut is not None:  # killed: so much of the write is there, and no anchor
            added = log.content[len(before) :]
            log.content, anchor.content = before + added[:cut], anchored
        assert trail(log, anchor).verify().state == "holds"
    trail(log, anchor).append("keys.set", "last", detail={}, principal="ada")
    found = trail(log, anchor).verify()
    assert found.state == "holds", found
    subjects = [sealed.entry.subject for sealed in trail(log, anchor).lines().sealed]
    kept = {str(number) for number, cut in enumerate(cuts) if cut is None}
    assert kept | {"first", "last"} <= set(subjects)
