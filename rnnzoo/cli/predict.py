"""`rnnzoo predict`: what a trained model says about files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.models import add_model, load_with


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
        "translate: text, a sentence a line, - for the standard input, or a sentence itself",
    )


def run(arguments: argparse.Namespace) -> None:
    """Print what the model says of each file, line by line."""
    for file in arguments.files:
        # What holds a blank or has no ending may be a sentence itself.
        if Path(file).suffix and not any(map(str.isspace, file)):
            must_exist(file)
    model = load_with("answer_lines", arguments.model)
    for file in arguments.files:
        for line in model.answer_lines(file, color=sys.stdout.isatty()):
            print(line)
