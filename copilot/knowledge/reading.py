"""Turns one file into entries for the index: a document, or many records.

Invariant: of a file of records only those that changed are written; the file's own row comes
last, so that a sync which breaks off in the middle reads the file again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from copilot.errors import ReadError, SkippedInputError
from copilot.knowledge.batches import Batches, Entry
from copilot.knowledge.changes import addition, digest
from copilot.knowledge.splitting import split
from copilot.messages import (
    DocumentState,
    ParsedDocument,
    Passage,
    SourceConfig,
    both_labels,
)
from copilot.ports import PassageIndex

ReadDocuments = Callable[[Path], Iterable[ParsedDocument]]
Stamp = tuple[int, int]

# What a reader or the splitting raises when it has a bug that this file is the first to show.
_BUGS = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(RuntimeError, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read, and what the index remembers of it. ``torn``: paths left in pieces.

    ``again``: the index was emptied to be filled anew, so that nothing in it is news.
    """

    path: str
    source: SourceConfig
    recipe: str
    passage_tokens: int
    now: datetime
    known: DocumentState | None = None
    torn: Collection[str] = ()
    again: bool = False


@dataclass
class Reading:
    """One attempt at a file. ``unchanged`` counts records that stay as they are."""

    task: Task
    index: PassageIndex
    batches: Batches
    at_record: Callable[[str], None] = lambda path: None
    content_hash: str = ""
    stamp: Stamp = (0, 0)
    unchanged: int = 0
    warnings: tuple[str, ...] = ()
    _streamed: bool = field(default=False)

    def read(self, read: ReadDocuments) -> Callable[[], None]:
        """Read the file; the result completes it, once it is known not to have changed.

        Raises ReadError and OSError, and for records, which are written as they come, what
        ``Batches.add`` raises.
        """
        path = self.task.path
        self.content_hash = digest(path)
        documents = guarded(read, Path(path))
        first = next(documents, None)
        if first is None:
            raise SkippedInputError(f"{Path(path).name} holds no text")
        if first.fragment:
            return self._records(chain([first], documents))
        for _ in documents:
            raise ReadError(f"{Path(path).name} holds several documents without names")
        passages = self._split(first, document_id=path, path=path)
        if not passages:
            raise SkippedInputError(f"{Path(path).name} holds no text")
        self.warnings = first.warnings
        return partial(self._document, first, passages)

    def state(
        self,
        status: Literal["indexed", "skipped", "failed", "container"],
        *,
        reason: str = "",
        records: int = 0,
    ) -> DocumentState:
        """The file's own row."""
        task = self.task
        size, mtime_ns = self.stamp
        return DocumentState(
            path=task.path,
            document_id=task.path,
            container=task.path,
            source=task.source.id,
            title=Path(task.path).name,
            status=status,
            content_hash=self.content_hash,
            size=size,
            mtime_ns=mtime_ns,
            passages=0,
            indexed_at=task.now,
            labels=task.source.labels,
            reason=reason,
            modified_at=self._changed_at(),
            recipe=task.recipe,
            records=records,
        )

    def drop_records(self) -> None:
        """Remove the records that the index holds of this file."""
        known = self.task.known
        if self._streamed:
            self.batches.commit()
        if self._streamed or (known is not None and known.status == "container"):
            self.batches.remove(self.index.records(self.task.path))

    # --- a document --------------------------------------------------------------------

    def _document(self, document: ParsedDocument, passages: tuple[Passage, ...]) -> None:
        self.drop_records()
        state = replace(
            self.state("indexed", reason="; ".join(document.warnings)),
            title=document.title or Path(self.task.path).stem,
            passages=len(passages),
            labels=self._labels(document),
            media_type=document.media_type,
            modified_at=document.modified_at or self._changed_at(),
            url=document.url,
        )
        self._add(state, passages, self.task.known)

    def _add(
        self, state: DocumentState, passages: tuple[Passage, ...], known: DocumentState | None
    ) -> None:
        there = known is not None and known.status == "indexed"
        same = there and known is not None and known.content_hash == state.content_hash
        self.batches.add(
            Entry(
                state,
                passages,
                change="updated" if there else "added",
                replaces=there or state.path in self.task.torn,
                source=addition(self.task.source),
                changed_at=None if same or self.task.again else self._changed_at(),
            )
        )

    # --- records -----------------------------------------------------------------------

    def _records(self, documents: Iterable[ParsedDocument]) -> Callable[[], None]:
        before = {record.path: record for record in self.index.records(self.task.path)}
        seen: set[str] = set()
        self._streamed = True
        warnings: list[str] = []
        for document in documents:
            path = f"{self.task.path}#{document.fragment}"
            warnings += document.warnings
            if path in seen:
                warnings.append(f"the id {document.fragment!r} is used again; left out")
                continue
            seen.add(path)
            self.at_record(path)
            self._record(path, document, before.get(path))
        self.warnings = tuple(warnings)
        gone = [record for path, record in before.items() if path not in seen]
        return partial(self._complete, len(seen), gone)

    def _record(self, path: str, document: ParsedDocument, known: DocumentState | None) -> None:
        content = repr(replace(document, warnings=()))
        content_hash = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        if (
            known is not None
            and (known.content_hash, known.recipe) == (content_hash, self.task.recipe)
            and path not in self.task.torn
        ):
            self.unchanged += 1
            return
        passages = self._split(document, document_id=document.fragment, path=path)
        state = replace(
            self.state("indexed"),
            path=path,
            document_id=document.fragment,
            title=document.title or document.fragment,
            content_hash=content_hash,
            passages=len(passages),
            labels=self._labels(document),
            media_type=document.media_type,
            modified_at=document.modified_at or self._changed_at(),
            url=document.url,
        )
        self._add(state, passages, known)

    def _complete(self, records: int, gone: list[DocumentState]) -> None:
        """Write the file's own row, after its records."""
        self.batches.commit()
        self.batches.remove(gone)
        reason = "; ".join(self.warnings)
        self.batches.add(Entry(self.state("container", reason=reason, records=records)))

    # --- parts -------------------------------------------------------------------------

    def _split(
        self, document: ParsedDocument, *, document_id: str, path: str
    ) -> tuple[Passage, ...]:
        dated = replace(
            document,
            title=document.title or document.fragment or Path(self.task.path).stem,
            modified_at=document.modified_at or self._changed_at(),
        )
        try:
            passages = split(
                dated,
                document_id=document_id,
                path=path,
                source=self.task.source.id,
                labels=self._labels(document),
                target_tokens=self.task.passage_tokens,
            )
        except _BUGS as error:
            raise _broken(Path(self.task.path), error) from error
        return tuple(passages)

    def _labels(self, document: ParsedDocument) -> tuple[str, ...]:
        """The source's labels or the document's own; where both have some, both must allow."""
        outer, own = self.task.source.labels, document.labels
        if not outer or not own:
            return tuple(dict.fromkeys((*outer, *own)))
        return tuple(dict.fromkeys(both_labels(a, b) for a in outer for b in own))

    def _changed_at(self) -> datetime | None:
        """The file's time, to the microsecond, as the index keeps it."""
        return datetime.fromtimestamp(self.stamp[1] // 1000 / 1e6, UTC) if self.stamp[1] else None


def guarded(read: ReadDocuments, path: Path) -> Iterator[ParsedDocument]:
    """What ``read`` gives; a bug in a reader costs its file and not the neighbours."""
    try:
        documents = iter(read(path))
    except _BUGS as error:
        raise _broken(path, error) from error
    while True:
        try:
            document = next(documents)
        except StopIteration:
            return
        except _BUGS as error:
            raise _broken(path, error) from error
        yield document


def _broken(path: Path, error: BaseException) -> ReadError:
    return ReadError(
        f"{path.name} can't be read: its reader broke ({type(error).__name__}: {error})",
        hint="This is a bug of copilot; please report it with the file, if you may.",
    )
