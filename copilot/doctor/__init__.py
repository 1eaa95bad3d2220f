"""Checks that print the command that fixes what they found."""
