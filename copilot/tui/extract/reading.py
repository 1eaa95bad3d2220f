"""What an extraction has given so far: its records, as they were read and as they were corrected.

Invariant: a record that was corrected keeps its place among those of its text, and ``read`` keeps
it as it was read; ``source`` is what all evidence counts in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from copilot.calls.extracting import Extracted, SchemaCard
from copilot.events import Event, ModelChosen, RecordExtracted, RunFinished, Warned
from copilot.extracted import ExtractedRecord, SourceText
from copilot.messages import Status, Usage
from copilot.tui.lit_text import Span


@dataclass
class Reading:
    """One text, one schema."""

    card: SchemaCard
    records: list[ExtractedRecord] = field(default_factory=list)
    read: list[ExtractedRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    source: SourceText | None = None
    run_id: str = ""
    usage: Usage = field(default_factory=lambda: Usage(model="rules"))
    model: str = ""
    latency_ms: float = 0.0
    degraded: bool = False
    at: int = 0
    proposed: set[int] = field(default_factory=set)  # records, by their ordinals
    kept: set[int] = field(default_factory=set)  # … that were proposed or saved

    def tell(self, step: Event | Extracted) -> None:
        """What the core says next."""
        match step:
            case ModelChosen():
                self.model = step.model
            case Warned(message, hint):
                self.warnings.append(f"{message} ({hint})" if hint else message)
            case RecordExtracted():
                self.records.append(step.record)
                self.read.append(step.record)
            case RunFinished():
                self.latency_ms = step.latency_ms
                self.degraded = step.status in (Status.DEGRADED, Status.LIMITED)
            case Extracted():
                self.source, self.run_id, self.usage = step.source, step.run_id, step.usage
            case _:
                pass

    @property
    def by_model(self) -> bool:
        """Whether a model reads, or has read, and not rules alone."""
        return self.model not in ("", "rules") and not self.degraded

    @property
    def record(self) -> ExtractedRecord | None:
        """The one that is looked at."""
        return self.records[self.at] if self.records else None

    def spans(self) -> list[Span]:
        """The words that state the current record."""
        record = self.record
        fields = record.fields.items() if record is not None else ()
        return [
            Span(one.evidence.start, one.evidence.end, path)
            for path, one in fields
            if one.evidence is not None
        ]
