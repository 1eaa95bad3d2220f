"""Releases that are kept: what was in force comes back whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.config.deciding import key_names, policy_place
from copilot.config.layers import Problem
from copilot.config.load import inspect, load
from copilot.config.paths import Paths
from copilot.config.pinned import of_folder
from copilot.errors import ConfigError, NotFoundError
from copilot.prompting import PromptLibrary
from copilot.releases import Content, MadeOf, Releases, in_force
from copilot.releases.comparing import differences
from tests.corpora import REPOSITORY

PROMPTS = REPOSITORY / "prompts"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILES = """
[answer]
max_words = 99
[models]
answer = "ours"
key = "first"
retries = 5
[models.routes.answer]
then = ["openai/y"]
[models.at.ours]
model = "openai/x"
api_base = "http://127.0.0.1:9/v1"
key = "second"
"""


class Home:
    """A home whose releases are kept as a run would keep them."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder, folder, folder, folder, "COPILOT_HOME")
        self.releases = Releases(self.paths.releases)
        self._at = AT

    def write(self, name: str, text: str) -> None:
        file = self.paths.config / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *, by_files: bool = True) -> Content:
        """What is in force by files, kept."""
        settings = load(self.paths, {}).settings
        library = PromptLibrary([self.paths.prompts, PROMPTS])
        content = in_force(settings, self.paths, library)
        made_of = MadeOf(library, policy_place(settings, self.paths), key_names(settings))
        self._at += timedelta(minutes=1)
        self.releases.used(content, made_of, at=self._at, by_files=by_files)
        return content

    def activate(self, content: Content) -> None:
        kept = self.releases.get(content.id)
        assert self.releases.why_not(kept, PROMPTS) is None
        self.releases.activate(kept, self._at)

    def why_not(self, content: Content) -> str:
        refusal = self.releases.why_not(self.releases.get(content.id), PROMPTS)
        assert isinstance(refusal, ConfigError)
        assert refusal.hint
        return refusal.message


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_what_was_in_force_is_kept_once_with_its_texts(home: Home) -> None:
    first = home.run()
    home.write("policy.toml", "# nothing is allowed\n")
    second = home.run()
    assert home.run() == second
    assert [one.name for one in home.releases.all()] == [second.id, first.id]
    assert home.releases.get(first.id[:6]).content == first
    folder = home.releases.folder(second.id)
    assert (folder / "policy.toml").read_text(encoding="utf-8") == "# nothing is allowed\n"
    assert not any(path.stat().st_mode & 0o077 for path in folder.rglob("*"))
    assert home.releases.history() == [first.id, second.id]


def test_what_one_call_alone_asked_for_is_kept_and_was_not_in_force(home: Home) -> None:
    first = home.run()
    home.write("config.toml", FILES)
    second = home.run(by_files=False)
    assert {one.name for one in home.releases.all()} == {first.id, second.id}
    assert home.releases.history() == [first.id]


def test_an_active_release_decides_instead_of_the_files_and_nothing_else_does(home: Home) -> None:
    first = home.run()
    home.write("config.toml", FILES)
    home.activate(first)
    found = load(home.paths, {"COPILOT_MODELS__TEMPERATURE": "0.5"})
    models = found.settings.models
    assert (models.answer, models.routes, models.at) == ("", {}, {})
    assert found.settings.answer.max_words == 120
    assert found.provenance["answer.max_words"] == f"release {first.id}"
    assert models.retries == 5  # how a model is reached belongs to no release
    assert models.temperature == 0.5  # and the environment goes before all
    [warning] = found.warnings
    assert f"release {first.id} is active" in warning
    assert "answer.max_words, models.answer, models.routes and 1 more" in warning
    assert "copilot release activate files" in warning
    home.releases.leave()
    assert load(home.paths, {}).settings.answer.max_words == 99


def test_a_models_key_comes_back_with_its_address(home: Home) -> None:
    home.write("config.toml", FILES)
    first = home.run()
    assert "first" not in str(first)
    home.write(
        "config.toml",
        '[models]\nanswer = "ours"\nkey = "third"\n'
        '[models.at.ours]\nmodel = "other/z"\napi_base = "http://elsewhere"\nkey = "fourth"\n',
    )
    home.activate(first)
    models = load(home.paths, {}).settings.models
    ours = models.at["ours"]
    assert (models.key, ours.api_base, ours.key) == ("first", "http://127.0.0.1:9/v1", "second")
    library = PromptLibrary([home.paths.prompts, PROMPTS])
    assert in_force(load(home.paths, {}).settings, home.paths, library).id == first.id


def _without_a_prompt(folder: Path) -> None:
    (folder / "prompts" / "extraction" / "read.md").unlink()


def _with_another_prompt(folder: Path) -> None:
    file = folder / "prompts" / "answering" / "write.md"
    file.write_text(file.read_text(encoding="utf-8").replace("You answer", "You sing"), "utf-8")


def _without_its_policy(folder: Path) -> None:
    (folder / "policy.toml").unlink()


def _with_another_setting(folder: Path) -> None:
    file = folder / "release.json"
    plain = json.loads(file.read_text(encoding="utf-8"))
    plain["settings"]["answer.max_words"] = 500
    file.write_text(json.dumps(plain), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_without_a_prompt, "extraction/read"),
        (_with_another_prompt, "answering/write was changed"),
        (_without_its_policy, "policy"),
        (_with_another_setting, "was changed since"),
    ],
)
def test_a_release_that_is_not_what_it_was_is_refused(
    home: Home, harm: Callable[[Path], None], says: str
) -> None:
    content = home.run()
    harm(home.releases.folder(content.id))
    assert says in home.why_not(content)


def test_a_prompt_that_could_not_be_read_then_can_t_come_back(home: Home) -> None:
    home.write("prompts/answering/repair.md", "no prompt\n")
    assert "answering/repair couldn't be read" in home.why_not(home.run())


def test_a_setting_that_this_version_does_not_know_is_refused_with_the_way_out(home: Home) -> None:
    content = home.run()
    folder = home.releases.folder(content.id)
    plain = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    plain["settings"]["answer.rhymes"] = True
    older = Content("0.0.1", plain["settings"], content.prompts, content.policy)
    plain["program"] = older.program
    renamed = folder.rename(folder.with_name(older.id))
    (renamed / "release.json").write_text(json.dumps(plain), encoding="utf-8")
    assert "answer.rhymes" in home.why_not(older)
    home.releases.activate(home.releases.get(older.id), AT)
    found = inspect(home.paths, {})
    assert found.settings is None
    assert "activate files" in found.problems[0].hint


def test_what_names_the_active_release_and_can_t_be_read_is_a_problem_with_the_way_out(
    home: Home,
) -> None:
    home.run()
    home.write("releases/active.json", "no json")
    [problem] = inspect(home.paths, {}).problems
    assert "active.json" in problem.message
    assert "activate files" in problem.hint
    assert isinstance(of_folder(home.releases.folder("none")), Problem)


def test_a_release_is_found_by_the_beginning_of_its_id_alone_if_it_is_one(home: Home) -> None:
    home.run()
    for name in ("", "zzz"):
        with pytest.raises(NotFoundError):
            home.releases.get(name)


def test_a_difference_is_named_by_its_part(home: Home) -> None:
    before = home.run()
    home.write("config.toml", FILES)
    home.write("policy.toml", "# nothing\n")
    after = home.run()
    parts = [one.part for one in differences(before, after)]
    wanted = ["answer.max_words", "models.answer", "models.at", "models.routes", "policy"]
    assert parts == wanted
    assert differences(after, after) == []


def test_many_that_keep_the_same_at_once_keep_it_whole_once(home: Home) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {future.id for future in pool.map(lambda _: home.run(), range(24))}
    [kept] = home.releases.all()
    assert {kept.name} == ids
    assert home.releases.why_not(kept, PROMPTS) is None
    assert home.releases.history() == [kept.name]
    assert [path.name for path in home.paths.releases.glob(".*")] == []


def test_very_many_releases_lose_the_oldest_but_never_one_that_counts(home: Home) -> None:
    first = home.run()
    manifest = (home.releases.folder(first.id) / "release.json").read_text(encoding="utf-8")
    for n in range(120):
        folder = home.paths.releases / f"{n:012x}"
        folder.mkdir()
        (folder / "release.json").write_text(manifest, encoding="utf-8")
    home.write("policy.toml", "# nothing\n")
    second = home.run()
    left = {one.name for one in home.releases.all()}
    assert {first.id, second.id} <= left
    assert len(left) == 102
