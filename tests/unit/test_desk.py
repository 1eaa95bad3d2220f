"""The local desk, beyond what it promises as a sink: ids, histories, people's own schemas."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import duckdb
import pytest

from copilot.adapters.sinks.desk import DeskBook, DeskSink, database
from copilot.errors import NotFoundError, SinkError, SinkRequestError, SinkUnavailableError
from copilot.extracted import Json
from copilot.proposals import SinkWrite

TICKET: dict[str, Json] = {"title": "Export fails with E4711", "description": "It stops."}


def create(desk: DeskSink, kind: str, values: dict[str, Json], key: str = "k") -> str:
    return desk.write(SinkWrite("create", kind, values, key)).external_id


def create_in_a_process(folder: str, key: str) -> str:
    return create(DeskSink(Path(folder)), "ticket", TICKET, key)


@pytest.fixture
def desk(tmp_path: Path) -> DeskSink:
    return DeskSink(tmp_path)


def test_each_table_numbers_its_own_entries(desk: DeskSink) -> None:
    wanted = {
        "ticket": "T-1",
        "incident": "T-2",
        "contact": "C-1",
        "deal": "D-1",
        "meeting": "M-1",
        "warranty_claim": "R-1",
    }
    made = {
        kind: create(desk, kind, {"name" if kind == "contact" else "title": "x"}, kind)
        for kind in wanted
    }
    assert made == wanted


def test_a_number_is_never_given_again(desk: DeskSink) -> None:
    create(desk, "contact", {"name": "Ann"}, "1")
    desk.write(SinkWrite("delete", "contact", {}, "", "C-1"))
    assert create(desk, "contact", {"name": "Ann"}, "1") == "C-2"


@pytest.mark.parametrize(
    "schema",
    ["ticket", "incident", "feature_request", "crm_contact", "crm_deal", "meeting", "my_schema"],
)
def test_every_schema_has_a_kind_whose_defaults_it_takes(desk: DeskSink, schema: str) -> None:
    kind = desk.kind_for(schema)
    assert kind is not None
    known = {one.name for one in desk.fields(kind)}
    assert set(desk.default_fields(schema)) <= known


def test_a_record_of_somebodys_own_schema_keeps_fields_called_like_the_desks_own(
    desk: DeskSink, tmp_path: Path
) -> None:
    own: dict[str, Json] = {
        "state": "CA",
        "id": 7,
        "kind": "x",
        "key": None,
        "description": {"a": [1, 2.5, None]},
        "created_at": "1999",
        "data": True,
    }
    number = create(desk, "address", {**own, "@text": "Ann\nCA", "@source": "mail.eml"})
    desk.write(SinkWrite("update", "address", {"state": "NV", "@text": "NV"}, "", number))
    desk.write(SinkWrite("close", "address", {}, "", number))
    held = desk.read("address", number)
    assert {name: held.values[name] for name in own} == {**own, "state": "NV"}
    assert (held.values["@text"], held.values["@source"]) == ("NV", "mail.eml")
    assert not held.open
    assert DeskBook(tmp_path).entry(number) == held


def test_a_schema_of_ones_own_called_like_a_kind_of_ours_is_not_mistaken_for_it(
    desk: DeskSink,
) -> None:
    kind = desk.kind_for("contact")
    assert kind is not None and kind != "contact"
    assert create(desk, kind, {"telefax": "no thanks"}) == "R-1"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("ticket", {"title": ""}),
        ("ticket", {"title": "x", "severity": "SEV1"}),
        ("ticket", {"title": "x", "no_such": 1}),
        ("ticket", {"title": "x", "@state": "closed"}),
        ("ticket", {"title": "x", "id": "T-9"}),
        ("deal", {"title": "x", "amount": "much"}),
        ("deal", {"title": "x", "seats": True}),
        ("meeting", {"title": "x", "attendees": "Ann"}),
        ("my_schema", {"@key": "x"}),
        ("deal", {"title": "x", "amount": float("nan")}),
        ("deal", {"title": "x", "seats": 10**30}),
        ("my_schema", {"lines": [{"n": float("inf")}]}),
    ],
)
def test_what_does_not_fit_a_field_is_rejected_by_its_name(
    desk: DeskSink, tmp_path: Path, kind: str, wrong: dict[str, Json]
) -> None:
    with pytest.raises(SinkRequestError) as failure:
        create(desk, kind, wrong)
    assert list(failure.value.fields) == [list(wrong)[-1]]
    assert DeskBook(tmp_path).entries() == []


@pytest.mark.parametrize("said", ["a\x00b", "\u2028 \ufeff", "x" * 1_000_000, "' \\ \" ; --"])
@pytest.mark.parametrize("kind", ["ticket", "my_schema"])
def test_any_text_is_held_as_it_is(desk: DeskSink, kind: str, said: str) -> None:
    number = create(desk, kind, {"title": said})
    assert desk.read(kind, number).values["title"] == said


@pytest.mark.parametrize("kind", ["ticket", "my_schema"])
def test_half_a_character_becomes_a_question_mark(desk: DeskSink, kind: str) -> None:
    number = create(desk, kind, {"title": "a\ud800b"})
    assert desk.read(kind, number).values["title"] == "a?b"


def test_the_history_tells_each_change_and_comment(desk: DeskSink, tmp_path: Path) -> None:
    number = create(desk, "ticket", {**TICKET, "severity": "low"})
    desk.write(SinkWrite("update", "ticket", {"severity": "high"}, "u", number))
    desk.write(SinkWrite("update", "ticket", {"severity": "high"}, "u", number))
    desk.write(SinkWrite("comment", "ticket", {"comment": "Again."}, "c", number))
    desk.write(SinkWrite("close", "ticket", {}, "", number))
    told = [
        (one.operation, [(c.field, c.before, c.after) for c in one.changes], one.comment)
        for one in DeskBook(tmp_path).history(number)
    ]
    assert told == [
        ("create", [], ""),
        ("update", [("severity", "low", "high")], ""),
        ("comment", [], "Again."),
        ("close", [("@state", "open", "closed")], ""),
    ]


def test_nothing_is_left_of_a_deleted_entry_but_that_it_was_deleted(
    desk: DeskSink, tmp_path: Path
) -> None:
    number = create(desk, "contact", {"name": "Ann", "phone": "+15550145"})
    desk.write(SinkWrite("update", "contact", {"phone": "+15550199"}, "u", number))
    desk.write(SinkWrite("comment", "contact", {"comment": "Ann moved."}, "c", number))
    desk.write(SinkWrite("delete", "contact", {}, "", number))
    history = DeskBook(tmp_path).history(number)
    assert [(one.operation, one.changes, one.comment) for one in history] == [("delete", (), "")]


def test_entries_are_listed_newest_first_by_kind_state_and_words(
    desk: DeskSink, tmp_path: Path
) -> None:
    book = DeskBook(tmp_path)
    assert book.entries() == []
    create(desk, "ticket", {**TICKET, "company": "Müller & Söhne"}, "1")
    create(desk, "ticket", {"title": 'A "quoted" 100% \\ thing'}, "2")
    create(desk, "contact", {"name": "Ann Müller"}, "3")
    create(desk, "claim", {"item": "Lamp", "by": {"name": "Ann"}}, "4")
    desk.write(SinkWrite("close", "ticket", {}, "", "T-1"))

    def ids(**asked: object) -> list[str]:
        return [entry.external_id for entry in book.entries(**asked)]  # type: ignore[arg-type]

    assert ids() == ["R-1", "C-1", "T-2", "T-1"]
    assert ids(limit=2) == ["R-1", "C-1"]
    assert ids(kind="ticket") == ["T-2", "T-1"]
    assert ids(kind="claim") == ["R-1"]
    assert ids(state="closed") == ["T-1"]
    assert ids(search="MÜLLER") == ["C-1", "T-1"]
    assert ids(search="müller söhne") == ["T-1"]
    assert ids(search='"quoted" 100% \\') == ["T-2"]
    assert ids(search="ann") == ["R-1", "C-1"]
    assert ids(search="' OR 1=1 --") == []
    assert ids(kind="ticket'; DROP TABLE tickets; --") == []


@pytest.mark.parametrize("number", ["", "T-2", "T", "X-1", "T-1' OR 1=1 --", "t-0"])
def test_a_number_that_nothing_has_is_not_found(
    desk: DeskSink, tmp_path: Path, number: str
) -> None:
    create(desk, "ticket", TICKET)
    with pytest.raises(NotFoundError):
        DeskBook(tmp_path).entry(number)
    assert DeskBook(tmp_path).entry("t-1").title == TICKET["title"]


def test_processes_that_write_one_key_at_the_same_time_make_one_entry(tmp_path: Path) -> None:
    keys = ["same"] * 4 + ["a", "b", "c", "d"]
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        made = pool.starmap(create_in_a_process, [(str(tmp_path), key) for key in keys])
    assert len(set(made[:4])) == 1
    assert len(set(made)) == 5
    assert len(DeskBook(tmp_path).entries()) == 5


def test_a_desk_that_another_program_has_open_is_busy_not_broken(
    desk: DeskSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(desk, "ticket", TICKET)
    monkeypatch.setattr(database, "_BUSY_WAIT_S", 0.05)
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path), ready, done))
    holder.start()
    try:
        assert ready.wait(30)
        with pytest.raises(SinkUnavailableError, match="another program"):
            desk.find("ticket", "k")
    finally:
        done.set()
        holder.join()
    assert desk.find("ticket", "k") is not None


def _hold(folder: str, ready: object, done: object) -> None:
    connection = duckdb.connect(str(Path(folder) / database.FILE))
    ready.set()  # type: ignore[attr-defined]
    done.wait(60)  # type: ignore[attr-defined]
    connection.close()


def test_a_damaged_desk_is_an_error_with_a_remedy(desk: DeskSink, tmp_path: Path) -> None:
    (tmp_path / database.FILE).write_bytes(b"not a database at all" * 1000)
    with pytest.raises(SinkError) as failure:
        create(desk, "ticket", TICKET)
    assert not isinstance(failure.value, SinkUnavailableError)
    assert database.FILE in failure.value.hint


def test_a_desk_of_a_newer_copilot_is_left_alone(desk: DeskSink, tmp_path: Path) -> None:
    create(desk, "ticket", TICKET)
    with duckdb.connect(str(tmp_path / database.FILE)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999)")
    with pytest.raises(SinkError, match="schema 999"):
        desk.find("ticket", "k")


def test_a_desk_is_there_whole_or_not_at_all(
    desk: DeskSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(connection: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(database, "_upgrade", killed)
        with pytest.raises(KeyboardInterrupt):
            create(desk, "ticket", TICKET)
    assert not (tmp_path / database.FILE).exists()
    assert create(desk, "ticket", TICKET) == "T-1"


def test_what_a_killed_creation_of_the_file_left_is_no_hindrance(
    desk: DeskSink, tmp_path: Path
) -> None:
    (tmp_path / f"{database.FILE}.new").write_bytes(b"half")
    (tmp_path / f"{database.FILE}.new.wal").write_bytes(b"half")
    assert create(desk, "ticket", TICKET) == "T-1"


def test_its_files_are_for_their_owner_alone(desk: DeskSink, tmp_path: Path) -> None:
    create(desk, "ticket", TICKET)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def similar(desk: DeskSink, kind: str, values: dict[str, Json]) -> list[str]:
    return [entry.external_id for entry in desk.similar(kind, values, limit=5)]


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ({"title": "RE: Export fails with E4711"}, True),
        ({"title": "Export fails with E4712"}, False),
        ({"title": "Night job stops", "error_code": "E4711"}, True),
        ({"title": "Night job stops", "error_code": "E4711", "product": "Other"}, False),
        ({"title": "Night job stops", "error_code": "E9"}, False),
        ({"title": "Still no answer", "reference": "INV-7"}, True),
        ({"title": "Export fails with E4711", "reference": "INV-8"}, False),
        ({"title": "Export still fails", "requester_email": "ANN@example.org"}, True),
        ({"title": "Another seat please", "requester_email": "ann@example.org"}, False),
        ({"title": ""}, False),
        ({}, False),
    ],
)
def test_a_ticket_on_the_same_issue_is_told_from_one_that_only_sounds_like_it(
    desk: DeskSink, new: dict[str, Json], found: bool
) -> None:
    held: dict[str, Json] = {
        **TICKET,
        "error_code": "E4711",
        "reference": "INV-7",
        "product": "Billing",
        "requester_email": "ann@example.org",
    }
    create(desk, "ticket", held)
    assert similar(desk, "ticket", new) == (["T-1"] if found else [])


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ({"name": "A. Smith", "email": "ANN@example.org"}, True),
        ({"name": "Ann Smith", "phone": "+15550145"}, True),
        ({"name": None, "mobile": "+15550145"}, True),
        ({"name": "Bob Jones", "phone": "+15550145"}, False),  # a switchboard
        ({"name": "Ann Smith", "company": "Acme"}, True),
        ({"name": "Ann Smith", "company": "Other"}, False),
        ({"name": "Ann Smith"}, False),
    ],
)
def test_a_contact_is_known_by_mail_by_number_or_by_name_and_company(
    desk: DeskSink, new: dict[str, Json], found: bool
) -> None:
    held: dict[str, Json] = {
        "name": "Ann Smith",
        "email": "ann@example.org",
        "phone": "+15550145",
        "company": "ACME",
    }
    create(desk, "contact", held)
    assert similar(desk, "contact", new) == (["C-1"] if found else [])


def test_deals_meetings_and_own_records_are_compared_by_what_they_are(desk: DeskSink) -> None:
    create(desk, "deal", {"title": "Fifty seats of Pro", "company": "Acme", "product": "Pro"}, "1")
    create(desk, "meeting", {"title": "Weekly sync with Acme", "date": "2026-11-20"}, "2")
    create(desk, "claim", {"item": "Lamp", "serial": "L-1", "@text": "a"}, "3")
    assert similar(desk, "deal", {"title": "More seats", "company": "ACME", "product": "Pro"})
    assert not similar(desk, "deal", {"title": "Fifty seats of Pro", "company": "Other"})
    assert similar(desk, "meeting", {"title": "Weekly sync with Acme", "date": "2026-11-20"})
    assert not similar(desk, "meeting", {"title": "Weekly sync with Acme", "date": "2026-11-27"})
    assert similar(desk, "claim", {"item": "lamp", "serial": "L-1", "@text": "b"})
    assert not similar(desk, "claim", {"item": "Lamp", "serial": "L-2", "@text": "a"})
