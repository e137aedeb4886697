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

# By name what stands for the value, and help, of what says how a file is to be read.
_OPTIONS = {
    "time": (
        "COLUMN",
        "of a table: the time stamps; none: there are none; else as the run was trained, or found "
        "out",
    ),
    "id": ("COLUMN", "... what tells recordings apart; none: a file is one; else as for --time"),
    "columns": (
        "A,B",
        "... word or word,tag for a tagger, source,target for a translator, by names or numbers "
        "from 1; else as the run was trained, or found out",
    ),
    "encoding": ("NAME", "of text, such as cp1252; else found out"),
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
        help="to classify: .npz, .npy or .csv; to tag: text, where words are "
        "tagged a sentence a line, or in a layout to train on, whose tags are not read; to "
        "caption: a picture, a video, a folder of frames; to translate: text, a sentence a line, "
        "pairs, whose sources are read, or a sentence itself; - for the standard input; with "
        "--out also folders, all of whose files are read",
    )
    for name, (metavar, text) in _OPTIONS.items():
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
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
    given = {name: getattr(arguments, name) for name in _OPTIONS}
    given = {name: value for name, value in given.items() if value is not None}
    if arguments.out is not None:
        model = load_with("answer_rows", arguments.model)
        reading = _reading_for(model, arguments.model, given)
        for line in write_answers(model, arguments.files, arguments.out, reading):
            if not arguments.quiet:
                print(line, flush=True)
        return
    model = load_with("answer_lines", arguments.model)
    reading = _reading_for(model, arguments.model, given)
    for file in arguments.files:
        for line in model.answer_lines(file, color=sys.stdout.isatty(), **reading):
            print(line)


def _reading_for(model, where, given):
    """How files are read: as is said; else by columns as the run was trained."""
    takes = getattr(model, "answer_options", ())
    if others := given.keys() - {*takes}:
        raise WrongValue(
            f"--{' --'.join(sorted(others))}: {where} reads no files that have such"
            + (f"; expected some of --{' --'.join(takes)}" if takes else "")
        )
    trained = (read_settings(where).get("reading") or {}) if Path(where).is_dir() else {}
    columns = {name: trained[name] for name in ("time", "id") if name in trained}
    if "columns" in takes and "columns" in trained:
        columns["usual"] = trained["columns"]
    return {**columns, **given} if takes else {}
