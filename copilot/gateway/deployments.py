"""Which models a job may be given to, and where each of them is.

Invariant: a key or an address that is meant for one provider is never given to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.config.models import tiers_of
from copilot.errors import ConfigError
from copilot.gateway.tiers import Tiers

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings
    from copilot.config.schema import Settings


# What models are asked beside an answer: in little time, and nothing fails if they don't answer.
BESIDE = ("router", "rewrite", "judge", "summarise")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model at an address. ``name`` is what the configuration calls it.

    ``key`` names the stored key, the provider's own if empty; ``context_tokens`` is what it can
    read and write at once, 0 if that isn't known.
    """

    name: str
    model: str
    api_base: str = ""
    key: str = ""
    context_tokens: int = 0

    def settings(self, models: ModelSettings) -> ModelSettings:
        """The settings with this one to be asked; a price under its own name is its model's."""
        update: dict[str, object] = {
            "answer": self.model,
            "api_base": self.api_base,
            "key": self.key,
        }
        if (price := models.prices.get(self.name)) is not None:
            update["prices"] = {**models.prices, self.model: price}
        return models.model_copy(update=update)


def route(settings: Settings, job: str) -> tuple[Deployment, ...]:
    """The deployments for a job, in the order in which they are asked; none: quoting, or rules."""
    return tuple(deployment(settings, name) for name in names(settings, job))


def names(settings: Settings, job: str) -> tuple[str, ...]:
    """What the configuration calls the models of a job."""
    if job in BESIDE:
        return _beside(settings, job)
    model = settings.extraction.model if job == "extract" else settings.models.answer
    given = settings.models.routes.get(job)
    if not model or given is None:
        return (model,) if model else ()
    cheap, strong = tiers_of(given, model)
    return tuple(dict.fromkeys((model, *strong, *cheap, *given.then)))


def _beside(settings: Settings, job: str) -> tuple[str, ...]:
    """Of what is asked beside an answer; none where no model writes answers."""
    routes, answer = settings.models.routes, settings.models.answer
    if job == "router":
        given = routes.get("answer")
        return (given.router,) if answer and given is not None and given.router else ()
    return routes[job].models if answer and job in routes else ()


def tiers(settings: Settings, job: str) -> Tiers | None:
    """Which of a job's models are for what is simple and hard; None where that doesn't matter.

    Raises ConfigError for a route that has one of the two only.
    """
    first_of_it = first(settings, job)
    given = settings.models.routes.get(job)
    if not first_of_it or given is None:
        return None
    cheap, strong = tiers_of(given, first_of_it)
    if not (cheap or strong):
        return None
    if not (cheap and strong):
        lacks = "strong" if cheap else "cheap"
        raise ConfigError(
            f"models.routes.{job} has no {lacks} model",
            hint=f"name one as models.routes.{job}.{lacks}",
        )
    return Tiers(tuple(cheap), tuple(strong), given.hard)


def first(settings: Settings, job: str = "answer") -> str:
    """The model that is asked first; empty where the job is done without one."""
    return next(iter(names(settings, job)), "")


def configured(settings: Settings) -> tuple[str, ...]:
    """Every model that may be asked to answer, those of the route first."""
    return tuple(dict.fromkeys((*names(settings, "answer"), *settings.models.at)))


def deployment(settings: Settings, name: str) -> Deployment:
    """The model of this name. Raises ConfigError for what can't be a name."""
    if not name or not name.isprintable() or " " in name:
        raise ConfigError(
            f"{name!r} can't be the name of a chat model", hint="e.g. openai/gpt-5-mini"
        )
    models = settings.models
    given = models.at.get(name)
    model = (given.model if given is not None else "") or name
    ours = _provider(model) == _provider(_at_home(settings) or model)
    return Deployment(
        name,
        model,
        api_base=(given.api_base if given else "") or (models.api_base if ours else ""),
        key=(given.key if given else "") or (models.key if ours else ""),
        context_tokens=given.context_tokens if given else 0,
    )


def _at_home(settings: Settings) -> str:
    """The model that ``models.api_base`` and ``models.key`` are meant for."""
    for job in ("answer", "extract"):
        for name in names(settings, job):
            given = settings.models.at.get(name)
            if given is None:
                return name
    return ""


def _provider(model: str) -> str:
    return model.partition("/")[0] if "/" in model else ""
