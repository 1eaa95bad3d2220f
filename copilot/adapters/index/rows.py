"""The columns of the tables, and the way of each value into them and back.

Invariant: what is read back equals what was written (sentence vectors to within their
packing); times are UTC; a change of these columns is a new ``LAYOUT``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from copilot.adapters.index import packing
from copilot.adapters.index.filters import access_of
from copilot.adapters.index.lexical import search_text
from copilot.messages import (
    BlockSpan,
    DocumentState,
    EmbedderIdentity,
    Locator,
    LocatorKind,
    Passage,
    PassageVectors,
    SourceConfig,
    StoredPassage,
)

LAYOUT = 2
_EMBEDDER, _LAYOUT = b"copilot.embedder", b"copilot.layout"
# Lance finds the key in the field's metadata, so that creating the table is one commit.
_KEY = {"lance-schema:unenforced-primary-key": "true"}
# What ``stored_passages`` reads; ``search_text`` and ``access`` serve the searches. Each further
# column costs a look-up of its own, so what nobody filters by stands together in ``record``.
STORED = (
    *("id", "document_id", "path", "source", "modified_at", "text", "record"),
    *("vector", "sentences", "sentence_spans"),
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Pair = tuple[Passage, PassageVectors]


# --- schemas ---------------------------------------------------------------------------


def passages_schema(identity: EmbedderIdentity | None) -> Any:
    """The passages table of this embedder; of none, it can only be replaced."""
    import pyarrow as pa

    text = pa.string()
    columns = [
        pa.field("id", text, nullable=False, metadata=_KEY),
        *(pa.field(name, text) for name in ("document_id", "path", "source")),
        pa.field("modified_at", pa.timestamp("us", tz="UTC")),
        pa.field("access", pa.list_(text)),
        pa.field("text", text),
        pa.field("search_text", text),
        pa.field("record", text),
        pa.field("vector", pa.list_(pa.float32(), identity.dimension if identity else 1)),
        pa.field("sentences", pa.binary()),
        pa.field("sentence_spans", pa.binary()),
    ]
    metadata = {_LAYOUT: str(LAYOUT).encode()}
    if identity is not None:
        metadata[_EMBEDDER] = json.dumps(asdict(identity)).encode()
    return pa.schema(columns, metadata=metadata)


def documents_schema() -> Any:
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    kinds = {
        "size": pa.int64(),
        "mtime_ns": pa.int64(),
        "passages": pa.int32(),
        "records": pa.int32(),
        "indexed_at": moment,
        "modified_at": moment,
        "labels": pa.list_(pa.string()),
    }
    return _value_schema(DocumentState, kinds, key="path")


def sources_schema() -> Any:
    import pyarrow as pa

    texts = pa.list_(pa.string())
    kinds = {
        "labels": texts,
        "include": texts,
        "exclude": texts,
        "added_at": pa.timestamp("us", tz="UTC"),
        "device": pa.int64(),
    }
    return _value_schema(SourceConfig, kinds, key="id")


def _value_schema(value: type[Any], kinds: dict[str, Any], *, key: str) -> Any:
    import pyarrow as pa

    columns = [
        pa.field(f.name, pa.string(), nullable=False, metadata=_KEY)
        if f.name == key
        else pa.field(f.name, kinds.get(f.name, pa.string()))
        for f in fields(value)
    ]
    return pa.schema(columns, metadata={_LAYOUT: str(LAYOUT).encode()})


def layout_of(schema: Any) -> int:
    """0 for a table that copilot didn't write."""
    return int((schema.metadata or {}).get(_LAYOUT, b"0"))


def identity_of(schema: Any) -> EmbedderIdentity | None:
    found = (schema.metadata or {}).get(_EMBEDDER)
    return EmbedderIdentity(**json.loads(found)) if found else None


# --- passages --------------------------------------------------------------------------


def passage_rows(pairs: Sequence[Pair], dimension: int) -> Any:
    """A RecordBatch. Raises ValueError when a vector hasn't ``dimension`` components."""
    import numpy as np
    import pyarrow as pa

    passages = [passage for passage, _ in pairs]
    vectors = np.stack([v.passage for _, v in pairs]).astype(np.float32, copy=False)
    if vectors.shape != (len(pairs), dimension):
        raise ValueError(f"vectors of shape {vectors.shape} in an index of dimension {dimension}")
    columns = {
        "id": [p.id for p in passages],
        "document_id": _texts(p.document_id for p in passages),
        "path": _texts(p.path for p in passages),
        "source": _texts(p.source for p in passages),
        "modified_at": [p.modified_at for p in passages],
        "access": [_texts(access_of(p.labels)) for p in passages],
        "text": _texts(p.text for p in passages),
        "search_text": _texts(search_text(p.title, p.heading_path, p.text) for p in passages),
        "record": [_dumps(_record_out(p)) for p in passages],
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension),
        "sentences": [packing.pack(v.sentences) for _, v in pairs],
        "sentence_spans": [packing.pack_spans(v.sentence_spans) for _, v in pairs],
    }
    schema = passages_schema(EmbedderIdentity("", "", dimension, 0)).remove_metadata()
    arrays = [
        columns[f.name] if f.name == "vector" else pa.array(columns[f.name], f.type) for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def stored_passages(table: Any) -> list[StoredPassage]:
    """The rows of an Arrow table with the columns ``STORED``."""
    import numpy as np

    if not len(table):
        return []
    dimension = table.schema.field("vector").type.list_size
    flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors = np.asarray(flat, dtype=np.float32).reshape(len(table), dimension)
    sentences = packing.unpack(table["sentences"].to_pylist(), dimension)
    spans = [packing.unpack_spans(packed) for packed in table["sentence_spans"].to_pylist()]
    columns = [
        _moments(table[name]) if name == "modified_at" else table[name].to_pylist()
        for name in STORED[:7]
    ]
    found = []
    for i, (id_, document_id, path, source, modified_at, text, record) in enumerate(
        zip(*columns, strict=True)
    ):
        title, ordinal, headings, locator, blocks, start, end, digest, labels, url, *later = (
            json.loads(record)
        )
        passage = Passage(
            id=id_,
            document_id=document_id,
            path=path,
            title=title,
            ordinal=ordinal,
            text=text,
            heading_path=tuple(headings),
            locator=_locator_in(*locator),
            spans=tuple([_span_in(block) for block in blocks]),
            char_start=start,
            char_end=end,
            content_hash=digest,
            labels=tuple(labels),
            source=source,
            url=url,
            modified_at=modified_at,
            superseded=bool(later and later[0]),
        )
        found.append(
            StoredPassage(passage, PassageVectors(vectors[i].copy(), sentences[i], spans[i]))
        )
    return found


# --- documents and sources -------------------------------------------------------------


def value_rows(values: Sequence[DocumentState] | Sequence[SourceConfig], schema: Any) -> Any:
    """An Arrow table with one row for each value."""
    import pyarrow as pa

    arrays = []
    for column in schema:
        cells = [getattr(value, column.name) for value in values]
        if pa.types.is_string(column.type):
            cells = _texts(cells)
        elif pa.types.is_list(column.type):
            cells = [_texts(cell) for cell in cells]
        arrays.append(pa.array(cells, column.type))
    return pa.table(arrays, schema=schema)


def document_states(table: Any) -> list[DocumentState]:
    return sorted(_values(table, DocumentState), key=lambda state: state.path)


def source_configs(table: Any) -> list[SourceConfig]:
    return sorted(_values(table, SourceConfig), key=lambda source: source.id)


def _values(table: Any, kind: type[Any]) -> list[Any]:
    import pyarrow as pa

    names = [f.name for f in fields(kind)]
    lists = {column.name for column in table.schema if pa.types.is_list(column.type)}
    columns = [
        [tuple(cell) for cell in table[name].to_pylist()]
        if name in lists
        else table[name].to_pylist()
        for name in names
    ]
    return [kind(*row) for row in zip(*columns, strict=True)]


# --- parts -----------------------------------------------------------------------------


def _texts(values: Iterable[str]) -> list[str]:
    """Strings that Arrow takes: a lone surrogate (half a character) becomes "?"."""
    found = list(values)
    try:
        "".join(found).encode()
    except UnicodeEncodeError:
        return [value.encode("utf-8", "replace").decode() for value in found]
    return found


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _record_out(p: Passage) -> list[Any]:
    return [
        *(_text(p.title), p.ordinal, _texts(p.heading_path), _locator_out(p.locator)),
        [_span_out(span) for span in p.spans],
        *(p.char_start, p.char_end, p.content_hash, _texts(p.labels), _text(p.url), p.superseded),
    ]


def _text(value: str) -> str:
    return _texts([value])[0]


def _locator_out(locator: Locator) -> list[Any]:
    return [locator.kind, locator.start, locator.end]


def _span_out(span: BlockSpan) -> list[Any]:
    return [span.kind, span.start, span.end, _locator_out(span.locator), span.level]


def _span_in(data: list[Any]) -> BlockSpan:
    kind, start, end, locator, level = data
    return BlockSpan(kind, start, end, _locator_in(*locator), level)


@lru_cache(maxsize=8192)
def _locator_in(kind: LocatorKind, start: int | str, end: int | str) -> Locator:
    """The same few lines, pages and cells come up again and again."""
    return Locator(kind, start, end)


def _moments(column: Any) -> list[datetime | None]:
    """Arrow's own way to datetimes looks up the time zone for each."""
    import pyarrow as pa

    microseconds = column.cast(pa.int64()).to_pylist()
    return [None if n is None else _EPOCH + timedelta(microseconds=n) for n in microseconds]
