"""A trained model as an argument of a command."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from rnnzoo.cli.checks import number
from rnnzoo.errors import WrongValue

# What a model does not do that lacks a method.
_LACKS = {
    "answer_prompts": "writes neither texts nor names",
    "answer_rows": "classifies, tags, captions, translates and forecasts nothing",
    "answer_lines": "classifies, tags, captions, translates and forecasts nothing",
    "states": "translates nothing",
    "write_chart": "forecasts nothing",
    "make_endpoints": "is no task of rnnzoo",
}
# What it does instead, by the method that another command needs.
_DOES = {
    "answer_prompts": "`rnnzoo generate {}` has it write",
    "answer_lines": "`rnnzoo predict {} FILE` has it answer",
}


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the argument that names a trained model."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run folder, a .keras file, or a pretrained model's name: NAME, or NAME.TAG as "
        "`rnnzoo list --pretrained` shows it",
    )


def add_beam_width(parser: argparse.ArgumentParser, more: str = "") -> None:
    """Declare the option that says how wide a model's beam is; None where it isn't given."""
    parser.add_argument(
        "--beam-width",
        metavar="N",
        type=number(int, "a whole number of at least 1", lambda n: n >= 1),
        help="hypotheses that a beam search goes on from, of translators and captioners (4) and of "
        f"taggers that are fed their own tags (1){more}",
    )


def load_with(method: str, where: str) -> Any:
    """The model that is found there, if it has a method.

    Raises:
        ValueError: it has none; or what `rnnzoo.load_model` raises.
    """
    from rnnzoo.training import load_model

    model = load_model(where)
    if not hasattr(model, method):
        said = f"{where} holds a {type(model).__name__}, which {_LACKS[method]}"
        does = [text.format(shlex.quote(where)) for of, text in _DOES.items() if hasattr(model, of)]
        raise WrongValue("; ".join([said, *does]))
    return model
