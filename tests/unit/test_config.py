"""Settings: who wins, what is refused and how the place of a mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.config.example import example_text
from copilot.config.fields import leaves
from copilot.config.load import inspect, inspect_file, load
from copilot.config.paths import Paths
from copilot.config.trust import distrust, is_trusted, trust
from copilot.errors import ConfigError

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
LOOKS_LIKE_A_KEY = "sk-proj-" + "a1B2" * 8


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def paths(home: Path, cwd: Path | None = None) -> Paths:
    return Paths.from_environment({"COPILOT_HOME": str(home)}, cwd=cwd or home)


def user_file(home: Path, text: str) -> Path:
    file = home / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def failure(home: Path, text: str) -> ConfigError:
    user_file(home, text)
    with pytest.raises(ConfigError) as caught:
        load(paths(home), {})
    assert "\n" not in caught.value.message
    return caught.value


# --- precedence and provenance ---------------------------------------------------------


def test_without_any_file_everything_is_default(home: Path) -> None:
    loaded = load(paths(home), {})
    assert set(loaded.provenance) == set(leaves())
    assert set(loaded.provenance.values()) == {"default"}
    assert loaded.warnings == ()
    assert list(home.iterdir()) == []


def test_each_layer_wins_over_the_one_below_and_is_named(home: Path, project: Path) -> None:
    file = user_file(
        home, "[search]\nlimit = 1\n\n[answer]\nmax_words = 50\n[index]\nhidden = true\n"
    )
    project_file = project / ".copilot.toml"
    project_file.write_text("[search]\nlimit = 2\n[answer]\nmax_words = 60\n")
    where = paths(home, project)
    trust(where, project_file, project_file.read_bytes())
    env = {"COPILOT_SEARCH__LIMIT": "3", "COPILOT_LEDGER__BODIES": "no"}

    loaded = load(where, env, overrides={"search": {"limit": 4}})
    assert loaded.settings.search.limit == 4
    assert loaded.provenance["search.limit"] == "command line"
    assert loaded.provenance["ledger.bodies"] == "environment COPILOT_LEDGER__BODIES"
    assert loaded.settings.ledger.bodies is False
    assert loaded.settings.answer.max_words == 60
    assert loaded.provenance["answer.max_words"] == f"project file {project_file}:4"
    assert loaded.provenance["index.hidden"] == f"user file {file}:7"
    assert load(where, env).settings.search.limit == 3
    assert load(where, {}).settings.search.limit == 2


def test_a_table_of_prices_is_merged_over_the_layers(home: Path) -> None:
    user_file(home, '[models.prices."a/b.c"]\ninput = 1\noutput = 2\n')
    env = {"COPILOT_MODELS__PRICES": '{"d": {"input": 3, "output": 4.5}}'}
    prices = load(paths(home), env).settings.models.prices
    assert {name: (p.input, p.output) for name, p in prices.items()} == {
        "a/b.c": (1, 2),
        "d": (3, 4.5),
    }


@pytest.mark.parametrize(
    ("variable", "raw", "key", "value"),
    [
        ("COPILOT_PRINCIPAL__GROUPS", "support, sre", "principal.groups", ("support", "sre")),
        ("COPILOT_PRINCIPAL__GROUPS", '["a,b"]', "principal.groups", ("a,b",)),
        ("COPILOT_INDEX__MAX_FILE_MB", "2", "index.max_file_mb", 2.0),
        ("COPILOT_INDEX__HIDDEN", "Yes", "index.hidden", True),
        ("COPILOT_ANSWER__ABSTAIN_BELOW", "none", "answer.abstain_below", None),
        ("COPILOT_MODELS__ANSWER", "", "models.answer", ""),
        ("COPILOT_SEARCH__LIMIT", "", "search.limit", 10),
    ],
)
def test_environment_values_take_the_type_of_the_setting(
    home: Path, variable: str, raw: str, key: str, value: object
) -> None:
    settings = load(paths(home), {variable: raw}).settings
    section, name = key.split(".")
    assert getattr(getattr(settings, section), name) == value


# --- mistakes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "named", "suggested"),
    [
        ("[search]\nlimt = 3\n", 2, "search.limt", "search.limit"),
        ("[serach]\nlimit = 3\n", 1, "[serach]", "[search]"),
        ("\nlimit = 3\n", 2, "limit", "search.limit"),
        ("search.limt = 3\n", 1, "search.limt", "search.limit"),
        ("[models.prices.x]\ninput = 1\noutptu = 2\n", 1, "models.prices.x.outptu", "output"),
        ('[actions.sinks.x]\nkind = "jira"\noption = 1\n', 1, "actions.sinks.x.option", "options"),
        (
            '[models.routes.answer]\ncheap = ["a/b"]\nhard.document = 2\n',
            1,
            "models.routes.answer.hard.document",
            "Did you mean documents?",
        ),
        (
            '[actions.sinks.x]\nkind = "jira"\nfields = { ticket = { a = { form = "b" } } }\n',
            1,
            "actions.sinks.x.fields.ticket.a.form",
            "Did you mean from?",
        ),
    ],
)
def test_an_unknown_key_names_file_line_and_the_nearest_key(
    home: Path, text: str, line: int, named: str, suggested: str
) -> None:
    user_file(home, text)
    problems = inspect(paths(home), {}).problems
    problem = next(p for p in problems if named in p.message)
    assert f"{home / 'config.toml'}:{line}" in problem.message
    assert suggested in problem.hint


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ('[search]\nlimit = "20"\n', 2, 'search.limit must be a whole number, not the text "20"'),
        ("[search]\nlimit = 2.5\n", 2, "search.limit must be a whole number, not 2.5"),
        ("[search]\nlimit = true\n", 2, "must be a whole number, not true"),
        ("[search]\nlimit = 0\n", 2, "search.limit must be at least 1, not 0"),
        ("[search]\nlimit = 999\n", 2, "at most 200"),
        ("[index]\nmax_file_mb = 0\n", 2, "more than 0"),
        ("[index]\nmax_file_mb = nan\n", 2, "finite number"),
        ("[models]\ntotal_timeout_s = inf\n", 2, "finite number"),
        ('[output]\ncolor = "blue"\n', 2, 'one of auto, never, always, not the text "blue"'),
        ("[ledger]\nenabled = 1\n", 2, "ledger.enabled must be true or false, not 1"),
        ('[principal]\ngroups = "sre"\n', 2, "principal.groups must be a list of texts"),
        ("[principal]\nname = 1979-05-27\n", 2, "not a date"),
        ("search = 5\n", 1, "search must be a table, [search]"),
        ("[models]\nprices = 3\n", 2, "models.prices must be a table"),
        (
            '[models.routes.awnser]\nthen = ["a/b"]\n',
            1,
            "models.routes has a route for 'awnser'; jobs are answer, extract",
        ),
        ("[models.routes.answer]\nthen = []\n", 1, "models.routes.answer.then is empty"),
        ('[models.routes]\nanswer = ["a/b"]\n', 1, "models.routes.answer must be a table"),
        ('[models.routes.answer]\nthen = "a/b"\n', 1, "then must be a list of texts"),
        ('[models.routes.answer]\nthen = ["a b"]\n', 1, "'a b', which can't be the name"),
        ('[models.routes.answer]\nthen = ["a/b", "a/b"]\n', 1, "names a/b twice"),
        ('[models.routes.answer]\nrouter = "a/b"\n', 1, "names no model: `then` names those"),
        (
            '[models.routes.answer]\ncheap = ["a/b"]\nstrong = ["a/b"]\n',
            1,
            "has a/b among the cheap and the strong models",
        ),
        (
            '[models]\nanswer = "a/b"\nroutes.answer.cheap = ["a/b"]\n',
            3,
            "has no strong model for answer: name one as `strong`",
        ),
        (
            '[models.routes.answer]\ncheap = ["a/b"]\nhard.kinds = ["what"]\n',
            1,
            "hard.kinds.0 must be one of lookup, how-to, compare, why, list",
        ),
        ('[models.routes.answer]\nmodels = ["a/b"]\n', 1, "models.answer is the first"),
        ('[models.routes.judge]\nthen = ["a/b"]\n', 1, "has no `models` for judge"),
        (
            '[models.routes.rewrite]\nmodels = ["a/b"]\ncheap = ["a/c"]\n',
            1,
            "name all its models as `models`",
        ),
        (
            '[models.routes.extract]\ncheap = ["a/b"]\nrouter = "a/c"\n',
            1,
            "has a router for extract",
        ),
        ('[models.routes.judge]\nmodels = ["a/b"]\ntimeout_s = 0\n', 1, "more than 0"),
        ("[models.at.here]\ncontext_tokens = -1\n", 1, "must be at least 0, not -1"),
        ('[models.at.here]\nkey = "a8f5f167f44f4964e6c998dee827110c"\n', 1, "looks like a key"),
        (
            '[actions.sinks.x]\nkind = "jira"\nfields = { ticket = { a = 5 } }\n',
            1,
            "actions.sinks.x.fields.ticket.a must be a text in quotes, not 5",
        ),
    ],
)
def test_a_wrong_value_says_in_one_line_where_it_stands_and_what_is_expected(
    home: Path, text: str, line: int, expected: str
) -> None:
    error = failure(home, text)
    assert f"config.toml:{line}: " in error.message
    assert expected in error.message


def test_a_name_or_value_that_would_fake_a_line_is_escaped(home: Path) -> None:
    text = '"a\\nFAKE: all is well\\u202e" = 1\n[search]\nlimit = "\\nFAKE"\n'
    user_file(home, text)
    problems = inspect(paths(home), {}).problems
    assert len(problems) == 2
    assert all(problem.message.isprintable() for problem in problems)


def test_every_problem_of_a_file_is_found_at_once(home: Path) -> None:
    user_file(home, '[search]\nlimit = "x"\nlimt = 1\n[output]\ncolor = 3\n')
    assert len(inspect(paths(home), {}).problems) == 3
    assert (
        "(2 more: `copilot config check`)"
        in failure(home, (home / "config.toml").read_text()).message
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [("[search\n", 1), ("[search]\nlimit = \n", 2), ("a = 1\na = 2\n", 2), ('x = """\n\n', 3)],
)
def test_bad_toml_names_file_and_line(home: Path, text: str, line: int) -> None:
    message = failure(home, text).message
    assert f"{home / 'config.toml'}:{line} is not valid TOML" in message


def test_a_file_that_is_not_utf8_names_the_line(home: Path) -> None:
    (home / "config.toml").write_bytes(b'[models]\nanswer = "caf\xe9"\n')
    with pytest.raises(ConfigError, match=r"config\.toml:2 is not UTF-8"):
        load(paths(home), {})


def test_a_byte_order_mark_is_no_mistake(home: Path) -> None:
    (home / "config.toml").write_bytes(b"\xef\xbb\xbf[search]\nlimit = 7\n")
    assert load(paths(home), {}).settings.search.limit == 7


def test_a_folder_in_place_of_the_file_is_an_error_that_names_it(home: Path) -> None:
    (home / "config.toml").mkdir()
    with pytest.raises(ConfigError, match=r"config\.toml can't be read"):
        load(paths(home), {})


@pytest.mark.parametrize(
    ("variable", "suggested"),
    [
        ("COPILOT_SEARCH__LIMT", "COPILOT_SEARCH__LIMIT"),
        ("COPILOT_SEARCH_LIMIT", "COPILOT_SEARCH__LIMIT"),
        ("COPILOT_MODEL__ANSWER", "COPILOT_MODELS__ANSWER"),
    ],
)
def test_a_misspelt_variable_is_an_error_with_a_suggestion(
    home: Path, variable: str, suggested: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(paths(home), {variable: "3"})
    assert variable in caught.value.message
    assert suggested in caught.value.hint


def test_variables_of_others_are_left_alone(home: Path) -> None:
    env = {
        "COPILOT_HOME": str(home),
        "COPILOT_TEST_DATA": "/data",
        "COPILOT_PASSPHRASE": "x",
        "COPILOT_KEY_OPENAI": LOOKS_LIKE_A_KEY,
        "COPILOT_MODEL": "of another program",
    }
    assert load(paths(home), env).warnings == ()


# --- keys don't belong here ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f'[models]\nkey = "{LOOKS_LIKE_A_KEY}"\n',
        f'[models]\nanswer = "{LOOKS_LIKE_A_KEY}"\n',
        '[models]\nkey = "0123456789abcdef0123456789abcdef"\n',
        '[models]\napi_base = "https://user:hunter2secret@host/v1"\n',
        f'[models]\nopenai_api_key = "{LOOKS_LIKE_A_KEY}"\n',
        f'api_key = "{LOOKS_LIKE_A_KEY}"\n',
        f'[openai]\napi_key = "{LOOKS_LIKE_A_KEY}"\n',
    ],
)
def test_a_key_in_the_configuration_is_refused_and_not_repeated(home: Path, text: str) -> None:
    error = failure(home, text)
    assert "copilot keys set" in error.hint
    for secret in (LOOKS_LIKE_A_KEY, "hunter2", "0123456789abcdef"):
        assert secret not in error.message + error.hint


def test_a_key_in_a_settings_variable_is_refused(home: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(paths(home), {"COPILOT_MODELS__KEY": LOOKS_LIKE_A_KEY})
    assert LOOKS_LIKE_A_KEY not in caught.value.message


@pytest.mark.parametrize(
    "name", ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-20250514", "azure/my-deployment-0123"]
)
def test_the_name_of_a_model_is_no_key(home: Path, name: str) -> None:
    user_file(home, f'[models]\nanswer = "{name}"\nkey = "openai"\n')
    assert load(paths(home), {}).settings.models.answer == name


# --- projects --------------------------------------------------------------------------


def test_a_project_file_counts_only_while_its_trusted_content_is_unchanged(
    home: Path, project: Path
) -> None:
    file = project / ".copilot.toml"
    file.write_text("[search]\nlimit = 5\n")
    where = paths(home, project)
    untrusted = load(where, {})
    assert untrusted.settings.search.limit == 10
    assert "copilot config trust" in untrusted.warnings[0]

    trust(where, file, file.read_bytes())
    assert load(where, {}).settings.search.limit == 5
    assert load(where, {}).warnings == ()

    file.write_text("[search]\nlimit = 6\n")
    assert load(where, {}).settings.search.limit == 10

    assert distrust(where, file) is True
    assert distrust(where, file) is False
    assert not is_trusted(where, file, file.read_bytes())


def test_an_untrusted_file_cannot_even_break_a_command(home: Path, project: Path) -> None:
    (project / ".copilot.toml").write_text("[[[ nonsense")
    assert len(load(paths(home, project), {}).warnings) == 1


@pytest.mark.parametrize("content", ["", "[]", '{"a": ', "\x00"])
def test_a_damaged_trust_list_trusts_nothing(home: Path, project: Path, content: str) -> None:
    file = project / ".copilot.toml"
    file.write_text("[search]\nlimit = 5\n")
    where = paths(home, project)
    where.trusted_file.write_text(content)
    assert load(where, {}).settings.search.limit == 10
    trust(where, file, file.read_bytes())
    assert load(where, {}).settings.search.limit == 5


# --- the example -----------------------------------------------------------------------


def test_the_committed_example_is_the_generated_one() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example_text(), (
        "run: python -m copilot.config.example"
    )


def test_the_example_changes_nothing(tmp_path: Path) -> None:
    found = inspect_file(EXAMPLE)
    assert found.problems == ()
    assert found.settings == load(paths(tmp_path), {}).settings


def test_every_line_of_the_example_is_valid_when_uncommented(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    file = tmp_path / "all.toml"
    file.write_text(
        "\n".join(line[1:] if line.startswith("#") and line[1:2] != " " else line for line in lines)
    )
    found = inspect_file(file)
    assert found.problems == ()
    assert all(origin.startswith("file ") for origin in found.provenance.values())


def test_every_setting_has_a_description() -> None:
    assert [key for key, leaf in leaves().items() if not leaf.description] == []
