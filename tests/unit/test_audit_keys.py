"""The key of the audit trail: rotated, swapped, lost, kept elsewhere; each told from the others."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from copilot.audit import entries as forms
from copilot.audit.entries import ROTATED, AuditEntry
from copilot.audit.keys import KEY_NAME, SealingKeys, old_name
from copilot.errors import ConfigError, InternalError, NotFoundError, StorageError, UsageError
from copilot.testing.memory_secrets import MemorySecretStore
from tests.audit_place import ENTRIES, WHOLE, Place, findings, states


@pytest.fixture
def place() -> Place:
    """Twelve entries, the key rotated, and two more."""
    place = Place()
    place.trail().rotate_key(principal="ada")
    place.append("thirteen")
    place.append("fourteen")
    return place


def key_of(place: Place) -> str:
    return forms.key_id(place.keys.get(KEY_NAME) or "")


def sealed_with(place: Place) -> list[str]:
    return [json.loads(line)["key"] for line in place.lines]


def test_the_old_key_seals_an_entry_that_names_the_new_one_which_seals_what_follows() -> None:
    place = Place()
    before = key_of(place)
    old, new = place.trail().rotate_key(principal="ada")
    place.append("more")
    assert (old, new) == (before, key_of(place))
    assert sealed_with(place) == [old] * (ENTRIES + 1) + [new]
    rotation = json.loads(place.lines[ENTRIES])
    assert (rotation["action"], rotation["principal"]) == (ROTATED, "ada")
    assert rotation["detail"] == {"key": new, "place": "memory"}
    found = place.verify()
    assert (states(found), findings(found)) == (WHOLE, "")
    assert found.notes == (f"the key was rotated at entry {ENTRIES + 1}",)


def test_a_trail_is_verified_over_any_number_of_rotations() -> None:
    place = Place()
    for number in range(5):
        place.trail().rotate_key(principal="ada")
        assert states(place.verify()) == WHOLE
        for more in range(number):
            place.append(f"{number}-{more}")
    assert states(place.verify()) == WHOLE
    assert len(set(sealed_with(place))) == 6


@pytest.mark.parametrize("seq", [1, 12, 13, 14, 15])
def test_a_changed_entry_is_found_on_both_sides_of_a_rotation(place: Place, seq: int) -> None:
    place.change(seq, principal="grace")
    assert states(place.verify()) == ("broken", "holds", "broken")
    assert f"entry {seq} has no seal that fits" in findings(place.verify())


def test_a_key_that_was_not_rotated_to_is_found_though_the_old_ones_are_here(place: Place) -> None:
    place.keys.set(KEY_NAME, "another")
    assert states(place.verify()) == ("holds", "holds", "broken")
    place.append("more")
    found = place.verify()
    assert states(found) == ("holds", "holds", "broken")
    assert "nor was rotated to it" in findings(found)
    assert "entries 14 to 15 have the seal" in findings(found)


def test_a_key_that_was_rotated_out_seals_no_more(place: Place) -> None:
    old = next(name for name in place.keys.names() if name != KEY_NAME)
    secret = place.keys.get(old) or ""
    last = forms.decode(place.lines[-1].rstrip(b"\n"))
    entry = AuditEntry(16, place.clock.now(), "keys.remove", "openai", {}, "grace", "ada@laptop")
    line = forms.encode(entry, trail=last.trail, prev=last.digest, secret=secret)
    place.log.content += line + b"\n"
    found = place.verify()
    assert states(found) == ("holds", "holds", "broken")
    assert "entry 16 has the seal of key" in findings(found)


def test_a_key_that_was_rotated_out_and_stolen_seals_nothing_right_behind_the_rotation() -> None:
    place = Place()
    secret = place.keys.get(KEY_NAME) or ""
    place.trail().rotate_key(principal="ada")
    last = forms.decode(place.lines[-1].rstrip(b"\n"))
    entry = AuditEntry(14, place.clock.now(), "keys.remove", "openai", {}, "grace", "ada@laptop")
    line = forms.encode(entry, trail=last.trail, prev=last.digest, secret=secret)
    place.log.content += line + b"\n"
    found = place.verify()
    assert states(found) == ("holds", "holds", "broken")


def test_the_old_key_in_the_place_of_the_new_one_is_found(place: Place) -> None:
    old = next(name for name in place.keys.names() if name != KEY_NAME)
    place.keys.set(KEY_NAME, place.keys.get(old) or "")
    trail = place.trail()
    trail.append("keys.set", "openai", detail={}, principal="ada")
    [notice] = trail.notices
    assert "and the key that is here is" in notice.message
    assert place.verify().authenticity.state == "broken"


@pytest.mark.parametrize("vouched", [True, False])
def test_a_trail_that_somebody_wrote_and_rotated_to_our_key_is_found(vouched: bool) -> None:
    place = Place()
    own = place.keys.get(KEY_NAME) or ""
    place.reseal("theirs")
    last = forms.decode(place.lines[-1].rstrip(b"\n"))
    detail: dict[str, str | int | bool] = {"key": forms.key_id(own), "place": "memory"}
    rotation = AuditEntry(13, place.clock.now(), ROTATED, last.key, detail, "ada", "ada@laptop")
    line = forms.encode(rotation, trail=last.trail, prev=last.digest, secret="theirs")
    place.log.content += line + b"\n"
    place.anchor.content = b""
    if vouched:  # nobody but the owner of the key can do this
        place.append("more")
        assert place.verify().authenticity.state == "unproven"
    else:
        assert place.verify().authenticity.state == "broken"
        assert "entries 1 to 13 have the seal" in findings(place.verify())


def test_a_rotation_that_was_taken_out_is_found(place: Place) -> None:
    lines = place.lines
    del lines[ENTRIES]
    place.lines = lines
    place.relink()
    assert states(place.verify())[0] == "broken"
    assert place.verify().authenticity.state == "broken"


def test_seals_of_a_rotated_key_that_is_gone_are_unproven_and_the_rest_is_judged(
    place: Place,
) -> None:
    old = next(name for name in place.keys.names() if name != KEY_NAME)
    place.keys.remove(old)
    found = place.verify()
    assert states(found) == ("holds", "holds", "unproven")
    assert f"entries 1 to 13: the key {old.removeprefix('audit-trail.')} isn't" in (
        found.authenticity.says
    )
    place.change(14, subject="another")
    assert states(place.verify()) == ("broken", "holds", "broken")


def test_another_key_under_the_name_of_the_old_one_is_not_taken_for_it(place: Place) -> None:
    old = next(name for name in place.keys.names() if name != KEY_NAME)
    place.keys.set(old, "another")
    assert states(place.verify()) == ("holds", "holds", "unproven")


@pytest.mark.parametrize("torn", [b"", b'{"acc', b"cut"])
def test_a_key_that_was_replaced_and_a_crash_before_the_entry_are_mended_by_the_next_one(
    torn: bytes,
) -> None:
    place = Place()
    key = place.trail().keys.current()
    assert key is not None
    place.trail().keys.replace(key)  # and then it died
    place.log.content += torn
    found = place.verify()
    assert states(found) == WHOLE
    assert f"the key {key.id} was replaced, and no entry says so yet" in found.notes[-1]
    place.append("more")
    found = place.verify()
    assert states(found) == WHOLE
    assert "replaced" not in "".join(found.notes)
    actions = [json.loads(line[line.rfind(b'{"account"') :])["action"] for line in place.lines]
    mended = ["audit.mended"] if torn else []
    assert actions[ENTRIES:] == [*mended, ROTATED, "index.remove"]


@pytest.mark.parametrize("cut", [1, 300, 500, 700, 900])
def test_a_crash_while_a_rotation_is_written_is_no_alarm(cut: int) -> None:
    place = Place()
    before, anchored = place.log.content, place.anchor.content
    place.trail().rotate_key(principal="ada")
    place.log.content = before + place.log.content[len(before) :][:cut]
    place.anchor.content = anchored
    place.append("more")
    assert states(place.verify()) == WHOLE


def test_two_homes_with_one_key_stay_whole_when_one_of_them_rotates_it() -> None:
    place, other = Place(), Place(entries=0)
    other.keys = place.keys
    other.append("first")
    place.trail().rotate_key(principal="ada")
    other.append("second")
    assert [json.loads(line)["action"] for line in other.lines].count(ROTATED) == 1
    assert (states(place.verify()), states(other.verify())) == (WHOLE, WHOLE)


class ReadOnly(MemorySecretStore):
    """Like the environment: what it holds, only a person can change."""

    def set(self, name: str, value: str) -> None:
        raise UsageError("A command can't change the environment.", hint=f"export {name}=…")


def test_a_key_that_only_a_person_can_replace_is_rotated_once_they_did() -> None:
    place = Place()
    secret = place.keys.get(KEY_NAME) or ""
    place.keys = ReadOnly({KEY_NAME: secret}, name="environment")
    before = place.log.content
    with pytest.raises(UsageError, match="where only you can replace it") as raised:
        place.trail().rotate_key(principal="ada")
    assert f"export {old_name(forms.key_id(secret))}=…" in raised.value.hint
    assert place.log.content == before
    place.keys = ReadOnly(
        {KEY_NAME: "new", old_name(forms.key_id(secret)): secret}, name="environment"
    )
    old, new = place.trail().rotate_key(principal="ada")
    assert (old, new) == (forms.key_id(secret), forms.key_id("new"))
    assert states(place.verify()) == WHOLE


def test_what_cannot_be_rotated_is_refused_and_nothing_is_written() -> None:
    place = Place(entries=0)
    with pytest.raises(NotFoundError, match="no entries yet"):
        place.trail().rotate_key(principal="ada")
    assert place.keys.names() == []
    place.append("first")
    before = place.log.content

    def refused(keys: MemorySecretStore, error: type[Exception], says: str) -> None:
        place.keys = keys
        with pytest.raises(error, match=says):
            place.trail().rotate_key(principal="ada")
        assert place.log.content == before

    refused(MemorySecretStore(), StorageError, "only that one can name another")
    refused(MemorySecretStore({KEY_NAME: "another"}), StorageError, "isn't here")

    class Full(MemorySecretStore):
        def set(self, name: str, value: str) -> None:
            raise ConfigError("the disk is full", hint="make room")

    own = forms.decode(place.lines[0].rstrip(b"\n"))
    secret = "again"
    line = forms.encode(own.entry, trail=own.trail, prev=own.prev, secret=secret)
    place.log.content = before = line + b"\n"
    refused(Full({KEY_NAME: secret}), StorageError, "can't be replaced: the disk is full")


def test_nobody_but_the_trail_itself_writes_of_a_rotation(place: Place) -> None:
    with pytest.raises(InternalError):
        place.trail().append(ROTATED, "x", detail={"key": "x"}, principal="ada")


def test_a_key_in_a_better_place_that_is_not_used_is_noted() -> None:
    place = Place()
    keyring = MemorySecretStore({KEY_NAME: "the one before"}, name="keyring")
    plain = place.keys
    trail = place.trail()
    trail.keys = SealingKeys([plain, keyring], [keyring, plain])
    found = trail.verify()
    assert states(found) == WHOLE
    [note] = found.notes
    assert note.startswith("the keyring has another key to seal with")


def test_a_trail_begins_where_the_keyring_is_locked_and_goes_on_there() -> None:
    class Locked(MemorySecretStore):
        def get(self, name: str) -> str | None:
            raise ConfigError("The OS keyring did not answer.")

        def set(self, name: str, value: str) -> None:
            raise ConfigError("The OS keyring did not answer.")

    place, keyring = Place(entries=0), Locked(name="keyring")
    for number in range(2):
        trail = place.trail()
        trail.keys = SealingKeys([place.keys, keyring], [keyring, place.keys])
        trail.append("index.add", f"/srv/{number}", detail={}, principal="ada")
        assert trail.notices == ()
    assert states(place.verify()) == WHOLE
    place.keys = MemorySecretStore()
    trail.keys = SealingKeys([place.keys, keyring], [keyring, place.keys])
    with pytest.raises(StorageError, match="did not answer"):
        trail.append("index.add", "/srv/3", detail={}, principal="ada")


@pytest.mark.parametrize(
    ("harm", "does"),
    [
        (lambda place: place.change(3, subject="x"), "leave the trail and its anchor as they are"),
        (lambda place: place.keys.set(KEY_NAME, "another"), "copilot audit rotate-key"),
        (lambda place: place.keys.remove(KEY_NAME), "put the key back"),
        (lambda place: setattr(place.anchor, "content", b""), "copilot audit anchor"),
    ],
)
def test_each_verdict_that_does_not_hold_says_what_to_do(
    harm: Callable[[Place], None], does: str
) -> None:
    place = Place()
    harm(place)
    found = place.verify()
    verdicts = (found.integrity, found.completeness, found.authenticity)
    assert all(bool(verdict.remedy) == (verdict.state != "holds") for verdict in verdicts)
    assert any(does in verdict.remedy for verdict in verdicts)


def test_a_key_is_needed_while_entries_are_sealed_with_it_and_fits_only_as_what_it_was(
    place: Place,
) -> None:
    trail = place.trail()
    old = next(name for name in place.keys.names() if name != KEY_NAME)
    secret = {name: place.keys.get(name) or "" for name in (old, KEY_NAME)}
    assert (trail.needs(KEY_NAME), trail.needs(old)) == (True, True)
    assert not trail.needs(old_name("0" * 16))
    assert trail.fits(KEY_NAME, secret[KEY_NAME])
    assert trail.fits(old, secret[old])
    assert not trail.fits(KEY_NAME, secret[old])
    assert not trail.fits(old, secret[KEY_NAME])
    empty = Place(entries=0).trail()
    assert empty.fits(KEY_NAME, "any")
    assert not empty.needs(KEY_NAME)
