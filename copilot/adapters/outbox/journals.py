"""Proposals as files: an append-only journal each, in a private folder.

Invariant: a line is on the disk, whole, when the call that wrote it returns, and nothing that
stands before it is ever changed. The lock is the journal's own, so a process that dies lets go.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from copilot.adapters.ledger.locks import try_lock
from copilot.adapters.outbox.lines import (
    DamagedJournalError,
    change_line,
    journal,
    proposal_line,
    sources_in,
    standing,
    state_at_end,
    whole,
)
from copilot.adapters.outbox.overview import Overview, Stamp, gathered, stamp_of
from copilot.config.paths import ensure
from copilot.errors import ConfigError, InternalError, NotFoundError, StorageError, UsageError
from copilot.proposals import (
    Change,
    OutboxContent,
    Proposal,
    ProposalState,
    Standing,
    after,
)

SUFFIX = ".jsonl"
_ID_LENGTH = 64
_ID = re.compile(r"[0-9a-f]{8,64}")
_PREFIX = re.compile(r"[0-9a-f]{1,64}")
_POLL_S = 0.01
_CREATE_WAIT_S = 10.0
_READING_WAIT_S = 120.0  # as long as another process may ask the sink what it holds


class JournalOutbox:
    """An ``Outbox`` over ``folder``; nothing is touched before the first ``propose``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Which journals are of which text never changes, and is asked for at each proposal.
        self._of_source: dict[str, set[str]] = {}
        self._sorted: set[str] = set()
        self._source = ""
        self._understood: dict[str, tuple[Stamp, Standing | None]] = {}  # of that text alone
        self._overview = Overview(
            self._path,
            self._content,
            lambda one, content: _standing(self._path(one), content, brief=True),
        )

    def propose(self, proposal: Proposal) -> Standing:
        if _ID.fullmatch(proposal.id) is None:
            raise InternalError(f"{proposal.id!r} is no id of a proposal")
        path = self._path(proposal.id)
        try:
            ensure(self._folder)
            with _locked(path, _CREATE_WAIT_S, create=True) as descriptor:
                known = _standing(path, _content(descriptor))
                if known is None:
                    _append(descriptor, proposal_line(proposal), at=0)
                    _sync_folder(self._folder)
                    known = _standing(path, _content(descriptor))
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        except OSError as error:
            raise _failure(path, "written", error) from error
        if known is None:
            raise InternalError(f"{path} doesn't hold what was written to it")
        return known

    @contextmanager
    def reading(self, source: str) -> Iterator[None]:
        # A few files for all texts: a lock's file can't be removed without a race.
        path = self._folder / f".reading-{source[:2] or '00'}.lock"
        try:
            ensure(self._folder)
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        with _opened(path, _READING_WAIT_S, create=True):
            yield

    def get(self, prefix: str) -> Standing:
        wanted = prefix.lower()
        if _PREFIX.fullmatch(wanted) is None:
            raise NotFoundError(f"{prefix!r} is no proposal", hint="copilot actions list")
        whole_id = len(wanted) == _ID_LENGTH
        found = [wanted] if whole_id else [one for one in self._ids() if one.startswith(wanted)]
        if len(found) > 1:
            raise UsageError(
                f"{len(found)} proposals begin with {prefix}", hint="give more of the id"
            )
        known = self._read(found[0]) if found else None
        if known is None:
            raise NotFoundError(f"there is no proposal {prefix}", hint="copilot actions list")
        return known

    def content(self, states: Collection[ProposalState] = (), *, source: str = "") -> OutboxContent:
        if not source:
            return gathered(self._ids(), states, lambda one: self._wanted(one, states), self._path)
        told = gathered(self._ids_of(source), states, self._again, self._path)
        found = tuple(one for one in told.standings if one.proposal.source_digest == source)
        return OutboxContent(found, told.damaged)

    def overview(self, states: Collection[ProposalState] = ()) -> OutboxContent:
        return self._overview.told(self._ids(), states)

    @contextmanager
    def hold(self, proposal_id: str, *, wait_s: float = 0.0) -> Iterator[HeldJournal]:
        path = self._path(proposal_id)
        with _opened(path, wait_s, create=False) as descriptor:
            try:
                content = _content(descriptor)
            except OSError as error:
                raise _failure(path, "read", error) from error
            known = _standing(path, content)
            if known is None:
                raise NotFoundError(f"there is no proposal {proposal_id}")
            yield HeldJournal(path, descriptor, known, len(whole(content)))

    def _path(self, proposal_id: str) -> Path:
        return self._folder / f"{proposal_id}{SUFFIX}"

    def _ids(self) -> list[str]:
        stems = (name.removesuffix(SUFFIX) for name in self._names() if name.endswith(SUFFIX))
        return sorted(stem for stem in stems if _ID.fullmatch(stem))

    def _ids_of(self, source: str) -> list[str]:
        """Those that are of this text, or say so somewhere."""
        if source != self._source:
            self._source, self._understood = source, {}
        for name in set(self._names()) - self._sorted:
            proposal_id = name.removesuffix(SUFFIX)
            if name.endswith(SUFFIX) and _ID.fullmatch(proposal_id):
                try:
                    content = self._content(proposal_id)
                except StorageError:  # nobody knows whose it is; whoever lists all hears of it
                    continue
                if b"\n" not in content:  # whoever was to write it died, or is about to
                    continue
                for one in sources_in(content):
                    self._of_source.setdefault(one, set()).add(proposal_id)
            self._sorted.add(name)
        return sorted(self._of_source.get(source, ()))

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._folder)  # noqa: PTH208 (names are all that is needed)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _failure(self._folder, "read", error) from error

    def _wanted(self, proposal_id: str, states: Collection[ProposalState]) -> Standing | None:
        """Of thousands that are over, as little as will do is understood."""
        content = self._content(proposal_id)
        at_end = state_at_end(content)
        if states and at_end is not None and at_end not in states:
            return None
        return _standing(self._path(proposal_id), content)

    def _again(self, proposal_id: str) -> Standing | None:
        """For a text of many records, of which each is looked at with each."""
        path = self._path(proposal_id)
        try:
            there = path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failure(path, "read", error) from error
        as_it_is = stamp_of(there)
        known = self._understood.get(proposal_id)
        if known is None or known[0] != as_it_is:
            known = self._understood[proposal_id] = (as_it_is, self._read(proposal_id))
        return known[1]

    def _read(self, proposal_id: str) -> Standing | None:
        return _standing(self._path(proposal_id), self._content(proposal_id))

    def _content(self, proposal_id: str) -> bytes:
        """Nothing while there is no such proposal."""
        path = self._path(proposal_id)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise _failure(path, "read", error) from error


@dataclass
class HeldJournal:
    """A journal that this process has alone; ``size`` is where its last whole line ends."""

    path: Path
    descriptor: int
    standing: Standing
    size: int

    def note(self, change: Change) -> Standing:
        line = change_line(change)
        try:
            _append(self.descriptor, line, at=self.size)
        except OSError as error:
            raise _failure(self.path, "written", error) from error
        self.size += len(line)
        self.standing = after(self.standing, change)
        return self.standing

    def strip(self, bare: Standing) -> None:
        new = self.path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                _append(descriptor, journal(bare), at=0)
            finally:
                os.close(descriptor)
            new.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise _failure(self.path, "written", error) from error


@contextmanager
def _opened(path: Path, wait_s: float, *, create: bool) -> Iterator[int]:
    """The journal, held; failures of taking it are told apart from the caller's own."""
    taken = _locked(path, wait_s, create=create)
    try:
        descriptor = taken.__enter__()
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no proposal {path.stem}") from error
    except OSError as error:
        raise _failure(path, "written", error) from error
    try:
        yield descriptor
    finally:
        taken.__exit__(None, None, None)


@contextmanager
def _locked(path: Path, wait_s: float, *, create: bool) -> Iterator[int]:
    descriptor = _taken(path, time.monotonic() + wait_s, create=create)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(path: Path, deadline: float, *, create: bool) -> int:
    """The journal that is there now, opened and locked."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    while True:
        descriptor = os.open(path, flags, 0o600)
        ours = False
        try:
            while not try_lock(descriptor):
                if time.monotonic() >= deadline:
                    raise StorageError(
                        f"{path} is in use: another copilot is deciding on it or sending it.",
                        hint="try again in a moment",
                    )
                time.sleep(_POLL_S)
            # While we waited, one without texts may have taken its place.
            there = path.stat(follow_symlinks=False)
            ours = os.path.samestat(there, os.fstat(descriptor))
            if ours:
                return descriptor
        finally:
            if not ours:
                os.close(descriptor)


def _content(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    parts: list[bytes] = []
    read = 0
    while read < size and (part := os.pread(descriptor, size - read, read)):
        parts.append(part)
        read += len(part)
    return b"".join(parts)


def _append(descriptor: int, line: bytes, *, at: int) -> None:
    """Put the line behind the last whole one; what a full disk cuts short is taken back."""
    os.ftruncate(descriptor, at)  # a torn line, which nobody was told of
    done = False
    try:
        if os.pwrite(descriptor, line, at) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
        done = True
    finally:
        if not done:
            _cut(descriptor, at)


def _cut(descriptor: int, size: int) -> None:
    """Take a broken write back; where that can't be done, it stays as a torn line."""
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        return


def _standing(path: Path, content: bytes, *, brief: bool = False) -> Standing | None:
    try:
        found = standing(content, brief=brief)
    except DamagedJournalError as error:
        raise StorageError(
            f"{path} is damaged: {error}.",
            hint="look into the sink for what became of it, then move the file away",
        ) from error
    if found is not None and found.proposal.id != path.stem:
        raise StorageError(f"{path} is damaged: it is the journal of {found.proposal.id}.")
    return found


def _failure(path: Path, what: str, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError(
            f"{path} can't be {what}: the disk is full.", hint=f"make room for {path.parent}"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(
            f"{path} can't be {what}: {error.strerror}.", hint=f"chmod -R u+rwX {path.parent}"
        )
    return StorageError(f"{path} can't be {what}: {error.strerror or error}.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
