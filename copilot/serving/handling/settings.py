"""Answers calls about settings, keys and health.

Invariant: these work while the configuration is broken, since they are how it is mended; what they
change, the next call finds, and what runs already goes on with what it began with.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from copilot.bootstrap import build_anyway
from copilot.calls import Call
from copilot.calls import settings as calls
from copilot.calls.asking import Done
from copilot.config.paths import Paths
from copilot.errors import UsageError
from copilot.serving.handling.core import Core, Handler


def _anyway(answer: Callable[[Core, Paths, Any], Any]) -> Handler:
    """The handler of a call that needs no configuration that loads; it runs in a thread."""

    async def handle(core: Core, call: object) -> AsyncGenerator[Any]:
        paths = Paths.from_environment(os.environ)
        yield await asyncio.to_thread(answer, core, paths, call)

    return handle


def _looks(core: Core, paths: Paths, call: calls.ReadLooks) -> calls.LooksRead:
    from copilot.config.looks import Looks, keep_looks

    tui = build_anyway(paths).settings.tui
    keep_looks(paths.looks_file, Looks(tui.theme, tui.keys))
    return calls.LooksRead(tui.theme, dict(tui.keys))


def _settings(core: Core, paths: Paths, call: calls.ReadSettings) -> calls.SettingsRead:
    from copilot.config.example import toml
    from copilot.config.fields import leaves
    from copilot.config.load import inspect
    from copilot.config.schema import Settings

    found = inspect(paths, os.environ)
    plain = (found.settings or Settings()).model_dump(mode="json")
    settings = []
    for leaf in leaves().values():
        value = plain[leaf.section][leaf.name]
        settings.append(
            calls.Setting(
                key=leaf.key,
                value="" if value is None else toml(value),
                origin=found.provenance[leaf.key],
                default="" if leaf.default is None else toml(_plain(leaf.default)),
                kind=leaf.kind,
                description=leaf.description,
                choices=leaf.choices,
            )
        )
    return calls.SettingsRead(
        tuple(settings),
        file=str(paths.config_file),
        places={
            "home": str(paths.data),
            "project": str(paths.project_config or ""),
            "log": str(paths.log),
        },
        problems=tuple(calls.Trouble(one.message, one.hint) for one in found.problems),
        warnings=found.warnings,
    )


def _plain(default: object) -> object:
    return {} if isinstance(default, dict) else default


def _changed(core: Core, paths: Paths, call: calls.ChangeSetting) -> calls.SettingChanged:
    from copilot.operations.configuring import change

    done = change(paths, os.environ, call.key, call.value, name=call.name)
    core.renew()
    if call.key.startswith("tui."):
        _looks(core, paths, calls.ReadLooks())
    [now] = [
        one for one in _settings(core, paths, calls.ReadSettings()).settings if one.key == call.key
    ]
    return calls.SettingChanged(
        value=now.value,
        origin=done.origin,
        file=str(paths.config_file),
        in_force=done.in_force,
        notices=tuple(one.message for one in done.notices),
    )


def _keys(core: Core, paths: Paths, call: calls.ReadKeys) -> calls.KeysRead:
    from copilot.operations import stored_keys
    from copilot.operations.probing import key_facts, model_standings

    copilot = build_anyway(paths)
    facts = key_facts(copilot)
    listed = stored_keys.listed(copilot)
    sinks = [one.key for one in copilot.settings.actions.sinks.values() if one.key]
    telemetry, alerts = copilot.settings.telemetry, copilot.settings.alerts
    models = [one.key for one in model_standings(copilot) if one.first or not one.api_base]
    needed = [*models, *sinks, telemetry.key, alerts.webhook_key]
    return calls.KeysRead(
        tuple(calls.KeyStored(one.name, one.store, not one.shadowed_by) for one in listed),
        needed=tuple(dict.fromkeys(name for name in needed if name)),
        keyring=facts.keyring_problem,
        failures=tuple(
            f"{store}: {error.message}" for store, error in copilot.secrets.failures.items()
        ),
    )


def _key_kept(core: Core, paths: Paths, call: calls.StoreKey) -> calls.KeyKept:
    from copilot.operations import stored_keys

    if not call.value.strip():
        raise UsageError("The key is empty; nothing was stored.")
    copilot = build_anyway(paths)
    kept = stored_keys.keep(
        copilot, stored_keys.target(copilot, call.store, call.name), call.name, call.value.strip()
    )
    core.renew()
    notices = tuple(one.message for one in kept.notices)
    return calls.KeyKept(kept.name, kept.store, kept.used, notices)


def _key_removed(core: Core, paths: Paths, call: calls.RemoveKey) -> Done:
    from copilot.operations import stored_keys

    stored_keys.remove(build_anyway(paths), call.name)
    core.renew()
    return Done()


async def _tested(core: Core, call: calls.TestModel) -> AsyncGenerator[calls.ModelAnswered]:
    from copilot.gateway.deployments import first

    copilot = await asyncio.to_thread(core.ready)
    model = call.model or first(copilot.settings)
    if not model:
        raise UsageError(
            "No chat model is configured: answers are quotes.", hint="Set models.answer."
        )
    found = await copilot.model_tried(model)
    if found.error is not None:
        raise found.error
    words = found.words or "an empty answer"
    yield calls.ModelAnswered(model, words, found.attempt.latency_ms)


async def _examined(core: Core, call: calls.Examine) -> AsyncGenerator[calls.Examined]:
    yield await asyncio.to_thread(lambda: asyncio.run(_examination(call.online)))


async def _examination(online: bool) -> calls.Examined:
    from copilot.doctor import TerminalFacts, examine
    from copilot.operations.probing import doctor_probes

    terminal = TerminalFacts(interactive=True, colour=True, links=True, encoding="utf-8")
    found = [
        calls.Finding(one.check, one.status, one.detail, one.fix)
        async for one in examine(doctor_probes(terminal), online=online)
        if one.check != "terminal"
    ]
    return calls.Examined(tuple(found))


HANDLERS: Mapping[type[Call], Handler] = {
    calls.ReadLooks: _anyway(_looks),
    calls.ReadSettings: _anyway(_settings),
    calls.ChangeSetting: _anyway(_changed),
    calls.ReadKeys: _anyway(_keys),
    calls.StoreKey: _anyway(_key_kept),
    calls.RemoveKey: _anyway(_key_removed),
    calls.TestModel: _tested,
    calls.Examine: _examined,
}
