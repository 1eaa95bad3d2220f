"""The values that rooms hand each other: documents, passages, hits, answers, usage.

Invariant: every value is frozen, and what is stored or shown goes through JSON unchanged
(``copilot.codec``). The two values that carry numpy arrays say so and are never serialised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Vector = NDArray[float32]
    Matrix = NDArray[float32]

LocatorKind = Literal["lines", "page", "slide", "cells", "paragraphs", "cell", "part", "record"]
BlockKind = Literal["heading", "paragraph", "list_item", "code", "table", "quote"]
Role = Literal["user", "assistant"]


class Status(StrEnum):
    """How a run ended."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    REFUSED = "refused"
    DEGRADED = "degraded"
    FAILED = "failed"
    LIMITED = "limited"


class Support(StrEnum):
    """What the citation check said of one sentence."""

    VERBATIM = "verbatim"
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    UNCITED = "uncited"


# --- documents and passages ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in its file something stands; both ends are inclusive.

    ``lines``: 1-based line numbers of the decoded file. ``page``, ``slide``, ``cell`` (notebook),
    ``paragraphs`` (DOCX body elements), ``record`` (line of a JSON Lines file): 1-based numbers.
    ``cells``: ``"Sheet!A2"`` to ``"Sheet!D9"``. ``part``: ``"body:12"`` of a mail.
    """

    kind: LocatorKind
    start: int | str
    end: int | str


@dataclass(frozen=True, slots=True)
class Block:
    """One structural piece of a document as a reader found it.

    ``text`` is verbatim for text formats (Markdown, RST, code, plain), extracted text
    for the others. ``level``: heading depth from 1, or list nesting from 0.
    ``part``: blocks of different parts (page, slide, sheet, mail part) never share a passage.
    """

    kind: BlockKind
    text: str
    locator: Locator
    level: int = 0
    part: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a reader makes of one document. ``fragment`` is the id of a record inside a file.

    ``superseded``: the document itself says that another one has taken its place.
    """

    title: str
    blocks: tuple[Block, ...]
    media_type: str
    modified_at: datetime | None = None
    labels: tuple[str, ...] = ()
    url: str = ""
    fragment: str = ""
    superseded: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockSpan:
    """A block inside a passage: ``passage.text[start:end]``, with its own locator."""

    kind: BlockKind
    start: int
    end: int
    locator: Locator
    level: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of a document, the unit of retrieval.

    ``path`` is the file's absolute path, ``FILE#ID`` for a record of a JSON Lines file.
    ``char_start`` and ``char_end`` count in the document's text (blocks joined by a blank line,
    list items and table rows by one newline).
    ``labels`` empty means that everyone may read it.
    """

    id: str
    document_id: str
    path: str
    title: str
    ordinal: int
    text: str
    heading_path: tuple[str, ...]
    locator: Locator
    spans: tuple[BlockSpan, ...]
    char_start: int
    char_end: int
    content_hash: str
    labels: tuple[str, ...] = ()
    source: str = ""
    url: str = ""
    modified_at: datetime | None = None
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The vectors of one passage: its own, and one for each sentence (numpy, unit length).

    ``passage``: shape (dim,). ``sentences``: shape (n, dim), row i belongs to
    ``sentence_spans[i]``, character offsets into the passage's text.
    """

    passage: Vector
    sentences: Matrix
    sentence_spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the index returns it, with its vectors."""

    passage: Passage
    vectors: PassageVectors


DocumentStatus = Literal["indexed", "skipped", "failed", "container"]


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the index remembers of one document, also of one that it couldn't read.

    ``path`` is the key (``FILE#ID`` for a record). ``container`` is the file on disk.
    ``content_hash``: SHA-256 of the file's bytes. ``reason`` says why it was skipped or failed.
    A file whose ``records`` are documents of their own has a row with the status ``container``.
    ``recipe`` names what besides the file decided its passages (labels, size, layout).
    """

    path: str
    document_id: str
    container: str
    source: str
    title: str
    status: DocumentStatus
    content_hash: str
    size: int
    mtime_ns: int
    passages: int
    indexed_at: datetime
    labels: tuple[str, ...] = ()
    reason: str = ""
    media_type: str = ""
    modified_at: datetime | None = None
    url: str = ""
    recipe: str = ""
    records: int = 0


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """A place that documents come from, as ``index add`` stored it. ``id`` is its root path.

    ``device`` is the file system that the root was last seen on: an empty root on another
    one is a mount that is gone, not a folder that was emptied.
    """

    id: str
    root: str
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    added_at: datetime | None = None
    device: int = 0


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that a source offers, before it is read."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """Which embedder made the vectors; an index refuses another one."""

    name: str
    weights: str
    dimension: int
    max_tokens: int

    def matches(self, other: EmbedderIdentity | None) -> bool:
        """Whether the vectors of both can be compared; how long a text may be doesn't matter."""
        return other is not None and replace(self, max_tokens=other.max_tokens) == other

    def __str__(self) -> str:
        return f"{self.name} ({self.dimension} components, weights {self.weights[:12]})"


# --- who asks, and what is searched ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. A passage with labels is visible to a principal that has one of them."""

    name: str = "local"
    groups: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Its groups and their pairs: ``a & b`` is a label for those who are in both."""
        pairs = combinations(sorted(set(self.groups)), 2)
        return (*self.groups, *(both_labels(a, b) for a, b in pairs))


def both_labels(one: str, other: str) -> str:
    """The label that asks for both: a labelled document inside a labelled source."""
    return one if one == other else " & ".join(sorted((one, other)))


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What a search may see. ``principal`` always applies; the rest narrows further: to any of
    ``paths``, to what begins with ``path_prefix``, to what is not older than ``modified_after``.
    """

    principal: Principal = field(default_factory=Principal)
    path_prefix: str = ""
    paths: tuple[str, ...] = ()
    document_id: str = ""
    source: str = ""
    modified_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with the scores that ranked it. ``rank`` counts from 1.

    ``scores`` always holds ``fused``; ``dense`` and ``sentence`` (cosine), ``lexical``
    (BM25) and their standardised forms are there when they were computed.
    """

    rank: int
    score: float
    scores: Mapping[str, float]
    passage: Passage


# --- answers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker and what it points at: ``passage.text[quote_start:quote_end] == quote``."""

    n: int
    passage_id: str
    document_id: str
    path: str
    title: str
    heading_path: tuple[str, ...]
    locator: Locator
    quote: str
    quote_start: int
    quote_end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or block of an answer, the citations behind it and the check's verdict."""

    text: str
    citations: tuple[int, ...]
    support: Support
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """A passage that was looked at for an answer, named whether or not it was cited."""

    passage_id: str
    document_id: str
    path: str
    title: str
    locator: Locator
    score: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run spent: whole micro-dollars, None of an unknown price; ``estimated`` by us.

    ``cached_tokens`` of those read were kept; whole passages would be ``saved_tokens`` more.
    """

    model: str = "quoting"
    input_tokens: int = 0
    output_tokens: int = 0
    cost_microusd: int | None = 0
    estimated: bool = False
    cached_tokens: int = 0
    saved_tokens: int = 0

    @property
    def cost_usd(self) -> float | None:
        return None if self.cost_microusd is None else self.cost_microusd / 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person reads: sentences with citations, and how the run ended.

    ``text`` is the sentences joined as shown, with ``[n]`` markers. ``notes`` say what happened on
    the way (a sentence dropped, a model that failed), in plain words.
    """

    status: Status
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    searched: tuple[Searched, ...] = ()
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """Which prompt file wrote the request."""

    id: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call to a chat model. ``system`` and ``turns`` are final text; no templates left."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    max_output_tokens: int = 1024
    temperature: float = 0.0
    prompt: PromptVersion | None = None


@dataclass(frozen=True, slots=True)
class ModelChunk:
    """A piece of a streamed answer. The last one carries ``usage`` and ``finish_reason``."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
