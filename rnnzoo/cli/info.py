"""`rnnzoo info`: what is known about a model or a data set."""

from __future__ import annotations

import argparse

import rnnzoo
from rnnzoo import registry
from rnnzoo.cli.datasets import infos_of
from rnnzoo.errors import WrongValue
from rnnzoo.plugins import did_you_mean


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo info`."""
    parser = commands.add_parser("info", help="show what is known about a model or a data set")
    parser.add_argument(
        "name",
        metavar="NAME",
        help="as `rnnzoo list` or `rnnzoo list --data` shows it; NAME.TAG"
        " for one of a model's pretrained weights",
    )


def run(arguments: argparse.Namespace) -> None:
    """Print what is known about a model or a data set."""
    name, models = arguments.name, registry.list_models()
    if name.partition(".")[0] in models:
        print(registry.model_info(name))
        return
    datasets = rnnzoo.list_datasets()
    if name not in datasets:
        raise WrongValue(
            f"No model or data set is named {name!r}{did_you_mean(name, [*models, *datasets])}; "
            "`rnnzoo list` and `rnnzoo list --data` show all."
        )
    print("\n\n".join(map(str, infos_of([name]))))
