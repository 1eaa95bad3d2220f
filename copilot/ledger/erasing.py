"""Forgets people and deletes what is too old: in the ledger, conversations, logs and the cache.

Invariant: nothing of a person on hold is deleted; what is deleted on purpose stands in the audit
trail before it counts as done; each of the two may be cut short anywhere and run again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from copilot.caching import AnswerCache
from copilot.config.schema import RetentionSettings
from copilot.errors import DeniedError, NotFoundError, StorageError
from copilot.handoff import Outbox
from copilot.keeping import Cutoffs, Erased, Hold, Taken, digest, pseudonym
from copilot.ledger.proposals import Stripped, strip_old, strip_persons
from copilot.messages import Turn
from copilot.ports import AuditTrail, Clock
from copilot.spending import BudgetStore, owned
from copilot.talks import Attachment, ConversationStore


class RecordKeeper(Protocol):
    """What deletes in the ledger. StorageError when it can't be had alone, or be written."""

    def taken(self, principal: str) -> Taken:
        """Who took part in which conversation, and what this person asked and was answered."""
        ...

    def holds(self) -> tuple[Hold, ...]: ...

    def hold(self, hold: Hold) -> None: ...

    def release(self, principal: str) -> bool:
        """Whether there was a hold to end."""
        ...

    def forget(self, principal: str, *, unnamed: bool, elsewhere: Callable[[Taken], int]) -> Erased:
        """Leave no text, name or word of a person; counts their runs that are being written.

        ``unnamed``: what names nobody is theirs, too. ``elsewhere`` deletes what lies outside and
        says how much it was; it is called once, when nothing stands in the way any more.
        """
        ...

    def would_forget(
        self, principal: str, *, unnamed: bool, elsewhere: Callable[[Taken], int]
    ) -> Erased:
        """What ``forget`` would come to; ``elsewhere`` only counts."""
        ...

    def finish(self, principal: str) -> None:
        """All of the person is forgotten, elsewhere too; until then the ledger says it isn't."""
        ...

    def purge(self, cutoffs: Cutoffs, *, dry_run: bool) -> Erased:
        """Delete what is too old, but for people on hold."""
        ...


class Attachments(Protocol):
    """What is attached to conversations. StorageError when it can't be read or removed."""

    def names(self) -> list[str]:
        """The conversations that something is attached to."""
        ...

    def of(self, conversation: str) -> list[Attachment]: ...

    def drop(self, conversation: str, unwanted: Callable[[Attachment], bool]) -> int:
        """Remove those that are unwanted, with their texts; returns how many."""
        ...

    def touched(self, conversation: str) -> datetime | None:
        """When something was attached to it last."""
        ...


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that holds a person's words.

    ``owner`` is the principal of the configuration: what names nobody is theirs.
    """

    keeper: RecordKeeper
    conversations: ConversationStore
    attachments: Attachments
    outbox: Outbox
    answers: AnswerCache
    budgets: BudgetStore
    logs: Path
    audit: AuditTrail
    clock: Clock
    owner: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What went. ``exchanges`` counts questions with their answers in conversations, ``attached``
    texts and files that they were asked about, ``proposals`` those that lost their texts,
    ``cached`` answers that were kept to be given again; ``undecided`` are a person's that aren't
    over yet, ``damaged`` the files of some that can't be read.
    """

    erased: Erased
    exchanges: int = 0
    attached: int = 0
    logs: int = 0
    proposals: int = 0
    undecided: int = 0
    damaged: tuple[str, ...] = ()
    cached: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is left to be deleted later."""
        left = self.erased.left or self.damaged
        return not (self.erased.writing or left or self.undecided)


def forget(records: Records, principal: str, *, dry_run: bool = False) -> Outcome:
    """Leave no byte of a person's text in what we keep; figures stay, under a pseudonym.

    Raises DeniedError for a person on hold, NotFoundError when there is nothing of them,
    StorageError when something can't be deleted: do it again then, it goes on where it stopped.
    """
    if any(hold.covers(principal) for hold in records.keeper.holds()):
        raise DeniedError(
            f"{principal} is on hold: nothing of theirs may be deleted",
            hint="`copilot ledger hold list` says since when and why",
        )
    exchanges = attached = cached = accounts = 0
    stripped = Stripped()

    def elsewhere(taken: Taken) -> int:
        nonlocal exchanges, attached, cached, accounts, stripped
        cached = records.answers.forget(principal, dry_run=dry_run)
        attached = _forget_attached(records, principal, dry_run=dry_run)
        talks = {*records.conversations.names(), *taken.by_conversation}
        accounts = records.budgets.disown(owned(principal, talks), dry_run=dry_run)
        exchanges = _forget_conversations(records, principal, taken, dry_run=dry_run)
        stripped = strip_persons(records.outbox, principal, dry_run=dry_run)
        return exchanges + attached + cached + accounts + stripped.done

    work = records.keeper.would_forget if dry_run else records.keeper.forget
    erased = work(principal, unnamed=principal == records.owner, elsewhere=elsewhere)
    if not (
        erased.anything
        or erased.writing
        or erased.resumed
        or any((exchanges, attached, cached, accounts))
        or stripped != Stripped()
    ):
        if not dry_run:
            records.keeper.finish(principal)
        raise NotFoundError(
            f"there is nothing of {principal} to forget",
            hint=f"is it {' or '.join(erased.others)}?" if erased.others else "",
        )
    logs = _log_files(records.logs)
    gone = len(logs) if dry_run else _remove(logs)
    done, undecided, damaged = stripped.done, stripped.still_open, stripped.damaged
    outcome = Outcome(erased, exchanges, attached, gone, done, undecided, damaged, cached)
    if dry_run:
        return outcome
    by = pseudonym(principal) if principal == records.owner else records.owner
    _note(records, "ledger.forget", pseudonym(principal), outcome, by=by)
    if outcome.whole:
        records.keeper.finish(principal)
    return outcome


def cutoffs(settings: RetentionSettings, now: datetime) -> Cutoffs:
    """What is too old by now; nothing is of a class that is kept for 0 days, which is for ever."""

    def before(days: int) -> datetime | None:
        return now - timedelta(days=days) if days else None

    return Cutoffs(
        bodies=before(settings.bodies_days),
        runs=before(settings.runs_days),
        conversations=before(settings.conversations_days),
        logs=before(settings.logs_days),
        proposals=before(settings.proposals_days),
    )


def purge(records: Records, limits: Cutoffs, *, dry_run: bool) -> Outcome:
    """Delete what is older than its class is kept, or only count it. Raises StorageError."""
    old = _old_conversations(records, limits.conversations)
    loose = _old_attachments(records, old, limits.conversations)
    logs = [path for path in _log_files(records.logs) if _older(path, limits.logs)]

    def strip() -> int:
        holds = records.keeper.holds()
        return strip_old(records.outbox, limits.proposals, holds=holds, dry_run=dry_run)

    if dry_run:
        exchanges = sum(records.conversations.would_drop(name, _nothing) for name in old)
        would = records.keeper.purge(limits, dry_run=True)
        attached = sum(len(records.attachments.of(name)) for name in loose)
        cached = _drop_cached(records, limits, dry_run=True)
        return Outcome(would, exchanges, attached, len(logs), strip(), cached=cached)
    # The ledger first: it may be held by another program, and then nothing is to be half done.
    outcome = Outcome(records.keeper.purge(limits, dry_run=False))
    try:
        for name in old:
            dropped = records.conversations.keep_only(name, _nothing)
            outcome = replace(outcome, exchanges=outcome.exchanges + dropped)
        for name in loose:
            dropped = records.attachments.drop(name, _any)
            outcome = replace(outcome, attached=outcome.attached + dropped)
        outcome = replace(outcome, cached=_drop_cached(records, limits, dry_run=False))
        outcome = replace(outcome, logs=_remove(logs))
        outcome = replace(outcome, proposals=strip())
    finally:
        went = (outcome.exchanges, outcome.attached, outcome.logs, outcome.proposals)
        if outcome.erased.anything or outcome.cached or any(went):
            _note(records, "ledger.purge", "retention", outcome, by=records.owner)
    return outcome


def delete_conversation(records: Records, name: str) -> int:
    """Delete one on purpose; returns how many exchanges went. What the ledger holds of its runs
    stays as long as runs are kept.

    Raises NotFoundError, DeniedError when somebody who took part is on hold, StorageError.
    """
    if records.conversations.touched(name) is None:
        raise NotFoundError(f"there is no conversation {name!r}")
    holds = records.keeper.holds()
    people = _people(records, name, records.keeper.taken("")) if holds else ()
    held = next((one for one in people if any(hold.covers(one) for hold in holds)), None)
    if held is not None:
        raise DeniedError(
            f"{held} is on hold: nothing of theirs may be deleted",
            hint="`copilot ledger hold list` says since when and why",
        )
    attached = records.attachments.drop(name, _any)
    dropped = records.conversations.keep_only(name, _nothing)
    detail = {"exchanges": dropped, "attached": attached}
    _write_down(records, "conversation.delete", digest(name), detail, by=records.owner)
    return dropped


def hold(records: Records, principal: str, reason: str) -> Hold:
    """Let nothing of a person be deleted. Raises StorageError."""
    placed = Hold(principal, records.clock.now(), reason)
    records.keeper.hold(placed)
    _note_hold(records, principal, held=True)
    return placed


def release(records: Records, principal: str) -> None:
    """End a hold. Raises NotFoundError, StorageError."""
    if not records.keeper.release(principal):
        raise NotFoundError(f"{principal} is not on hold", hint="`copilot ledger hold list`")
    _note_hold(records, principal, held=False)


def _forget_conversations(records: Records, principal: str, taken: Taken, *, dry_run: bool) -> int:
    dropped = 0

    def anothers(turns: Sequence[Turn], by: str) -> bool:
        return by != principal if by else not any(taken.holds(turn.text) for turn in turns)

    for name in records.conversations.names():
        people = _people(records, name, taken)
        if principal not in people:
            continue
        wanted = _nothing if people == {principal} else anothers
        if dry_run:
            dropped += records.conversations.would_drop(name, wanted)
        else:
            dropped += records.conversations.keep_only(name, wanted)
    return dropped


def _forget_attached(records: Records, principal: str, *, dry_run: bool) -> int:
    def theirs(one: Attachment) -> bool:
        return (one.by or records.owner) == principal

    if dry_run:
        held = (one for name in records.attachments.names() for one in records.attachments.of(name))
        return sum(theirs(one) for one in held)
    return sum(records.attachments.drop(name, theirs) for name in records.attachments.names())


def _old_attachments(records: Records, old: Collection[str], before: datetime | None) -> list[str]:
    """Of old conversations, and of those that never came to be, which nobody else would find."""
    if before is None:
        return []
    holds = records.keeper.holds()
    found: list[str] = []
    for name in records.attachments.names():
        touched = records.attachments.touched(name)
        held = any(hold.covers(one.by) for hold in holds for one in records.attachments.of(name))
        alone = records.conversations.touched(name) is None
        forgotten = alone and touched is not None and touched < before
        if not held and (name in old or forgotten):
            found.append(name)
    return found


def _drop_cached(records: Records, limits: Cutoffs, *, dry_run: bool) -> int:
    """Kept answers older than texts may be; those of people on hold stay in the ledger."""
    moments = [one for one in (limits.bodies, limits.runs) if one is not None]
    return records.answers.drop_before(max(moments), dry_run=dry_run) if moments else 0


def _any(one: Attachment) -> bool:
    return True


def _people(records: Records, name: str, taken: Taken) -> frozenset[str]:
    """Who took part in a conversation, by its own lines and by the ledger; else the owner."""
    named = records.conversations.people(name)
    return named | taken.by_conversation.get(name, frozenset()) or frozenset({records.owner})


def _nothing(turns: Sequence[Turn], by: str) -> bool:
    return False


def _old_conversations(records: Records, before: datetime | None) -> list[str]:
    if before is None:
        return []
    holds = records.keeper.holds()
    taken = records.keeper.taken("")
    found: list[str] = []
    for name in records.conversations.names():
        touched = records.conversations.touched(name)
        people = _people(records, name, taken)
        held = any(hold.covers(one) for hold in holds for one in people)
        if touched is not None and touched < before and not held:
            found.append(name)
    return found


def _log_files(folder: Path) -> list[Path]:
    """A bug's traceback may quote anything, and nobody can tell whose."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StorageError(f"{folder} can't be read: {error.strerror or error}") from error


def _older(path: Path, before: datetime | None) -> bool:
    return before is not None and path.stat().st_mtime < before.timestamp()


def _remove(paths: Collection[Path]) -> int:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path} can't be removed: {error.strerror or error}") from error
    return len(paths)


def _note(records: Records, action: str, subject: str, outcome: Outcome, *, by: str) -> None:
    detail: dict[str, str | int | bool] = {
        "runs": outcome.erased.runs,
        "records": outcome.erased.records,
        "texts": outcome.erased.bodies,
        "set_aside": outcome.erased.aside,
        "exchanges": outcome.exchanges,
        "attached": outcome.attached,
        "logs": outcome.logs,
        "proposals": outcome.proposals,
        "cached": outcome.cached,
        "whole": outcome.whole,
    }
    _write_down(records, action, subject, detail, by=by)


def _note_hold(records: Records, principal: str, *, held: bool) -> None:
    # The trail keeps what it is given: a person on hold today may have to be forgotten one day.
    by = records.owner if records.owner != principal else pseudonym(principal)
    _write_down(records, "ledger.hold", pseudonym(principal), {"held": held}, by=by)


def _write_down(
    records: Records, action: str, subject: str, detail: Mapping[str, str | int | bool], *, by: str
) -> None:
    try:
        records.audit.append(action, subject, detail=detail, principal=by)
    except StorageError as error:
        raise StorageError(
            f"it was done, and could not be written into the audit trail: {error.message}",
            hint=error.hint,
        ) from error
