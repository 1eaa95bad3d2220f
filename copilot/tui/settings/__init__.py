"""The settings: how it looks, which model answers, keys, health."""
