"""``copilot desk`` as people and scripts use it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from copilot.adapters.sinks.desk import DeskSink
from copilot.extracted import Json
from copilot.proposals import SinkWrite
from tests.cli.conftest import Finished, run_cli

TITLE = "Export \x1b[31mfails\x07 for Müller"
TEXT = "Hello,\nit fails.\x1b]0;owned\x07"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a ticket that has a history, a contact, and a record of somebody's own schema."""
    home = tmp_path_factory.mktemp("home")
    desk = DeskSink(home / "desk")

    def create(kind: str, values: dict[str, Json]) -> str:
        return desk.write(SinkWrite("create", kind, values, kind)).external_id

    number = create("ticket", {"title": TITLE, "description": TEXT, "severity": "low"})
    desk.write(SinkWrite("update", "ticket", {"severity": "high"}, "u", number))
    desk.write(SinkWrite("comment", "ticket", {"comment": "Again\x1b[2J."}, "c", number))
    create("contact", {"name": '=HYPERLINK("https://evil.example")', "phone": "+49 30 1234"})
    create("claim", {"item": "Lamp", "lines": [{"n": 1}], "@text": "A lamp."})
    desk.write(SinkWrite("close", "claim", {}, "", "R-1"))
    return home


def desk(home: Path, *arguments: str) -> Finished:
    return run_cli("desk", *arguments, home=home)


def test_people_see_the_latest_entries_first(home: Path) -> None:
    done = desk(home, "list")
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "R-1", "C-1", "T-1"]
    assert lines[0].split()[-2:] == ["status", "title"]
    assert "Export fails for Müller" in lines[3]
    assert "\x1b" not in done.out


def test_a_list_may_be_cut_by_kind_status_and_length(home: Path) -> None:
    def ids(*arguments: str) -> list[str]:
        return [one["entry"]["id"] for one in desk(home, *arguments, "--json").lines]

    assert ids("list", "--kind", "contact") == ["C-1"]
    assert ids("list", "--status", "closed") == ["R-1"]
    assert ids("list", "-n", "1") == ["R-1"]
    assert ids("search", "müller", "EXPORT") == ["T-1"]
    assert ids("search", "müller", "nothing") == []


def test_an_entry_is_an_envelope_that_scripts_can_rely_on(home: Path) -> None:
    (line,) = desk(home, "list", "--kind", "ticket", "--json").lines
    assert list(line) == ["schema_version", "kind", "entry"]
    assert line["kind"] == "desk_entry"
    entry = line["entry"]
    assert list(entry) == ["id", "kind", "title", "state", "created_at", "updated_at", "values"]
    assert (entry["title"], entry["state"]) == (TITLE, "open")
    assert (entry["values"]["description"], entry["values"]["severity"]) == (TEXT, "high")


def test_one_entry_is_shown_with_its_text_and_history(home: Path) -> None:
    done = desk(home, "show", "t-1")
    assert done.code == 0
    assert 'update, severity: "low" → "high"' in done.out
    assert "comment: Again" in done.out
    assert "  Hello,\n  it fails." in done.out
    assert not {"\x1b", "\x07"} & set(done.out)
    history = desk(home, "show", "T-1", "--json").envelope["history"]
    assert [one["operation"] for one in history] == ["create", "update", "comment"]


def test_an_export_holds_everything_and_is_written_into_the_audit_trail(home: Path) -> None:
    exported = desk(home, "export").lines
    assert [one["entry"]["id"] for one in exported] == ["R-1", "C-1", "T-1"]
    assert exported[0]["entry"]["values"] == {
        "item": "Lamp",
        "lines": [{"n": 1}],
        "@text": "A lamp.",
        "@source": None,
    }
    entries = run_cli("audit", "export", home=home).lines
    assert [one["action"] for one in entries].count("desk.export") == 1


def test_csv_holds_no_formula_and_leaves_numbers_as_they_are(home: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(desk(home, "export", "--csv").out)))
    by_id = {row["id"]: row for row in rows}
    assert by_id["C-1"]["name"] == "'" + '=HYPERLINK("https://evil.example")'
    assert by_id["C-1"]["phone"] == "+49 30 1234"
    assert by_id["R-1"]["lines"] == '[{"n": 1}]'
    assert by_id["T-1"]["severity"] == "high"


def test_nothing_unseen_before_a_sign_makes_a_formula_of_a_cell_or_a_column(tmp_path: Path) -> None:
    unseen = ("", " ", "\t", "\r", "\n", "\x00", "\x1b[0m", "\u200b", "\u2060")
    signs = [*"=+-@", *"＝＋－＠"]
    formulas = [f"{before}{sign}1+cmd|'/C calc'!A0" for before in unseen for sign in signs]
    sink = DeskSink(tmp_path / "desk")
    for number, formula in enumerate(formulas):
        values: dict[str, Json] = {"\n=1": "=1", "said": formula}
        sink.write(SinkWrite("create", "claim", values, str(number)))
    rows = list(csv.DictReader(io.StringIO(desk(tmp_path, "export", "--csv").out)))
    assert len(rows) == len(formulas)
    assert {row["said"] for row in rows} == {f"'{sign}1+cmd|'/C calc'!A0" for sign in signs}
    assert {row["'=1"] for row in rows} == {"'=1"}


def test_no_formula_begins_a_cell_where_semicolons_part_them(tmp_path: Path) -> None:
    said = 'Hello; =1+1;@SUM(A1); "=2"; and; so - on;+3'
    sink = DeskSink(tmp_path / "desk")
    sink.write(SinkWrite("create", "claim", {"said": said}, "k"))
    (row,) = csv.DictReader(io.StringIO(desk(tmp_path, "list", "--csv").out))
    assert row["said"] == "Hello; '=1+1;'@SUM(A1); \"'=2\"; and; so - on;'+3"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "T-99"), 3, "no entry T-99"),
        (("show", "../etc"), 3, "no entry"),
        (("list", "--status", "done"), 2, "no status"),
        (("search", " "), 2, "nothing to search"),
        (("list", "--csv", "--json"), 2, "two forms"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    home: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = desk(home, *arguments)
    assert done.code == code
    assert said in done.err


def test_a_desk_that_nobody_wrote_to_is_empty_and_stays_unmade(tmp_path: Path) -> None:
    for arguments in (("list",), ("list", "--json"), ("search", "x"), ("export",)):
        done = desk(tmp_path, *arguments)
        assert (done.code, done.out) == (0, "")
    assert desk(tmp_path, "show", "T-1", "--json").envelope["error"]["type"] == "NotFoundError"
    assert not (tmp_path / "desk").exists()


def test_a_kind_that_is_not_there_is_answered_with_those_of_the_desks_own(home: Path) -> None:
    done = desk(home, "list", "--kind", "tickets")
    assert done.code == 0
    assert "feature_request" in done.err
