"""Conversations on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.talks import ConversationStore


def build_conversations(folder: Path) -> ConversationStore:
    """The conversations in ``folder``, which appears with the first of them."""
    from copilot.adapters.conversations.files import FileConversations

    return FileConversations(folder)
