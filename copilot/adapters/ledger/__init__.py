"""The spool on disk and the DuckDB file behind it."""
