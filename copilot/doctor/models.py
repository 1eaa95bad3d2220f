"""Checks of the chat models: all that any job may be given to, not only the first one.

Invariant: what keeps questions from being answered, or records from being read, as configured is
a problem; what only keeps a model from stepping in is a warning; both name the remedy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from copilot.doctor.findings import Finding, ModelStanding, Probes, of_error, ok, problem, warning
from copilot.errors import ExitCode, ModelError
from copilot.gateway.deployments import names

# Servers of one's own, which mostly ask for no key.
_KEYLESS = frozenset(
    ("ollama", "ollama_chat", "hosted_vllm", "vllm", "lm_studio", "llamafile", "xinference")
)


def keys(probes: Probes, *, keyring_problem: str) -> Iterator[Finding]:
    """Whether each key that a configured model needs is there, every key once."""
    told: set[tuple[str, bool]] = set()
    for one in probes.models():
        if not one.key or (one.key, _needs(one)) in told:
            continue
        told.add((one.key, _needs(one)))
        if one.key_in:
            yield ok("keys", f"the key {one.key} is in the {one.key_in}")
        elif not _needs(one):
            yield ok("keys", f"no key {one.key}; a server of your own may need none")
        else:
            store = " --store file" if keyring_problem else ""
            detail = f"{one.name} needs a key, and there is none called {one.key}"
            fix = f"copilot keys set {one.key}{store} (or export {one.variable}=…)"
            yield _flaw("keys", one, detail, fix)


def chat_models(probes: Probes) -> Iterator[Finding]:
    """Without asking them anything; ``asked`` does that."""
    models = probes.models()
    if not models:
        yield ok("chat model", "none: answers are quotes, which need none")
    yield from _idle(probes)
    for one in models:
        yield from _without_asking(one)
        detail = f"{_called(one)} is configured; not asked"
        yield Finding("chat model", "skipped", detail, "copilot doctor --online")


async def asked(probes: Probes) -> AsyncIterator[Finding]:
    """Ask each of them for a word."""
    models = probes.models()
    if not models:
        yield ok("chat model", "none: answers are quotes, which need none")
    for finding in _idle(probes):
        yield finding
    for one in models:
        for finding in _without_asking(one):
            yield finding
        try:
            said = await probes.ping(one.name)
        except ModelError as error:
            found = of_error("chat model", error)
            fix = found.fix or f"copilot models test {one.name}"
            yield _flaw("chat model", one, f"{_called(one)}: {found.detail}", fix)
        else:
            yield ok("chat model", f"{_called(one)} answered: {said}")


def _idle(probes: Probes) -> Iterator[Finding]:
    """Routes whose models nobody asks, since what they belong to is done without one."""
    for job in probes.settings.models.routes:
        if not names(probes.settings, job):
            first = "extraction.model" if job == "extract" else "models.answer"
            detail = f"models.routes.{job} has models, and nobody asks them: {first} is empty"
            yield warning("chat model", detail, f"set {first}, or take [models.routes.{job}] out")


def _without_asking(one: ModelStanding) -> Iterator[Finding]:
    if one.unpriced:
        detail = (
            f"{_called(one)}: nobody knows its price, and a budget in money lets it not be asked"
        )
        fix = f'[models.prices."{one.model}"] input = …, output = … (dollars a million tokens)'
        yield _flaw("chat model", one, detail, fix)
    if one.rests_until is not None:
        until = f"{one.rests_until.astimezone():%H:%M:%S}"
        detail = f"{_called(one)} rests until {until}, since it failed several times in a row"
        yield warning("chat model", detail, f"copilot models test {one.name}")


def _flaw(check: str, one: ModelStanding, detail: str, fix: str) -> Finding:
    if one.first:
        return problem(check, detail, fix, code=ExitCode.MODEL)
    return warning(check, detail, fix)


def _needs(one: ModelStanding) -> bool:
    return not (one.api_base or one.model.partition("/")[0] in _KEYLESS)


def _called(one: ModelStanding) -> str:
    return f"{one.name} ({', '.join(one.jobs)})" if one.jobs else one.name
