"""The command line: ``rnnzoo list | info | train | generate | predict | states | export``.

A command is a module of two functions: ``add`` declares its arguments and ``run`` carries it out,
raising what the library raises. Heavy imports stay inside ``run``, so that ``list``, ``info`` and
``--help`` answer at once.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

import rnnzoo
from rnnzoo.cli import export, generate, info, predict, states, train
from rnnzoo.cli import list as list_

COMMANDS = {
    "list": list_,
    "info": info,
    "train": train,
    "generate": generate,
    "predict": predict,
    "states": states,
    "export": export,
}

# What the library raises for a user's mistake; FloatingPointError where a loss diverges.
MISTAKES = (ValueError, TypeError, OSError, FloatingPointError, MemoryError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    0 on success, 2 after a user's mistake (one line on stderr says which), 130 after Ctrl-C.

    Example:
        >>> main(["list", "no_such_*"])
        2
    """
    parser = _build_parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            COMMANDS[arguments.command].run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        if stop.args:
            print(f"rnnzoo {arguments.command}: {_one_line(stop)}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has left: nothing more to say, also not at the interpreter's exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except MISTAKES as error:
        if arguments.traceback:
            raise
        print(f"rnnzoo {arguments.command}: error: {_one_line(error)}", file=sys.stderr)
        return 2
    return 0


def _build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; an unusable argument exits with code 2 after one line."""
    parser = _Parser(prog="rnnzoo", description="Recurrent networks: trained, measured, exported.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {rnnzoo.__version__}")
    parser.add_argument(
        "--traceback", action="store_true", help="show where an error was raised (for a bug report)"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS.values():
        command.add(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says a mistake in one line, without the usage before it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def _one_line(error: BaseException | str) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print(f"rnnzoo: warning: {_one_line(message)}", file=sys.stderr)
