"""Answers calls about what runs add up to."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.bootstrap import Copilot
from copilot.calls import Call
from copilot.calls.dashboard import LookOver
from copilot.figures import Overview
from copilot.serving.handling.core import Handler, blocking


def _look_over(copilot: Copilot, call: LookOver) -> Overview:
    from copilot.telemetry.overview import look_over

    now = copilot.clock.now()
    with copilot.outbound.reader.at_once() as reader:
        return look_over(reader, call, settings=copilot.settings, now=now)


HANDLERS: Mapping[type[Call], Handler] = {LookOver: blocking(_look_over)}
