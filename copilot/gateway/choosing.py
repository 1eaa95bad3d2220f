"""Another chat model than the configured one, for an answer or a conversation.

Invariant: as in ``deployments``: a provider's key and address stay with the provider.
"""

from __future__ import annotations

from copilot.config.schema import Settings
from copilot.gateway.deployments import deployment


def answered_by(settings: Settings, model: str) -> Settings:
    """The settings with ``model``, and no other, to answer. ConfigError for what is no name."""
    one = deployment(settings, model)
    change = {
        "answer": model,
        "api_base": one.api_base,
        "key": one.key,
        "routes": {job: it for job, it in settings.models.routes.items() if job != "answer"},
    }
    models = settings.models.model_copy(update=change)
    return settings.model_copy(update={"models": models})
