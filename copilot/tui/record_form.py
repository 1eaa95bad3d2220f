"""A record, a field a line: its value, its words in the text, what is wrong with it; to be edited.

Invariant: what stands in the form is ``record``, whole, at any moment; each change is checked by
its schema in the core, and ``valid`` holds only while the last check was of this very record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar, Self

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantBlur
from textual.message import Message
from textual.widgets import Input, OptionList, Static, TextArea

from copilot import calls
from copilot.codec import to_plain
from copilot.errors import CopilotError
from copilot.extracted import FieldError, FieldValue, Json
from copilot.tui.core import Core
from copilot.tui.field_line import FieldLine, Prose, about, as_typed, editor_of
from copilot.tui.field_list import Editor, FieldList
from copilot.tui.record_lines import Line, lines_of, path_of, understood, with_value
from copilot.tui.wording import shown_line

_PAUSE_S = 0.15  # of typing, before it is checked


class RecordForm(Vertical):
    """``load`` a record; ``record`` is what it has become."""

    DEFAULT_CSS = """
    RecordForm {
        layers: lines editor;
        & FieldList {
            height: 1fr; layer: lines; background: transparent; scrollbar-gutter: stable;
        }
        & .editor { layer: editor; height: auto; }
        & .editor Input { height: 1; border: none; padding: 0; background: $panel; }
        & .editor Prose { height: 6; border: none; padding: 0; background: $panel; }
        & .editor OptionList {
            height: auto; max-height: 8; border: none; padding: 0; background: $panel;
        }
        & .editor .live-problem { height: auto; color: $error; }
        & .about { height: 2; padding: 0 1; color: $text-muted; layer: lines; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Field above", show=False, id="record.previous"),
        Binding("down,j", "move(1)", "Field below", show=False, id="record.next"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="record.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="record.page_down"),
        Binding("home,g", "go('first')", "First field", show=False, id="record.first"),
        Binding("end,G", "go('last')", "Last field", show=False, id="record.last"),
        Binding("enter,e", "edit", "Edit field", id="record.edit"),
        Binding("delete,backspace", "clear", "Empty field", id="record.clear"),
        Binding("u", "restore", "As it was", id="record.restore"),
        Binding("escape", "cancel", "Leave as it was", show=False, id="record.cancel"),
    ]

    class Pointed(Message):
        """The form is at this field now. ``field``: how it was read, evidence and all."""

        def __init__(self, form: RecordForm, path: str, field: FieldValue | None) -> None:
            super().__init__()
            self.form = form
            self.path = path
            self.field = field

    class Edited(Message):
        """A field has got another value."""

        def __init__(self, form: RecordForm, path: str) -> None:
            super().__init__()
            self.form = form
            self.path = path

    class Checked(Message):
        """``problems`` is what is wrong with the record now; ``error``: it couldn't be checked."""

        def __init__(self, form: RecordForm, error: CopilotError | None) -> None:
            super().__init__()
            self.form = form
            self.error = error

    def __init__(self, core: Core, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.problems: tuple[FieldError, ...] = ()
        self._core = core
        self._card: calls.SchemaCard | None = None
        self._record: dict[str, Json] = {}
        self._original: dict[str, Json] = {}
        self._fields: Mapping[str, FieldValue] = {}
        self._lines: list[FieldLine] = []
        self._at = 0
        self._editing: FieldLine | None = None
        self._editor: Editor | None = None
        self._draft: Json = None  # the value that is being typed
        self._verified = False

    def compose(self) -> ComposeResult:
        yield FieldList()
        yield Static(classes="about", markup=False)

    # --- what it holds --------------------------------------------------------------------

    @property
    def record(self) -> dict[str, Json]:
        """The record as it stands in the form, with what is being typed."""
        return self._with_draft() if self._editing is not None else dict(to_plain(self._record))

    @property
    def changed(self) -> bool:
        """Whether it isn't the original any more."""
        return self.record != self._original

    @property
    def valid(self) -> bool:
        """Whether its schema finds nothing wrong with it, as far as the last check tells."""
        return self._verified and not self.problems

    @property
    def path(self) -> str:
        """Of the current field; empty without any."""
        return self._lines[self._at].line.path if self._lines else ""

    async def load(
        self,
        card: calls.SchemaCard,
        record: Mapping[str, Json],
        fields: Mapping[str, FieldValue] | None = None,
        *,
        original: Mapping[str, Json] | None = None,
    ) -> None:
        """Show a record, and have it checked. ``original``: what it was before it was changed."""
        self._close()
        self._card, self._fields = card, fields or {}
        self._record = dict(to_plain(record))
        self._original = dict(to_plain(record if original is None else original))
        self._at = 0
        self.problems = ()
        self._lay()
        self._check()

    def know(self, fields: Mapping[str, FieldValue]) -> None:
        """How the fields of the record that stands here were read, after an edit."""
        self._fields = fields
        for one in self._lines:
            one.field = self._field_of(one.line)
        self._draw()

    def go_to(self, path: str, *, tell: bool = True) -> None:
        """Make the field of this path the current one."""
        at = next((at for at, one in enumerate(self._lines) if one.line.path == path), None)
        if at is not None:
            self._point(at, tell=tell)

    def focus(self, scroll_visible: bool = True) -> Self:
        self.query_one(FieldList).focus(scroll_visible)
        return self

    # --- lines ----------------------------------------------------------------------------

    @property
    def _listed(self) -> FieldList:
        return self.query_one(FieldList)

    def _lay(self) -> None:
        """As many lines as the record has now."""
        lines = lines_of(self._card.fields, self._record) if self._card is not None else []
        if [one.line.steps for one in self._lines] != [one.steps for one in lines]:
            self._lines = [FieldLine(line) for line in lines]
        for one, line in zip(self._lines, lines, strict=True):
            one.line, one.field = line, self._field_of(line)
        self._at = min(self._at, max(0, len(self._lines) - 1))
        self._show_problems()
        self._point(self._at, tell=False)

    def _draw(self) -> None:
        self._listed.show(self._lines, self._at)

    def _field_of(self, line: Line) -> FieldValue | None:
        """How it was read; of a list without items, why it has none."""
        if line.adds and isinstance(line.steps[-1], int):
            return self._fields.get(path_of(line.steps[:-1])) if line.steps[-1] == 0 else None
        return self._fields.get(line.path)

    def _point(self, at: int, *, tell: bool = True) -> None:
        self._at = at
        told = self.query_one(".about", Static)
        if not self._lines:
            told.update("")
            return
        self._listed.point(at)
        current = self._lines[at]
        told.update(Content(about(current)))
        if tell:
            self.post_message(self.Pointed(self, current.line.path, current.field))

    async def on_field_list_clicked(self, event: FieldList.Clicked) -> None:
        event.stop()
        again = self._editing is None and event.field is self._lines[self._at]
        await self.finish()
        if event.field in self._lines:  # a list may have got shorter
            self.focus()
            self._point(self._lines.index(event.field))
            if again:
                await self.action_edit()

    def action_move(self, by: int) -> None:
        if self._lines:
            self._point(max(0, min(len(self._lines) - 1, self._at + by)))

    def action_page(self, by: int) -> None:
        if self._lines:
            self._point(self._listed.a_page_off(by))

    def action_go(self, where: str) -> None:
        if self._lines:
            self._point(0 if where == "first" else len(self._lines) - 1)

    # --- editing --------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters and Enter are the editor's while a field is edited; Esc is ours only then."""
        if action == "cancel":
            return self._editing is not None
        if action in ("move", "page", "go", "edit", "clear", "restore"):
            return self._editing is None
        return True

    async def action_edit(self) -> None:
        """Edit the current field where it stands."""
        if not self._lines or self._editing is not None:
            return
        field = self._lines[self._at]
        self._editing, self._draft = field, field.line.value
        self._editor = Editor(editor_of(field.line), field.problem)
        self._listed.make_room(1)
        self._place_editor()
        await self.mount(self._editor)
        self._editor.field.focus(scroll_visible=False)

    def on_editor_grown(self, event: Editor.Grown) -> None:
        event.stop()
        if self._editor is not None and self._editor.size.height:
            self._listed.make_room(self._editor.size.height)

    def on_field_list_moved(self, event: FieldList.Moved) -> None:
        event.stop()
        self._place_editor()

    def _place_editor(self) -> None:
        if self._editor is not None:
            offset, width = self._listed.spot
            self._editor.styles.offset = offset
            self._editor.styles.width = width

    async def action_clear(self) -> None:
        """Empty the current field."""
        if self._lines and not self._lines[self._at].line.adds:
            await self._change(self._lines[self._at].line, None)

    async def action_restore(self) -> None:
        """Give all fields the values of the original."""
        if self._record != self._original:
            self._record = self._original
            await self._settle(self.path)

    async def action_cancel(self) -> None:
        """Leave the field that is edited as it was before."""
        self._close()
        self._show_problems()
        self._check()
        self.focus()

    async def finish(self) -> None:
        """Be done with the field that is edited; what was typed is its value."""
        field, value = self._editing, self._draft
        if field is not None:
            self._close()
            await self._change(field.line, value)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self._next()

    async def on_prose_done(self, event: Prose.Done) -> None:
        event.stop()
        await self._next()

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._editing is not None:
            self._draft = understood(event.option.id or "", self._editing.line.spec)
        await self._next()

    async def on_descendant_blur(self, event: DescendantBlur) -> None:
        if not isinstance(event.widget, FieldList):
            await self.finish()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed(event.value)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._typed(event.text_area.text)

    def _typed(self, text: str) -> None:
        if self._editing is None:
            return
        line = self._editing.line
        # What can't be shown of a value isn't lost by looking at it.
        value = line.value if text == as_typed(line) else understood(text, line.spec)
        if not _same(value, self._draft):
            self._draft = value
            self._check()

    async def _next(self) -> None:
        at = self._at
        await self.finish()
        self.focus()
        self._point(min(at + 1, len(self._lines) - 1))

    async def _change(self, line: Line, value: Json) -> None:
        if self._card is None or _same(value, line.value):
            self._show_problems()
            return
        self._record = with_value(self._record, line, value, self._card.fields)
        await self._settle(line.path)

    async def _settle(self, path: str) -> None:
        """The record has become another one."""
        self._lay()
        self._check()
        self.post_message(self.Edited(self, path))

    def _close(self) -> None:
        """Put the value back in the place of its editor."""
        editor, self._editing, self._editor = self._editor, None, None
        if editor is not None:
            editor.remove()
            self._listed.make_room(0)

    def _with_draft(self) -> dict[str, Json]:
        assert self._editing is not None
        assert self._card is not None
        if _same(self._draft, self._editing.line.value):
            return dict(to_plain(self._record))
        return with_value(self._record, self._editing.line, self._draft, self._card.fields)

    # --- checking -------------------------------------------------------------------------

    @work(group="check", exclusive=True, exit_on_error=False)
    async def _check(self) -> None:
        self._verified = False
        if self._card is None:
            return
        if self._editing is not None:
            await asyncio.sleep(_PAUSE_S)
        try:
            call = calls.CheckRecord(self._card.asked, self.record)
            told = await self._core.call(call, calls.RecordChecked)
        except CopilotError as error:
            self.post_message(self.Checked(self, error))
            return
        self.problems, self._verified = told.problems, True
        self._show_problems()
        self.post_message(self.Checked(self, None))

    def _show_problems(self) -> None:
        """Each beside its field; of a whole list or object beside the first of its lines."""
        left = {one.path: one.message for one in reversed(self.problems)}
        for one in self._lines:
            path = one.line.path
            near = [
                at for at in left if at == path or (at and path.startswith((f"{at}.", f"{at}[")))
            ]
            one.problem = shown_line("; ".join(left.pop(at) for at in near))
            if one is self._editing and self._editor is not None:
                self._editor.problem.update(Content(f"✗ {one.problem}"))
                self._editor.problem.display = bool(one.problem)
        self._draw()


def _same(one: Json, other: Json) -> bool:
    """1 and True are equal, and aren't the same value of a record."""
    return type(one) is type(other) and one == other
