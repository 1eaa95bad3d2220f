"""Lines that machines wrote: stack traces, logs, terminal output, fenced code.

Invariant: a line that reads as prose is never marked, but between the fences of a code block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.extraction.reading import SegmentKind
from copilot.extraction.texts.lines import Line

_FENCE = re.compile(r"(?:```|~~~|\{code|\{noformat)")
_SURE = re.compile(
    r"""(?:
      Traceback\ \(most\ recent|File\ "[^"]{1,300}",\ line\ \d|at\ [\w.$<>/\[\]]{2,200}\s?\(
    | at\ (?:https?|file|webpack)[:\w-]*:?//\S|at\ [\w.$<>]+\ in\ \S+:line\ \d
    | Caused\ by:|\.{3}\ \d+\ (?:more|common)|--->\s|panic:\ |goroutine\ \d+\ \[
      |created\ by\ [\w.(*]
    | Uncaught\ |Unhandled\ |Exception\ in\ thread|exit\ status\ \d
    | (?:[\w$]{1,60}\.){1,12}[A-Z][\w$]{0,60}(?:Error|Exception|Failure|Warning)\b
    | [A-Z]\w{0,50}(?:Error|Exception):(?:\s|$)
    | \[?(?:\d{4}[-/]\d\d[-/]\d\d[T\ ])\d\d:\d\d:\d\d[.,\d]*Z?(?:[+-]\d\d:?\d\d)?\]?\s
    | \d\d:\d\d:\d\d[.,]\d{3}\s|\d\d:\d\d:\d\d\s(?:INFO|WARN|ERROR|DEBUG|FATAL)
    | \[?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\]?[:\s]\s?[\[(\w]
    | (?:[A-Z][a-z]{2})\ {1,2}\d{1,2}\ \d\d:\d\d:\d\d\ [\w.-]{1,60}\ [\w./-]{1,60}(?:\[\d+\])?:
    | \d{1,3}(?:\.\d{1,3}){3}\ \S+\ \S+\ \[
    | \d{1,4}\s+\d+\s+0x[0-9a-f]+|0x[0-9a-f]{6,16}\b|\#\d+\ +0x
    | (?:[\w.-]+@[\w.-]+:)?[~/][\w./~-]{0,80}[$\#]\ \S|\$\ [a-z./]
      |[A-Z]:\\[\w\\ .-]{0,80}>|PS\ [A-Z]:\\
    | (?:GET|POST|PUT|PATCH|DELETE)\ /\S*\ HTTP/|HTTP/[12](?:\.\d)?\ \d{3}\ [A-Z]
    | (?:curl|npm\ ERR!|pip|kubectl|docker|ping|Reply\ from)\s[^.]{0,200}$
    | [{}\[\]]+[,;]?$|"[\w.-]{1,60}"\s?:\s
    | <[/?!]?[a-zA-Z][\w:.-]{0,60}[\s/>](?!@)
    )""",
    re.VERBOSE,
)
_LIKELY = re.compile(
    r"""(?:
      [\w.$()*{}\[\]/\\<>:,'"=+-]{1,200}\.(?:go|py|java|js|ts|tsx|rb|cs|php|cpp|c|rs|kt):\d
    | [\w.$/]{3,}\((?:[^()]{0,80})\)\s*;?$|[\w.()*/]{4,}\(\{?0x
      |(?:return|raise|throw|import|def|func)\s
    | \w+\s=\s\S|[\w.]+\([^)]{0,100}\)$|\^+$|Warning:|WARN|Note:\ |\#\ |//
    )""",
    re.VERBOSE,
)


def mark_traces(lines: Sequence[Line], kinds: list[SegmentKind | None]) -> None:
    """Marks what machines wrote; indented lines and likely ones join sure ones beside them."""
    _mark_fenced(lines, kinds)
    sure = [
        at
        for at, line in enumerate(lines)
        if kinds[at] is None and line.words and _SURE.match(line.words)
    ]
    for at in sure:
        kinds[at] = SegmentKind.TRACE
    for at in sure:
        _join(lines, kinds, at, 1)
        _join(lines, kinds, at, -1)


def _join(lines: Sequence[Line], kinds: list[SegmentKind | None], start: int, step: int) -> None:
    at = start + step
    while 0 <= at < len(lines) and kinds[at] is None:
        line = lines[at]
        if not line.words:
            beyond = at + step
            if not (0 <= beyond < len(lines) and kinds[beyond] is SegmentKind.TRACE):
                return
            if lines[at].end - lines[at].start > 3:
                return
        elif not (line.indent >= 2 or _LIKELY.match(line.words)):
            return
        kinds[at] = SegmentKind.TRACE
        at += step


def _mark_fenced(lines: Sequence[Line], kinds: list[SegmentKind | None]) -> None:
    opened = -1
    for at, line in enumerate(lines):
        if not line.words or not _FENCE.match(line.words):
            continue
        if opened < 0:
            opened = at
        else:
            for inner in range(opened, at + 1):
                kinds[inner] = SegmentKind.CODE
            opened = -1
