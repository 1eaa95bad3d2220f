"""Answers calls about the index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from copilot.bootstrap import Copilot
from copilot.calls import Call, Done, Reply
from copilot.calls.knowledge import (
    AddSource,
    CheckSources,
    CompletePath,
    DocumentShown,
    FolderListed,
    FoundPassage,
    ListFolder,
    ListSources,
    PassageCard,
    PassagesFound,
    PathsCompleted,
    RebuildIndex,
    RemoveFromIndex,
    ScoreCard,
    SearchPassages,
    ShowDocument,
    SourceAdded,
    SourceCard,
    SourceChanges,
    Sources,
    SourcesChecked,
    Sync,
    Watch,
)
from copilot.errors import NotFoundError, StorageError, UsageError
from copilot.events import Event, IngestProgress, SyncFinished, Warned
from copilot.messages import SourceConfig
from copilot.operations.indexing import Indexing
from copilot.serving.handling.core import Core, Handler, blocking

Work = Callable[[Copilot, Indexing], AsyncGenerator[Event]]


class _Asked(TypedDict):
    unread: bool
    start: int
    limit: int


# --- sources ---------------------------------------------------------------------------


def _listed(copilot: Copilot, call: ListSources) -> Sources:
    from copilot.knowledge.status import look

    copilot.shelf.forget()
    found = look(copilot.index, copilot.paths.index)
    return Sources(
        tuple(
            SourceCard(
                root=one.source.root,
                labels=one.source.labels,
                excluded=one.source.exclude,
                documents=one.documents,
                passages=one.passages,
                failed=one.failed,
                skipped=one.skipped,
                unreachable=one.unreachable,
            )
            for one in found.by_source()
        ),
        folder=found.folder,
        size_bytes=found.size_bytes,
        version=found.version,
        documents=found.count("indexed"),
        passages=found.passages,
        embedder=found.embedder.name if found.embedder is not None else "",
    )


async def _checked(core: Core, call: CheckSources) -> AsyncGenerator[Event | Reply]:
    from copilot.knowledge.changes import addition
    from copilot.knowledge.syncing import Options

    copilot = await asyncio.to_thread(core.ready)
    ingest = await asyncio.to_thread(lambda: copilot.ingest)
    synced = await asyncio.to_thread(_synced, copilot)
    found = []
    for source in await asyncio.to_thread(copilot.index.sources):
        looked = ingest.sync(sources=[source], options=Options(dry_run=True))
        async with aclosing(looked) as events:
            async for event in events:
                if isinstance(event, IngestProgress):
                    yield event
                elif isinstance(event, SyncFinished):
                    changed = (event.added, event.updated, event.removed)
                    at = _iso(synced.get(addition(source)))
                    found.append(SourceChanges(source.root, *changed, at))
    yield SourcesChecked(tuple(found))


def _synced(copilot: Copilot) -> Mapping[str, datetime]:
    """Nothing where the ledger can't tell: that is told where things stand."""
    try:
        return copilot.run_reader.standing().sources
    except StorageError:
        return {}


def _completed(copilot: Copilot, call: CompletePath) -> PathsCompleted:
    from copilot.knowledge.typed_paths import absolute, completions

    return PathsCompleted(absolute(call.typed), tuple(completions(call.typed)))


def _added(copilot: Copilot, call: AddSource) -> SourceAdded:
    from copilot.knowledge.typed_paths import absolute

    path = absolute(call.path)
    if not path:
        raise UsageError("the path is empty", hint="Type the path of a file or a folder.")
    heard: list[Warned] = []
    added = Indexing(copilot, heard.append).add([Path(path)], labels=call.labels)
    warnings = [notice.message for notice in heard]
    if added.unaudited is not None:
        warnings.append(added.unaudited.message)
    return SourceAdded(added.sources[0].root, tuple(warnings))


# --- documents and search ------------------------------------------------------------------


def _folder(copilot: Copilot, call: ListFolder) -> FolderListed:
    ask: _Asked = {"unread": call.unread, "start": call.start, "limit": call.limit}
    shelf = copilot.shelf
    anywhere = call.typed or not call.path
    return shelf.named(call.typed, **ask) if anywhere else shelf.folder(call.path, **ask)


def _document(copilot: Copilot, call: ShowDocument) -> DocumentShown:
    state = copilot.shelf.document(call.path)
    seen = copilot.shelf.passages(state.path, copilot.where, start=call.start, limit=call.limit)
    asked = max(0, min(call.limit, state.passages - call.start))
    return DocumentShown(
        path=state.path,
        title=state.title,
        source=state.source,
        status=state.status,
        size=state.size,
        passages=state.passages,
        shown=tuple(PassageCard(p.ordinal, p.heading_path, p.locator, p.text, p.id) for p in seen),
        hidden=asked - len(seen),
        reason=state.reason,
        remedy=copilot.ingest.remedy(state) if state.status != "indexed" else "",
        labels=state.labels,
        reader=state.media_type,
        modified_at=_iso(state.modified_at),
        indexed_at=_iso(state.indexed_at),
        url=state.url,
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def _found(copilot: Copilot, call: SearchPassages) -> PassagesFound:
    from copilot.knowledge.explaining import nearest_sentence, score_parts
    from copilot.knowledge.ranking import PAGE
    from copilot.knowledge.search import SearchRequest
    from copilot.operations.searching import searched

    where = replace(copilot.where, path_prefix=call.path) if call.path else copilot.where
    limit = call.limit or copilot.settings.search.limit
    result, warning = searched(copilot, SearchRequest(call.query, (), where, limit, PAGE))
    found = []
    for hit in result.hits:
        passage = hit.passage
        start, end = nearest_sentence(hit, result)
        found.append(
            FoundPassage(
                rank=hit.rank,
                score=hit.score,
                scores=tuple(
                    ScoreCard(one.name, one.score, one.above, one.own) for one in score_parts(hit)
                ),
                path=passage.path,
                title=passage.title,
                heading_path=passage.heading_path,
                locator=passage.locator,
                text=passage.text,
                near_start=start,
                near_end=end,
                passage_id=passage.id,
                labels=passage.labels,
                superseded=passage.superseded,
            )
        )
    return PassagesFound(
        tuple(found),
        result.queries,
        result.index_version,
        result.latency_ms,
        (warning.message,) if warning is not None else (),
    )


# --- long work ---------------------------------------------------------------------------


async def _worked(core: Core, work: Work) -> AsyncGenerator[Event | Reply]:
    copilot = await asyncio.to_thread(core.ready)
    heard: list[Warned] = []
    async with aclosing(work(copilot, Indexing(copilot, heard.append))) as events:
        async for event in events:
            yield event
    for notice in heard:
        yield notice
    yield Done()


def _sync(core: Core, call: Sync) -> AsyncGenerator[Event | Reply]:
    async def work(copilot: Copilot, indexing: Indexing) -> AsyncGenerator[Event]:
        from copilot.knowledge.syncing import Options

        chosen = await asyncio.to_thread(_chosen, copilot, call.source)
        async with aclosing(indexing.sync(chosen, Options(retry=call.retry))) as events:
            async for event in events:
                yield event

    return _worked(core, work)


def _remove(core: Core, call: RemoveFromIndex) -> AsyncGenerator[Event | Reply]:
    return _worked(core, lambda copilot, indexing: indexing.remove(call.path))


def _watch(core: Core, call: Watch) -> AsyncGenerator[Event | Reply]:
    return _worked(core, lambda copilot, indexing: indexing.watch())


def _rebuild(core: Core, call: RebuildIndex) -> AsyncGenerator[Event | Reply]:
    return _worked(core, lambda copilot, indexing: indexing.rebuild())


def _chosen(copilot: Copilot, root: str) -> Sequence[SourceConfig] | None:
    """None for all."""
    if not root:
        return None
    found = [source for source in copilot.index.sources() if source.root == root]
    if not found:
        raise NotFoundError(f"{root} is no source of the index.", hint="Add it first.")
    return found


HANDLERS: Mapping[type[Call], Handler] = {
    ListSources: blocking(_listed),
    CheckSources: _checked,
    CompletePath: blocking(_completed),
    AddSource: blocking(_added),
    Sync: _sync,
    RemoveFromIndex: _remove,
    RebuildIndex: _rebuild,
    Watch: _watch,
    ListFolder: blocking(_folder),
    ShowDocument: blocking(_document),
    SearchPassages: blocking(_found),
}
