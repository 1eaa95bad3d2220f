"""Any receiver of signed JSON events as a sink.

Each write is one event, ``{"type": "record.created", "data": {"kind", "key", "id", "values"}}``,
signed as Standard Webhooks say; its ``webhook-id`` and ``Idempotency-Key`` are the write's key. A
receiver answers 2xx, with ``{"id", "url"}`` if it likes, and **must take two events with one id
for the same**: after a lost answer the event is sent again. Where ``options.status_url`` tells
what became of a key or an id (200 with ``{"id", "url", "title", "open", "values"}``, or 404), it is
asked before. Invariant: nothing is sent to any address but the two that are configured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from copilot.adapters.sinks.answers import before, item, text
from copilot.adapters.sinks.calling import Caller
from copilot.adapters.sinks.options import (
    flag_option,
    list_option,
    needed,
    only_options,
    text_option,
)
from copilot.adapters.sinks.undoing import undoing
from copilot.adapters.sinks.webhook.speech import event_id, manners
from copilot.config.records import SinkSettings
from copilot.errors import ConfigError, NotFoundError, SinkUnavailableError
from copilot.extracted import Json
from copilot.proposals import Operation, Receipt, SinkCall, SinkEntry, SinkField, SinkWrite

_EVENTS: Mapping[Operation, str] = {
    "create": "record.created",
    "update": "record.updated",
    "comment": "record.commented",
    "close": "record.closed",
    "delete": "record.undone",
    "restore": "record.restored",
}
_TEXT, _SOURCE = SinkField("text", "The source's text"), SinkField("source", "The source's name")
_NOBODY = "copilot-sinks-test"  # a key that no event has


def build(
    name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]
) -> WebhookSink:
    """The sink of these settings; calls nothing. ConfigError."""

    def caller(address: str) -> Caller:
        return Caller(
            name,
            address,
            manners=manners(name, settings.key),
            key=settings.key,
            key_for=key_for,
            timeout_s=settings.timeout_s,
        )

    url = needed(settings, "url", sink=name)
    status = text_option(settings, "status_url", sink=name, default="")
    parts = urlsplit(status)
    if status and ("{key}" in parts.netloc or "{key}" not in status):
        raise ConfigError(
            f"actions.sinks.{name}.options.status_url needs {{key}} behind the host",
            hint="such as https://example.org/status/{key}",
        )
    where = status.removeprefix(f"{parts.scheme}://{parts.netloc}")
    lookup = caller(f"{parts.scheme}://{parts.netloc}") if status else None
    return WebhookSink(name, settings, caller(url), lookup, where)


class WebhookSink:
    """``options.fields`` names the fields that the receiver takes; it takes all where it doesn't.

    ``options.undo``: the receiver understands ``record.undone`` and ``record.restored``.
    """

    def __init__(
        self, name: str, settings: SinkSettings, caller: Caller, lookup: Caller | None, where: str
    ) -> None:
        only_options(settings, "status_url", "fields", "undo", sink=name)
        self._name = name
        self._url = settings.url.rstrip("/")
        self._caller = caller
        self._lookup = lookup
        self._where = where
        self._fields = tuple(map(SinkField, list_option(settings, "fields", sink=name)))
        self._undo = flag_option(settings, "undo", sink=name)

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"webhook:{self._url}"

    @property
    def settles_s(self) -> float:
        return 0.0

    def kind_for(self, schema: str) -> str | None:
        return schema

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return {"*": "*", "text": "@text", "source": "@source"}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        named = {one.name for one in self._fields}
        besides = (one for one in (_TEXT, _SOURCE) if one.name not in named)
        return (*self._fields, *besides) if self._fields else ()

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return undoing(write, receipt, creation="delete", comments=True) if self._undo else None

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        return (self._caller.shown("POST", "", _event(write)),)

    def check(self) -> str:
        """Asks for what nobody has, or else sends a ``ping``, which tells of nothing."""
        if self._lookup is not None:
            self._told(_NOBODY)
        else:
            self._caller.search("", {"type": "ping", "data": {}})
        return f"a sender whose signature {urlsplit(self._url).hostname} takes"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        told = self._told(key)
        return None if told is None else _entry(kind, key, told)

    def read(self, kind: str, external_id: str) -> SinkEntry:
        entry = self.find(kind, external_id)
        if entry is None:
            raise NotFoundError(
                f"{self._name} tells of no {kind} {external_id}",
                hint=f"actions.sinks.{self._name}.options.status_url is where a receiver would",
            )
        return entry

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        """None: a receiver can't be searched."""
        return []

    def write(self, write: SinkWrite) -> Receipt:
        was: Mapping[str, Json] = {}
        if write.operation in ("create", "comment"):
            there = self._told(write.key)
            if there is not None:
                known = _entry(write.kind, write.key, there)
                return Receipt(known.external_id, known.url, replayed=True)
        elif write.operation in ("update", "restore"):
            held = self._told(write.external_id)
            if held is not None:
                was = before(write.values, _entry(write.kind, write.external_id, held).values)
        body = _event(write)
        once = {"Idempotency-Key": event_id(body)}
        accept = (404, 410) if write.operation == "delete" else ()
        answer = self._caller.send("POST", "", body, accept=accept, headers=once)
        said = text(answer.body, "id") or write.key
        made = write.operation in ("create", "comment")
        return Receipt(
            said if made else write.external_id,
            text(answer.body, "url"),
            was,
            replayed=answer.status in accept,
        )

    def _told(self, key: str) -> Json:
        """What the receiver says of a key or an id; None: nothing, or it can't be asked."""
        if self._lookup is None or not key:
            return None
        try:
            answer = self._lookup.get(self._where.replace("{key}", quote(key, safe="")))
        except NotFoundError:
            return None
        if not text(answer.body, "id"):
            # A page for people, say, which is there for any address: it would pass for the entry.
            raise SinkUnavailableError(
                f"{self._name} answered {answer.status} to a look for a key, without an id",
                hint=f"what actions.sinks.{self._name}.options.status_url tells of a key has an "
                "id, and 404 says that there is none",
            )
        return answer.body


def _event(write: SinkWrite) -> Json:
    data: Json = {
        "kind": write.kind,
        "key": write.key,
        "id": write.external_id,
        "values": dict(write.values),
    }
    return {"type": _EVENTS[write.operation], "data": data}


def _entry(kind: str, key: str, told: Json) -> SinkEntry:
    values = item(told, "values")
    held = values if isinstance(values, Mapping) else {}
    return SinkEntry(
        kind,
        text(told, "id") or key,
        held,
        text(told, "url"),
        text(told, "title") or text(held, "title"),
        open=item(told, "open") is not False,
    )
