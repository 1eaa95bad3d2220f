"""What every audit trail promises, on disk or in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from copilot.adapters.audit import AppendOnlyFile
from copilot.adapters.secrets.plain_file import PlainFileStore
from copilot.adapters.system import SystemClock, new_id
from copilot.audit import AuditEntry
from copilot.audit.trail import ChainedTrail
from copilot.errors import InternalError
from copilot.ports import AuditTrail
from copilot.testing.memory_audit import MemoryAuditTrail


@dataclass
class Case:
    """A trail, and how to read what was appended since it began."""

    trail: AuditTrail
    entries: Callable[[], Sequence[AuditEntry]]

    def append(self, action: str = "keys.set", **given: Any) -> None:
        chosen: dict[str, Any] = {"subject": "openai", "detail": {}, "principal": "ada", **given}
        self.trail.append(action, **chosen)


@pytest.fixture(params=["memory", "files"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    if request.param == "memory":
        memory = MemoryAuditTrail()
        return Case(memory, lambda: memory.entries)
    keys = [PlainFileStore(tmp_path / "audit.key")]
    files = AppendOnlyFile(tmp_path / "audit.jsonl"), AppendOnlyFile(tmp_path / "anchor.jsonl")
    chained = ChainedTrail(*files, find_in=keys, keep_in=keys, clock=SystemClock(), new_id=new_id)
    return Case(chained, lambda: [sealed.entry for sealed in chained.lines().sealed])


def test_entries_are_told_back_in_the_order_of_appending(case: Case) -> None:
    case.append("keys.set", subject="openai")
    case.append("index.remove", subject="/srv/handbook", principal="grace")
    case.append("keys.remove", subject="openai")
    found = case.entries()
    assert [(entry.action, entry.subject, entry.principal) for entry in found] == [
        ("keys.set", "openai", "ada"),
        ("index.remove", "/srv/handbook", "grace"),
        ("keys.remove", "openai", "ada"),
    ]
    assert [entry.seq for entry in found] == [1, 2, 3]
    assert all(entry.at.utcoffset() is not None for entry in found)
    assert case.trail.notices == ()


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"store": "keyring", "runs": 12, "dry": False, "negative": -3, "large": 2**70},
        {"path": "/tmp/wünsch\u2028\udcff\n\x1b[31m", "": "", "日本": "語"},
    ],
)
def test_a_detail_comes_back_as_it_was_given(
    case: Case, detail: Mapping[str, str | int | bool]
) -> None:
    case.append(detail=detail)
    [entry] = case.entries()
    assert entry.detail == detail
    assert {name: type(value) for name, value in entry.detail.items()} == {
        name: type(value) for name, value in detail.items()
    }


def test_what_the_caller_does_to_its_detail_later_changes_no_entry(case: Case) -> None:
    detail: dict[str, str | int | bool] = {"runs": 1}
    case.append(detail=detail)
    detail["runs"] = 2
    assert case.entries()[0].detail == {"runs": 1}


@pytest.mark.parametrize("value", [1.5, float("nan"), None, b"x", ["x"], {"a": 1}])
def test_a_detail_is_a_text_a_whole_number_or_a_truth_value(case: Case, value: object) -> None:
    with pytest.raises(InternalError):
        case.append(detail={"value": value})
    assert not case.entries()


@pytest.mark.parametrize(
    "action",
    ["", "purge", "Ledger.Purge", "ledger purge", "a.b\n", "a..b", "audit.mended"],
)
def test_an_action_names_the_thing_and_what_was_done_to_it(case: Case, action: str) -> None:
    with pytest.raises(InternalError):
        case.append(action)
    assert not case.entries()


def test_an_entry_is_no_place_for_a_body(case: Case) -> None:
    with pytest.raises(InternalError):
        case.append(detail={"answer": "word " * 2000})
    assert not case.entries()
