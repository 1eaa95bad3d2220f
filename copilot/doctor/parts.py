"""Checks of copilot's own parts: index, embedding weights, keys, chat model, ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from copilot.doctor.findings import Finding, Probes, ok, problem, warning
from copilot.errors import ExitCode
from copilot.gateway.deployments import deployment, first
from copilot.messages import EmbedderIdentity

_REBUILD = "copilot index rebuild"
_MANY_WAITING = 1000
# Servers of one's own, which mostly ask for no key.
_KEYLESS = frozenset(
    ("ollama", "ollama_chat", "hosted_vllm", "vllm", "lm_studio", "llamafile", "xinference")
)


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
    """Where keys can be kept, and whether the configured model's is there."""
    facts = probes.keys()
    if facts.keyring_problem:
        detail = f"{facts.keyring_problem.rstrip('.')}: keys go to an encrypted file or variables"
        yield ok("keys", detail)
    else:
        yield ok("keys", f"OS keyring ({facts.backend})")
    for failure in facts.failures:
        yield warning("keys", failure, "Unlock or mend it, then `copilot keys list`")
    if not facts.needed:
        return
    asked = deployment(probes.settings, first(probes.settings))
    if facts.found_in:
        yield ok("keys", f"the key {facts.needed} is in the {facts.found_in}")
    elif asked.api_base or asked.model.partition("/")[0] in _KEYLESS:
        yield ok("keys", f"no key {facts.needed}; a server of your own may need none")
    else:
        store = " --store file" if facts.keyring_problem else ""
        yield problem(
            "keys",
            f"{asked.name} needs a key, and there is none called {facts.needed}",
            f"copilot keys set {facts.needed}{store} (or export {facts.variable}=…)",
            code=ExitCode.MODEL,
        )


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


def chat_model(probes: Probes) -> Iterator[Finding]:
    """Without asking it anything; ``examination`` does that on request."""
    model = first(probes.settings)
    if model:
        detail = f"{model} is configured; not asked"
        yield Finding("chat model", "skipped", detail, "copilot doctor --online")
    else:
        yield ok("chat model", "none: answers are quotes, which need none")


async def online(probes: Probes) -> Finding:
    """Ask the chat model for a word. Raises a ModelError."""
    model = first(probes.settings)
    if not model:
        return ok("chat model", "none: answers are quotes, which need none")
    return ok("chat model", f"{model} answered: {await probes.ping()}")
