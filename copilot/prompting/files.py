"""One prompt file: Markdown with TOML front matter, parsed and rendered strictly.

Invariant: the declared inputs are exactly the inputs that the body uses, a rendering gets
exactly these, and what is put in is never read as a template again.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from copilot.errors import ConfigError
from copilot.messages import PromptVersion

_FENCE = "+++"
_INPUT = re.compile(r"\{\{ *([a-z][a-z0-9_]*) *\}\}")
_LEFTOVER = re.compile(r"\{\{|\}\}")
_SECTION = re.compile(r"^# (System|User) *$", re.M)
_FIELDS = frozenset({"id", "version", "purpose", "inputs", "output", "changes"})

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

    def render(self, values: Mapping[str, str]) -> Rendered:
        """Put the values in. ConfigError when one is missing or unknown."""
        if missing := sorted(set(self.inputs) - set(values)):
            raise ConfigError(f"prompt {self.id}: no value for {', '.join(missing)}")
        if unknown := sorted(set(values) - set(self.inputs)):
            raise ConfigError(f"prompt {self.id}: it doesn't use {', '.join(unknown)}")
        return Rendered(
            system=_fill(self.system, values),
            user=_fill(self.user, values),
            version=PromptVersion(self.id, self.version, self.digest),
            template=self.body,
        )


def parse(text: str, *, name: str) -> Prompt:
    """A prompt from a file's text; ``name`` stands in messages. Raises ConfigError."""
    front, body = _split(text, name)
    values = _front_matter(front, name)
    sections = _sections(body, name)
    inputs = _strings(values["inputs"], "inputs", name)
    used = set(_INPUT.findall(body))
    if used != set(inputs):
        unused, undeclared = sorted(set(inputs) - used), sorted(used - set(inputs))
        raise ConfigError(
            f"{name}: inputs differ from the body: "
            f"declared and not used {unused}, used and not declared {undeclared}"
        )
    if _LEFTOVER.search(_INPUT.sub("", body)):
        raise ConfigError(f"{name}: braces that are no input; an input is written {{{{name}}}}")
    changes = _strings(values["changes"], "changes", name)
    version = _string(values["version"], "version", name)
    if version not in changes:
        raise ConfigError(f"{name}: version {version} isn't in its changes")
    return Prompt(
        id=_string(values["id"], "id", name),
        version=version,
        purpose=_string(values["purpose"], "purpose", name),
        inputs=inputs,
        output=_string(values["output"], "output", name),
        changes=changes,
        system=sections.get("System", ""),
        user=sections["User"],
        digest=hashlib.sha256(body.strip().encode()).hexdigest(),
        body=body.strip(),
    )


def of_then(version: PromptVersion, body: str) -> Prompt | None:
    """A prompt from its body alone, as a run recorded it; None when it isn't that body."""
    if hashlib.sha256(body.encode()).hexdigest() != version.digest:
        return None
    sections = _sections(body, version.id)
    return Prompt(
        id=version.id,
        version=version.version,
        purpose="",
        inputs=dict.fromkeys(_INPUT.findall(body), ""),
        output="",
        changes={},
        system=sections.get("System", ""),
        user=sections["User"],
        digest=version.digest,
        body=body,
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
    if set(values) != _FIELDS:
        missing, unknown = sorted(_FIELDS - set(values)), sorted(set(values) - _FIELDS)
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
