"""copilot: a terminal-first internal assistant whose every sentence can be checked."""

__version__ = "0.1.0"
