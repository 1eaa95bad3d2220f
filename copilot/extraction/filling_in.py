"""What rules read, where a model tried to read a field and failed.

Invariant: a field that the model read, or says is not stated, stays as it is; the rest comes from
the same record as rules read it, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.extracted import NullReason
from copilot.extraction.assembling import Draft

_FAILED = frozenset(
    {
        NullReason.QUOTE_NOT_FOUND,
        NullReason.VALUE_NOT_IN_QUOTE,
        NullReason.INVALID,
        NullReason.OVER_BUDGET,
    }
)


def stated(drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Those with a value at least: a model that fails makes up empty records, too."""
    return [one for one in drafts if any(field.value is not None for field in one.values())]


def lacking(drafts: Sequence[Draft]) -> bool:
    """Whether a model failed at a field of one of these records, or read none."""
    return not drafts or any(
        field.null_reason in _FAILED for draft in drafts for field in draft.values()
    )


def filled_in(modelled: Sequence[Draft], ruled: Sequence[Draft]) -> Sequence[Draft]:
    """The model's records, with the fields that it failed at from those that rules read.

    Where the two don't see as many records, nobody knows which is which: then none is filled in.
    """
    if not modelled:
        return ruled
    if len(modelled) != len(ruled):
        return modelled
    return [_filled(one, other) for one, other in zip(modelled, ruled, strict=True)]


def _filled(modelled: Draft, ruled: Draft) -> Draft:
    filled = dict(modelled)
    for name, field in modelled.items():
        if field.value is not None or field.null_reason not in _FAILED:
            continue
        # An array that the model couldn't read has one entry by its name, and no items.
        found = {
            key: value
            for key, value in ruled.items()
            if value.value is not None and (key == name or key.startswith(f"{name}["))
        }
        if found:
            del filled[name]
            filled |= found
    return filled
