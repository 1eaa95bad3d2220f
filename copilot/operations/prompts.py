"""The prompts that there are, which of their versions is used, and the user's own.

Invariant: nothing that ships is changed; a label points only to a version that can be used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from copilot.audit import noting
from copilot.bootstrap import Copilot
from copilot.config.editing import changed
from copilot.config.paths import ensure
from copilot.config.writing import alone, text_of, write_whole
from copilot.errors import ConfigError, NotFoundError, UsageError
from copilot.events import Warned
from copilot.prompting.checking import every, locked
from copilot.prompting.files import examples_name, written
from copilot.prompting.folders import LABELS, LABELS_KNOWN, LOCK, PRODUCTION, PromptFolder
from copilot.prompting.library import Found, PromptLibrary

# Instead of a version: no pointer, so that a folder's own file counts again.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Listed:
    """One version of a prompt. ``where`` says whose it is: yours, or ours. ``state``: how it
    differs from what one would expect, in words.
    """

    id: str
    version: str
    labels: tuple[str, ...]
    where: str
    file: str
    digest: str = ""
    state: str = ""


def listed(library: PromptLibrary) -> list[Listed]:
    """Every version of every prompt, those that are used first. A malformed file is told."""
    return [one for prompt_id in library.ids() for one in _versions(library, prompt_id)]


def chosen(library: PromptLibrary, prompt_id: str, which: str = "") -> Found:
    """The version that is meant: by its name, by a label; left out, what is used.

    Raises NotFoundError, ConfigError.
    """
    _known(library, prompt_id)
    found = library.labelled(prompt_id, which or PRODUCTION)
    if found is None and which and which not in LABELS_KNOWN:
        found = library.version(prompt_id, which)
    if found is None:
        names = ", ".join(one.version for one in _versions(library, prompt_id))
        raise NotFoundError(f"{prompt_id} has no {which or PRODUCTION}", hint=f"versions: {names}")
    return found


def pair(library: PromptLibrary, prompt_id: str, old: str, new: str) -> tuple[Found, Found]:
    """The two that are to be compared: two versions, or ours and what is used; where these are
    one, the version before it and what is used. Raises NotFoundError, ConfigError.
    """
    if old:
        return chosen(library, prompt_id, old), chosen(library, prompt_id, new)
    used = chosen(library, prompt_id)
    ours = library.ours.current(prompt_id)
    if ours is not None and ours != used.file:
        return Found(library.ours.read(ours), ours, len(library.folders) - 1), used
    earlier = [version for version in used.prompt.changes if version != used.prompt.version]
    for version in reversed(earlier):
        found = library.version(prompt_id, version)
        if found is not None:
            return found, used
    raise NotFoundError(
        f"{prompt_id} is as it ships, and no other version of it is here to compare with",
        hint=f"copilot prompts copy {prompt_id} makes one of your own",
    )


def use(
    copilot: Copilot, prompt_id: str, version: str, *, label: str, reason: str
) -> tuple[Found | None, tuple[Warned, ...]]:
    """Point a label to a version; ``default`` takes the pointer away. What it means then.

    Raises UsageError, NotFoundError, ConfigError, and StorageError where it was done and isn't
    in the audit trail.
    """
    if label not in LABELS_KNOWN:
        raise UsageError(f"there is no label {label}", hint=f"labels: {', '.join(LABELS_KNOWN)}")
    library = copilot.prompt_files
    _known(library, prompt_id)
    if version != DEFAULT:
        found = library.version(prompt_id, version)
        if found is None:
            names = ", ".join(one.version for one in _versions(library, prompt_id))
            raise NotFoundError(
                f"{prompt_id} has no version {version}", hint=f"versions: {names}, {DEFAULT}"
            )
        library.checked(found)
    folder = copilot.paths.prompts
    pointer = None if version == DEFAULT else version
    with alone(folder / LABELS):
        before = PromptFolder(folder).labels.get(label, {}).get(prompt_id, DEFAULT)
        text = text_of(folder / LABELS)
        write_whole(folder / LABELS, changed(text, (label, prompt_id), pointer))
    notices = noting.note(
        lambda: copilot.audit_trail,
        "prompts.use",
        prompt_id,
        principal=copilot.settings.principal.name,
        label=label,
        version=version,
        before=before,
        reason=reason,
    )
    after = PromptLibrary([one.path for one in library.folders])
    return after.labelled(prompt_id, label), notices


def copied(copilot: Copilot, prompt_id: str) -> Path:
    """Make what ships the user's own, to be edited; its file. Raises UsageError, NotFoundError."""
    library = copilot.prompt_files
    _known(library, prompt_id)
    file = copilot.paths.prompts / f"{prompt_id}.md"
    if file.exists():
        raise UsageError(f"{file} is there already", hint="edit it, or move it away first")
    ours = library.ours.current(prompt_id)
    if ours is None:
        raise NotFoundError(f"{prompt_id} doesn't ship", hint="copilot prompts list")
    prompt = library.ours.read(ours)
    version = f"{prompt.version}-mine"
    own = replace(prompt, version=version, changes={**prompt.changes, version: "My own."})
    text, examples = written(own)
    ensure(file.parent)
    if examples:
        write_whole(file.with_name(examples_name(prompt_id)), examples)
    write_whole(file, text)
    return file


def lock(folder: Path) -> tuple[Path, int]:
    """Lock every version in a folder: the lock's file, and how many. Raises ConfigError."""
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {folder}", hint="copilot config path prompts")
    found = PromptFolder(folder)
    prompts = every(found)
    write_whole(folder / LOCK, locked(found.lock, prompts))
    return folder / LOCK, len(prompts)


def _known(library: PromptLibrary, prompt_id: str) -> None:
    if prompt_id not in library.ids():
        raise NotFoundError(
            f"there is no prompt {prompt_id}", hint=f"prompts: {', '.join(library.ids())}"
        )


def _versions(library: PromptLibrary, prompt_id: str) -> list[Listed]:
    pointed: dict[Path, list[str]] = {}
    for label in LABELS_KNOWN:
        try:
            found = library.labelled(prompt_id, label)
        except ConfigError:
            continue
        if found is not None:
            pointed.setdefault(found.file, []).append(label)
    told = []
    for place, folder in enumerate(library.folders):
        where = "ours" if folder is library.ours else "yours"
        for file in folder.files.get(prompt_id, ()):
            labels = tuple(pointed.get(file, ()))
            try:
                found = Found(folder.read(file), file, place)
                library.checked(found)
            except ConfigError as error:
                told.append(Listed(prompt_id, "?", labels, where, str(file), state=error.message))
                continue
            state = _state(library, found)
            prompt = found.prompt
            told.append(
                Listed(prompt_id, prompt.version, labels, where, str(file), prompt.digest, state)
            )
    return sorted(told, key=lambda one: PRODUCTION not in one.labels)


def _state(library: PromptLibrary, found: Found) -> str:
    folder, prompt = library.folders[found.place], found.prompt
    lock = folder.lock.get(prompt.id, {}).get(prompt.version)
    if lock is not None and lock != prompt.digest:
        return "changed since it was locked"
    ours = library.ours.current(prompt.id)
    if folder is library.ours or ours is None:
        return ""
    same = library.ours.read(ours).digest == prompt.digest
    return "as ours" if same else "differs from ours"
