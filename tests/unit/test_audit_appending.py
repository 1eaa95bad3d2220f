"""The audit trail grows by canonical, chained lines, and what a crash leaves of it is no alarm."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import islice, pairwise

import pytest

from copilot.audit import entries as forms
from copilot.audit import lines
from copilot.audit.anchors import parse_head
from copilot.audit.keys import KEY_NAME, SealingKeys
from copilot.errors import ConfigError, NotFoundError, StorageError, UsageError
from copilot.testing.memory_audit import MemoryLines
from copilot.testing.memory_secrets import MemorySecretStore
from tests.audit_place import ENTRIES, WHOLE, Place, states


@pytest.fixture
def place() -> Place:
    return Place()


# --- no false alarm ----------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_a_line_that_a_crash_cut_short_stays_and_the_next_entry_owns_up_to_it(
    place: Place, cut: int
) -> None:
    spare = Place(ENTRIES + 1).lines[-1]
    place.log.content += spare[:cut]
    found = place.verify()
    assert states(found) == WHOLE
    assert "the last line has no end" in found.notes[0]
    place.append("afterwards")
    found = place.verify()
    assert states(found) == WHOLE
    actions = [sealed.entry.action for sealed in place.trail().lines().sealed[-2:]]
    assert actions == ["audit.mended", "index.remove"]
    assert place.lines[ENTRIES].startswith(spare[:cut] + b'{"account":')
    assert found.notes == ("a crash cut a write short before entry 13, which says so",)


def test_an_entry_that_lacks_only_its_end_counts_and_is_followed(place: Place) -> None:
    place.log.content = place.log.content.removesuffix(b"\n")
    assert states(place.verify()) == WHOLE
    place.append("afterwards")
    found = place.verify()
    assert (states(found), found.entries, found.notes) == (WHOLE, ENTRIES + 1, ())


def test_what_a_crash_cut_short_is_part_of_the_chain_like_everything_else(place: Place) -> None:
    place.log.content += b'{"acc'
    place.append("afterwards")
    whole = place.log.content
    for torn in (b"", b'{"ac', b'{"acd', b'{"acc ', b"rubbish"):
        place.log.content = whole.replace(b'{"acc{"account"', torn + b'{"account"')
        assert place.verify().integrity.state == "broken", torn


@pytest.mark.parametrize("sha256", ["0" * 64, hashlib.sha256(b"what was here?").hexdigest()])
def test_rubbish_is_not_excused_by_a_forged_admission(place: Place, sha256: str) -> None:
    place.change(6, action="audit.mended", detail={"bytes": 14, "sha256": sha256})
    lines = place.lines
    lines[5] = b"what was here?" + lines[5]
    place.lines = lines
    assert place.verify().integrity.state == "broken"


def test_a_crash_between_the_entry_and_its_anchor_is_a_note(place: Place) -> None:
    place.anchor.content = b"".join(place.anchor.content.splitlines(keepends=True)[:-1])
    found = place.verify()
    assert states(found) == WHOLE
    assert found.notes == ("entry 12 isn't anchored yet: `copilot audit anchor` does it",)


def test_an_anchor_cut_short_by_a_crash_is_no_alarm_now_or_later(place: Place) -> None:
    place.anchor.content = place.anchor.content[:-30]
    assert states(place.verify()) == WHOLE
    place.append("afterwards")
    found = place.verify()
    assert states(found) == WHOLE
    assert found.notes == ("1 line of the anchor can't be read",)


def test_anchors_in_another_order_are_no_alarm(place: Place) -> None:
    lines = place.anchor.content.splitlines(keepends=True)
    random.Random(5).shuffle(lines)
    place.anchor.content = b"".join(lines)
    assert states(place.verify()) == WHOLE


def test_an_entry_appended_while_it_is_verified_is_not_missed(place: Place) -> None:
    reads = place.log.read

    def read_late() -> bytes:
        content = reads()
        place.log.read = reads  # type: ignore[method-assign]
        place.append("meanwhile")
        return content

    place.log.read = read_late  # type: ignore[method-assign]
    assert states(place.verify()) == WHOLE


def test_a_clock_that_went_back_is_a_note(place: Place) -> None:
    place.clock.time -= timedelta(days=1)
    place.append("earlier")
    found = place.verify()
    assert states(found) == WHOLE
    assert found.notes == ("the clock went back between entries 12 and 13",)


# --- appending ---------------------------------------------------------------------------


def test_the_key_is_made_on_the_first_use_and_kept_in_the_first_store_that_takes_it() -> None:
    class Refusing(MemorySecretStore):
        def set(self, name: str, value: str) -> None:
            raise ConfigError("This machine has no OS keyring.")

    place, refusing = Place(entries=0), Refusing()
    trail = place.trail()
    trail.keys = SealingKeys([place.keys], [refusing, place.keys])
    trail.append("keys.set", "openai", detail={}, principal="ada")
    assert len(place.keys.get(KEY_NAME) or "") == 64
    trail.keys = SealingKeys([place.keys], [refusing])
    place.keys.remove(KEY_NAME)
    with pytest.raises(StorageError, match="no OS keyring"):
        trail.append("keys.set", "openai", detail={}, principal="ada")


def test_an_anchor_that_cannot_be_written_costs_a_notice_and_no_entry(place: Place) -> None:
    class Full(MemoryLines):
        def extend(self, make: Callable[[bytes, bytes], bytes]) -> None:
            raise StorageError("the share is gone", hint="mount it")

    place.anchor = Full(place.anchor.content)
    trail = place.trail()
    trail.append("keys.set", "openai", detail={}, principal="ada")
    [notice] = trail.notices
    assert "the share is gone" in notice.message
    assert notice.hint == "mount it"
    assert trail.verify().entries == ENTRIES + 1


def test_a_trail_whose_last_line_is_damaged_takes_no_more_entries(place: Place) -> None:
    place.lines = [*place.lines[:-1], b"rubbish\n"]
    before = place.log.content
    with pytest.raises(StorageError, match="takes no more entries"):
        place.append("more")
    assert place.log.content == before


def test_each_line_follows_from_the_digest_of_the_line_before(place: Place) -> None:
    lines = [line.rstrip(b"\n") for line in place.lines]
    for before, after in pairwise(lines):
        assert json.loads(after)["prev"] == hashlib.sha256(before).hexdigest()


@pytest.mark.parametrize(
    "text", ["", '","seal":"', '\\","seal":"00', "\x00\x7f\x1f", "wünsch\u2028日本", "\udcff", "/"]
)
def test_a_line_is_canonical_json_whatever_stands_in_it(text: str) -> None:
    place = Place(entries=0)
    for value in (text, True, False, 0, -3, 2**70):
        detail: dict[str, str | int | bool] = {text: value, "seal": text, "b": 1, "a": 2}
        place.trail().append("keys.set", text, detail=detail, principal=text)
    for line in place.lines:
        plain = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"))
        assert line == plain.encode() + b"\n"
    assert states(place.verify()) == WHOLE


def test_anchoring_an_empty_trail_says_that_there_is_nothing() -> None:
    with pytest.raises(NotFoundError):
        Place(entries=0).trail().anchor()


@pytest.mark.parametrize("text", ["", "12", "12:abc", "0:" + "a" * 64, "x:" + "a" * 64])
def test_a_head_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_head(text)


def test_the_newest_entries_are_told_without_reading_the_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def reading(line: bytes) -> forms.Sealed:
        read.append(line)
        return forms.decode(line)

    monkeypatch.setattr(lines, "decode", reading)
    place.log.content += b'{"account":'
    found = place.trail().newest_first()
    numbers = [line.sealed.entry.seq for line in islice(found, 3) if line.sealed]
    assert numbers == [12, 11, 10]
    assert len(read) == 4
    assert [line.number for line in found] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    place.log.content = b"rubbish\n" + place.lines[0]
    assert [line.sealed is None for line in place.trail().newest_first()] == [False, True]
    assert list(Place(entries=0).trail().newest_first()) == []
