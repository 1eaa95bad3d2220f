"""Calls about records: schemas, texts to read, records read out of them, their correction.

A text is named by where it came from (``path``) or given as it is (``text``), and, where that
holds several, by its ``number``, from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot.extracted import ExtractedRecord, FieldError, Json, SourceText
from copilot.messages import Usage
from copilot.proposals import Proposal, Standing
from copilot.schemas import FieldSpec


@dataclass(frozen=True, slots=True)
class ListSchemas:
    """Asks for the schemas that ship."""


@dataclass(frozen=True, slots=True)
class SchemaCard:
    """What a person has to know of a schema. ``asked`` is what it is asked for by: a shipped name,
    a file, ``module:Class`` or a line of fields. ``many``: a text may give several records.
    """

    asked: str
    name: str
    fields: tuple[FieldSpec, ...]
    description: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Schemas:
    """``last`` is what the latest extraction of this user asked for; empty before the first."""

    found: tuple[SchemaCard, ...]
    last: str = ""


@dataclass(frozen=True, slots=True)
class DescribeSchema:
    """Asks for one schema, by whatever ``copilot extract`` takes for one."""

    asked: str


@dataclass(frozen=True, slots=True)
class SchemaDescribed:
    card: SchemaCard


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """Asks what is wrong with a whole record."""

    schema: str
    record: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class RecordChecked:
    """The problems by their paths, in the schema's order; none: the record is valid."""

    problems: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ListTexts:
    """Asks what texts a file holds, or one that was pasted."""

    path: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class TextThere:
    """One of several texts: its ``number`` from 1, its first words, or why it can't be read."""

    number: int
    name: str
    begins: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """The first of them, and how many there are in all."""

    found: tuple[TextThere, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ReadText:
    """Asks for a text as extraction would read it."""

    path: str = ""
    text: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class TextRead:
    source: SourceText


@dataclass(frozen=True, slots=True)
class Extract:
    """Reads records out of one text, as a run of the ledger. ``rules``: without a model."""

    schema: str
    path: str = ""
    text: str = ""
    number: int = 1
    rules: bool = False


@dataclass(frozen=True, slots=True)
class Extracted:
    """What the offsets of the evidence count in; the records came as events."""

    source: SourceText
    run_id: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class CorrectRecord:
    """Asks for a record as a person has edited it, with what is wrong with it."""

    schema: str
    record: ExtractedRecord
    source: SourceText
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class RecordCorrected:
    record: ExtractedRecord


@dataclass(frozen=True, slots=True)
class ListSinks:
    """Asks where records of a schema may go."""

    schema: str


@dataclass(frozen=True, slots=True)
class SinksTaking:
    """The names of those that take it; the first is the one that needs no set-up, if it does."""

    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposeRecord:
    """Proposes the record of this ``ordinal``, one of all that its text gave.

    ``dry_run``: only what would be proposed, and what the policy says of it.
    """

    records: tuple[ExtractedRecord, ...]
    ordinal: int
    source: SourceText
    sink: str
    run_id: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class RecordProposed:
    """Where it stands; of a dry run ``would``, unless it stands somewhere already.

    ``what`` it does, in words, and what speaks against it (``against``). ``ruling`` and ``rule``:
    what the policy says, of a dry run. ``warnings``: what is no failure.
    """

    standing: Standing | None = None
    would: Proposal | None = None
    what: str = ""
    against: tuple[str, ...] = ()
    ruling: str = ""
    rule: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveRecords:
    """Writes records as ``copilot extract --json`` would. ``replace``: over a file, too."""

    path: str
    records: tuple[ExtractedRecord, ...]
    source: SourceText
    run_id: str
    usage: Usage
    replace: bool = False


@dataclass(frozen=True, slots=True)
class RecordsSaved:
    """``path`` in full. Not ``written``: a file is there already, and was left alone."""

    path: str
    written: bool


Call = (
    ListSchemas
    | DescribeSchema
    | CheckRecord
    | ListTexts
    | ReadText
    | Extract
    | CorrectRecord
    | ListSinks
    | ProposeRecord
    | SaveRecords
)
Reply = (
    Schemas
    | SchemaDescribed
    | RecordChecked
    | Texts
    | TextRead
    | Extracted
    | RecordCorrected
    | SinksTaking
    | RecordProposed
    | RecordsSaved
)
