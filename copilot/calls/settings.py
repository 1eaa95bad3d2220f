"""Calls about settings: what is configured and where it comes from, keys of providers, health.

Invariant: no reply holds a key, and a call that holds one doesn't show it when it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReadLooks:
    """Asks how the application is to look, and for other keys than its own."""


@dataclass(frozen=True, slots=True)
class LooksRead:
    """``theme`` is empty where none is chosen. ``keys``: by the name of what they do."""

    theme: str
    keys: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Asks for every setting in force; a configuration that doesn't load is no hindrance."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting. ``value`` and ``default`` are as TOML writes them, empty for one that isn't set;
    ``origin`` says where the value comes from, ``default`` for nowhere.
    """

    key: str
    value: str
    origin: str
    default: str
    kind: str
    description: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong, and what to do about it."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """``file`` is the user's configuration file. ``places``: what lies where."""

    settings: tuple[Setting, ...]
    file: str
    places: dict[str, str]
    problems: tuple[Trouble, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Writes a setting into the user's file. ``value`` is what a person types: a text without
    quotes, a list with commas; None takes the setting out. ``name`` is the one meant of a setting
    that is a table.
    """

    key: str
    value: str | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """``origin`` says where the value in force comes from: not the user's file, where something
    goes before it.
    """

    value: str
    origin: str
    file: str
    in_force: bool
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadKeys:
    """Asks which keys are stored, and where; never for one."""


@dataclass(frozen=True, slots=True)
class KeyStored:
    """A key by its name. ``used``: whether it is the first of this name, which is the one used."""

    name: str
    store: str
    used: bool


@dataclass(frozen=True, slots=True)
class KeysRead:
    """``needed``: names that the configuration refers to. ``keyring``: why there is none, empty
    where there is one. ``failures``: stores that couldn't be asked.
    """

    keys: tuple[KeyStored, ...]
    needed: tuple[str, ...] = ()
    keyring: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreKey:
    """Stores a key; an empty ``store`` is the first that can be written."""

    name: str
    value: str = field(repr=False)
    store: str = ""


@dataclass(frozen=True, slots=True)
class KeyKept:
    """``store`` has it; ``used`` is the store whose key of that name is used."""

    name: str
    store: str
    used: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveKey:
    """Removes a key from every store that can."""

    name: str


@dataclass(frozen=True, slots=True)
class TestModel:
    """Asks the chat model for a word; an empty ``model`` is the configured one."""

    __test__ = False  # pytest's: this is no test

    model: str = ""


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    model: str
    words: str
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Examine:
    """Asks the doctor. ``online``: the chat model too."""

    online: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """``status`` is ``ok``, ``warning``, ``problem`` or ``skipped``."""

    check: str
    status: str
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    findings: tuple[Finding, ...]


Call = (
    ReadLooks | ReadSettings | ChangeSetting | ReadKeys | StoreKey | RemoveKey | TestModel | Examine
)
Reply = LooksRead | SettingsRead | SettingChanged | KeysRead | KeyKept | ModelAnswered | Examined
