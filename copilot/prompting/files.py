"""One prompt file: Markdown with TOML front matter, parsed and rendered strictly.

Invariant: the declared inputs are exactly the inputs that the body uses, a rendering gets
exactly these, and what is put in is never read as a template again. Examples belong to the text.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from copilot.errors import ConfigError
from copilot.messages import PromptVersion
from copilot.prompting import examples as few
from copilot.prompting.examples import Examples

_FENCE = "+++"
_INPUT = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *\}\}")
_LEFTOVER = re.compile(r"\{\{|\}\}")
_SECTION = re.compile(r"^# (System|User) *$", re.M)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,60}")
_FIELDS = frozenset({"id", "version", "purpose", "inputs", "output", "changes"})

_UNKNOWN = "Not recorded."

Section = Literal["System", "User"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Final text for a model, and which prompt made it; ``template`` is that prompt's body."""

    system: str
    user: str
    version: PromptVersion
    template: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. ``digest`` is the SHA-256 of the body, its line ends normalised.

    The body ends in the prompt's examples, where it has some.

    ``inputs`` maps a name to what it holds; ``changes`` a version to what it changed.
    """

    id: str
    version: str
    purpose: str
    inputs: Mapping[str, str]
    output: str
    changes: Mapping[str, str]
    system: str
    user: str
    digest: str
    body: str
    examples: Examples | None = None

    def render(self, values: Mapping[str, str]) -> Rendered:
        """Put the values in. ConfigError when one is missing or unknown."""
        if missing := sorted(set(self.inputs) - set(values)):
            raise ConfigError(f"prompt {self.id}: no value for {', '.join(missing)}")
        if unknown := sorted(set(values) - set(self.inputs)):
            raise ConfigError(f"prompt {self.id}: it doesn't use {', '.join(unknown)}")
        if self.examples is not None:
            values = {**values, few.INPUT: self.examples.rendered(values[self.examples.by])}
        return Rendered(
            system=_fill(self.system, values),
            user=_fill(self.user, values),
            version=PromptVersion(self.id, self.version, self.digest),
            template=self.body,
        )


def parse(text: str, *, name: str, beside: Callable[[str], str] | None = None) -> Prompt:
    """A prompt from a file's text; ``name`` stands in messages. Raises ConfigError.

    ``beside`` reads the file of this name that lies beside it.
    """
    front, body = _split(text, name)
    values = _front_matter(front, name)
    sections = _sections(body, name)
    inputs = _strings(values["inputs"], "inputs", name)
    examples = _examples(values.get("examples"), inputs, name, beside)
    _same_inputs(set(inputs), set(_INPUT.findall(body)), examples, name)
    if few.MARK in body:
        raise ConfigError(f"{name}: a line may not begin with {few.MARK}")
    if _LEFTOVER.search(_INPUT.sub("", body)):
        raise ConfigError(f"{name}: braces that are no input; an input is written {{{{name}}}}")
    changes = _strings(values["changes"], "changes", name)
    version = _string(values["version"], "version", name)
    if version not in changes:
        raise ConfigError(
            f"{name}: version {version} isn't in its changes",
            hint="say in [changes] what this version changed",
        )
    if not _VERSION.fullmatch(version):
        raise ConfigError(f"{name}: version {version!r} holds more than letters, digits and .-_+")
    body = body.strip() if examples is None else _with_examples(body.strip(), examples)
    return Prompt(
        id=_string(values["id"], "id", name),
        version=version,
        purpose=_string(values["purpose"], "purpose", name),
        inputs=inputs,
        output=_string(values["output"], "output", name),
        changes=changes,
        system=sections.get("System", ""),
        user=sections["User"],
        digest=hashlib.sha256(body.encode()).hexdigest(),
        body=body,
        examples=examples,
    )


def of_then(version: PromptVersion, body: str) -> Prompt | None:
    """A prompt from its body alone, as a run recorded it; None when it isn't that body."""
    if hashlib.sha256(body.encode()).hexdigest() != version.digest:
        return None
    words, marked, shown = body.partition(f"\n\n{few.MARK}\n")
    sections = _sections(words, version.id)
    inputs = dict.fromkeys(_INPUT.findall(words), _UNKNOWN)
    if marked:
        inputs.pop(few.INPUT, None)
    return Prompt(
        id=version.id,
        version=version.version,
        purpose=_UNKNOWN,
        inputs=inputs,
        output=_UNKNOWN,
        changes={version.version: _UNKNOWN},
        system=sections.get("System", ""),
        user=sections["User"],
        digest=version.digest,
        body=body,
        examples=few.of_recorded(shown, version.id) if marked else None,
    )


def written(prompt: Prompt) -> tuple[str, str]:
    """The text of a file that ``parse`` makes the same prompt of, and of the one beside it.

    That holds its examples, is called ``examples_name``, and is empty for none.
    """
    from copilot.config.example import toml

    front = [
        f"{field} = {toml(value)}"
        for field, value in (
            ("id", prompt.id),
            ("version", prompt.version),
            ("purpose", prompt.purpose),
            ("output", prompt.output),
        )
    ]
    for field, table in (("inputs", prompt.inputs), ("changes", prompt.changes)):
        front += ["", f"[{field}]", *(f"{toml(key)} = {toml(v)}" for key, v in table.items())]
    words, lines, found = prompt.body, "", prompt.examples
    if found is not None:
        words, lines = words.partition(f"\n\n{few.MARK}\n")[0], few.lines_of(found.all) + "\n"
        front += ["", "[examples]", f"file = {toml(examples_name(prompt.id))}"]
        front += [f"by = {toml(found.by)}", f"most = {found.most}", f"tokens = {found.tokens}"]
        front += [f"form = {toml(found.form)}"]
    return "\n".join([_FENCE, *front, _FENCE, "", words, ""]), lines


def examples_name(prompt_id: str) -> str:
    """What the file is called that holds a prompt's examples, where we write it."""
    return f"{prompt_id.rpartition('/')[2]}.examples.jsonl"


def _with_examples(body: str, examples: Examples) -> str:
    return f"{body}\n\n{few.MARK}\n{examples.as_recorded()}"


def _examples(
    front: object, inputs: Mapping[str, str], name: str, beside: Callable[[str], str] | None
) -> Examples | None:
    if front is None:
        return None
    file = front.get("file") if isinstance(front, dict) else None
    if not isinstance(file, str) or "/" in file or "\\" in file or file in ("", ".", ".."):
        raise ConfigError(f"{name}: examples.file must name a file beside it")
    found = few.read(front, beside(file) if beside is not None else "", name=name)
    if found.by not in inputs:
        raise ConfigError(
            f"{name}: examples.by is {found.by}, which is no input",
            hint=f"inputs: {', '.join(inputs)}",
        )
    return found


def _same_inputs(declared: set[str], used: set[str], examples: Examples | None, name: str) -> None:
    ours = {few.INPUT} if examples is not None else set()
    if declared & ours:
        raise ConfigError(
            f"{name}: {few.INPUT} is no input: [examples] fills it",
            hint=f"take {few.INPUT} out of [inputs]",
        )
    undeclared, unused = sorted(used - declared - ours), sorted((declared | ours) - used)
    if undeclared:
        names = ", ".join(f"{{{{{one}}}}}" for one in undeclared)
        raise ConfigError(
            f"{name}: the body uses {names}, which [inputs] doesn't declare",
            hint=f"it can use {', '.join(sorted(declared | ours)) or 'nothing'}",
        )
    if unused:
        raise ConfigError(
            f"{name}: the body doesn't use {', '.join(unused)}, which the front matter declares",
            hint="write {{name}} where its text is to stand",
        )


def _split(text: str, name: str) -> tuple[str, str]:
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != _FENCE or _FENCE not in lines[1:]:
        raise ConfigError(f"{name}: no front matter; it stands between two lines of {_FENCE}")
    end = lines.index(_FENCE, 1)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])


def _front_matter(front: str, name: str) -> dict[str, object]:
    try:
        values: dict[str, object] = tomllib.loads(front)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: front matter is no TOML: {error}") from error
    given = set(values) - {few.INPUT}
    if given != _FIELDS:
        missing, unknown = sorted(_FIELDS - given), sorted(given - _FIELDS)
        raise ConfigError(f"{name}: front matter lacks {missing}, doesn't know {unknown}")
    return values


def _sections(body: str, name: str) -> dict[str, str]:
    parts = _SECTION.split(body)
    if parts[0].strip():
        raise ConfigError(f"{name}: text before its first section")
    titles = parts[1::2]
    if "User" not in titles or len(set(titles)) != len(titles):
        raise ConfigError(f"{name}: it needs one section '# User' and at most one '# System'")
    return {title: text.strip() for title, text in zip(titles, parts[2::2], strict=True)}


def _string(value: object, field: str, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{name}: {field} is no text")
    return value


def _strings(value: object, field: str, name: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ConfigError(f"{name}: {field} is no table of texts")
    return value


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _INPUT.sub(lambda match: values[match[1]], template)
