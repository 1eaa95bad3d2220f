"""Settings of chat models: which do which job, in which order, where they are and what they cost.

Invariant: as in ``schema.py``; no key stands here, only the name under which one is stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from copilot.config.sections import Section

# What a model is asked to do. Each job may have a route of its own.
JOBS = ("answer", "extract", "rewrite", "judge", "summarise")
# Those whose first model has a setting of its own: `models.answer`, `extraction.model`.
_WITH_A_FIRST = ("answer", "extract")

# What a question asks for, as far as its words tell.
QuestionKind = Literal["lookup", "how-to", "compare", "why", "list"]
KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


def _address(address: str) -> str:
    if address and not _ADDRESS.fullmatch(address):
        raise ValueError(f"is {address!r}: an address begins with http:// or https:// and a host")
    return address


_Address = Annotated[str, AfterValidator(_address)]


class DeploymentSettings(Section):
    """Where a model is reached, under a name of your own; what it leaves out is as elsewhere."""

    model: str = ""
    api_base: _Address = ""
    key: str = ""
    context_tokens: int = Field(0, ge=0)


class HardQuestions(Section):
    """What makes a question one for the strong models; what isn't hard goes to the cheap ones."""

    kinds: tuple[QuestionKind, ...] = ("compare", "why", "list")
    words: int = Field(40, ge=1)
    documents: int = Field(3, ge=2)
    disagreement: bool = True
    follow_up: bool = False


class RouteSettings(Section):
    """The models of a job: who steps in, and which of them are for what is simple and hard.

    ``models``, in their order, for a job that no other setting names a model for. ``timeout_s``:
    how long what is asked beside an answer may take, the router's word too.
    """

    models: tuple[str, ...] = Field((), min_length=1)
    then: tuple[str, ...] = Field((), min_length=1)
    cheap: tuple[str, ...] = Field((), min_length=1)
    strong: tuple[str, ...] = Field((), min_length=1)
    hard: HardQuestions = Field(default_factory=HardQuestions)
    router: str = ""
    timeout_s: float = Field(3.0, gt=0)

    @field_validator("models", "then", "cheap", "strong")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            _named(name)
            if names.count(name) > 1:
                raise ValueError(f"names {name} twice")
        return names

    @field_validator("router")
    @classmethod
    def _a_name(cls, router: str) -> str:
        return _named(router) if router else router

    @model_validator(mode="after")
    def _leads_somewhere(self) -> RouteSettings:
        if not (self.models or self.then or self.cheap or self.strong):
            raise ValueError("names no model: `then` names those that step in")
        for name in self.cheap:
            if name in self.strong:
                raise ValueError(f"has {name} among the cheap and the strong models")
        if self.router and not (self.cheap or self.strong):
            raise ValueError("has a router and nothing to choose from: name `cheap` models")
        return self


def _named(name: str) -> str:
    if not name or not name.isprintable() or " " in name:
        raise ValueError(f"holds {name!r}, which can't be the name of a chat model")
    return name


class ModelPrice(Section):
    """What a model costs, in US dollars a million tokens, by its litellm name or that in ``at``.

    ``cached``: of tokens that the provider had read before; as ``input`` where it isn't given.
    """

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(None, ge=0)


class ModelSettings(Section):
    """The chat model. Without one, answers are quotes."""

    answer: str = Field(
        "", description="litellm name, e.g. openai/gpt-5-mini, or local/smollm2; empty: quoting."
    )
    api_base: _Address = Field("", description="Address of an OpenAI-compatible server.")
    key: str = Field("", description="Name of the stored key; default: the provider's name.")
    connect_timeout_s: float = Field(5.0, gt=0, description="Seconds to reach the provider.")
    first_token_timeout_s: float = Field(30.0, gt=0, description="Seconds to the first token.")
    total_timeout_s: float = Field(120.0, gt=0, description="Seconds for the whole answer.")
    retries: int = Field(2, ge=0, le=10, description="Further attempts after a retryable failure.")
    max_output_tokens: int = Field(800, ge=1, description="Length limit of a written answer.")
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature.")
    prices: dict[str, ModelPrice] = Field(
        default_factory=dict, description="Prices of models that litellm doesn't know."
    )
    routes: dict[str, RouteSettings] = Field(
        default_factory=dict,
        description="By job, a table each. For `answer` and `extract`: `then` names models that "
        "step in, one after the other, when `answer` here, or `extraction.model`, fails; with "
        "`cheap` and `strong`, easy questions go to the cheap models, hard ones to the strong, "
        "`hard` says what hard is, and a model named as `router` is asked for its word on it. "
        "For `rewrite`, `judge` and `summarise`: `models` that make a follow-up a question of its "
        "own, are asked whether the sources say a sentence that isn't word for word theirs, or sum "
        "up the turns of a conversation that are older than `answer.history_turns`.",
    )
    at: dict[str, DeploymentSettings] = Field(
        default_factory=dict,
        description="Models under names of your own, a table each: model (its litellm name), "
        "api_base, key (the name of the stored key), context_tokens. Routes may name them.",
    )
    breaker_failures: int = Field(
        3, ge=0, description="Failed calls in a row after which a model rests; 0: it never does."
    )
    breaker_cooldown_s: float = Field(
        60.0, gt=0, description="Seconds that it rests; then one call tries it again."
    )

    @field_validator("routes")
    @classmethod
    def _of_jobs(
        cls, routes: dict[str, RouteSettings], info: ValidationInfo
    ) -> dict[str, RouteSettings]:
        for job, one in routes.items():
            if job not in JOBS:
                raise ValueError(f"has a route for {job!r}; jobs are {', '.join(JOBS)}")
            _fitting(job, one)
            if job == "answer" and (first := info.data.get("answer")):
                _whole(job, one, first)
        return routes


def tiers_of(one: RouteSettings, first: str) -> tuple[Sequence[str], Sequence[str]]:
    """The cheap and the strong models of a route; none where it has no tiers.

    ``first``, the job's own model, is of the tier that names it; named in none, it is strong, or
    cheap where nothing else is.
    """
    cheap, strong = one.cheap, one.strong
    if not (cheap or strong) or first in (*cheap, *strong):
        return cheap, strong
    return (cheap, (first, *strong)) if cheap else ((first,), strong)


def _fitting(job: str, one: RouteSettings) -> None:
    first = {"answer": "models.answer", "extract": "extraction.model"}
    if job in _WITH_A_FIRST and one.models:
        raise ValueError(f"has `models` for {job}: {first[job]} is the first, `then` the others")
    if job not in _WITH_A_FIRST and not one.models:
        raise ValueError(f"has no `models` for {job}: name them, first the one to be asked first")
    if job not in _WITH_A_FIRST and (one.then or one.cheap or one.strong):
        raise ValueError(f"has tiers or `then` for {job}: name all its models as `models`")
    if one.router and job != "answer":
        raise ValueError(f"has a router for {job}: only questions are sorted, those of `answer`")


def _whole(job: str, one: RouteSettings, first: str) -> None:
    cheap, strong = tiers_of(one, first)
    if (cheap or strong) and not (cheap and strong):
        lacks = "strong" if cheap else "cheap"
        raise ValueError(f"has no {lacks} model for {job}: name one as `{lacks}`")
