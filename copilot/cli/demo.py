"""``copilot demo``: the sample handbook, indexed and asked, and a mail read, on real parts.

Invariant: it is the same code that ``index add``, ``ask`` and ``extract`` run, on documents that
anyone can open; nothing is scripted but the questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot.cli import audited, console

if TYPE_CHECKING:
    from pathlib import Path

    from copilot.bootstrap import Copilot

# The second makes sense only after the first; the handbook can't answer the third.
QUESTIONS = (
    "A customer's API key has leaked. What do I do?",
    "And for a routine change, how long do the old and the new one both work?",
    "Which hotel chain in Tokyo gives us a discount?",
)


def command() -> int:
    """Index the sample handbook, ask it three questions, make a ticket of a mail.

    No key, server or network is needed.
    """
    from copilot.bootstrap import build
    from copilot.config.paths import bundled

    # Quoting, whatever is configured: the demo spends nobody's money.
    copilot = build({"models": {"answer": ""}, "extraction": {"model": ""}})
    return console.run(_demo(copilot, bundled("handbook")))


async def _demo(copilot: Copilot, handbook: Path) -> int:
    from copilot.cli.answers import AnswerPrinter
    from copilot.cli.asking import narrowed, show_turn
    from copilot.config.paths import bundled

    await _index(copilot, handbook)
    conversation = f"demo-{copilot.clock.now():%Y%m%d-%H%M%S-%f}"
    for number, text in enumerate(QUESTIONS):
        # The last question stands alone; the second goes on with the first.
        name = conversation if number < 2 else f"{conversation}-2"
        again = " -c" if number == 1 else ""
        console.out(f'\n❯ copilot ask{again} "{text}"\n')
        where = narrowed(copilot, str(handbook))
        turn = copilot.conversing.ask(text, conversation=name, where=where)
        await show_turn(turn, AnswerPrinter(copilot.settings.output))
    await _extract(copilot, bundled("samples") / "label-printer.eml")
    _what_next(copilot, handbook)
    return 0


async def _extract(copilot: Copilot, mail: Path) -> None:
    from copilot.cli.extracting import Extraction, Shown
    from copilot.extraction.items import Item
    from copilot.operations.extractors import Extractors

    console.out(f"\n❯ copilot extract ticket {mail}\n")
    extractors = Extractors(copilot)
    schema = extractors.schema("ticket")
    [text] = extractors.texts_of_file(mail)
    shown = Shown(people=True, colour=console.colour(copilot.settings.output.color), kept=None)
    reading = Extraction(schema, extractors.parts(), writer=lambda: copilot.run_writer)
    item = Item(1, text.name, text)
    shown.show(item, await reading.one(item))


async def _index(copilot: Copilot, handbook: Path) -> None:
    from copilot.cli.indexing import indexing
    from copilot.events import DocumentFailed, IngestProgress, SyncFinished
    from copilot.guard.terminal import clean_line

    console.err(f"Indexing the sample handbook in {handbook}")
    added = indexing(copilot).add([handbook])
    audited.told(added.unaudited)
    with console.progress() as shown:
        async for event in copilot.ingest.sync(sources=added.sources):
            if isinstance(event, IngestProgress):
                shown.update(clean_line(f"{event.phase} {event.done}/{event.total} {event.path}"))
            elif isinstance(event, DocumentFailed):
                shown.line(clean_line(f"failed: {event.path}: {event.reason}"))
            elif isinstance(event, SyncFinished):
                documents = event.added + event.updated + event.unchanged
                seconds = event.latency_ms / 1000
                shown.line(f"{documents} documents, ready in {seconds:.1f} s")


def _what_next(copilot: Copilot, handbook: Path) -> None:
    console.out(
        f"""
Everything stays on this machine: index, ledger and conversations are in
  {copilot.paths.data}

What to type next (copilot is in the virtual environment's bin folder):
  copilot ask "How do I restore one tenant from a backup?"
  copilot index add ~/notes          # your own documents
  copilot ask -c "And after that?"   # a follow-up
  copilot extract ticket mail.eml --to desk
  copilot runs list                  # what was asked, found and answered
  copilot index remove {handbook}    # forget the handbook
  copilot --help"""
    )
