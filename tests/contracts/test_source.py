"""What a source offers and passes over: ignore files, limits, links, unreadable folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from copilot.adapters.sources.folder import FolderSource
from copilot.config.schema import IndexSettings
from copilot.messages import SourceConfig, SourceFile


def scan(
    root: Path,
    *,
    include: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    settings: IndexSettings | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Names of the files offered, and the reasons for the others; relative to the root."""
    source = SourceConfig(str(root), str(root), include=include, exclude=exclude)
    offered: list[str] = []
    reasons: dict[str, str] = {}
    for entry in FolderSource(settings or IndexSettings()).scan(source):
        if isinstance(entry, SourceFile):
            assert Path(entry.path).is_absolute()
            offered.append(os.path.relpath(entry.path, root))
        else:
            reasons[os.path.relpath(entry[0], root)] = entry[1]
    return offered, reasons


def write(root: Path, *names: str, text: str = "words") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_files_come_in_a_stable_order_with_size_and_time(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "a.md", "sub/c.md", "sub/deeper/d.md")
    assert scan(tmp_path)[0] == ["a.md", "b.md", "sub/c.md", "sub/deeper/d.md"]
    (first, *_) = FolderSource(IndexSettings()).scan(SourceConfig("s", str(tmp_path)))
    assert isinstance(first, SourceFile)
    status = (tmp_path / "a.md").stat()
    assert (first.size, first.mtime_ns) == (status.st_size, status.st_mtime_ns)


def test_a_file_can_be_the_root(tmp_path: Path) -> None:
    write(tmp_path, "only.md")
    assert scan(tmp_path / "only.md")[0] == ["."]


def test_what_copilot_wrote_itself_is_no_document_by_whatever_name(tmp_path: Path) -> None:
    real = tmp_path / "real"
    write(real, "note.md", "home/ledger/spool/a.jsonl", "home/keys.json", "home/mine.md")
    (tmp_path / "link").symlink_to(real)
    home = tmp_path / "link" / "home"
    own = (home / "ledger", home / "keys.json", home / "index")
    found = FolderSource(IndexSettings(), own=own).scan(SourceConfig("s", str(real)))
    offered = [Path(entry.path).name for entry in found if isinstance(entry, SourceFile)]
    assert offered == ["note.md", "mine.md"]


def test_ignore_files_hold_at_every_level(tmp_path: Path) -> None:
    write(tmp_path, "keep.md", "drop.log", "sub/drop.log", "sub/keep.log", "sub/own.md", "out/x.md")
    write(tmp_path, ".gitignore", text="*.log\nout/\n# comment\n!!bad[\n")
    write(tmp_path / "sub", ".copilotignore", text="own.md\n!keep.log\n")
    assert scan(tmp_path)[0] == ["keep.md", "sub/keep.log"]


def test_a_pattern_with_a_slash_is_anchored_to_its_folder(tmp_path: Path) -> None:
    write(tmp_path, "a/x.md", "b/a/x.md")
    write(tmp_path, ".gitignore", text="/a/\n")
    assert scan(tmp_path)[0] == ["b/a/x.md"]


def test_rules_of_the_repository_above_the_root_hold(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, ".gitignore", text="*.secret\n/docs/private/\n")
    write(tmp_path, "docs/a.md", "docs/b.secret", "docs/private/c.md")
    assert scan(tmp_path / "docs")[0] == ["a.md"]


def test_a_root_that_its_repository_ignores_was_named_and_is_read(tmp_path: Path) -> None:
    write(tmp_path, ".git/HEAD", ".venv/lib/handbook/a.md", ".venv/lib/handbook/b.log")
    write(tmp_path, ".gitignore", text=".venv/\n*.log\n")
    assert scan(tmp_path / ".venv" / "lib" / "handbook")[0] == ["a.md", "b.log"]


def test_version_control_caches_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.md", ".git/x.md", "node_modules/x.md", "__pycache__/x.py", ".env", ".venv/x")
    assert scan(tmp_path) == (["a.md"], {})
    hidden = IndexSettings.model_validate({"hidden": True})
    assert scan(tmp_path, settings=hidden)[0] == [".env", "a.md"]


def test_what_is_not_offered_has_a_reason(tmp_path: Path) -> None:
    write(tmp_path, "photo.JPG", "a.zip", "package-lock.json", "big.md", "ok.md")
    (tmp_path / "empty.md").touch()
    (tmp_path / "big.md").write_bytes(b"x" * 3000)
    os.mkfifo(tmp_path / "pipe")
    offered, reasons = scan(tmp_path, settings=IndexSettings.model_validate({"max_file_mb": 0.001}))
    assert offered == ["ok.md"]
    assert set(reasons) == {"photo.JPG", "a.zip", "package-lock.json", "big.md", "empty.md", "pipe"}
    assert "index.max_file_mb" in reasons["big.md"]
    assert all(reasons.values())


def test_include_and_exclude_narrow_a_source(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "b.txt", "sub/c.md", "sub/d.md")
    assert scan(tmp_path, include=("*.md",), exclude=("sub/d*",))[0] == ["a.md", "sub/c.md"]


def test_links_are_named_and_followed_only_on_request_and_loops_are_cut(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "sub/b.md")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    offered, reasons = scan(tmp_path)
    assert offered == ["a.md", "sub/b.md"]
    assert "symbolic link" in reasons["link.md"]
    follow = IndexSettings.model_validate({"follow_links": True})
    offered, reasons = scan(tmp_path, settings=follow)
    assert offered == ["a.md", "link.md", "sub/b.md"]
    assert "leads back" in reasons["sub/up"]
    assert "points nowhere" in reasons["gone.md"]


def test_a_root_that_is_gone_has_a_reason(tmp_path: Path) -> None:
    offered, reasons = scan(tmp_path / "none")
    assert offered == []
    assert list(reasons.values()) == ["it does not exist, or a link points nowhere"]


def test_an_unreadable_folder_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.md", "locked/b.md", "z/c.md")
    listing = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    offered, reasons = scan(tmp_path)
    assert offered == ["a.md", "z/c.md"]
    assert reasons == {"locked": "the folder can't be listed: permission denied"}


def test_names_that_are_not_unicode_are_offered(tmp_path: Path) -> None:
    name = os.fsencode(str(tmp_path)) + b"/caf\xe9.md"
    Path(os.fsdecode(name)).write_text("words", "utf-8")
    assert len(scan(tmp_path)[0]) == 1
