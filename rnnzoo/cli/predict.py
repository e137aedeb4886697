"""`rnnzoo predict`: what a trained model says about files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnzoo.cli.answers import Skipped, write_answers
from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.models import add_model, load_with
from rnnzoo.cli.reader_options import add_reader_options, take_reader_options
from rnnzoo.errors import WrongValue

if TYPE_CHECKING:
    from rnnzoo.tasks import Task


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
        help="to classify: a table of recordings, such as CSV or Parquet, a folder of them, or "
        "arrays (.npz, .npy); to tag: text, a sentence a line where words are tagged, a treebank, "
        "- for the standard input; to caption: a picture, a video, a folder of frames; to "
        "translate: text, a sentence a line, - for the standard input, or a sentence itself; with "
        "--out also folders, all of whose files are read. Of several, those that can't be read are "
        "named and left out, and the exit status is 1",
    )
    add_reader_options(
        parser,
        ("encoding", "time", "id", "label", "group"),
        "of a table of recordings; what isn't given is read as it was in training",
    )
    parser.add_argument(
        "--out",
        metavar="FILE.csv",
        type=Path,
        help="write a row for each answer: file, id, and of a recording its group, if the model "
        "was trained with groups, its class and the probability of each; broken off, the same "
        "command goes on behind the rows that are there",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what the model says of each file, line by line, or write it to a table.

    Returns:
        The exit status: 1 if some of the files that were named could not be read.
    """
    for file in arguments.files:
        # What holds a blank or has no ending may be a sentence itself.
        if Path(file).suffix and not any(map(str.isspace, file)):
            must_exist(file)
    columns, skipped = take_reader_options(vars(arguments)), Skipped()
    if arguments.out is not None:
        model = load_with("answer_rows", arguments.model)
        _check(model, columns)
        for line in write_answers(model, arguments.files, arguments.out, columns, skipped):
            if not arguments.quiet:
                print(line, flush=True)
    else:
        model = load_with("answer_lines", arguments.model)
        _check(model, columns)
        for line in _lines(model, arguments.files, columns, skipped):
            print(line)
    named = [file for file in arguments.files if file in skipped.files]
    if named:
        print(
            f"rnnzoo predict: {len(named):,} of {len(arguments.files):,} files could not be read",
            file=sys.stderr,
        )
    return 1 if named else 0


def _lines(
    model: Task, files: Sequence[str], columns: Mapping[str, Any], skipped: Skipped
) -> Iterator[str]:
    """The answers to files; of one alone what is wrong with it is an error."""
    for file in files:
        answers = model.answer_lines(file, color=sys.stdout.isatty(), **columns)
        if len(files) == 1:
            yield from answers
        else:
            with skipped.where_unreadable(file):
                yield from answers
    skipped.check(files)


def _check(model, columns):
    """Refuse what is told of columns where there are none."""
    if columns and model.task != "sequence-classification":
        raise WrongValue(f"--{' --'.join(columns)}: only tables of recordings are read by this")
