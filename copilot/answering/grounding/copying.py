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
_PATH = re.compile(r"(?<![^\s\"'(])(?:~?/|[A-Za-z]:\\)\S*")
_ARGUMENT = re.compile(r"[-/~<*\"]|\.{1,2}/|\$[A-Za-z_{(]|[A-Za-z]:\\|(?:WHERE|LIMIT|where|limit)$")


@dataclass(frozen=True, slots=True)
class _Command:
    """A command, or another whole line, white space as one space; at ``[start, end)``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Copyable:
    """What may be copied from a passage. ``texts``: the commands' and headings' texts.

    ``codes``: those of the commands that are marked as code.
    """

    commands: tuple[_Command, ...]
    texts: frozenset[str]
    codes: tuple[str, ...]
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
    if " " in code:
        return re.search(_bounded(code) + _NAMED, there.whole) is not None
    options = "" if code.startswith("-") else _NO_OPTIONS
    return bool(code) and re.search(_bounded(code) + options, there.whole) is not None


def paths(sentence: str) -> list[str]:
    """The absolute paths that stand in a sentence as words of their own."""
    return [path.rstrip(".,:;!?)\"'") for path in _PATH.findall(sentence)]


def has_path(path: str, passage: Passage) -> bool:
    return re.search(_bounded(path), _copyable(passage).whole) is not None


def cut_short(sentence: str, passage: Passage) -> str:
    """A command of the passage of which the sentence has the beginning, its options left out."""
    there = _copyable(passage)
    for command in there.codes:
        words = command.split(" ")
        begun = ""
        for n in range(2, len(words) + 1):
            part = " ".join(words[:n])
            if part not in sentence or not re.search(_bounded(part), sentence):
                break
            left_out = n < len(words) and _ARGUMENT.match(words[n]) and part not in there.texts
            begun = command if left_out else ""
        if begun:
            return begun
    return ""


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
    codes = [c.text for c in commands[: len(inline)]]
    for match in _COMMAND.finditer(text):
        variants = list(_variants(match.group(), match.start()))
        commands += variants
        if any(start <= match.start() < end for start, end in code):
            codes += [c.text for c in variants]
    above = [passage.title, *passage.heading_path]
    above += [text[s.start : s.end] for s in passage.spans if s.kind == "heading"]
    above = [plain(heading) for heading in above]
    return _Copyable(
        commands=tuple(c for c in commands if c.text),
        texts=frozenset(c.text for c in commands) | frozenset(above),
        codes=tuple(dict.fromkeys(c.removeprefix("sudo ") for c in codes)),
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


def _bounded(code: str) -> str:
    """A pattern of the code as a word or words, not as a part of longer ones."""
    glob = _NO_GLOB if code.endswith(("/", "\\")) else ""
    return _BEFORE + re.escape(code) + _AFTER + glob


def _blotted(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with these spans blotted out, at the same length."""
    for start, end in spans:
        text = f"{text[:start]}{chr(10) * (end - start)}{text[end:]}"
    return text
