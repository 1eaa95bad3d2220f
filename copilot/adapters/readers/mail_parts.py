"""Puts a mail together from its headers, body and attachments, whoever parsed them.

Invariant: each block's locator is ``part:line`` of the part it came from; quoted replies are
``quote`` blocks, and a signature never shares a passage with the message. Who may not read an
attachment may not read the mail, which holds its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.front_matter import split_labelled
from copilot.adapters.readers.html_page import read_page, states_labels
from copilot.adapters.readers.labels import of_nobody, together
from copilot.adapters.readers.plain_text import block_of, chunks, text_blocks
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

ReadInput = Callable[[Input], Iterator[ParsedDocument]]

MAX_ATTACHMENTS = 100
MAX_DEPTH = 3  # mails attached to mails
_SIGNATURE = re.compile(
    r"--[ \t]?$|__{5,}$|Sent from my \w+|(?:Get|Sent from) Outlook for \w+", re.I
)
_SIGNATURE_LINES = 15
_REPLY = re.compile(
    r"[ \t]*(?:On\b.{5,200}\bwrote:|Am\b.{5,200}\bschrieb\b.*:|Le\b.{5,200}\ba écrit\s?:"
    r"|-{2,}[ ]?(?:Original Message|Forwarded message|Ursprüngliche Nachricht)[ ]?-{2,})[ \t]*$",
    re.IGNORECASE,
)
_REPLY_HEAD = re.compile(r"[ \t]*\*?(?:From|Von|De):\*?[ \t]+\S")
_REPLY_FIELD = re.compile(r"[ \t]*\*?(?:Sent|Date|To|Gesendet|Envoyé|An|Subject):\*?[ \t]", re.I)


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A parsed mail. ``headers`` are (name, value) in the order shown."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    sent_at: datetime | None
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Parts:
    """What the body and the attachments come to."""

    source: Input
    read: ReadInput
    blocks: list[Block]
    warnings: list[str]
    labels: list[tuple[str, ...]] = field(default_factory=list)
    superseded: bool = False

    def attach(self, attachment: Attachment) -> None:
        """Read an attachment and take its blocks, labels and warnings over."""
        name = PurePosixPath(attachment.name.replace("\\", "/")).name or "attachment"
        if self.source.depth >= MAX_DEPTH:
            self.warnings.append(f"attachment {name}: nested too deep")
            return
        try:
            inner = Input(Path(name), attachment.data, self.source.depth + 1)
            documents = list(self.read(inner))
        except ReadError as error:
            self.warnings.append(f"attachment {error.message}")
            return
        for document in documents:
            self.warnings.extend(f"attachment {name}: {warning}" for warning in document.warnings)
            self.labels.append(document.labels)
            self.superseded = self.superseded or document.superseded
            self.blocks.extend(_attached(document, name))


def mail_document(mail: Mail, source: Input, read: ReadInput) -> ParsedDocument:
    """The mail as one document; attachments that can't be read become warnings.

    It asks for the labels of all its attachments, and is superseded when one of them is.
    """
    parts = _Parts(source, read, list(_header_blocks(mail)), list(mail.warnings))
    if mail.text.strip():
        parts.blocks.extend(body_blocks(mail.text))
        if mail.text.lstrip().startswith(("---", "+++")):  # a document sent as the message
            parts.labels.append(split_labelled(mail.text, source.name).labels)
        if states_labels(mail.html):  # the same message, in its other form
            parts.labels.append(read_page(mail.html, source.name).labels)
    elif mail.html.strip():
        page = read_page(mail.html, source.name)
        parts.labels.append(page.labels)
        parts.blocks.extend(
            replace(b, locator=_within("body", b.locator), part="body") for b in page.blocks
        )
    for attachment in mail.attachments[:MAX_ATTACHMENTS]:
        parts.attach(attachment)
    if len(mail.attachments) > MAX_ATTACHMENTS:
        parts.warnings.append(f"only the first {MAX_ATTACHMENTS} attachments were read")
    labels = together(parts.labels, source.name)
    if of_nobody(labels):
        parts.warnings.append(f"nobody may read it: its attachments ask for {labels[0]}")
    return ParsedDocument(
        title=" ".join(mail.subject.split()) or source.title,
        blocks=tuple(parts.blocks),
        media_type="message/rfc822",
        modified_at=mail.sent_at,
        labels=labels,
        superseded=parts.superseded,
        warnings=tuple(parts.warnings),
    )


def body_blocks(text: str) -> tuple[Block, ...]:
    """A plain body's blocks: paragraphs, lists, quoted replies, and the signature apart."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[Block] = []
    signature = _signature_start(lines)
    at = 0
    while at < signature:
        quoted, end = _run(lines, at, signature)
        if quoted:
            quotes = [block_of(lines, at + a, at + b, "quote") for a, b in chunks(lines[at:end])]
            found.extend(_placed(quotes, 0, "body"))
        else:
            own = text_blocks("\n".join(lines[at:end]), headings=False)
            found.extend(_placed(own, at, "body"))
        at = end
    closing = text_blocks("\n".join(lines[signature:]), headings=False)
    found.extend(_placed(closing, signature, "signature"))
    return tuple(found)


def _placed(blocks: Sequence[Block], offset: int, part: str) -> Iterator[Block]:
    """The blocks that hold words, ``offset`` lines further down the body."""
    for block in blocks:
        if any(c.isalnum() for c in block.text):
            first, last = int(block.locator.start) + offset, int(block.locator.end) + offset
            here = Locator("part", f"body:{first}", f"body:{last}")
            yield replace(block, locator=here, part=part)


def _run(lines: Sequence[str], at: int, stop: int) -> tuple[bool, int]:
    """Whether line ``at`` is quoted, and the line after the run of its kind."""
    if _begins_reply(lines, at, stop):
        rest = [line for line in lines[at + 1 : stop] if line.strip()]
        if rest and not rest[0].lstrip().startswith(">"):
            return True, stop  # an unmarked thread: all that follows is older mail
        end = at + 1
        while end < stop and (not lines[end].strip() or lines[end].lstrip().startswith(">")):
            end += 1
        return True, end
    quoted = lines[at].lstrip().startswith(">")
    end = at + 1
    while end < stop:
        if lines[end].strip():
            if _begins_reply(lines, end, stop):
                break
            if lines[end].lstrip().startswith(">") != quoted:
                break
        end += 1
    return quoted, end


def _begins_reply(lines: Sequence[str], at: int, stop: int) -> bool:
    line = lines[at]
    if _REPLY.match(line):
        return True
    if at + 1 < stop and line.strip() and _REPLY.match(f"{line.rstrip()} {lines[at + 1].strip()}"):
        return line.lstrip().startswith(("On ", "Am ", "Le "))
    return (
        at > 0
        and _REPLY_HEAD.match(line) is not None
        and sum(1 for n in range(at + 1, min(at + 4, stop)) if _REPLY_FIELD.match(lines[n])) >= 2
    )


def _signature_start(lines: Sequence[str]) -> int:
    """The line where a signature at the end begins; the number of lines when none does."""
    for n in range(max(0, len(lines) - _SIGNATURE_LINES), len(lines)):
        if _SIGNATURE.match(lines[n].strip(" \t")) and n > 0:
            return n
    return len(lines)


def _header_blocks(mail: Mail) -> Iterator[Block]:
    lines = [f"{name}: {' '.join(value.split())}" for name, value in mail.headers if value.strip()]
    if lines:
        place = Locator("part", "headers:1", f"headers:{len(lines)}")
        yield Block("paragraph", "\n".join(lines), place, part="body")


def _attached(document: ParsedDocument, name: str) -> Iterator[Block]:
    """An attachment's blocks under its name, located in it."""
    first = document.blocks[0] if document.blocks else None
    if first is not None:
        part = _part(name, first.part)
        yield Block("heading", name, _within(name, first.locator), level=1, part=part)
    for block in document.blocks:
        level = block.level + 1 if block.kind == "heading" else block.level
        yield replace(
            block,
            locator=_within(name, block.locator),
            part=_part(name, block.part),
            level=level,
        )


def _part(name: str, inner: str) -> str:
    return f"{name}/{inner}" if inner else name


def _within(part: str, locator: Locator) -> Locator:
    return Locator("part", f"{part}:{locator.start}", f"{part}:{locator.end}")
