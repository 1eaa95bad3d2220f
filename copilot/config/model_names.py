"""Whether a chat model's name can be one: a provider and a model, or a name of the user's own.

Invariant: what passes here has a provider that litellm knows, or stands on this machine, so that
a slip of the pen is found before any model is asked, and not when it is this one's turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings
    from copilot.config.schema import Settings

LOCAL = "local/"
SMOLLM2 = f"{LOCAL}smollm2"
_WEIGHTS = ".gguf"
_BY_API = "litellm:"
_EXAMPLE = "openai/gpt-5-mini"


@dataclass(frozen=True, slots=True)
class WrongName:
    """What is wrong, and the remedy; ``key`` is the setting that holds the name."""

    key: str
    what: str
    hint: str


def wrong_names(
    settings: Settings, *, ours: Collection[str] = (), alone: bool = False
) -> Iterator[WrongName]:
    """Each name in the settings that can't be a model's; ``ours``: others that can.

    ``alone``: they are one file's, and names without a provider may be given in another.
    """
    known = (*settings.models.at, *ours)
    for key, name in _names(settings):
        wrong = _wrong(name, known, alone=alone)
        if wrong is not None:
            yield WrongName(key, *wrong)
    embedder = settings.embedding.model
    if embedder.startswith(_BY_API):
        wrong = _wrong(embedder.removeprefix(_BY_API), (), alone=True)
        if wrong is not None:
            what = f"is {embedder!r}: its model {wrong[0]}"
            yield WrongName("embedding.model", what, f"e.g. {_BY_API}openai/text-embedding-3-small")
    for name, one in settings.models.at.items():
        key = f"models.at.{name}.model"
        wrong = _wrong(one.model or name, ())
        if wrong is not None and one.model:
            yield WrongName(key, *wrong)
        elif wrong is not None:
            yield WrongName(key, "is missing", f"say which model {name} is, e.g. {_EXAMPLE!r}")


def _wrong(name: str, ours: Collection[str], *, alone: bool = False) -> tuple[str, str] | None:
    """What is wrong with a name, and the remedy; ``ours`` are those of ``models.at``."""
    if name in ours:
        return None
    if not name or not name.isprintable() or " " in name:
        return f"is {name!r}, which can't be the name of a chat model", f"e.g. {_EXAMPLE}"
    if name.startswith(LOCAL):
        if name == SMOLLM2 or name.endswith(_WEIGHTS):
            return None
        return (
            f"is {name!r}, and there is no local model of that name",
            f"{SMOLLM2}, or {LOCAL} and the path of a .gguf file: {LOCAL}/models/x.gguf",
        )
    provider, slash, model = name.partition("/")
    if not slash:
        return None if alone else (f"is {name!r}, which names no provider", _instead(name, ours))
    return _wrong_provider(name, provider, model)


def _wrong_provider(name: str, provider: str, model: str) -> tuple[str, str] | None:
    from copilot.config.providers import PROVIDERS

    if provider in PROVIDERS and model:
        return None
    if not model:
        return f"is {name!r}, which names no model", f"write it whole, e.g. {_EXAMPLE}"
    from difflib import get_close_matches

    near = get_close_matches(provider.lower(), sorted(PROVIDERS), n=1)
    return (
        f"is {name!r}, and no provider {provider!r} is known",
        f"Did you mean {near[0]}/{model}?"
        if near
        else f"name it PROVIDER/MODEL, e.g. {_EXAMPLE}; a server of your own that speaks as "
        f'OpenAI does: [models.at."{name}"] with model = "openai/{model}" and api_base',
    )


def _instead(name: str, ours: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(ours), n=1)
    meant = f"Did you mean {near[0]}? Else name" if near else "Name"
    return (
        f"{meant} it PROVIDER/MODEL, such as openai/{name}, or say what it is in [models.at.{name}]"
    )


def _names(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings that name chat models."""
    if settings.models.answer:
        yield "models.answer", settings.models.answer
    if settings.extraction.model:
        yield "extraction.model", settings.extraction.model
    yield from _of_routes(settings.models)


def _of_routes(models: ModelSettings) -> Iterator[tuple[str, str]]:
    for job, one in models.routes.items():
        for part in ("models", "then", "cheap", "strong"):
            for name in getattr(one, part):
                yield f"models.routes.{job}.{part}", name
        if one.router:
            yield f"models.routes.{job}.router", one.router
