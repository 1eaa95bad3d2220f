"""What is wrong with a folder's prompts, and what one should know of one's own.

Invariant: a locked version never has two bodies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.errors import ConfigError
from copilot.prompting.files import Prompt
from copilot.prompting.folders import (
    LABELS,
    LABELS_KNOWN,
    LOCK,
    PRODUCTION,
    PromptFolder,
    Tables,
    as_tables,
)
from copilot.prompting.library import Found, PromptLibrary


@dataclass(frozen=True, slots=True)
class Flaw:
    """``serious``: a prompt can't be used, or isn't what its version says."""

    prompt: str
    file: str
    message: str
    hint: str = ""
    serious: bool = True


def flaws(library: PromptLibrary) -> list[Flaw]:
    """Everything that is to be told of the prompts, folder by folder."""
    found: list[Flaw] = []
    for place, folder in enumerate(library.folders):
        found += _malformed(library, folder, place)
        found += _unlocked(folder, ours=folder is library.ours)
        found += _dangling(library, folder)
    return list(dict.fromkeys([*found, *stale(library)]))


def stale(library: PromptLibrary) -> list[Flaw]:
    """The user's own prompts that were made from a version that isn't ours any more."""
    told: list[Flaw] = []
    for place, folder in enumerate(library.folders):
        if folder is library.ours:
            continue
        for prompt_id in folder.files:
            found = _in_force(library, prompt_id)
            ours = library.ours.current(prompt_id)
            if found is None or found.place != place or ours is None:
                continue
            now = library.ours.read(ours)
            told += _compared(found, now)
    return told


def problems(folder: PromptFolder) -> list[str]:
    """How the files of a folder differ from its lock, in words; empty when they agree."""
    return [flaw.message for flaw in _unlocked(folder, ours=True)]


def locked(lock: Tables, prompts: Sequence[Prompt]) -> str:
    """The lock file's text with these prompts' versions added.

    Raises ConfigError where a version is there already with another body: it stays as it was
    published, and a changed body takes a new version.
    """
    merged = {prompt_id: dict(versions) for prompt_id, versions in lock.items()}
    for prompt in prompts:
        known = merged.setdefault(prompt.id, {})
        if known.get(prompt.version, prompt.digest) != prompt.digest:
            raise ConfigError(
                f"{prompt.id}: version {prompt.version} is locked with another text",
                hint="give it a new version and say in changes what is different",
            )
        known[prompt.version] = prompt.digest
    return as_tables(merged)


def every(folder: PromptFolder) -> list[Prompt]:
    """Every version that stands in a folder. Raises ConfigError."""
    return [folder.read(file) for files in folder.files.values() for file in files]


def _malformed(library: PromptLibrary, folder: PromptFolder, place: int) -> Iterator[Flaw]:
    for prompt_id, files in folder.files.items():
        if folder is not library.ours and prompt_id not in library.ours.files:
            yield Flaw(
                prompt_id,
                str(files[0]),
                f"{files[0]}: there is no prompt {prompt_id}, so nothing uses it",
                f"prompts: {', '.join(library.ours.files)}",
                serious=False,
            )
            continue
        for file in files:
            try:
                found = Found(folder.read(file), file, place)
                if file == folder.current(prompt_id):
                    library.checked(found)
            except ConfigError as error:
                yield Flaw(prompt_id, str(file), error.message, error.hint)


def _unlocked(folder: PromptFolder, *, ours: bool) -> Iterator[Flaw]:
    """A folder without a lock has promised nothing, unless it is the one that ships."""
    try:
        lock = folder.lock
    except ConfigError as error:
        yield Flaw("", str(folder.path / LOCK), error.message, error.hint)
        return
    if not lock and not ours:
        return
    for prompt_id, files in folder.files.items():
        for file in files:
            try:
                prompt = folder.read(file)
            except ConfigError:
                continue  # which is told where files are read
            known = lock.get(prompt_id, {}).get(prompt.version)
            if known is None:
                message = f"{prompt_id}: version {prompt.version} is not in {LOCK}"
                yield Flaw(prompt_id, str(file), message, f"copilot prompts lock {folder.path}")
            elif known != prompt.digest:
                message = f"{prompt_id}: the text changed, its version {prompt.version} did not"
                hint = "raise its version and say in changes what is different"
                yield Flaw(prompt_id, str(file), message, hint)
    for gone in sorted(set(lock) - set(folder.files)):
        yield Flaw(gone, str(folder.path / LOCK), f"{gone}: in {LOCK}, no such file")


def _dangling(library: PromptLibrary, folder: PromptFolder) -> Iterator[Flaw]:
    try:
        labels = folder.labels
    except ConfigError as error:
        yield Flaw("", str(folder.path), error.message, error.hint)
        return
    for label, pointers in labels.items():
        if label not in LABELS_KNOWN:
            yield Flaw(
                "",
                str(folder.path / LABELS),
                f"{folder.path / LABELS}: {label} is no label; only an experiment can name it",
                f"labels: {', '.join(LABELS_KNOWN)}",
                serious=False,
            )
        for prompt_id in pointers:
            try:
                found = library.labelled(prompt_id, label)
                if found is not None:
                    library.checked(found)
            except ConfigError as error:
                yield Flaw(prompt_id, str(folder.path), error.message, error.hint)


def _in_force(library: PromptLibrary, prompt_id: str) -> Found | None:
    try:
        return library.labelled(prompt_id, PRODUCTION)
    except ConfigError:
        return None  # which is told as a flaw of its own


def _compared(found: Found, now: Prompt) -> Iterator[Flaw]:
    """A copy keeps the lines of ``changes`` of the versions that it was made from."""
    yours, prompt_id = found.prompt, found.prompt.id
    if yours.digest == now.digest:
        return
    if yours.version == now.version:
        yield Flaw(
            prompt_id,
            str(found.file),
            f"{prompt_id}: yours is version {yours.version}, as ours, with another text",
            "give it a version of its own, so that runs tell them apart",
            serious=False,
        )
    shared = [version for version in now.changes if version in yours.changes]
    if now.version not in shared:
        base = shared[-1] if shared else "an unknown one"
        yield Flaw(
            prompt_id,
            str(found.file),
            f"{prompt_id}: yours is made from version {base}, ours is {now.version} now",
            f"copilot prompts diff {prompt_id}, then add {now.version} to its changes",
            serious=False,
        )
