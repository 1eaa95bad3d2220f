"""Settings of budgets: what calls to models may cost, in money and in tokens.

Invariant: as in ``schema.py``; no limit is set by default, and a budget that nobody set costs
nothing to keep.
"""

from __future__ import annotations

from pydantic import Field, field_validator

from copilot.config.sections import Section

SPANS = ("call", "conversation", "day", "month")
UNITS = ("usd", "tokens")
_KEYS = tuple(f"{span}_{unit}" for span in SPANS for unit in UNITS)
_MOST = 1e9  # of dollars; a sum of these fits into any database


class BudgetSettings(Section):
    """What models may cost; 0 lets nothing be spent. Days and months are those of this machine.

    A request is begun only if the most that it may cost is left in every budget.
    """

    call_usd: float | None = Field(
        None, ge=0, le=_MOST, description="US dollars that one request to a model may cost."
    )
    call_tokens: int | None = Field(
        None, ge=0, description="Tokens that it may read and write, all together."
    )
    conversation_usd: float | None = Field(
        None, ge=0, le=_MOST, description="US dollars for all of a conversation."
    )
    conversation_tokens: int | None = Field(None, ge=0, description="Its tokens.")
    day_usd: float | None = Field(
        None, ge=0, le=_MOST, description="US dollars a day, of everybody who shares this home."
    )
    day_tokens: int | None = Field(None, ge=0, description="Tokens a day.")
    month_usd: float | None = Field(
        None, ge=0, le=_MOST, description="US dollars a month, of everybody."
    )
    month_tokens: int | None = Field(None, ge=0, description="Tokens a month.")
    principal: dict[str, float] = Field(
        default_factory=dict,
        description="The same limits for each principal alone, a table: day_usd, day_tokens, "
        "month_usd and so on.",
    )
    soft: float = Field(
        0.8, gt=0, le=1, description="Share of a budget from which on cheaper models go first."
    )
    run_requests: int = Field(
        64, ge=1, description="Calls that one run may make of models: a guard against loops."
    )
    run_s: float = Field(900.0, gt=0, description="Seconds in which a run may make them.")
    run_usd: float | None = Field(
        None, ge=0, le=_MOST, description="US dollars after which a run makes no more of them."
    )

    @field_validator("principal")
    @classmethod
    def _limits(cls, principal: dict[str, float]) -> dict[str, float]:
        for name, limit in principal.items():
            if name not in _KEYS:
                raise ValueError(f"has no budget {name!r}; there are {', '.join(_KEYS)}")
            if not 0 <= limit <= _MOST:
                raise ValueError(f"must have at least 0 for {name}, not {limit:g}")
            if name.endswith("tokens") and limit != int(limit):
                raise ValueError(f"must have a whole number for {name}, not {limit:g}")
        return principal

    def limit(self, span: str, unit: str, *, of_principal: bool) -> float | None:
        """What was set for a span, such as ``day``; None where nothing was."""
        name = f"{span}_{unit}"
        found = self.principal.get(name) if of_principal else getattr(self, name)
        return None if found is None else float(found)
