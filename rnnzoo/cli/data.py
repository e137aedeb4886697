"""`rnnzoo data`: what a reader makes of a file, before anything is trained on it."""

from __future__ import annotations

import argparse
import json

from rnnzoo.cli.reader_options import add_reader_options, take_reader_options


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo data`."""
    parser = commands.add_parser(
        "data", help="show what is read of a file or folder, and what trains on it"
    )
    parser.add_argument(
        "source", metavar="FILE", help="a file, a folder, or a data set's name, as `train` takes it"
    )
    parser.add_argument("--task", help="which it is for, such as text-generation; else found out")
    parser.add_argument(
        "--labelled",
        action="store_true",
        help="of text: with a label each, as `train char_lstm --set condition=input` reads it",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    add_reader_options(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print what is read."""
    from rnnzoo.data.describing import describe

    options = take_reader_options(vars(arguments).copy())
    if arguments.labelled:
        options["labelled"] = True
    reading = describe(arguments.source, arguments.task, **options)
    if arguments.json:
        print(json.dumps(reading.plain(), ensure_ascii=False, indent=2))
    else:
        print(reading.page())
