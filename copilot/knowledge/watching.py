"""Looks again and again whether the files of sources have changed.

Invariant: looking takes a small share of the time, however many files there are; a source is told
of once it has come to rest.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence

from copilot.messages import SourceConfig, SourceFile
from copilot.ports import Clock, Source

# Stamps are compared rather than the system's notices taken: these don't come from network
# drives, and run out on trees that are large.
_EVERY_S = 3.0
_SHARE = 20.0  # the time between two looks, in times that the last one took
_REST_S = 0.7


async def changed(
    sources: Callable[[], Sequence[SourceConfig]],
    source: Source,
    clock: Clock,
    *,
    every_s: float = _EVERY_S,
    rest_s: float = _REST_S,
) -> AsyncGenerator[tuple[SourceConfig, ...]]:
    """The sources that have changed since the last look; the first time all of them."""
    seen: dict[str, str] = {}
    while True:
        began = clock.monotonic()
        now = await asyncio.to_thread(_look, sources, source)
        moved = tuple(one for one, mark in now if seen.get(one.id) != mark)
        took = clock.monotonic() - began
        if moved and seen:
            await asyncio.sleep(max(rest_s, took))
            if await asyncio.to_thread(_look, sources, source) != now:
                continue  # somebody is still writing
        seen = {one.id: mark for one, mark in now}
        if moved:
            yield moved
        await asyncio.sleep(max(every_s, _SHARE * took))


def _look(
    sources: Callable[[], Sequence[SourceConfig]], source: Source
) -> list[tuple[SourceConfig, str]]:
    return [(one, _mark(source, one)) for one in sources()]


def _mark(source: Source, one: SourceConfig) -> str:
    """A fingerprint of a source: its files with their stamps, and what is passed over."""
    digest = hashlib.sha256(repr((one.labels, one.exclude)).encode("utf-8", "surrogatepass"))
    for found in source.scan(one):
        stamp = (found.path, found.size, found.mtime_ns) if isinstance(found, SourceFile) else found
        digest.update(repr(stamp).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
