"""The metadata at the head of a text file: title, labels, modified_at, description.

Invariant: labels fail closed. A head that speaks of labels but can't be understood makes the
document unreadable instead of visible to everyone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from copilot.adapters.readers.base import aware
from copilot.adapters.readers.labels import HINT, is_label_key, stated_labels
from copilot.errors import ReadError

_YAML = re.compile(
    r"---[ \t]*(?:#[^\n]*)?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_TOML = re.compile(
    r"\+\+\+[ \t]*(?:#[^\n]*)?\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_LIMIT = 64_000
_MARK = re.compile(r"[-+;]{3}.*\n")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_BLANK = re.compile(r"\s*")
_FIELD = re.compile(r"(?:[ \t]*#.*\n)*[ \t]*[\"'{]*\w[\w .-]*+[\"']?[ \t]*+[:=]")
_SPEAKS_OF_LABELS = re.compile(
    r"^[^\w\n#]*labels?\b|labels?[^\w\n]{0,3}[:=\uff1a]", re.MULTILINE | re.IGNORECASE
)
_STATES_LABELS = re.compile(
    r"^[^\S\n]*[\"']?labels?[\"']?[^\S\n]*[:=\uff1a]", re.MULTILINE | re.IGNORECASE
)
_WORD = re.compile(r"labels?\b", re.IGNORECASE)
_BRACE = re.compile(r"(?:\s*#.*\n)*\s*[^\w\s]?\{")
# Metadata without marks around it: at the very top; a reStructuredText, AsciiDoc or Org field.
_BARE = re.compile(r"^[^\w\n#>*-]{0,3}labels?[\"']?[ \t]*[:=\uff1a]", re.MULTILINE | re.IGNORECASE)
_BARE_FIELD = re.compile(r"^[ \t]*(?::labels?|#\+labels):", re.MULTILINE | re.IGNORECASE)
_BARE_LINES = 40
# What teams write as the status of a document that another one has replaced.
_PAST = frozenset({"superseded", "deprecated", "obsolete", "outdated", "archived", "withdrawn"})
# PyYAML's constructors let the errors of what they call through.
_PARSER_ERRORS = (
    ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError,
)  # fmt: skip


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
    """Take YAML or TOML front matter off ``text``; ReadError when its labels can't be read.

    Blank lines and comments may stand above it.
    """
    at = _start(text)
    match = _YAML.match(text, at) or _TOML.match(text, at)
    if match is None or len(match.group(1)) > _LIMIT:
        if _states_labels(text, at):
            raise _unparsed(name)
        return FrontMatter(text)
    raw = match.group(1)
    body = "\n" * text.count("\n", 0, match.end()) + text[match.end() :]
    values = _parsed(raw, name, toml=text.startswith("+++", at))
    if values is None:
        if _speaks_of_labels(raw, closed=True):
            raise _unparsed(name)
        if ":" not in raw and text.startswith("---", at):
            return FrontMatter(text)  # a rule and a paragraph, not metadata
        return FrontMatter(body, warnings=("front matter can't be parsed and was left out",))
    if not any(map(is_label_key, values)) and (
        _STATES_LABELS.search(raw) or any(map(is_label_key, _keys(values)))
    ):
        raise _unparsed(name)
    description = _text(values.get("description") or values.get("summary"))
    line = _line_of(description, text[: match.end()])
    return FrontMatter(
        body,
        title=_text(values.get("title")),
        labels=stated_labels(values.items(), name),
        modified_at=_modified(values),
        url=_text(values.get("url")),
        description=description if line else "",
        description_line=line,
        superseded=_text(values.get("status")).strip().lower() in _PAST,
    )


def split_labelled(text: str, name: str) -> FrontMatter:
    """As ``split_front_matter``, for formats whose text may begin with a line of dashes anyway:
    only metadata that states labels is taken off."""
    front = split_front_matter(text, name)
    return front if front.labels else FrontMatter(text)


def _start(text: str) -> int:
    """Where the text begins, after blank lines and comments."""
    at = 0
    while True:
        blank = _BLANK.match(text, at)
        at = blank.end() if blank else at
        end = text.find("-->", at) if text.startswith("<!--", at) else -1
        if end < 0:
            return at
        at = end + 3


def _states_labels(text: str, at: int) -> bool:
    """Whether a text without front matter that can be parsed has labels where it would stand."""
    if _STATES_LABELS.search(text, 0, at):
        return True  # in a comment, as some site generators want it
    mark = _MARK.match(text, at)
    if mark:
        in_mark = _SPEAKS_OF_LABELS.search(mark.group())
        return in_mark is not None or _speaks_of_labels(text[mark.end() :], closed=False)
    top = "\n".join(islice(_lines(text, at), _BARE_LINES))
    return bool(_BARE.search(top.partition("\n\n")[0]) or _BARE_FIELD.search(top))


def _speaks_of_labels(raw: str, *, closed: bool) -> bool:
    """Whether the text below a mark speaks of labels; in prose below a rule, only a key does."""
    fence = _FENCE.search(raw)
    before_code = raw[: fence.start()] if fence else raw
    if _BRACE.match(raw):
        return _WORD.search(before_code.partition("\n\n")[0]) is not None
    # Below a rule stands a blank line first, below the mark of front matter seldom.
    head = "" if raw.startswith("\n") else raw.partition("\n\n")[0]
    if closed and _FIELD.match(raw):
        head = raw
    return bool(_SPEAKS_OF_LABELS.search(head) or _STATES_LABELS.search(before_code))


def _lines(text: str, at: int) -> Iterator[str]:
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[at:end]
        at = end + 1


def _unparsed(name: str) -> ReadError:
    return ReadError(
        f"{name}: its front matter has labels but can't be parsed",
        hint=f"Put them at the top, between two lines of ---, as a key of their own; {HINT}",
    )


def _parsed(raw: str, name: str, *, toml: bool) -> Mapping[str, object] | None:
    """The keys in lower case, but those of labels as they stand; None when it is no metadata."""
    try:
        values = _toml(raw) if toml else _yaml(raw, name)
        if values is None:
            return None
        return {key if is_label_key(key) else key.lower(): v for key, v in values.items()}
    except _PARSER_ERRORS:
        return None


def _toml(raw: str) -> Mapping[str, object]:
    import tomllib

    return tomllib.loads(raw)


def _yaml(raw: str, name: str) -> Mapping[str, object] | None:
    import yaml

    try:
        loader = yaml.SafeLoader(raw)
        root = loader.get_single_node()
        if root is None:
            return {}
        if not isinstance(root, yaml.MappingNode):
            return None
        # Of equal keys the mapping would keep the last one only.
        stated_labels(((key.value, None) for key, _ in root.value), name)
        values = loader.construct_document(root)
    except yaml.YAMLError:
        return None
    return {str(key): value for key, value in values.items()}


def _keys(values: object) -> Iterator[object]:
    """The keys of all mappings below; an anchor may make the values contain themselves."""
    waiting, seen = [values], set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or not isinstance(value, dict | list):
            continue
        seen.add(id(value))
        waiting.extend(value.values() if isinstance(value, dict) else value)
        yield from value if isinstance(value, dict) else ()


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
    if isinstance(value, int) and abs(value) > 10**100:
        return ""  # Python doesn't write out a number without end
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _line_of(words: str, head: str) -> int:
    """The file's line that holds ``words`` as written; 0 when it is folded over several."""
    for n, line in enumerate(head.split("\n"), start=1):
        if words and words in line:
            return n
    return 0
