"""Appends spans and metrics to a file of OTLP JSON lines, as a collector's receiver reads them.

Invariant: a line is whole and on the disk when ``send`` returns, or the file is as it was; only
a file that already holds such lines is added to.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from copilot.adapters.telemetry import otlp
from copilot.errors import StorageError, UsageError
from copilot.signals import Metric, Scope, Span

_BEGINNINGS = (b'{"resourceSpans":', b'{"resourceMetrics":')


class OtlpFile:
    """The ``OtlpSink`` that is a file, private to the user unless it was there before."""

    def __init__(self, path: Path) -> None:
        otlp.require()
        self._path = path.absolute()

    @property
    def place(self) -> str:
        return f"file:{self._path}"

    @property
    def shown(self) -> str:
        return str(self._path)

    def send(self, spans: Sequence[Span], scope: Scope) -> tuple[int, str]:
        """Rejects nothing. Raises StorageError, and UsageError for a file of something else."""
        self._write(otlp.json_line(otlp.request(spans, scope)))
        return 0, ""

    def send_metrics(
        self, metrics: Sequence[Metric], scope: Scope, *, since: datetime, now: datetime
    ) -> tuple[int, str]:
        """As ``send``."""
        request = otlp.metrics_request(metrics, scope, since=since, now=now)
        self._write(otlp.json_line(request))
        return 0, ""

    def _write(self, line: bytes) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            descriptor = os.open(self._path, flags, 0o600)
            try:
                self._append(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StorageError(
                f"{self._path} can't be written: {error.strerror or error}",
                hint="nothing is lost: what isn't in the file is written next time",
            ) from error

    def _append(self, descriptor: int, line: bytes) -> None:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{self._path} is no file", hint="name one, such as runs.jsonl")
        # One writer at a time, also of other homes: what is cut off here is nobody else's.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        before = os.fstat(descriptor).st_size
        head = os.pread(descriptor, max(map(len, _BEGINNINGS)), 0)
        if before and not head.startswith(_BEGINNINGS):
            raise UsageError(
                f"{self._path} holds something else than OTLP lines", hint="name another file"
            )
        if before and os.pread(descriptor, 1, before - 1) != b"\n":
            # The writer before died in the middle of its line, which was never acknowledged.
            before = self._last_end(descriptor, before)
            os.ftruncate(descriptor, before)
        try:
            while line:
                line = line[os.write(descriptor, line) :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            raise

    @staticmethod
    def _last_end(descriptor: int, size: int) -> int:
        step = 1 << 16
        for start in range(max(0, size - step), -step, -step):
            at = max(0, start)
            found = os.pread(descriptor, step, at).rfind(b"\n")
            if found >= 0:
                return at + found + 1
        return 0
