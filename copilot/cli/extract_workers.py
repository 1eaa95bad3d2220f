"""Processes for many inputs of ``copilot extract``: each reads, records and renders its share.

Invariant: what comes back is recorded, on the disk where it is recorded at all; a process holds
nothing of one input when it reads the next, and ends with the block that started it, or with us.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from ctypes import c_bool
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from copilot.cli.extracting import Extracted, Extraction
from copilot.errors import LimitError, StorageError
from copilot.extraction.items import Item

if TYPE_CHECKING:
    from copilot.config.paths import Paths
    from copilot.config.schema import Settings
    from copilot.extracted import SourceText
    from copilot.extraction.assembling import Draft
    from copilot.operations.extractors import Extractors
    from copilot.schemas import Schema

# Inputs that go to a process and back, and to the disk, together.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Results:
    """How results come back: as lines of JSON, ``escaped`` or not, or as the records."""

    lines: bool
    escaped: bool


class Workers:
    """Processes that read. ``at_once``: how many groups to have in hand, so that none waits."""

    most = _MOST

    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self._pool = pool
        self.at_once = 2 * processes + 1

    async def read(self, items: Sequence[Item]) -> Sequence[Extracted]:
        """Read several inputs. LimitError when a process died of them."""
        reading = asyncio.get_running_loop().run_in_executor(self._pool, _read, items)
        reading.add_done_callback(_seen)
        try:
            # Shielded: where a process has died, the pool's thread tells it to every future, and
            # one that was cancelled meanwhile would end that thread before it ended the others.
            return await asyncio.shield(reading)
        except BrokenProcessPool as error:
            raise LimitError(
                f"a process that reads texts was ended from outside, at {items[0].name} or after "
                "it: perhaps it ran out of memory",
                hint="Set extraction.jobs to 1; with --out FILE, the same command goes on.",
            ) from error


@contextmanager
def workers(
    extractors: Extractors, schema: Schema, asked: str, results: Results
) -> Iterator[Workers]:
    """Start ``extraction.jobs`` processes; ``asked`` is the schema's name on the command line.

    To be entered before a thread is started. What they have in hand is dropped at the end.
    """
    extractors.load(schema)
    # A copy of this process has all that it loaded. Elsewhere than on Linux, system libraries
    # don't bear being copied, and nowhere do threads.
    copied = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if copied else "spawn")
    stopped = context.RawValue(c_bool, False)  # no lock, which one that is killed might hold
    if copied:
        begin = partial(_begin, extractors, schema, results, stopped)
    else:
        begin = partial(_begin_anew, extractors.origin, asked, results, stopped)
    pool = ProcessPoolExecutor(extractors.jobs, mp_context=context, initializer=begin)
    pool.submit(os.getpid)  # starts them now, when there is no thread but this one
    try:
        yield Workers(pool, extractors.jobs)
    finally:
        stopped.value = True
        pool.shutdown(wait=True, cancel_futures=True)
        for left in multiprocessing.active_children():
            left.kill()  # one that is waited for at our end, and hears of nobody any more


class _Reader:
    """What a process of the pool reads with, all its life."""

    def __init__(
        self, extractors: Extractors, schema: Schema, results: Results, stopped: c_bool
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._results = results
        self._stopped = stopped
        self._group = extractors.run_group

        async def rules(source: SourceText, schema: Schema) -> Sequence[Draft]:
            return extractors.rules.extract(source, schema)

        self._extraction = Extraction(schema, extractors.parts(rules), lambda: self._group)

    def read(self, items: Sequence[Item]) -> Sequence[Extracted]:
        """As many as it comes to until it is stopped; all of them are on the disk."""
        found: list[Extracted] = []
        for item in items:
            if self._stopped.value:
                break
            one = self._loop.run_until_complete(self._extraction.one(item))
            if self._results.lines:
                lines = one.in_lines(item, escaped=self._results.escaped)
                one = replace(one, lines=lines, records=[])
            found.append(one)
        try:
            self._group.commit()
        except StorageError as error:
            hint = f" ({error.hint})" if error.hint else ""
            for one in found[:1]:
                one.warnings.append(f"not recorded: {error.message}{hint}")
        return found


def _seen(reading: asyncio.Future[Sequence[Extracted]]) -> None:
    """Take an exception out that nobody waits for any more, lest the loop tell of it."""
    if not reading.cancelled():
        reading.exception()


_reader: list[_Reader] = []


def _begin(extractors: Extractors, schema: Schema, results: Results, stopped: c_bool) -> None:
    """The first thing that a process of the pool does. Ctrl-C is its parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _reader[:] = [_Reader(extractors, schema, results, stopped)]
    gc.freeze()  # what is loaded by now stays: not to be looked through again and again


def _begin_anew(
    origin: tuple[Settings, Paths, str], asked: str, results: Results, stopped: c_bool
) -> None:
    """The same in a process that has loaded nothing yet."""
    from copilot.bootstrap import Copilot
    from copilot.operations.extractors import Extractors

    settings, paths, pinned = origin
    extractors = Extractors(Copilot(settings, paths, pinned=pinned))
    _begin(extractors, extractors.schema(asked), results, stopped)


def _end_with_parent() -> None:
    """A parent that was killed can tell nobody, and whoever waits for it waits for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(items: Sequence[Item]) -> Sequence[Extracted]:
    return _reader[0].read(items)
