"""What each area shows in the pictures of it, a module a picture, with a ``scene()`` each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver


@dataclass(frozen=True, slots=True)
class Scene:
    """``play`` brings the area, which stands in front by then, into the state to look at. The
    area is the one that the scene is called by, where ``area`` names no other.
    """

    core: ScriptedCore
    play: Callable[[Driver], Awaitable[None]]
    area: str = ""
