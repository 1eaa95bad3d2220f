"""Lets what runs as root obey the permissions of files, as it does for everyone else.

Invariant: only the thread or the child that asked gives its rights up; the process keeps them.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec

import pytest

P = ParamSpec("P")

_PR_CAPBSET_DROP = 24
_CAPABILITY_VERSION_3 = 0x20080522
# To write, and to read and to list, where the permissions say that nobody may.
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_FORGONE = (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def obeying_permissions(test: Callable[P, None]) -> Callable[P, None]:
    """Run ``test`` without root's right to pass over permissions; skip it where that can't be.

    It runs in a thread of its own: what a thread has given up for good goes with it. Giving it
    up for a while wouldn't do, since ``os.access`` asks what root could take back.
    """

    @functools.wraps(test)
    def run(*arguments: P.args, **named: P.kwargs) -> None:
        if os.geteuid() != 0:
            test(*arguments, **named)
            return
        if sys.platform != "linux":
            pytest.skip("root's rights can be given up on Linux only")

        def bound() -> None:
            _give_up()
            test(*arguments, **named)

        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(bound).result()

    return run


def obey_permissions() -> None:
    """For ``preexec_fn``: the program that is started may not pass over permissions either."""
    if os.geteuid() == 0 and sys.platform == "linux":
        for right in _FORGONE:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, right, 0, 0, 0)


def _give_up() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = _Header(_CAPABILITY_VERSION_3, 0), (_Data * 2)()
    _checked(libc.capget(ctypes.byref(header), data))
    for right in _FORGONE:
        data[0].effective &= ~(1 << right)
        data[0].permitted &= ~(1 << right)
    _checked(libc.capset(ctypes.byref(header), data))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
