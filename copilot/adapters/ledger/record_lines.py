"""The data of a record that belongs to no stream: its fields, the texts among them by digest.

Invariant: a kind's name and its fields are what ``sql/records.sql`` reads; a new kind stands in
both, and in the view ``record_kinds``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from copilot.adapters.ledger.texts import Texts, number
from copilot.records import (
    ApprovalDecided,
    BudgetChanged,
    CacheUsed,
    EvalScored,
    ExtractionFinished,
    FeedbackGiven,
    FlagEvaluated,
    GuardChecked,
    Record,
    ToolCalled,
    texts_of,
)

KINDS: Mapping[type[Record], str] = {
    FeedbackGiven: "feedback_given",
    GuardChecked: "guard_checked",
    ToolCalled: "tool_called",
    ApprovalDecided: "approval_decided",
    ExtractionFinished: "extraction_finished",
    FlagEvaluated: "flag_evaluated",
    CacheUsed: "cache_used",
    BudgetChanged: "budget_changed",
    EvalScored: "eval_scored",
}


def describe_record(record: Record, texts: Texts) -> tuple[str, dict[str, object]]:
    """The kind and the data of a record; an empty text is null."""
    written = texts_of(type(record))
    data = {
        one.name: texts.if_any(getattr(record, one.name))
        if one.name in written
        else _plain(getattr(record, one.name))
        for one in fields(record)
    }
    return KINDS[type(record)], data


def _plain(value: object) -> object:
    if isinstance(value, float):
        return number(value)
    return list(value) if isinstance(value, tuple) else value
