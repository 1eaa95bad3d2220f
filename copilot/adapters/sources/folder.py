"""Walks folders for files to index, honouring ignore files, size limits and links.

Invariant: every file under a root is either offered or named with the reason why not, except
what an ignore rule or a default ignore covers, and copilot's own files; no link loop and no
unreadable folder ends the walk.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.config.schema import IndexSettings
from copilot.messages import SourceConfig, SourceFile

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".copilotignore")
DEFAULT_IGNORES = frozenset(
    {
        ".git", ".hg", ".svn", ".bzr", "node_modules", "bower_components", "__pycache__",
        ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
        ".hypothesis", ".ipynb_checkpoints", ".eggs", ".idea", ".terraform", ".gradle",
        ".DS_Store", "Thumbs.db", "desktop.ini",
    }
)  # fmt: skip
_MEDIA = "only text is indexed; add a transcript or a text version"
_ARCHIVE = "unpack it and add the folder"
_BINARY = "not a document"
UNREADABLE_SUFFIXES: dict[str, str] = {
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ico", ".heic",
         ".avif", ".psd", ".svg", ".ai", ".eps"),
        f"an image: {_MEDIA}",
    ),
    **dict.fromkeys((".mp3", ".wav", ".m4a", ".ogg", ".flac", ".aac"), f"a recording: {_MEDIA}"),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm"), f"a video: {_MEDIA}"),
    **dict.fromkeys(
        (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"),
        f"an archive: {_ARCHIVE}",
    ),
    **dict.fromkeys((".whl", ".jar", ".war", ".egg", ".deb", ".rpm", ".dmg", ".iso"), _BINARY),
    **dict.fromkeys(
        (".exe", ".dll", ".so", ".dylib", ".a", ".o", ".obj", ".pyc", ".pyo", ".class", ".wasm",
         ".bin", ".dat", ".woff", ".woff2", ".ttf", ".otf", ".eot"),
        _BINARY,
    ),
    **dict.fromkeys(
        (".db", ".sqlite", ".sqlite3", ".duckdb", ".parquet", ".arrow", ".npy", ".npz", ".pkl",
         ".pt", ".onnx", ".safetensors", ".gguf", ".h5"),
        "data or a model: export what should be found as text or CSV",
    ),
}  # fmt: skip

_LOCK_FILES = frozenset(
    {
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock",
        "uv.lock", "pdm.lock", "pipfile.lock", "cargo.lock", "composer.lock", "gemfile.lock",
        "go.sum", "flake.lock",
    }
)  # fmt: skip
_GENERATED = (".min.js", ".min.css", ".js.map", ".css.map")


@dataclass(frozen=True, slots=True)
class _Rules:
    """The ignore rules of one folder; patterns are relative to it."""

    base: str
    spec: GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    rules: tuple[_Rules, ...]
    # Real folders on the way here, as (device, inode): a link back to one is a loop.
    above: frozenset[tuple[int, int]] = field(default_factory=frozenset)


class FolderSource:
    """Files under a folder, or one file; implements ``ports.Source``."""

    def __init__(self, settings: IndexSettings, *, own: Sequence[Path] = ()) -> None:
        """``own``: files and folders that are copilot's, which are passed over."""
        self._settings = settings
        self._own = own
        self._limit = int(settings.max_file_mb * 1024 * 1024)

    def scan(self, source: SourceConfig) -> Iterator[SourceFile | tuple[str, str]]:
        """Every file under the root, or (path, reason) for one that is passed over.

        Paths are absolute and come in a stable order. ``include`` and ``exclude`` are
        patterns in .gitignore form, relative to the root. Never raises for what it finds.
        """
        root = os.path.abspath(source.root)  # noqa: PTH100 - links must stay as they are named
        include = _spec(source.include) if source.include else None
        try:
            status = os.stat(root)  # noqa: PTH116 - one call for kind, size and inode
        except OSError as error:
            yield root, _reason(error)
            return
        if not _is_folder(status):
            yield self._offer(root, status)
            return
        rules = list(_rules_above(Path(root)))
        if _ignored(root, tuple(rules), is_folder=True):
            # Somebody named this folder: what its repository keeps out of git doesn't count.
            rules = []
        if source.exclude:
            rules.append(_Rules(root, _spec(source.exclude)))
        top = _Folder(root, tuple(rules), frozenset({_identity(status)}))
        # By what they are, not by name: a link in a path gives a file two names.
        own = frozenset(_identities(self._own))
        yield from self._walk(top, root, include, own=own)

    def _walk(
        self,
        top: _Folder,
        root: str,
        include: GitIgnoreSpec | None,
        *,
        own: Container[tuple[int, int]],
    ) -> Iterator[SourceFile | tuple[str, str]]:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder.path) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                yield folder.path, f"the folder can't be listed: {_reason(error)}"
                continue
            names = {entry.name for entry in entries}
            rules = (*folder.rules, *_rules_of(folder.path, names))
            below: list[_Folder] = []
            for entry in entries:
                if self._is_passed_over(entry.name):
                    continue
                outcome = self._entry(entry, folder, rules, own=own)
                match outcome:
                    case None:
                        continue
                    case _Folder():
                        below.append(outcome)
                    case _ if include is None or include.match_file(
                        os.path.relpath(entry.path, root)
                    ):
                        yield outcome
            waiting.extend(reversed(below))

    def _entry(
        self,
        entry: os.DirEntry[str],
        folder: _Folder,
        rules: tuple[_Rules, ...],
        *,
        own: Container[tuple[int, int]],
    ) -> SourceFile | tuple[str, str] | _Folder | None:
        """What becomes of one directory entry; None when a rule ignores it, or it is ours."""
        try:
            linked = entry.is_symlink()
            is_folder = entry.is_dir()
            if rules and _ignored(entry.path, rules, is_folder=is_folder):
                return None
            if linked and not self._settings.follow_links:
                return entry.path, "a symbolic link; set index.follow_links to follow links"
            status = entry.stat()
        except OSError as error:
            return entry.path, _reason(error)
        here = _identity(status)
        if here in own:
            return None
        if not is_folder:
            return self._offer(entry.path, status)
        if here in folder.above:
            return entry.path, "a symbolic link that leads back to a folder above it"
        return _Folder(entry.path, rules, folder.above | {here})

    def _offer(self, path: str, status: os.stat_result) -> SourceFile | tuple[str, str]:
        import stat

        if not stat.S_ISREG(status.st_mode):
            return path, "not a regular file (a pipe, socket or device)"
        suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - 10 000 Path objects cost more
        if suffix in UNREADABLE_SUFFIXES:
            return path, UNREADABLE_SUFFIXES[suffix]
        name = os.path.basename(path).lower()  # noqa: PTH119
        if name in _LOCK_FILES or name.endswith(_GENERATED):
            return path, "written by a tool, not by a person"
        if status.st_size > self._limit:
            return path, (
                f"larger than index.max_file_mb: {status.st_size / 1048576:.1f} MB, "
                f"the limit is {self._settings.max_file_mb:g}"
            )
        if status.st_size == 0:
            return path, "empty"
        return SourceFile(path, status.st_size, status.st_mtime_ns)

    def _is_passed_over(self, name: str) -> bool:
        if name in DEFAULT_IGNORES or name in IGNORE_FILES:
            return True
        return name.startswith(".") and not self._settings.hidden


def _rules_of(path: str, names: Container[str]) -> Iterator[_Rules]:
    """The rules in a folder's own ignore files; ``names`` are its entries."""
    for name in IGNORE_FILES:
        if name not in names:
            continue
        try:
            lines = Path(path, name).read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue  # it may not be read: then it has no rules
        yield _Rules(path, _spec(lines))


def _rules_above(root: Path) -> Iterator[_Rules]:
    """The rules of the folders above ``root``, when it lies inside a Git repository."""
    above: list[Path] = []
    for folder in (root, *root.parents):
        if folder != root:
            above.append(folder)
        if os.path.exists(folder / ".git"):  # noqa: PTH110 - false where it may not be looked into
            for each in reversed(above):
                yield from _rules_of(str(each), IGNORE_FILES)
            return


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    kept = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue  # git ignores a malformed pattern as well
        kept.append(line)
    return GitIgnoreSpec.from_lines(kept)


def _ignored(path: str, rules: tuple[_Rules, ...], *, is_folder: bool) -> bool:
    """Whether the innermost rule that speaks of ``path`` ignores it."""
    for rule in reversed(rules):
        relative = path[len(rule.base) :].lstrip(os.sep).replace(os.sep, "/")
        verdict = rule.spec.check_file(f"{relative}/" if is_folder else relative)
        if verdict.include is not None:
            return verdict.include
    return False


def _is_folder(status: os.stat_result) -> bool:
    import stat

    return stat.S_ISDIR(status.st_mode)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _identities(paths: Sequence[Path]) -> Iterator[tuple[int, int]]:
    for path in paths:
        try:
            yield _identity(path.stat())
        except OSError:
            continue  # it isn't there yet


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "it does not exist, or a link points nowhere"
        case PermissionError():
            return "permission denied"
        case _:
            return error.strerror or type(error).__name__
