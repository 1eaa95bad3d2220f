"""What a person thinks of a run, as it is typed, made into what the ledger takes.

Invariant: a tag is a short name and nothing that could hold a sentence, since tags stay when
texts are deleted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from copilot.errors import NotFoundError, StorageError, UsageError
from copilot.ports import RunReader, RunWriter
from copilot.records import FeedbackGiven
from copilot.runs import RunFilter, RunSummary

Rating = Literal["good", "bad"]

MOST_TAGS = 10
_TAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


def feedback(
    rating: str, *, principal: str, tags: Sequence[str], comment: str, correction: str | None
) -> FeedbackGiven:
    """Feedback from what was typed; tags in lower case, each once. Raises UsageError.

    ``correction``: None for none. An empty one is refused: whatever was to write it has failed.
    """
    if correction is not None and not correction.strip():
        raise UsageError(
            "the corrected answer is empty", hint='--correct "It is …", or a pipe to -'
        )
    return FeedbackGiven(
        rating=_rating(rating),
        principal=principal,
        tags=_tags(tags),
        comment=comment.strip(),
        correction=(correction or "").strip(),
    )


def rated_run(reader: RunReader, prefix: str) -> RunSummary:
    """The run whose id begins so; of an empty ``prefix`` the latest ask.

    Raises NotFoundError, and UsageError for a run that answered nothing.
    """
    if prefix:
        run = reader.run(prefix).summary
        if run.kind == "index":
            raise UsageError(
                f"run {run.id} read documents: it has no answer to rate", hint="copilot runs list"
            )
        if run.kind == "test":
            raise UsageError(
                f"run {run.id} tried a model: it has no answer to rate", hint="copilot runs list"
            )
        return run
    asked = reader.runs(RunFilter(kind="ask"), limit=1)
    if not asked:
        raise NotFoundError("nothing was asked yet", hint='copilot ask "How do I …?"')
    return asked[0]


def give(writer: RunWriter, run_id: str, given: FeedbackGiven) -> None:
    """On the disk when it returns. Raises StorageError."""
    try:
        writer.append(run_id, given)
    except StorageError as error:
        raise StorageError(f"not kept: {error.message}", hint=error.hint) from error
    finally:
        writer.close()


def _rating(text: str) -> Rating:
    match text.lower():
        case "good":
            return "good"
        case "bad":
            return "bad"
        case _:
            raise UsageError(f"{text!r} is no rating", hint="copilot feedback good|bad [RUN]")


def _tags(texts: Sequence[str]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(text.strip().lower() for text in texts))
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise UsageError(
                f"{tag!r} is no tag",
                hint="letters, digits, - and _, at most 32; what needs words goes into --comment",
            )
    if len(tags) > MOST_TAGS:
        raise UsageError(f"{len(tags)} tags are too many", hint=f"at most {MOST_TAGS}")
    return tags
