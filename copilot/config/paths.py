"""Where copilot keeps its state, and where it finds the data that it ships.

Invariant: nothing is created by importing this module or by finding the paths; a folder
appears only through ``ensure``, private to the user, or a ConfigError names the remedy.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from copilot.errors import ConfigError, NotFoundError

HomeKind = Literal["COPILOT_HOME", "XDG", "none"]

PROJECT_FILE = ".copilot.toml"
HOME_VARIABLE = "COPILOT_HOME"
_REMEDY = f"Point {HOME_VARIABLE} at a folder you can write: {HOME_VARIABLE}=/path copilot …"
_NOWHERE = Path(os.devnull) / "no-home"
_IN_REPOSITORY = {
    "handbook": "data/handbook",
    "golden": "data/golden",
    "samples": "data/samples",
    "schemas": "data/schemas",
    "extraction_examples": "data/extraction_examples",
    "policy.toml": "data/policy.toml",
    "prompts": "prompts",
    "config.example.toml": "config.example.toml",
}


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user. ``home_kind`` ``none``: no home can be found; ``ensure`` says so.

    ``data``, ``config``, ``cache_home`` and ``state`` are one folder under COPILOT_HOME, and
    the XDG folders otherwise. ``project_config`` is the project's file, when there is one.
    """

    data: Path
    config: Path
    cache_home: Path
    state: Path
    home_kind: HomeKind
    project_config: Path | None = None

    @property
    def index(self) -> Path:
        return self.data / "index"

    @property
    def ledger(self) -> Path:
        return self.data / "ledger"

    @property
    def audit(self) -> Path:
        """The audit trail. No retention touches it: it holds no texts."""
        return self.ledger / "audit.jsonl"

    @property
    def audit_anchor(self) -> Path:
        """The trail's heads, in another folder than the trail; `audit.anchor` moves it."""
        return self.state / "audit-anchor.jsonl"

    @property
    def audit_key(self) -> Path:
        """What seals the trail, where there is no keyring."""
        return self.data / "audit.key"

    @property
    def conversations(self) -> Path:
        return self.data / "sessions"

    @property
    def keys_file(self) -> Path:
        """Keys encrypted by a passphrase, for machines without a keyring."""
        return self.data / "keys.json"

    @property
    def trusted_file(self) -> Path:
        """Which project files are trusted, by path and content."""
        return self.data / "trusted.json"

    @property
    def outbox(self) -> Path:
        """Proposals: what waits for a decision, what is being sent, what was sent."""
        return self.data / "outbox"

    @property
    def desk(self) -> Path:
        """The folder of the local desk's database."""
        return self.data / "desk"

    @property
    def policy_file(self) -> Path:
        """The user's own rules on what may be written; `actions.policy` names another one."""
        return self.config / "policy.toml"

    @property
    def cache(self) -> Path:
        return self.cache_home / "cache" if self.home_kind == HOME_VARIABLE else self.cache_home

    @property
    def log(self) -> Path:
        """The folder of log files."""
        return self.state / "log"

    @property
    def looks_file(self) -> Path:
        """Theme and keys of the terminal application, as they were when last known."""
        return self.state / "looks.json"

    @property
    def models_file(self) -> Path:
        """What calls to models know of each other: which of them failed lately."""
        return self.state / "models.db"

    @property
    def answers_file(self) -> Path:
        """Answers that may be given again."""
        return self.cache / "answers.db"

    @property
    def budgets_file(self) -> Path:
        """What was spent of each budget, and what is set aside."""
        return self.state / "budgets.db"

    @property
    def releases(self) -> Path:
        """What was in force when: settings, prompts and policies of releases."""
        return self.state / "releases"

    @property
    def guards_file(self) -> Path:
        """When the guards of experiments were last looked at: its time, nothing stands in it."""
        return self.state / "experiments.looked"

    @property
    def written(self) -> tuple[Path, ...]:
        """What copilot writes about its user and for itself: nobody's documents."""
        return (
            self.index,
            self.ledger,
            self.conversations,
            self.outbox,
            self.desk,
            self.cache,
            self.log,
            self.looks_file,
            self.models_file,
            self.budgets_file,
            self.releases,
            self.keys_file,
            self.trusted_file,
            self.audit_anchor,
            self.audit_key,
        )

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def flags_file(self) -> Path:
        """Switches and experiments."""
        return self.config / "flags.toml"

    @property
    def prompts(self) -> Path:
        """The user's own versions of prompt files; an upgrade never touches them."""
        return self.config / "prompts"

    @classmethod
    def from_environment(cls, env: Mapping[str, str], *, cwd: Path | None = None) -> Paths:
        """The paths of this user: by COPILOT_HOME in ``env``, else the XDG folders.

        Never raises, and touches the disk only to look for a project's file.
        """
        project = _find_project_file(cwd)
        chosen = env.get(HOME_VARIABLE, "").strip()
        if chosen:
            home = Path(os.path.expanduser(chosen)).absolute()  # noqa: PTH111 (never raises)
            return cls(home, home, home, home, "COPILOT_HOME", project)
        import platformdirs

        try:
            folders = [
                Path(folder)
                for folder in (
                    platformdirs.user_data_dir("copilot", appauthor=False),
                    platformdirs.user_config_dir("copilot", appauthor=False),
                    platformdirs.user_cache_dir("copilot", appauthor=False),
                    platformdirs.user_state_dir("copilot", appauthor=False),
                )
            ]
        except RuntimeError:
            folders = []
        # Older platformdirs keep the "~": a relative path that would land in the current folder.
        if not folders or not all(folder.is_absolute() for folder in folders):
            return cls(_NOWHERE, _NOWHERE, _NOWHERE, _NOWHERE, "none", project)
        data, config, cache, state = folders
        return cls(data, config, cache, state, "XDG", project)


def ensure(folder: Path) -> Path:
    """Create ``folder`` and its missing parents, 0700, and return it.

    Raises ConfigError, with the remedy, when there is no home, its name can't be given to a
    database, something else stands in the way, it may not be written, or the disk is full.
    """
    if folder.is_relative_to(_NOWHERE):
        raise ConfigError("There is no home folder: HOME is not set.", hint=_REMEDY)
    if not has_utf_8_name(folder):
        raise ConfigError(f"The name of {folder} is not UTF-8; databases need that.", hint=_REMEDY)
    try:
        missing = [p for p in (folder, *folder.parents) if not p.exists()]
    except OSError as error:
        raise ConfigError(_why_not(folder, error), hint=_REMEDY) from error
    for path in reversed(missing):
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ConfigError(_why_not(path, error), hint=_REMEDY) from error
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder.", hint=_REMEDY)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder} can't be written.", hint=f"chmod u+wx {folder}, or: {_REMEDY}")
    return folder


@contextmanager
def private() -> Iterator[None]:
    """New files of this process are for their owner alone, also those that a library makes.

    Blocks may overlap, in threads too: the last one that ends brings back what was before.
    """
    with _umask.lock:
        if not _umask.blocks:
            _umask.before = os.umask(0o077)
        _umask.blocks += 1
    try:
        yield
    finally:
        with _umask.lock:
            _umask.blocks -= 1
            if not _umask.blocks:
                os.umask(_umask.before)


@dataclass
class _Umask:
    """The process has one; ``before`` is what it was when the first of the ``blocks`` began."""

    lock: threading.Lock
    blocks: int = 0
    before: int = 0


_umask = _Umask(threading.Lock())


def has_utf_8_name(path: Path) -> bool:
    """Whether databases can open it; a name of other bytes is a surrogate's to Python."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def bundled(name: str) -> Path:
    """The shipped ``handbook``, ``schemas``, ``prompts``, ``config.example.toml`` and the like.

    In a wheel it lies in ``copilot/_bundled``, in a checkout in the repository's folders.
    Raises NotFoundError when the installation lacks it.
    """
    package = Path(__file__).resolve().parent.parent
    candidates = [package / "_bundled" / name]
    if name in _IN_REPOSITORY:
        candidates.append(package.parent / _IN_REPOSITORY[name])
    for path in candidates:
        if path.exists():
            return path
    raise NotFoundError(
        f"This installation has no {name} (looked in {candidates[0].parent}).",
        hint="Install it again: pip install --force-reinstall .",
    )


def _find_project_file(cwd: Path | None) -> Path | None:
    """The nearest project file from the current folder up to the root of its repository.

    Outside a repository only the current folder counts: /tmp must not configure everyone.
    """
    try:
        here = cwd or Path.cwd()
        candidates = [here, *here.parents]
        roots = [i for i, folder in enumerate(candidates) if (folder / ".git").exists()]
        for folder in candidates[: roots[0] + 1 if roots else 1]:
            if (folder / PROJECT_FILE).is_file():
                return folder / PROJECT_FILE
    except OSError:
        return None
    return None


def _why_not(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{path} can't be created: the disk is full."
        case errno.EROFS:
            return f"{path} can't be created: the file system is read-only."
        case errno.EACCES | errno.EPERM:
            return f"{path} can't be created: {path.parent} can't be written."
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} can't be created: {path.parent} is not a folder."
        case _:
            return f"{path} can't be created: {error.strerror or error}."
