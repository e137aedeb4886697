"""`rnnzoo predict`: what a trained model says about files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rnnzoo.cli.answers import write_answers
from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.models import add_model, load_with
from rnnzoo.errors import WrongValue
from rnnzoo.training import read_settings

# By name what a column of a table of recordings is.
_COLUMNS = {
    "time": "the time stamps; none: there are none; else as the run was trained, or found out",
    "id": "what tells recordings apart; none: a file is one; else as for --time",
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
    given = {name: getattr(arguments, name) for name in _COLUMNS}
    given = {name: column for name, column in given.items() if column is not None}
    if arguments.out is not None:
        model = load_with("answer_rows", arguments.model)
        columns = _columns_for(model, arguments.model, given)
        for line in write_answers(model, arguments.files, arguments.out, columns):
            if not arguments.quiet:
                print(line, flush=True)
        return
    model = load_with("answer_lines", arguments.model)
    columns = _columns_for(model, arguments.model, given)
    for file in arguments.files:
        for line in model.answer_lines(file, color=sys.stdout.isatty(), **columns):
            print(line)


def _columns_for(model, where, given):
    """What is told of a table's columns; where it isn't, what was told when the run was trained."""
    if model.task != "sequence-classification":
        if given:
            raise WrongValue(f"--{' --'.join(given)}: only tables of recordings have such columns")
        return {}
    trained = (read_settings(where).get("reading") or {}) if Path(where).is_dir() else {}
    return {**{name: trained[name] for name in _COLUMNS if name in trained}, **given}
