"""Texts to extract records from: what people sent, as they wrote it, of any format.

Invariant: a plain text, and a mail that needs no decoding, is the input itself, to the character;
anything else is what its reader makes of it, and says so. Nothing is read past the size limit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from email import message_from_string, policy
from pathlib import Path

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.decoding import decode_exactly
from copilot.adapters.readers.detecting import Format, detect
from copilot.adapters.readers.registry import read_input
from copilot.errors import ReadError, SkippedInputError
from copilot.extracted import SourceText
from copilot.messages import Block, ParsedDocument

_WRITTEN = frozenset({Format.TEXT, Format.MARKDOWN, Format.RST, Format.CODE, Format.DATA})
_TIGHT = frozenset({"list_item", "table"})
_MARK = "\ufeff"
# Where a body is encoded, or several parts are packed into one, the raw text isn't what was said.
_PACKED = ("base64", "quoted-printable")


def texts_of_file(path: Path, *, most_bytes: int) -> Iterator[SourceText]:
    """The texts in a file: one for a document, several for a file of records.

    ReadError names what can't be read, is too large or has no text, and the remedy.
    """
    source = Input(path)
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # the reader says what is wrong with it
    _check_size(source.name, size, most_bytes)
    yield from _texts(source, str(path), most_bytes)


def texts_of_bytes(data: bytes, name: str, *, most_bytes: int) -> Iterator[SourceText]:
    """The same for what came through a pipe. ``name`` gives no suffix, so content decides."""
    _check_size(name, len(data), most_bytes)
    yield from _texts(Input(Path(name), data), name, most_bytes)


def text_as_given(text: str, name: str, *, most_bytes: int) -> SourceText:
    """A text that came as one, in a line of JSON; a packed mail in it is unpacked."""
    data = text.encode("utf-8", "replace")
    _check_size(name, len(data), most_bytes)
    digest = hashlib.sha256(data).hexdigest()
    if _is_packed_mail(text):
        # As bytes, since that is what its encodings are of.
        mail = Input(Path("message.eml"), data)
        try:
            [found] = _texts(mail, name, most_bytes)
        except ReadError as error:
            raise type(error)(error.message.replace(mail.name, name), hint=error.hint) from error
        return found
    return _written(text, name, digest)


def _texts(source: Input, name: str, most_bytes: int) -> Iterator[SourceText]:
    data = source.read()
    digest = hashlib.sha256(data).hexdigest()
    found = detect(source.path, data[:8192], Input(source.path, data).open)
    if found in _WRITTEN or found is Format.MAIL:
        text = decode_exactly(data, source.name).text
        if found is not Format.MAIL or not _is_packed_mail(text):
            if not text.strip(_MARK).strip():
                raise SkippedInputError(f"{source.name} holds no text", hint="Nothing to do.")
            yield _written(text, name, digest, mail=found is Format.MAIL)
            return
    for document in read_input(Input(source.path, data)):
        text = _rendered(document)
        _check_size(name, len(text), most_bytes)
        yield SourceText(
            name=f"{name}#{document.fragment}" if document.fragment else name,
            text=text,
            digest=digest if not document.fragment else _digest(text),
            media_type=document.media_type,
            verbatim=False,
            received_at=document.modified_at if found in (Format.MAIL, Format.OUTLOOK) else None,
        )


def _written(text: str, name: str, digest: str, *, mail: bool = False) -> SourceText:
    return SourceText(
        name=name,
        text=text,
        digest=digest,
        media_type="message/rfc822" if mail else "text/plain",
        received_at=None,
    )


def _is_packed_mail(text: str) -> bool:
    """Whether it begins with mail headers that say that what follows isn't the words themselves."""
    head, _, _ = text.lstrip(_MARK + "\r\n").replace("\r\n", "\n").partition("\n\n")
    if "content-t" not in head.lower() and "=?" not in head:
        return False
    message = message_from_string(head + "\n\n", policy=policy.compat32)
    if not message.keys():
        return False
    encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    kind = message.get_content_type()
    return (
        encoding in _PACKED
        or kind != "text/plain"
        or any("=?" in str(message.get(name, "")) for name in ("From", "To", "Subject"))
    )


def _rendered(document: ParsedDocument) -> str:
    """The blocks as one text: blank lines between them, quotes marked as in a mail."""
    parts: list[str] = []
    before: Block | None = None
    for block in document.blocks:
        if before is not None:
            tight = block.kind in _TIGHT and before.kind == block.kind
            parts.append("\n" if tight else "\n\n")
        parts.append(_quoted(block.text) if block.kind == "quote" else block.text)
        before = block
    return "".join(parts)


def _quoted(text: str) -> str:
    lines = text.split("\n")
    if any(line.lstrip().startswith(">") for line in lines):
        return text
    return "\n".join(f"> {line}" for line in lines)


def _check_size(name: str, size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise ReadError(
            f"{name} has {size / 1e6:.1f} MB, more than the {most_bytes / 1e6:g} MB that are read",
            hint="Raise extraction.max_input_mb, or give the part that matters.",
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
