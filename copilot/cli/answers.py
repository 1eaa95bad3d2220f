"""How an answer looks: streamed on a terminal, and as the ``answer`` envelope.

Invariant: every byte of a document or a model passes ``guard.terminal`` on its way to a
terminal; the envelope holds the text as it is, since JSON escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from copilot.cli import console
from copilot.cli.styling import Styler
from copilot.codec import to_plain
from copilot.config.schema import OutputSettings
from copilot.events import Event, ModelChosen, RunFinished, TextDelta, Warned
from copilot.guard.terminal import clean, clean_line, link
from copilot.messages import Answer, Citation, Locator, Status
from copilot.places import describe, display_path, file_target

_QUOTE_SHOWN = 160


def answer_envelope(finished: RunFinished) -> dict[str, Any]:
    """The ``answer`` envelope that scripts rely on; its keys are stable."""
    answer = finished.answer or Answer(status=finished.status, text="")
    return {
        "kind": "answer",
        "run_id": finished.run_id,
        "status": finished.status.value,
        "text": answer.text,
        "sentences": [to_plain(sentence) for sentence in answer.sentences],
        "citations": [to_plain(citation) for citation in answer.citations],
        "searched": [to_plain(item) for item in answer.searched],
        "notes": list(answer.notes),
        "usage": {
            "model": answer.usage.model,
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "cost_usd": answer.usage.cost_usd,
            "saved_tokens": answer.usage.saved_tokens,
        },
        "latency_ms": round(finished.latency_ms, 1),
    }


class AnswerPrinter:
    """Prints a turn's events as they come: text to stdout, the rest to stderr."""

    def __init__(self, output: OutputSettings) -> None:
        self._links = console.links(output.links)
        self._style = Styler(on=console.colour(output.color))
        self._ends_line = True
        self._warned: set[str] = set()

    def show(self, event: Event) -> None:
        match event:
            case TextDelta(text):
                shown = clean(text)
                console.out(self._style.prose(shown), end="")
                console.flush()
                self._ends_line = shown.endswith("\n")
            case Warned(message, hint):
                self._warned.add(message)
                console.caution(message, hint)
            case ModelChosen(model, reason) if model != "quoting" and not event.beside:
                console.err(clean_line(f"copilot: {model} ({reason})"))
            case RunFinished():
                self._finish(event)
            case _:
                pass

    def _finish(self, finished: RunFinished) -> None:
        if not self._ends_line:
            console.out()
        answer = finished.answer
        if answer is None:
            return
        if answer.citations:
            console.out()
            console.out(self._style.strong("Sources"))
            for citation in answer.citations:
                console.out(self._source(citation))
        elif answer.status in (Status.ABSTAINED, Status.LIMITED) and answer.searched:
            console.out()
            console.out(self._style.strong("Nearest passages"))
            for item in answer.searched:
                name, where = self._place(item.path, item.title, (), item.locator)
                console.out(f"  {name} ({where})")
        for note in answer.notes:
            if note in self._warned:
                continue  # it was said when it happened
            console.err(clean_line(f"copilot: {note}"))

    def _source(self, citation: Citation) -> str:
        name, where = self._place(
            citation.path, citation.title, citation.heading_path, citation.locator
        )
        quote = clean_line(citation.quote)
        if len(quote) > _QUOTE_SHOWN:
            quote = quote[: _QUOTE_SHOWN - 1].rstrip() + "…"
        number = self._style.marker(f"[{citation.n}]")
        return f"  {number} {name}\n      {where}\n      {self._style.faint(f'“{quote}”')}"

    def _place(
        self, path: str, title: str, heading_path: Sequence[str], locator: Locator
    ) -> tuple[str, str]:
        """What a place is called, and where it is; the second is a link where links work."""
        headings = [h for h in heading_path if h != title]
        name = clean_line(" › ".join([title or Path(path).name, *headings]))
        where = clean_line(f"{display_path(path)}, {describe(locator)}")
        return name, link(where, file_target(path, locator)) if self._links else where
