"""Adds the versions of the prompts in a folder to its lock: ``python -m copilot.prompting DIR``.

Invariant: a version that is locked keeps its text.
"""

from __future__ import annotations

import sys
from pathlib import Path

from copilot.errors import ConfigError
from copilot.prompting.library import LOCK, PromptLibrary, locked


def main(arguments: list[str]) -> int:
    """Write the lock; 0, or 2 with the reason on stderr."""
    folder = Path(arguments[0] if arguments else "prompts")
    library = PromptLibrary([folder])
    try:
        text = locked(library.lock(), library.all())
    except ConfigError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return int(error.exit_code)
    (folder / LOCK).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
