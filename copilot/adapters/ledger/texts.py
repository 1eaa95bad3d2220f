"""Texts by their digests: what a line of the spool says in place of what was written.

Invariant: a digest names one text; the texts themselves are handed out only when they are kept.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable


def digest(text: str) -> str:
    """SHA-256 in hexadecimal of the text as UTF-8; what can't be encoded counts as ``?``."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def number(value: float | None) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if value is not None and math.isfinite(value) else None


class Texts:
    """Hands out digests, and keeps the texts behind them when they are to be kept."""

    def __init__(self, *, keep: bool) -> None:
        self._keep = keep
        self.kept: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        name = digest(text)
        if self._keep:
            self.kept[name] = text
        return name

    def if_any(self, text: str) -> str | None:
        """For what is mostly not there, such as a hint: nothing for nothing."""
        return self(text) if text else None

    def all(self, texts: Iterable[str]) -> list[str]:
        return [self(text) for text in texts]
