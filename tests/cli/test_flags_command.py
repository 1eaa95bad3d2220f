"""``copilot flags``, and answers as the file of flags wants them, at a real server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.flags import Asker
from copilot.flags.deciding import assign
from copilot.flags.reading import read
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli, audit_entries
from tests.corpora import REPOSITORY

FILE = """\
# ours
[flags]
# the cache is being looked into
cache = true # since March

[experiments.short]
unit = "conversation"
variants = { control = {}, b = { "answer.max_words" = 33 } }
"""


def test_the_readmes_file_of_flags_is_right() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^~~~toml\n(.*?)^~~~", readme, re.DOTALL | re.MULTILINE)
    found = read(example.encode(), Path("flags.toml"))
    assert not found.troubles
    assert list(found.experiments) == ["short"]


@pytest.fixture
def handbook_home(handbook_home: Path, tmp_path: Path) -> Path:
    """One of its own: what other tests asked there would be shadowed, too."""
    own = tmp_path / "own"
    shutil.copytree(handbook_home / "index", own / "index")
    return own


@pytest.fixture
def flags(home: Path) -> Path:
    file = home / "flags.toml"
    home.mkdir(exist_ok=True)
    file.write_text(FILE)
    return file


def test_a_change_holds_is_audited_with_its_reason_and_leaves_the_rest_of_the_file(
    cli: Cli, flags: Path
) -> None:
    assert cli("flags", "set", "models", "off", "--reason", "the bill").out == (
        "models: off (was on)\n"
    )
    cli("flags", "set", "cache", "25%", "--reason", "a look")
    done = cli("flags", "set", "short", "done", "--reason", "b is kept", "--json").envelope
    assert (done["before"], done["after"]) == ("running", "done")
    text = flags.read_text()
    for kept in ("# ours\n", "# the cache is being looked into\n", " # since March\n", "= 33 }"):
        assert kept in text
    told = cli("flags", "list", "--json").envelope
    stands = {one["flag"]: one["stands"] for one in told["switches"]}
    assert (stands["models"], stands["cache"], stands["judge"]) == ("off", "on for 25%", "on")
    assert [one["state"] for one in told["experiments"]] == ["done"]
    assert audit_entries(cli, "--action", "flags")[::-1] == [
        ("flags.set", "models", {"before": "on", "after": "off", "reason": "the bill"}),
        ("flags.set", "cache", {"before": "on", "after": "on for 25%", "reason": "a look"}),
        ("flags.set", "short", {"before": "running", "after": "done", "reason": "b is kept"}),
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["models", "off"], "Missing option '--reason'"),
        (["models", "off", "--reason", " "], "without a reason"),
        (["modls", "off", "--reason", "x"], "Did you mean models?"),
        (["models", "maybe", "--reason", "x"], "on, off, or a share such as 25%"),
        (["short", "on", "--reason", "x"], "running, halted, done"),
    ],
)
def test_what_cant_be_set_is_refused_and_changes_nothing(
    cli: Cli, flags: Path, arguments: list[str], says: str
) -> None:
    done = cli("flags", "set", *arguments)
    assert done.code == 2
    assert says in done.err
    assert flags.read_text() == FILE


def test_a_file_as_windows_writes_it_is_changed_and_stays_readable_for_others(
    cli: Cli, flags: Path
) -> None:
    flags.write_bytes(b"\xef\xbb\xbf[flags]\r\ncache = true # since March\r\n")
    flags.chmod(0o644)
    assert cli("flags", "set", "cache", "off", "--reason", "a look").code == 0
    assert flags.read_bytes() == b"\xef\xbb\xbf[flags]\r\ncache = false # since March\r\n"
    assert flags.stat().st_mode & 0o777 == 0o644


def test_an_experiment_that_can_t_run_isn_t_set_running(cli: Cli, flags: Path) -> None:
    flags.write_text(
        '[experiments.kind]\nstate = "halted"\n'
        'variants = { control = {}, b = { "prompts.answering/write" = "candidate" } }\n'
    )
    before = flags.read_bytes()
    refused = cli("flags", "set", "kind", "running", "--reason", "again")
    assert refused.code == 2
    assert "no prompt answering/write has the label or version candidate" in refused.err
    assert flags.read_bytes() == before
    assert cli("flags", "set", "models", "off", "--reason", "the bill").code == 0
    cli("prompts", "use", "answering/write", "1", "--label", "candidate")
    assert cli("flags", "set", "kind", "running", "--reason", "again").code == 0
    cli("prompts", "use", "answering/write", "default", "--label", "candidate")
    assert cli("flags", "set", "kind", "halted", "--reason", "no such label").code == 0


def test_a_decision_is_explained_by_its_bucket(cli: Cli, flags: Path) -> None:
    told = cli("flags", "explain", "short", "--session", "talk-1", "--json").envelope
    start, end = told["buckets"]
    assert start <= told["bucket"] < end
    assert end - start == 5000
    shown = cli("flags", "explain", "short", "--session", "talk-1").out
    assert f"{told['bucket']} of 10000, by talk-1; {start} to {end - 1} get this (50%)" in shown
    assert "the run has no conversation" in cli("flags", "explain", "short").out
    wrong = cli("flags", "explain", "short", "--kind", "asks")
    assert (wrong.code, "a run is ask, search, extract" in wrong.err) == (2, True)
    cli("flags", "set", "experiments", "off", "--reason", "an incident")
    off = cli("flags", "explain", "short", "--session", "talk-1").out
    assert off.startswith("short: control\n  why     the switch experiments is off\n")


def test_a_slip_in_the_file_is_named_by_list_and_warned_of_by_ask(
    handbook: Cli, handbook_home: Path
) -> None:
    file = handbook_home / "flags.toml"
    file.write_text("[flags]\nmodels = 1\n")
    try:
        done = handbook("flags", "list")
        assert done.code == 2
        assert f"{file}:2: flags.models.on must be true or false, not 1." in done.err
        asked = handbook("ask", "How long do I have to acknowledge a page?")
        assert "flags.models.on must be true or false" in asked.err
    finally:
        file.unlink()


RETRIEVAL = """\
[experiments.fewer]
unit = "conversation"
variants = { control = {}, b = { "answer.passages" = 4, "search.lexical_weight" = 5.0 } }
"""


def test_settings_of_the_search_are_tried_recorded_and_made_again(
    handbook: Cli, handbook_home: Path
) -> None:
    file = handbook_home / "flags.toml"
    file.write_text(RETRIEVAL)
    [experiment] = read(RETRIEVAL.encode(), file).experiments.values()
    talks = {assign(experiment, Asker("local", conversation=f"f{n}")).variant: n for n in range(9)}
    question = "How long do I have to acknowledge a page?"
    found: dict[str, list[tuple[str, float]]] = {}
    try:
        for variant, n in talks.items():
            handbook("ask", "-s", f"f{n}", question)
            again = handbook("runs", "replay", "--json").envelope
            assert again["same"]
            hits = again["then"]["hits"]
            found[variant] = [(hit["passage_id"], hit["score"]) for hit in hits]
    finally:
        file.unlink()
    assert (len(found["control"]), len(found["b"])) == (30, 4)
    scores = dict(found["control"])
    assert [scores.get(one) for one, _ in found["b"]] != [score for _, score in found["b"]]


def test_a_check_names_each_flaw_on_a_line_with_its_remedy(cli: Cli, flags: Path) -> None:
    assert cli("flags", "check").out == f"{flags} is right.\n"
    flags.write_text(
        "[flags]\nmodls = false\n[experiments.a.variants.b]\n"
        '"prompts.answering/write" = "9"\n[experiments.a.variants.control]\n'
    )
    done = cli("flags", "check")
    assert done.code == 2
    [switch, prompt] = done.out.splitlines()
    assert switch == f"{flags}:2: flags.modls is no flag. Did you mean models?"
    assert prompt.startswith(
        f"{flags}:4: experiments.a.variants.b.prompts.answering/write can't be had"
    )
    told = cli("flags", "check", "--json")
    assert (told.code, told.envelope["ok"], len(told.envelope["troubles"])) == (2, False, 2)
    assert "Did you mean models?" in cli("config", "check").out
    assert cli("config", "check").code == 2


def test_another_file_is_checked_before_it_is_put_in_place(
    cli: Cli, flags: Path, tmp_path: Path
) -> None:
    other = tmp_path / "next.toml"
    other.write_text("[flags]\nmodels = 1\n")
    done = cli("flags", "check", str(other))
    assert (done.code, done.out.startswith(f"{other}:2: flags.models.on must be")) == (2, True)
    assert cli("flags", "check", str(tmp_path / "none.toml")).code == 2
    assert cli("flags", "list").code == 0
    flags.unlink()
    assert "isn't there" in cli("flags", "check").out


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


def test_runs_are_made_with_their_variant_which_is_recorded_and_sticks(
    handbook: Cli, handbook_home: Path, server: OpenAIServer
) -> None:
    server.script(*[scripted.text("Nothing of this is in the documents.")] * 40)
    handbook_home.joinpath("config.toml").write_text(
        f'[models]\nanswer = "openai/scripted"\napi_base = "{server.url}"\nretries = 0\n'
        "[cache]\nenabled = false\n"
    )
    handbook_home.joinpath("flags.toml").write_text(FILE)
    try:
        given: dict[str, set[bool]] = {}
        for talk in ("t1", "t2", "t1", "t2"):
            before = len(server.requests)
            handbook("ask", "-s", talk, "How long do I have to acknowledge a page?")
            short = "about 33 words" in str(server.requests[before].body["messages"])
            given.setdefault(talk, set()).add(short)
            [experiment] = read(FILE.encode(), Path("flags.toml")).experiments.values()
            wanted = assign(experiment, Asker("local", conversation=talk)).variant
            assert wanted == ("b" if short else "control")
        assert {len(one) for one in given.values()} == {1}
        assert len({one.pop() for one in given.values()}) == 2
        rows = handbook("sql", "SELECT variant, reason, count(*) FROM v_flags GROUP BY ALL").out
        assert rows.count("split") == 2
        told = handbook("stats", "experiment", "short", "--json").envelope
        assert [(row["runs"], row["units"]) for row in told["rows"]] == [(2, 1), (2, 1)]
        assert told["says"].startswith("inconclusive: each variant needs about")
        before = len(server.requests)
        [shadowed] = handbook("flags", "shadow", "short", "--json").lines
        assert [variant for variant, _ in shadowed["statuses"]] == ["control", "b"]
        assert len(server.requests) > before
        assert "every question" in handbook("flags", "shadow", "short").err
        shown = handbook("stats", "experiment", "short", "--shadow").out
        assert "control    50%     1      1" in shown
        again = handbook("stats", "experiment", "short", "--json").envelope
        assert again["rows"] == told["rows"]  # what nobody saw counts for nothing
    finally:
        handbook_home.joinpath("config.toml").unlink()
        handbook_home.joinpath("flags.toml").unlink()


def test_shadow_runs_end_where_a_budget_is_spent_and_leave_the_question(
    handbook: Cli, handbook_home: Path, server: OpenAIServer
) -> None:
    server.script(scripted.text("Nothing of this is in the documents."))
    config, flags = handbook_home / "config.toml", handbook_home / "flags.toml"
    model = f'[models]\nanswer = "openai/scripted"\napi_base = "{server.url}"\nretries = 0\n'
    model += (
        'prices = { "openai/scripted" = { input = 5, output = 100 } }\n[cache]\nenabled = false\n'
    )
    flags.write_text(
        FILE.replace("answer.max_words", "prompts.answering/write")
        .replace("33", '"1"')
        .replace("short", "kind")
    )
    try:
        assert handbook("ask", "How long do I have?").code in (0, 4)
        refused = handbook("flags", "shadow", "kind")
        assert refused.code == 2
        assert "kind tries what a model is asked, and no model is configured" in refused.err
        config.write_text(f"{model}[budgets]\nday_usd = 0.001\n")
        ended = handbook("flags", "shadow", "kind", "--json")
        assert ended.code == 8
        assert [(one["statuses"], one["limited"]) for one in ended.lines] == [
            ([["control", "limited"]], True)
        ]
        assert not server.requests
        assert "no runs of kind yet" in handbook("stats", "experiment", "kind", "--shadow").err
        config.write_text(model)
        again = handbook("flags", "shadow", "kind", "--runs", "1", "--json")
        assert again.code == 0
        assert again.lines[0]["run_id"] == ended.lines[0]["run_id"]
        assert [variant for variant, _ in again.lines[0]["statuses"]] == ["control", "b"]
    finally:
        config.unlink(missing_ok=True)
        flags.unlink()
