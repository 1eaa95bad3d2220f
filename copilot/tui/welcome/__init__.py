"""The first run: what stands in an empty chat."""
