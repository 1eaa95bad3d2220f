"""What is no audit entry is told as damage, and what can't be judged is said to be unproven."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from copilot.audit.keys import KEY_NAME, SealingKeys
from copilot.errors import ConfigError, StorageError
from copilot.testing.memory_audit import MemoryLines
from copilot.testing.memory_secrets import MemorySecretStore
from tests.audit_place import WHOLE, Place, findings, states


@pytest.fixture
def place() -> Place:
    return Place()


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


def test_an_anchor_whose_newest_lines_are_damaged_proves_no_completeness(place: Place) -> None:
    lines = place.anchor.content.splitlines(keepends=True)
    place.anchor.content = b"".join([*lines[:8], b"rubbish\n", b"rubbish\n"])
    place.lines = place.lines[:8]
    found = place.verify()
    assert states(found) == ("holds", "unproven", "holds")
    assert "the newest lines of the anchor can't be read" in found.completeness.says


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
