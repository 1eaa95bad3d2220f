"""Reads Outlook messages (MSG) with python-oxmsg.

Invariant: what python-oxmsg can't read is a ReadError or a missing field, never a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import FileReader, Input, aware
from copilot.adapters.readers.containers import DAMAGE, quiet_vendor
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.mail_parts import Attachment, Mail, ReadInput, mail_document
from copilot.errors import ReadError
from copilot.messages import ParsedDocument

if TYPE_CHECKING:
    from oxmsg import Message

_READ_ERRORS = (*DAMAGE, LookupError)  # the latter for a code page that Python doesn't know


class OutlookReader(FileReader):
    """One Outlook message with its attachments, as one document."""

    name = "msg"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.OUTLOOK})

    def __init__(self, read: ReadInput) -> None:
        self._read = read

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        from oxmsg import Message

        with source.open() as stream, quiet_vendor():
            try:
                message = Message.load(stream)
                encrypted = "SMIME" in (message.message_class or "").upper()
                mail = _mail(message)
            except _READ_ERRORS as error:
                raise ReadError(
                    f"{source.name} is not an Outlook message that can be read: {error}",
                    hint="Save it from Outlook again, or as .eml.",
                ) from error
        if encrypted and not mail.text.strip() and not mail.html.strip():
            raise ReadError(f"{source.name} is encrypted", hint="Save it decrypted from Outlook.")
        yield mail_document(mail, source, self._read)


def _mail(message: Message) -> Mail:
    warnings: list[str] = []
    given = {key.lower(): value for key, value in message.message_headers.items()}
    recipients = "; ".join(
        f"{person.name} <{person.email_address}>"
        if person.name and person.email_address
        else person.name or person.email_address
        for person in message.recipients
    )
    sent = message.sent_date
    headers = (
        ("From", message.sender or given.get("from", "")),
        ("To", given.get("to", "") or recipients),
        ("Cc", given.get("cc", "")),
        ("Date", given.get("date", "") or (sent.isoformat() if sent else "")),
        ("Subject", message.subject or ""),
    )
    attachments: list[Attachment] = []
    for attached in message.attachments:
        data = attached.file_bytes
        if data:
            attachments.append(Attachment(attached.file_name or "attachment", data))
        else:
            warnings.append(f"attachment {attached.file_name or '(no name)'}: not read")
    return Mail(
        subject=message.subject or "",
        headers=tuple(pair for pair in headers if pair[1]),
        sent_at=aware(sent),
        text=(message.body or "").replace("\r\n", "\n"),
        html=message.html_body or "",
        attachments=tuple(attachments),
        warnings=tuple(warnings),
    )
