"""Cuts a passage into sentences and strips markup for embedding and matching.

Invariant: sentence spans are ordered, don't overlap, never cross a block, and together
cover every word that stands outside a heading.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from copilot.messages import BlockSpan

ITEM_CHARS = 400  # a list item up to this length is one sentence
UNIT_CHARS = 600  # nothing longer is embedded as one sentence
CODE_CHARS = 400  # lines of code are grouped up to this length
ROW_CHARS = 120  # short table rows are grouped up to this length

_NEVER_END = """
    e.g i.e eg ie cf vs viz approx ca incl excl resp dr mr mrs ms prof sr jr st rev hon
    sgt capt lt gov sen eds refs dept feb apr aug sept oct nov dec tue tues thu thurs
    ave blvd rd bzw z.b d.h u.a ggf inkl evtl ibid
"""
_END_UNLESS_NUMBER = """
    no nos nr fig figs eq eqs sec secs ch chap vol vols p pp pg art ref max min jan mar jun jul
    sep mon wed fri sat sun est ext tel
"""
_END_BEFORE_STARTER = "etc inc ltd corp co llc plc bros a.m p.m u.s u.k e.u u.n ph.d al"
_SENTENCE_STARTERS = """
    the a an this that these those it its he she they we you i in on at for from to with when
    where if as but and or so however there here what why how who our your their his her my
    then also please note after before because since while once see use all any each every no
"""
_ABBREVIATIONS = frozenset(_NEVER_END.split())
_NUMBERED = frozenset(_END_UNLESS_NUMBER.split())
_MAY_END = frozenset(_END_BEFORE_STARTER.split())
_STARTERS = frozenset(_SENTENCE_STARTERS.split())
_CLOSERS = "\"'”’»)]}*_`"
_BOUNDARY = re.compile(
    rf"([.!?…]+|[。！？｡]+)([{re.escape(_CLOSERS)}]*)(\s+|$)|[。！？｡]+(?=\S)|\n[ \t]*\n\s*"
)
_OPENERS = "\"'“‘«([{*_`<#-–—•¿¡$@/\\"
_LAST_WORD = re.compile(r"[^\s(\[{\"'“‘*_`]+$")
_NEXT_WORD = re.compile(r"[^\W_]+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]$")


def sentence_spans(text: str, spans: Sequence[BlockSpan]) -> tuple[tuple[int, int], ...]:
    """Character spans of the sentences of a passage, in reading order.

    Prose is split into sentences; a list item is one unit unless it is long; table rows and
    lines of code are units, grouped while short. Headings are left out, unless the passage
    holds nothing else.
    """
    body = [span for span in spans if span.kind != "heading"]
    found: list[tuple[int, int]] = []
    for span in body or spans:
        piece = text[span.start : span.end]
        for start, end in _units(span, piece):
            found.extend(_trimmed(text, span.start + start, span.start + end))
    return tuple(found)


def _units(span: BlockSpan, piece: str) -> Iterator[tuple[int, int]]:
    match span.kind:
        case "code":
            units: Iterator[tuple[int, int]] = _line_groups(piece, CODE_CHARS)
        case "table":
            units = _line_groups(piece, ROW_CHARS)
        case "list_item" if len(piece) <= ITEM_CHARS:
            units = iter([(0, len(piece))])
        case "heading":
            units = iter([(0, len(piece))])
        case _:
            units = _prose(piece)
    for start, end in units:
        yield from _bounded(piece, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end:
        yield start, end


def _prose(piece: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BOUNDARY.finditer(piece):
        end = match.end()
        if end >= len(piece):
            break
        mark = match.group(1)
        if mark is None or _ends_sentence(piece, match.start(), mark, end):
            yield start, end
            start = end
    yield start, len(piece)


def _ends_sentence(piece: str, at: int, mark: str, after: int) -> bool:
    """Whether the mark at ``at`` ends a sentence, given what stands on both sides."""
    following = piece[after]
    if following in _OPENERS:
        word = _NEXT_WORD.search(piece, after, after + 40)
        first = word.group()[0] if word else following
    else:
        first = following
    if mark[0] in "。！？｡":
        return True
    if mark != ".":
        # "Wait... what" and "Really?! he said" go on in lower case.
        return not first.islower() or (mark[0] in "!?" and len(mark) == 1)
    before = _LAST_WORD.search(piece[max(0, at - 40) : at])
    word_before = before.group().lower() if before else ""
    if word_before in _MAY_END:
        return first.isupper() and _next_starts(piece, after)
    if word_before in _ABBREVIATIONS or (word_before in _NUMBERED and first.isdigit()):
        return False
    if _INITIALS.match(word_before):
        # An initial ("J. Smith") or initialism ("U.S. law"); "plan B. The" does end.
        return first.isupper() and _next_starts(piece, after)
    if word_before.isdigit() and _starts_line(piece, at - len(word_before)):
        return False
    if first.islower():
        return len(word_before) >= 4 and word_before.isalpha()
    return True


def _next_starts(piece: str, after: int) -> bool:
    word = _NEXT_WORD.search(piece, after, after + 40)
    return word is not None and word.group().lower() in _STARTERS


def _starts_line(piece: str, at: int) -> bool:
    return piece[piece.rfind("\n", 0, at) + 1 : at].strip(" \t>") == ""


def _line_groups(piece: str, limit: int) -> Iterator[tuple[int, int]]:
    start = end = 0
    for line in piece.splitlines(keepends=True):
        stop = end + len(line)
        if end > start and stop - start > limit:
            yield start, end
            start = end
        end = stop
    yield start, end


def _bounded(piece: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > UNIT_CHARS:
        cut = best_cut(piece, start, start + UNIT_CHARS)
        yield start, cut
        start = cut
    yield start, end


def best_cut(text: str, start: int, limit: int) -> int:
    """Where to cut ``text[start:]`` at or before ``limit``: a line end, clause, word, or there.

    Always greater than ``start`` and at most ``limit``; the second half is searched first so
    that pieces don't become slivers.
    """
    floor = start + (limit - start) // 2
    for mark in ("\n", "; ", ", ", " "):
        at = text.rfind(mark, floor, limit)
        if at >= 0:
            return at + len(mark)
    at = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
    return at + 1 if at > start else limit


# --- markup ------------------------------------------------------------------------------

_MARKUP = re.compile(r"[`*_#<>\[\]|~\\&:=+-]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t>]*(?:```+|~~~+)[^\n]*$", re.MULTILINE)
_IMAGE_OR_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:<[^<>]*>|(?:[^()\s]|\([^()]*\))*)(?:\s+[\"'][^\"']*[\"'])?\)"
)
_REFERENCE_LINK = re.compile(r"!?\[([^\[\]]+)\]\[[^\[\]]*\]")
_LINK_TARGET = re.compile(r"^[ ]{0,3}\[[^\[\]]+\]:\s+\S+.*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"(?<=\S)\{[:.#][^{}\n]*\}|[ ]\{[.#][\w-][^{}\n]*\}")
_ROLE = re.compile(r":[\w:+.-]+:`(~?)([^`<]*?)(?:\s*<[^`<>]*>)?`")
_RST_LINK = re.compile(r"`([^`<>]+?)\s*<[^`<>]+>`__?")
_RST_REFERENCE = re.compile(r"`([^`\n]+)`__?(?!\w)")
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|b|blockquote|br|button|caption|center|cite|code|col|colgroup"
    r"|dd|del|details|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|iframe|img"
    r"|ins|kbd|li|mark|nav|ol|p|picture|pre|s|script|section|small|span"
    r"|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|tr|tt|u|ul"
    r"|var|video)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_TABLE_RULE = re.compile(r"^[ \t>]*[|+=:-][|+=: \t-]{2,}$", re.MULTILINE)
_LINE_PREFIX = re.compile(
    r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[*+-][ \t]+(?:\[[ xX]\][ \t]+)?|\.\.[ \t]+[\w-]+::[ \t]*"
    r"|(?:!!!|\?\?\?\+?|===|///)[ \t]*(?:[\w-]+)?[ \t]*)?",
    re.MULTILINE,
)
_EMPHASIS = re.compile(r"\*{1,3}|~~|`+|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w)")
_CLOSING_HASHES = re.compile(r"[ \t]#+[ \t]*$", re.MULTILINE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """The words of ``text`` on one line: no Markdown, RST or HTML markup, no link targets.

    For embedding and matching, not for display; offsets into ``text`` don't survive.
    """
    if not _MARKUP.search(text):
        return _SPACE.sub(" ", text).strip()
    if "<" in text:
        text = _TAG.sub(" ", _COMMENT.sub(" ", text))
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    if "](" in text:
        text = _IMAGE_OR_LINK.sub(r"\1", _IMAGE_OR_LINK.sub(r"\1", text))
    if "][" in text:
        text = _REFERENCE_LINK.sub(r"\1", text)
    if "]:" in text:
        text = _LINK_TARGET.sub("", text)
    if "{" in text:
        text = _ATTRIBUTES.sub("", text)
    if "`" in text:
        text = _ROLE.sub(r"\2", text)
        text = _RST_REFERENCE.sub(r"\1", _RST_LINK.sub(r"\1", text))
    if "--" in text or "==" in text or "|:" in text:
        text = _TABLE_RULE.sub("", text)
    text = _LINE_PREFIX.sub("", text)
    if "#" in text:
        text = _CLOSING_HASHES.sub("", text)
    text = _EMPHASIS.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "|" in text:
        text = text.replace("|", " ")
    if "&" in text:
        text = html.unescape(text)
    return _SPACE.sub(" ", text).strip()
