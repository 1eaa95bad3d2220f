"""Runs for other people's eyes and tools: as Markdown, as JSON, as examples to train a model on.

Invariant: every text goes through ``redact`` on its way out. An example holds an answer that a
person called good or wrote, and nothing that anybody called bad but as what to avoid.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.codec import SCHEMA_VERSION, to_plain
from copilot.messages import Locator, Turn
from copilot.runs import RecordedCitation, RecordedFeedback, RunDetail

Redact = Callable[[str], str]

# What names a thing by its number or its digest; nobody wrote it.
_NAMES = frozenset({"id", "passage_id", "document_id", "digest", "started_at"})
_CODE_OR_MARKER = re.compile(r"(?P<code>`[^`\n]*`)|[ \t]?\[(?P<n>\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of an example, in the words of the chat interfaces."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Framed:
    """What a model is given for a question: the last of ``turns`` holds it, with its passages.

    ``numbers`` are those of the passages in it, by their ids; ``declined`` is what the model is
    to write when they don't hold the answer.
    """

    system: str
    turns: tuple[Turn, ...]
    numbers: Mapping[str, int]
    declined: str


# For a run: its question with its passages, and all that these citations come from among them; None
# when that may not be shown.
Frame = Callable[[RunDetail, Sequence[RecordedCitation]], Framed | None]


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation that ends in the answer to learn."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """Two answers to one prompt, of which one is better."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]


# --- examples --------------------------------------------------------------------------


def examples(runs: Sequence[RunDetail], redact: Redact, frame: Frame) -> Iterator[Example]:
    """Of each run that was called good its answer, of each that was corrected the correction."""
    for run in runs:
        answer = _correction(run) or (run.answer if _verdict(run) == "good" else None)
        framed = frame(run, run.citations) if answer and _kept(run) else None
        if answer and framed is not None:
            told = redact(_told(answer, run, framed))
            yield Example((*_prompt(framed, redact), Message("assistant", told)))


def preferences(runs: Sequence[RunDetail], redact: Redact, frame: Frame) -> Iterator[Preference]:
    """Corrections before what they correct, and good answers before bad ones to one question."""
    good: dict[object, RunDetail] = {}
    bad: dict[object, list[RunDetail]] = defaultdict(list)
    for run in runs:
        if not _kept(run):
            continue
        verdict, corrected = _verdict(run), _correction(run)
        if corrected:
            yield from _preference((run, corrected), (run, run.answer), redact, frame)
        elif verdict == "good":
            good.setdefault(_asked(run), run)
        elif verdict == "bad":
            bad[_asked(run)].append(run)
    for asked, preferred in good.items():
        for run in bad.get(asked, []):
            yield from _preference((preferred, preferred.answer), (run, run.answer), redact, frame)


_Answered = tuple[RunDetail, str | None]


def _preference(
    better: _Answered, worse: _Answered, redact: Redact, frame: Frame
) -> Iterator[Preference]:
    """The two answers to the question of the first, as answers to one prompt."""
    run, other = better[0], worse[0]
    framed = frame(run, run.citations if other is run else (*run.citations, *other.citations))
    if framed is None:
        return
    told = [redact(_told(text, one, framed)) for one, text in (better, worse) if text]
    if len(told) == 2 and told[0].split() != told[1].split():
        chosen, rejected = (Message("assistant", text) for text in told)
        yield Preference(_prompt(framed, redact), (chosen,), (rejected,))


def _asked(run: RunDetail) -> object:
    """The same for runs that were asked the same in the same conversation."""
    question = " ".join((run.summary.question or "").casefold().split())
    return question, run.summarised, tuple((turn.role, turn.text) for turn in run.history)


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


def _kept(run: RunDetail) -> bool:
    """Whether all that was said before the answer, and quoted in it, is still there to learn."""
    texts = [run.summary.question, *(turn.text for turn in run.history)]
    texts += [run.summarised.text] if run.summarised is not None else []
    texts += [citation.quote for citation in run.citations]
    return run.summary.kind == "ask" and all(texts)


def _prompt(framed: Framed, redact: Redact) -> tuple[Message, ...]:
    system = (Message("system", redact(framed.system)),) if framed.system else ()
    return (*system, *(Message(turn.role, redact(turn.text)) for turn in framed.turns))


def _told(text: str, run: RunDetail, framed: Framed) -> str:
    """An answer to ``run`` as the model is to write it: it cites by the numbers of its prompt."""
    if text == run.answer and run.summary.status == "abstained":
        return framed.declined
    cited = {one.n: framed.numbers.get(one.passage_id) for one in run.citations}

    def renumbered(match: re.Match[str]) -> str:
        number = cited.get(int(match["n"])) if match["n"] else None
        if match["code"]:
            return match[0]
        return "" if number is None else match[0].replace(f"[{match['n']}]", f"[{number}]")

    return _CODE_OR_MARKER.sub(renumbered, text)


# --- whole runs ------------------------------------------------------------------------


def json_line(run: RunDetail, redact: Redact, *, ascii_only: bool) -> str:
    """The run as ``runs export`` writes it."""
    envelope = {
        "schema_version": SCHEMA_VERSION,
        "kind": "run_detail",
        "run": plain(run, redact),
    }
    return json.dumps(envelope, ensure_ascii=ascii_only)


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
