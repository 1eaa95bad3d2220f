"""Under which key an answer is kept: a digest of everything that it was made from.

Invariant: who sees other documents, asks another version of them, or is answered by other models,
prompts or settings has other keys; two partitions never share an answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from copilot import __version__
from copilot.codec import to_plain
from copilot.knowledge.search import SearchResult
from copilot.messages import SearchFilter, Turn

# Longer ones are pasted logs and texts: an embedder reads their beginning, guards the whole.
_LONGEST_IN_OTHER_WORDS = 300


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, by whom, in which run. ``recipe``: what besides it decides what is written
    (models, prompts, settings, release).

    ``attached``: something besides the index is searched. ``fresh``: an answer is to be written,
    whatever is kept.
    """

    run_id: str
    text: str
    history: tuple[Turn, ...]
    where: SearchFilter
    recipe: tuple[str, ...]
    attached: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """``partition`` is empty for what may only be answered to the letter."""

    exact: str
    partition: str


def keys(asking: Asking, result: SearchResult) -> Keys:
    """The keys of a question, once it is known what was found for it."""
    where, principal = asking.where, asking.where.principal
    around = [
        __version__,
        *asking.recipe,
        str(result.index_version),
        sorted(set(principal.groups)),
        [where.path_prefix, sorted(where.paths), where.document_id, where.source],
        None if where.modified_after is None else where.modified_after.isoformat(),
    ]
    found = [[hit.passage.id, hit.passage.content_hash] for hit in result.hits]
    said = [to_plain(turn) for turn in asking.history]
    return Keys(
        exact=_digest(["exact", *around, asking.text, said, found]),
        partition=_digest(["partition", *around]) if _stands_alone(asking, result) else "",
    )


def _stands_alone(asking: Asking, result: SearchResult) -> bool:
    """Whether its words alone tell what is asked: no turns before it, nothing pasted."""
    alone = not asking.history and not result.follow_up and len(result.queries) == 1
    return alone and len(asking.text) <= _LONGEST_IN_OTHER_WORDS and "\n" not in asking.text


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
