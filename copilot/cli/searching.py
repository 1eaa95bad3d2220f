"""Runs searches for the command line and shows what they find.

Invariant: what a document says reaches a terminal only through ``guard.terminal``; a batch
gives one line for each of its lines, in order, whatever happens to its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from copilot.bootstrap import Copilot
from copilot.cli import console
from copilot.cli.batches import BatchLine, read_batch
from copilot.codec import to_plain
from copilot.errors import CopilotError, ExitCode
from copilot.guard.terminal import clean_line, link
from copilot.knowledge.explaining import nearest_sentence, score_parts
from copilot.knowledge.ranking import PAGE
from copilot.knowledge.search import SearchRequest, SearchResult
from copilot.messages import Hit, SearchFilter
from copilot.operations.searching import searched
from copilot.places import describe, display_path, file_target

_SNIPPET = 220


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look; empty fields narrow nothing."""

    path: str = ""
    source: str = ""

    def narrow(self, where: SearchFilter) -> SearchFilter:
        return replace(
            where,
            path_prefix=_absolute(self.path) if self.path else where.path_prefix,
            source=_absolute(self.source) if self.source else where.source,
        )


def _absolute(path: str) -> str:
    return str(Path(console.typed(path)).absolute())


def search_one(copilot: Copilot, query: str, scope: Scope, *, explain: bool) -> int:
    """Search once and show the hits."""
    request = SearchRequest(
        query=query,
        where=scope.narrow(copilot.where),
        limit=copilot.settings.search.limit,
        spread=PAGE,
    )
    result = _searched(copilot, request)
    if console.json_mode():
        console.emit(search_envelope(query, result))
        return int(ExitCode.DONE)
    for line in _page(copilot, result, explain=explain):
        console.out(line)
    if not result.hits:
        console.err("copilot: nothing found")
    return int(ExitCode.DONE)


def search_batch(copilot: Copilot, batch: str, scope: Scope) -> int:
    """Search for each line of ``batch``; one that fails is an error line."""
    failed = False
    for line in read_batch(batch):
        if isinstance(line, BatchLine):
            try:
                request = SearchRequest(
                    query=line.question,
                    history=line.history,
                    where=line.filters.narrow(scope.narrow(copilot.where)),
                    limit=copilot.settings.search.limit,
                    spread=PAGE,
                )
                result = _searched(copilot, request)
            except CopilotError as error:
                failed = True
                console.emit({"id": line.id, **console.error_envelope(error)})
            else:
                console.emit({"id": line.id, **search_envelope(line.question, result)})
        else:
            failed = True
            console.emit({"id": line.id, **console.error_envelope(line.error)})
    return int(ExitCode.PARTIAL if failed else ExitCode.DONE)


def _searched(copilot: Copilot, request: SearchRequest) -> SearchResult:
    """Search, and record it: a ledger that can't be written costs a warning, not the hits."""
    result, warning = searched(copilot, request)
    if warning is not None:
        console.err(clean_line(f"copilot: {warning.message} ({warning.hint})"))
    return result


def search_envelope(query: str, result: SearchResult) -> dict[str, Any]:
    """The ``search`` envelope that scripts rely on; its keys are stable."""
    return {
        "kind": "search",
        "query": query,
        "hits": [
            {
                "rank": hit.rank,
                "score": hit.score,
                "scores": dict(hit.scores),
                "passage_id": hit.passage.id,
                "document_id": hit.passage.document_id,
                "path": hit.passage.path,
                "title": hit.passage.title,
                "heading_path": list(hit.passage.heading_path),
                "locator": to_plain(hit.passage.locator),
                "text": hit.passage.text,
            }
            for hit in result.hits
        ],
        "index_version": result.index_version,
        "latency_ms": round(result.latency_ms, 1),
    }


def _page(copilot: Copilot, result: SearchResult, *, explain: bool) -> Iterator[str]:
    output = copilot.settings.output
    bold, links = console.colour(output.color), console.links(output.links)
    for hit in result.hits:
        passage = hit.passage
        headings = [heading for heading in passage.heading_path if heading != passage.title]
        name = clean_line(" › ".join([passage.title or Path(passage.path).name, *headings]))
        where = clean_line(f"{display_path(passage.path)}, {describe(passage.locator)}")
        if links:
            where = link(where, file_target(passage.path, passage.locator))
        yield f"{hit.rank:>2}. {_strong(name) if bold else name}"
        yield f"    {where}"
        yield f"    {_snippet(hit, result)}"
        if explain:
            yield from (f"    {line}" for line in _explained(hit))
        yield ""
    if explain:
        asked = ", ".join(json.dumps(query, ensure_ascii=False) for query in result.queries)
        yield f"searched for {clean_line(asked)}"
        yield f"index version {result.index_version}, {result.latency_ms:.0f} ms"


def _snippet(hit: Hit, result: SearchResult) -> str:
    """The sentence that is nearest to what was asked, with what follows it."""
    text = hit.passage.text
    start, _ = nearest_sentence(hit, result)
    shown = clean_line(text[start : start + 3 * _SNIPPET])
    if len(shown) > _SNIPPET:
        shown = shown[:_SNIPPET].rsplit(" ", 1)[0] + " …"
    return f"… {shown}" if clean_line(text[:start]) else shown


def _explained(hit: Hit) -> Iterator[str]:
    """Every score: raw, and in brackets how far above the other candidates it stands."""
    parts = list(score_parts(hit))
    for own, asked in ((False, "scores"), (True, "question alone")):
        told = [f"{one.name} {one.score:.3f} ({one.above:+.2f})" for one in parts if one.own is own]
        if told and not own:
            told.append(f"fused {hit.scores['fused']:+.3f}")
        if told:
            yield f"{asked}: {', '.join(told)}"


def _strong(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"
