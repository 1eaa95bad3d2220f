"""A record as a person has edited it, field by field.

Invariant: a value that was changed is marked as a person's; it carries evidence only where the
source says it, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from copilot.errors import UsageError
from copilot.extracted import Evidence, FieldError, FieldValue, Json, NullReason


def edited_fields(
    was: Mapping[str, FieldValue], record: Mapping[str, Json], *, text: str, start: int = 0
) -> tuple[dict[str, FieldValue], list[str]]:
    """The fields of the edited record, and the names of those that were changed or removed.

    ``text`` is what of the source is at hand, from ``start`` on.
    """
    fields: dict[str, FieldValue] = {}
    changed: list[str] = []
    for name, value in _leaves(record, ""):
        before = was.get(name)
        if before is not None and before.value == value and type(before.value) is type(value):
            fields[name] = before
            continue
        if before is None and value is None:
            fields[name] = FieldValue(None, null_reason=NullReason.NOT_STATED)
            continue
        changed.append(name)
        fields[name] = _by_person(value, text, start)
    gone = [name for name, one in was.items() if name not in fields and one.value is not None]
    return fields, [*changed, *gone]


def refuse(problems: Sequence[FieldError]) -> None:
    """UsageError that names what is wrong with an edited record; nothing for none."""
    if problems:
        wrong = "; ".join(f"{one.path or 'the record'}: {one.message}" for one in problems)
        raise UsageError(f"the edited record isn't valid: {wrong}")


def _by_person(value: Json, text: str, start: int) -> FieldValue:
    if value is None:
        return FieldValue(None, null_reason=NullReason.NOT_STATED, read_by="person")
    quote = str(value)
    at = text.find(quote) if quote.strip() and not isinstance(value, bool) else -1
    evidence = None
    if at >= 0:
        evidence = Evidence(quote, start + at, start + at + len(quote))
    return FieldValue(value, evidence, 1.0, read_by="person")


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, one in enumerate(value):
            yield from _leaves(one, f"{path}[{number}]")
        if not value:
            yield path, None
    else:
        yield path, value
