"""Candidates to values: what each role of a field is read from."""
