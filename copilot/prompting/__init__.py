"""Prompt files: find them, render them strictly, lock their versions."""
