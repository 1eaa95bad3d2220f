"""Releases: what decides answers and records, under one id."""

from __future__ import annotations

from copilot.releases.content import Content, in_force, of_files
from copilot.releases.keeping import Kept, MadeOf, Releases

__all__ = ["Content", "Kept", "MadeOf", "Releases", "in_force", "of_files"]
