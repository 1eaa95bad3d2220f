"""Examples that a prompt shows a model, those nearest to what it is asked now.

Invariant: the same text gets the same examples, on every machine; never more of them, and never
longer ones, than the prompt's front matter allows.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from copilot.errors import ConfigError

INPUT = "examples"  # what the body calls the place where they are put
MARK = "+++ examples"  # stands before them in what is recorded of a prompt
_FIELDS = frozenset({"file", "by", "most", "tokens", "form"})
_PARTS = ("input", "output")
_SLOT = re.compile(r"\{\{ *(input|output) *\}\}")
_MOST, _MOST_TOKENS = 20, 4_000
CHARACTERS_A_TOKEN = 3  # few enough that they hardly ever cost more than is allowed
_READ = 20_000  # characters of a text that decide what is near to it
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Example:
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Examples:
    """``by`` names the input that they are compared with, ``form`` says how one is written."""

    by: str
    most: int
    tokens: int
    form: str
    all: tuple[Example, ...]

    def rendered(self, text: str) -> str:
        """Those for ``text``, the nearest last; empty where none has anything in common."""
        room = self.tokens * CHARACTERS_A_TOKEN
        chosen: list[str] = []
        for example in _by_nearness(self.all, text[:_READ]):
            written = self._written(example)
            if len(chosen) < self.most and len(written) <= room:
                chosen.append(written)
                room -= len(written)
        return "\n\n".join(reversed(chosen))

    def as_recorded(self) -> str:
        """All that they are, for a digest and for a run to be made again from."""
        how = {"by": self.by, "most": self.most, "tokens": self.tokens, "form": self.form}
        return "\n".join([json.dumps(how, ensure_ascii=False), lines_of(self.all)])

    def _written(self, example: Example) -> str:
        values = {"input": example.input, "output": example.output}
        return _SLOT.sub(lambda match: values[match[1]], self.form)


def lines_of(examples: tuple[Example, ...]) -> str:
    """One JSON object a line, as a file of them holds it."""
    return "\n".join(
        json.dumps({"input": one.input, "output": one.output}, ensure_ascii=False)
        for one in examples
    )


def read(front: object, file: str, *, name: str) -> Examples:
    """From a prompt's front matter and the file that it names. Raises ConfigError."""
    if not isinstance(front, dict) or set(front) != _FIELDS:
        raise ConfigError(f"{name}: [examples] needs exactly {', '.join(sorted(_FIELDS))}")
    by, form = front["by"], front["form"]
    if not isinstance(by, str) or not isinstance(form, str):
        raise ConfigError(f"{name}: examples.by and examples.form must be texts")
    if {match[1] for match in _SLOT.finditer(form)} != set(_PARTS):
        raise ConfigError(f"{name}: examples.form must use {{{{input}}}} and {{{{output}}}}")
    return Examples(
        by=by,
        most=_number(front["most"], "most", _MOST, name),
        tokens=_number(front["tokens"], "tokens", _MOST_TOKENS, name),
        form=form.strip(),
        all=_examples(file, f"{name}: {front['file']}", toml=str(front["file"]).endswith(".toml")),
    )


def of_recorded(text: str, name: str) -> Examples:
    """The inverse of ``as_recorded``. Raises ConfigError."""
    how, _, lines = text.partition("\n")
    try:
        front = json.loads(how)
    except ValueError as error:
        raise ConfigError(f"{name}: its examples can't be read") from error
    return read({**front, "file": ""}, lines, name=name)


def _number(value: object, field: str, most: int, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ConfigError(f"{name}: examples.{field} must be a whole number from 1 to {most}")
    return value


def _examples(text: str, name: str, *, toml: bool) -> tuple[Example, ...]:
    try:
        if toml:
            found = tomllib.loads(text).get("example", [])
        else:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise ConfigError(f"{name}: {error}", hint='a line each: {"input": …, "output": …}') from (
            error
        )
    if not isinstance(found, list) or not found:
        raise ConfigError(f"{name} holds no example", hint='a line each: {"input": …, "output": …}')
    return tuple(_example(one, name, number) for number, one in enumerate(found, 1))


def _example(value: object, name: str, number: int) -> Example:
    if (
        not isinstance(value, dict)
        or set(value) != set(_PARTS)
        or not all(isinstance(part, str) and part for part in value.values())
    ):
        raise ConfigError(f"{name}: example {number} needs two texts, input and output")
    return Example(value["input"], value["output"])


# --- which are near ----------------------------------------------------------------------


def _by_nearness(examples: tuple[Example, ...], text: str) -> list[Example]:
    """The nearest first; of two that are as near the one that stands first in the file."""
    weights, vectors = _vectors(examples)
    wanted = _vector(text, weights)
    near = [_dot(wanted, vector) for vector in vectors]
    order = sorted(range(len(examples)), key=lambda n: (-round(near[n], 9), n))
    return [examples[n] for n in order if near[n] > 0]


@lru_cache(maxsize=32)
def _vectors(
    examples: tuple[Example, ...],
) -> tuple[Mapping[str, float], tuple[Mapping[str, float], ...]]:
    """How much each word says, the rarer the more, and each example's words."""
    known = Counter(part for one in examples for part in set(_parts(one.input)))
    weights = {part: math.log(1 + len(examples) / times) for part, times in known.items()}
    return weights, tuple(_vector(one.input, weights) for one in examples)


def _vector(text: str, weights: Mapping[str, float]) -> Mapping[str, float]:
    counts = Counter(part for part in _parts(text) if part in weights)
    vector = {part: weights[part] * math.sqrt(n) for part, n in sorted(counts.items())}
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {part: weight / length for part, weight in vector.items()}


def _dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[part] for part, weight in one.items() if part in other)


def _parts(text: str) -> list[str]:
    """Its words, and the beginnings of long ones: `restarting` has much of `restarted`."""
    words = _WORD.findall(text[:_READ].casefold())
    return words + [f"{word[:5]}~" for word in words if len(word) > 5]
