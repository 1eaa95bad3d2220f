"""The parts of a Copilot that hold and search documents.

Invariant: as in ``copilot.bootstrap``: each is built on first use.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from copilot.bootstrap.foundation import Foundation

if TYPE_CHECKING:
    from copilot.adapters.conversations.attachments import FileAttachments
    from copilot.knowledge.attaching import Attaching
    from copilot.knowledge.ingest import Ingest
    from copilot.knowledge.picking import Picking
    from copilot.knowledge.search import Searcher
    from copilot.knowledge.shelf import Shelf
    from copilot.knowledge.viewing import Viewing
    from copilot.ports import Embedder, PassageIndex


class KnowledgeParts(Foundation):
    """Index, embedder, and what reads, searches and shows documents with them."""

    @cached_property
    def embedder(self) -> Embedder:
        from copilot.adapters.embedding import build_embedder

        return build_embedder(
            self.settings.embedding,
            cache=self.paths.cache,
            key_for=self.model_key,
            prices=self.settings.models.prices,
            purse=self.budgets if self.budgets.counts else None,
        )

    @cached_property
    def index(self) -> PassageIndex:
        from copilot.adapters.index import build_index

        keep = timedelta(days=self.settings.index.keep_days)
        return build_index(self.paths.index, keep=keep)

    @cached_property
    def searcher(self) -> Searcher:
        from copilot.knowledge.search import Searcher

        return Searcher(self.index, self.embedder)

    @cached_property
    def picking(self) -> Picking:
        """Documents by what is typed of their names."""
        from copilot.knowledge.picking import Picking

        return Picking(self.index)

    @cached_property
    def shelf(self) -> Shelf:
        """The documents by folder, for who looks through them."""
        from copilot.knowledge.shelf import Shelf

        return Shelf(self.index)

    @cached_property
    def viewing(self) -> Viewing:
        """Documents' texts, for who wants to read on around a passage."""
        from copilot.adapters.readers.decoding import decode
        from copilot.knowledge.viewing import Viewing

        return Viewing(self.index, lambda data, name: decode(data, name).text)

    @cached_property
    def ingest(self) -> Ingest:
        from copilot.adapters.embedding.memory import allocate_sparingly
        from copilot.adapters.readers.registry import read_documents
        from copilot.adapters.sources.folder import FolderSource
        from copilot.knowledge.ingest import Ingest

        allocate_sparingly()
        return Ingest(
            index=self.index,
            embedder=lambda: self.embedder,
            source=FolderSource(self.settings.index, own=self.paths.written),
            read=read_documents,
            settings=self.settings.index,
            clock=self.clock,
        )

    @cached_property
    def attachments(self) -> FileAttachments:
        """What lies beside conversations."""
        from copilot.adapters.conversations.attachments import FileAttachments

        return FileAttachments(self.paths.conversations)

    @cached_property
    def attaching(self) -> Attaching:
        """Files and texts that a conversation's questions are asked about."""
        from copilot.adapters.readers.registry import read_documents
        from copilot.knowledge.attaching import Attaching

        return Attaching(
            store=self.attachments,
            read=read_documents,
            embedder=lambda: self.embedder,
            passage_tokens=self.settings.index.passage_tokens,
            principal=self.settings.principal.name,
        )
