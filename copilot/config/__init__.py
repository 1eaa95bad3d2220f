"""Typed settings, where each value came from, and the paths of the home."""
