"""The use cases of the index: add a source, bring it up to date, remove, rebuild.

Invariant: one process syncs at a time, the next one waits and says so; the work runs in a
thread, and cancelling the stream ends it between two commits, so nothing is half there.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from pathlib import Path

from copilot.config.schema import IndexSettings
from copilot.errors import NotFoundError, ReadError, UsageError
from copilot.events import DocumentIndexed, Event, ModelAttempt, SyncFinished, Warned
from copilot.knowledge.batches import Stopped
from copilot.knowledge.changes import belongs, holds, inner_roots
from copilot.knowledge.reading import ReadDocuments
from copilot.knowledge.syncing import Options, Parts, Sync
from copilot.knowledge.watching import changed
from copilot.messages import DocumentState, SourceConfig
from copilot.metering import metered, requested
from copilot.ports import Clock, Embedder, PassageIndex, Source

_POLL_S = 0.5
_REMOVE_AT_ONCE = 1000
_GLOB_SIGNS = frozenset("\\*?[]!# ")

Emit = Callable[[Event], None]


class Ingest:
    """Indexes files. ``embedder`` is called only when there is something to embed."""

    def __init__(
        self,
        index: PassageIndex,
        embedder: Callable[[], Embedder],
        *,
        source: Source,
        read: ReadDocuments,
        settings: IndexSettings,
        clock: Clock,
    ) -> None:
        self._index = index
        self._parts = Parts(index, embedder, source, read, settings, clock)

    # --- sources -----------------------------------------------------------------------

    def describe(self, root: Path, *, labels: Sequence[str] | None = None) -> SourceConfig:
        """The source that ``add`` would save. NotFoundError when there is no such path.

        ``labels`` None keeps those that the source has; an empty sequence takes them away.
        """
        path = os.path.abspath(root.expanduser())  # noqa: PTH100 - links stay as they are named
        try:
            device = os.stat(path).st_dev  # noqa: PTH116
        except OSError as error:
            raise NotFoundError(
                f"{path} can't be indexed: {error.strerror or type(error).__name__}.",
                hint="Name a file or a folder that you can read.",
            ) from error
        known = {source.id: source for source in self._index.sources()}.get(path)
        if known is None:
            known = SourceConfig(path, path, added_at=self._parts.clock.now())
        if labels is not None:
            known = replace(known, labels=tuple(dict.fromkeys(labels)))
        return replace(known, device=device)

    def add(self, root: Path, *, labels: Sequence[str] | None = None) -> SourceConfig:
        """Remember a file or folder as a source; ``sync`` then reads it. As ``describe``."""
        source = self.describe(root, labels=labels)
        if source not in self._index.sources():
            self._index.save_source(source)
        return source

    def remedy(self, state: DocumentState) -> str:
        """What would mend a file that wasn't read: it is tried once more. Empty if that's told
        by the reason, or isn't known.
        """
        failed = state.status == "failed"
        if not failed and not 0 < state.size <= self._parts.settings.max_file_mb * 1024 * 1024:
            return ""
        try:
            next(iter(self._parts.read(Path(state.container))), None)
        except ReadError as error:
            return error.hint
        except FileNotFoundError:
            return "It is gone: sync its source."
        except OSError:
            return "Let your account read it, then sync with what failed."
        return "It can be read now: sync with what failed." if failed else ""

    def watch(self) -> AsyncGenerator[tuple[SourceConfig, ...]]:
        """Tells the sources whose files have changed, again and again; at first all of them."""
        return changed(self._index.sources, self._parts.source, self._parts.clock)

    # --- syncing -----------------------------------------------------------------------

    async def sync(
        self,
        *,
        sources: Sequence[SourceConfig] | None = None,
        options: Options | None = None,
    ) -> AsyncGenerator[Event]:
        """Bring ``sources`` (all of them by default) up to date; ends in SyncFinished.

        Raises KnowledgeIndexError when the index can't be written and ModelError when the
        embedder fails; what was committed before stays, and the next sync goes on from there.
        """
        chosen = options or Options()

        def work(emit: Emit, stop: threading.Event) -> None:
            sync = Sync(self._parts, sources, chosen, emit=emit, stop=stop)
            if chosen.dry_run:
                sync.run()
                return
            with self._alone(emit, stop):
                sync.run()

        async with aclosing(_in_thread(work)) as events:
            async for event in events:
                yield event

    async def remove(self, target: str) -> AsyncGenerator[Event]:
        """Forget a source, or leave out a file or folder inside one; ends in SyncFinished.

        Raises NotFoundError when the index has nothing by that name, UsageError for one record
        of a file.
        """

        def work(emit: Emit, stop: threading.Event) -> None:
            with self._alone(emit, stop):
                self._remove(target, emit, stop)

        async with aclosing(_in_thread(work)) as events:
            async for event in events:
                yield event

    def _remove(self, target: str, emit: Emit, stop: threading.Event) -> None:
        started = self._parts.clock.monotonic()
        sources = self._index.sources()
        path = os.path.abspath(os.path.expanduser(target))  # noqa: PTH100, PTH111
        source = next((s for s in sources if s.id in (target, path)), None)
        documents = self._index.documents()
        if source is not None:
            inner = inner_roots(source, sources)
            gone = [state for state in documents if belongs(state.container, source, inner)]
            # First the source: if this is cut short, the next sync removes the rest.
            self._index.remove_source(source.id)
        else:
            gone = [state for state in documents if holds(path, state.container)]
            if not gone:
                self._refuse(target, path, documents)
            self._leave_out(path, sources)
        removed = [state for state in gone if state.status == "indexed"]
        for begin in range(0, len(gone), _REMOVE_AT_ONCE):
            if stop.is_set():
                raise Stopped
            part = gone[begin : begin + _REMOVE_AT_ONCE]
            self._index.apply([], [state.path for state in part])
            for state in part:
                if state.status == "indexed":
                    emit(DocumentIndexed(state.path, state.passages, "removed"))
        self._index.optimize()
        emit(
            SyncFinished(
                added=0,
                updated=0,
                removed=len(removed),
                unchanged=len(documents) - len(gone),
                skipped=0,
                failed=0,
                passages=self._index.count_passages(),
                index_version=self._index.version(),
                latency_ms=(self._parts.clock.monotonic() - started) * 1000,
                whole=False,
            )
        )

    def _refuse(self, target: str, path: str, documents: Sequence[DocumentState]) -> None:
        records = [s for s in documents if target in (s.path, s.document_id) or s.path == path]
        if records:
            raise UsageError(
                f"{target} is a record of {records[0].container}.",
                hint="Take the line out of the file and run: copilot index sync",
            )
        raise NotFoundError(
            f"The index has nothing by the name of {target}.",
            hint="`copilot index list` shows what it has.",
        )

    def _leave_out(self, path: str, sources: Sequence[SourceConfig]) -> None:
        """Exclude a path from the source that it is in, so that it doesn't come back."""
        for source in sources:
            if belongs(path, source, inner_roots(source, sources)):
                relative = os.path.relpath(path, source.root).replace(os.sep, "/")
                pattern = "/" + "".join(f"\\{c}" if c in _GLOB_SIGNS else c for c in relative)
                exclude = tuple(dict.fromkeys((*source.exclude, pattern)))
                self._index.save_source(replace(source, exclude=exclude))

    @contextmanager
    def _alone(self, emit: Emit, stop: threading.Event) -> Iterator[None]:
        """Hold the sync lock; say so when it takes waiting."""
        lock = self._index.sync_lock()
        if not lock.acquire(0.0):
            emit(Warned("Another sync is running; waiting until it is done."))
            while not lock.acquire(_POLL_S):
                if stop.is_set():
                    raise Stopped
        try:
            yield
        finally:
            lock.release()


async def _in_thread(work: Callable[[Emit, threading.Event], None]) -> AsyncGenerator[Event]:
    """Run blocking ``work`` beside the loop and yield what it emits.

    When the stream is closed or cancelled, the work is told to stop and waited for.
    """
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    stop = threading.Event()

    def emit(event: Event) -> None:
        loop.call_soon_threadsafe(events.put_nowait, event)

    def run() -> None:
        try:
            with metered(emit):
                work(emit, stop)
        except Stopped:
            pass
        finally:
            loop.call_soon_threadsafe(events.put_nowait, None)

    task = loop.run_in_executor(None, run)
    try:
        while (event := await events.get()) is not None:
            yield event
        await task
    finally:
        stop.set()
        while not task.done():
            # A second Ctrl-C may come: the thread still has to end before the loop does.
            await asyncio.wait({task})
        while not events.empty():
            # What nobody reads any more was paid for all the same.
            if isinstance(event := events.get_nowait(), ModelAttempt):
                requested(event)
