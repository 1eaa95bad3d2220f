"""Which text of a passage says nothing: navigation, badges, images, link lists, directives.

Invariant: judged by form alone, never by subject; what carries a sentence is kept.
"""

from __future__ import annotations

import re

from copilot.messages import BlockKind

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?|<img\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])(?:\{[^}]*\})?")
_BARE_URL = re.compile(r"<?https?://\S+>?")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]*>|<!--.*?-->", re.DOTALL)
_RST_LINK = re.compile(r":(?:ref|doc|any):`[^`]*`|`[^`<]*<[^>]*>`_{1,2}")
_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
_FRONT_MATTER = re.compile(r"\A---\s*$|\A(?:[\w-]+:[ \t]\S.*(?:\n|\Z)){2,}\Z", re.MULTILINE)
# Labels, directives without a body, anchors, table-of-contents markers, rules.
_DIRECTIVE = re.compile(
    r"\A(?:\.\. _[^:]+:"
    r"|\.\. (?:toctree|contents|image|figure|index|meta|highlight|currentmodule|raw)::.*"
    r"|::: [\w.]+.*|\([\w-]+\)=|\[\[?_?TOC_?\]?\]|:::+\s*\w*|\{%.*%\}|[-*_=~]{3,})\Z",
    re.DOTALL | re.IGNORECASE,
)
_SEE = re.compile(
    r"\A\W*(?:in (?:python|the cli)|see(?: also)?|read more|related|next|previous|back to|"
    r"edit this page|table of contents|on this page|skip to|share this)\b",
    re.IGNORECASE,
)


def word_count(text: str) -> int:
    """Words as a person counts them: runs between spaces."""
    return len(text.split())


def is_boilerplate(text: str, kind: BlockKind) -> bool:
    """Whether the text, a block or a sentence, is furniture that no answer should quote."""
    stripped = text.strip()
    if kind in ("code", "heading"):
        return not _WORD.search(stripped)
    if not stripped or _DIRECTIVE.match(stripped) or _FRONT_MATTER.match(stripped):
        return True
    if kind == "table":
        return not _WORD.search(stripped)
    without_images = _TAG.sub(" ", _IMAGE.sub(" ", stripped))
    unlinked = _LINK.sub(" ", without_images)
    prose = _WORD.findall(_RST_LINK.sub(" ", _BARE_URL.sub(" ", unlinked)))
    said = _WORD.findall(_LINK.sub(r"\1", without_images))
    if not said:
        return True
    if kind == "list_item" or len(said) <= 14:
        # A link with hardly a word around it leads elsewhere; it doesn't say anything itself.
        linked = len(said) - len(prose)
        if linked > 0 and len(prose) <= 1:
            return True
    return bool(_SEE.match(stripped) and len(prose) <= 6 and _has_link(stripped))


def _has_link(text: str) -> bool:
    return bool(_LINK.search(text) or _RST_LINK.search(text) or _BARE_URL.search(text))
