"""Documents to passages to index, and back: splitting, ingest, hybrid search."""
