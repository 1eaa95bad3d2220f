"""How the process asks for memory while it embeds in bulk.

Invariant: it changes how much is held, never what is computed.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8


def allocate_sparingly() -> None:
    """Let glibc serve all threads from one arena, and give freed memory back.

    To be called before other threads allocate: each thread's own arena keeps what torch and
    Arrow have freed, and indexing peaked about 300 MB higher. Other C libraries don't have the
    call, and are left as they are.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_TRIM_THRESHOLD, 1 << 16)
