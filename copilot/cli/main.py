"""The command line's root: registers the commands and owns the outermost error boundary.

Invariant: every failure ends in one line that names it, a remedy where there is one, and an
exit code of ``copilot.errors.ExitCode``; a bug keeps its traceback in the log file.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from copilot import __version__
from copilot.cli import (
    actions,
    alerts,
    ask,
    audit,
    config,
    console,
    demo,
    desk,
    doctor,
    extract,
    feedback,
    index,
    keys,
    ledger,
    policy,
    runs,
    search,
    sinks,
    sql,
    stats,
)
from copilot.errors import CopilotError, ExitCode, StoppedError, UsageError

EXIT_CODES = (
    "Exit codes: 0 done, 2 usage or configuration, 3 not found, 4 model or provider, "
    "5 index or ledger, 6 tool or sink, 7 denied or waiting for a decision, 8 over budget or "
    "limit, 9 partial (some inputs failed, named), 10 abstained, 70 a bug, 130 interrupted."
)

app = typer.Typer(
    name="copilot",
    help="Answers from your own documents, with citations that you can check.\n\n"
    "Without a command it opens the terminal application.",
    epilog=EXIT_CODES,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        console.out(f"copilot {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    inline: Annotated[
        bool, typer.Option("--inline", help="The application below the prompt, not full-screen.")
    ] = False,
) -> int:
    """The application, where no command is given and a terminal is there to show it."""
    if context.invoked_subcommand is not None:
        return int(ExitCode.DONE)
    if not (console.is_terminal("stdin") and console.is_terminal("stdout")):
        console.out(context.get_help())
        return int(ExitCode.USAGE)
    from copilot.cli.application import open_application

    return open_application(inline=inline)


app.command("ask")(ask.command)
app.command("search")(search.command)
app.command("extract")(extract.command)
app.add_typer(desk.app, name="desk")
app.add_typer(index.app, name="index")
app.add_typer(actions.app, name="actions")
app.add_typer(policy.app, name="policy")
app.add_typer(sinks.app, name="sinks")
app.add_typer(runs.app, name="runs")
app.command("feedback")(feedback.command)
app.add_typer(stats.app, name="stats")
app.command("sql")(sql.command)
app.add_typer(audit.app, name="audit")
app.add_typer(ledger.app, name="ledger")
app.add_typer(alerts.app, name="alerts")
app.add_typer(keys.app, name="keys")
app.add_typer(config.app, name="config")
app.command("doctor")(doctor.command)
app.command("demo")(demo.command)


def main() -> None:
    """The ``copilot`` script."""
    console.prepare_streams()
    console.set_json("--json" in sys.argv or "--batch" in sys.argv)
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(standalone_mode=False, prog_name="copilot")
        console.flush()  # here, where a reader that has gone is still met calmly
    except CopilotError as error:
        console.report(error)
        return int(error.exit_code)
    except TyperException as error:
        if not _typer_message(error):  # a bare group, whose help was shown
            return int(ExitCode.USAGE)
        hint = f"`{_command_path(error)} --help` lists what it takes"
        console.report(UsageError(_typer_message(error), hint=hint))
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, typer.Abort):
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


def _reader_gone() -> int:
    """The reader of our stdout has gone: that is its right, and no failure of ours."""
    console.let_go_of_stdout()
    return int(ExitCode.DONE)


def _typer_message(error: TyperException) -> str:
    format_message = getattr(error, "format_message", None)
    return str(format_message()) if format_message is not None else str(error)


def _command_path(error: TyperException) -> str:
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
        with log.open("a", encoding="utf-8") as handle:
            handle.write(f"{datetime.now(UTC).isoformat()}\n{traceback.format_exc()}\n")
        where = f"the traceback is in {log}"
    except (CopilotError, OSError):
        traceback.print_exc()
    shown = InternalError(f"a bug: {type(error).__name__}: {error}", hint=where)
    console.report(shown)
    return int(ExitCode.BUG)


if __name__ == "__main__":
    main()
