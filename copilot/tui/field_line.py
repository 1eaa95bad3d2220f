"""One field of a record on the screen: its value with its words, and what it is edited with."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content, Span
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.extracted import FieldValue, NullReason
from copilot.tui.record_lines import Line, path_of, written
from copilot.tui.wording import shown, shown_line
from copilot.tui.writing import TextField

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


class FieldLine(Horizontal):
    """One line of the form; while it is edited an editor stands in place of its value."""

    class Clicked(Message):
        """Somebody clicked on it."""

        def __init__(self, line: FieldLine) -> None:
            super().__init__()
            self.line = line

    def __init__(self, line: Line) -> None:
        super().__init__(classes="field-line")
        self.line = line
        self.field: FieldValue | None = None
        self.problem = ""
        self._drawn: list[tuple[str, Sequence[Span]]] = []

    def compose(self) -> ComposeResult:
        yield Static(classes="field-name", markup=False)
        yield Static(classes="field-value", markup=False)

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Show it as it is now."""
        parts = self.query_children(Static)
        contents = (Content(_name_of(self.line)), self._told())
        drawn = [(one.plain, one.spans) for one in contents]
        if len(parts) < len(contents) or drawn == self._drawn:
            return
        self._drawn = drawn
        for part, content in zip(parts, contents, strict=False):
            part.update(content)

    def _told(self) -> Content:
        line, field = self.line, self.field
        # The current line may stand on any ground, in few colours a reversed one.
        faint, wrong = ("auto 75%", "bold auto") if self.current else ("$text-muted", "$error")
        if self.problem:
            said = shown(written(line.value))
            return Content.assemble(said, "\n" if said else "", (f"✗ {self.problem}", wrong))
        if line.adds:
            more = f"{line.more:,} more are not shown   " if line.more else ""
            why = f"— {_reason(field)}   " if field is not None else ""
            return Content.assemble((f"{more}{why}+ add", faint))
        if line.value is None:
            return Content.assemble((f"— {_reason(field)}", faint))
        value = Content(shown(written(line.value)))
        if field is None:
            return value
        if field.read_by == "person":
            return Content.assemble(value, ("  ✎ yours", faint))
        if field.confidence < _UNSURE:
            value = Content.assemble(value, (f"  ? {field.confidence:.0%} sure", faint))
        if field.evidence is not None and field.evidence.quote != line.value:
            quote = shown_line(field.evidence.quote)
            quote = quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED]}…"
            return Content.assemble(value, "\n", (f"“{quote}”", faint))
        return value

    @property
    def current(self) -> bool:
        """Whether the form is at it."""
        return self.has_class("-current")

    def mark(self, *, current: bool) -> None:
        """Whether the form is at it now."""
        if current != self.current:
            self.set_class(current, "-current")
            self.draw()

    def on_click(self, event: Click) -> None:
        if not self.query("Input, Prose, OptionList"):
            event.stop()
            self.post_message(self.Clicked(self))


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
