"""What the doctor looks at, built from the same parts as everything else.

Invariant: nothing is looked at before the doctor asks for it, and a configuration that doesn't
load is replaced by the defaults, so the doctor can always say what is wrong.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.bootstrap import Copilot
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.messages import EmbedderIdentity

if TYPE_CHECKING:
    from copilot.doctor import (
        AuditFacts,
        KeyFacts,
        LedgerFacts,
        ModelStanding,
        Probes,
        ProposalFacts,
        ReleaseFacts,
        TerminalFacts,
    )
    from copilot.gateway.deployments import Deployment
    from copilot.prompting.checking import Flaw


def doctor_probes(terminal: TerminalFacts) -> Probes:
    """What the doctor looks at; a configuration that doesn't load is replaced by the defaults."""
    from copilot.config.load import inspect
    from copilot.doctor import Probes

    paths = Paths.from_environment(os.environ)
    configuration = inspect(paths, os.environ)
    settings = configuration.settings or Settings()
    parts = Copilot(settings=settings, paths=paths, pinned=configuration.release)
    return Probes(
        paths=paths,
        configuration=configuration,
        settings=settings,
        terminal=terminal,
        index=lambda: parts.index,
        embedder=lambda: _known_identity(parts),
        weights=lambda: _verified_weights(settings),
        keys=lambda: key_facts(parts),
        ledger=lambda: _ledger_facts(parts),
        audit=lambda: _audit_facts(parts),
        proposals=lambda: _proposal_facts(parts),
        flags=parts.flags.file,
        budgets=parts.budgets.standings,
        prompts=lambda: _prompt_flaws(parts),
        release=lambda: _release_facts(parts),
        models=lambda: _priced(parts, model_standings(parts)),
        ping=lambda name: ping(parts, name),
    )


def _prompt_flaws(parts: Copilot) -> list[Flaw]:
    from copilot.prompting.checking import flaws

    return flaws(parts.prompt_files)


def _release_facts(parts: Copilot) -> ReleaseFacts:
    from copilot.doctor import ReleaseFacts
    from copilot.releases import of_files
    from copilot.releases.comparing import differences

    now = parts.content
    files = of_files(parts.paths, os.environ, parts.prompt_files)
    unlike = () if files is None else tuple(one.part for one in differences(now, files))
    return ReleaseFacts(now.id, parts.pinned, unlike if parts.pinned else ())


def _known_identity(parts: Copilot) -> EmbedderIdentity | None:
    """None for a model that would have to be downloaded, or its provider asked."""
    from copilot.adapters.embedding.weights import MODEL_NAME

    model = parts.settings.embedding.model
    here = model.removeprefix("sentence-transformers/") in ("", MODEL_NAME) or Path(model).is_dir()
    return parts.embedder.identity if here else None


def _verified_weights(settings: Settings) -> str:
    from copilot.adapters.embedding import weights

    model = settings.embedding.model
    if model.removeprefix("sentence-transformers/") not in ("", weights.MODEL_NAME):
        return f"{model}: not the bundled model, so its weights are not checked"
    for file in (weights.TOKENIZER, weights.ONNX_MODEL, weights.TORCH_WEIGHTS):
        file.verified()
    return f"{weights.MODEL_NAME}, SHA-256 as pinned"


def key_facts(parts: Copilot) -> KeyFacts:
    """Where keys can be kept."""
    from copilot.adapters.secrets.os_keyring import KeyringStore
    from copilot.doctor import KeyFacts

    secrets = parts.secrets
    keyring = secrets.store("keyring")
    assert isinstance(keyring, KeyringStore)
    state = keyring.state()
    if state.usable:
        secrets.stored()
    return KeyFacts(
        backend=state.backend,
        keyring_problem="" if state.usable else state.reason,
        failures=tuple(f"{store}: {error.message}" for store, error in secrets.failures.items()),
    )


def model_standings(parts: Copilot) -> tuple[ModelStanding, ...]:
    """Every chat model that a job may be given, and those that are named for nothing yet."""
    from copilot.config.models import JOBS
    from copilot.gateway.deployments import deployment, first, names

    jobs: dict[str, list[str]] = {}
    for job in (*JOBS, "router"):
        for name in names(parts.settings, job):
            jobs.setdefault(name, []).append(job)
    first_ones = {first(parts.settings, job) for job in ("answer", "extract")}
    return tuple(
        _standing(parts, deployment(parts.settings, name), tuple(given), first=name in first_ones)
        for name, given in jobs.items()
    )


def _priced(parts: Copilot, models: tuple[ModelStanding, ...]) -> tuple[ModelStanding, ...]:
    """With those told of that a budget in money keeps from being asked; that takes litellm."""
    if not models or not parts.budgets.in_money:
        return models
    from copilot.adapters.models.catalogue import priced

    prices = parts.settings.models.prices
    return tuple(
        replace(one, unpriced=not priced(one.model, one.api_base, prices)) for one in models
    )


def _standing(
    parts: Copilot, one: Deployment, jobs: tuple[str, ...], *, first: bool
) -> ModelStanding:
    from copilot.adapters.models.requests import key_of
    from copilot.adapters.secrets.environment import variable_for
    from copilot.doctor import ModelStanding

    key = key_of(one.model, one.key)
    rest = parts.routes.breaker.look([one]).get(one.name)
    return ModelStanding(
        name=one.name,
        model=one.model,
        jobs=jobs,
        first=first,
        key=key,
        key_in=(parts.secrets.where(key) or "") if key else "",
        variable=variable_for(key) if key else "",
        api_base=one.api_base,
        rests_until=rest.until if rest else None,
    )


def _ledger_facts(parts: Copilot) -> LedgerFacts:
    from copilot.adapters.ledger.spool import SPOOL_FOLDER, SUFFIX
    from copilot.doctor import LedgerFacts
    from copilot.runs import RunFilter

    reader = parts.run_reader
    runs = len(reader.runs(RunFilter(), limit=1000))
    waiting = sum(1 for _ in (parts.paths.ledger / SPOOL_FOLDER).glob(f"*{SUFFIX}"))
    return LedgerFacts(runs, waiting, tuple(reader.notices))


def _audit_facts(parts: Copilot) -> AuditFacts:
    from copilot.doctor import AuditFacts

    trail = parts.audit_trail
    return AuditFacts(
        trail.glance(),
        now=parts.clock.now(),
        trail=Path(trail.log.place),
        anchor=Path(trail.anchor_file.place),
    )


def _proposal_facts(parts: Copilot) -> ProposalFacts:
    from collections import Counter

    from copilot.doctor import KeylessSink, ProposalFacts
    from copilot.proposals import ProposalState

    delivery = parts.delivery
    delivery.policy()
    over = (ProposalState.SENT, ProposalState.REJECTED, ProposalState.UNDONE)
    content = delivery.outbox.content([one for one in ProposalState if one not in over])
    return ProposalFacts(
        policy=str(delivery.policy_place),
        states=Counter(standing.state for standing in content.standings),
        damaged=len(content.damaged),
        keyless=tuple(
            KeylessSink(name, sink.key)
            for name, sink in sorted(parts.settings.actions.sinks.items())
            if sink.key and parts.secrets.where(sink.key) is None
        ),
    )


async def ping(parts: Copilot, name: str) -> str:
    """What the chat model of this name says to a word; a run that costs next to nothing."""
    found = await parts.model_tried(name)
    if found.error is not None:
        raise found.error
    return found.words or "an empty answer"
