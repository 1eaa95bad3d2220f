"""What litellm's own table knows of a model; nobody is asked for it.

Invariant: what the table doesn't hold is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from copilot.adapters.models.failures import provider
from copilot.adapters.models.loading import load_litellm
from copilot.adapters.models.local_weights import in_process, weights
from copilot.adapters.models.pricing import Priced, cost_microusd, is_local
from copilot.upstream import ModelFacts

if TYPE_CHECKING:
    from copilot.config.models import ModelPrice

_MILLION = 1_000_000


def facts(model: str, api_base: str, prices: Mapping[str, ModelPrice]) -> ModelFacts:
    """Its window, and its price: the configured one, else litellm's, else none on this machine.

    Raises ModelError.
    """
    if in_process(model):
        return ModelFacts(weights(model).window or None, 0.0, 0.0)
    known = _row(load_litellm(), model)
    window = known.get("max_input_tokens") or known.get("max_tokens")
    price = prices.get(model)
    if price is not None:
        return ModelFacts(window, price.input, price.output)
    read, wrote = _dollars(known, "input_cost_per_token"), _dollars(known, "output_cost_per_token")
    if read is None and wrote is None and is_local(provider(model), api_base):
        read = wrote = 0.0
    return ModelFacts(window, read, wrote)


def priced(model: str, api_base: str, prices: Mapping[str, ModelPrice]) -> bool:
    """Whether what a call costs can be told, as it is for budgets. Raises ModelError."""
    if in_process(model):
        return True
    call = Priced(model, provider(model), api_base, None, input_tokens=1, output_tokens=1)
    return cost_microusd(call, prices, litellm=load_litellm()) is not None


def _row(litellm: ModuleType, model: str) -> Mapping[str, Any]:
    """Under its whole name, or under its last part if that is the same provider's."""
    table: Mapping[str, Mapping[str, Any]] = litellm.model_cost
    if model in table:
        return table[model]
    row = table.get(model.partition("/")[2], {})
    return row if row.get("litellm_provider") == provider(model) else {}


def _dollars(row: Mapping[str, Any], name: str) -> float | None:
    cost = row.get(name)
    return None if cost is None else round(float(cost) * _MILLION, 6)
