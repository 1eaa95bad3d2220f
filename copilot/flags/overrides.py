"""The settings and prompts that a variant changes: whether they may be, and the settings with them.

Invariant: what passed here makes valid settings, so that no run of a variant fails for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from copilot.config.fields import leaves, nearest_key
from copilot.config.load import inspect_tables
from copilot.config.model_names import WrongName, wrong_names
from copilot.config.schema import Settings
from copilot.errors import ConfigError

# What an experiment may try: how passages are found, how answers are made, and by which models.
SECTIONS = ("search", "answer", "models")
_NOT = ("search.limit", "models.key", "models.at", "models.prices")
# How records are read, where a model reads them.
_OF_RECORDS = ("extraction.model", "extraction.token_budget")
# A table whose entries may be changed one by one: models.routes.extract.then.
_ROUTES = "models.routes"
_PROMPTS = "prompts."
_LABEL = re.compile(r"[A-Za-z0-9][\w.-]*")


def wrong_overrides(overrides: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """What is wrong: the key, what is, and the remedy."""
    tables: dict[str, dict[str, Any]] = {}
    for key, value in overrides.items():
        section, _, name = key.partition(".")
        if section == "prompts":
            if not isinstance(value, str) or not _LABEL.fullmatch(value) or "/" not in name:
                yield (
                    key,
                    "must be a label or version of a prompt",
                    'E.g. "prompts.answering/write" = "candidate".',
                )
        elif not (key in _OF_RECORDS or (section in SECTIONS and key not in _NOT)):
            yield key, "is nothing that an experiment may change", f"It may: {_may()}."
        elif key not in leaves() and not key.startswith(f"{_ROUTES}."):
            guess = nearest_key(key)
            hint = f"Did you mean {guess}?" if guess else f"It may change: {_may()}."
            yield key, "is no setting", hint
        else:
            _set(tables, key, value)
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
    """The settings with those of a variant, which ``wrong_overrides`` found nothing wrong with.

    Raises ConfigError where they don't go together.
    """
    update: dict[str, object] = {}
    for section, values in _tables(overrides).items():
        now = getattr(settings, section)
        whole = now.model_dump(by_alias=True, exclude_unset=True)
        try:
            update[section] = type(now).model_validate(_merged(whole, values))
        except ValidationError as error:
            what = error.errors()[0]["msg"].removeprefix("Value error, ")
            names = ", ".join(key for key in overrides if key.startswith(f"{section}."))
            hint = f"`copilot config show` has [{section}], which it changes"
            told = f"{names} doesn't go with what is configured: {what}"
            raise ConfigError(told, hint=hint) from error
    return settings.model_copy(update=update)


def _merged(whole: dict[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The routes of a variant change those that are configured, job by job and entry by entry."""
    routes = {job: dict(route) for job, route in whole.get("routes", {}).items()}
    for job, route in changed.get("routes", {}).items():
        routes[job] = {**routes.get(job, {}), **route}
    return {**whole, **changed, **({"routes": routes} if routes else {})}


def _tables(overrides: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """The settings that are changed, as a file would have them."""
    tables: dict[str, dict[str, Any]] = {}
    for key, value in overrides.items():
        if not key.startswith(_PROMPTS):
            _set(tables, key, value)
    return tables


def _set(tables: dict[str, dict[str, Any]], key: str, value: object) -> None:
    section, _, name = key.partition(".")
    table = tables.setdefault(section, {})
    *above, last = name.split(".") if key.startswith(f"{_ROUTES}.") else [name]
    for one in above:
        table = table.setdefault(one, {})
    table[last] = value


def _may() -> str:
    return ", ".join([*(f"{section}.…" for section in SECTIONS), *_OF_RECORDS, "prompts.ID"])
