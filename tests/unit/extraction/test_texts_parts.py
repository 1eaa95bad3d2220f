"""What the lines of a message are."""

from __future__ import annotations

import pytest

from copilot.extracted import SourceText
from copilot.extraction.reading import SegmentKind
from copilot.extraction.texts import form_fields, read

HEAD = "From: Ana Gómez <ana@acme.example>\nTo: support@ours.example\nSubject: Export\n\n"


def kinds(text: str) -> dict[str, SegmentKind]:
    """The kind of each line that says something."""
    reading = read(SourceText(name="x", text=text, digest=""))
    found: dict[str, SegmentKind] = {}
    for one in reading.segments:
        for line in text[one.start : one.end].splitlines():
            if line.strip():
                found[line.strip()] = one.kind
    return found


@pytest.mark.parametrize(
    ("greeting", "closing"),
    [
        ("Hi Sam,", "Kind regards"),
        ("Good morning", "Thanks in advance,"),
        ("Dear Sir or Madam,", "Yours sincerely,"),
        ("Sehr geehrte Damen und Herren,", "Mit freundlichen Grüßen"),
        ("moin zusammen,", "gruß"),
        ("Grüezi Frau Kern", "Freundliche Grüsse"),
        ("Bonjour à tous,", "Bien cordialement,"),
        (
            "Madame, Monsieur,",
            "Je vous prie d'agréer, Madame, Monsieur, l'expression de mes salutations.",
        ),
        ("Buenos días:", "Un saludo,"),
        ("Estimado equipo:", "Atentamente,"),
        ("Sam,", "cheers"),
    ],
)
def test_greeting_closing_and_signature_frame_the_body(greeting: str, closing: str) -> None:
    found = kinds(
        f"{greeting}\n\nit hangs at 40 percent.\n\n{closing}\nAna Gómez\nHead of IT\n"
        "Acme Ltd | +44 1632 960000\n"
    )
    assert found[greeting] is SegmentKind.GREETING
    assert found["it hangs at 40 percent."] is SegmentKind.BODY
    assert found[closing] is SegmentKind.CLOSING
    for line in ("Ana Gómez", "Head of IT", "Acme Ltd | +44 1632 960000"):
        assert found[line] is SegmentKind.SIGNATURE


@pytest.mark.parametrize(
    "signature",
    ["Ana", "Ana Gómez", "-- \nAna G.", "Ana (Acme)", "Ana Gómez | Head of IT | Acme"],
)
def test_a_signature_needs_no_closing(signature: str) -> None:
    found = kinds(f"{HEAD}It hangs at 40 percent.\n\n{signature}\n")
    assert found["It hangs at 40 percent."] is SegmentKind.BODY
    assert found[signature.splitlines()[-1]] is SegmentKind.SIGNATURE


def test_a_postscript_and_long_prose_behind_the_signature_are_body() -> None:
    log = (
        "Here is the rest that I had forgotten to say, and it is " + "quite long " * 12 + "indeed."
    )
    found = kinds(f"{HEAD}It hangs.\n\nBest,\nAna\n\nP.S. We close at noon.\n\n{log}\n")
    assert found["P.S. We close at noon."] is SegmentKind.BODY
    assert found[log] is SegmentKind.BODY


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Get Outlook for Android",
        "CAUTION: This email originated from outside of the organization.",
        "ACHTUNG: Diese E-Mail kommt von einem externen Absender.",
        "This message may contain confidential information and is intended for the addressee only.",
        "Diese E-Mail enthält vertrauliche Informationen und ist nur für den Adressaten bestimmt.",
        "Ce message est confidentiel et destiné à son seul destinataire.",
        "AVISO DE PRIVACIDAD: Sus datos personales son tratados conforme a nuestro aviso.",
        "If you no longer wish to receive these mails, unsubscribe here.",
        "##- Please type your reply above this line -##",
        "Please consider the environment before printing this email.",
        "Pensez à l'environnement avant d'imprimer ce message",
    ],
)
def test_boilerplate_is_nobody_s_words(line: str) -> None:
    found = kinds(f"{HEAD}It hangs at 40 percent.\n\nBest,\nAna\n\n{line}\n")
    assert found[line] is SegmentKind.BOILERPLATE
    assert found["It hangs at 40 percent."] is SegmentKind.BODY


TRACES = {
    "python": 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g(x)\n'
    "ValueError: no",
    "java": "java.lang.IllegalStateException: full\n\tat com.x.Queue.add(Queue.java:12)\n"
    "\t... 3 more",
    "javascript": "Uncaught TypeError: x is undefined\n    at totalOf (View.tsx:142:37)",
    "go": "panic: boom\n\ngoroutine 41 [running]:\nmain.verify({0xc0, 0x1}, {0xc1})\n"
    "\t/go/src/hooks/verify.go:37 +0x1d2",
    "log": "2026-11-03 06:31:07,214 INFO  [worker-3] c.o.Puller - page 1\n"
    "2026-11-03 06:31:07,902 ERROR [worker-3] c.o.Puller - giving up",
    "shell": "$ kubectl get pods\nError: connection refused",
}


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES.keys())
def test_what_machines_wrote_is_set_apart(trace: str) -> None:
    found = kinds(f"Hi,\n\nit dies like this:\n\n{trace}\n\nAny idea what that is?\n")
    first = trace.splitlines()[0].strip()
    assert found[first] is SegmentKind.TRACE
    assert found["it dies like this:"] is SegmentKind.BODY
    assert found["Any idea what that is?"] is SegmentKind.BODY


def test_a_fenced_block_is_code() -> None:
    found = kinds("Hello there\n```\nplease do this\n```\nas I said.\n")
    assert found["please do this"] is SegmentKind.CODE
    assert found["as I said."] is SegmentKind.BODY


FORMS = {
    "colons": "Name: Ana Gómez\nCompany: Acme\nPhone: 555 0100",
    "dots": "Your name ............ Ana Gómez\nCompany .............. Acme\n"
    "Phone (optional) ..... 555 0100",
    "bars": "Name | Ana Gómez\nCompany | Acme\nPhone | 555 0100",
    "table": "| Name | Ana Gómez |\n| Company | Acme |\n| Phone | 555 0100 |",
    "aligned": "Name        Ana Gómez\nCompany     Acme\nPhone       555 0100",
    "below": "Name:\nAna Gómez\n\nCompany:\nAcme\n\nPhone:\n555 0100",
    "equals": "Name = Ana Gómez\nCompany = Acme\nPhone = 555 0100",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_form_s_fields_are_told_apart(form: str) -> None:
    text = (
        f"New request from the web\n\n{form}\n\nIt hangs at 40 percent since yesterday evening.\n"
    )
    reading = read(SourceText(name="x", text=text, digest=""))
    (segment,) = [one for one in reading.segments if one.kind is SegmentKind.FORM]
    fields = list(form_fields(text, segment.start, segment.end))
    assert [reading.quote(one.value) for one in fields] == ["Ana Gómez", "Acme", "555 0100"]
    assert [reading.quote(one.label).split()[-1].lower() for one in fields][1] == "company"
