"""Entries of the audit trail that were changed, dropped, moved or forged are found and named."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from copilot.audit import entries as forms
from copilot.audit.anchors import parse_head
from copilot.audit.entries import AuditEntry
from copilot.audit.keys import KEY_NAME
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
