"""The home: where it is, that finding it creates nothing, and what is said when it fails."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from copilot.config.paths import Paths, bundled, ensure
from copilot.errors import ConfigError, NotFoundError


def test_one_variable_moves_all_state(tmp_path: Path) -> None:
    paths = Paths.from_environment({"COPILOT_HOME": str(tmp_path / "home")})
    assert paths.home_kind == "COPILOT_HOME"
    everything = (
        paths.index,
        paths.ledger,
        paths.cache,
        paths.conversations,
        paths.log,
        paths.config_file,
        paths.keys_file,
        paths.trusted_file,
        paths.prompts,
    )
    assert all(path.is_relative_to(tmp_path / "home") for path in everything)
    assert len(set(everything)) == len(everything)
    assert not (tmp_path / "home").exists()


def test_without_it_the_xdg_folders_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    paths = Paths.from_environment({})
    assert paths.home_kind == "XDG"
    assert paths.index == tmp_path / "DATA/copilot/index"
    assert paths.config_file == tmp_path / "CONFIG/copilot/config.toml"
    assert paths.cache == tmp_path / "CACHE/copilot"
    assert paths.log == tmp_path / "STATE/copilot/log"
    assert list(tmp_path.iterdir()) == []


def test_a_relative_or_tilde_home_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Paths.from_environment({"COPILOT_HOME": "state"}).data == tmp_path / "state"
    assert Paths.from_environment({"COPILOT_HOME": "~/state"}).data == tmp_path / "state"


def test_folders_are_created_private(tmp_path: Path) -> None:
    made = ensure(tmp_path / "a/b/c")
    assert made.is_dir()
    for folder in (made, made.parent, made.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ensure(made) == made


def test_without_a_home_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(Path, "expanduser", lambda path: path)
    paths = Paths.from_environment({})
    assert paths.home_kind == "none"
    with pytest.raises(ConfigError, match="no home folder") as caught:
        ensure(paths.index)
    assert "COPILOT_HOME=" in caught.value.hint


def test_a_name_that_is_not_utf_8_is_refused_before_a_database_meets_it(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"\xff") / "index"
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        ensure(odd)
    assert "COPILOT_HOME=" in caught.value.hint
    assert not any(tmp_path.iterdir())


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(ConfigError, match="not a folder") as caught:
            ensure(folder)
        assert "COPILOT_HOME=" in caught.value.hint


@pytest.mark.parametrize(
    ("number", "said"), [(28, "disk is full"), (30, "read-only"), (13, "can't be written")]
)
def test_each_failure_of_the_disk_has_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.raises(ConfigError, match=said):
        ensure(tmp_path / "new")


def test_the_project_file_is_looked_for_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".copilot.toml").write_text("")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    deep = repository / "a/b"
    deep.mkdir(parents=True)
    assert Paths.from_environment({}, cwd=deep).project_config is None
    (repository / ".copilot.toml").write_text("")
    assert Paths.from_environment({}, cwd=deep).project_config == repository / ".copilot.toml"


def test_outside_a_repository_only_the_current_folder_counts(tmp_path: Path) -> None:
    (tmp_path / ".copilot.toml").write_text("")
    below = tmp_path / "below"
    below.mkdir()
    assert Paths.from_environment({}, cwd=below).project_config is None
    assert Paths.from_environment({}, cwd=tmp_path).project_config is not None


def test_shipped_data_is_found_in_a_checkout_and_its_absence_is_named() -> None:
    assert bundled("config.example.toml").is_file()
    with pytest.raises(NotFoundError, match="no such-thing"):
        bundled("such-thing")
