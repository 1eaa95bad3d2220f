"""What the doctor looks at, built from the same parts as everything else.

Invariant: nothing is looked at before the doctor asks for it, and a configuration that doesn't
load is replaced by the defaults, so the doctor can always say what is wrong.
"""

from __future__ import annotations

import os
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
        Probes,
        ProposalFacts,
        ReleaseFacts,
        TerminalFacts,
    )
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
        budgets=parts.budgets.standings,
        prompts=lambda: _prompt_flaws(parts),
        release=lambda: _release_facts(parts),
        ping=lambda: ping(parts),
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
    """Where keys can be kept, and whether the chat model's is there."""
    from copilot.adapters.models.requests import key_of
    from copilot.adapters.secrets.environment import variable_for
    from copilot.adapters.secrets.os_keyring import KeyringStore
    from copilot.doctor import KeyFacts
    from copilot.gateway.deployments import deployment

    secrets = parts.secrets
    keyring = secrets.store("keyring")
    assert isinstance(keyring, KeyringStore)
    state = keyring.state()
    model = parts.answers_first
    one = deployment(parts.settings, model) if model else None
    needed = key_of(one.model, one.key) if one else ""
    found_in = secrets.where(needed) if needed else None
    if state.usable:
        secrets.stored()
    return KeyFacts(
        backend=state.backend,
        keyring_problem="" if state.usable else state.reason,
        needed=needed,
        found_in=found_in or "",
        variable=variable_for(needed) if needed else "",
        failures=tuple(f"{store}: {error.message}" for store, error in secrets.failures.items()),
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


async def ping(parts: Copilot) -> str:
    """What the chat model that answers first says to a word; a call that costs next to nothing."""
    found = await parts.routes.tried(parts.answers_first)
    if found.error is not None:
        raise found.error
    return found.words or "an empty answer"
