"""The runs: which there were, and of which steps one of them consists."""
