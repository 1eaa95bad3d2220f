"""Settings of chat models: which do which job, in which order, where they are and what they cost.

Invariant: as in ``schema.py``; no key stands here, only the name under which one is stored.
"""

from __future__ import annotations

from pydantic import Field

from copilot.config.sections import Section


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
