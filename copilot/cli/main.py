"""The command line's door, and its outermost error boundary.

Invariant: every failure ends in one line that names it, a remedy where there is one, and an
exit code of ``copilot.errors.ExitCode``; a bug keeps its traceback in the log file. The bare
command opens the application without importing the others.
"""

from __future__ import annotations

import errno
import gc
import os
import sys

from copilot.cli import console
from copilot.errors import CopilotError, ExitCode, StoppedError, UsageError


def main() -> None:
    """The ``copilot`` script."""
    console.prepare_streams()
    console.set_json("--json" in sys.argv or "--batch" in sys.argv)
    code = _run()
    if "litellm" in sys.modules and "_duckdb" not in sys.modules:
        # Who ends needn't look through all that litellm loaded, for seconds. What DuckDB has
        # must go: its bindings complain of what is left.
        gc.freeze()
    sys.exit(code)


def _run() -> int:
    try:
        code = _opened() if _opens(sys.argv[1:]) else _commanded()
        console.flush()  # here, where a reader that has gone is still met calmly
    except CopilotError as error:
        console.report(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        console.report(StoppedError("interrupted"))
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as stop:
        # Typer meets a closed pipe before we do, and makes an exit code of its own of it.
        cause = stop.__context__
        if isinstance(cause, OSError) and cause.errno == errno.EPIPE:
            return _reader_gone()
        raise
    except Exception as error:  # noqa: BLE001 - the command line's boundary
        return _report_bug(error)
    return code if isinstance(code, int) else int(ExitCode.DONE)


def _opens(arguments: list[str]) -> bool:
    """Whether this is the bare command on a terminal, which needs none of the others."""
    return arguments in ([], ["--inline"]) and console.is_all_terminal()


def _opened() -> int:
    from copilot.cli.application import open_application

    return open_application(inline="--inline" in sys.argv)


def _commanded() -> object:
    import typer
    from typer.exceptions import TyperException

    from copilot.cli.commands import app

    try:
        return app(standalone_mode=False, prog_name="copilot")
    except TyperException as error:
        if not _typer_message(error):  # a bare group, whose help was shown
            return int(ExitCode.USAGE)
        hint = f"`{_command_path(error)} --help` lists what it takes"
        raise UsageError(_typer_message(error), hint=hint) from error
    except typer.Abort:
        raise KeyboardInterrupt from None


def _reader_gone() -> int:
    """The reader of our stdout has gone: that is its right, and no failure of ours."""
    console.let_go_of_stdout()
    return int(ExitCode.DONE)


def _typer_message(error: Exception) -> str:
    format_message = getattr(error, "format_message", None)
    return str(format_message()) if format_message is not None else str(error)


def _command_path(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context is not None else "copilot"


def _report_bug(error: Exception) -> int:
    import traceback
    from datetime import UTC, datetime

    from copilot.config.paths import Paths, ensure
    from copilot.errors import InternalError

    where = "it could not be written to a log"
    try:
        log = ensure(Paths.from_environment(os.environ).log) / "copilot.log"
        with log.open("a", encoding="utf-8", errors="backslashreplace") as handle:
            handle.write(f"{datetime.now(UTC).isoformat()}\n{traceback.format_exc()}\n")
        where = f"the traceback is in {log}"
    except (CopilotError, OSError):
        traceback.print_exc()
    shown = InternalError(f"a bug: {type(error).__name__}: {error}", hint=where)
    console.report(shown)
    return int(ExitCode.BUG)


if __name__ == "__main__":
    main()
