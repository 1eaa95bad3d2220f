"""A model that reads records, scripted: what tests of it share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from copilot.config.records import ExtractionSettings
from copilot.events import Event
from copilot.extracted import FieldValue, SourceText, StructuredRequest
from copilot.extraction.candidates import Candidate
from copilot.extraction.extracting import Drafts
from copilot.extraction.modelled import ModelExtractor
from copilot.handoff import StructuredModel
from copilot.prompting import PromptLibrary
from copilot.schemas import Schema
from copilot.testing.scripted_structured import Give, ScriptedStructuredModel
from tests.corpora import REPOSITORY

SENT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # a Friday
MODEL = "openai/scripted"


def a_text(text: str, *, sent: datetime | None = SENT) -> SourceText:
    return SourceText("mail.eml", text, "0" * 64, received_at=sent)


def said(value: Any, quote: str | None) -> dict[str, Any]:
    return {"value": value, "quote": quote}


@dataclass
class Read:
    """What came of one text."""

    drafts: Sequence[Mapping[str, FieldValue]]
    answers: int
    events: list[Event]
    requests: list[StructuredRequest]
    was_read: bool = True

    @property
    def values(self) -> dict[str, Any]:
        """The first record's values that aren't null."""
        fields = self.drafts[0] if self.drafts else {}
        return {name: one.value for name, one in fields.items() if one.value is not None}

    @property
    def reasons(self) -> dict[str, str]:
        fields = self.drafts[0] if self.drafts else {}
        return {name: str(one.null_reason) for name, one in fields.items() if one.null_reason}


def extractor(
    model: StructuredModel, *, found: Sequence[Candidate] = (), budget: int = 20_000
) -> ModelExtractor:
    settings = ExtractionSettings(model=MODEL, token_budget=budget)
    prompts = PromptLibrary([REPOSITORY / "prompts"])
    return ModelExtractor(model, settings, prompts=prompts, find=lambda source: found)


async def read(
    text: str | SourceText,
    schema: Schema,
    *answers: Mapping[str, Any] | Give,
    found: Sequence[Candidate] = (),
    budget: int = 20_000,
) -> Read:
    """Read a text by a model that gives these answers in turn."""
    model = ScriptedStructuredModel(list(answers))
    source = a_text(text) if isinstance(text, str) else text
    events, drafts = [], Drafts(())
    async for step in extractor(model, found=found, budget=budget).read(source, schema):
        if isinstance(step, Drafts):
            drafts = step
        else:
            events.append(step)
    return Read(drafts.drafts, drafts.answers, events, model.requests, drafts.read)


def records(*given: Mapping[str, Any]) -> dict[str, Any]:
    return {"records": list(given)}
