"""Extraction: a text beside the record that was read out of it."""
