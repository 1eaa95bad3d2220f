"""The settings and prompts that a variant changes: whether they may be, and the settings with them.

Invariant: what passed here makes valid settings, so that no run of a variant fails for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from copilot.config.fields import leaves, nearest_key
from copilot.config.load import inspect_tables
from copilot.config.model_names import WrongName, wrong_names
from copilot.config.schema import Settings

# What an experiment may try: how passages are found, how answers are made, and by which models.
SECTIONS = ("search", "answer", "models")
_NOT = ("search.limit", "models.key", "models.at", "models.prices")
_PROMPTS = "prompts."
_LABEL = re.compile(r"[A-Za-z0-9][\w.-]*")


def wrong_overrides(overrides: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """What is wrong: the key, what is, and the remedy."""
    tables: dict[str, dict[str, object]] = {}
    for key, value in overrides.items():
        section, _, name = key.partition(".")
        if section == "prompts":
            if not isinstance(value, str) or not _LABEL.fullmatch(value) or "/" not in name:
                yield (
                    key,
                    "must be a label or version of a prompt",
                    'E.g. "prompts.answering/write" = "candidate".',
                )
        elif section not in SECTIONS or key in _NOT:
            yield key, "is nothing that an experiment may change", f"It may: {_may()}."
        elif key not in leaves():
            guess = nearest_key(key)
            hint = f"Did you mean {guess}?" if guess else f"It may change: {_may()}."
            yield key, "is no setting", hint
        else:
            tables.setdefault(section, {})[name] = value
    for problem in inspect_tables(tables).problems:
        told = problem.message.partition(": ")[2].rstrip(".")
        key, _, what = told.partition(" ")
        yield key, what, problem.hint


def wrong_models(overrides: Mapping[str, object], ours: Collection[str]) -> Iterator[WrongName]:
    """The names in overrides of the right types that can't be a model's; ``ours``: that can."""
    found = inspect_tables(_tables(overrides)).settings
    return iter(()) if found is None else wrong_names(found, ours=ours)


def labels_of(overrides: Mapping[str, object]) -> list[tuple[str, str]]:
    """The prompts that are changed, each with its label or version."""
    return [
        (key.removeprefix(_PROMPTS), str(value))
        for key, value in overrides.items()
        if key.startswith(_PROMPTS)
    ]


def with_overrides(settings: Settings, overrides: Mapping[str, object]) -> Settings:
    """The settings with those of a variant, which ``wrong_overrides`` found nothing wrong with."""
    update: dict[str, object] = {}
    for section, values in _tables(overrides).items():
        now = getattr(settings, section)
        update[section] = type(now).model_validate({**now.model_dump(by_alias=True), **values})
    return settings.model_copy(update=update)


def _tables(overrides: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The settings that are changed, as a file would have them."""
    tables: dict[str, dict[str, object]] = {}
    for key, value in overrides.items():
        section, _, name = key.partition(".")
        if section != "prompts":
            tables.setdefault(section, {})[name] = value
    return tables


def _may() -> str:
    return ", ".join([*(f"{section}.…" for section in SECTIONS), "prompts.ID"])
