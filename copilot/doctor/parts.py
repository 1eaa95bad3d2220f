"""Checks of copilot's own parts: index, embedding weights, keys, ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from copilot.doctor import models
from copilot.doctor.findings import Finding, Probes, ok, problem, warning
from copilot.errors import ExitCode
from copilot.messages import EmbedderIdentity

_REBUILD = "copilot index rebuild"
_MANY_WAITING = 1000


def index(probes: Probes) -> Iterator[Finding]:
    """Whether there is something to search, built with the configured embedder."""
    part = probes.index()
    built_with = part.identity()
    passages = part.count_passages() if built_with is not None else 0
    states = Counter(document.status for document in part.documents())
    unread = states["failed"]
    if built_with is None or not passages:
        detail = "there is nothing in it yet"
        if unread:
            detail = f"none of its {unread} documents could be read"
        yield problem("index", detail, "copilot index add PATH", code=ExitCode.INDEX)
        return
    wanted = _another_embedder(probes, built_with)
    if wanted:
        detail = f"built with {_named(built_with)}, and {wanted} is configured"
        yield problem("index", detail, _REBUILD, code=ExitCode.INDEX)
        return
    yield ok("index", f"{states['indexed']} documents, {passages} passages, {built_with.name}")
    if unread:
        detail = f"{unread} of {states.total()} documents could not be read"
        yield warning("index", detail, "copilot index status")
    unfinished = part.unfinished()
    if unfinished:
        detail = f"{len(unfinished)} documents were left half done by a run that was cut off"
        yield warning("index", detail, "copilot index sync")


def _another_embedder(probes: Probes, built_with: EmbedderIdentity) -> str:
    """The configured embedder, if it is another one; only by its name where it isn't at hand."""
    configured = probes.embedder()
    if configured is not None:
        return "" if configured == built_with else _named(configured)
    name = probes.settings.embedding.model
    return "" if built_with.name == name else name


def _named(identity: EmbedderIdentity) -> str:
    return f"{identity.name} ({identity.dimension} dimensions, weights {identity.weights[:8]})"


def weights(probes: Probes) -> Iterator[Finding]:
    yield ok("embedding weights", probes.weights())


def keys(probes: Probes) -> Iterator[Finding]:
    """Where keys can be kept, and whether those that models need are there."""
    facts = probes.keys()
    if facts.keyring_problem:
        detail = f"{facts.keyring_problem.rstrip('.')}: keys go to an encrypted file or variables"
        yield ok("keys", detail)
    else:
        yield ok("keys", f"OS keyring ({facts.backend})")
    for failure in facts.failures:
        yield warning("keys", failure, "Unlock or mend it, then `copilot keys list`")
    yield from models.keys(probes, keyring_problem=facts.keyring_problem)


def ledger(probes: Probes) -> Iterator[Finding]:
    if not probes.settings.ledger.enabled:
        yield ok("ledger", "switched off: runs are not recorded")
        return
    if not probes.paths.ledger.exists():
        yield ok("ledger", "no runs yet")
        return
    facts = probes.ledger()
    yield ok("ledger", f"opens, {facts.runs}{'+' if facts.runs >= _MANY_WAITING else ''} runs")
    for notice in facts.notices:
        yield warning("ledger", notice.message, notice.hint or "copilot runs list")
    if facts.waiting > _MANY_WAITING:
        detail = f"{facts.waiting} runs wait to be merged into the database"
        yield warning("ledger", detail, "copilot runs list")


def budgets(probes: Probes) -> Iterator[Finding]:
    """Whether they can be kept, and whether one is used up. A file that can't be read raises."""
    found = [one for one in probes.budgets() if one.frees_at is not None]
    if not found:
        yield ok("budgets", "none is set for a day or a month")
        return
    for one in found:
        name, money, tokens = one.limit.account.budget, one.limit.microusd, one.limit.tokens
        used, more = one.balance.used, one.balance.granted
        if (money is not None and used.microusd >= money + more.microusd) or (
            tokens is not None and used.tokens >= tokens + more.tokens
        ):
            yield warning("budgets", f"the budget {name} is used up", "copilot models budget")
            return
    yield ok("budgets", f"{len(found)} kept, none used up")
