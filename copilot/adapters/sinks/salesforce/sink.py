"""Salesforce as a sink of cases, contacts or leads, and opportunities.

A unique External ID field of the object (``options.key_field``) holds the idempotency key, and a
creation is an upsert by it, so that two at once are one record. An amount is written without its
currency, unless the configuration maps ``CurrencyIsoCode``, which only some organisations have.
Invariant: a creation is sent only after the key was looked for: an upsert would write over what
people have changed since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from copilot.adapters.sinks.answers import before, item, items, row_of, rows_of, stated, text
from copilot.adapters.sinks.calling import Answer, Caller
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.options import number_option, only_options, text_option
from copilot.adapters.sinks.salesforce.objects import (
    DEFAULTS,
    OBJECTS,
    PEOPLE,
    SAID,
    Row,
    as_fits,
    body_of,
    described,
)
from copilot.adapters.sinks.salesforce.speech import caller, containing, literal
from copilot.adapters.sinks.undoing import chosen_undoing, undoing
from copilot.config.records import SinkSettings
from copilot.errors import ConfigError, NotFoundError, SinkError, SinkRequestError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

_OPTIONS = (
    *("version", "key_field", "login_url", "object", "contact_object"),
    *("stage", "closed_status", "closed_stage", "settles_s", "undo"),
)
_NEAR = 100
# A request that we gave up on may still write; only records have a key that it compares.
_SETTLES_S = 60
_SUBJECT = "Comment from copilot"
_IDENTITY = re.compile(r"/id/\w+/(\w+)/?$")


def build(
    name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]
) -> SalesforceSink:
    """The sink of these settings; calls nothing. ConfigError."""
    return SalesforceSink(name, settings, caller(name, settings, key_for=key_for))


class SalesforceSink:
    """Records of an object; a comment is a case's comment, else a finished task."""

    def __init__(self, name: str, settings: SinkSettings, calls: Caller) -> None:
        only_options(settings, *_OPTIONS, sink=name)
        self._name = name
        self._caller = calls
        self._url = settings.url.rstrip("/")
        self._configured = settings.fields

        def option(of: str, default: str, allowed: str) -> str:
            value = text_option(settings, of, sink=name, default=default)
            if not re.fullmatch(allowed, value):
                raise ConfigError(
                    f"actions.sinks.{name}.options.{of} can't be {value!r}",
                    hint=f"such as {default}",
                )
            return value

        self._api = "/services/data/v" + option("version", "62.0", r"\d{2,3}\.\d")
        self._key = option("key_field", "Copilot_Key__c", r"[A-Za-z]\w*")
        self._contact = option("contact_object", "Contact", "|".join(PEOPLE))
        self._object = option("object", "Case", "|".join(OBJECTS))
        self._stage = option("stage", "Prospecting", ".+")
        self._ends = {
            "Case": option("closed_status", "Closed", ".+"),
            "Opportunity": option("closed_stage", "Closed Lost", ".+"),
        }
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)
        self._undo = chosen_undoing(settings, sink=name, default="close")

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"salesforce:{self._url}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        if schema in ("ticket", "incident", "feature_request"):
            return "Case"
        if schema == "crm_contact":
            return self._contact
        if schema == "crm_deal":
            return "Opportunity"
        return self._object if schema in self._configured else None

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return DEFAULTS.get((schema, self.kind_for(schema) or ""), {})

    def default_values(self, schema: str) -> Mapping[str, Mapping[str, str]]:
        return SAID.get(schema, {})

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        rows = items(self._caller.get(f"{self._api}/sobjects/{kind}/describe").body, "fields")
        for row in rows:
            unique = item(row, "externalId") is True and item(row, "unique") is True
            if unique and text(row, "name") == self._key:
                return described(kind, rows)
        raise self._without_key(kind)

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        creation = self._undo if write.kind == "Case" else "delete"
        return undoing(write, receipt, creation=creation, comments=True)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        method, path, body = self._request(as_fits(write))
        return (self._caller.shown(method, path, body),)

    def check(self) -> str:
        identity = text(self._caller.get(f"{self._api}/").body, "identity")
        found = _IDENTITY.search(identity)
        if found is None:
            return "a user that it doesn't name"
        query = f"SELECT Name, Username FROM User WHERE Id = {literal(found[1])}"
        rows = self._query(query)
        return f"{text(rows[0], 'Name')} ({text(rows[0], 'Username')})" if rows else found[1]

    def find(self, kind: str, key: str) -> SinkEntry | None:
        try:
            answer = self._caller.get(self._by_key(kind, key))
        except NotFoundError as error:
            if "external ID field" in error.message:
                raise self._without_key(kind) from error
            return None
        entry = self._entry(kind, row_of(answer, sink=self._name, known_by="Id"))
        return entry if entry.values.get(self._key) == key else None

    def read(self, kind: str, external_id: str) -> SinkEntry:
        try:
            answer = self._caller.get(self._path(kind, external_id))
        except NotFoundError as error:
            raise NotFoundError(
                f"{self._name} has no {kind} {external_id}", hint=error.hint
            ) from error
        return self._entry(kind, row_of(answer, sink=self._name, known_by="Id"))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        told = OBJECTS[kind]
        title, address = str(values.get(told.title) or ""), str(values.get("Email") or "")
        where = [f"{told.done} = false"] if told.done else []
        if kind in PEOPLE:
            same = f"Email = {literal(address)}" if address else f"Name = {literal(title)}"
            near = [same] if address or title else []
        else:
            near = [f"{told.title} LIKE {containing(word)}" for word in telling(title)]
        if not near or limit < 1:
            return []
        where.append(f"({' OR '.join(near)})")
        rows = self._query(
            f"SELECT Id, {told.title} FROM {kind} WHERE {' AND '.join(where)} "
            f"ORDER BY CreatedDate DESC LIMIT {_NEAR}"
        )
        entries = [self._entry(kind, row) for row in rows]
        likely = entries if kind in PEOPLE else likeliest(entries, title, limit=limit)
        return [self.read(kind, entry.external_id) for entry in likely[:limit]]

    def write(self, write: SinkWrite) -> Receipt:
        write = as_fits(write)
        method, path, body = self._request(write)
        where = self._shown_at(write.external_id)
        match write.operation:
            case "create":
                held = self.find(write.kind, write.key)
                if held is not None:
                    return Receipt(held.external_id, held.url, replayed=True)
                return self._created(write, self._caller.send(method, path, body))
            case "comment":
                told = OBJECTS[write.kind]
                note = self._note(write)
                if not note:
                    answer = self._caller.send(method, path, body)
                    number = stated(answer, "id", sink=self._name)
                    return Receipt(f"{told.note}/{number}", where)
                return Receipt(f"{told.note}/{note}", where, replayed=True)
            case "delete":
                gone = self._caller.send(method, path, accept=(404,)).status == 404
                return Receipt(write.external_id, replayed=gone)
            case _:
                wanted = self._closing(write.kind) if write.operation == "close" else write.values
                was = before(wanted, self.read(write.kind, write.external_id).values)
                self._caller.send(method, path, body)
                return Receipt(write.external_id, where, was)

    def _created(self, write: SinkWrite, answer: Answer) -> Receipt:
        """An upsert tells the id and whether it was there; before v46 a 204 tells neither."""
        number, replayed = text(answer.body, "id"), item(answer.body, "created") is False
        if not number and answer.status == 204:
            held = self.find(write.kind, write.key)
            number, replayed = (held.external_id if held else ""), True
        if not number:
            number = stated(answer, "id", sink=self._name)
        return Receipt(number, self._shown_at(number), replayed=replayed)

    def _request(self, write: SinkWrite) -> tuple[str, str, Json]:
        """Method, path and body of what ``write`` comes to."""
        kind, path = write.kind, self._path(write.kind, write.external_id)
        match write.operation:
            case "create":
                values = body_of(kind, write.values)
                values.pop(self._key, None)
                if kind == "Opportunity":
                    values.setdefault("StageName", self._stage)
                return "PATCH", self._by_key(kind, write.key), values
            case "comment":
                return "POST", f"{self._api}/sobjects/{OBJECTS[kind].note}", self._note_of(write)
            case "close":
                return "PATCH", path, self._closing(kind)
            case "delete":
                if kind == "comment":
                    note, _, number = write.external_id.partition("/")
                    path = self._path(note if note == "CaseComment" else "Task", number)
                return "DELETE", path, None
            case _:
                values = body_of(kind, write.values)
                values.pop(self._key, None)
                return "PATCH", path, values

    def _closing(self, kind: str) -> dict[str, Json]:
        if kind not in self._ends:
            raise SinkRequestError(f"{self._name} can't close a {kind}", hint="delete it instead")
        return {OBJECTS[kind].status: self._ends[kind]}

    def _note_of(self, write: SinkWrite) -> Json:
        told = OBJECTS[write.kind]
        said = str(write.values.get("comment") or "").replace("[copilot:", "(copilot:")
        note = {told.parent: write.external_id, told.body: f"{said}\n\n{_mark(write.key)}"}
        return note if told.note != "Task" else note | {"Subject": _SUBJECT, "Status": "Completed"}

    def _note(self, write: SinkWrite) -> str:
        """The comment with this write's key that the record has already.

        All of its comments are read: SOQL can't look into long texts.
        """
        told = OBJECTS[write.kind]
        query = f"SELECT Id, {told.body} FROM {told.note} WHERE {told.parent} = "
        rows = self._query(query + literal(write.external_id))
        mark = _mark(write.key)
        return next((text(row, "Id") for row in rows if mark in text(row, told.body)), "")

    def _query(self, soql: str) -> list[Row]:
        """All rows, page by page."""
        answer = self._caller.get(f"{self._api}/query", {"q": soql})
        found = rows_of(answer, "records", sink=self._name)
        while item(answer.body, "done") is False:
            after = text(answer.body, "nextRecordsUrl")
            if not after.startswith("/services/data/"):
                raise SinkError(f"{self._name} names a next page that is none of its API's")
            answer = self._caller.get(after)
            found += rows_of(answer, "records", sink=self._name)
        return found

    def _entry(self, kind: str, row: Json) -> SinkEntry:
        number, told = text(row, "Id"), OBJECTS[kind]
        values = dict(row) if isinstance(row, Mapping) else {}
        values.pop("attributes", None)
        return SinkEntry(
            kind,
            number,
            values,
            self._shown_at(number),
            text(row, told.title),
            open=item(row, told.done) is not True if told.done else True,
        )

    def _without_key(self, kind: str) -> SinkRequestError:
        return SinkRequestError(
            f"{self._name} has no unique External ID field {self._key} on {kind}",
            hint=f"in Salesforce, Setup, Object Manager, {kind}, Fields: make a text field of 255 "
            f"characters, API name {self._key}, Unique and External ID, and let our user see it",
        )

    def _path(self, kind: str, external_id: str) -> str:
        return f"{self._api}/sobjects/{kind}/{quote(external_id, safe='')}"

    def _by_key(self, kind: str, key: str) -> str:
        return f"{self._api}/sobjects/{kind}/{self._key}/{quote(key, safe='')}"

    def _shown_at(self, number: str) -> str:
        return f"{self._url}/{number}"


def _mark(key: str) -> str:
    return f"[copilot:{key}]"
