"""The metadata at the head of a Markdown file: title, labels, modified_at, description.

Invariant: labels fail closed. Front matter that mentions labels but can't be understood makes
the document unreadable instead of visible to everyone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from copilot.adapters.readers.base import aware
from copilot.adapters.readers.labels import labels_of
from copilot.errors import ReadError

_YAML = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MENTIONS_LABELS = re.compile(r"^[ \t\"']*labels?\b", re.MULTILINE | re.IGNORECASE)
_LIMIT = 64_000
# What teams write as the status of a document that another one has replaced.
_PAST = frozenset({"superseded", "deprecated", "obsolete", "outdated", "archived", "withdrawn"})


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stood there. ``body`` is the text with those lines blanked, so lines still count."""

    body: str
    title: str = ""
    labels: tuple[str, ...] = ()
    modified_at: datetime | None = None
    url: str = ""
    description: str = ""
    description_line: int = 0
    superseded: bool = False
    warnings: tuple[str, ...] = ()


def split_front_matter(text: str, name: str) -> FrontMatter:
    """Take YAML or TOML front matter off ``text``; ReadError when its labels can't be read."""
    match = _YAML.match(text[:_LIMIT]) or _TOML.match(text[:_LIMIT])
    if match is None:
        return FrontMatter(text)
    raw = match.group(1)
    body = "\n" * match.group().count("\n") + text[match.end() :]
    values = _parsed(raw, toml=text.startswith("+++"))
    if values is None:
        if _MENTIONS_LABELS.search(raw):
            raise ReadError(
                f"{name}: its front matter has labels but can't be parsed",
                hint="Correct the lines between the --- marks; labels: [team-a, team-b]",
            )
        if ":" not in raw:
            return FrontMatter(text)  # a rule and a paragraph, not metadata
        return FrontMatter(body, warnings=("front matter can't be parsed and was left out",))
    description = _text(values.get("description") or values.get("summary"))
    line = _line_of(description, raw)
    return FrontMatter(
        body,
        title=_text(values.get("title")),
        labels=labels_of(values.get("labels"), name),
        modified_at=_modified(values),
        url=_text(values.get("url")),
        description=description if line else "",
        description_line=line,
        superseded=_text(values.get("status")).strip().lower() in _PAST,
    )


def _parsed(raw: str, *, toml: bool) -> Mapping[str, object] | None:
    if toml:
        import tomllib

        try:
            return tomllib.loads(raw)
        except tomllib.TOMLDecodeError:
            return None
    import yaml

    try:
        values = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if values is None:
        return {}
    return {str(k).lower(): v for k, v in values.items()} if isinstance(values, dict) else None


def _modified(values: Mapping[str, object]) -> datetime | None:
    for key in (
        "modified_at",
        "modified",
        "updated_at",
        "updated",
        "lastmod",
        "last_updated",
        "date",
    ):
        found = aware(values.get(key))
        if found is not None:
            return found
    return None


def _text(value: object) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _line_of(words: str, raw: str) -> int:
    """The file's line that holds ``words`` as written; 0 when it is folded over several."""
    for n, line in enumerate(raw.split("\n"), start=2):
        if words and words in line:
            return n
    return 0
