"""The local desk: tickets and CRM entries in a DuckDB file, for a laptop with nothing else."""

from copilot.adapters.sinks.desk.book import DeskBook
from copilot.adapters.sinks.desk.sink import DeskSink

__all__ = ["DeskBook", "DeskSink"]
