"""`rnnzoo states`: a picture of what a translator keeps of sentences."""

from __future__ import annotations

import argparse
from pathlib import Path

from rnnzoo.cli.checks import must_exist
from rnnzoo.cli.models import add_model, load_with
from rnnzoo.training.loading import saved_model_file


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo states`."""
    parser = commands.add_parser(
        "states", help="draw what a translator keeps of sentences, in two dimensions"
    )
    add_model(parser)
    parser.add_argument(
        "file", metavar="FILE", help="a sentence a line, or GROUP<TAB>sentence to colour them"
    )
    parser.add_argument("--out", default="states.png", help="the picture (states.png)")


def run(arguments: argparse.Namespace) -> None:
    """Draw the states of the sentences in a file."""
    must_exist(arguments.file)
    saved_model_file(arguments.model)
    from rnnzoo.tasks.encoder_decoder.translation.states import draw_states, read_groups

    sentences, groups = read_groups(Path(arguments.file))
    model = load_with("states", arguments.model)
    Path(arguments.out).absolute().parent.mkdir(parents=True, exist_ok=True)
    _, shares = draw_states(model, sentences, Path(arguments.out), groups)
    print(f"{arguments.out}: {len(sentences)} states, {sum(shares):.0%} of their variance is seen")
