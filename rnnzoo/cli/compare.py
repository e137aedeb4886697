"""`rnnzoo compare`: runs side by side."""

from __future__ import annotations

import argparse
from pathlib import Path

from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.list import print_table


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo compare`."""
    parser = commands.add_parser(
        "compare", help="runs side by side: settings that differ, measures, curves"
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="a run folder")
    parser.add_argument("--out", metavar="FILE.png", help="draw all curves of validation there")


def run(arguments: argparse.Namespace) -> None:
    """Print what differs, and how good each is."""
    from rnnzoo.training.comparing import differences, draw, finished, measured

    for folder in arguments.runs:
        must_exist(folder)
    runs = [finished(Path(folder)) for folder in arguments.runs]
    header = ("", *(str(each.folder) for each in runs))
    print_table([header, *differences(runs)])
    print()
    print_table([header, *measured(runs)])
    if arguments.out:
        draw(runs, Path(arguments.out))
        print(f"curves in {arguments.out}")
