"""Mails in a text: who wrote which words, when, and whose a record is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot.extracted import SourceText
from copilot.extraction.reading import Message, Reading, SegmentKind
from copilot.extraction.texts import about, read


def taken_apart(text: str, *, own: tuple[str, ...] = ("ours.example",)) -> Reading:
    source = SourceText(
        name="x", text=text, digest="", received_at=datetime(2026, 11, 6, 12, tzinfo=UTC)
    )
    return read(source, own_domains=own)


def sender(reading: Reading, message: Message) -> str:
    return reading.quote(message.sender_name) if message.sender_name else ""


def words(reading: Reading, number: int) -> str:
    kinds = (SegmentKind.BODY, SegmentKind.GREETING, SegmentKind.CLOSING)
    return "".join(
        reading.text[one.start : one.end]
        for one in reading.segments
        if one.message == number and one.kind in kinds
    )


@pytest.mark.parametrize(
    ("top", "name", "sent"),
    [
        (
            "From: Ana Gómez <ana@acme.example>\nTo: support@ours.example\n"
            "Date: Thu, 5 Nov 2026 10:14:27 +0100\nSubject: Export",
            "Ana Gómez",
            "2026-11-05T10:14:27+01:00",
        ),
        (
            "Von: Jörg Kühn <j.kuehn@acme.example>\nAn: Support\n"
            "Gesendet: Mittwoch, 4. November 2026"
            " 17:44\nBetreff: Export",
            "Jörg Kühn",
            "2026-11-04T17:44:00",
        ),
        (
            "De : Zoé Léger <zoe@acme.example>\nÀ : Support\nEnvoyé : mardi 3 novembre 2026 08:05\n"
            "Objet : Export",
            "Zoé Léger",
            "2026-11-03T08:05:00",
        ),
        (
            "De: Íñigo Rey <irey@acme.example>\nPara: Soporte\nEnviado el: lunes, 2 de noviembre de"
            " 2026 9:30\nAsunto: Export",
            "Íñigo Rey",
            "2026-11-02T09:30:00",
        ),
        (
            'Subject: Export\nFrom: "Gómez, Ana (IT)"\n <ana@acme.example>\nX-Mailer: M 1.0\n'
            "Date: 11/5/2026 5:12 PM",
            "Gómez, Ana (IT)",
            "2026-11-05T17:12:00",
        ),
    ],
    ids=["en", "de", "fr", "es", "folded"],
)
def test_headers_name_sender_time_and_subject(top: str, name: str, sent: str) -> None:
    reading = taken_apart(f"{top}\n\nIt hangs.\n")
    (message,) = reading.messages
    assert sender(reading, message) == name
    assert message.sent_at is not None and message.sent_at.isoformat() == sent
    assert message.subject is not None and reading.quote(message.subject) == "Export"
    assert [one.kind for one in reading.segments] == [SegmentKind.HEADERS, SegmentKind.BODY]


@pytest.mark.parametrize(
    ("line", "name", "sent"),
    [
        (
            "On Mon, 26 Oct 2026 at 16:55, Ana Gómez <ana@acme.example> wrote:",
            "Ana Gómez",
            "2026-10-26T16:55:00",
        ),
        ("On 26 Oct 2026, at 16:55, Ana Gómez wrote:", "Ana Gómez", "2026-10-26T16:55:00"),
        (
            "On Mon, Oct 26, 2026 at 4:55 PM Ana Gómez\n<ana@acme.example> wrote:",
            "Ana Gómez",
            "2026-10-26T16:55:00",
        ),
        ("Am 26.10.2026 um 16:55 schrieb Ana Gómez:", "Ana Gómez", "2026-10-26T16:55:00"),
        (
            "Am Mo., 26. Okt. 2026 um 16:55 Uhr schrieb Ana Gómez <ana@acme.example>:",
            "Ana Gómez",
            "2026-10-26T16:55:00",
        ),
        ("Le lun. 26 oct. 2026 à 16:55, Ana Gómez a\nécrit :", "Ana Gómez", "2026-10-26T16:55:00"),
        (
            "El lun, 26 oct 2026 a las 16:55, Ana Gómez (<ana@acme.example>) escribió:",
            "Ana Gómez",
            "2026-10-26T16:55:00",
        ),
        ("On 26/10 at 16:55, Ana Gómez wrote:", "Ana Gómez", "2026-10-26T16:55:00"),
    ],
)
def test_an_attribution_begins_what_is_quoted(line: str, name: str, sent: str) -> None:
    reading = taken_apart(f"Still broken.\n\n{line}\n\n> Please try again.\n")
    current, quoted = reading.messages
    assert (current.part, quoted.part, quoted.depth) == ("current", "quoted", 1)
    assert sender(reading, quoted) == name
    assert quoted.sent_at is not None and quoted.sent_at.isoformat() == sent
    assert "Please try again." in words(reading, 1)


@pytest.mark.parametrize(
    "line",
    [
        "On Monday our sales rep wrote: you get it for free.",
        "Am Montag hat uns Ihr Kollege geschrieben, dass es geht:",
        "On the order form we wrote:",
        "From: what I can see it is broken.",
        "To: all of you",
    ],
)
def test_telling_of_another_s_writing_quotes_nobody(line: str) -> None:
    assert len(taken_apart(f"Hello,\n\n{line}\n\nPlease help.\n").messages) == 1


def test_raw_headers_with_folded_lines_are_headers() -> None:
    reading = taken_apart(
        "Received: from mx.acme.example (mx.acme.example [203.0.113.7])\n\tby mail.ours.example;\n"
        "\tThu, 5 Nov 2026 09:14:30 +0000\nDKIM-Signature: v=1; a=rsa-sha256;\n d=acme.example\n"
        "From: =?UTF-8?Q?J=C3=B6rg_K=C3=BChn?= <j@acme.example>\nSubject: Export\n\nIt hangs.\n"
    )
    assert len(reading.messages) == 1
    assert [one.kind for one in reading.segments] == [SegmentKind.HEADERS, SegmentKind.BODY]


@pytest.mark.parametrize("mark", ["", "**", "> "])
def test_a_header_block_may_be_bold_quoted_or_stand_on_two_lines(mark: str) -> None:
    close = "" if mark == "> " else mark
    block = "".join(
        f"{mark}{label}:{close} {value}\n"
        for label, value in (("From", "Ana <a@b.example>"), ("Sent", "Monday"), ("To", "Ben"))
    )
    reading = taken_apart(f"Please handle.\n\n{block}\nIt hangs.\n")
    assert [one.part for one in reading.messages] == ["current", "forwarded"]
    two_lines = block.replace(f":{close} ", f":{close}\n{mark if mark == '> ' else ''}")
    again = taken_apart(f"Please handle.\n\n{two_lines}\nIt hangs.\n")
    assert [sender(again, one) for one in again.messages] == ["", "Ana"]


def test_what_is_written_between_quoted_lines_is_current() -> None:
    reading = taken_apart(
        "Hi,\n\nOn 3 Nov 2026 at 11:40, Support <support@ours.example> wrote:\n> Which version?\n\n"
        "5.4.2 everywhere.\n\n> Since when?\n\nMonday.\n"
    )
    assert [one.part for one in reading.messages] == ["current", "quoted"]
    assert "5.4.2" in words(reading, 0) and "Monday" in words(reading, 0)
    assert "Which version" in words(reading, 1) and "Since when" in words(reading, 1)


FORWARDS = {
    "gmail": "---------- Forwarded message ---------\nFrom: {who}\nDate: Thu, 5 Nov 2026 at 10:37\n"
    "Subject: Export\nTo: Ben",
    "apple": "Begin forwarded message:\n\nFrom: {who}\nSubject: Export\nDate: November 5, 2026 at "
    "10:37:00 AM GMT\nTo: Ben",
    "outlook": "-----Original Message-----\nFrom: {who}\nSent: 05 November 2026 10:37\nTo: Ben\n"
    "Subject: Export",
    "rule": "________________________________\nVon: {who}\nGesendet: Donnerstag, 5. November 2026 "
    "10:37\nAn: Ben\nBetreff: Export",
    "french": "---------- Message transféré ---------\nDe : {who}\n"
    "Date : jeu. 5 nov. 2026 à 10:37\n"
    "Objet : Export\nÀ : Ben",
    "spanish": "---------- Mensaje reenviado ---------\nDe: {who}\n"
    "Fecha: jue, 5 nov 2026 a las 10:37"
    "\nAsunto: Export\nPara: Ben",
    "bare": "De: {who}\nEnviado: jueves, 5 de noviembre de 2026 10:37\nPara: Ben\nAsunto: Export",
}


@pytest.mark.parametrize("block", FORWARDS.values(), ids=FORWARDS.keys())
@pytest.mark.parametrize("prefix", ["Fwd:", "WG:", "TR :", "RV:"])
def test_a_forward_is_about_what_it_hands_on(block: str, prefix: str) -> None:
    shown = block.format(who="Ana Gómez <ana@acme.example>")
    reading = taken_apart(
        f"From: Ben Ode <ben@acme.example>\nTo: support@ours.example\nSubject: {prefix} Export\n\n"
        f"Please see below.\n\n{shown}\n\nThe export hangs.\n"
    )
    current, handed_on = reading.messages
    assert (current.part, handed_on.part) == ("current", "forwarded")
    assert sender(reading, handed_on) == "Ana Gómez"
    assert handed_on.sent_at is not None
    assert handed_on.sent_at.isoformat()[:16] == "2026-11-05T10:37"
    assert about(reading) == (1, 0)


def test_the_innermost_of_three_forwards_is_what_it_is_about() -> None:
    block = (
        "\n________________________________\nFrom: {0} <{0}@acme.example>\nSent: Thursday\nTo: X\n"
    )
    reading = taken_apart(
        "From: Dana <dana@acme.example>\nTo: support@ours.example\nSubject: FW: FW: Queue\n"
        "\nSee below."
        + block.format("raj")
        + "Subject: FW: Queue\n\nOne for them?\n"
        + block.format("tom")
        + "Subject: Queue\n\nThe queue is stuck.\n"
    )
    assert [one.part for one in reading.messages] == ["current", "forwarded", "forwarded"]
    assert [one.depth for one in reading.messages] == [0, 1, 2]
    assert sender(reading, reading.messages[about(reading)[0]]) == "tom"


def test_an_answer_is_about_who_answers_and_not_about_the_team() -> None:
    reading = taken_apart(
        "From: Ana <ana@acme.example>\nTo: help@desk.example\nSubject: Re: Export\n\n"
        "Still broken.\n\n"
        "On 5 Nov 2026 at 10:00, Lea <help@desk.example> wrote:\n> Try again.\n>\n"
        "> On 4 Nov 2026 at 9:00, Ana wrote:\n>> It hangs.\n",
        own=(),
    )
    assert [one.own for one in reading.messages] == [False, True, False]
    assert about(reading) == (0, 2)


def test_an_answer_of_the_team_is_about_whom_it_answers() -> None:
    reading = taken_apart(
        "From: Lea <lea@ours.example>\nTo: Ana <ana@acme.example>\nSubject: Re: Export\n\n"
        "Mended.\n\n"
        "On 5 Nov 2026 at 10:00, Ana <ana@acme.example> wrote:\n> It hangs.\n"
    )
    assert [one.own for one in reading.messages] == [True, False]
    assert about(reading) == (1,)


def test_a_notification_that_somebody_hands_on_is_about_who_does() -> None:
    reading = taken_apart(
        "From: Ana <ana@acme.example>\nTo: support@ours.example\nSubject: Fwd: Your invoice\n\n"
        "This amount is wrong.\n\n---------- Forwarded message ---------\n"
        "From: <no-reply@billing.example>\nDate: Thu, 5 Nov 2026 at 10:37\n"
        "Subject: Your invoice\n\n"
        "You owe 5.\n"
    )
    assert about(reading)[0] == 0


def test_where_all_are_of_the_team_the_current_mail_counts() -> None:
    reading = taken_apart(
        "From: Ana <ana@ours.example>\nTo: it@ours.example\nSubject: VPN\n\nIt drops.\n"
    )
    assert reading.messages[0].own
    assert about(reading) == (0,)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We can't log in since the update, please help.", "en"),
        ("Seit dem Update können wir uns nicht mehr anmelden.", "de"),
        ("Depuis la mise à jour nous ne pouvons plus nous connecter.", "fr"),
        ("Desde la actualización no podemos entrar en el portal.", "es"),
        ("ERR-4711 0x800F", ""),
        ("", ""),
    ],
)
def test_the_language_is_that_of_what_people_wrote(text: str, language: str) -> None:
    trace = (
        "java.lang.IllegalStateException: the queue is full and it was not\n\tat a.B.c(B.java:1)\n"
    )
    assert taken_apart(f"{text}\n\n{trace}").language == language
