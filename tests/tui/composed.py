"""A core that knows documents, files and earlier questions, for tests of the composer."""

from __future__ import annotations

from copilot.calls import composing
from copilot.errors import CopilotError, ReadError
from copilot.talks import Attachment
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.composing.chips import ChipLabel
from tests.tui.driving import Driver

DOCUMENTS = (
    "docs/oncall/being_oncall.md",
    "docs/oncall/whos_oncall.md",
    "docs/after/post_mortem.md",
    "docs/evil\x1b[2J[bold]name.md",
)
LOG = "\n".join(f"12:{n:02} INFO request {n} took 12 ms" for n in range(40))


def found_documents(call: composing.FindDocuments) -> composing.FoundDocuments:
    fit = [one for one in DOCUMENTS if call.typed in one]
    named = tuple(composing.NamedDocument(f"/{one}", "A title", one) for one in fit)
    return composing.FoundDocuments(named[: call.limit], 10_000 if not call.typed else len(fit))


def found_files(call: composing.FindFiles) -> composing.FoundFiles:
    return composing.FoundFiles(("/var/log/app.log",) if "app.log" in call.typed else ())


def attached(call: composing.Attach) -> composing.Attached | CopilotError:
    if call.path.endswith("broken.pdf"):
        return ReadError("broken.pdf can't be read", hint="Save it anew.")
    kept = Attachment(f"id of {call.name}", call.name, call.path or "/x/pasted.txt", "ana")
    return composing.Attached(kept)


def composing_core(**replies: object) -> ScriptedCore:
    asked = ("How do I restart the gateway?", "Who is on call?\nAnd when?", "evil \x1b[2J")
    earlier = tuple(composing.EarlierQuestion(text, "2026-11-22T10:00:00+00:00") for text in asked)
    known: dict[object, object] = {
        composing.FindDocuments: found_documents,
        composing.FindFiles: found_files,
        composing.FindQuestions: lambda call: composing.FoundQuestions(
            tuple(one for one in earlier if call.words in one.text)
        ),
        composing.Attach: attached,
        composing.TakeAway: composing_done,
    }
    changed = {getattr(composing, name): reply for name, reply in replies.items()}
    return ScriptedCore(replies={**known, **changed})  # type: ignore[arg-type, dict-item]


def composing_done(call: object) -> object:
    from copilot.calls import Done

    return Done()


def chips(driver: Driver) -> list[str]:
    """What stands on the chips."""
    return [one.chip.label for one in driver.chat.query(ChipLabel)]
