"""The application's workers: what one of them can't do is told.

Invariant: a worker that fails ends alone; nothing that it raised is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.worker_manager import WorkerManager

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker


class Workers(WorkerManager):
    """``tell`` is called with what a worker raised, once it is over."""

    def __init__(self, app: App[Any], tell: Callable[[Exception], None]) -> None:
        super().__init__(app)
        self._tell = tell

    def _remove_worker(self, worker: Worker[Any]) -> None:
        super()._remove_worker(worker)
        if isinstance(worker.error, Exception):  # one that was cancelled raised none
            self._tell(worker.error)
