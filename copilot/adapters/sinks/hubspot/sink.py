"""HubSpot as a sink of tickets, contacts and deals.

A property whose values HubSpot keeps unique (``options.key_property``) holds the idempotency key.
By it an object is found at once, where the search lags behind. Invariant: a contact whose address
HubSpot has already is never made twice, and nothing that stands there is written over: a creation
only fills what is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from copilot.adapters.sinks.answers import before, item, items, row_of, rows_of, stated, text
from copilot.adapters.sinks.calling import Caller, Params
from copilot.adapters.sinks.hubspot.objects import (
    DEFAULTS,
    KINDS,
    OBJECTS,
    SAID,
    Row,
    described,
    note_body,
    properties_of,
    values_of,
)
from copilot.adapters.sinks.hubspot.speech import manners
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.naming import split_name
from copilot.adapters.sinks.options import number_option, only_options, text_option
from copilot.adapters.sinks.undoing import chosen_undoing, undoing
from copilot.config.records import SinkSettings
from copilot.errors import ConfigError, NotFoundError, SinkRequestError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

_API = "https://api.hubapi.com"
_VERSION = "2026-09"
_OBJECTS = f"/crm/objects/{_VERSION}"
_OPTIONS = (
    *("object", "key_property", "portal", "settles_s", "undo"),
    *("tickets_pipeline", "tickets_stage", "tickets_closed_stage"),
    *("deals_pipeline", "deals_stage", "deals_closed_stage"),
)
_NEAR = 100
# A request that we gave up on may still write; only objects have a key that HubSpot compares.
_SETTLES_S = 60
_GROUPS = 5  # of filters, the most that a search takes
_BEGINS = {"deals": ("default", "appointmentscheduled"), "tickets": ("0", "1")}
_ENDS = {"deals": "closedlost", "tickets": "4"}


def build(
    name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]
) -> HubSpotSink:
    """The sink of these settings; calls nothing. ConfigError."""
    caller = Caller(
        name,
        settings.url or _API,
        manners=manners(),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )
    return HubSpotSink(name, settings, caller)


class HubSpotSink:
    """Tickets, contacts and deals; a comment is a note on one of them."""

    def __init__(self, name: str, settings: SinkSettings, caller: Caller) -> None:
        only_options(settings, *_OPTIONS, sink=name)
        self._name = name
        self._caller = caller
        self._url = (settings.url or _API).rstrip("/")
        self._configured = settings.fields
        self._object = text_option(settings, "object", sink=name, default="tickets")
        if self._object not in OBJECTS:
            raise ConfigError(
                f"actions.sinks.{name}.options.object must be one of {', '.join(OBJECTS)}"
            )
        self._key = text_option(settings, "key_property", sink=name, default="copilot_key")
        self._portal = text_option(settings, "portal", sink=name, default="")
        self._begins = {
            kind: (
                text_option(settings, f"{kind}_pipeline", sink=name, default=pipeline),
                text_option(settings, f"{kind}_stage", sink=name, default=stage),
            )
            for kind, (pipeline, stage) in _BEGINS.items()
        }
        self._ends = {
            kind: text_option(settings, f"{kind}_closed_stage", sink=name, default=stage)
            for kind, stage in _ENDS.items()
        }
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)
        self._undo = chosen_undoing(settings, sink=name, default="delete")
        self._pipelines: dict[str, list[Row]] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        """All accounts have one address: without ``options.portal`` the sink's name tells them."""
        return f"hubspot:{self._url}/{self._portal or self._name}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        return KINDS.get(schema) or (self._object if schema in self._configured else None)

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return DEFAULTS.get(schema, {})

    def default_values(self, schema: str) -> Mapping[str, Mapping[str, str]]:
        return SAID.get(schema, {})

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        rows = self._all(f"/crm/properties/{_VERSION}/{kind}")
        keys = [row for row in rows if text(row, "name") == self._key]
        if not any(item(row, "hasUniqueValue") is True for row in keys):
            raise self._without_key(kind)
        told = OBJECTS[kind]
        pipelines = self._pipelines_of(kind)
        stages = [stage for one in pipelines for stage in items(one, "stages")]
        choices = {
            told.pipeline: tuple(text(one, "id") for one in pipelines),
            told.stage: tuple(text(one, "id") for one in stages),
        }
        return described(kind, rows, choices)

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        creation = self._undo if write.kind in self._ends else "delete"
        return undoing(write, receipt, creation=creation, comments=True)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        method, path, body = self._request(write)
        return (self._caller.shown(method, path, body),)

    def check(self) -> str:
        said = self._caller.get(f"/account-info/{_VERSION}/details").body
        return f"account {text(said, 'portalId')} ({text(said, 'accountType')})"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        try:
            return self._by(kind, self._key, key)
        except SinkRequestError as error:
            raise self._without_key(kind, error.message) from error

    def read(self, kind: str, external_id: str) -> SinkEntry:
        try:
            answer = self._caller.get(_path(kind, external_id), self._wanted(kind))
        except NotFoundError as error:
            raise NotFoundError(
                f"{self._name} has no {external_id} in its {kind}", hint=error.hint
            ) from error
        return self._entry(kind, row_of(answer, sink=self._name, known_by="id"))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        if limit < 1:
            return []
        if kind == "contacts":
            return self._same_person(values)[:limit]
        title = OBJECTS[kind].title
        said = str(values.get(title) or "")
        near = [[(title, "CONTAINS_TOKEN", word)] for word in telling(said)[:_GROUPS]]
        return likeliest(self._searched(kind, near), said, limit=limit)

    def write(self, write: SinkWrite) -> Receipt:
        method, path, body = self._request(write)
        where = self._shown_at(write.kind, write.external_id)
        match write.operation:
            case "create":
                return self._create(write, method, path, body)
            case "comment":
                note = self._note(write)
                if note:
                    return Receipt(note, where, replayed=True)
                answer = self._caller.send(method, path, body)
                return Receipt(stated(answer, "id", sink=self._name), where)
            case "delete":
                gone = self._caller.send(method, path, accept=(404,)).status == 404
                return Receipt(write.external_id, replayed=gone)
            case _:
                closing = write.operation == "close"
                wanted = self._closing(write.kind) if closing else write.values
                params = self._wanted(write.kind, *wanted)
                answer = self._caller.get(_path(write.kind, write.external_id), params)
                now = self._entry(write.kind, row_of(answer, sink=self._name, known_by="id"))
                was = before(wanted, now.values)
                self._caller.send(method, path, body)
                return Receipt(write.external_id, where, was)

    def _create(self, write: SinkWrite, method: str, path: str, body: Json) -> Receipt:
        held = self.find(write.kind, write.key)
        if held is not None:
            return Receipt(held.external_id, held.url, replayed=True)
        try:
            answer = self._caller.send(method, path, body)
        except SinkRequestError as error:
            # It may reject what it has: by now under this key, or a contact with this address.
            held = self.find(write.kind, write.key)
            if held is not None:
                return Receipt(held.external_id, held.url, replayed=True)
            address = str(write.values.get("email") or "").lower()
            known = self._by("contacts", "email", address) if address else None
            if self._key in error.fields:
                raise self._without_key(write.kind, error.fields[self._key]) from error
            if write.kind != "contacts" or known is None:
                raise
            return self._fill(known, item(body, "properties"))
        number = stated(answer, "id", sink=self._name)
        return Receipt(number, self._shown_at(write.kind, number))

    def _fill(self, known: SinkEntry, wanted: Json) -> Receipt:
        """Of what is wanted, add to a contact what it lacks."""
        told = wanted if isinstance(wanted, Mapping) else {}
        lacking = {name: to for name, to in told.items() if to and not known.values.get(name)}
        if lacking:
            path = _path("contacts", known.external_id)
            self._caller.send("PATCH", path, {"properties": lacking})
        return Receipt(known.external_id, known.url, dict.fromkeys(lacking))

    def _request(self, write: SinkWrite) -> tuple[str, str, Json]:
        """Method, path and body of what ``write`` comes to."""
        kind, path = write.kind, _path(write.kind, write.external_id)
        match write.operation:
            case "create":
                ours: dict[str, Json] = {}
                if kind in self._begins:
                    told = OBJECTS[kind]
                    ours = dict(zip((told.pipeline, told.stage), self._begins[kind], strict=True))
                told_all = ours | properties_of(write.values) | {self._key: write.key}
                return "POST", f"{_OBJECTS}/{kind}", {"properties": told_all}
            case "comment":
                return "POST", f"{_OBJECTS}/notes", self._note_of(write)
            case "close":
                return "PATCH", path, {"properties": self._closing(kind)}
            case "delete":
                where = _path("notes", write.external_id) if kind == "comment" else path
                return "DELETE", where, None
            case _:
                return "PATCH", path, {"properties": properties_of(write.values)}

    def _closing(self, kind: str) -> dict[str, Json]:
        if kind not in self._ends:
            raise SinkRequestError(f"{self._name} can't close {kind}", hint="delete it instead")
        return {OBJECTS[kind].stage: self._ends[kind]}

    def _note_of(self, write: SinkWrite) -> Json:
        said = note_body(str(write.values.get("comment") or ""), _mark(write.key))
        kind = {"associationCategory": "HUBSPOT_DEFINED"}
        type_: Json = {**kind, "associationTypeId": OBJECTS[write.kind].note}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        properties: Json = {"hs_timestamp": now, "hs_note_body": said}
        to: Json = {"to": {"id": write.external_id}, "types": [type_]}
        return {"properties": properties, "associations": [to]}

    def _note(self, write: SinkWrite) -> str:
        """The note with this write's key that the object has already."""
        path = f"{_path(write.kind, write.external_id)}/associations/notes"
        notes = [text(row, "toObjectId") for row in self._all(path)]
        for start in range(0, len(notes), 100):
            inputs: Json = [{"id": number} for number in notes[start : start + 100]]
            asked: Json = {"properties": ["hs_note_body"], "inputs": inputs}
            answer = self._caller.search(f"{_OBJECTS}/notes/batch/read", asked)
            for note in rows_of(answer, "results", sink=self._name):
                if _mark(write.key) in text(note, "properties", "hs_note_body"):
                    return text(note, "id")
        return ""

    def _by(self, kind: str, name: str, value: str) -> SinkEntry | None:
        """The object whose unique property ``name`` has this value."""
        params = {**self._wanted(kind), "idProperty": name}
        try:
            answer = self._caller.get(_path(kind, value), params)
        except NotFoundError:
            return None
        entry = self._entry(kind, row_of(answer, sink=self._name, known_by="id"))
        same = str(entry.values.get(name) or "").lower() == value.lower()
        return entry if same else None

    def _same_person(self, values: Mapping[str, Json]) -> list[SinkEntry]:
        address = str(values.get("email") or "").lower()
        known = self._by("contacts", "email", address) if address else None
        if known is not None:
            return [known]
        first, last = split_name(str(values.get("name") or ""))
        if not last:
            return []
        named = [("lastname", "EQ", last)] + ([("firstname", "EQ", first)] if first else [])
        return self._searched("contacts", [named])

    def _searched(self, kind: str, groups: list[list[tuple[str, str, str]]]) -> list[SinkEntry]:
        """The newest objects that meet all filters of any group."""
        if not groups:
            return []
        filters: Json = [
            {
                "filters": [
                    {"propertyName": name, "operator": operator, "value": value}
                    for name, operator, value in group
                ]
            }
            for group in groups
        ]
        newest: Json = [{"propertyName": "createdate", "direction": "DESCENDING"}]
        names: Json = self._names(kind)
        asked: Json = {
            "filterGroups": filters,
            "sorts": newest,
            "properties": names,
            "limit": _NEAR,
        }
        answer = self._caller.search(f"{_OBJECTS}/{kind}/search", asked)
        rows = rows_of(answer, "results", sink=self._name)
        return [self._entry(kind, row) for row in rows]

    def _all(self, path: str) -> list[Row]:
        """All of a list, page by page."""
        found: list[Row] = []
        after = ""
        while True:
            answer = self._caller.get(path, {"after": after} if after else None)
            found += rows_of(answer, "results", sink=self._name)
            following = text(answer.body, "paging", "next", "after")
            if following in ("", after):
                return found
            after = following

    def _pipelines_of(self, kind: str) -> list[Row]:
        if kind not in self._begins:
            return []
        if kind not in self._pipelines:
            self._pipelines[kind] = self._all(f"/crm/pipelines/{_VERSION}/{kind}")
        return self._pipelines[kind]

    def _open(self, kind: str, stage: str) -> bool:
        stages = [one for row in self._pipelines_of(kind) for one in items(row, "stages")]
        told = next((one for one in stages if text(one, "id") == stage), None)
        state = text(told, "metadata", "ticketState") or text(told, "metadata", "isClosed")
        return state not in ("CLOSED", "true")

    def _entry(self, kind: str, row: Json) -> SinkEntry:
        number, properties = text(row, "id"), item(row, "properties")
        values = values_of(kind, properties if isinstance(properties, Mapping) else {})
        told = OBJECTS[kind]
        return SinkEntry(
            kind,
            number,
            values,
            self._shown_at(kind, number),
            str(values.get(told.title) or values.get("email") or ""),
            open=self._open(kind, text(values, told.stage)) if told.stage else True,
        )

    def _names(self, kind: str, *more: str) -> list[str]:
        """The properties that are asked for: HubSpot gives only those."""
        told = OBJECTS[kind]
        schemas = [one for one in {*KINDS, *self._configured} if self.kind_for(one) == kind]
        used = [name for one in schemas for name in self._configured.get(one, {})]
        used += [name for one in schemas for name in DEFAULTS.get(one, {})]
        people = ["firstname", "lastname"] if kind == "contacts" else []
        names = {*used, *more, *people, told.pipeline, told.stage, self._key} - {"", "name", "*"}
        return sorted(names)

    def _wanted(self, kind: str, *more: str) -> Params:
        return {"properties": ",".join(self._names(kind, *more))}

    def _without_key(self, kind: str, why: str = "") -> SinkRequestError:
        said = f": {why}" if why else ""
        return SinkRequestError(
            f"{self._name} has no property {self._key} with unique values on its {kind}{said}",
            hint=f"in HubSpot, Settings, Properties: make one for {kind}, single-line text, "
            f"internal name {self._key}, with “Require unique values for this property”",
        )

    def _shown_at(self, kind: str, number: str) -> str:
        if not self._portal or kind not in OBJECTS:
            return ""
        return f"https://app.hubspot.com/contacts/{self._portal}/record/{OBJECTS[kind].number}/{number}"


def _path(kind: str, external_id: str) -> str:
    return f"{_OBJECTS}/{kind}/{quote(external_id, safe='')}"


def _mark(key: str) -> str:
    return f"[copilot:{key}]"
