"""Jira Cloud."""

from copilot.adapters.sinks.jira.sink import JiraSink, build

__all__ = ["JiraSink", "build"]
