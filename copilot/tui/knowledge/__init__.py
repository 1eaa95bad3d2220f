"""The index: where its documents come from, what it holds, and what it finds."""
