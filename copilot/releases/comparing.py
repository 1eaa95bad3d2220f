"""How two releases differ, part by part.

Invariant: two contents without a difference have one id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from copilot.messages import PromptVersion
from copilot.releases.content import Content

_NONE = "-"


@dataclass(frozen=True, slots=True)
class Difference:
    """``part`` is a setting's key, a prompt's id, ``policy`` or ``program``."""

    part: str
    old: str
    new: str


def differences(old: Content, new: Content) -> list[Difference]:
    """What makes them two; empty if they are one."""
    found = [Difference("program", old.program, new.program)] if old.program != new.program else []
    for key in sorted({*old.settings, *new.settings}):
        before, after = _plain(old.settings, key), _plain(new.settings, key)
        if before != after:
            found.append(Difference(key, before, after))
    then, now = ({one.id: one for one in content.prompts} for content in (old, new))
    for prompt_id in sorted({*then, *now}):
        if then.get(prompt_id) != now.get(prompt_id):
            named = (_named(then.get(prompt_id)), _named(now.get(prompt_id)))
            found.append(Difference(prompt_id, *named))
    if old.policy != new.policy:
        found.append(Difference("policy", old.policy[:12] or _NONE, new.policy[:12] or _NONE))
    return found


def _plain(settings: Mapping[str, object], key: str) -> str:
    value = settings.get(key, _NONE)
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _named(version: PromptVersion | None) -> str:
    return _NONE if version is None else f"{version.version or '?'} ({version.digest[:12]})"
