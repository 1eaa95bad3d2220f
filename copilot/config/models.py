"""Settings of chat models: which do which job, in which order, where they are and what they cost.

Invariant: as in ``schema.py``; no key stands here, only the name under which one is stored.
"""

from __future__ import annotations

from pydantic import Field, field_validator

from copilot.config.sections import Section

# What a model is asked to do. Each job may have a route of its own.
JOBS = ("answer", "extract")


class DeploymentSettings(Section):
    """Where a model is reached, under a name of your own; what it leaves out is as elsewhere."""

    model: str = ""
    api_base: str = ""
    key: str = ""
    context_tokens: int = Field(0, ge=0)


class RouteSettings(Section):
    """Which models step in, one after the other, when the first one for a job fails."""

    then: tuple[str, ...] = Field(min_length=1)

    @field_validator("then")
    @classmethod
    def _each_once(cls, then: tuple[str, ...]) -> tuple[str, ...]:
        for name in then:
            if not name or not name.isprintable() or " " in name:
                raise ValueError(f"holds {name!r}, which can't be the name of a chat model")
            if then.count(name) > 1:
                raise ValueError(f"names {name} twice")
        return then


class ModelPrice(Section):
    """What a model costs, in US dollars a million tokens, when litellm doesn't know it."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class ModelSettings(Section):
    """The chat model. Without one, answers are quotes."""

    answer: str = Field("", description="litellm name, e.g. openai/gpt-5-mini; empty: quoting.")
    api_base: str = Field("", description="Address of an OpenAI-compatible server.")
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
        description="By job (answer, extract), a table each: `then` names the models that step in, "
        "one after the other, when `answer` here, or `extraction.model`, fails.",
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
    def _of_jobs(cls, routes: dict[str, RouteSettings]) -> dict[str, RouteSettings]:
        for job in routes:
            if job not in JOBS:
                raise ValueError(f"has a route for {job!r}; jobs are {', '.join(JOBS)}")
        return routes
