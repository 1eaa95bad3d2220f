"""What people do to the index: add sources, sync, remove, rebuild; recorded and written down.

Invariant: a front end hears of the end of it only once it is recorded, and in the audit trail if
it belongs there; what was cut short is written down too, for what was committed by then stays.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.system import new_id
from copilot.bootstrap import Copilot
from copilot.errors import KnowledgeIndexError, ModelError, NotFoundError, StorageError
from copilot.events import DocumentIndexed, Event, SyncFinished, Warned

if TYPE_CHECKING:
    from copilot.knowledge.syncing import Options
    from copilot.messages import SourceConfig

_LONGEST_LABELS = 1000  # characters of all labels of a source, in the audit trail


@dataclass(frozen=True, slots=True)
class Added:
    """Sources that were remembered. ``unaudited``: why that isn't in the audit trail."""

    sources: tuple[SourceConfig, ...]
    unaudited: StorageError | None = None


class Indexing:
    """Does it for one Copilot. ``warn`` hears what the audit trail has to say."""

    def __init__(self, copilot: Copilot, warn: Callable[[Warned], None]) -> None:
        self._copilot = copilot
        self._warn = warn

    def add(self, roots: Sequence[Path], *, labels: Sequence[str] | None = None) -> Added:
        """Remember sources, and write down of each that is new, or whose labels are, who may
        read it. Blocks. Raises NotFoundError for a path that isn't there, and adds none then.

        An audit trail that can't be written raises nothing: documents must not be left unread, or
        under labels that are no longer meant, because a keyring is locked.
        """
        ingest = self._copilot.ingest
        known = {source.id: source for source in self._copilot.index.sources()}
        # All of them first: a name that is wrong must not leave half of the others done.
        for root in roots:
            ingest.describe(root, labels=labels)
        sources = tuple(ingest.add(root, labels=labels) for root in roots)
        unaudited: StorageError | None = None
        for source in sources:
            before = known.get(source.id)
            if before is not None and before.labels == source.labels:
                continue
            were = {} if before is None else {"labels_before": _told(before.labels)}
            try:
                self._note("index.add", source.root, labels=_told(source.labels), **were)
            except StorageError as error:
                unaudited = error
        return Added(sources, unaudited)

    def sources(self) -> list[SourceConfig]:
        """All there are; NotFoundError where there is none. Blocks."""
        found = self._copilot.index.sources()
        if not found:
            raise NotFoundError(
                "The index has no sources yet.",
                hint="Add a file or a folder: copilot index add PATH",
            )
        return found

    async def sync(
        self, sources: Sequence[SourceConfig] | None, options: Options
    ) -> AsyncGenerator[Event]:
        """Bring ``sources`` up to date, all of them for None; ends in the run's RunFinished.

        Raises NotFoundError where there is no source at all, and what ``Ingest.sync`` raises.
        """
        named = await asyncio.to_thread(self._named, sources)
        ingest = self._copilot.ingest
        stream = ingest.sync(sources=sources, options=options)
        if not options.dry_run:
            stream = self._recorded(self._forgetting(stream), what=", ".join(named))
        async with aclosing(stream) as events:
            async for event in events:
                yield event

    async def remove(self, target: str) -> AsyncGenerator[Event]:
        """Forget a source, or leave out what lies inside one. Raises as ``Ingest.remove``."""
        ingest = await asyncio.to_thread(lambda: self._copilot.ingest)
        stream = self._recorded(self._forgetting(ingest.remove(target)), what=target)
        async with aclosing(self._audited(stream, "index.remove", _absolute(target))) as events:
            async for event in events:
                yield event

    async def rebuild(self) -> AsyncGenerator[Event]:
        """Build the index anew from its sources. Raises as ``sync``."""
        from copilot.knowledge.syncing import Options

        await asyncio.to_thread(self.make_readable)
        stream = self.sync(None, Options(rebuild=True))
        subject = str(self._copilot.paths.index)
        async with aclosing(self._audited(stream, "index.rebuild", subject)) as events:
            async for event in events:
                yield event

    async def watch(self) -> AsyncGenerator[Event]:
        """Sync each source that changes, until it is closed. A sync that fails is told and
        tried again at the next change.
        """
        from copilot.knowledge.syncing import Options

        ingest = await asyncio.to_thread(lambda: self._copilot.ingest)
        async with aclosing(ingest.watch()) as changes:
            async for sources in changes:
                try:
                    async with aclosing(self.sync(sources, Options())) as events:
                        async for event in events:
                            yield event
                except (KnowledgeIndexError, ModelError) as error:
                    yield Warned(error.message, error.hint)

    def make_readable(self) -> None:
        """Empty the index where its list of sources is damaged. Blocks."""
        try:
            self._copilot.index.sources()
        except KnowledgeIndexError:
            self._copilot.index.clear()  # the list of sources is what is damaged: it goes, too
            self._note("index.clear", str(self._copilot.paths.index))

    def _named(self, sources: Sequence[SourceConfig] | None) -> list[str]:
        """The roots that are meant; everything is loaded that they need."""
        _ = self._copilot.ingest
        return [source.root for source in (self.sources() if sources is None else sources)]

    # --- answers that were made from it ---------------------------------------------------

    async def _forgetting(self, stream: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """With the answers deleted that were made before a change: they repeat what was removed.

        Before the end of it is told, and also where it is cut short: what was committed stays.
        """
        changed = False
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, SyncFinished) and changed:
                        changed = False
                        await asyncio.to_thread(self._forget_answers)
                    changed = changed or isinstance(event, DocumentIndexed)
                    yield event
        finally:
            if changed:
                await asyncio.to_thread(self._forget_answers)

    def _forget_answers(self) -> None:
        copilot = self._copilot
        if not copilot.paths.answers_file.exists():
            return
        try:
            copilot.kept_answers.drop_but(copilot.index.version())
        except (KnowledgeIndexError, StorageError) as error:
            told = "answers in the cache may still say what stood in documents that were removed"
            self._warn(Warned(f"{told}: {error.message}", "copilot cache clear"))

    # --- the ledger and the audit trail --------------------------------------------------

    def _recorded(self, stream: AsyncIterator[Event], *, what: str) -> AsyncGenerator[Event]:
        from copilot.ledger.recording import record, sync_run

        principal, clock = self._copilot.where.principal, self._copilot.clock
        framed = sync_run(
            stream,
            what=what,
            principal=principal,
            clock=clock,
            new_id=new_id,
            release=self._copilot.release,
        )
        return record(framed, self._copilot.run_writer)

    async def _audited(
        self, stream: AsyncGenerator[Event], action: str, subject: str
    ) -> AsyncGenerator[Event]:
        """Raises StorageError, once all is done, where that can't be written down."""
        done: SyncFinished | None = None
        outcome = ""
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, SyncFinished):
                        done = event
                    yield event
        except (KnowledgeIndexError, ModelError):
            outcome = "failed"
            raise
        except (asyncio.CancelledError, GeneratorExit):
            outcome = "interrupted"
            raise
        finally:
            if done is not None:
                await asyncio.to_thread(self._note_done, action, subject, done)
            elif outcome:
                await asyncio.to_thread(self._note_attempt, action, subject, outcome)

    def _note_done(self, action: str, subject: str, done: SyncFinished) -> None:
        self._note(
            action,
            subject,
            indexed=done.added + done.updated,
            removed=done.removed,
            failed=done.failed,
            index_version=done.index_version,
        )

    def _note_attempt(self, action: str, subject: str, outcome: str) -> None:
        """For what was cut short: its own error is what people must see, so this raises none."""
        try:
            self._note(action, subject, outcome=outcome)
        except StorageError as error:
            self._warn(Warned(error.message, error.hint))

    def _note(self, action: str, subject: str, **detail: str | int | bool) -> None:
        from copilot.audit.noting import note

        copilot = self._copilot
        principal = copilot.settings.principal.name
        told = note(lambda: copilot.audit_trail, action, subject, principal=principal, **detail)
        for notice in told:
            self._warn(notice)


def _absolute(target: str) -> str:
    return os.path.abspath(os.path.expanduser(target))  # noqa: PTH100, PTH111


def _told(labels: Sequence[str]) -> str:
    """For an entry of the audit trail, which is no place for any length of text."""
    text = ", ".join(labels)
    return text if len(text) <= _LONGEST_LABELS else f"{len(labels)}: {text[:_LONGEST_LABELS]}…"
