"""`rnnzoo export`: a trained model as a SavedModel."""

from __future__ import annotations

import argparse
from pathlib import Path

from rnnzoo.cli.models import add_model, load_with
from rnnzoo.errors import WrongValue


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo export`."""
    parser = commands.add_parser("export", help="write a trained model as a SavedModel")
    add_model(parser)
    parser.add_argument("--out", metavar="FOLDER", help="where the SavedModel is written")
    parser.add_argument("folder", nargs="?", help=argparse.SUPPRESS)  # its place until 0.2
    parser.add_argument(
        "--no-xla",
        dest="xla",
        action="store_false",
        help="write plain graphs, which TensorFlow Serving takes as it comes: slower generation",
    )


def run(arguments: argparse.Namespace) -> None:
    """Write the SavedModel and print where."""
    from rnnzoo.exporting.saved_model import check_folder

    out = arguments.out
    if out is None:
        folder = arguments.folder or "FOLDER"
        raise WrongValue(f"where to? rnnzoo export {arguments.model} --out {folder}")
    if arguments.folder is not None:
        raise WrongValue(f"two folders, {out} and {arguments.folder}: expected --out alone")
    check_folder(Path(out))
    print(load_with("make_endpoints", arguments.model).export(out, xla=arguments.xla))
