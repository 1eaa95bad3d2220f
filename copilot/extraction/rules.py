"""The extractor without a model: a text and a schema to drafts, by rules and labelled examples.

Invariant: the same text gives the same drafts; nothing is read but the text, the configuration and
the examples, and nothing that the text says changes which of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from copilot.config.paths import bundled
from copilot.config.records import ExtractionSettings
from copilot.extracted import FieldValue, NullReason, SourceText
from copilot.extraction.assembling import Draft
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.addressed import addressed
from copilot.extraction.filling.context import build
from copilot.extraction.filling.filling import Filler
from copilot.extraction.filling.likeness import FAR_APART, Examples
from copilot.extraction.filling.phrases import Lexicon, examples
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import Names
from copilot.extraction.people import find_people
from copilot.extraction.reading import MOST_READ
from copilot.extraction.texts import read
from copilot.ports import Embedder
from copilot.schemas import FieldRole, Schema

_FILES: dict[FieldRole, tuple[str, ...]] = {
    FieldRole.CATEGORY: ("category",),
    FieldRole.SEVERITY: ("severity", "priority", "incident_severity"),
    FieldRole.STATUS: ("status",),
    FieldRole.STAGE: ("stage",),
    FieldRole.LANGUAGE: ("language",),
}

K = CandidateKind
_KINDS: dict[FieldRole, tuple[CandidateKind, ...]] = {
    FieldRole.PERSON_NAME: (K.PERSON,),
    FieldRole.PERSON_NAMES: (K.PERSON,),
    FieldRole.PERSON_EMAIL: (K.EMAIL, K.PERSON),
    FieldRole.PERSON_PHONE: (K.PHONE,),
    FieldRole.PERSON_MOBILE: (K.PHONE,),
    FieldRole.COMPANY: (K.COMPANY,),
    FieldRole.JOB_TITLE: (K.JOB_TITLE, K.PERSON),
    FieldRole.ADDRESS: (K.ADDRESS,),
    FieldRole.PRODUCT: (K.PRODUCT, K.PLAN),
    FieldRole.COMPONENT: (K.COMPONENT,),
    FieldRole.COMPETITOR: (K.COMPETITOR,),
    FieldRole.VERSION: (K.VERSION,),
    FieldRole.ERROR_CODE: (K.ERROR_CODE,),
    FieldRole.REFERENCE: (K.REFERENCE, K.ERROR_CODE),
    FieldRole.URL: (K.URL,),
    FieldRole.TIME_ZONE: (K.TIME_ZONE, K.TIME, K.DATE_TIME, K.DATE),
    FieldRole.AMOUNT: (K.MONEY,),
    FieldRole.CURRENCY: (K.MONEY,),
    FieldRole.COUNT: (K.NUMBER,),
    FieldRole.PERCENT: (K.PERCENT,),
}
_MOMENTS = (K.DATE, K.DATE_TIME, K.TIME, K.TIME_ZONE)
_OF_MOMENTS = frozenset(
    {
        FieldRole.OCCURRED_AT,
        FieldRole.STARTED_AT,
        FieldRole.DETECTED_AT,
        FieldRole.RESOLVED_AT,
        FieldRole.DUE_DATE,
        FieldRole.CLOSE_DATE,
        FieldRole.NEXT_STEP_DATE,
        FieldRole.MEETING_DATE,
        FieldRole.START_TIME,
        FieldRole.END_TIME,
        FieldRole.DATE,
        FieldRole.DATE_TIME,
        FieldRole.TIME,
    }
)
_BY_PERSON = (K.PERSON, K.COMPANY, K.JOB_TITLE, K.ADDRESS)


@dataclass
class RuleExtractor:
    """``extract`` reads the records out of one text.

    ``embedder`` is called, once, with the first text whose category no phrase tells, or whose
    schema has examples of its own. Without one such a field stays null.
    """

    settings: ExtractionSettings
    parsers: Parsers
    embedder: Callable[[], Embedder] | None = None
    examples: Path = field(default_factory=lambda: bundled("extraction_examples"))

    def __post_init__(self) -> None:
        self._names = Names.of(self.settings)
        self._embed = cache(self.embedder) if self.embedder is not None else None
        self._likeness: Examples | None = None
        self._fillers: dict[int, tuple[Schema, Filler]] = {}

    def __reduce__(self) -> tuple[type[RuleExtractor], tuple[object, ...]]:
        """To another process goes what it was built of."""
        return RuleExtractor, (self.settings, self.parsers, self.embedder, self.examples)

    def extract(self, source: SourceText, schema: Schema) -> list[Draft]:
        """The records of a text, one at least; every field of the schema has an entry in each."""
        if len(source.text) > MOST_READ:
            source = replace(source, text=source.text[:MOST_READ])
        reading = read(source, own_domains=self.settings.own_domains)
        kinds = kinds_for(schema)
        candidates = find(
            reading,
            kinds,
            names=self._names,
            parsers=self.parsers,
            region=self.settings.region,
        )
        if not kinds.isdisjoint(_BY_PERSON):
            candidates = [*candidates, *find_people(reading)]
        context = build(
            reading,
            sorted(candidates, key=lambda one: (one.start, -one.end)),
            equal=FieldRole.PERSON_EMAIL not in {spec.role for spec in schema.fields},
        )
        told = tuple(addressed(context.folded, reading.segments))
        drafts = self._filler(schema).fill(context.without(told))
        unnamed = self._unnamed(schema)
        return [_explained(draft, unnamed) for draft in drafts] if unnamed else drafts

    def _unnamed(self, schema: Schema) -> frozenset[str]:
        """The fields that only configured names fill, where none are configured."""
        roles = {spec.role for spec in schema.fields}
        of_deals = self.settings.plans if FieldRole.STAGE in roles else {}
        tables = {
            FieldRole.PRODUCT: (self.settings.products, of_deals),
            FieldRole.COMPONENT: (self.settings.components,),
            FieldRole.COMPETITOR: (self.settings.competitors,),
        }
        return frozenset(
            spec.name
            for spec in schema.fields
            if spec.role in tables and not any(tables[spec.role])
        )

    def _filler(self, schema: Schema) -> Filler:
        known = self._fillers.get(id(schema))
        if known is not None and known[0] is schema:
            return known[1]
        roles = {spec.role for spec in schema.fields}
        lexicons = {
            role: tuple(self._lexicon(name) for name in names)
            for role, names in _FILES.items()
            if role in roles
        }
        issues = self._lexicon("category") if FieldRole.TITLE in roles else None
        if issues is not None and FieldRole.WORKAROUND in roles:
            issues = issues.only({"feature_request", "question"})
        filler = Filler(schema, lexicons, issues, self._examples(roles), self._own(schema))
        self._fillers = {id(schema): (schema, filler)}
        return filler

    def _examples(self, roles: Collection[FieldRole]) -> Examples | None:
        if self._embed is None or FieldRole.CATEGORY not in roles:
            return None
        if self._likeness is None:
            path = self.examples / "category_sentences.toml"
            self._likeness = Examples.of_file(path, self._embed)
        return self._likeness

    def _own(self, schema: Schema) -> dict[str, Examples]:
        """What the schema itself tells of what people say for its values, by field."""
        if self._embed is None:
            return {}
        return {
            spec.name: Examples(spec.examples, self._embed, apart=FAR_APART)
            for spec in schema.fields
            if spec.examples
        }

    def _lexicon(self, name: str) -> Lexicon:
        return examples(self.examples / f"{name}.toml")


def _explained(draft: Draft, unnamed: Collection[str]) -> Draft:
    """The draft, saying of what it hasn't looked for that it hasn't."""
    why = FieldValue(null_reason=NullReason.NOT_CONFIGURED)
    return {
        name: why if name in unnamed and value.value is None else value
        for name, value in draft.items()
    }


def kinds_for(schema: Schema) -> frozenset[CandidateKind]:
    """What has to be looked for to fill a schema."""
    found: set[CandidateKind] = set()
    for spec in schema.fields:
        found.update(_KINDS.get(spec.role, ()))
        if spec.role in _OF_MOMENTS:
            found.update(_MOMENTS)
    return frozenset(found)
