"""`rnnzoo export`: a trained model as a SavedModel."""

from __future__ import annotations

import argparse

from rnnzoo.cli.models import add_model, load_with


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo export`."""
    parser = commands.add_parser("export", help="write a trained model as a SavedModel")
    add_model(parser)
    parser.add_argument("folder", metavar="FOLDER", help="where the SavedModel is written")
    parser.add_argument(
        "--no-xla",
        dest="xla",
        action="store_false",
        help="write plain graphs, which TensorFlow Serving takes as it comes: slower generation",
    )


def run(arguments: argparse.Namespace) -> None:
    """Write the SavedModel and print where."""
    print(load_with("make_endpoints", arguments.model).export(arguments.folder, xla=arguments.xla))
