"""Brings the index up to date with its sources: what is new, changed, gone or unreadable.

Invariant: after a sync that ends, the index holds exactly what can be read of the sources; one
that breaks off leaves whole documents, and the next one does what is missing. A source that
can't be reached loses nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from copilot.config.schema import IndexSettings
from copilot.errors import KnowledgeIndexError, ReadError, SkippedInputError
from copilot.events import Event
from copilot.knowledge.batches import Batches, Entry, Stopped
from copilot.knowledge.changes import addition, belongs, digest, holds, inner_roots, judge, recipe
from copilot.knowledge.reading import ReadDocuments, Reading, Stamp, Task
from copilot.knowledge.reporting import Reporter
from copilot.messages import DocumentState, SourceConfig, SourceFile
from copilot.ports import Clock, Embedder, PassageIndex, Source


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sync works with. ``embedder`` is called when there is something to embed."""

    index: PassageIndex
    embedder: Callable[[], Embedder]
    source: Source
    read: ReadDocuments
    settings: IndexSettings
    clock: Clock


@dataclass(frozen=True, slots=True)
class Options:
    """``force`` reads everything anew, ``retry`` what was skipped or failed; ``dry_run``
    writes nothing; ``rebuild`` empties the index first."""

    force: bool = False
    retry: bool = False
    dry_run: bool = False
    rebuild: bool = False


class Sync:
    """One run over some sources; ``run`` blocks, and may be told to stop from elsewhere."""

    def __init__(
        self,
        parts: Parts,
        sources: Sequence[SourceConfig] | None,
        options: Options,
        *,
        emit: Callable[[Event], None],
        stop: threading.Event,
    ) -> None:
        self._parts = parts
        self._index = parts.index
        self._chosen = sources
        self._options = options
        self._stop = stop
        self._report = Reporter(emit)
        self._known: dict[str, DocumentState] = {}
        self._torn: set[str] = set()
        self._touched: list[DocumentState] = []
        self._read_whole: set[str] = set()
        self._batches = Batches(
            parts.index,
            parts.embedder,
            changed=self._report.changed,
            at_work=self._report.progress,
            stop=stop,
            now=parts.clock.now,
        )

    def run(self) -> None:
        """Raises KnowledgeIndexError, ModelError; Stopped when it was told to stop."""
        started = self._parts.clock.monotonic()
        stored = {source.id: source for source in self._index.sources()}
        chosen = stored if self._chosen is None else {source.id: source for source in self._chosen}
        if self._options.rebuild:
            self._empty_for_rebuild(chosen.values())
        self._known = {state.path: state for state in self._index.files()}
        self._torn = self._unfinished()
        everyone = list({**stored, **chosen}.values())
        for source in chosen.values():
            self._sync(source, inner_roots(source, everyone))
        if self._chosen is None:
            homeless = {*self._known, *self._torn}
            homeless -= {p for p in homeless if any(belongs(p, s, ()) for s in everyone)}
            self._remove(sorted(homeless))
        if not self._options.dry_run:
            self._batches.commit()
            self._index.optimize()
        elapsed = self._parts.clock.monotonic() - started
        self._report.finished(
            self._index,
            latency_ms=elapsed * 1000,
            sources=[addition(source) for source in everyone if source.id in self._read_whole],
            whole=all(source.id in self._read_whole for source in everyone),
        )

    # --- one source --------------------------------------------------------------------

    def _sync(self, source: SourceConfig, inner: Sequence[str]) -> None:
        own = {path for path in self._known if belongs(path, source, inner)}
        unreachable = self._unreachable(source)
        if unreachable:
            self._report_unreachable(source, unreachable, len(own))
            return
        files, passed = self._scan(source, inner)
        if not Path(source.root).exists():
            passed = []  # a single file, and it is gone
        if not files and not passed and self._looks_unmounted(source, own):
            self._report_unreachable(source, "it is empty, on another file system", len(own))
            return
        self._report.total += len(files)
        current = recipe(source, passage_tokens=self._parts.settings.passage_tokens)
        for file in files:
            self._check()
            self._report.progress("reading", file.path)
            self._file(file, source, current)
            self._report.done += 1
        for path, reason in passed:
            self._pass_over(path, reason, source, current)
        # Below a folder that can't be listed, nothing is known to be gone.
        closed = [path for path, _ in passed if self._is_closed(path)]
        gone = own - {file.path for file in files} - {path for path, _ in passed}
        self._remove(sorted(p for p in gone if not any(holds(folder, p) for folder in closed)))
        if not self._options.dry_run:
            self._index.touch(self._touched)
            self._touched = []
            self._batches.commit()
            torn = {path for path in self._torn if belongs(path, source, inner)}
            self._remove(sorted(torn - self._batches.written - self._known.keys()))
        if source.root not in closed:
            self._read_whole.add(source.id)

    def _scan(
        self, source: SourceConfig, inner: Sequence[str]
    ) -> tuple[list[SourceFile], list[tuple[str, str]]]:
        files: list[SourceFile] = []
        passed: list[tuple[str, str]] = []
        for found in self._parts.source.scan(source):
            self._check()
            path = found.path if isinstance(found, SourceFile) else found[0]
            if not belongs(path, source, inner):
                continue
            named = path.encode("utf-8", "backslashreplace").decode()
            if named != path:
                passed.append((named, "its name is not valid UTF-8"))
            elif isinstance(found, SourceFile):
                files.append(found)
            else:
                passed.append(found)
            self._report.progress("scanning", named)
        return files, passed

    def _is_closed(self, path: str) -> bool:
        """Whether this is a folder that should be read, and can't be listed."""
        try:
            if not self._parts.settings.follow_links and Path(path).is_symlink():
                return False
            os.scandir(path).close()
        except (NotADirectoryError, FileNotFoundError):
            return False
        except OSError:
            return True
        return False

    def _unreachable(self, source: SourceConfig) -> str:
        """Why nothing can be said about this source's files; empty when something can."""
        try:
            Path(source.root).stat()
        except FileNotFoundError:
            # A file that was a source of its own, and is gone from a folder that is there.
            if source.root in self._known and Path(source.root).parent.is_dir():
                return ""
            return "it does not exist"
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""

    def _looks_unmounted(self, source: SourceConfig, own: set[str]) -> bool:
        if not own or not source.device or not Path(source.root).is_dir():
            return False
        return Path(source.root).stat().st_dev != source.device

    def _report_unreachable(self, source: SourceConfig, reason: str, documents: int) -> None:
        kept = f"; its {documents} documents stay in the index" if documents else ""
        self._report.failed(
            source.root,
            f"the source can't be reached: {reason}{kept}",
            f"Make it available, or forget it: copilot index remove {source.root}",
        )

    # --- one file ----------------------------------------------------------------------

    def _file(self, file: SourceFile, source: SourceConfig, current: str) -> None:
        known = self._known.get(file.path)
        unread = known is not None and known.status in ("failed", "skipped")
        try:
            verdict = judge(
                file,
                known,
                current_recipe=current,
                again=self._options.force
                or file.path in self._torn
                or (unread and self._options.retry),
                content=lambda: digest(file.path),
            )
        except OSError:
            verdict = "updated"  # reading it will say what is wrong
        if verdict in ("added", "updated"):
            if self._options.dry_run:
                self._report.changed(file.path, 0, "added" if verdict == "added" else "updated")
            else:
                self._read(self._task(file.path, source, current))
            return
        assert known is not None
        if verdict == "touched" and not self._options.dry_run:
            now = self._parts.clock.now()
            self._touched.append(
                replace(known, size=file.size, mtime_ns=file.mtime_ns, indexed_at=now)
            )
        self._report.stays(known)

    def _task(self, path: str, source: SourceConfig, current: str) -> Task:
        return Task(
            path,
            source,
            current,
            self._parts.settings.passage_tokens,
            now=self._parts.clock.now(),
            known=self._known.get(path),
            torn=self._torn,
            again=self._options.rebuild,
        )

    def _read(self, task: Task) -> None:
        """Read a file whole; once more when it changed meanwhile."""
        for attempt in range(2):
            if attempt:
                self._batches.commit()  # the first attempt may have begun to write records
            reading = Reading(task, self._index, self._batches, at_record=self._at_record)
            try:
                reading.stamp = _stamp(task.path)
                complete = reading.read(self._parts.read)
                unmoved = _stamp(task.path) == reading.stamp
            except SkippedInputError as error:
                self._unreadable(reading, "skipped", error.message, error.hint)
                return
            except ReadError as error:
                self._unreadable(reading, "failed", error.message, error.hint)
                return
            except OSError as error:
                self._unreadable(reading, "failed", error.strerror or type(error).__name__, "")
                return
            if unmoved:
                complete()
                self._report.unchanged += reading.unchanged
                for warning in reading.warnings:
                    self._report.warned(f"{task.path}: {warning}")
                return
        reason = "it changes while it is being read; the next sync tries again"
        self._report.skipped(task.path, reason)
        if task.known is None:
            # No file is ever of this size, so the next sync reads it.
            self._batches.add(Entry(replace(reading.state("skipped", reason=reason), size=-1)))

    def _unreadable(
        self, reading: Reading, status: Literal["skipped", "failed"], reason: str, hint: str
    ) -> None:
        reading.drop_records()
        self._batches.add(Entry(reading.state(status, reason=reason)))
        if status == "skipped":
            self._report.skipped(reading.task.path, reason)
        else:
            self._report.failed(reading.task.path, reason, hint)

    def _pass_over(self, path: str, reason: str, source: SourceConfig, current: str) -> None:
        """Remember that the source named this path and why it isn't read."""
        known = self._known.get(path)
        news = known is None or (known.status, known.reason) != ("skipped", reason)
        self._report.skipped(path, reason, news=news)
        if news and not self._options.dry_run:
            reading = Reading(self._task(path, source, current), self._index, self._batches)
            reading.drop_records()
            self._batches.add(Entry(reading.state("skipped", reason=reason)))

    # --- what is gone, what is torn ----------------------------------------------------

    def _remove(self, paths: Sequence[str]) -> None:
        """Drop files, with the records in them."""
        for path in paths:
            known = self._known.get(path)
            documents = [known] if known is not None else []
            if known is not None and known.status == "container":
                documents += self._index.records(path)
            if self._options.dry_run:
                for document in documents:
                    if document.status == "indexed":
                        self._report.changed(document.path, document.passages, "removed")
                continue
            self._check()
            self._batches.remove(documents)
            if known is None:
                self._batches.forget([path])

    def _unfinished(self) -> set[str]:
        """Paths that a writer left in pieces, with the files of the records among them."""
        torn = set(self._index.unfinished())
        for path in list(torn):
            cut = path.find("#")
            while cut > 0:
                torn.update({path[:cut]} & self._known.keys())
                cut = path.find("#", cut + 1)
        return torn

    def _empty_for_rebuild(self, sources: Iterable[SourceConfig]) -> None:
        for source in sources:
            reason = self._unreachable(source)
            if reason:
                raise KnowledgeIndexError(
                    f"The source {source.root} can't be reached ({reason}); "
                    "a rebuild would lose its documents.",
                    hint=f"Make it available, or forget it: copilot index remove {source.root}",
                )
        self._index.clear()

    def _at_record(self, path: str) -> None:
        self._check()
        self._report.progress("reading", path)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped


def _stamp(path: str) -> Stamp:
    status = Path(path).stat()
    return status.st_size, status.st_mtime_ns
