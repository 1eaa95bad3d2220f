"""Texts as Jira's documents (ADF), in which a text is only a text.

Invariant: ``text_of(document(text)) == text``; a mention, a link or a macro is a node of its own,
which no text becomes.
"""

from __future__ import annotations

from collections.abc import Mapping

from copilot.adapters.sinks.answers import items, text
from copilot.extracted import Json

Node = Mapping[str, Json]

_MARK = "copilot:"
_INLINE = ("text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status")


def document(said: str, *, mark: str = "") -> Node:
    """The text in paragraphs; ``mark`` stands alone in a last one, as code."""
    content: list[Node] = [_paragraph(part) for part in said.split("\n\n")]
    if mark:
        coded: Node = {"type": "text", "text": _MARK + mark, "marks": [{"type": "code"}]}
        content.append({"type": "paragraph", "content": [coded]})
    return {"type": "doc", "version": 1, "content": content}


def is_document(value: Json) -> bool:
    return text(value, "type") == "doc"


def text_of(value: Json) -> str:
    """A document's text, also of one that a person wrote."""
    return "\n\n".join(_block(one) for one in items(value, "content"))


def is_marked(value: Json, mark: str) -> bool:
    """Whether the document ends with this mark; a text that says the same isn't one."""
    last = (items(value, "content") or [{}])[-1]
    nodes = items(last, "content")
    return (
        len(nodes) == 1
        and text(nodes[0], "text") == _MARK + mark
        and any(text(one, "type") == "code" for one in items(nodes[0], "marks"))
    )


def _paragraph(part: str) -> Node:
    nodes: list[Node] = []
    for number, line in enumerate(part.split("\n")):
        if number:
            nodes.append({"type": "hardBreak"})
        if line:
            nodes.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": nodes}


def _block(node: Node) -> str:
    children = items(node, "content")
    if children and all(text(one, "type") not in _INLINE for one in children):
        return "\n".join(_block(one) for one in children)
    return "".join(_inline(one) for one in children)


def _inline(node: Node) -> str:
    match text(node, "type"):
        case "text":
            return text(node, "text")
        case "hardBreak":
            return "\n"
        case _:
            return text(node, "attrs", "text") or text(node, "attrs", "url")
