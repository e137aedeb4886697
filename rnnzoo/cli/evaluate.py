"""`rnnzoo evaluate`: how good a trained model is, beside the simple thing."""

from __future__ import annotations

import argparse
import json

from rnnzoo.cli.models import add_beam_width, add_model
from rnnzoo.cli.reader_options import add_reader_options, take_reader_options


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo evaluate`."""
    parser = commands.add_parser(
        "evaluate", help="measure a model, with intervals, beside the simple thing"
    )
    add_model(parser)
    parser.add_argument(
        "--data", help="as `rnnzoo train` takes it (default: what the model was trained on)"
    )
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test", "all"),
        help="default: test of the run's own data or a named data set, all of another file",
    )
    add_reader_options(parser, otherwise="what isn't given is read as the run was, or found out")
    add_beam_width(parser)
    parser.add_argument("--out", metavar="FOLDER", help="write scores.json, tables, pictures there")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--no-baseline", action="store_true", help="don't fit the simple things to compare with"
    )


def run(arguments: argparse.Namespace) -> None:
    """Print the measures."""
    from rnnzoo.evaluation.evaluate import evaluate
    from rnnzoo.evaluation.score import lines_of

    found = evaluate(
        arguments.model,
        arguments.data,
        split=arguments.split,
        out=arguments.out,
        baseline=not arguments.no_baseline,
        reading=take_reader_options(vars(arguments)) or None,
        beam_width=arguments.beam_width,
    )
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        beam = f", a beam of {found['beam_width']:,}" if "beam_width" in found else ""
        print(f"{found['model']} on {found['data']}{beam}", *lines_of(found), sep="\n")
