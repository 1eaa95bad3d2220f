"""A ticket system in memory, for tests of whatever writes to one.

Invariant: it passes the contract suite of the real sinks; a failure that a test asks for hits
the next call alone, and leaves what is held as the kind of failure says.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from copilot.errors import CopilotError, NotFoundError, SinkRequestError, SinkUnknownError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite

SEVERITIES = ("critical", "high", "normal", "low")
_FIELDS = (
    SinkField("title", "Title", required=True),
    SinkField("description", "Description"),
    SinkField("requester_email", "Requester"),
    SinkField("severity", "Severity", choices=SEVERITIES),
    SinkField("status", "Status", choices=("open", "closed"), writable=False),
)
_KINDS = {"ticket": "ticket", "incident": "ticket", "feature_request": "ticket"}


@dataclass
class Held:
    """An entry, with the key that made it; ``visible``: a search finds it already."""

    entry: SinkEntry
    key: str
    visible: bool = True
    comments: list[tuple[str, str, str]] = field(default_factory=list)  # id, key, text


class MemorySink:
    """``held`` is what it holds, by external id; ``writes`` every write that arrived.

    With ``settles_s`` above 0 a new entry is found by its key only after ``settle``.
    """

    def __init__(
        self, name: str = "memory", *, target: str = "memory:test", settles_s: float = 0.0
    ) -> None:
        self._name = name
        self._target = target
        self._settles_s = settles_s
        self._lock = threading.Lock()
        self._failures: list[tuple[CopilotError, bool]] = []
        self._made = 0
        self.held: dict[str, Held] = {}
        self.writes: list[SinkWrite] = []

    def fail_next(self, error: CopilotError) -> None:
        """Refuse the next write with this error, unwritten. May be called several times."""
        self._failures.append((error, False))

    def lose_next_answer(self) -> None:
        """Do the next write, and raise SinkUnknownError as if its answer never came."""
        error = SinkUnknownError(f"{self._name} didn't answer", hint="it may have been written")
        self._failures.append((error, True))

    def settle(self) -> None:
        """Let ``find`` see all that was created."""
        for held in self.held.values():
            held.visible = True

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return self._target

    @property
    def settles_s(self) -> float:
        return self._settles_s

    def kind_for(self, schema: str) -> str | None:
        return _KINDS.get(schema)

    def default_fields(self, schema: str) -> Mapping[str, str]:
        if schema not in _KINDS:
            return {}
        if schema == "incident":
            return {"title": "title", "description": "@text"}
        fields = {"title": "title", "description": "@text", "requester_email": "requester_email"}
        return fields | ({"severity": "severity"} if schema == "ticket" else {})

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        return _FIELDS

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        match write.operation:
            case "create":
                return SinkWrite("close", write.kind, {}, "", receipt.external_id)
            case "update" | "close" | "restore" if receipt.before:
                return SinkWrite("restore", write.kind, receipt.before, "", write.external_id)
            case "comment":
                return SinkWrite("delete", "comment", {}, "", receipt.external_id)
            case _:
                return None

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        body = "\n".join(f"{name}: {value}" for name, value in write.values.items())
        return (SinkCall(write.operation.upper(), f"{self._target}/{write.external_id}", body),)

    def check(self) -> str:
        return "a sink in memory"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        with self._lock:
            for held in self.held.values():
                if held.key == key and held.visible:
                    return held.entry
        return None

    def read(self, kind: str, external_id: str) -> SinkEntry:
        with self._lock:
            if external_id not in self.held:
                raise NotFoundError(f"{self._name} has no {kind} {external_id}")
            return self.held[external_id].entry

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        words = set(str(values.get("title") or "").lower().split())
        with self._lock:
            near = [
                (len(words & set(held.entry.title.lower().split())), held.entry)
                for held in self.held.values()
                if held.entry.open
            ]
        close = [(shared, entry) for shared, entry in near if shared * 2 > len(words)]
        return [entry for _, entry in sorted(close, key=lambda one: -one[0])][:limit]

    def write(self, write: SinkWrite) -> Receipt:
        with self._lock:
            self.writes.append(write)
            error, accepted = self._failures.pop(0) if self._failures else (None, False)
            if error is not None and not accepted:
                raise error
            receipt = self._written(write)
            if error is not None:
                raise error
            return receipt

    def _written(self, write: SinkWrite) -> Receipt:
        match write.operation:
            case "create":
                return self._create(write)
            case "comment":
                return self._comment(write)
            case "delete":
                return self._delete(write)
            case _:
                return self._change(write)

    def _create(self, write: SinkWrite) -> Receipt:
        for held in self.held.values():
            if held.key == write.key:
                return Receipt(held.entry.external_id, held.entry.url, replayed=True)
        self._checked(write, whole=True)
        self._made += 1
        number = f"M-{self._made}"
        values = {"status": "open", **write.values}
        title = str(values["title"])
        entry = SinkEntry(write.kind, number, values, f"memory:{number}", title)
        self.held[number] = Held(entry, write.key, visible=not self._settles_s)
        return Receipt(number, entry.url)

    def _change(self, write: SinkWrite) -> Receipt:
        held = self._held(write.external_id)
        wanted = {"status": "closed"} if write.operation == "close" else dict(write.values)
        if write.operation != "close":
            self._checked(write, whole=False)
        now = held.entry.values
        before = {name: now.get(name) for name, to in wanted.items() if now.get(name) != to}
        values = {**now, **wanted}
        held.entry = replace(
            held.entry,
            values=values,
            title=str(values["title"]),
            open=values["status"] == "open",
        )
        return Receipt(write.external_id, held.entry.url, before)

    def _comment(self, write: SinkWrite) -> Receipt:
        held = self._held(write.external_id)
        for number, key, _ in held.comments:
            if key == write.key:
                return Receipt(number, held.entry.url, replayed=True)
        number = f"{write.external_id}/{len(held.comments) + 1}"
        held.comments.append((number, write.key, str(write.values.get("comment") or "")))
        return Receipt(number, held.entry.url)

    def _delete(self, write: SinkWrite) -> Receipt:
        if write.kind != "comment":
            gone = self.held.pop(write.external_id, None)
            return Receipt(write.external_id, replayed=gone is None)
        held = self._held(write.external_id.partition("/")[0])
        kept = [one for one in held.comments if one[0] != write.external_id]
        gone_already = len(kept) == len(held.comments)
        held.comments[:] = kept
        return Receipt(write.external_id, replayed=gone_already)

    def _held(self, external_id: str) -> Held:
        if external_id not in self.held:
            raise NotFoundError(f"{self._name} has no entry {external_id}")
        return self.held[external_id]

    def _checked(self, write: SinkWrite, *, whole: bool) -> None:
        known = {one.name: one for one in _FIELDS}
        wrong: dict[str, str] = {}
        for name, value in write.values.items():
            if name not in known:
                wrong[name] = "there is no such field"
            elif known[name].choices and value is not None and value not in known[name].choices:
                wrong[name] = f"must be one of {', '.join(known[name].choices)}"
        if not write.values.get("title") and (whole or "title" in write.values):
            wrong["title"] = "is required"
        if wrong:
            named = "; ".join(f"{name}: {why}" for name, why in wrong.items())
            raise SinkRequestError(f"{self._name} rejects the entry: {named}", fields=wrong)
