"""Documents made for an index, with a hashed embedder's vectors, and what searches find of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from copilot.messages import (
    BlockSpan,
    DocumentState,
    Locator,
    Passage,
    PassageVectors,
    SearchFilter,
)
from copilot.ports import PassageIndex
from copilot.testing.hash_embedder import HashEmbedder

DIMENSION = 64
EMBEDDER = HashEmbedder(DIMENSION)
EVERYONE = SearchFilter()
NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)

Upsert = tuple[DocumentState, list[tuple[Passage, PassageVectors]]]


def passage(path: str, ordinal: int, text: str, **changes: object) -> Passage:
    built = Passage(
        id=f"{path}-{ordinal}-{len(text)}",
        document_id=path,
        path=path,
        title="A title",
        ordinal=ordinal,
        text=text,
        heading_path=("Part", "Section"),
        locator=Locator("lines", 3, 9),
        spans=(
            BlockSpan("heading", 0, 4, Locator("lines", 3, 3), 2),
            BlockSpan("paragraph", 6, len(text), Locator("lines", 5, 9)),
        ),
        char_start=10,
        char_end=10 + len(text),
        content_hash=str(hash(text)),
        source="/docs",
        url="https://example.test/a",
        modified_at=NOW,
    )
    return replace(built, **changes)  # type: ignore[arg-type]


def vectors(text: str) -> PassageVectors:
    halves = [text[: len(text) // 2], text[len(text) // 2 :]]
    vector, sentences = next(EMBEDDER.embed_passages([text], [halves]))
    return PassageVectors(vector, sentences, ((0, len(text) // 2), (len(text) // 2, len(text))))


def document(path: str, *texts: str, **changes: object) -> Upsert:
    labels = changes.get("labels", ())
    passages = [passage(path, i, text, **changes) for i, text in enumerate(texts)]
    state = DocumentState(
        path=path,
        document_id=path,
        container=path,
        source="/docs",
        title="A title",
        status="indexed",
        content_hash="c0ffee",
        size=123,
        mtime_ns=1_700_000_000_123_456_789,
        passages=len(passages),
        indexed_at=NOW,
        labels=labels,  # type: ignore[arg-type]
    )
    return state, [(p, vectors(p.text)) for p in passages]


def dense(index: PassageIndex, text: str, where: SearchFilter = EVERYONE, limit: int = 10):
    return index.search_dense(EMBEDDER.embed_queries([text])[0], limit=limit, where=where)


def found(index: PassageIndex, query: str, where: SearchFilter = EVERYONE) -> set[str]:
    """Paths that a search shows; both kinds of search must agree with ``fetch``."""
    by_vector = {id_ for id_, _ in dense(index, query, where, limit=100)}
    by_words = {id_ for id_, _ in index.search_lexical(query, limit=100, where=where)}
    assert by_words <= by_vector
    return {s.passage.path for s in index.fetch(sorted(by_vector), where=where)}
