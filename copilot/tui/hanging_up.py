"""Ends the process when its terminal is gone, as a hang-up does.

A terminal that goes without a word, which nobody controls, leaves an input that is always ready
and holds nothing: the library would read it for ever, and wait for ever to draw.

Invariant: it looks from a thread, since a loop that waits to draw would look no more.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

_EVERY_S = 1.0


def watch() -> None:
    """Look from now on, until the process ends."""
    if sys.__stdin__ is not None:
        terminal = sys.__stdin__.fileno()
        threading.Thread(target=_look, args=[terminal], name="terminal", daemon=True).start()


def _look(terminal: int) -> None:
    while os.isatty(terminal):
        time.sleep(_EVERY_S)
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(_EVERY_S)
    os._exit(128 + signal.SIGHUP)  # where hang-ups are ignored
