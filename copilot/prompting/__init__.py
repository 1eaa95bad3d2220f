"""Prompt files: find them, render them strictly, lock their versions."""

from __future__ import annotations

from copilot.prompting.files import Prompt, Rendered, of_then, parse
from copilot.prompting.library import PromptLibrary

__all__ = ["Prompt", "PromptLibrary", "Rendered", "of_then", "parse"]
