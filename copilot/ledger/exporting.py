"""Runs for other people's eyes and tools: as Markdown, as JSON, as examples to train a model on.

Invariant: every text goes through ``redact`` on its way out. An example holds an answer that a
person called good or wrote, and nothing that anybody called bad but as what to avoid.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.codec import to_plain
from copilot.messages import Locator, Role
from copilot.runs import RecordedFeedback, RunDetail

Redact = Callable[[str], str]

# What names a thing by its number or its digest; nobody wrote it.
_NAMES = frozenset({"id", "passage_id", "document_id", "digest", "started_at"})
_FENCE = re.compile(r"<(?=\s*/?\s*passage\b)", re.I)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of an example, in the words of the chat interfaces."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Example:
    """One line of the chat format: a conversation that ends in the answer to learn."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """One line of the preference format: two answers to one prompt, of which one is better."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]


# --- examples --------------------------------------------------------------------------


def examples(runs: Sequence[RunDetail], redact: Redact) -> Iterator[Example]:
    """Of each run that was called good its answer, of each that was corrected the correction."""
    for run in runs:
        answer = _correction(run) or (run.answer if _verdict(run) == "good" else None)
        prompt = _prompt(run, redact)
        if answer and prompt:
            yield Example((*prompt, Message("assistant", redact(answer))))


def preferences(runs: Sequence[RunDetail], redact: Redact) -> Iterator[Preference]:
    """Corrections before what they correct, and good answers before bad ones to one question."""
    good: dict[object, RunDetail] = {}
    bad: dict[object, list[RunDetail]] = defaultdict(list)
    for run in runs:
        verdict, corrected = _verdict(run), _correction(run)
        if corrected:
            yield from _preference(run, corrected, run.answer, redact)
        elif verdict == "good":
            good.setdefault(_asked(run), run)
        elif verdict == "bad":
            bad[_asked(run)].append(run)
    for asked, preferred in good.items():
        for run in bad.get(asked, []):
            if preferred.answer:
                yield from _preference(preferred, preferred.answer, run.answer, redact)


def _preference(
    run: RunDetail, better: str, worse: str | None, redact: Redact
) -> Iterator[Preference]:
    prompt = _prompt(run, redact)
    if prompt and worse and better.split() != worse.split():
        chosen, rejected = (Message("assistant", redact(text)) for text in (better, worse))
        yield Preference(prompt, (chosen,), (rejected,))


def _asked(run: RunDetail) -> object:
    """The same for runs that were asked the same in the same conversation."""
    question = " ".join((run.summary.question or "").casefold().split())
    return question, tuple((turn.role, turn.text) for turn in run.history)


def _counting(run: RunDetail) -> list[RecordedFeedback]:
    """Each person's last word, in the order of time."""
    last: dict[str, RecordedFeedback] = {}
    for given in run.feedback:
        last.pop(given.principal, None)
        last[given.principal] = given
    return list(last.values())


def _verdict(run: RunDetail) -> Literal["good", "bad", ""]:
    """Empty when nobody rated the run, or two disagree."""
    ratings = {given.rating for given in _counting(run)}
    if ratings == {"good"}:
        return "good"
    return "bad" if ratings == {"bad"} else ""


def _correction(run: RunDetail) -> str | None:
    """What somebody wrote that the answer should have been; the latest of several."""
    return next((given.correction for given in reversed(_counting(run)) if given.correction), None)


def _prompt(run: RunDetail, redact: Redact) -> tuple[Message, ...]:
    """The turns before and the question with what was quoted for it; empty when one isn't kept."""
    texts = [run.summary.question, *(turn.text for turn in run.history)]
    texts += [citation.quote for citation in run.citations]
    if run.summary.kind != "ask" or not all(texts):
        return ()
    sources = [
        f'<passage n="{one.n}" from="{_fenced(redact(one.title))}">\n'
        f"{_fenced(redact(one.quote or ''))}\n</passage>"
        for one in run.citations
    ]
    question = "\n\n".join([*sources, redact(run.summary.question or "")])
    before = (Message(turn.role, redact(turn.text or "")) for turn in run.history)
    return (*before, Message("user", question))


def _fenced(text: str) -> str:
    """No text may close its own fence."""
    return _FENCE.sub("‹", text)


# --- whole runs ------------------------------------------------------------------------


def plain(run: RunDetail, redact: Redact) -> object:
    """The run as JSON takes it, with the keys of ``runs show --json``."""
    return _redacted(to_plain(run), redact)


def _redacted(value: object, redact: Redact) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            key: item if key in _NAMES else _redacted(item, redact) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(item, redact) for item in value]
    return value


def markdown(run: RunDetail, redact: Redact, *, describe: Callable[[Locator], str]) -> str:
    """The run as a section: what was asked and answered, from where, and what people thought."""
    summary = run.summary
    facts = [f"{summary.started_at:%Y-%m-%d %H:%M} UTC", summary.kind, summary.status]
    lines = [
        f"## {_line(summary.question, redact)}",
        "",
        f"{', '.join([*facts, summary.model])}, run `{summary.id}`".replace(", ,", ","),
        "",
    ]
    if run.answer is not None:
        lines += [redact(run.answer), ""]
    elif summary.kind == "ask":
        lines += ["*(the answer isn't kept)*", ""]
    for one in run.citations:
        place = f"{redact(one.title or one.path)}, {describe(one.locator)}"
        lines.append(f"- [{one.n}] {place}: “{_line(one.quote, redact)}”")
    lines += [""] if run.citations else []
    for given in run.feedback:
        tags = f" ({', '.join(given.tags)})" if given.tags else ""
        comment = f": {_line(given.comment, redact)}" if given.comment else ""
        lines.append(f"- {given.rating}{tags}, {redact(given.principal)}{comment}")
        if given.correction:
            lines.append(f"  - instead: {_line(given.correction, redact)}")
    return "\n".join(lines).rstrip() + "\n"


def _line(text: str | None, redact: Redact) -> str:
    return "(not kept)" if text is None else " ".join(redact(text).split())
