"""Selecting text: which part of a drawn line is selected, and what is no click therefore."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget


def dragged(widget: Widget) -> bool:
    """Whether a click is but the end of selecting text: a mere click selects nothing."""
    return bool(widget.screen.selections)


def selected(widget: Widget, strip: Strip, row: int) -> Strip:
    """Line ``row`` of the widget's text, with what is selected of it lit."""
    selection = widget.text_selection
    span = selection.get_span(row) if selection is not None else None
    if span is None:
        return strip
    length = strip.cell_length
    start, end = span[0], length if span[1] == -1 else span[1]
    start, end = max(0, min(start, length)), max(0, min(end, length))
    lit = widget.screen.get_component_rich_style("screen--selection")
    parts = [strip.crop(0, start), strip.crop(start, end).apply_style(lit), strip.crop(end)]
    return Strip.join(parts)
