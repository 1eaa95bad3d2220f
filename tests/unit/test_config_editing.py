"""Changing one setting in a configuration file that a person wrote."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.config.editing import changed
from copilot.config.example import example_text
from copilot.config.load import inspect_file
from copilot.errors import ConfigError

THEME = ("tui", "theme")
names = st.text("ab.-_ é\"'#[]=", min_size=1, max_size=4)
values = st.one_of(
    st.text("ab\"'#=\\é\n", max_size=5), st.integers(-5, 5), st.lists(st.text("a,]#", max_size=2))
)


def test_a_first_setting_stands_below_the_line_that_explains_it() -> None:
    text = example_text()
    edited = changed(text, THEME, "nord")
    assert edited == text.replace('#theme = ""\n', '#theme = ""\ntheme = "nord"\n')
    assert changed(edited, THEME, None) == text


def test_a_file_that_is_not_there_yet_gets_the_table() -> None:
    assert changed("", THEME, "nord") == '[tui]\ntheme = "nord"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[tui]\ntheme = 'x'  # mine\n\n[index]\n", '[tui]\ntheme = "y"  # mine\n\n[index]\n'),
        ("[tui]\r\ntheme = 'x'\r\n", '[tui]\r\ntheme = "y"\r\n'),
        ("[tui]\r\n# a\r\n", '[tui]\r\ntheme = "y"\r\n# a\r\n'),
        ("tui.theme = 'x'\n# end", 'tui.theme = "y"\n# end'),
        ("tui = {theme = 'x'}", 'tui = { "theme" = "y" }'),
        ("[ tui ] # here\n'theme' = '''x\n[tui]\ntheme='''", "[ tui ] # here\n'theme' = \"y\""),
        ("[models]\nanswer = '# no'", "[models]\nanswer = '# no'\n\n[tui]\ntheme = \"y\"\n"),
        ("[tui]", '[tui]\ntheme = "y"\n'),
        ("[[x]]\n[tui]\ntheme = 'x' # [tui]", '[[x]]\n[tui]\ntheme = "y" # [tui]'),
    ],
)
def test_the_rest_of_the_file_stands_as_it_stood(before: str, after: str) -> None:
    assert changed(before, THEME, "y") == after


def test_a_key_with_a_dot_in_it_is_one_of_its_table() -> None:
    edited = changed("[tui]\ntheme = 'x'\n", ("tui", "keys", "app.quit"), "ctrl+x")
    assert tomllib.loads(edited)["tui"] == {"theme": "x", "keys": {"app.quit": "ctrl+x"}}
    inline = changed("[tui]\nkeys = { a = 'b' }\n", ("tui", "keys", "app.quit"), "ctrl+x")
    assert tomllib.loads(inline)["tui"]["keys"] == {"a": "b", "app.quit": "ctrl+x"}
    assert tomllib.loads(changed(edited, ("tui", "keys", "app.quit"), None))["tui"]["keys"] == {}


def test_taking_out_what_is_not_there_changes_nothing() -> None:
    assert changed("# mine\n[index]\n", THEME, None) == "# mine\n[index]\n"


def test_what_it_can_not_change_safely_it_leaves() -> None:
    with pytest.raises(ConfigError, match=r"tui\.keys\.a stands in the file"):
        changed("[[tui.keys]]\nb = 1\n", ("tui", "keys", "a"), "x")


@given(
    st.dictionaries(names, st.dictionaries(names, values, max_size=3), max_size=3),
    names,
    names,
    st.one_of(st.none(), values),
)
def test_the_file_means_the_same_and_the_one_change(
    tables: dict[str, dict[str, object]], section: str, name: str, value: object
) -> None:
    text = "# first\n"
    for table, inner in tables.items():
        for key, one in inner.items():
            text = changed(text, (table, key), one)
    edited = changed(text, (section, name), value)
    wanted = {table: dict(inner) for table, inner in tables.items() if inner}
    wanted.setdefault(section, {})[name] = value
    if value is None:
        del wanted[section][name]
    told = {table: inner for table, inner in tomllib.loads(edited).items() if inner}
    assert told == {table: inner for table, inner in wanted.items() if inner}
    assert edited.startswith("# first\n")


def test_keys_may_be_named_with_dots_or_in_quotes(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[tui.keys]\napp.quit = 'ctrl+x'\n'app.keys' = 'f1,ctrl+g'\n")
    found = inspect_file(file).settings
    assert found is not None
    assert found.tui.keys == {"app.quit": "ctrl+x", "app.keys": "f1,ctrl+g"}
    file.write_text("[tui.keys]\napp.quit = ' , '\n")
    [problem] = inspect_file(file).problems
    assert problem.message.endswith("tui.keys needs a key for app.quit.")
