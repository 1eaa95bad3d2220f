"""The audit trail: entries in a chain that is sealed with a key and anchored elsewhere.

Each line holds the digest of the line before and a seal over itself; after each append the
newest line's digest goes to a second place. Invariant: an entry is on the disk, linked and
sealed, when ``append`` returns, and nothing that stands in the trail is ever changed: what a
crash left half-written stays, and the entry behind it owns up to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.audit import anchors
from copilot.audit.anchors import Anchors, Head
from copilot.audit.entries import (
    MENDED,
    NO_ENTRY,
    AuditEntry,
    NoEntryError,
    Sealed,
    Value,
    check,
    decode,
    encode,
    owned,
)
from copilot.audit.lines import Lines, read_lines
from copilot.audit.verdicts import Verification
from copilot.audit.verifying import Evidence, verify
from copilot.errors import ConfigError, NotFoundError, StorageError
from copilot.events import Warned
from copilot.ports import AppendOnly, Clock, NewId, SecretStore

KEY_NAME = "audit-trail"
_LOST_KEY = (
    "the audit trail's key {} is gone and a new one was made: `copilot audit verify` can't prove "
    "the entries so far unless the old key comes back"
)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key and where it is kept."""

    secret: str
    place: str


class ChainedTrail:
    """The trail in ``log``, anchored in ``anchor``.

    Its key is looked for in ``find_in``, in order, and made at the first append, in the first
    store of ``keep_in`` that takes it. ``account`` is who the system says is at work.
    """

    def __init__(
        self,
        log: AppendOnly,
        anchor: AppendOnly,
        *,
        find_in: Sequence[SecretStore],
        keep_in: Sequence[SecretStore],
        clock: Clock,
        new_id: NewId,
        account: str = "",
    ) -> None:
        self.log = log
        self.anchor_file = anchor
        self._find_in = tuple(find_in)
        self._keep_in = tuple(keep_in)
        self._clock = clock
        self._new_id = new_id
        self._account = account
        self._notices: tuple[Warned, ...] = ()

    @property
    def notices(self) -> tuple[Warned, ...]:
        return self._notices

    def append(
        self, action: str, subject: str, *, detail: Mapping[str, Value], principal: str
    ) -> None:
        """As the port says; the key is made on the first use."""
        check(action, subject, detail=detail, principal=principal)
        self._notices = ()
        head: Head | None = None

        def lines(last: bytes, torn: bytes) -> bytes:
            nonlocal head
            entry = AuditEntry(0, self._clock.now(), action, subject, detail, principal)
            content, head = self._next(last, torn, entry)
            return content

        self.log.extend(lines)
        if head is not None:
            try:
                self._keep(head)
            except StorageError as error:
                why = f"the audit trail's head wasn't anchored: {error.message}"
                self._notices = (*self._notices, Warned(why, error.hint))

    def anchor(self) -> Head:
        """Anchor the newest entry once more. Raises NotFoundError while there is none."""
        sealed = self.lines().sealed
        if not sealed:
            raise NotFoundError("the audit trail has no entries yet")
        head = anchors.head_of(sealed[-1], self._clock.now())
        self._keep(head)
        return head

    def lines(self) -> Lines:
        """What stands in the trail, entry or not."""
        return read_lines(self.log.read())

    def verify(self, heads: Sequence[Head] = (), *, copy: bytes | None = None) -> Verification:
        """Check everything; ``heads`` are what a person kept, beside what is anchored.

        ``copy`` is an export to check in the trail's place; what was anchored since then is no
        evidence against it.
        """
        if copy is None:
            # The anchors first: an entry that is appended in between must not seem missing.
            anchored = anchors.decode(self.anchor_file.read())
            lines = self.lines()
        else:
            anchored, lines = Anchors(), read_lines(copy)
        key, problem = None, ""
        try:
            key = self.key() if lines.sealed else None
        except StorageError as error:
            problem = error.message
        evidence = Evidence(
            lines=lines,
            anchors=anchored,
            heads=tuple(heads),
            secret=key.secret if key else None,
            key_place=key.place if key else "",
            key_problem=problem,
        )
        return verify(evidence)

    def key(self) -> SealingKey | None:
        """None when no store has it. Raises StorageError when one can't say."""
        failure: ConfigError | None = None
        for store in self._find_in:
            try:
                secret = store.get(KEY_NAME)
            except ConfigError as error:
                failure = failure or error
                continue
            if secret:
                return SealingKey(secret, store.name)
        if failure is not None:
            raise StorageError(
                f"the audit trail's key can't be read: {failure.message}", hint=failure.hint
            )
        return None

    def _next(self, last: bytes, torn: bytes, entry: AuditEntry) -> tuple[bytes, Head]:
        """The bytes to add for ``entry`` (its number is set here), and the new head."""
        begin, before = b"", _whole(last) if last else None
        key = self.key()
        if key is None:
            key = self._make_key()
            if before is not None:
                self._notices = (Warned(_LOST_KEY.format(before.key), f"now in {key.place}"),)
        chain = [entry]
        if torn and (adopted := _entry(torn)) is not None:
            begin, before = b"\n", adopted
        elif torn:
            # On the same line: if this write is cut short as well, there is still one torn line.
            says = "a write that was cut short"
            chain = [AuditEntry(0, entry.at, MENDED, says, owned(torn), "copilot"), entry]
        added: list[bytes] = []
        sealed = before
        trail = before.trail if before else self._new_id()
        for one in chain:
            line = encode(
                _numbered(one, sealed.entry.seq + 1 if sealed else 1, self._account),
                trail=trail,
                prev=sealed.digest if sealed else NO_ENTRY,
                secret=key.secret,
            )
            sealed = decode(torn + line if one.action == MENDED else line)
            added.append(line + b"\n")
        assert sealed is not None
        return begin + b"".join(added), anchors.head_of(sealed, entry.at)

    def _make_key(self) -> SealingKey:
        secret = secrets.token_hex(32)
        failure: ConfigError | None = None
        for store in self._keep_in:
            try:
                store.set(KEY_NAME, secret)
            except ConfigError as error:
                failure = failure or error
                continue
            return SealingKey(secret, store.name)
        why = failure.message if failure else "no store takes it"
        raise StorageError(
            f"the audit trail's key can't be kept: {why}", hint=failure.hint if failure else ""
        )

    def _keep(self, head: Head) -> None:
        line = anchors.encode(head) + b"\n"
        self.anchor_file.extend(lambda _, torn: b"\n" + line if torn else line)


def _numbered(entry: AuditEntry, seq: int, account: str) -> AuditEntry:
    return AuditEntry(
        seq=seq,
        at=entry.at,
        action=entry.action,
        subject=entry.subject,
        detail=dict(entry.detail),
        principal=entry.principal,
        account=account,
    )


def _entry(line: bytes) -> Sealed | None:
    try:
        return decode(line)
    except NoEntryError:
        return None


def _whole(line: bytes) -> Sealed:
    """The last entry, which the next one follows. Raises StorageError when it isn't one."""
    try:
        return decode(line)
    except NoEntryError as error:
        raise StorageError(
            f"the audit trail takes no more entries: its last line is damaged ({error})",
            hint="`copilot audit verify` says what else; keep the file for whoever looks into it, "
            "and move it and its anchor away: the next entry begins a new trail",
        ) from error
