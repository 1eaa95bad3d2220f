"""A record that a person corrects, before and when it is proposed."""

from __future__ import annotations

from copilot.extracted import Evidence, ExtractedRecord, FieldValue, SourceText
from copilot.extraction.correcting import corrected
from copilot.extraction.schemas import schema_of
from copilot.proposals import ProposalState
from copilot.records import FeedbackGiven
from tests.handed import ASK, World
from tests.proposed import MAIL, record, source

SCHEMA = schema_of(
    {
        "type": "object",
        "properties": {"room": {"type": "string"}, "seats": {"type": ["integer", "null"]}},
        "required": ["room", "seats"],
    },
    name="room",
    check=lambda record: (),
)
TEXT = SourceText("mail", "Room 4 has 12 seats, room 5 has 14.", "digest")
READ = ExtractedRecord(
    "r1",
    "room",
    "1",
    "valid",
    {"room": "Room 4", "seats": 12},
    {
        "room": FieldValue("Room 4", Evidence("Room 4", 0, 6), 0.9),
        "seats": FieldValue(12, Evidence("12 seats", 11, 19), 0.8),
    },
    source_digest="digest",
)


def test_what_a_person_wrote_is_theirs_with_its_words_where_the_text_has_them() -> None:
    found = corrected(READ, {"room": "room 5", "seats": 12}, TEXT, SCHEMA)
    assert found.record == {"room": "room 5", "seats": 12}
    assert found.fields["room"] == FieldValue(
        "room 5", Evidence("room 5", 21, 27), 1.0, read_by="person"
    )
    assert found.fields["seats"] == READ.fields["seats"]
    nowhere = corrected(READ, {"room": "Room 9", "seats": None}, TEXT, SCHEMA)
    assert nowhere.fields["room"] == FieldValue("Room 9", None, 1.0, read_by="person")
    assert nowhere.fields["seats"].value is None


def test_its_schema_says_whether_it_is_valid_then() -> None:
    from copilot.adapters.schemas import json_check

    checked = schema_of(
        SCHEMA.json_schema, name="room", check=json_check(SCHEMA.json_schema, "room")
    )
    found = corrected(READ, {"room": "Room 4", "seats": "many"}, TEXT, checked)
    assert found.status == "invalid"
    assert [one.path for one in found.errors] == ["seats"]
    assert corrected(found, READ.record, TEXT, checked).status == "valid"


async def test_a_record_that_was_corrected_first_is_proposed_as_edited_and_is_feedback() -> None:
    world = World(ASK)
    text, read = source(MAIL), record(MAIL)
    schema = schema_of(
        {"type": "object", "properties": {"title": {"type": "string"}}}, name=read.schema
    )
    better = corrected(read, {**read.record, "title": "The export breaks"}, text, schema)
    [standing] = await world.of().hand_over([better], text, "memory", run_id="run-7")
    assert standing.state is ProposalState.WAITING
    assert standing.proposal.taint.edited
    [(run_id, given)] = [one for one in world.ledger.kept if isinstance(one[1], FeedbackGiven)]
    assert isinstance(given, FeedbackGiven)
    assert (run_id, given.rating, given.tags) == ("run-7", "bad", ("edited",))
    assert given.comment == "corrected: title"
    assert "The export breaks" in given.correction


async def test_of_several_records_of_a_text_one_may_be_proposed_beside_another() -> None:
    from dataclasses import replace

    world = World(ASK)
    text, first = source(MAIL), record(MAIL)
    title = first.fields["title"]
    assert title.evidence is not None
    other_words = Evidence("grace", MAIL.index("grace"), MAIL.index("grace") + 5)
    second = replace(
        first,
        id="r2",
        ordinal=1,
        record={**first.record, "title": "another issue"},
        fields={**first.fields, "title": FieldValue("another issue", other_words, 1.0)},
    )
    both = [first, second]
    [one] = await world.of().hand_over(both, text, "memory", only={1})
    [two] = await world.of().hand_over(both, text, "memory", only={0})
    assert one.proposal.id != two.proposal.id
    assert one.proposal.record["title"] == "another issue"
    states = [world.outbox.get(each.proposal.id).state for each in (one, two)]
    assert states == [ProposalState.WAITING, ProposalState.WAITING]
    [(would, _)] = await world.of().preview(both, text, "memory", only={1})
    assert would == world.outbox.get(one.proposal.id)
