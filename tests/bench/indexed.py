"""Real documents in a real index, for the benches that ask questions of them.

Invariant: everything goes through the parts that ship (readers, splitting, embedding, LanceDB);
an index that was made before is only brought up to date.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from copilot.bootstrap import Copilot
from copilot.config.paths import Paths
from copilot.config.schema import Settings

# Characters of Markdown that make about one passage; only sizes the set of distractors.
_CHARACTERS_A_PASSAGE = 485


def indexed(home: Path, inputs: Sequence[Path]) -> Copilot:
    """A Copilot over an index of ``inputs`` (folders or files), kept in ``home``."""
    paths = Paths.from_environment({"COPILOT_HOME": str(home), "HOME": str(home)})
    copilot = Copilot(settings=Settings(), paths=paths)
    for path in inputs:
        copilot.ingest.add(path)

    async def sync() -> None:
        async for _ in copilot.ingest.sync():
            pass

    asyncio.run(sync())
    return copilot


def distractors(corpora: Path, into: Path, *, passages: int, seed: int = 7) -> Path:
    """Copies whole Markdown and RST files of the corpora, about ``passages`` of them."""
    done = into / ".complete"
    if done.exists():
        return into
    files = sorted(p for s in ("*.md", "*.rst") for p in corpora.rglob(s) if p.is_file())
    random.Random(seed).shuffle(files)
    wanted = passages * _CHARACTERS_A_PASSAGE
    for file in files:
        size = file.stat().st_size
        if size > 160_000:
            continue
        target = into / file.relative_to(corpora)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        wanted -= size
        if wanted <= 0:
            break
    done.touch()
    return into
