"""The command line: ``rnnzoo list | info | data | train | evaluate | generate | ...``.

A command is a module of two functions: ``add`` declares its arguments and ``run`` carries it out,
raising what the library raises. Heavy imports stay inside ``run``, behind all checks that need
none, so that ``list``, ``info``, ``--help`` and most mistakes are answered at once.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

import rnnzoo
from rnnzoo import platform
from rnnzoo.cli import (
    analyse,
    compare,
    data,
    evaluate,
    export,
    generate,
    info,
    predict,
    states,
    train,
)
from rnnzoo.cli import list as list_
from rnnzoo.errors import RnnzooError
from rnnzoo.plugins import did_you_mean

COMMANDS = {
    "list": list_,
    "info": info,
    "data": data,
    "train": train,
    "evaluate": evaluate,
    "compare": compare,
    "generate": generate,
    "predict": predict,
    "states": states,
    "analyse": analyse,
    "export": export,
}

# What a user can mend: their own mistake, the system's refusal, a loss that diverges.
MISTAKES = (RnnzooError, OSError, FloatingPointError, MemoryError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    0 on success, 2 after a user's mistake (one line on stderr says which), 1 after a fault of
    rnnzoo (one line says so) or where some of several files could not be read, 130 after Ctrl-C.

    Example:
        >>> main(["list", "no_such_*"])
        2
    """
    parser, commands = _build_parser()
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        commands.get(arguments.command, parser).error_of_unknown(unknown)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return 2
    if argv is None:  # this process is the program, and nothing else
        platform.spare_start_up()
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # of characters that a terminal can't show
    code: int | None = 0
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            if arguments.quiet:
                warnings.simplefilter("ignore")
            code = COMMANDS[arguments.command].run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        if stop.args:
            print(f"rnnzoo {arguments.command}: {_one_line(stop)}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has left: nothing more to say, also not at the interpreter's exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if arguments.traceback:
            raise
        said, code = _said_of(error)
        print(f"rnnzoo {arguments.command}: {said}", file=sys.stderr)
        return code
    return code or 0


def _said_of(error: Exception) -> tuple[str, int]:
    """An error in one line, and the exit code."""
    if isinstance(error, MISTAKES):
        return f"error: {_one_line(error)}", 2
    # TensorFlow's error, known by its name: where it is raised, TensorFlow is imported; else not.
    if type(error).__name__ == "ResourceExhaustedError":
        return f"error: {_too_large(str(error))}", 2
    return (
        f"a fault of rnnzoo, not yours: {type(error).__name__}: {_one_line(error)} (please report "
        "it, with what the same command prints with --traceback)"
    ), 1


_SIZES = {"half": 2, "bfloat16": 2, "float": 4, "int32": 4, "double": 8, "int64": 8}


def _too_large(message: str) -> str:
    """TensorFlow's message about a tensor that doesn't fit into memory, in numbers and GB."""
    advice = "choose smaller sizes (--set), a smaller --batch-size or --window, or a shorter input"
    found = re.search(r"shape\[([\d,]+)\] and type (\w+)", message)
    if not found:
        return f"out of memory: {advice}"
    numbers = 1
    for size in found[1].split(","):
        numbers *= int(size)
    shape = " x ".join(f"{int(size):,}" for size in found[1].split(","))
    gigabytes = numbers * _SIZES.get(found[2], 4) / 1e9
    return (
        f"too large for the memory: one array of {shape} has {numbers:,} numbers and takes "
        f"{gigabytes:,.1f} GB; {advice}"
    )


def _build_parser() -> tuple[_Parser, dict[str, _Parser]]:
    """The parser of all, and by name those of commands; a mistake exits with 2 after one line."""
    parser = _Parser(prog="rnnzoo", description="Recurrent networks: trained, measured, exported.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {rnnzoo.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS.values():
        command.add(commands)
    for each in (parser, *commands.choices.values()):  # before the command, or behind it
        _add_common(each)
    parser.set_defaults(traceback=False, quiet=False)
    return parser, commands.choices


def _add_common(parser: argparse.ArgumentParser) -> None:
    """The options of every command; what isn't given is left to the parser before it."""
    parser.add_argument(
        "--quiet",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print results and errors only, neither progress nor warnings",
    )
    parser.add_argument(
        "--traceback",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show where an error was raised (for a bug report)",
    )


class _Parser(argparse.ArgumentParser):
    """Says a mistake in one line, without the usage before it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")

    def error_of_unknown(self, arguments: Sequence[str]) -> NoReturn:
        """Say which arguments this parser doesn't know, and which option is like the first."""
        first = arguments[0].partition("=")[0]
        near = did_you_mean(first, self._option_string_actions) if first.startswith("-") else ""
        self.error(f"unrecognized arguments: {' '.join(arguments)}{near}")


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
