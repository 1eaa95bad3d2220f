"""GitHub Issues, github.com or a server of one's own."""

from copilot.adapters.sinks.github.sink import GitHubSink, build

__all__ = ["GitHubSink", "build"]
