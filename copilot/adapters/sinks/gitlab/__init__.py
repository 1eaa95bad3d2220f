"""GitLab Issues, gitlab.com or a server of one's own."""

from copilot.adapters.sinks.gitlab.sink import GitLabSink, build

__all__ = ["GitLabSink", "build"]
