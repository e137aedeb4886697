"""`rnnzoo predict`: what a trained model says about files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rnnzoo.cli.answers import write_answers
from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.models import add_model, load_with
from rnnzoo.errors import WrongValue

# By name what a column of a table of recordings is.
_COLUMNS = {
    "time": "that of the time stamps, or none",
    "id": "that tells recordings apart, or none: then a file is one",
}


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo predict`."""
    parser = commands.add_parser(
        "predict", help="classify recordings, tag or translate text, caption pictures or videos"
    )
    add_model(parser)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="to classify: .npz, .npy or .csv; to tag: text, a sentence a line where words are "
        "tagged, - for the standard input; to caption: a picture, a video, a folder of frames; to "
        "translate: text, a sentence a line, - for the standard input, or a sentence itself; with "
        "--out also folders, all of whose files are read",
    )
    for name, what in _COLUMNS.items():
        parser.add_argument(f"--{name}", metavar="COLUMN", help=f"of a table: {what}")
    parser.add_argument(
        "--out",
        metavar="FILE.csv",
        type=Path,
        help="write a row for each answer: file, id, and of a recording its class and the "
        "probability of each; broken off, the same command goes on behind the rows that are there; "
        "what can't be read is named and left out",
    )


def run(arguments: argparse.Namespace) -> None:
    """Print what the model says of each file, line by line, or write it to a table."""
    for file in arguments.files:
        # What holds a blank or has no ending may be a sentence itself.
        if Path(file).suffix and not any(map(str.isspace, file)):
            must_exist(file)
    columns = {name: getattr(arguments, name) for name in _COLUMNS}
    columns = {name: column for name, column in columns.items() if column is not None}
    if arguments.out is not None:
        model = load_with("answer_rows", arguments.model)
        _check_columns(model, columns)
        for line in write_answers(model, arguments.files, arguments.out, columns):
            if not arguments.quiet:
                print(line, flush=True)
        return
    model = load_with("answer_lines", arguments.model)
    _check_columns(model, columns)
    for file in arguments.files:
        for line in model.answer_lines(file, color=sys.stdout.isatty(), **columns):
            print(line)


def _check_columns(model, columns):
    if columns and model.task != "sequence-classification":
        raise WrongValue(f"--{' --'.join(columns)}: only tables of recordings have columns to name")
