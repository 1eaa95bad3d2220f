"""What is done with kept conversations: listed, searched, written out for others to read.

Invariant: nothing here changes a conversation; a file that is there is written over only where
the caller says so, and then whole or not at all.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.answering.recalling import Recalled
from copilot.codec import to_plain
from copilot.errors import NotFoundError, UsageError
from copilot.messages import Citation
from copilot.places import describe
from copilot.talks import Conversation, ConversationStore, KeptTurns, Summary

_AROUND = 60  # characters of a text before what was found in it
_SNIPPET = 160


@dataclass(frozen=True, slots=True)
class Holding:
    """A conversation whose texts hold what is looked for; ``snippet``: where, on one line."""

    conversation: Conversation
    snippet: str


def listed(store: ConversationStore) -> list[Conversation]:
    """The pinned ones, then the others, the latest first. Raises StorageError."""
    return sorted(store.listed(), key=lambda one: not one.pinned)


def the(store: ConversationStore, name: str) -> Conversation:
    """The conversation of this name. Raises NotFoundError, StorageError."""
    found = next((one for one in store.listed() if one.name == name), None)
    if found is None:
        raise NotFoundError(
            f"there is no conversation {name!r}", hint="it may have been deleted meanwhile"
        )
    return found


def holding(
    store: ConversationStore, words: str, *, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Holding]:
    """Those whose title and texts together hold all of the words, as ``listed``.

    ``stopped`` says that nobody waits any more. Raises StorageError.
    """
    wanted = words.casefold().split()
    for one in listed(store) if wanted else ():
        if stopped():
            return
        texts = [turn.text for kept in store.kept(one.name) for turn in kept.turns]
        whole = "\n".join([one.title, *texts]).casefold()
        if all(word in whole for word in wanted):
            yield Holding(one, _snippet(texts, wanted))


def as_json(
    conversation: Conversation,
    kept: Sequence[KeptTurns],
    runs: Mapping[str, Recalled],
    summary: Summary | None = None,
) -> str:
    """All that is kept of it, the runs' ids and what their answers cite."""
    return json.dumps(
        {
            "schema_version": 1,
            "kind": "conversation",
            "name": conversation.name,
            "title": conversation.title,
            "pinned": conversation.pinned,
            "touched_at": to_plain(conversation.touched_at),
            **({"summary": to_plain(summary)} if summary is not None else {}),
            "exchanges": [
                {
                    **to_plain(one),
                    "status": run.answer.status.value if run is not None else None,
                    "citations": to_plain(run.answer.citations) if run is not None else [],
                    "rating": run.rating if run is not None else "",
                }
                for one in kept
                for run in [runs.get(one.run_id)]
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def as_markdown(
    conversation: Conversation, kept: Sequence[KeptTurns], runs: Mapping[str, Recalled]
) -> str:
    """A page that people read: questions as headings, below each answer where it comes from."""
    anew = {one.instead_of for one in kept if one.instead_of}
    parts = [f"# {_line(conversation.title or conversation.name)}"]
    for one in kept:
        for turn in one.turns:
            if turn.role == "user":
                first, _, rest = turn.text.strip().partition("\n")
                parts += [f"## {_line(first)}", rest.strip()]
            else:
                parts.append(turn.text.strip())
        run = runs.get(one.run_id)
        if run is not None and run.answer.citations:
            parts.append("\n".join(_source(cited) for cited in run.answer.citations))
        if one.run_id in anew:
            parts.append("*Asked anew below.*")
    return "\n\n".join(part for part in parts if part) + "\n"


def write_out(path: Path, text: str, *, replace: bool) -> bool:
    """Write a file for its owner alone; False, and nothing done, where one is there already.

    ``replace``: over one that is there, too. Raises UsageError when it can't be written.
    """
    try:
        draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as handle:
                handle.write(text)
            if replace:
                draft.replace(path)
            else:
                path.hardlink_to(draft)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        return False
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise UsageError(f"{path} can't be written: {why}", hint="Name another place.") from error
    return True


def _snippet(texts: Sequence[str], words: Sequence[str]) -> str:
    """A line around the first word that stands in a text."""
    for text in texts:
        folded = text.casefold()
        at = min((found for word in words if (found := folded.find(word)) >= 0), default=-1)
        if at >= 0:
            start = max(0, at - _AROUND)
            before = "…" if start else ""
            return before + " ".join(text[start : start + _SNIPPET].split())
    return ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _source(cited: Citation) -> str:
    name = _line(cited.title or cited.path)
    return f"- [{cited.n}] {name}, `{_line(cited.path)}`, {describe(cited.locator)}"
