"""The command line: ``rnnzoo list | info | train | generate | export``.

A command is two functions: ``_add_NAME`` declares its arguments and ``_run_NAME`` carries it out,
raising what the library raises. Heavy imports stay inside ``_run_NAME``, so that ``list``, ``info``
and ``--help`` answer at once.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

import rnnzoo
from rnnzoo import registry

# What the library raises for a user's mistake; FloatingPointError where a loss diverges.
MISTAKES = (ValueError, TypeError, OSError, FloatingPointError)


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
            arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
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
    for add_command in (_add_list, _add_info):
        add_command(commands)
    return parser


# --- list -----------------------------------------------------------------------------------------


def _add_list(commands) -> None:
    parser = commands.add_parser("list", help="list the models")
    parser.add_argument("pattern", nargs="?", default="*", help="such as 'char_*' (default: all)")
    parser.add_argument("--task", help="only models of this task, such as text-generation")
    parser.add_argument("--pretrained", action="store_true", help="only those with weights")
    parser.set_defaults(run=_run_list)


def _run_list(arguments: argparse.Namespace) -> None:
    names = registry.list_models(arguments.pattern, arguments.task, arguments.pretrained or None)
    if not names:
        task = f" of task {arguments.task!r}" if arguments.task else ""
        weights = " with pretrained weights" if arguments.pretrained else ""
        raise ValueError(
            f"no model{task}{weights} matches {arguments.pattern!r}; `rnnzoo list` shows all"
        )
    rows = [("NAME", "TASK", "PARAMETERS", "PRETRAINED", "DESCRIPTION")]
    for info in map(registry.model_info, names):
        parameters = "" if info.parameters is None else f"{info.parameters:,}"
        pretrained = "yes" if info.weights else ""
        rows.append((info.name, info.task, parameters, pretrained, info.description))
    name, task, size, pretrained, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    line = f"{{:{name}}}  {{:{task}}}  {{:>{size}}}  {{:{pretrained}}}  {{}}"
    for row in rows:
        print(line.format(*row))


# --- info -----------------------------------------------------------------------------------------


def _add_info(commands) -> None:
    parser = commands.add_parser("info", help="show what is known about a model")
    parser.add_argument("name", metavar="NAME", help="a model's name, as `rnnzoo list` shows it")
    parser.set_defaults(run=_run_info)


def _run_info(arguments: argparse.Namespace) -> None:
    print(registry.model_info(arguments.name))


# --- how things are said --------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Says a mistake in one line, without the usage before it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, allow_abbrev=False, **kwargs)

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    print(f"rnnzoo: warning: {_one_line(message)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
