"""From what a person typed to the schema that extraction fills."""

from __future__ import annotations

from copilot.extraction.schemas.loading import load_schema, schema_of

__all__ = ["load_schema", "schema_of"]
