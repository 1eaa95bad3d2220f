"""A quick look at the end of the audit trail: what it finds, and what it leaves to ``verify``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from copilot.audit import entries as forms
from copilot.audit.keys import KEY_NAME
from copilot.errors import ConfigError
from copilot.testing.memory_secrets import MemorySecretStore
from tests.audit_place import BEGAN, ENTRIES, Place


def cut(place: Place) -> None:
    place.lines = place.lines[:8]


def drop(place: Place) -> None:
    place.lines = [*place.lines[:8], *place.lines[9:]]


def swap(place: Place) -> None:
    lines = place.lines
    place.lines = [*lines[:8], lines[9], lines[8], *lines[10:]]


def remove(place: Place) -> None:
    place.lines = []


def spoil(place: Place) -> None:
    place.lines = [*place.lines[:-1], b"rubbish\n"]


def spoil_all(place: Place) -> None:
    place.lines = [b"rubbish\n"]


def replace_trail(place: Place) -> None:
    place.log = Place(entries=0).log
    trail = place.trail()
    trail._new_id = lambda: "018f-other"
    trail.append("keys.set", "openai", detail={}, principal="ada")


def change(place: Place) -> None:
    place.change(ENTRIES, subject="another")


def test_a_trail_that_nobody_touched_looks_well_and_says_where_its_key_is() -> None:
    found = Place().trail().glance()
    assert (found.last, found.wrong, found.unanchored) == (ENTRIES, (), 0)
    assert (found.key, found.key_wrong) == ("memory", "")
    assert found.at is not None
    assert found.at > BEGAN


def test_no_trail_yet_looks_well_and_asks_for_no_key() -> None:
    class Locked(MemorySecretStore):
        def get(self, name: str) -> str | None:
            raise ConfigError("asked")

    place = Place(entries=0)
    place.keys = Locked()
    found = place.trail().glance()
    assert (found.last, found.at, found.wrong, found.key_wrong) == (0, None, (), "")


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (cut, "12 entries were anchored, and 8 are there"),
        (drop, "entry 10 doesn't follow from entry 8"),
        (swap, "entry 10 doesn't follow from entry 8"),
        (remove, "the trail of 12 entries is gone"),
        (spoil, "some of its last lines are no entries"),
        (spoil_all, "its last lines are no entries"),
        (replace_trail, "another trail of 12 entries was anchored in the same place"),
        (change, "entry 12 isn't the one that was anchored"),
    ],
)
def test_tampering_with_the_end_of_a_trail_is_seen_at_a_glance(
    tamper: Callable[[Place], None], says: str
) -> None:
    place = Place()
    tamper(place)
    assert says in place.trail().glance().wrong


def test_an_entry_that_was_changed_and_never_anchored_is_seen_by_the_one_behind_it() -> None:
    place = Place()
    place.anchor.content = b""
    place.change(10, subject="another")
    assert place.trail().glance().wrong == ("entry 11 doesn't follow from entry 10",)


def test_a_key_that_was_replaced_and_not_yet_named_is_nothing_wrong() -> None:
    place = Place()
    keys = place.trail().keys
    key = keys.current()
    assert key is not None
    keys.replace(key)
    assert place.trail().glance().key_wrong == ""


def test_only_the_ends_of_both_files_are_looked_at() -> None:
    place = Place(entries=400)
    place.change(3, subject="another")
    assert place.trail().glance().wrong == ()
    assert place.verify().state == "broken"
    place.change(399, subject="another")
    assert place.trail().glance().wrong != ()


def test_what_is_not_anchored_is_counted() -> None:
    place = Place()
    place.anchor.content = b"".join(place.anchor.content.splitlines(keepends=True)[:9])
    assert place.trail().glance().unanchored == 3
    place.anchor.content = b""
    found = place.trail().glance()
    assert (found.unanchored, found.wrong) == (ENTRIES, ())


@pytest.mark.parametrize("torn", [b"", b'{"account":"a'])
def test_an_entry_that_is_being_written_is_nothing_wrong(torn: bytes) -> None:
    place = Place()
    place.log.content += torn
    assert place.trail().glance().wrong == ()


def test_the_key_is_missed_where_it_is_gone_another_or_cannot_be_asked_for() -> None:
    place = Place()
    own = place.keys.get(KEY_NAME) or ""
    place.keys.remove(KEY_NAME)
    assert place.trail().glance().key_wrong == "the key that seals it isn't here"
    place.keys.set(KEY_NAME, "another")
    says = f"the newest entry asks for key {forms.key_id(own)}, and key {forms.key_id('another')}"
    assert place.trail().glance().key_wrong.startswith(says)
    place.keys.set(KEY_NAME, own)
    place.trail().rotate_key(principal="ada")
    assert place.trail().glance().key_wrong == ""

    class Locked(MemorySecretStore):
        def get(self, name: str) -> str | None:
            raise ConfigError("The OS keyring is locked.")

    place.keys = Locked()
    assert "keyring is locked" in place.trail().glance().key_wrong


def test_a_forged_newest_entry_is_seen_by_its_seal() -> None:
    place = Place()
    place.change(ENTRIES, seal="0" * 64)
    assert place.trail().glance().key_wrong == "the newest entry's seal doesn't fit"
