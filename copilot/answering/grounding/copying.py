"""Finds code in a passage as it stands there: whole commands, whole inline code, whole words.

Invariant: a part of a command is never found for the command: ``rm -rf /`` doesn't stand in
``rm -rf /var/cache``, nor ``DELETE FROM users`` in a statement that goes on with ``WHERE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from copilot.knowledge.sentences import plain
from copilot.messages import Passage

_SPACE = re.compile(r"\s+")
# A line and those it goes on over, by a sign before or behind the line's end or a clause of SQL.
# The rows of a table, and YAML's "key: |", don't go on; nor does "from" in lower case: Python's.
_COMMAND = re.compile(
    r"""(?: (?:\\|&&|\|\||(?<![:-]\s)\||\s\^)[ \t]*\n(?![ \t]*[|\n])
          | (?<!\|)\n(?=[ \t]*(?:\|\|?|&&)[ ])
          | \n(?=[ \t]*(?:WHERE|AND|OR|ON|USING|FROM|(?:[A-Z]+[ ])*JOIN|HAVING|LIMIT
              |where|and|or|having|limit)[ ])
          | [^\n] )+""",
    re.X,
)
_MARKER = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+")
# "# " is no prompt here: a comment would turn into a command.
_PROMPT = re.compile(r"(?:[$>%]|>>>|[\w.-]+@\S*[$>])\s+")
_ROW = re.compile(r"\|.*\|$")
_CELL = re.compile(r"(?:\\.|[^|\\])+")
_FENCED = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n.*?(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S)
_INLINE = re.compile(r"(?<!`)(`{1,2})(?!`)((?:[^\n]|\n(?!\s*\n))+?)(?<!`)\1(?!`)")
_SET_OFF = re.compile(
    r"(?<!\w)\"([^\"\n]+)\"|(?<!\w)'([^'\n]+)'(?!\w)|“([^”\n]+)”|‘([^’\n]+)’|«([^»\n]+)»"
    r"|\*\*([^*\n]+)\*\*|<(?:code|kbd|samp|tt)>([^<\n]+)</"
)
_BEFORE = r"(?<![\w/.\\-])"
_AFTER = r"(?![\w/\\-]|\.[\w/.-]|,\d)"
_NO_OPTIONS = r"(?!\s+--?\w)"  # "reboot" isn't what "reboot --dry-run" says
_NAMED = r"(?= commands?\b)"  # without markup, prose still says where its command ends
_NO_GLOB = r"(?![*?{$~<%])"


@dataclass(frozen=True, slots=True)
class _Command:
    """A command, or another whole line, white space as one space; at ``[start, end)``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Copyable:
    """What may be copied from a passage. ``texts``: the commands' and headings' texts."""

    commands: tuple[_Command, ...]
    texts: frozenset[str]
    whole: str


def flat(text: str) -> str:
    """White space as one space, nothing else changed."""
    return _SPACE.sub(" ", text).strip()


def code_lines(code: str) -> list[str]:
    """The commands of a code block as they are compared."""
    lines = (_compared(match.group()) for match in _COMMAND.finditer(code))
    return [line.removeprefix("$ ") for line in lines if line]


def span_of(lines: Sequence[str], passage: Passage) -> tuple[int, int] | None:
    """Where all the lines stand in the passage, whole and in this order; None if they don't."""
    there = _copyable(passage).commands
    start, at = -1, 0
    for wanted in lines:
        found = (c for c in there if c.text == wanted and c.start >= at)
        first = min(found, key=lambda c: c.end, default=None)
        if first is None:
            return None
        start, at = (first.start if start < 0 else start), first.end
    return None if start < 0 else (start, at)


def has_line(line: str, passage: Passage) -> bool:
    return any(line == c.text for c in _copyable(passage).commands)


def has_inline(code: str, passage: Passage) -> bool:
    """Whether the passage has this inline code: a command whole, a single word anywhere."""
    there = _copyable(passage)
    code = _compared(code)
    if code in there.texts:
        return True
    word = _BEFORE + re.escape(code) + _AFTER
    if " " in code or not code:
        return bool(code) and re.search(word + _NAMED, there.whole) is not None
    word += _NO_GLOB if code.endswith(("/", "\\")) else ""
    word += _NO_OPTIONS if not code.startswith("-") else ""
    return re.search(word, there.whole) is not None


@lru_cache(maxsize=512)
def _copyable(passage: Passage) -> _Copyable:
    text = passage.text
    code = [(s.start, s.end) for s in passage.spans if s.kind == "code"]
    code += [match.span() for match in _FENCED.finditer(text)]
    prose = _blotted(text, code)
    inline = list(_INLINE.finditer(prose))
    prose = _blotted(prose, [match.span() for match in inline])
    commands = [_Command(_compared(m[2]), *m.span(2)) for m in inline]
    for match in _SET_OFF.finditer(prose):
        group = match.lastindex or 0
        commands.append(_Command(_compared(match[group]), *match.span(group)))
    for match in _COMMAND.finditer(text):
        commands += _variants(match.group(), match.start())
    above = [passage.title, *passage.heading_path]
    above += [text[s.start : s.end] for s in passage.spans if s.kind == "heading"]
    above = [plain(heading) for heading in above]
    return _Copyable(
        commands=tuple(c for c in commands if c.text),
        texts=frozenset(c.text for c in commands) | frozenset(above),
        whole=flat("\n".join([*above, text])),
    )


def _variants(line: str, at: int) -> Iterator[_Command]:
    """The line, what stands behind its list marker and prompt, the cells of a table's row."""
    end = at + len(line.rstrip())
    bare = line.strip()
    yield _Command(_compared(bare), end - len(bare), end)
    if _ROW.match(bare):
        for cell in _CELL.finditer(line):
            yield _Command(_compared(cell.group()), at + cell.start(), at + cell.end())
    for prefix in (_MARKER, _PROMPT):
        if match := prefix.match(bare):
            bare = bare[match.end() :]
            yield _Command(_compared(bare), end - len(bare), end)


def _compared(command: str) -> str:
    """On one line, as a shell reads it, without what only sets it off from the next."""
    return flat(re.sub(r"\\\s*\n", " ", command)).rstrip(",; ")


def _blotted(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with these spans blotted out, at the same length."""
    for start, end in spans:
        text = f"{text[:start]}{chr(10) * (end - start)}{text[end:]}"
    return text
