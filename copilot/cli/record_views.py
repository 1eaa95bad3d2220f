"""How a record looks on a terminal.

Invariant: what a text or a model said passes ``guard.terminal``.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.cli.styling import Styler
from copilot.cli.tables import shortened
from copilot.extracted import ExtractedRecord
from copilot.guard.terminal import clean_line

_NAME_WIDTH = 18
_QUOTE_SHOWN = 90


def record_lines(record: ExtractedRecord, style: Styler) -> Iterator[str]:
    """The lines that a person reads: what was found with its words, then what wasn't."""
    yield style.strong(clean_line(f"{record.schema} from {record.source_name}: {record.status}"))
    found = {name: value for name, value in record.fields.items() if value.value is not None}
    for name, value in found.items():
        yield f"  {clean_line(name):<{_NAME_WIDTH}} {clean_line(str(value.value))}"
        if value.evidence is not None and value.evidence.quote != value.value:
            quote = shortened(clean_line(" ".join(value.evidence.quote.split())), _QUOTE_SHOWN)
            yield f"  {'':<{_NAME_WIDTH}} {style.faint(f'“{quote}” at {value.evidence.start}')}"
    missing: dict[str, list[str]] = {}
    for name, value in record.fields.items():
        if value.value is None and value.null_reason is not None:
            missing.setdefault(value.null_reason.value, []).append(clean_line(name))
    for reason, names in missing.items():
        yield style.faint(f"  {reason.replace('_', ' ')}: {', '.join(names)}")
    for error in record.errors:
        yield clean_line(f"  {error.path or 'record'}: {error.message}")
