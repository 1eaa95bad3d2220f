"""Tampering with the audit trail is found, told apart, and nothing else is taken for it."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import islice, pairwise
from typing import Any

import pytest

from copilot.audit import entries as forms
from copilot.audit import lines
from copilot.audit.anchors import parse_head
from copilot.audit.entries import AuditEntry
from copilot.audit.keys import KEY_NAME, SealingKeys
from copilot.errors import ConfigError, NotFoundError, StorageError, UsageError
from copilot.testing.memory_audit import MemoryLines
from copilot.testing.memory_secrets import MemorySecretStore
from tests.audit_place import BEGAN, ENTRIES, WHOLE, Place, findings, states


@pytest.fixture
def place() -> Place:
    return Place()


def test_an_untouched_trail_holds_in_all_three_respects(place: Place) -> None:
    found = place.verify()
    assert states(found) == WHOLE
    assert found.state == "holds"
    assert (found.entries, found.notes, findings(found)) == (ENTRIES, (), "")
    assert str(found.head) == f"12:{hashlib.sha256(place.lines[-1].rstrip()).hexdigest()}"


def test_a_trail_that_has_not_begun_holds() -> None:
    assert states(Place(entries=0).verify()) == WHOLE


@pytest.mark.parametrize("seq", [1, 2, 6, 11, 12])
@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "thing-0"},
        {"principal": "grace"},
        {"account": "root@laptop"},
        {"at": "2026-11-20T09:30:00+00:00"},
        {"detail": {"runs": 3}},
        {"action": "index.rebuild"},
        {"prev": "0" * 63 + "1"},
        {"seal": "0" * 64},
        {"seal": "\udcff"},
    ],
)
def test_a_changed_entry_is_found_and_named(
    place: Place, seq: int, fields: dict[str, object]
) -> None:
    place.change(seq, **fields)
    found = place.verify()
    assert states(found) == ("broken", "holds", "broken")
    assert found.integrity.findings == (
        f"entry {seq} was changed: it isn't the one that was anchored on "
        f"{BEGAN + timedelta(seconds=seq):%Y-%m-%d %H:%M:%S} UTC",
    )
    assert found.authenticity.findings == (f"entry {seq} has no seal that fits",)


@pytest.mark.parametrize("seq", range(1, ENTRIES + 1))
def test_a_dropped_entry_is_missing(place: Place, seq: int) -> None:
    lines = place.lines
    del lines[seq - 1]
    place.lines = lines
    found = place.verify()
    assert states(found) == ("holds", "broken", "holds")
    assert f"entry {seq} is missing" in findings(found)


@pytest.mark.parametrize("seq", [1, 5, 12])
def test_entries_numbered_and_linked_anew_after_a_drop_are_found(place: Place, seq: int) -> None:
    lines = place.lines
    del lines[seq - 1]
    place.lines = lines
    place.relink()
    found = place.verify()
    assert found.completeness.state == "broken"
    assert "entry 12 is missing at the end" in findings(found)
    if seq < ENTRIES:
        assert (found.integrity.state, found.authenticity.state) == ("broken", "broken")


@pytest.mark.parametrize("kept", range(ENTRIES))
def test_a_cut_tail_is_missing(place: Place, kept: int) -> None:
    place.lines = place.lines[:kept]
    found = place.verify()
    assert states(found) == ("holds", "broken", "holds")
    missing = f"entries {kept + 1} to 12 are" if kept < ENTRIES - 1 else "entry 12 is"
    assert f"{missing} missing" in findings(found)


def test_a_tail_cut_together_with_its_anchors_is_found_by_a_head_that_a_person_kept(
    place: Place,
) -> None:
    kept = parse_head(str(place.trail().anchor()))
    place.lines = place.lines[:8]
    place.anchor.content = b"".join(place.anchor.content.splitlines(keepends=True)[:8])
    assert states(place.verify()) == WHOLE
    found = place.verify(kept)
    assert states(found) == ("holds", "broken", "holds")
    assert "entries 9 to 12 are missing at the end" in findings(found)
    for number in range(4):
        place.append(f"other-{number}")
    found = place.verify(kept)
    assert found.integrity.findings == (
        "entry 12 was changed: it isn't the one that was named by the head that was given",
    )


def test_a_cut_tail_stays_found_when_new_entries_take_its_numbers(place: Place) -> None:
    place.lines = place.lines[:8]
    for number in range(9, 16):
        place.append(f"other-{number}")
    found = place.verify()
    assert found.integrity.state == "broken"
    assert [int(finding.split()[1]) for finding in found.integrity.findings] == [9, 10, 11, 12]


def test_entries_that_changed_places_are_found(place: Place) -> None:
    lines = place.lines
    lines[3], lines[6] = lines[6], lines[3]
    place.lines = lines
    found = place.verify()
    assert states(found) == ("broken", "holds", "holds")
    assert "entry 5 stands after entry 7" in findings(found)
    assert found.notes == ()


def test_an_entry_that_stands_there_twice_is_found(place: Place) -> None:
    place.lines = [*place.lines[:4], place.lines[2], *place.lines[4:]]
    found = place.verify()
    assert states(found) == ("broken", "holds", "holds")
    assert "entry 3 stands there more than once" in findings(found)


def test_another_key_in_the_store_is_found_and_both_are_named(place: Place) -> None:
    own = forms.key_id(place.keys.get(KEY_NAME) or "")
    place.keys.set(KEY_NAME, "another")
    found = place.verify()
    assert states(found) == ("holds", "holds", "broken")
    assert f"entries 1 to 12 have the seal of key {own}" in findings(found)
    assert forms.key_id("another") in findings(found)


def test_a_trail_written_anew_with_another_key_is_found(place: Place) -> None:
    place.keys.set(KEY_NAME, "another")
    place.reseal("another")
    found = place.verify()
    assert states(found) == ("broken", "holds", "broken")
    assert "entry 7 was changed" in findings(found)
    assert "entry 7 was sealed with key" in findings(found)


def test_a_key_that_changed_on_the_way_is_told_at_once_and_found_where_it_did(
    place: Place,
) -> None:
    own = forms.key_id(place.keys.get(KEY_NAME) or "")
    place.keys.remove(KEY_NAME)
    trail = place.trail()
    trail.append("keys.set", "openai", detail={}, principal="ada")
    [notice] = trail.notices
    assert f"the audit trail's key {own} is gone and a new one was made" in notice.message
    found = place.verify()
    assert states(found) == ("holds", "holds", "broken")
    assert "entries 1 to 12 have the seal of key" in findings(found)
    assert "entry 13" not in findings(found)


@pytest.mark.parametrize("claimed", ["own", "another"])
def test_an_entry_that_somebody_without_the_key_appended_is_found(
    place: Place, claimed: str
) -> None:
    last = forms.decode(place.lines[-1].rstrip(b"\n"))
    entry = AuditEntry(13, place.clock.now(), "keys.remove", "openai", {}, "grace", "ada@laptop")
    line = forms.encode(entry, trail=last.trail, prev=last.digest, secret="guessed")
    place.log.content += line + b"\n"
    if claimed == "own":
        place.change(13, key=last.key)
    found = place.verify()
    assert found.authenticity.state == "broken"
    assert "entry 13 has" in found.authenticity.findings[0]
    assert found.completeness.state == "holds"


def test_without_the_key_authenticity_is_unproven_and_the_rest_is_judged(place: Place) -> None:
    place.keys.remove(KEY_NAME)
    found = place.verify()
    assert states(found) == ("holds", "holds", "unproven")
    assert found.state == "unproven"
    place.change(5, subject="another")
    assert states(place.verify()) == ("broken", "holds", "unproven")


def test_a_key_store_that_cannot_be_opened_is_named_and_no_second_key_is_made(
    place: Place,
) -> None:
    class Locked(MemorySecretStore):
        def get(self, name: str) -> str | None:
            raise ConfigError("The OS keyring is locked.")

    place.keys = Locked()
    found = place.verify()
    assert found.authenticity.state == "unproven"
    assert "The OS keyring is locked" in found.authenticity.says
    before = place.log.content
    with pytest.raises(StorageError, match="keyring is locked"):
        place.append("more")
    assert place.log.content == before
    assert place.keys.names() == []


def test_an_anchor_that_is_gone_leaves_completeness_unproven_until_it_is_written_anew(
    place: Place,
) -> None:
    place.anchor.content = b""
    assert states(place.verify()) == ("holds", "unproven", "holds")
    place.trail().anchor()
    assert states(place.verify()) == WHOLE


def test_a_trail_that_was_replaced_by_a_new_one_is_found(place: Place) -> None:
    other = Place(entries=0)
    place.log = other.log
    trail = place.trail()
    trail._new_id = lambda: "018f-other"
    trail.append("keys.set", "openai", detail={}, principal="ada")
    found = place.verify()
    assert states(found) == ("holds", "broken", "holds")
    assert "another trail of 12 entries (018f-trail), which was anchored on" in findings(found)


def test_an_entry_of_another_trail_with_the_same_key_is_found(place: Place) -> None:
    other = Place(entries=0)
    other.keys = place.keys
    for _ in range(ENTRIES):
        trail = other.trail()
        trail._new_id = lambda: "018f-other"
        trail.append("keys.set", "openai", detail={}, principal="ada")
    place.anchor.content = b""
    place.lines = [*place.lines[:-1], other.lines[-1]]
    found = place.verify()
    assert found.integrity.state == "broken"
    assert "entry 12 comes from another trail" in findings(found)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"rubbish",
        b"[1]",
        b"null",
        b'{"v":1}',
        b'{"v":2,"seq":5}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"v":1e999}',
        b'{"v":' + b"9" * 5000 + b"}",
    ],
)
def test_a_line_that_is_no_entry_is_damage_and_its_number_is_not_missing(
    place: Place, line: bytes
) -> None:
    place.lines = [*place.lines[:4], line + b"\n", *place.lines[5:]]
    found = place.verify()
    assert states(found) == ("broken", "holds", "holds")
    assert "line 5, after entry 4, can't be taken for an entry" in findings(found)


@pytest.mark.parametrize(
    "fields",
    [
        {"seq": 5.0},
        {"seq": True},
        {"seq": 0},
        {"seq": -5},
        {"seq": "5"},
        {"v": 0},
        {"v": True},
        {"at": 7},
        {"at": "2026-11-20T09:30:05"},
        {"at": "2026-11-20T10:30:05+01:00"},
        {"at": "0001-01-01T00:00:00+23:00"},
        {"at": "yesterday"},
        {"subject": None},
        {"subject": 7},
        {"account": ["ada"]},
        {"key": {}},
        {"seal": 0},
        {"trail": None},
        {"detail": []},
        {"detail": ""},
        {"detail": None},
        {"detail": {"runs": 1.0}},
        {"detail": {"runs": 1.5}},
        {"detail": {"runs": None}},
        {"detail": {"runs": [1]}},
        {"detail": {"runs": float("nan")}},
        {"more": "x"},
    ],
    ids=str,
)
def test_what_an_entry_cannot_hold_is_damage(place: Place, fields: dict[str, Any]) -> None:
    place.change(5, **fields)
    found = place.verify()
    assert states(found) == ("broken", "holds", "holds")
    assert "line 5, after entry 4, can't be taken for an entry" in findings(found)


def test_an_entry_in_another_form_is_damage_though_it_says_the_same(place: Place) -> None:
    lines = place.lines
    lines[4] = json.dumps(json.loads(lines[4]), indent=None).encode() + b"\n"
    place.lines = lines
    assert states(place.verify()) == ("broken", "holds", "holds")


def test_a_first_entry_that_names_one_before_it_is_found_without_key_and_anchor(
    place: Place,
) -> None:
    place.keys.remove(KEY_NAME)
    place.anchor.content = b""
    before = "1" * 64
    for seq in range(1, ENTRIES + 1):
        place.change(seq, prev=before)
        before = hashlib.sha256(place.lines[seq - 1].rstrip(b"\n")).hexdigest()
    found = place.verify()
    assert found.integrity.findings == ("entry 1 was changed: it names an entry before it",)


def test_a_number_beyond_all_reason_is_found_and_takes_no_time(place: Place) -> None:
    place.change(12, seq=10**15)
    found = place.verify()
    assert found.completeness.state == "broken"
    assert found.integrity.state == "broken"


def test_any_one_byte_changed_anywhere_is_found(place: Place) -> None:
    whole = place.log.content
    chance = random.Random(3)
    for at in {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(400))}:
        content = bytearray(whole)
        content[at] ^= 1 << chance.randrange(8)
        place.log.content = bytes(content)
        assert place.verify().state == "broken", at


def test_the_file_cut_at_any_byte_is_found(place: Place) -> None:
    whole = place.log.content
    for size in range(0, len(whole) - 1, 37):
        place.log.content = whole[:size]
        assert place.verify().completeness.state == "broken", size


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


def test_an_anchor_whose_newest_lines_are_damaged_proves_no_completeness(place: Place) -> None:
    lines = place.anchor.content.splitlines(keepends=True)
    place.anchor.content = b"".join([*lines[:8], b"rubbish\n", b"rubbish\n"])
    place.lines = place.lines[:8]
    found = place.verify()
    assert states(found) == ("holds", "unproven", "holds")
    assert "the newest lines of the anchor can't be read" in found.completeness.says


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


# --- beyond a few entries ----------------------------------------------------------------


def test_a_trail_and_an_anchor_that_were_both_written_anew_are_found_by_key_and_by_head(
    place: Place,
) -> None:
    kept = parse_head(str(place.trail().anchor()))
    theirs = Place(entries=0)
    for number in range(ENTRIES + 1):
        theirs.append(f"harmless-{number}")
    place.log, place.anchor = theirs.log, theirs.anchor
    found = place.verify()
    assert states(found) == ("holds", "holds", "broken")
    assert "entries 1 to 13 have the seal of key" in findings(found)
    assert states(place.verify(kept)) == ("broken", "holds", "broken")


def test_an_entry_of_good_form_put_in_between_is_found(place: Place) -> None:
    before = forms.decode(place.lines[5].rstrip(b"\n"))
    entry = AuditEntry(7, place.clock.now(), "keys.set", "openai", {}, "ada", "ada@laptop")
    line = forms.encode(entry, trail=before.trail, prev=before.digest, secret="guessed")
    place.lines = [*place.lines[:6], line + b"\n", *place.lines[6:]]
    found = place.verify()
    assert (found.integrity.state, found.authenticity.state) == ("broken", "broken")
    assert "entry 7 stands there more than once" in findings(found)
    place.anchor.content = b""
    place.relink()
    assert place.verify().state == "broken"


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


def test_damage_all_over_a_long_trail_is_told_line_by_line(place: Place) -> None:
    place.lines = [*place.lines, *[b"rubbish\n"] * 20_000]
    found = place.verify()
    assert len(found.integrity.findings) == 20_000
    assert "line 20012, after entry 12," in found.integrity.findings[-1]


def test_gaps_all_over_a_long_trail_are_told_one_by_one() -> None:
    place = Place(entries=1)
    anchor = json.loads(place.anchor.content)
    heads = [json.dumps({**anchor, "seq": seq, "digest": "0" * 64}) for seq in range(2, 20_002)]
    place.anchor.content += "\n".join(heads).encode() + b"\n"
    place.lines = [
        *place.lines,
        *(place.lines[0].replace(b'"seq":1,', b'"seq":%d,' % seq) for seq in range(3, 20_002, 2)),
    ]
    found = place.verify()
    assert len(found.completeness.findings) == 10_000
    assert found.completeness.findings[-1].startswith("entry 20000 is missing (was anchored on")


def test_how_far_a_long_verification_is_is_told_and_of_a_short_one_nothing(place: Place) -> None:
    told: list[tuple[int, int]] = []
    place.trail().verify(seen=lambda done, of: told.append((done, of)))
    assert told == []
    place.lines = [*place.lines, *[b"rubbish\n"] * 10_000]
    place.trail().verify(seen=lambda done, of: told.append((done, of)))
    assert told == [(4096, 10_012), (8192, 10_012), (10_012, 10_012)]


def test_an_anchor_that_cannot_be_read_leaves_the_rest_to_be_judged(place: Place) -> None:
    class Gone(MemoryLines):
        def read(self) -> bytes:
            raise StorageError("the share is gone")

    place.anchor = Gone()
    found = place.verify()
    assert states(found) == ("holds", "unproven", "holds")
    assert "the anchor can't be read (the share is gone)" in found.completeness.says
    place.change(3, subject="another")
    assert states(place.verify()) == ("broken", "unproven", "broken")


def test_a_trail_and_an_anchor_that_are_gone_are_missed_by_the_key_that_is_left(
    place: Place,
) -> None:
    place.log.content = place.anchor.content = b""
    found = place.verify()
    assert states(found) == ("holds", "unproven", "holds")
    assert "if there were any, they are gone" in found.completeness.says
    given = place.trail()
    given.keys = SealingKeys([place.keys], [])  # from the environment: it was there before
    assert states(given.verify()) == WHOLE
