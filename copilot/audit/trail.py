"""The audit trail: entries in a chain that is sealed with a key and anchored elsewhere.

Each line holds the digest of the line before and a seal over itself; after each append the
newest line's digest goes to a second place. Invariant: an entry is on the disk, linked and
sealed, when ``append`` returns, and nothing that stands in the trail is ever changed: what a
crash left half-written stays, and the entry behind it owns up to it. A key that takes another's
place is named by an entry that the other has sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from copilot.audit import anchors
from copilot.audit.anchors import Anchors, Head
from copilot.audit.entries import (
    MENDED,
    NO_ENTRY,
    ROTATED,
    AuditEntry,
    NoEntryError,
    Sealed,
    Value,
    check,
    decode,
    encode,
    key_id,
    owned,
)
from copilot.audit.evidence import Evidence
from copilot.audit.glances import Glance, glance, key_wrong
from copilot.audit.keys import KEY_NAME, SealingKey, SealingKeys, old_name
from copilot.audit.lines import Line, Lines, Seen, newest_first, read_lines
from copilot.audit.seals import successor
from copilot.audit.verdicts import Verification
from copilot.audit.verifying import PUT_BACK, verify
from copilot.errors import NotFoundError, StorageError
from copilot.events import Warned
from copilot.ports import AppendOnly, Clock, NewId, SecretStore

_LOST_KEY = (
    "the audit trail's key {} is gone and a new one was made: `copilot audit verify` can't prove "
    "the entries so far unless the old key comes back"
)
_OTHER_KEY = (
    "the audit trail was sealed with key {} until now, and the key that is here is {} ({}): "
    "`copilot audit verify` takes that for tampering"
)
_Said = tuple[str, str, Mapping[str, Value]]  # action, subject, detail


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
        self.keys = SealingKeys(find_in, keep_in)
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
        self._extend((action, subject, dict(detail)), principal, self._key_in_use)

    def rotate_key(self, *, principal: str) -> tuple[str, str]:
        """Seal with a new key from now on; returns the ids of the old key and of the new one.

        Where the key was replaced by hand and the old one is still here, under the name that
        ``replace`` would give it, that is written down. Raises NotFoundError while there is no
        entry, and StorageError or UsageError when the key can't be had or replaced.
        """
        ids = "", ""

        def next_key(before: Sealed | None) -> SealingKey:
            nonlocal ids
            if before is None:
                raise NotFoundError("the audit trail has no entries yet, so it has no key")
            was, key = successor(before), self.keys.current()
            if key is not None and key.id == was:
                key = self.keys.replace(key)
            elif key is None or self.keys.old(was) is None:
                why = f"the audit trail's key {was} isn't here, and only that one can name another"
                raise StorageError(why, hint=PUT_BACK)
            ids = was, key.id
            return key

        self._extend(None, principal, next_key)
        return ids

    def fits(self, name: str, secret: str) -> bool:
        """Whether this is the trail's key of that name, or it has none yet."""
        if name != KEY_NAME:
            return name == old_name(key_id(secret))
        sealed = self.lines().sealed
        return not sealed or successor(sealed[-1]) == key_id(secret)

    def needs(self, name: str) -> bool:
        """Whether there are entries that the key of that name has sealed."""
        names = {old_name(sealed.key) for sealed in self.lines().sealed}
        return bool(names) if name == KEY_NAME else name in names

    def anchor(self) -> Head:
        """Anchor the newest entry once more. Raises NotFoundError while there is none."""
        sealed = self.lines().sealed
        if not sealed:
            raise NotFoundError("the audit trail has no entries yet")
        head = anchors.head_of(sealed[-1], self._clock.now())
        self._keep(head)
        return head

    def lines(self, *, seen: Seen | None = None) -> Lines:
        """What stands in the trail, entry or not."""
        return read_lines(self.log.read(), seen=seen)

    def newest_first(self) -> Iterator[Line]:
        """What stands in the trail, from its end; few are read when few are asked for."""
        return newest_first(self.log.read())

    def glance(self) -> Glance:
        """A quick look at the end, and whether the key is here. Raises StorageError."""
        anchored, log = self.anchor_file.read(), self.log.read()
        found = glance(log, anchored)
        if not found.last:
            return found
        try:
            key = self.keys.current()
            if key is None:
                return replace(found, key_wrong="the key that seals it isn't here")
            wrong = key_wrong(log, key, self.keys.old)
        except StorageError as error:
            return replace(found, key_wrong=error.message)
        return replace(found, key=key.place, key_wrong=wrong)

    def verify(
        self, heads: Sequence[Head] = (), *, copy: bytes | None = None, seen: Seen | None = None
    ) -> Verification:
        """Check everything; ``heads`` are what a person kept, beside what is anchored.

        ``copy`` is an export to check in the trail's place; what was anchored since then is no
        evidence against it. ``seen`` is told how far it is.
        """
        if copy is None:
            # The anchors first: an entry that is appended in between must not seem missing.
            anchored = self._anchors()
            lines = self.lines(seen=seen)
        else:
            anchored, lines = Anchors(), read_lines(copy, seen=seen)
        key: SealingKey | None = None
        old: dict[str, str] = {}
        problem = ""
        try:
            # Of nothing, only what is quick to ask: a keyring may belong to many homes.
            key = self.keys.current() if lines.sealed else None
            rotated = {one.key for one in lines.sealed if one.entry.action == ROTATED}
            rotated |= {successor(one) for one in lines.sealed[-1:]}
            for name in rotated if key else ():
                found = self.keys.old(name)
                old |= {name: found.secret} if found else {}
        except StorageError as error:
            problem = error.message
        evidence = Evidence(
            lines=lines,
            anchors=anchored,
            heads=tuple(heads),
            key=key,
            old_keys=old,
            key_problem=problem,
            unused_keys=tuple(self.keys.unused(key)) if key else (),
            left_key=None if lines.sealed else self.keys.left(),
        )
        return verify(evidence)

    def _anchors(self) -> Anchors:
        try:
            return anchors.decode(self.anchor_file.read())
        except StorageError as error:  # no word on completeness, and still on all the rest
            return Anchors(problem=error.message)

    def _extend(
        self, said: _Said | None, principal: str, pick: Callable[[Sealed | None], SealingKey]
    ) -> None:
        """Write down what is said, after whatever has to be said first, and anchor it.

        ``pick`` is given the entry that will be followed, and chooses the key.
        """
        self._notices = ()
        head: Head | None = None

        def lines(last: bytes, torn: bytes) -> bytes:
            nonlocal head
            at = self._clock.now()
            tail = _Tail(last, torn, new_id=self._new_id, at=at, account=self._account)
            key = pick(tail.sealed)
            was = successor(tail.sealed) if tail.sealed else key.id
            before = self.keys.old(was) if key.id != was else None
            if tail.torn:
                says = "a write that was cut short"
                tail.add((MENDED, says, owned(tail.torn)), "copilot", before or key)
            if before is not None:
                tail.add((ROTATED, was, {"key": key.id, "place": key.place}), principal, before)
            elif key.id != was and not self._notices:
                why = _OTHER_KEY.format(was, key.id, key.place)
                self._notices = (Warned(why, PUT_BACK),)
            if said is not None:
                tail.add(said, principal, key)
            head = tail.head
            return tail.added

        self.log.extend(lines)
        if head is not None:
            try:
                self._keep(head)
            except StorageError as error:
                why = f"the audit trail's head wasn't anchored: {error.message}"
                self._notices = (*self._notices, Warned(why, error.hint))

    def _key_in_use(self, before: Sealed | None) -> SealingKey:
        key: SealingKey | None = None
        try:
            key = self.keys.current()
        except StorageError:
            if before is not None:  # whatever can't be asked can't have sealed what isn't there
                raise
        if key is None:
            key = self.keys.make()
            if before is not None:
                why = _LOST_KEY.format(successor(before))
                self._notices = (Warned(why, f"now in {key.place}"),)
        return key

    def _keep(self, head: Head) -> None:
        line = anchors.encode(head) + b"\n"
        self.anchor_file.extend(lambda _, torn: b"\n" + line if torn else line)


class _Tail:
    """The end of the trail, and what is ``added`` to it.

    ``sealed`` is the last entry, ``torn`` what a crash left behind it.
    """

    def __init__(
        self, last: bytes, torn: bytes, *, new_id: NewId, at: datetime, account: str
    ) -> None:
        self.sealed = _whole(last) if last else None
        self.torn, self.added = torn, b""
        self._at, self._account = at, account
        adopted = _entry(torn) if torn else None
        if adopted is not None:  # it lacks only its end
            self.sealed, self.torn, self.added = adopted, b"", b"\n"
        self._trail = self.sealed.trail if self.sealed else new_id()

    @property
    def head(self) -> Head | None:
        return anchors.head_of(self.sealed, self._at) if self.sealed else None

    def add(self, said: _Said, principal: str, key: SealingKey) -> None:
        action, subject, detail = said
        seq, prev = (self.sealed.entry.seq, self.sealed.digest) if self.sealed else (0, NO_ENTRY)
        entry = AuditEntry(seq + 1, self._at, action, subject, detail, principal, self._account)
        line = encode(entry, trail=self._trail, prev=prev, secret=key.secret)
        # On the torn line itself: if this write is cut short as well, there is still one of them.
        self.sealed, self.torn = decode(self.torn + line), b""
        self.added += line + b"\n"


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
