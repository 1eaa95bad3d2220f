"""Runs ``copilot`` in forks of a process that has imported its libraries already.

Most of what a command costs a test is Python reading modules. Each command still is a process of
its own, with its own arguments, environment, streams and exit code; what must be true of how an
interpreter starts (encodings, imports, signals, terminals) is tested with ``sys.executable``.

``Forks`` is the tests' end; ``python -m tests.forking SOCKET`` is the process that is forked.
Invariant: that process runs no command itself, and none of its threads holds a lock when it forks.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

# What commands import at some time and that starts no thread, but for OpenBLAS, which knows forks.
_IMPORTED = (
    "copilot.cli.commands",
    "copilot.bootstrap",
    "copilot.operations.indexing",
    "copilot.operations.searching",
    "copilot.answering.turn",
    "copilot.answering.writing",
    "copilot.doctor",
    "duckdb",
    "numpy",
    "phonenumbers",
    "rich.table",
    "tokenizers",
)
_LARGEST = 1 << 20  # bytes of a request
_STATUS = struct.Struct("!i")


class Forks:
    """Commands of one test process. ``closed`` with it."""

    def __init__(self, cwd: Path) -> None:
        self._cwd = cwd
        self._folder = tempfile.TemporaryDirectory(prefix="forks")
        self._socket = str(Path(self._folder.name) / "s")
        self._server: subprocess.Popen[bytes] | None = None

    def run(
        self, arguments: Sequence[str], *, env: Mapping[str, str], stdin: bytes, timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """As ``subprocess.run`` does it; raises TimeoutExpired likewise."""
        self._begin()
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            socket.socket(socket.AF_UNIX) as connection,
        ):
            given.write(stdin)
            given.seek(0)
            connection.settimeout(timeout)
            connection.connect(self._socket)
            request = json.dumps({"arguments": list(arguments), "env": dict(env)}).encode()
            streams = [given.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(connection, [struct.pack("!I", len(request))], streams)
            connection.sendall(request)
            pid = _STATUS.unpack(_exactly(connection, _STATUS.size))[0]
            try:
                code = _STATUS.unpack(_exactly(connection, _STATUS.size))[0]
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), timeout) from None
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(list(arguments), code, out.read(), err.read())

    def close(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
        self._folder.cleanup()

    def _begin(self) -> None:
        if self._server is not None:
            return
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.forking", self._socket],
            cwd=self._cwd,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            stdin=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not Path(self._socket).exists():
            assert self._server.poll() is None, "the process that is forked has ended"
            assert time.monotonic() < deadline, "the process that is forked doesn't listen"
            time.sleep(0.01)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        assert more, "the process that is forked has gone"
        data += more
    return data


# --- the process that is forked --------------------------------------------------------------


def _serve(path: str) -> None:
    import importlib

    from copilot.adapters.models import loading

    for name in _IMPORTED:
        importlib.import_module(name)
    loading.warm().join()
    loading.load_instructor()
    ended, wakes = socket.socketpair()
    ended.setblocking(False)
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + "~")
    listener.listen(64)
    Path(path + "~").rename(path)  # there once it listens
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        ready.register(ended, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    pid = _fork(connection)
                    running[pid] = connection
                    connection.sendall(_STATUS.pack(pid))
                else:
                    with suppress(BlockingIOError):
                        ended.recv(4096)
            _reap(running)


def _reap(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as connection, suppress(OSError):  # who waited may have given up
            connection.sendall(_STATUS.pack(os.waitstatus_to_exitcode(status)))


def _fork(connection: socket.socket) -> int:
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    request = json.loads(_exactly(connection, struct.unpack("!I", head)[0]))
    pid = os.fork()
    if not pid:
        _run(request["arguments"], request["env"], streams)
    for stream in streams:
        os.close(stream)
    return pid


def _run(arguments: list[str], env: dict[str, str], streams: list[int]) -> NoReturn:
    """Be the command, from its streams to its exit code."""
    import atexit
    import threading

    code = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, 256)
        os.environ.clear()
        os.environ.update(env)
        time.tzset()
        errors = "strict" if "LC_ALL" in env else "surrogateescape"  # as in the C locale
        sys.stdin = os.fdopen(0, "r", encoding="utf-8", errors=errors, closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors=errors, closefd=False)
        sys.stderr = os.fdopen(
            2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1
        )
        sys.argv = ["copilot", *arguments]
        from copilot.cli.main import main

        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - this process's outermost boundary
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
