"""`rnnzoo train`: a model into a run folder."""

from __future__ import annotations

import argparse
import ast
import os
from pathlib import Path
from typing import Any

from rnnzoo import registry, training
from rnnzoo.cli.reader_options import add_reader_options, take_reader_options
from rnnzoo.data.sources import check_reading, check_source, loader_of
from rnnzoo.errors import WrongValue
from rnnzoo.training.folder import holds_run
from rnnzoo.training.loading import (
    check_has_data,
    check_model,
    is_registered,
    saved_model_file,
)
from rnnzoo.training.settings import check_settings


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo train`."""
    # Only what is given is passed on: the rest is up to `rnnzoo.train`, or to the run to resume.
    parser = commands.add_parser(
        "train", help="train a model into a run folder", argument_default=argparse.SUPPRESS
    )
    parser.add_argument(
        "model",
        metavar="NAME",
        nargs="?",
        help="the model, see `rnnzoo list`; or a run folder or a .keras file, to train it further; "
        "else that which suits --data",
    )
    parser.add_argument(
        "--data",
        help="a data set's name, or a path, as docs/tasks tells for each task: of a treebank with "
        "its column (bank:xpos), of pairs of sentences pairs.tsv, a.en,a.de or folder:en-de; else "
        "the model's own, see `rnnzoo info NAME`",
    )
    parser.add_argument("--out", help="the run folder (default: runs/NAME, of a registered one)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in --out, or begin it there"
    )
    parser.add_argument("--pretrained", action="store_true", help="start from pretrained weights")
    parser.add_argument(
        "--init-from",
        metavar="MODEL",
        help="start with what another one learned, as far as it fits: a run folder, a .keras file",
    )
    parser.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        type=_key_and_value,
        help="a hyperparameter of the model, such as units=512; see `rnnzoo info NAME`",
    )
    for option, kind, text in (
        ("--steps", int, "the budget of training steps; else by the size of the data"),
        ("--epochs", int, "the budget as passes over the training data instead"),
        ("--batch-size", int, "examples, or places of a text, side by side; else by the data"),
        ("--window", int, "time steps a batch is cut to; else by the data"),
        ("--learning-rate", float, "AdamW's; else the task's"),
        ("--schedule", str, "of the learning rate, cosine or constant (default: cosine)"),
        ("--warmup", int, "steps in which the learning rate rises (default: 100)"),
        ("--weight-decay", float, "AdamW's, for matrices; else the task's"),
        ("--ema", float, "momentum of averaged weights, such as 0.999 (default: 0.0, off)"),
        (
            "--seed",
            int,
            "of weights, dropout and the order of the data (default: 0); what is held out is "
            "--split-seed's",
        ),
        ("--vocabulary", str, "extend, keep or reset what it knows by the data (default: extend)"),
        (
            "--augment",
            float,
            "how much recordings are changed in training; 0 not, 1 as was found best, else 1",
        ),
        ("--validate-every", int, "steps between validations; else a 25th of all"),
        (
            "--patience",
            int,
            "validations without a better one after which it stops; 0: never, the whole budget "
            "runs; else by the data, and never of --epochs",
        ),
        ("--checkpoint-every", int, "steps between checkpoints (default: 200)"),
    ):
        parser.add_argument(
            option, type=kind, metavar={float: "X", int: "N", str: "WORD"}[kind], help=text
        )
    parser.add_argument(
        "--test",
        action="store_true",
        help="measure on the test split, too, which is for the very end (see `rnnzoo evaluate`)",
    )
    parser.add_argument(
        "--no-baseline",
        dest="baseline",
        action="store_false",
        help="don't fit the simple things that the model is compared with",
    )
    parser.add_argument("--export", action="store_true", help="write the SavedModel, too")
    parser.add_argument("--tensorboard", action="store_true", help="write TensorBoard logs, too")
    add_reader_options(parser)


def run(arguments: argparse.Namespace) -> None:
    """Train, or go on with a run."""
    given = vars(arguments)
    given = {key: given[key] for key in given.keys() - {"command", "quiet", "traceback"}}
    if "overrides" in given:
        given["overrides"] = dict(given["overrides"])
    reading = take_reader_options(given)
    if reading:
        given["reading"] = reading
    if "model" not in given and "data" in given and not given.get("resume"):
        how = given.get("pretrained", False), reading.get("encoding"), arguments.quiet
        given["model"] = _flagship(given["data"], *how)
    if "model" in given:
        if is_registered(given["model"]):
            given.setdefault("out", os.path.join("runs", given["model"]))
        elif "out" not in given:
            check_model(given["model"])
            raise WrongValue(f"where to? rnnzoo train {given['model']} --out FOLDER")
    elif not given.get("resume"):
        raise WrongValue("NAME or --data is missing: which model? `rnnzoo list` shows all")
    elif "out" not in given:
        raise WrongValue("which run is to be resumed? give its folder with --out")

    if given.get("resume"):
        begun_with = training.read_settings(given["out"])
        if not begun_with and "model" not in given:
            raise FileNotFoundError(f"{given['out']} holds no run to resume; begin one with a NAME")
        if reading:
            given["reading"] = {**begun_with.get("reading", {}), **reading}
        given = {**begun_with, **given}
        if given["model"] is None:
            raise WrongValue(
                f"{given['out']} was begun with a model made in Python: resume it there, with "
                "rnnzoo.train(model, ..., resume=True)"
            )
    _check(**given)

    if not arguments.quiet:
        training.train(**given)
        return
    metrics = training.train(**given, verbose=0)
    from rnnzoo.training.trainer import told_of

    print(*told_of(metrics), sep="\n")


def _flagship(source: str, pretrained: bool, encoding: str | None, quiet: bool) -> str:
    """The model to begin with, of the task that the data looks like; said, unless it is quiet."""
    from rnnzoo.data.sniffing import task_of

    try:
        task, why, _ = task_of(source, encoding)
    except WrongValue as error:
        raise WrongValue(f"{error}; or name the model: rnnzoo train NAME --data {source}") from None
    name = registry.flagship(task, pretrained)
    if name is None:
        raise WrongValue(f"{source} looks like {task} ({why}): name a model, see `rnnzoo list`")
    if not quiet:
        print(f"{source} looks like {task} ({why}): training {name}")
    return name


def _check(model: str, out: str, **given: Any) -> None:
    """Refuse what `rnnzoo.train` would, as far as that needs no TensorFlow."""
    check_model(model, given.get("pretrained", False), given.get("overrides", {}))
    check_settings(given)
    holds_run(Path(out), given.get("resume", False))
    if given.get("data") is None:
        check_has_data(model)
    elif is_registered(model):
        task = registry.model_info(model).task
        if load := loader_of(task):
            check_reading(load, given.get("reading", {}))
        check_source(given["data"], task)
    if given.get("init_from") is not None:
        saved_model_file(given["init_from"])


def _key_and_value(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not (key.isidentifier() and equals):
        raise argparse.ArgumentTypeError(f"{text!r}: expected KEY=VALUE, such as units=512")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value  # a plain word
