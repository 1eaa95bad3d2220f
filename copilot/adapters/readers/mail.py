"""Reads mail files (EML, MHT) with the standard library's parser.

Invariant: a broken header or charset costs that header or part, never the mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import ClassVar, cast

from copilot.adapters.readers.base import FileReader, Input, aware
from copilot.adapters.readers.containers import quiet_vendor
from copilot.adapters.readers.decoding import decode, marked_encoding
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.mail_parts import Attachment, Mail, ReadInput, mail_document
from copilot.errors import ReadError, SkippedInputError
from copilot.messages import ParsedDocument

# What the standard library's header and body parsers raise on malformed mail.
_PARSER_ERRORS = (
    MessageError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
    AssertionError, RecursionError,
)  # fmt: skip
_SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_ENCRYPTED = frozenset(
    ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
)


class MailReader(FileReader):
    """One mail with its attachments, as one document."""

    name = "mail"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.MAIL})

    def __init__(self, read: ReadInput) -> None:
        self._read = read

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        data = source.read()
        if marked_encoding(data) is not None:
            data = decode(data, source.name).text.encode("utf-8")
        with quiet_vendor():
            try:
                message = message_from_bytes(data, policy=policy.default)
                mail = _mail(message)
            except _PARSER_ERRORS as error:
                raise ReadError(
                    f"{source.name} is not a mail that can be read: {error}",
                    hint="Save it from the mail program again.",
                ) from error
        if message.get_content_type() in _ENCRYPTED:
            raise ReadError(
                f"{source.name} is encrypted", hint="Save it decrypted from the mail program."
            )
        if not (mail.headers or mail.text.strip() or mail.html.strip() or mail.attachments):
            raise SkippedInputError(f"{source.name} holds no mail", hint="Nothing to do.")
        yield mail_document(mail, source, self._read)


def _mail(message: EmailMessage) -> Mail:
    warnings: list[str] = []
    texts: list[str] = []
    pages: list[str] = []
    attachments: list[Attachment] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        name = _filename(part)
        attached = _disposition(part) == "attachment" or bool(name)
        if kind == "message/rfc822":
            attachments.append(Attachment(name or "message.eml", _inner_message(part)))
        elif kind == "text/plain" and not attached:
            texts.append(_text(part, warnings))
        elif kind == "text/html" and not attached:
            pages.append(_text(part, warnings))
        else:
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload and (attached or kind.startswith("text/")):
                attachments.append(Attachment(name or f"part.{kind.split('/')[-1]}", payload))
    headers = tuple((name, _header(message, name)) for name in _SHOWN_HEADERS)
    return Mail(
        subject=_header(message, "Subject"),
        headers=tuple(pair for pair in headers if pair[1]),
        sent_at=_sent_at(message),
        text="\n\n".join(texts).strip("\n"),
        html="\n".join(pages),
        attachments=tuple(attachments),
        warnings=tuple(warnings),
    )


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold content; a mail attached to the mail counts as one."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting[:0] = [cast("EmailMessage", inner) for inner in part.iter_parts()]
        else:
            yield part


def _inner_message(part: EmailMessage) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list) and payload:
        return bytes(cast("EmailMessage", payload[0]).as_bytes())
    return str(payload).encode("utf-8", "replace")


def _disposition(part: EmailMessage) -> str:
    try:
        return part.get_content_disposition() or ""
    except _PARSER_ERRORS:
        return "attachment"  # read on its own, so that labels at its head count


def _filename(part: EmailMessage) -> str:
    try:
        return part.get_filename() or ""
    except _PARSER_ERRORS:
        return ""


def _text(part: EmailMessage, warnings: list[str]) -> str:
    """A text part decoded by its charset, or by a guess when that is wrong or unknown."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(payload or "")
    # Bytes that are valid UTF-8 are UTF-8, whatever the mail calls them.
    stated = part.get_content_charset() or "utf-8"
    for charset in (stated,) if payload.isascii() else ("utf-8", stated):
        try:
            return payload.decode(charset).replace("\r\n", "\n").replace("\r", "\n")
        except (LookupError, UnicodeError):
            continue
    try:
        return decode(payload, "the body").text
    except ReadError as error:
        warnings.append(error.message)
        return ""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except _PARSER_ERRORS:
        return ""


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        return aware(parsedate_to_datetime(_header(message, "Date")))
    except _PARSER_ERRORS:
        return aware(_header(message, "Date"))
