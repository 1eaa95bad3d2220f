"""The health of models in memory: honours ``upstream.HealthStore`` as the kept one does."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from copilot.upstream import Health


class MemoryHealth:
    """Of this process alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ill: dict[str, Health] = {}

    def health(self, models: Collection[str]) -> Mapping[str, Health]:
        with self._lock:
            return {model: self._ill[model] for model in models if model in self._ill}

    def failed(self, model: str, at: datetime) -> None:
        with self._lock:
            before = self._ill.get(model)
            self._ill[model] = Health(1 + (before.failures if before else 0), at)

    def succeeded(self, model: str) -> None:
        with self._lock:
            self._ill.pop(model, None)

    def claim(self, model: str, *, failed_before: datetime, at: datetime) -> bool:
        with self._lock:
            before = self._ill.get(model)
            if before is None or before.failed_at > failed_before:
                return False
            self._ill[model] = replace(before, failed_at=at)
            return True
