"""Which model answers, and what happens when it doesn't."""
