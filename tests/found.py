"""Searches over pages written in a test: the real reader, splitter and search over doubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from copilot.adapters.readers.markdown import first_heading, markdown_blocks
from copilot.knowledge.search import Searcher, SearchRequest, SearchResult
from copilot.knowledge.sentences import plain, sentence_spans
from copilot.knowledge.splitting import embedding_text, split
from copilot.messages import (
    Block,
    DocumentState,
    ParsedDocument,
    Passage,
    PassageVectors,
    StoredPassage,
    Turn,
)
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex

_WHEN = datetime(2026, 1, 2, tzinfo=UTC)


Page = str | tuple[Block, ...]


def stored(page: Page, name: str = "page") -> list[StoredPassage]:
    """The passages of one document, Markdown or blocks, with the hashed embedder's vectors."""
    blocks = markdown_blocks(page) if isinstance(page, str) else page
    document = ParsedDocument(first_heading(blocks) or name, blocks, "text/markdown")
    passages = split(
        document,
        document_id=name,
        path=f"/docs/{name}.md",
        source="/docs",
        labels=(),
        target_tokens=220,
    )
    spans = [sentence_spans(p.text, p.spans) for p in passages]
    texts = [embedding_text(p) for p in passages]
    sentences = [
        [plain(p.text[a:b]) or p.text[a:b] for a, b in own]
        for p, own in zip(passages, spans, strict=True)
    ]
    vectors = HashEmbedder().embed_passages(texts, sentences)
    return [
        StoredPassage(p, PassageVectors(vector, rows, own))
        for p, own, (vector, rows) in zip(passages, spans, vectors, strict=True)
    ]


def search(
    pages: Mapping[str, Page], question: str, history: Sequence[Turn] = (), *, limit: int = 30
) -> SearchResult:
    """What a search over these pages finds."""
    index, embedder = MemoryIndex(), HashEmbedder()
    index.bind(embedder.identity)
    index.apply([_document(name, text) for name, text in pages.items()])
    return Searcher(index, embedder).search(SearchRequest(question, tuple(history), limit=limit))


def _document(name: str, page: Page) -> tuple[DocumentState, list[tuple[Passage, PassageVectors]]]:
    found = stored(page, name)
    path = f"/docs/{name}.md"
    state = DocumentState(
        path=path,
        document_id=name,
        container=path,
        source="/docs",
        title=name,
        status="indexed",
        content_hash=str(hash(page)),
        size=len(page),
        mtime_ns=0,
        passages=len(found),
        indexed_at=_WHEN,
    )
    return state, [(one.passage, one.vectors) for one in found]
