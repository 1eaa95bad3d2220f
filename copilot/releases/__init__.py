"""Releases: what decides answers and records, under one id."""

from __future__ import annotations

from copilot.releases.content import Content, in_force

__all__ = ["Content", "in_force"]
