"""What rules and a model read in one text, put together.

Invariant: the records are those of one of the two, told by how much of what the model gave was
proven; each field has one reader, and says which.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
_LEFT_TO_A_MODEL = frozenset({NullReason.NEEDS_MODEL})


def stated(drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Those with a value at least: a model that fails makes up empty records, too."""
    return [one for one in drafts if any(field.value is not None for field in one.values())]


def lacking(drafts: Sequence[Draft]) -> bool:
    """Whether a model failed at a field of one of these records, or read none."""
    return not drafts or any(
        field.null_reason in _FAILED for draft in drafts for field in draft.values()
    )


def mostly_refused(drafts: Sequence[Draft], refused: int) -> bool:
    """Whether fewer values of a model were proven, which these are, than refused.

    It didn't read the text then: that a few of its words stand there says little.
    """
    proven = sum(field.value is not None for draft in drafts for field in draft.values())
    return refused > proven


def together(
    modelled: Sequence[Draft], ruled: Sequence[Draft], *, refused: int = 0
) -> Sequence[Draft]:
    """The records of the model, with the fields that it failed at from those that rules read.

    Of a model that was mostly refused, the other way round: the records of rules, with the fields
    that these leave to a model. Where the two don't see as many records, nobody knows which is
    which: then nothing is filled in.
    """
    if not modelled:
        return ruled
    first, second, lacks = (
        (ruled, modelled, _LEFT_TO_A_MODEL)
        if mostly_refused(modelled, refused)
        else (modelled, ruled, _FAILED)
    )
    if len(first) != len(second):
        return first
    return [_filled(one, other, lacks) for one, other in zip(first, second, strict=True)]


def _filled(first: Draft, second: Draft, lacks: Collection[NullReason]) -> Draft:
    """``first`` with the fields that are null for these reasons, as ``second`` has them."""
    filled = dict(first)
    for name, field in first.items():
        if field.value is not None or field.null_reason not in lacks:
            continue
        # An array that couldn't be read has one entry by its name, and no items.
        found = {
            key: value
            for key, value in second.items()
            if value.value is not None and (key == name or key.startswith(f"{name}["))
        }
        if found:
            del filled[name]
            filled |= found
    return filled
