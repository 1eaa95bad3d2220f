"""Switches that are read on every call, and experiments: what the file says, and what follows."""

from __future__ import annotations

from copilot.flags.values import Asker, Decision, Experiment, FlagFile, Flags, Switch, Variant

__all__ = ["Asker", "Decision", "Experiment", "FlagFile", "Flags", "Switch", "Variant"]
