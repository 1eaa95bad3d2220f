"""Answers written by a chat model from passages, each sentence checked before it is shown."""

from __future__ import annotations

from copilot.answering.writing.answerer import WritingAnswerer, Written

__all__ = ["WritingAnswerer", "Written"]
