"""One field of a record on the screen: its value with its words, and what it is edited with.

Invariant: what it draws is safe to show, whatever its value is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from copilot.extracted import FieldValue, NullReason
from copilot.tui.items import Pieces
from copilot.tui.record_lines import Line, path_of, written
from copilot.tui.text_cells import row_breaks
from copilot.tui.wording import shown, shown_line
from copilot.tui.writing import TextField

Row = tuple[str, Pieces]

NAME = 20  # cells of a name
_QUOTED = 160
_UNSURE = 0.6  # to be looked at twice
_WHY = {
    NullReason.NOT_CONFIGURED: "no names are configured for it",
    NullReason.NEEDS_MODEL: "only a model could read it, and none did",
    NullReason.AMBIGUOUS: "the text says several things",
    NullReason.QUOTE_NOT_FOUND: "the model's quote isn't in the text",
    NullReason.VALUE_NOT_IN_QUOTE: "the model's quote doesn't say it",
    NullReason.INVALID: "what the text says isn't a value of this field",
    NullReason.OVER_BUDGET: "the token budget ended before it was read",
}
_KINDS = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no"}


class Prose(TextField):
    """Where a value of several lines is written: Enter is done, Ctrl+J a new line."""

    class Done(Message):
        """Enter was pressed."""

    async def _on_key(self, event: Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Done())
        elif event.key == "ctrl+j":
            event.stop()
            event.prevent_default()
            self.insert("\n")


class FieldLine:
    """One field as it stands there: ``rows`` draws it, ``said`` is its value in words."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.field: FieldValue | None = None
        self.problem = ""
        self._drawn: tuple[tuple[object, ...], Sequence[Row]] = ((), ())

    def rows(self, width: int) -> Sequence[Row]:
        """In so many cells: what stands in the column of names, and what beside it."""
        key = (width, self.line, self.field, self.problem)
        if key != self._drawn[0]:
            names = _wrapped([(_name_of(self.line), "faint")], NAME - 1)
            values = [row for one in self.said() for row in _wrapped(one, width - NAME - 2)]
            drawn = [
                ("".join(words for words, _ in name), value)
                for name, value in zip_longest(names, values, fillvalue=())
            ]
            self._drawn = (key, drawn)
        return self._drawn[1]

    def said(self) -> Sequence[Pieces]:
        """Its value, the words that it was read from or why there is none, and what is wrong."""
        line, field = self.line, self.field
        if self.problem:
            value = _lines(shown(written(line.value)))
            return [*value, [(f"✗ {self.problem}", "error")]]
        if line.adds:
            more = f"{line.more:,} more are not shown   " if line.more else ""
            why = f"— {_reason(field)}   " if field is not None else ""
            return [[(f"{more}{why}+ add", "faint")]]
        if line.value is None:
            return [[(f"— {_reason(field)}", "faint")]]
        value = _lines(shown(written(line.value))) or [[("", "")]]
        if field is None:
            return value
        if field.read_by == "person":
            return [*value[:-1], [*value[-1], ("  ✎ yours", "faint")]]
        if field.confidence < _UNSURE:
            value = [*value[:-1], [*value[-1], (f"  ? {field.confidence:.0%} sure", "faint")]]
        if field.evidence is not None and field.evidence.quote != line.value:
            quote = shown_line(field.evidence.quote)
            quote = quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED]}…"
            return [*value, [(f"“{quote}”", "faint")]]
        return value


def _lines(text: str) -> list[Pieces]:
    return [[(line, "")] for line in text.split("\n")] if text else []


def _wrapped(pieces: Pieces, width: int) -> Iterator[Pieces]:
    """The rows of a line of several looks; one, if it is empty."""
    text = "".join(words for words, _ in pieces)
    starts = [0, *row_breaks(text, 0, len(text), max(1, width))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        row, at = [], 0
        for words, look in pieces:
            here = words[max(0, start - at) : max(0, end - at)]
            at += len(words)
            if here:
                row.append((here, look))
        yield row


def editor_of(line: Line) -> Widget:
    """What a value is edited with: a choice, a line, or several."""
    now = as_typed(line)
    if line.choices:
        options = [Option(shown_line(one), id=one) for one in line.choices]
        if line.spec.nullable or not line.spec.required:
            options.append(Option(Content.styled("(empty)", "$text-muted"), id=""))
        chooser = OptionList(*options, compact=True, markup=False)
        ids = [one.id for one in options]
        chooser.highlighted = ids.index(now) if now in line.choices else 0
        return chooser
    if "\n" in now:
        prose = Prose(now, compact=True)
        prose.move_cursor(prose.document.end)
        return prose
    return Input(now, compact=True, select_on_focus=False)


def as_typed(line: Line) -> str:
    """Its value as it stands in an editor."""
    return shown(written(line.value))


def about(field: FieldLine) -> str:
    """How its value was found, or why it wasn't; what the field is for, and what it takes."""
    spec, found = field.line.spec, field.field
    told = ""
    if found is not None and found.read_by == "person":
        told = "edited by you"
    elif found is not None and found.value is not None:
        told = f"read by {found.read_by}, {found.confidence:.0%} sure"
    elif found is not None and found.null_reason in _WHY:
        told = _WHY[found.null_reason]
    parts = (told, spec.description.rstrip("."), spec.format or _KINDS[spec.type])
    return shown_line(" · ".join(one for one in parts if one))


def _reason(field: FieldValue | None) -> str:
    """Why a field has no value, in short."""
    if field is None or field.null_reason is None or field.read_by == "person":
        return "empty"
    return field.null_reason.value.replace("_", " ")


def _name_of(line: Line) -> str:
    """Items of a list stand below its name."""
    last = line.steps[-1]
    if not isinstance(last, int):
        return shown_line(line.path)
    return shown_line(path_of(line.steps[:-1])) if last == 0 else ""
