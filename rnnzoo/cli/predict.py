"""`rnnzoo predict`: what a trained model says about files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnzoo.cli.answers import Skipped, files_in, write_answers
from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.models import add_beam_width, add_model, load_with
from rnnzoo.cli.reader_options import add_reader_options, take_reader_options
from rnnzoo.errors import WrongValue
from rnnzoo.notices import counted
from rnnzoo.training import read_settings

if TYPE_CHECKING:
    from rnnzoo.tasks import Task


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo predict`."""
    parser = commands.add_parser(
        "predict",
        help="classify recordings or pictures, predict numbers, tag or translate text, caption "
        "pictures or videos, forecast series",
    )
    add_model(parser)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="to classify: a table of recordings, such as CSV or Parquet, a folder of them, or "
        "arrays (.npz, .npy), or a picture; to tag: text, where words are tagged a sentence a "
        "line, or in a layout to train on, whose tags are not read; to caption: a picture, a "
        "video, a folder of frames; to translate: text, a sentence a line, pairs, whose sources "
        "are read, or a sentence itself; to forecast: a table of series; - for the standard input; "
        "also a folder, all of whose files are read (without --out not of a captioner, to whom it "
        "is a video's frames). Of several, those that can't be read are named and left out, and "
        "the exit status is 1",
    )
    add_reader_options(
        parser,
        (
            "columns",
            "encoding",
            "time",
            "id",
            "label",
            "group",
            "target",
            "known",
            "past",
            "static",
            "combine",
            "horizon",
        ),  # fmt: skip
        "what isn't given is read as it was in training, or found out",
    )
    add_beam_width(parser, "; as many captions of a picture are printed")
    parser.add_argument(
        "--surprise",
        action="store_true",
        help="of series in time: what was least expected, in place of what comes",
    )
    parser.add_argument(
        "--chart",
        metavar="FILE.png",
        type=Path,
        help="of series in time: draw the first ones of a file, too",
    )
    parser.add_argument(
        "--alignments",
        metavar="FOLDER",
        type=Path,
        help="of translators and captioners with attention: draw which words of each sentence, or "
        "which regions of each picture, were looked at, too",
    )
    parser.add_argument(
        "--out",
        metavar="FILE.csv",
        type=Path,
        help="write a row for each answer: file, id, and of a recording its group, if the model "
        "was trained with groups, its class and the probability of each, or the number that is "
        "predicted and its quantiles; broken off, the same "
        "command goes on behind the rows that are there",
    )


@counted()
def run(arguments: argparse.Namespace) -> int:
    """Print what the model says of each file, line by line, or write it to a table.

    Returns:
        The exit status: 1 if some of the files that were named could not be read.
    """
    for file in arguments.files:
        # What holds a blank or has no ending may be a sentence itself.
        if Path(file).suffix and not any(map(str.isspace, file)):
            must_exist(file)
    given, skipped = take_reader_options(vars(arguments)), Skipped()
    if arguments.surprise:
        given["surprise"] = True
    if arguments.beam_width is not None:
        given["beam_width"] = arguments.beam_width
    if arguments.alignments is not None:
        given["alignments"] = arguments.alignments
    if arguments.chart is not None:
        model = load_with("write_chart", arguments.model)
        if len(arguments.files) > 1:
            raise WrongValue(f"--chart {arguments.chart}: expected one file, which it shows")
        reading = _reading_for(model, arguments.model, given)
        print(model.write_chart(arguments.files[0], arguments.chart, **reading))
        if arguments.out is None:
            return 0
    if arguments.out is not None:
        model = load_with("answer_rows", arguments.model)
        reading = _reading_for(model, arguments.model, given)
        for line in write_answers(model, arguments.files, arguments.out, reading, skipped):
            if not arguments.quiet:
                print(line, flush=True)
    else:
        model = load_with("answer_lines", arguments.model)
        reading = _reading_for(model, arguments.model, given)
        for line in _lines(model, arguments.files, reading, skipped):
            print(line)
    named = [file for file in arguments.files if file in skipped.files]
    if named:
        print(
            f"rnnzoo predict: {len(named):,} of {len(arguments.files):,} files could not be read",
            file=sys.stderr,
        )
    return 1 if named else 0


def _lines(
    model: Task, paths: Sequence[str], reading: Mapping[str, Any], skipped: Skipped
) -> Iterator[str]:
    """The answers to files and folders; of one file alone what is wrong with it is an error."""
    files = list(paths)
    if not model.answers_folders:
        files = [file for path in paths for file in files_in(path)]
    if not files:
        raise WrongValue(f"{', '.join(paths)}: expected a file, and it holds none")
    for file in files:
        answer = partial(model.answer_lines, file, color=sys.stdout.isatty(), **reading)
        yield from answer() if len(files) == 1 else skipped.where_unreadable(file, answer)
    skipped.check(files)


def _reading_for(model, where, given):
    """How files are read: as is said; else by the columns that the run was trained on.

    (What a classifier's tables were read by travels with the model.)
    """
    takes = getattr(model, "answer_options", ())
    if others := given.keys() - {*takes}:
        raise WrongValue(
            f"{_listed(sorted(others))}: {where} holds a {type(model).__name__}, which takes none"
            + (f"; expected some of {_listed(takes)}" if takes else "")
        )
    if "columns" not in takes or not Path(where).is_dir():
        return given
    trained = read_settings(where).get("reading") or {}
    return {"usual": trained["columns"], **given} if "columns" in trained else given


def _listed(options):
    """Options as the command line takes them."""
    return " ".join(f"--{option.replace('_', '-')}" for option in options)
