"""`rnnzoo generate`: texts and names from a trained model."""

from __future__ import annotations

import argparse
import inspect
import math
import re

from rnnzoo.cli.checks import number
from rnnzoo.cli.models import add_model, load_with
from rnnzoo.errors import WrongValue

_OF_ALL = ("temperature", "top_k", "top_p", "seed")
_OF_SOME = ("length", "stop", "label", "count")  # that only some models take


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo generate`."""
    parser = commands.add_parser("generate", help="write text or names with a trained model")
    add_model(parser)
    parser.add_argument("--prompt", action="append", help="what to go on from; may be repeated")
    count = number(int, "a whole number of at least 0", lambda n: n >= 0)
    positive = number(float, "a number of at least 0", lambda x: 0 <= x < math.inf)
    share = number(float, "more than 0 and at most 1", lambda p: 0 < p <= 1)
    parser.add_argument(
        "--length",
        type=count,
        help="of a text: characters to write, at most where it ends by itself (200)",
    )
    parser.add_argument(
        "--stop",
        action="append",
        type=_unescaped,
        help=r"... end before this, in which \n is a newline, \t a tab and \\ a backslash; may be "
        "repeated",
    )
    parser.add_argument(
        "--label", action="append", help="... whose label it is, of a conditioned model; repeatable"
    )
    parser.add_argument("--count", type=count, help="of names: how many for each prompt (20)")
    parser.add_argument(
        "--temperature",
        type=positive,
        default=1.0,
        help="of characters: below 1 is safer, 0 takes the likeliest (1)",
    )
    parser.add_argument(
        "--top-k", type=count, default=0, help="draw from the k likeliest characters; 0: all (0)"
    )
    parser.add_argument(
        "--top-p", type=share, default=1.0, help="draw from the likeliest with p in all (1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same text (0)")


def _unescaped(text: str) -> str:
    r"""A text in which a newline, a tab and a backslash may be written as such.

    >>> _unescaped(r"\n\n"), _unescaped(r"\\n"), _unescaped(r"\d")
    ('\n\n', '\\n', '\\d')
    """
    meant = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}
    return re.sub(r"\\[nt\\]", lambda found: meant[found[0]], text)


def run(arguments: argparse.Namespace) -> None:
    """Print what a model writes behind each prompt."""
    model = load_with("answer_prompts", arguments.model)
    takes = inspect.signature(model.answer_prompts).parameters
    given = {option: getattr(arguments, option) for option in _OF_SOME}
    given = {option: value for option, value in given.items() if value is not None}
    if others := [option for option in given if option not in takes]:
        expected = " or ".join(f"--{option}" for option in _OF_SOME if option in takes)
        raise WrongValue(
            f"--{' --'.join(others)}: {arguments.model} holds a {type(model).__name__}, which "
            f"takes none; expected {expected}, or nothing"
        )
    how = {option: getattr(arguments, option) for option in _OF_ALL}
    print(model.answer_prompts(arguments.prompt or [""], **given, **how))
