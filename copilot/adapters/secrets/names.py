"""How keys are called: short lower-case names, mostly the provider's.

Invariant: a name is safe as a file entry, a keyring user and part of a variable's name.
"""

from __future__ import annotations

import re

from copilot.errors import UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def checked(name: str) -> str:
    """``name`` in lower case. Raises UsageError for what can't be a name, or is a key itself."""
    lower = name.strip().lower()
    if _NAME.fullmatch(lower) is None or lower.startswith("sk-"):
        raise UsageError(
            "A key's name is made of letters, digits, dot, dash and underscore.",
            hint="Use the provider's name: `copilot keys set openai`; the key itself is asked for.",
        )
    return lower


def checked_value(value: str) -> str:
    """``value`` without surrounding white space. Raises UsageError when nothing sensible is left.

    A key with a line break or a control in it is a slip of the clipboard, and some HTTP stacks
    would send what follows as a header.
    """
    text = value.strip()
    if not text:
        raise UsageError("The key is empty.", hint="Paste it at the prompt, or pipe it in.")
    if not text.isprintable():
        raise UsageError("The key holds a line break or a control character.", hint="Copy it anew.")
    return text
