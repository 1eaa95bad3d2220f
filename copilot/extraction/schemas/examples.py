"""What people say for each value of an enumeration, as its schema tells: examples, or in words.

Invariant: every example belongs to one of the field's choices; ``x-examples`` is checked whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from copilot.extracted import Json
from copilot.extraction.schemas.refusals import refusal

MOST_EXAMPLES = 200
LONGEST = 300
LONGEST_DESCRIPTION = 20_000
_BEHIND = re.compile(r"\W*?(?::|=|–|—| - )\s*(\S.*)")
_PARTS = re.compile(r"[;\n]")
_HUMPS = re.compile(r"(?<=[^\W\d_])(?<![A-ZÀ-Þ])(?=[A-ZÀ-Þ])|[_-]+")
_HINT = 'write "x-examples": {"CHOICE": ["what people say for it", …], …}'


def examples_of(
    node: Mapping[str, Json], choices: Sequence[str], *, name: str, at: str
) -> tuple[tuple[str, str], ...]:
    """Pairs of a choice and a sentence that means it; empty if the schema tells none.

    They stand in ``x-examples``, ``{"refund": ["I want my money back."]}``, or in the description,
    as ``refund: money back; complaint: …``, which must then tell all choices. Raises SchemaError.
    """
    given = node.get("x-examples")
    if given is not None:
        return tuple(_given(given, choices, name, at))
    said = node.get("description")
    return _described(said, choices) if isinstance(said, str) and choices else ()


def _given(given: Json, choices: Sequence[str], name: str, at: str) -> Iterator[tuple[str, str]]:
    if not choices:
        raise refusal(name, at, "x-examples of a field without enum", hint="list its values: enum")
    if not isinstance(given, Mapping):
        raise refusal(name, at, "x-examples is no object", hint=_HINT)
    if unknown := [one for one in given if one not in choices]:
        raise refusal(
            name, at, f"x-examples names {unknown[0][:80]!r}, which enum lacks", hint=_HINT
        )
    count = 0
    for choice, sentences in given.items():
        if not isinstance(sentences, list):
            raise refusal(name, at, f"x-examples of {choice[:80]!r} is no list", hint=_HINT)
        for one in sentences:
            count += 1
            if not isinstance(one, str) or not one.strip() or len(one) > LONGEST:
                raise refusal(
                    name,
                    at,
                    f"x-examples of {choice[:80]!r} holds what is no sentence",
                    hint=f"each is a text of 1 to {LONGEST} characters",
                )
            if count > MOST_EXAMPLES:
                raise refusal(name, at, "too many x-examples", hint=f"{MOST_EXAMPLES} are the most")
            yield choice, one


def _described(said: str, choices: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each choice's own name, and what the description says behind it."""
    found: dict[str, str] = {}
    for part in _PARTS.split(said[:LONGEST_DESCRIPTION]):
        for choice in choices:
            at = part.find(choice)
            if at < 0 or any(map(str.isalnum, part[:at])):
                continue
            if told := _BEHIND.match(part, at + len(choice)):
                found.setdefault(choice, told[1].strip())
    if len(found) < len(choices):
        return ()
    spoken = {choice: _HUMPS.sub(" ", choice).strip().lower() for choice in choices}
    return tuple(
        (choice, text) for choice in choices for text in (spoken[choice], found[choice][:LONGEST])
    )
