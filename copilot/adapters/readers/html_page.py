"""Reads HTML: the page's own text as headings, paragraphs, lists, code, tables and quotes.

Invariant: navigation, scripts, footers, cookie notices and hidden text are left out; a block's
lines are those of its element in the decoded file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import FileReader, Input, aware
from copilot.adapters.readers.containers import quiet_vendor
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.front_matter import FrontMatter, split_labelled
from copilot.adapters.readers.html_blocks import Walk, words_of
from copilot.adapters.readers.labels import is_label_key, labels_of, together
from copilot.adapters.readers.plain_text import text_blocks
from copilot.errors import ReadError, SkippedInputError
from copilot.messages import Block, ParsedDocument

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# A script that nothing closes goes on to the end; to look for its end once is enough.
_TAG = re.compile(
    r"<(?:script|style)\b(?:[^<>]*/>|.*?(?:</(?:script|style)\s*>|\Z))|<[^<>]*>", re.I | re.S
)
_LABELS_TAG = re.compile(
    r"<meta\b[^<>]*\b(?:name|property)\s*=\s*[\"']?\s*labels?\b", re.IGNORECASE
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DROPPED_TAGS = (
    "script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed",
    "nav", "footer", "button", "select", "textarea", "input", "dialog", "head",
)  # fmt: skip
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar"})
_DROPPED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|navbar|nav|menu|sidebar|site-?footer"
    r"|page-?footer|footer|skip-?link|social|share|advert(?:isement)?s?|newsletter|headerlink"
    r"|toc|table-of-contents|pagination|pager|related-posts?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_MAX_SHARE = 0.3  # an element that holds more of the page than this is no boilerplate
_MAIN_SHARE = 0.4
_MODIFIED_META = ("article:modified_time", "last-modified", "dcterms.modified", "dc.date", "date")


class HtmlReader(FileReader):
    """Web pages and exports from wikis and office programs."""

    name = "html"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.HTML})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        data = source.read()
        named = _CHARSET.search(data[:4096])
        declared = named.group(1).decode("ascii") if named else ""
        decoded = decode(data, source.name, declared=declared)
        front = FrontMatter(decoded.text)
        if decoded.text.lstrip().startswith(("---", "+++")):  # a page of a site generator
            front = split_labelled(decoded.text, source.name)
        page = read_page(front.body, source.name)
        heading = next((b.text for b in page.blocks if b.kind == "heading" and b.level == 1), "")
        yield ParsedDocument(
            title=front.title or page.title or heading or source.title,
            blocks=page.blocks,
            media_type="text/html",
            modified_at=next(filter(None, (aware(page.meta.get(k)) for k in _MODIFIED_META)), None),
            labels=together((front.labels, page.labels), source.name),
            url=page.url,
            warnings=(*decoded.warnings, *page.warnings),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: its tree without boilerplate, its blocks, and what went wrong."""

    title: str
    url: str
    meta: Mapping[str, str]
    blocks: tuple[Block, ...]
    labels: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_page(text: str, name: str) -> Page:
    """Parse HTML as a browser would repair it; ReadError when nothing comes of it, or when it
    states labels that can't be read."""
    import lxml.html
    from lxml.etree import LxmlError

    # Without huge_tree libxml2 bounds the depth, so that the walk can recurse.
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = text.replace("\0", " ").encode("utf-8", "replace")
    try:
        with quiet_vendor():
            root = lxml.html.document_fromstring(data, parser=parser)
            cut_off = any("depth" in entry.message for entry in parser.error_log)
    except (LxmlError, ValueError) as error:
        if not any(c.isalnum() for c in _TAG.sub("", text)):
            raise SkippedInputError(f"{name} holds no words", hint="Nothing to do.") from error
        raise ReadError(
            f"{name} is not HTML that can be read: {error}", hint="Save the page again."
        ) from error
    titles = root.xpath("//head//title | //title[not(ancestor::svg)]")
    urls = root.xpath("//link[@rel='canonical']/@href")
    title, url, meta = (
        words_of(titles[0]) if titles else "",
        str(urls[0]) if urls else "",
        _meta(root),
    )
    labels = _labels(root, name)
    if cut_off:
        if len(_LABELS_TAG.findall(text)) > len(labels):
            raise ReadError(
                f"{name}: its labels stand where it is nested too deep to be parsed",
                hint="Put the tag with the labels into the page's head.",
            )
        # Unclosed tags nest without end; the text between them still has its lines.
        bare = _TAG.sub(lambda tag: "\n" * tag.group().count("\n") or " ", text)
        blocks = text_blocks(html.unescape(bare), headings=False)
        warnings = ("nested too deep: read without its markup",)
        return Page(title, url, meta, blocks, together(labels, name), warnings)
    return Page(title, url, meta, _page_blocks(root), together(labels, name))


def states_labels(text: str) -> bool:
    """Whether there is a tag for labels in HTML that hasn't been parsed."""
    return _LABELS_TAG.search(text) is not None


def _page_blocks(root: HtmlElement) -> tuple[Block, ...]:
    """The blocks of a page's main text; boilerplate is taken out of ``root``."""
    _take_out_controls(root)
    whole = _length(root)
    for element in [e for e in root.iter() if isinstance(e.tag, str)]:
        if element.getparent() is not None and _is_boilerplate(element, whole):
            element.drop_tree()
    return tuple(Walk().blocks(_main(root)))


def _take_out_controls(root: HtmlElement) -> None:
    """References such as ``&#1;`` put characters into the tree that can't be moved about in it."""
    for element in root.iter():
        if element.text and _CONTROLS.search(element.text) and isinstance(element.tag, str):
            element.text = _CONTROLS.sub(" ", element.text)
        if element.tail and _CONTROLS.search(element.tail):
            element.tail = _CONTROLS.sub(" ", element.tail)


def _is_boilerplate(element: HtmlElement, whole: int) -> bool:
    tag = element.tag.lower()
    if tag in _DROPPED_TAGS:
        return True
    if tag in ("html", "body", "main", "article", "table", "tbody", "tr"):
        return False
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(element.get("style") or ""):
        return True
    role = (element.get("role") or "").lower()
    if role in _DROPPED_ROLES or (tag == "aside" and not element.xpath("ancestor::main")):
        return _length(element) < whole * _MAX_SHARE
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if len(names) > 1 and _DROPPED_NAMES.search(names):
        return _length(element) < whole * _MAX_SHARE
    return False


def _main(root: HtmlElement) -> HtmlElement:
    """The element that holds the page's own text; the whole page when none stands out."""
    candidates = root.xpath("//main | //*[@role='main'] | //article")
    if candidates:
        best = max(candidates, key=_length)
        if _length(best) >= _MAIN_SHARE * _length(root) and _length(best) > 0:
            found: HtmlElement = best
            return found
    return root


def _length(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _meta(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.xpath("//meta[@content]"):
        name = element.get("name") or element.get("property") or ""
        found.setdefault(name.lower(), element.get("content"))
    return found


def _labels(root: HtmlElement, name: str) -> list[tuple[str, ...]]:
    """The labels of each tag that states some; a tag without content can't be understood."""
    stated = [
        element.get("content")
        for element in root.xpath("//meta")
        if is_label_key(element.get("name")) or is_label_key(element.get("property"))
    ]
    if None in stated:
        raise ReadError(
            f"{name}: a tag for labels has no content",
            hint='<meta name="labels" content="team-a, team-b">',
        )
    return [labels_of(content, name) for content in stated]
