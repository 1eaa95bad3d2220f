"""Text to validated records, with evidence for every field."""
