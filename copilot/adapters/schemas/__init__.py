"""What a schema's author says of a record. Importing this folder imports no vendor library."""

from __future__ import annotations

from copilot.adapters.schemas.json_schema import json_check
from copilot.adapters.schemas.patterns import matches_all
from copilot.adapters.schemas.record_classes import record_class

__all__ = ["json_check", "matches_all", "record_class"]
