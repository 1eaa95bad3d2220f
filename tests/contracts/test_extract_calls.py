"""What the core answers about records, beside what ``copilot extract`` says of the same texts."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from copilot.calls import extracting as calls
from copilot.codec import to_plain
from copilot.errors import CopilotError, NotFoundError, ReadError, SchemaError, UsageError
from copilot.events import Event, RecordExtracted, RunFinished, RunStarted
from copilot.extracted import ExtractedRecord
from copilot.extraction.envelopes import record_envelope
from copilot.proposals import ProposalState
from copilot.records import FeedbackGiven
from copilot.runs import RunFilter
from copilot.serving.client import Client
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from copilot.tui.core import Core
from tests.cli.conftest import run_cli
from tests.corpora import REPOSITORY
from tests.modelled import records as modelled
from tests.modelled import said
from tests.tui.driving import RealCore, real_core

MAIL = REPOSITORY / "data" / "samples" / "label-printer.eml"
ByCommand = Callable[..., list[dict[str, Any]]]
NOTE = (
    "Spoke to Dana Reyes of Veldmann Logistics today, 3 pm.\n"
    "She is Head of Dispatch; reach her at dana.reyes@veldmann.example or +49 30 901820.\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def by_command(tmp_path_factory: pytest.TempPathFactory) -> ByCommand:
    """What ``copilot extract`` writes of it; each is run once."""
    home = tmp_path_factory.mktemp("other")

    @cache
    def lines(*arguments: str, stdin: str = "") -> list[dict[str, Any]]:
        return run_cli("extract", *arguments, home=home, stdin=stdin).lines

    return lines


@pytest.fixture
def core(home: Path, monkeypatch: pytest.MonkeyPatch) -> RealCore:
    return real_core(home, monkeypatch)


async def extracted(
    core: Core, call: calls.Extract
) -> tuple[list[ExtractedRecord], calls.Extracted, list[Event]]:
    events: list[Event] = []
    async with aclosing(core.stream(call)) as steps:
        async for step in steps:
            if isinstance(step, calls.Extracted):
                found = [one.record for one in events if isinstance(one, RecordExtracted)]
                return found, step, events
            events.append(step)  # type: ignore[arg-type]
    raise AssertionError("it ended without a reply")


def told(records: Sequence[ExtractedRecord], reply: calls.Extracted) -> list[dict[str, Any]]:
    """The records as the command writes them, but for the names that are new each time."""
    return [
        same(record_envelope(one, reply.source, run_id="", usage=reply.usage, records=len(records)))
        for one in records
    ]


def same(envelope: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(to_plain(envelope))
    for name in ("id", "record_id", "run_id"):
        found.pop(name)
    return found


@pytest.mark.parametrize("schema", ["ticket", "meeting", "name?, room: int?, due: date?"])
async def test_a_file_gives_the_records_and_the_evidence_that_the_command_gives(
    schema: str, core: Core, by_command: ByCommand
) -> None:
    records, reply, events = await extracted(core, calls.Extract(schema, path=str(MAIL)))
    assert told(records, reply) == [same(one) for one in by_command(schema, str(MAIL))]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    for one in records:
        for field in one.fields.values():
            if field.evidence is not None:
                at = slice(field.evidence.start, field.evidence.end)
                assert reply.source.text[at] == field.evidence.quote


async def test_a_pasted_text_gives_what_the_command_reads_from_a_pipe(
    core: Core, by_command: ByCommand
) -> None:
    text = MAIL.read_text(encoding="utf-8")
    records, reply, _ = await extracted(core, calls.Extract("ticket", text=text))
    piped = by_command("ticket", stdin=text)
    ours = json.loads(json.dumps(told(records, reply)).replace('"pasted text"', '"stdin"'))
    assert ours == [same(one) for one in piped]


async def test_the_same_model_says_the_same_through_both_front_ends(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {
        "name": said("Dana Reyes", "Dana Reyes"),
        "company": said("Veldmann Logistics", "Veldmann Logistics"),
        "phone": said("+4930901820", "+49 30 901820"),
    }
    reply = scripted.text(json.dumps(modelled(answer), ensure_ascii=False))
    with OpenAIServer() as server:
        model = {
            "COPILOT_EXTRACTION__MODEL": "openai/scripted",
            "COPILOT_MODELS__API_BASE": server.url,
            "OPENAI_API_KEY": "sk-test",
        }
        server.script(reply)
        by_command = run_cli(
            "extract", "crm_contact", home=tmp_path / "other", stdin=NOTE, env=model
        ).lines
        for name, value in model.items():
            monkeypatch.setenv(name, value)
        server.script(reply)
        found = await extracted(
            real_core(home, monkeypatch), calls.Extract("crm_contact", text=NOTE)
        )
    ours = json.loads(json.dumps(told(*found[:2])).replace('"pasted text"', '"stdin"'))
    assert ours == [same(one) for one in by_command]
    assert ours[0]["fields"]["phone"]["read_by"] == "openai/scripted"


async def test_an_extraction_is_a_run_in_the_ledger_and_its_schema_the_last_one(
    core: RealCore,
) -> None:
    assert (await core.call(calls.ListSchemas(), calls.Schemas)).last == ""
    _, reply, _ = await extracted(core, calls.Extract("meeting", text="We meet on 3 March 2026."))
    with core.parts.ready().run_reader.at_once() as reader:
        [run] = reader.runs(RunFilter(kind="extract"), limit=5)
    assert (run.id, run.question) == (reply.run_id, "meeting from pasted text")
    schemas = await core.call(calls.ListSchemas(), calls.Schemas)
    assert schemas.last == "meeting"
    assert "ticket" in [one.name for one in schemas.found]


async def test_lines_of_json_are_texts_to_choose_from(core: Core, tmp_path: Path) -> None:
    lines = [json.dumps({"id": n, "text": f"Room {n} is closed."}) for n in range(600)]
    file = tmp_path / "notes.jsonl"
    file.write_text("\n".join([*lines, "no JSON", ""]), encoding="utf-8")
    there = await core.call(calls.ListTexts(path=str(file)), calls.Texts)
    assert (there.total, len(there.found)) == (601, 500)
    assert there.found[7] == calls.TextThere(8, f"{file}#8", "Room 7 is closed.")
    eighth = await core.call(calls.ReadText(path=str(file), number=8), calls.TextRead)
    assert eighth.source.text == "Room 7 is closed."
    with pytest.raises(UsageError, match="is not JSON"):
        await core.call(calls.ReadText(path=str(file), number=601), calls.TextRead)
    with pytest.raises(NotFoundError, match="number 602"):
        await core.call(calls.ReadText(path=str(file), number=602), calls.TextRead)
    pasted = await core.call(calls.ListTexts(text="\n".join(lines[:3])), calls.Texts)
    assert [one.begins for one in pasted.found] == [f"Room {n} is closed." for n in range(3)]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (calls.ListTexts(text=" \n"), UsageError, "there is no text"),
        (calls.ReadText(path="/nowhere/at.all"), NotFoundError, "isn't there"),
        (calls.ReadText(path=str(REPOSITORY / "data")), ReadError, "is a folder"),
        (calls.Extract("tickets", text="hello"), SchemaError, "there is no schema"),
        (calls.DescribeSchema("a: b: c"), SchemaError, "no type"),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_what_cannot_be_read_is_said_with_a_remedy(
    core: Core, call: Any, error: type[CopilotError], said: str
) -> None:
    with pytest.raises(error, match=said) as raised:
        async with aclosing(core.stream(call)) as steps:
            async for _ in steps:
                pass
    assert raised.value.hint


async def test_a_record_waits_for_approval_once_proposed_and_a_preview_writes_nothing(
    core: RealCore,
) -> None:
    records, reply, _ = await extracted(core, calls.Extract("ticket", path=str(MAIL)))
    sinks = await core.call(calls.ListSinks("ticket"), calls.SinksTaking)
    assert sinks.found == ("desk",)
    call = calls.ProposeRecord(tuple(records), 0, reply.source, "desk", reply.run_id, dry_run=True)
    outbox = core.parts.ready().delivery.outbox
    would = await core.call(call, calls.RecordProposed)
    assert (would.standing, would.ruling) == (None, "ask")
    assert would.would is not None
    assert would.what == "create ticket"
    assert not outbox.content().standings
    done = await core.call(replace(call, dry_run=False), calls.RecordProposed)
    assert done.standing is not None
    assert done.standing.state is ProposalState.WAITING
    assert done.standing.proposal.id == would.would.id
    there = await core.call(call, calls.RecordProposed)
    assert there.standing is not None
    by_command = run_cli(
        "extract", "ticket", str(MAIL), "--to", "desk", "--dry-run",
        home=Path(core.parts.ready().paths.data),
    )  # fmt: skip
    assert there.standing.proposal.id[:12] in by_command.err


async def test_a_corrected_record_is_proposed_as_it_is_and_kept_as_feedback(
    core: RealCore,
) -> None:
    [record, *others], reply, _ = await extracted(core, calls.Extract("ticket", path=str(MAIL)))
    values = {**record.record, "title": "Labels come out blank", "severity": "nonsense"}
    call = calls.CorrectRecord("ticket", record, reply.source, values)
    wrong = (await core.call(call, calls.RecordCorrected)).record
    assert wrong.status == "invalid"
    assert [one.path for one in wrong.errors] == ["severity"]
    proposing = calls.ProposeRecord((wrong, *others), 0, reply.source, "desk", reply.run_id)
    with pytest.raises(UsageError, match="severity"):
        await core.call(proposing, calls.RecordProposed)
    call = replace(call, values={**values, "severity": "high"})
    right = (await core.call(call, calls.RecordCorrected)).record
    assert right.fields["title"].read_by == "person"
    proposing = replace(proposing, records=(right, *others))
    done = await core.call(proposing, calls.RecordProposed)
    assert done.standing is not None
    assert done.standing.proposal.taint.edited
    assert any("Edited by a person" in one for one in done.against)
    with core.parts.ready().run_reader.at_once() as reader:
        run = reader.run(reply.run_id)
    assert any("title" in one.comment for one in given(run))


def given(run: Any) -> list[FeedbackGiven]:
    return [one for one in run.feedback if one.tags == ("edited",)]


async def test_records_are_saved_as_the_command_writes_them(
    core: Core, tmp_path: Path, by_command: ByCommand
) -> None:
    records, reply, _ = await extracted(core, calls.Extract("ticket", path=str(MAIL)))
    file = tmp_path / "out.jsonl"
    call = calls.SaveRecords(str(file), tuple(records), reply.source, reply.run_id, reply.usage)
    assert await core.call(call, calls.RecordsSaved) == calls.RecordsSaved(str(file), written=True)
    written = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [same(one) for one in written] == [same(one) for one in by_command("ticket", str(MAIL))]
    file.write_text("mine")
    assert not (await core.call(call, calls.RecordsSaved)).written
    assert file.read_text() == "mine"
    assert (await core.call(replace(call, replace=True), calls.RecordsSaved)).written


async def test_leaving_an_extraction_closes_the_model_call(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAIServer() as server:
        monkeypatch.setenv("COPILOT_EXTRACTION__MODEL", "openai/scripted")
        monkeypatch.setenv("COPILOT_MODELS__API_BASE", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        server.script(scripted.slow(scripted.text("{}"), 2))
        core = real_core(home, monkeypatch)
        running = asyncio.ensure_future(extracted(core, calls.Extract("crm_contact", text=NOTE)))
        await asyncio.to_thread(heard, server)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await asyncio.to_thread(server.disconnected.wait, 10)
        with core.parts.ready().run_reader.at_once() as reader:
            [run] = reader.runs(RunFilter(kind="extract"), limit=5)
        assert run.status == "interrupted"


def heard(server: OpenAIServer) -> None:
    """Until the model was asked."""
    while not server.requests:
        time.sleep(0.02)


@pytest.fixture
async def process(home: Path) -> AsyncIterator[Client]:
    client = Client(env={**os.environ, "COPILOT_HOME": str(home)})
    yield client
    await client.stop()


async def test_records_come_whole_through_the_process(process: Client) -> None:
    records, reply, _ = await extracted(process, calls.Extract("ticket", path=str(MAIL)))
    assert reply.source.text == MAIL.read_text(encoding="utf-8")
    call = calls.CorrectRecord("ticket", records[0], reply.source, records[0].record)
    back = await process.call(call, calls.RecordCorrected)
    assert to_plain(back.record) == to_plain(records[0])


async def test_what_the_policy_allows_is_sent_at_once_and_stands_so_the_next_time(
    core: RealCore, home: Path
) -> None:
    rule = '[[rule]]\nname = "all"\ndecision = "allow"\n'
    (home / "policy.toml").write_text(rule, encoding="utf-8")
    records, reply, _ = await extracted(core, calls.Extract("ticket", path=str(MAIL)))
    call = calls.ProposeRecord(tuple(records), 0, reply.source, "desk", reply.run_id)
    would = await core.call(replace(call, dry_run=True), calls.RecordProposed)
    assert (would.standing, would.ruling) == (None, "allow")
    done = await core.call(call, calls.RecordProposed)
    assert done.standing is not None
    assert done.standing.state is ProposalState.SENT
    again = await core.call(replace(call, dry_run=True), calls.RecordProposed)
    assert again.standing == done.standing
