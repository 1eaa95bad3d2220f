"""Settings of extraction, of what becomes of records, and of the systems that they go to.

Invariant: as in ``schema.py``; no key stands here, only the name under which one is stored.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from copilot.config.sections import Section


class ExtractionSettings(Section):
    """How `copilot extract` reads records out of texts."""

    model: str = Field(
        "", description="Chat model that extracts, a litellm name; empty: rules alone, no model."
    )
    products: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Your products and services, and what people call them. A product field "
        "holds one of these names.",
    )
    components: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="The same for parts of products."
    )
    plans: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="The same for what is sold: plans, editions, packages."
    )
    competitors: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="The same for what others sell."
    )
    own_domains: tuple[str, ...] = Field(
        (), description="Mail domains of your own people: never a requester, never a customer."
    )
    region: str = Field(
        "",
        pattern="^([A-Z]{2})?$",
        description="Country (DE, GB, US …) of telephone numbers without a country code, where "
        "the text doesn't tell.",
    )
    max_input_mb: float = Field(10.0, gt=0, description="Larger inputs are refused and listed.")
    jobs: int = Field(0, ge=0, description="Processes that read many inputs; 0: one a usable core.")
    concurrency: int = Field(4, ge=1, le=64, description="Inputs that a model reads at a time.")
    token_budget: int = Field(
        20_000, ge=1, description="Tokens, read and written, that one input may cost."
    )


class FieldRule(Section):
    """A sink's field from a record's: `from` names it, `values` translates what it says."""

    source: str = Field(alias="from", min_length=1)
    values: dict[str, str] = Field(default_factory=dict)


# What a field's rule was meant as: a mistake is told of that, and not of what it wasn't.
MEANT = ("(text)", "(table)")


def _meant(given: object) -> str:
    return "(table)" if isinstance(given, dict | FieldRule) else "(text)"


_Rule = Annotated[
    Annotated[str, Tag("(text)")] | Annotated[FieldRule, Tag("(table)")], Discriminator(_meant)
]


class SinkSettings(Section):
    """A ticket or CRM system. `kind` is the product, `key` the name of the stored key.

    `fields` says, by schema, which field of the sink takes which field of the record; where it
    says nothing, the sink's own defaults hold. `options` are the product's own.
    """

    kind: str
    url: str = ""
    user: str = ""
    key: str = ""
    options: dict[str, str | int | bool] = Field(default_factory=dict)
    fields: dict[str, dict[str, _Rule]] = Field(default_factory=dict)
    timeout_s: float = Field(30.0, gt=0)


class ActionSettings(Section):
    """What may be written to ticket and CRM systems, and how."""

    policy: str = Field(
        "",
        description="The policy file; default: policy.toml beside this file, or else the one "
        "that ships, which asks before each write to the local desk and denies the rest.",
    )
    sinks: dict[str, SinkSettings] = Field(
        default_factory=dict,
        description="Ticket and CRM systems by name, a table each: kind (jira, github, gitlab, "
        "servicenow, zendesk, hubspot, salesforce, webhook), url, user, key (the name of the "
        "stored key), options, fields (by schema: the sink's field = the record's). The local "
        "`desk` is always there.",
    )
    attempts: int = Field(
        6, ge=1, description="Tries of a write that fails for now; after them it is a dead letter."
    )
